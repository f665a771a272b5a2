"""``componium again``: composes a composed piece again, from the request that its file carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.running import Dry, Force, file_options
from componium.cli.terminal.completion import completed, composers
from componium.cli.terminal.options import about, about_file


def again(
    file: Annotated[Path, typer.Argument(help="A MIDI file that Componium composed.")],
    model: Annotated[
        str | None,
        completed(
            composers, "--model", help="Name or directory of the composer; if omitted, the name that the file carries."
        ),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", metavar="<path>", help="A file or a folder, as for 'compose'; if omitted, NAME-again.mid."
        ),
    ] = None,
    force: Force = False,
    dry: Dry = False,
) -> None:
    """Compose a piece again, from the request that its MIDI file carries."""
    from componium.artifacts import load_artifact  # noqa: PLC0415
    from componium.composing.delivery import compose_again_to_files  # noqa: PLC0415
    from componium.formats.midi import read_midi  # noqa: PLC0415

    stem = f"{file.stem}-again"
    with about("--model"):
        artifact = None if model is None else load_artifact(model)
    outputs = output or [Path(f"{stem}.mid")]
    with about_file(file, outputs):
        delivered = compose_again_to_files(read_midi(file), artifact, outputs, stem, file_options(force, dry))
    for path in delivered.paths:
        typer.echo(path)
