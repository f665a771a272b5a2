"""``componium accompany``: parts for a melody that stays as it is."""

from __future__ import annotations

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
    Parts,
    Seed,
    Style,
    Temperature,
    Tempo,
    TopP,
    prompt_of,
    run_request,
)


def accompany(
    melody: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file that holds the melody.")],
    track: Annotated[int | None, typer.Option("--track", min=1, help="Its number in the file (the highest).")] = None,
    model: Model = None,
    tempo: Tempo = None,
    key: Key = None,
    parts: Parts = None,
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
    """Compose parts for a melody, whose notes stay as they are."""
    fields = {
        "task": "accompany", "prompt": prompt_of(melody), "track": track, "tempo_bpm": tempo, "key": key,
        "style": style, "chords": chords, "density": density, "complexity": complexity,
        "temperature": temperature, "top_p": top_p, "count": count, "best_of": best_of, "original": original or None,
    }  # fmt: skip
    run_request(model, fields, parts, seed, output, force=force, dry=dry)
