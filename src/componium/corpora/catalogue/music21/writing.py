"""Writes sets of music21's corpus as MIDI files.

Which pieces make a set, and from which of several encodings, stands in ``pieces.toml``. Each is parsed from its
source and written by music21 as it stands, at 10,080 ticks a quarter, with repeats written out.
"""

from __future__ import annotations

import os
import tomllib
import warnings
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from componium.corpora.corpus import Progress
from componium.errors import CorpusError, MissingExtraError

_PIECES = Path(__file__).parent / "pieces.toml"


def pieces_of(name: str) -> tuple[str, ...]:
    """Returns the sources of a set, as paths in music21's corpus."""
    return tuple(tomllib.loads(_PIECES.read_text(encoding="utf-8"))[name])


def midi_name(source: str) -> str:
    """Returns the file's name in its set: ``composer__work__movement.mid``; chorales go by their number alone."""
    path = PurePosixPath(source).with_suffix(".mid")
    return path.name if path.parts[0] == "bach" else "__".join(path.parts)


def write_pieces(sources: Sequence[str], folder: Path, progress: Progress | None = None) -> None:
    """Writes pieces of music21's corpus into a folder, in the order given; files that are there are kept.

    Raises:
        MissingExtraError: music21 is not installed.
        CorpusError: the installed music21 lacks a piece or cannot convert it.
    """
    try:
        import music21  # noqa: PLC0415 - it takes a second, and few need it
    except ModuleNotFoundError as error:
        raise MissingExtraError("Writing pieces of music21's corpus", "corpora") from error
    folder.mkdir(parents=True, exist_ok=True)
    for done, source in enumerate(sources):
        target = folder / midi_name(source)
        if not target.exists():
            path = Path(music21.__file__).parent / "corpus" / source
            if not path.exists():
                raise CorpusError(f"music21 {music21.__version__} has no {source}: pip install 'music21>=10.5,<11'")
            _write(path, target)
        if progress is not None:
            progress(done + 1, len(sources))


def _write(source: Path, target: Path) -> None:
    from music21 import converter  # noqa: PLC0415 - see above

    part = target.with_name(target.name + ".part")
    try:
        # What music21 warns of in its own pieces, nobody can mend here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Neither read from its cache of parsed pieces nor written there: another version may have left it.
            parsed = converter.parse(source, forceSource=True, storePickle=False)
            parsed.write("midi", fp=part)
        part.replace(target)
    except OSError as error:
        raise CorpusError(f"{target}: cannot be written ({os.strerror(error.errno or 0)})") from error
    except Exception as error:  # its converters raise whatever comes
        raise CorpusError(f"{source.name}: music21 cannot convert it ({type(error).__name__}: {error})") from error
