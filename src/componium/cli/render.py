"""``componium render``: writes any MIDI or MusicXML file in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.running import Dry, Force
from componium.cli.terminal.options import about_file


def render(
    file: Annotated[Path, typer.Argument(help="A MIDI or MusicXML file.")],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="<path>",
            help="A file, whose ending chooses the format: .mid .musicxml .mxl .wav .flac .ogg .mp3 .png (piano roll) "
            ".svg .pdf (sheet music). Give it several times for several; if omitted, NAME.wav.",
        ),
    ] = None,
    force: Force = False,
    dry: Dry = False,
    soundfont: Annotated[
        Path | None, typer.Option("--soundfont", help="An .sf2 or .sf3 file to play with, instead of the embedded one.")
    ] = None,
) -> None:
    """Turn a MIDI or MusicXML file into audio, sheet music, a piano roll, MIDI or MusicXML."""
    from dataclasses import replace  # noqa: PLC0415

    from componium.formats.music_files import read_score  # noqa: PLC0415
    from componium.rendering.files import AudioOptions, check_targets, write_files  # noqa: PLC0415

    outputs = output or [Path(f"{file.stem}.wav")]
    check_targets(outputs, force=force)
    score = read_score(file)
    if not score.title:
        score = replace(score, title=file.stem)
    with about_file(file, outputs):
        write_files(score, outputs, AudioOptions(dry=dry, soundfont=soundfont))
    for path in outputs:
        typer.echo(path)
