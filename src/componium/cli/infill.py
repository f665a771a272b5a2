"""``componium infill``: bars of a piece composed anew between those around them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from componium.cli.compose import (
    BestOf,
    Chords,
    Complexity,
    Count,
    Density,
    Dry,
    Force,
    Key,
    Model,
    Original,
    Output,
    Seed,
    Style,
    Temperature,
    TopP,
    prompt_of,
    run_request,
)
from componium.errors import RequestError

_BARS = re.compile(r"(\d+)(?:-(\d+))?")


def infill(
    piece: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file.")],
    bars: Annotated[str, typer.Option("--bars", help="Which bars are composed anew: 5-8.")],
    tracks: Annotated[str | None, typer.Option("--tracks", help="Of which tracks, by number: 1,3 (all).")] = None,
    model: Model = None,
    key: Key = None,
    style: Style = None,
    chords: Chords = None,
    density: Density = None,
    complexity: Complexity = None,
    original: Original = False,
    temperature: Temperature = None,
    top_p: TopP = None,
    seed: Seed = None,
    count: Count = 1,
    best_of: BestOf = None,
    output: Output = None,
    force: Force = False,
    dry: Dry = False,
) -> None:
    """Compose bars of a piece anew; every note outside them stays as it is."""
    matched = _BARS.fullmatch(bars.strip())
    numbers = [own.strip() for own in tracks.split(",")] if tracks else []
    if matched is None:
        raise RequestError(f"bars {bars!r}: write 5-8, or 5")
    if not all(number.isdecimal() for number in numbers):
        raise RequestError(f"tracks {tracks!r}: write numbers with commas, as 1,3")
    fields = {
        "task": "infill", "prompt": prompt_of(piece), "first_bar": int(matched[1]),
        "last_bar": int(matched[2] or matched[1]), "tracks": tuple(map(int, numbers)), "key": key, "style": style,
        "chords": chords, "density": density, "complexity": complexity, "temperature": temperature, "top_p": top_p,
        "count": count, "best_of": best_of, "original": original or None,
    }  # fmt: skip
    run_request(model, fields, None, seed, output, force=force, dry=dry)
