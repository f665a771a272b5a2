"""``componium again``: a composed piece made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def again(
    file: Annotated[Path, typer.Argument(help="A MIDI file that Componium composed.")],
    model: Annotated[str | None, typer.Option("--model", help="Where the composer lies now (found by name).")] = None,
    output: Annotated[list[Path] | None, typer.Option("-o", "--output", help="Files (NAME-again.mid).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files.")] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Audio without room.")] = False,
) -> None:
    """Compose a piece anew from the request that its MIDI file carries."""
    from componium.artifacts import load_artifact  # noqa: PLC0415
    from componium.composing.compose import compose_again  # noqa: PLC0415
    from componium.formats.midi import read_midi  # noqa: PLC0415
    from componium.rendering.files import AudioOptions, check_targets, write_score  # noqa: PLC0415

    outputs = output or [Path(f"{file.stem}-again.mid")]
    check_targets(outputs, force=force)
    composition = compose_again(read_midi(file), load_artifact(model) if model else None)
    for path in outputs:
        write_score(composition.score, path, AudioOptions(dry=dry))
        typer.echo(path)
