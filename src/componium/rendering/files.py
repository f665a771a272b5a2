"""Scores in files of any form, chosen by the ending; written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from componium.errors import FormatError
from componium.formats.midi import read_midi, write_midi
from componium.score import Score


@dataclass(frozen=True)
class AudioOptions:
    """How audio is rendered.

    Attributes:
        dry: no room.
        soundfont: path of an ``.sf2`` or ``.sf3`` to use instead of the embedded one.
    """

    dry: bool = False
    soundfont: Path | None = None


def _write_midi(score: Score, path: Path, _options: AudioOptions) -> None:
    write_midi(score, path)


def _write_musicxml(score: Score, path: Path, _options: AudioOptions) -> None:
    from componium.formats.musicxml import write_musicxml  # noqa: PLC0415 - only where it is asked for

    write_musicxml(score, path)


def _write_audio(score: Score, path: Path, options: AudioOptions) -> None:
    from componium.rendering.audio import write_audio  # noqa: PLC0415 - likewise the synthesizer

    write_audio(score, path, dry=options.dry, soundfont=options.soundfont)


def _write_roll(score: Score, path: Path, _options: AudioOptions) -> None:
    from componium.rendering.roll import write_roll  # noqa: PLC0415 - likewise Pillow

    write_roll(score, path)


def _write_svg(score: Score, path: Path, _options: AudioOptions) -> None:
    from componium.rendering.engraving import engrave_svg  # noqa: PLC0415 - likewise verovio

    path.write_text(engrave_svg(score), encoding="utf-8")


def _write_pdf(score: Score, path: Path, _options: AudioOptions) -> None:
    from componium.rendering.engraving import write_pdf  # noqa: PLC0415 - likewise verovio

    write_pdf(score, path)


WRITERS: dict[str, Callable[[Score, Path, AudioOptions], None]] = {
    ".mid": _write_midi,
    ".midi": _write_midi,
    ".musicxml": _write_musicxml,
    ".wav": _write_audio,
    ".flac": _write_audio,
    ".ogg": _write_audio,
    ".mp3": _write_audio,
    ".png": _write_roll,
    ".svg": _write_svg,
    ".pdf": _write_pdf,
}
_MUSICXML = frozenset({".musicxml", ".xml", ".mxl"})


def read_score(path: str | os.PathLike[str]) -> Score:
    """Reads a MIDI or MusicXML file, by its ending.

    Raises:
        FormatError: it cannot be read.
    """
    if Path(path).suffix.lower() in _MUSICXML:
        from componium.formats.musicxml import read_musicxml  # noqa: PLC0415 - only where it is needed

        return read_musicxml(path)
    return read_midi(path)


def check_targets(paths: Iterable[Path], *, force: bool = False) -> None:
    """Checks, before any work is done, that files may be written.

    Raises:
        FormatError: an ending is unknown, a folder is missing, or a file exists and ``force`` is not given.
    """
    for path in paths:
        if path.suffix.lower() not in WRITERS:
            raise FormatError(f"{path}: unknown ending; known are {' '.join(WRITERS)}")
        if not path.parent.is_dir():
            raise FormatError(f"{path}: the folder {path.parent} does not exist")
        if path.is_dir():
            raise FormatError(f"{path}: a folder has that name")
        if path.exists() and not force:
            raise FormatError(f"{path}: exists already; overwrite it with --force")


def make_folders(paths: Iterable[Path]) -> None:
    """Makes folders that are not there yet.

    Raises:
        FormatError: one cannot be made, or is a file.
    """
    for path in paths:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FormatError(f"{path}: no folder can be made here ({error.strerror})") from error


_DEFAULT_AUDIO = AudioOptions()


def write_score(score: Score, path: str | os.PathLike[str], options: AudioOptions = _DEFAULT_AUDIO) -> None:
    """Writes a score in the form that the ending names: MIDI, MusicXML, audio, piano roll (.png), sheet (.svg .pdf).

    Raises:
        FormatError: the ending is unknown or the file cannot be written.
        MissingExtraError: the form needs an extra that is not installed.
    """
    path = Path(path)
    check_targets([path], force=True)
    try:
        handle, part = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=path.suffix.lower(), dir=path.parent)
        os.close(handle)
        try:
            WRITERS[path.suffix.lower()](score, Path(part), options)
            # mkstemp leaves the file to its owner alone; give it what any new file would have.
            umask = os.umask(0)
            os.umask(umask)
            Path(part).chmod(0o666 & ~umask)
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise FormatError(f"{path}: cannot be written ({error.strerror})") from error
