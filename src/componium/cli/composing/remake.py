"""``componium restyle``, ``vary`` and ``blend``: new pieces made of given ones, segment by segment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.request_options import request_command
from componium.cli.composing.running import delivery_options, prompt_of, run_request
from componium.cli.composing.summary import typed_path

# The prompt says how long the piece is.
_SUPPLIED = {"prompt", "bars", "seconds"}
RESTYLE = request_command("restyle", delivery_options, _SUPPLIED)
VARY = request_command("vary", delivery_options, _SUPPLIED)
# There is a piece for each step.
BLEND = request_command("blend", delivery_options, {*_SUPPLIED, "other", "count"})

_Piece = Annotated[Path, typer.Argument(help="The MIDI or MusicXML file.")]


def restyle(context: typer.Context, piece: _Piece) -> None:
    """Write a piece anew in another style."""
    run_request(context, "restyle", [typed_path(piece)], prompt=prompt_of(piece))


def vary(context: typer.Context, piece: _Piece) -> None:
    """Write a variation of a piece."""
    run_request(context, "vary", [typed_path(piece)], prompt=prompt_of(piece))


def blend(
    context: typer.Context,
    piece: _Piece,
    other: Annotated[Path, typer.Argument(help="The file of another piece, of the same meter.")],
) -> None:
    """Write pieces on the way from one piece to another, a file each: x-1.mid, x-2.mid, ..."""
    arguments = [typed_path(piece), typed_path(other)]
    run_request(context, "blend", arguments, prompt=prompt_of(piece), other=prompt_of(other))
