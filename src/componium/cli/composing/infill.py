"""``componium infill``: composes bars of a piece anew; everything around them stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.request_options import request_command
from componium.cli.composing.running import delivery_options, prompt_of, run_request
from componium.cli.composing.summary import typed_path
from componium.errors import RequestError

# Here --bars names bars, it counts none.
INFILL = request_command("infill", delivery_options, {"prompt", "first_bar", "last_bar", "bars", "seconds"})

_BARS = re.compile(r"(\d+)(?:-(\d+))?")


def infill(
    context: typer.Context,
    piece: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file.")],
    bars: Annotated[str, typer.Option("--bars", help="The bars to compose anew, counted from 1: 5-8, or 5.")],
) -> None:
    """Compose bars of a piece anew; every note outside them stays as it is."""
    matched = _BARS.fullmatch(bars.strip())
    if matched is None:
        typed = bars if bars.isprintable() else repr(bars)
        raise RequestError(f"--bars {typed}: write the first and the last bar, as 5-8, or a single one, as 5")
    first, last = matched[1], matched[2] or matched[1]
    arguments = [typed_path(piece), "--bars", bars]
    run_request(context, "infill", arguments, prompt=prompt_of(piece), first_bar=first, last_bar=last)
