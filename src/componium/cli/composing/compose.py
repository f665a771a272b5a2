"""``componium compose`` and ``componium continue``: a new piece, or more of an existing one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.request_options import request_command
from componium.cli.composing.running import delivery_options, prompt_of, run_request
from componium.cli.composing.summary import typed_path

COMPOSE = request_command("compose", delivery_options)
CONTINUE = request_command("continue", delivery_options, {"prompt"})


def compose_new(context: typer.Context) -> None:
    """Compose new music."""
    run_request(context, "compose")


def continue_prompt(
    context: typer.Context,
    prompt: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file to continue.")],
) -> None:
    """Continue a piece by some bars or seconds."""
    run_request(context, "continue", [typed_path(prompt)], prompt=prompt_of(prompt))
