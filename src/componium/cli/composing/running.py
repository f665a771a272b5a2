"""Runs the request of a verb, writes its files and prints a summary: what all verbs that compose share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from componium.cli.composing.request_options import option_values, request_of
from componium.cli.composing.summary import command_line, summary
from componium.cli.terminal.completion import completed, composers
from componium.cli.terminal.options import about, about_file
from componium.cli.terminal.output import busy
from componium.errors import PromptError, RepresentationError

if TYPE_CHECKING:
    from componium.artifacts import Artifact
    from componium.composing.compose import Composition
    from componium.composing.delivery import Delivered, FileOptions
    from componium.composing.requests import AnyRequest

Model = Annotated[
    str | None,
    completed(
        composers, "--model", help="Name or directory of the composer; if omitted, the first that can do what is asked."
    ),
]
Output = Annotated[
    list[Path] | None,
    typer.Option(
        "-o", "--output", metavar="<path>",
        help="A file, whose ending chooses the format: .mid .musicxml .mxl .wav .flac .ogg .mp3 .png (piano roll) "
        ".svg .pdf (sheet music); or a folder, made if need be, which takes .mid .wav .png. Give it several times for "
        "several; if omitted, the current folder.",
    ),
]  # fmt: skip
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
KeepTicks = Annotated[
    bool, typer.Option("--keep-ticks", help="Leave pieces whose ticks follow no beat on their ticks.")
]
Dry = Annotated[bool, typer.Option("--dry", help="Audio without reverberation.")]


def delivery_options(model: Model = None, output: Output = None, force: Force = False, dry: Dry = False) -> None:
    """The options of all verbs that compose: by whom, and into which files."""


def run_request(
    context: typer.Context,
    task: str,
    arguments: Sequence[str] = (),
    find: Callable[[], Artifact] | None = None,
    **supplied: object,
) -> None:
    """Composes what the options of a verb ask for, and writes it.

    Args:
        context: of the verb.
        task: of the request.
        arguments: of the verb, as they would be typed again.
        find: finds the composer where none is named; if omitted, the first that can do what is asked.
        supplied: fields of the request that are no options of the verb.
    """
    from componium.composing.delivery import artifact_of, compose_to_files, random_seed  # noqa: PLC0415

    values = option_values(context)
    model, output, force, dry = (values.pop(name) for name in ("model", "output", "force", "dry"))
    if values["seed"] is None:
        values["seed"] = random_seed()
    request = request_of(task, values, supplied)
    with about("--model"):
        artifact = find() if find and model is None else artifact_of(request, model)
    compositions: list[Composition] = []
    pieces = compose_to_files(artifact, request, output or [Path()], file_options(force, dry))
    # The prompt is the first argument of the verbs that have one.
    file = Path(arguments[0]) if arguments else Path()
    while delivered := _next(pieces, file):
        compositions.append(delivered.composition)
        for path in delivered.paths:
            typer.echo(path)
    _say_what_was_done(artifact, request, compositions[0].score.remarks)
    typer.echo(summary(compositions, command_line(context.info_name or task, values, arguments, model)), err=True)


def _next(pieces: Iterator[Delivered], prompt: Path) -> Delivered | None:
    with busy("composing"), about_file(prompt, kinds=(PromptError, RepresentationError)):
        return next(pieces, None)


def _say_what_was_done(artifact: Artifact, request: AnyRequest, remarks: Sequence[str]) -> None:
    """Says in a line each if the prompt was put on tracked beats, or why not; its style; what of it was left out."""
    from componium.composing.ensembles import style_of  # noqa: PLC0415
    from componium.composing.prompts import read_prompt  # noqa: PLC0415
    from componium.composing.requests import Prompted  # noqa: PLC0415

    remark = read_prompt(artifact, request).remark if isinstance(request, Prompted) else ""
    if remark:
        typer.echo(f"the prompt: {remark} (--keep-ticks leaves it on its ticks)", err=True)
    if len(fits := style_of(artifact, request).fits) > 1:
        best, other = fits[:2]
        typer.echo(
            f"style {best.style}: the prompt is most probable in it ({best.bits_per_note:.2f} bits a note, "
            f"{other.bits_per_note:.2f} in {other.style}); --style takes another",
            err=True,
        )
    for text in remarks:
        typer.echo(f"the prompt: {text}", err=True)


def file_options(force: bool, dry: bool) -> FileOptions:
    """Returns what ``--force`` and ``--dry`` say of files."""
    from componium.composing.delivery import FileOptions  # noqa: PLC0415
    from componium.rendering.files import AudioOptions  # noqa: PLC0415

    return FileOptions(force=force, audio=AudioOptions(dry=dry))


def prompt_of(path: Path) -> bytes:
    """Returns a MIDI or MusicXML file as requests carry it: as MIDI in base64.

    Raises:
        FormatError: it cannot be read.
    """
    import base64  # noqa: PLC0415

    from componium.formats.loading import read_file  # noqa: PLC0415
    from componium.formats.midi import MAX_BYTES, midi_bytes  # noqa: PLC0415
    from componium.formats.music_files import MIDI_SUFFIXES, read_score  # noqa: PLC0415

    score = read_score(path)
    is_midi = path.suffix.lower() in MIDI_SUFFIXES
    return base64.b64encode(read_file(path, MAX_BYTES) if is_midi else midi_bytes(score))
