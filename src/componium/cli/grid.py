"""``componium grid``: puts a file whose ticks carry no grid on its beats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.cli.composing.running import Force
from componium.errors import ScoreError


def grid(
    file: Annotated[Path, typer.Argument(help="A MIDI file, such as a recorded performance.")],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", metavar="<path>",
            help="A file, whose ending chooses the format, as for 'render'; if omitted, NAME-grid.mid.",
        ),
    ] = None,
    force: Force = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Also where the beats are unsure, or where the ticks follow them already."),
    ] = False,
) -> None:  # fmt: skip
    """Put a file on its beats: find beats, bars and meter from its notes, and keep every note at its seconds."""
    from dataclasses import replace  # noqa: PLC0415 - costs time at every start

    from componium.formats.music_files import read_score  # noqa: PLC0415
    from componium.rendering.files import AudioOptions, check_targets, write_files  # noqa: PLC0415
    from componium.score.beat_tracking import described, on_beats, on_sure_beats, track_beats  # noqa: PLC0415
    from componium.score.grid import LEAST_ONSETS, grid_share, has_beat_grid  # noqa: PLC0415

    outputs = output or [Path(f"{file.stem}-grid.mid")]
    check_targets(outputs, force=force)
    score = read_score(file)
    if not anyway and has_beat_grid(score) and grid_share(score).n_onsets >= LEAST_ONSETS:
        raise ScoreError(f"{file}: its ticks follow the beats already (--anyway finds beats from its notes)")
    track = track_beats(score)
    if track is None:
        raise ScoreError(f"{file}: it has too few notes to find beats in")
    result = on_beats(score, track) if anyway else on_sure_beats(score, track)
    if result is None:
        raise ScoreError(f"{file}: not sure of its beats ({described(track)}); --anyway writes them")
    write_files(result if result.title else replace(result, title=file.stem), outputs, AudioOptions())
    for path in outputs:
        typer.echo(path)
    typer.echo(f"{file.name}: {described(track)}", err=True)
