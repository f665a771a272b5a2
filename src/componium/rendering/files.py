"""Writes scores to files, of a format that the ending chooses; each is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from componium.errors import FormatError, MissingExtraError
from componium.formats.loading import Target, store
from componium.formats.midi import write_midi
from componium.formats.whole_files import naming, writing_together
from componium.score import Score


@dataclass(frozen=True)
class AudioOptions:
    """How audio is rendered.

    Attributes:
        dry: without reverberation.
        soundfont: path of an ``.sf2`` or ``.sf3`` to use instead of the embedded one.
    """

    dry: bool = False
    soundfont: Path | None = None


def _midi(score: Score, target: Target, _ending: str, _options: AudioOptions) -> None:
    write_midi(score, target)


def _musicxml(score: Score, target: Target, ending: str, _options: AudioOptions) -> None:
    from componium.formats.musicxml import write_musicxml  # noqa: PLC0415 - only where it is asked for

    write_musicxml(score, target, compressed=ending == ".mxl")


def _audio(score: Score, target: Target, ending: str, options: AudioOptions) -> None:
    from componium.rendering.audio import write_audio  # noqa: PLC0415 - likewise the synthesizer

    write_audio(score, target, ending=ending, dry=options.dry, soundfont=options.soundfont)


def _roll(score: Score, target: Target, _ending: str, _options: AudioOptions) -> None:
    from componium.rendering.roll import write_roll  # noqa: PLC0415 - likewise Pillow

    write_roll(score, target)


def _svg(score: Score, target: Target, _ending: str, _options: AudioOptions) -> None:
    from componium.rendering.engraving import engrave_svg  # noqa: PLC0415 - likewise verovio

    store(engrave_svg(score).encode(), target)


def _pdf(score: Score, target: Target, _ending: str, _options: AudioOptions) -> None:
    from componium.rendering.engraving import write_pdf  # noqa: PLC0415 - likewise verovio

    write_pdf(score, target)


AUDIO_ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
WRITERS: dict[str, Callable[[Score, Target, str, AudioOptions], None]] = {
    ".mid": _midi,
    ".midi": _midi,
    ".musicxml": _musicxml,
    ".mxl": _musicxml,
    **dict.fromkeys(AUDIO_ENDINGS, _audio),
    ".png": _roll,
    ".svg": _svg,
    ".pdf": _pdf,
}
# What it takes to write a format: in words, the extra, its packages.
_NEEDS = {
    ".svg": ("sheet music", "score", ("verovio",)),
    ".pdf": ("sheet music", "score", ("verovio", "typst")),
}
# What people read, with a title above it.
_READ = frozenset({".musicxml", ".mxl", ".png", ".svg", ".pdf"})


def check_formats(paths: Iterable[Path]) -> None:
    """Checks that files of such endings can be written here.

    Raises:
        FormatError: an ending is unknown.
        MissingExtraError: what writes it is not installed.
    """
    for path in paths:
        _check_ending(path.suffix, path)
        what, extra, packages = _NEEDS.get(path.suffix.lower(), ("", "", ()))
        if not all(_is_installed(package) for package in packages):
            raise MissingExtraError(f"{path}: {what}", extra)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:
        return False


def check_targets(paths: Iterable[Path], *, force: bool = False) -> None:
    """Checks, before any work is done, that files may be written.

    Raises:
        FormatError: an ending is unknown, a folder is missing, two files have one name, or a file exists and ``force``
            is not given.
        MissingExtraError: what writes a format is not installed.
    """
    seen: set[Path] = set()
    for path in paths:
        check_formats((path,))
        # The system refuses names that are too long, or hold what it cannot store.
        with naming(path, FormatError):
            _check_target(path, seen, force=force)


def _check_target(path: Path, seen: set[Path], *, force: bool) -> None:
    if not path.parent.is_dir():
        raise FormatError(f"{path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise FormatError(f"{path}: a folder has that name")
    if path.resolve() in seen:
        raise FormatError(f"{path}: would be written twice; give every output a name of its own")
    seen.add(path.resolve())
    if path.exists() and not force:
        raise FormatError(f"{path}: exists already; overwrite it with --force")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise FormatError(f"{path}: cannot be written (the folder {path.parent} is read-only)")


def make_folders(paths: Iterable[Path]) -> None:
    """Makes folders that do not exist yet.

    Raises:
        FormatError: one cannot be made, or is a file.
    """
    for path in paths:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise FormatError(f"{path}: cannot be made a folder ({reason})") from error


_DEFAULT_AUDIO = AudioOptions()


def write_score(
    score: Score, target: Target, options: AudioOptions = _DEFAULT_AUDIO, *, file_format: str | None = None
) -> None:
    """Writes a score as MIDI, MusicXML (or ``mxl``), audio, piano roll (``png``) or sheet music (``svg``, ``pdf``).

    Args:
        score: what is written.
        target: a path, written whole or not at all; or a file object that is open for writing bytes.
        options: how audio is rendered.
        file_format: the ending of the format, such as ``"wav"``; a path needs none, its own ending counts.

    Raises:
        FormatError: the format is unknown or missing, or the file cannot be written.
        MissingExtraError: the format needs an extra that is not installed.
    """
    if isinstance(target, str | os.PathLike):
        path = Path(target)
        ending = path.suffix if file_format is None else f".{file_format}"
        _check_ending(ending, path)
        _write_whole(score, {path: ending.lower()}, options)
        return
    if file_format is None:
        raise FormatError(f"a file object needs file_format, one of {' '.join(ending[1:] for ending in WRITERS)}")
    ending = f".{file_format.lower()}"
    _check_ending(ending, "file object")
    WRITERS[ending](score, target, ending, options)


def write_files(score: Score, paths: Sequence[Path], options: AudioOptions = _DEFAULT_AUDIO) -> None:
    """Writes a score to several files, each in the format that its ending names; all of them or none.

    Raises:
        FormatError: an ending is unknown, or a file cannot be written.
        MissingExtraError: a format needs an extra that is not installed.
    """
    for path in paths:
        _check_ending(path.suffix, path)
    _write_whole(score, {path: path.suffix.lower() for path in paths}, options)


def _check_ending(ending: str, where: Path | str) -> None:
    if ending.lower() not in WRITERS:
        raise FormatError(f"{where}: unknown ending; known are {' '.join(WRITERS)}")


def _write_whole(score: Score, endings: dict[Path, str], options: AudioOptions) -> None:
    """Writes files under temporary names beside their own, and gives them their names when all are there."""
    with writing_together(list(endings), endings=list(endings.values())) as parts:
        for part, (path, ending) in zip(parts, endings.items(), strict=True):
            WRITERS[ending](_titled(score, path, ending), part, ending, options)


def _titled(score: Score, path: Path, ending: str) -> Score:
    """The score as it is read: one without a title has the name of its file."""
    return replace(score, title=path.stem) if ending in _READ and not score.title.strip() else score
