"""``componium harmonize``: the other voices of a chorale for a melody that stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from componium.cli.composing.request_options import request_command
from componium.cli.composing.running import delivery_options, prompt_of, run_request
from componium.cli.composing.summary import typed_path

if TYPE_CHECKING:
    from componium.artifacts import Artifact

# The melody says how long the piece is; no composer of voices has the others.
_NOT_ASKED = {"prompt", "bars", "seconds", "style", "chords", "density", "complexity"}
HARMONIZE = request_command("accompany", delivery_options, _NOT_ASKED)


def harmonize(
    context: typer.Context,
    melody: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file that holds the melody.")],
) -> None:
    """Compose the other voices of a chorale for a melody, whose notes stay as they are.

    It is what accompany does, by the first composer of voices that is at hand: its parts are always the same. The
    highest track is the melody, unless --track names another; the voice that has it in its range sings it.
    """
    run_request(context, "accompany", [typed_path(melody)], _composer_of_voices, prompt=prompt_of(melody))


def _composer_of_voices() -> Artifact:
    from componium.artifacts import artifact_of_voices  # noqa: PLC0415 - costs time at every start

    return artifact_of_voices()
