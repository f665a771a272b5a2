"""``componium accompany``: parts for a melody that stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.request_options import request_command
from componium.cli.composing.running import delivery_options, prompt_of, run_request
from componium.cli.composing.summary import typed_path

# The melody says how long the piece is.
ACCOMPANY = request_command("accompany", delivery_options, {"prompt", "bars", "seconds"})


def accompany(
    context: typer.Context,
    melody: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file that holds the melody.")],
) -> None:
    """Compose parts for a melody, whose notes stay as they are."""
    run_request(context, "accompany", [typed_path(melody)], prompt=prompt_of(melody))
