"""``componium render``: any MIDI or MusicXML file in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def render(
    file: Annotated[Path, typer.Argument(help="A MIDI or MusicXML file.")],
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="A file; its ending chooses the form. Several times for several (.wav)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files.")] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Audio without room.")] = False,
    soundfont: Annotated[Path | None, typer.Option("--soundfont", help="An .sf2 or .sf3 file (embedded).")] = None,
) -> None:
    """Turn a MIDI or MusicXML file into audio, a score, a picture, or the other of the two."""
    from dataclasses import replace  # noqa: PLC0415

    from componium.rendering.files import AudioOptions, check_targets, read_score, write_score  # noqa: PLC0415

    outputs = output or [Path(f"{file.stem}.wav")]
    check_targets(outputs, force=force)
    score = read_score(file)
    if not score.title:
        score = replace(score, title=file.stem)
    for path in outputs:
        write_score(score, path, AudioOptions(dry=dry, soundfont=soundfont))
        typer.echo(path)
