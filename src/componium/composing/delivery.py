"""Composes a request and writes its files: the use case that the command line and a web server share.

:func:`compose_to_files` does all of it: names the files of every piece, checks them before any work is done, composes,
and writes each piece to its files, all of them or none.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from componium.artifacts import Artifact, artifact_for, load_artifact
from componium.composing.compose import Composition, compose, compose_again
from componium.composing.requests import AnyRequest, asked_controls
from componium.errors import ComponiumError
from componium.rendering.files import AudioOptions, check_formats, check_targets, make_folders, write_files
from componium.score import Score

FOLDER_ENDINGS = (".mid", ".wav", ".png")
"""The files that a piece gets in a folder."""


@dataclass(frozen=True)
class FileOptions:
    """How files are written.

    Attributes:
        force: existing files are overwritten.
        audio: how audio is rendered.
    """

    force: bool = False
    audio: AudioOptions = field(default_factory=AudioOptions)


class Delivered(NamedTuple):
    """A piece and the files that hold it."""

    composition: Composition
    paths: tuple[Path, ...]


_DEFAULT_OPTIONS = FileOptions()


def random_seed() -> int:
    """Returns a seed for a request that names none.

    It has at most nine digits: short enough to be typed again, and exact in a spreadsheet or in JavaScript.
    """
    return secrets.randbelow(10**9)


def artifact_of(request: AnyRequest, model: str | os.PathLike[str] | None = None) -> Artifact:
    """Opens the artifact named by ``model``; where none is named, the one at hand that fits the request best.

    Raises:
        ArtifactError: there is none, or it is damaged.
    """
    return artifact_for(request.task, asked_controls(request)) if model is None else load_artifact(model)


def file_names(outputs: Sequence[Path], stem: str, count: int = 1) -> list[tuple[Path, ...]]:
    """Returns the files of each of ``count`` pieces.

    Args:
        outputs: files and folders; a path is a folder if it is one on disk, or has no ending and does not exist.
        stem: the name of files in folders, each of which takes one of every :data:`FOLDER_ENDINGS`.
        count: how many pieces; of several, ``idea.mid`` becomes ``idea-1.mid``, ``idea-2.mid``, ...
    """
    files: list[Path] = []
    for path in outputs:
        files += [path / (stem + ending) for ending in FOLDER_ENDINGS] if _is_folder(path) else [path]
    if count == 1:
        return [tuple(files)]
    return [
        tuple(path.with_name(f"{path.stem}-{number}{path.suffix}") for path in files) for number in range(1, count + 1)
    ]


def compose_to_files(
    artifact: Artifact, request: AnyRequest, outputs: Sequence[Path], options: FileOptions = _DEFAULT_OPTIONS
) -> Iterator[Delivered]:
    """Composes all pieces of a request and yields each with its files as soon as they are written.

    Nothing is checked or composed before the first is asked for.

    Args:
        artifact: the composer.
        request: what is composed.
        outputs: files and folders, as :func:`file_names` takes them; folders are made where there are none.
        options: how files are written.

    Raises:
        RequestError: the composer cannot do what is asked.
        FormatError: a file may not or cannot be written; where that is known beforehand, nothing is composed. No new
            file of the request is left.
    """
    targets = checked_files(outputs, f"{artifact.manifest.name}-{request.seed}", request.count, force=options.force)
    written: list[Path] = []
    for composition, paths in zip(compose(artifact, request), targets, strict=True):
        new = [path for path in paths if not path.exists()]
        try:
            write_files(composition.score, paths, options.audio)
        except ComponiumError:
            # A second try shall not stumble over the first half.
            for path in written:
                path.unlink(missing_ok=True)
            raise
        written += new
        yield Delivered(composition, paths)


def compose_again_to_files(
    score: Score,
    artifact: Artifact | None,
    outputs: Sequence[Path],
    stem: str,
    options: FileOptions = _DEFAULT_OPTIONS,
) -> Delivered:
    """Composes again the piece whose request a score carries, and writes it.

    Args:
        score: as read from a MIDI file that Componium composed.
        artifact: the composer; None finds it by the name that the score carries.
        outputs: files and folders, as :func:`file_names` takes them.
        stem: the name of files in folders.
        options: how files are written.

    Raises:
        RequestError: the score was not composed by Componium.
        ArtifactError: the composer is missing, or it is another one by the same name.
        FormatError: a file may not or cannot be written; where that is known beforehand, nothing is composed.
    """
    [paths] = checked_files(outputs, stem, force=options.force)
    composition = compose_again(score, artifact)
    write_files(composition.score, paths, options.audio)
    return Delivered(composition, paths)


def checked_files(outputs: Sequence[Path], stem: str, count: int = 1, *, force: bool = False) -> list[tuple[Path, ...]]:
    """Returns the files of each piece as :func:`file_names` does, makes their folders, and checks them all.

    Raises:
        FormatError: a folder cannot be made, or a file may not be written (:func:`check_targets`).
        MissingExtraError: what writes a format is not installed.
    """
    targets = file_names(outputs, stem, count)
    check_formats(path for paths in targets for path in paths)
    make_folders(path for path in outputs if not path.suffix)
    check_targets((path for paths in targets for path in paths), force=force)
    return targets


def _is_folder(path: Path) -> bool:
    # Other than pathlib's, these take a name that the system refuses for one that is not there.
    return os.path.isdir(path) or not (path.suffix or os.path.exists(path))  # noqa: PTH110, PTH112
