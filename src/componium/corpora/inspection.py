"""Inspects a folder of music files: what is in it, and why files cannot be used."""

from __future__ import annotations

import hashlib
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.duplicates import DuplicateFinder, DuplicateGroup
from componium.corpora.files.finding import other_files
from componium.corpora.files.reading import file_bytes, read_pieces
from componium.corpora.folder import FOLDER
from componium.errors import ComponiumError
from componium.score import Key, Score, duration_seconds, estimate_key
from componium.score.beat_tracking import gridded
from componium.score.grid import grid_share, has_beat_grid
from componium.score.instruments import program_name
from componium.score.tempo_map import main_tempo

_MOST_BEATS_SOUGHT = 100

Progress = Callable[[int, int], None]
"""Called with the files read so far and all there are."""


_FIGURE = re.compile(r"-?\d+(?:[.,]\d+)*")


class Rejection(NamedTuple):
    """A file, or a movement of one, that cannot be used, and why, in one line."""

    name: str
    reason: str


class Remark(NamedTuple):
    """What a reader left out or put right, as it says of the first piece, and all pieces of which it says the like."""

    text: str
    names: tuple[str, ...]


class Range(NamedTuple):
    """Lowest, median and highest of a figure that every piece has."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Inspection:
    """The account of a corpus.

    Attributes:
        n_files: files found.
        n_read: files that can be used.
        n_pieces: pieces in them; a file may hold several movements.
        n_works: different works among them.
        hours: of music.
        instruments: pieces in which each plays, General MIDI names and ``drums``, most frequent first.
        keys: pieces in each estimated key, most frequent first; pieces without a preference are left out.
        meters: pieces in which each time signature occurs, as ``3/4``, most frequent first.
        tempo_bpm: of the usual tempo of each piece.
        notes_per_piece: as it says.
        grid_share: share of a piece's onsets on sixteenths or eighth triplets of its ticks.
        without_grid: names of pieces whose ticks do not follow the beats.
        beats_sought, beats_found: of the first hundred of these, how many were looked at, and how many can be put on
            their beats.
        duplicates: music that is there more than once.
        remarks: what readers left out or put right, in how many pieces; the most frequent first.
        rejected: files that cannot be used.
        other_files: how many files are none of the corpus' music files, by their ending; the most frequent first.
        unread: their names, relative to the folder.
    """

    corpus: str
    folder: str
    n_files: int
    n_read: int
    n_pieces: int
    n_works: int
    n_notes: int
    hours: float
    instruments: dict[str, int]
    keys: dict[str, int]
    meters: dict[str, int]
    tempo_bpm: Range | None
    notes_per_piece: Range | None
    grid_share: Range | None
    without_grid: tuple[str, ...]
    beats_sought: int
    beats_found: int
    duplicates: tuple[DuplicateGroup, ...]
    remarks: tuple[Remark, ...]
    rejected: tuple[Rejection, ...]
    other_files: dict[str, int]
    unread: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as values that JSON can hold; named tuples become objects."""
        ranges = {
            name: None if value is None else value._asdict()
            for name, value in (
                ("tempo_bpm", self.tempo_bpm),
                ("notes_per_piece", self.notes_per_piece),
                ("grid_share", self.grid_share),
            )
        }
        groups = [
            {"kept": group.kept, "duplicates": [duplicate._asdict() for duplicate in group.duplicates]}
            for group in self.duplicates
        ]
        rejected = [rejection._asdict() for rejection in self.rejected]
        return {
            **asdict(self),
            **ranges,
            "without_grid": list(self.without_grid),
            "duplicates": groups,
            "remarks": [remark._asdict() | {"names": list(remark.names)} for remark in self.remarks],
            "rejected": rejected,
            "unread": list(self.unread),
        }


def inspect(folder: Path, corpus: Corpus = FOLDER, *, progress: Progress | None = None) -> Inspection:
    """Reads every piece of a corpus and returns an account of it; deterministic.

    A file is rejected if it cannot be read or holds no note. Nothing is left out silently.

    Raises:
        CorpusError: the folder is missing or holds none of the corpus' files.
    """
    files = corpus.find(folder)
    inspector = Inspector(corpus, folder)
    for count, file in enumerate(files, 1):
        inspector.add(file)
        if progress is not None:
            progress(count, len(files))
    return inspector.account()


class Inspected(NamedTuple):
    """A piece that was read, and what only reading it tells.

    Attributes:
        key: estimated; None where there is no preference.
        tempo_bpm: the usual tempo.
        has_grid: whether the ticks follow the beats.
    """

    piece: Piece
    score: Score
    key: Key | None
    tempo_bpm: float
    has_grid: bool


class Inspector:
    """Takes one piece after the other and gives the account at the end; scores are not kept."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self._corpus = corpus
        self._folder = folder
        self._paths: list[Path] = []
        self._n_read = 0
        self._works: set[str] = set()
        self._n_notes: list[int] = []
        self._seconds = 0.0
        self._instruments: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()
        self._meters: Counter[str] = Counter()
        self._tempos: list[float] = []
        self._grid_shares: list[float] = []
        self._without_grid: list[str] = []
        self._beats_sought = self._beats_found = 0
        self._duplicates = DuplicateFinder()
        self._remarks: dict[str, tuple[str, ...]] = {}
        self._rejected: list[Rejection] = []

    def add(self, file: Piece) -> list[Inspected]:
        """Reads the pieces of a file; what cannot be used is not among them, and the account will explain it."""
        self._paths.append(file.path)
        try:
            digest = hashlib.sha256(file_bytes(file.path)).hexdigest()
            pieces = read_pieces(self._corpus, file)
        except ComponiumError as error:
            self._rejected.append(Rejection(file.name, str(error).removeprefix(f"{file.path}: ")))
            return []
        self._rejected += [Rejection(piece.name, "no notes in it") for piece, score in pieces if not score.n_notes]
        found = [self._add_piece(piece, score, digest) for piece, score in pieces if score.n_notes]
        self._n_read += bool(found)
        return found

    def _add_piece(self, piece: Piece, score: Score, digest: str) -> Inspected:
        found = Inspected(piece, score, estimate_key(score), main_tempo(score), has_beat_grid(score))
        self._remarks[piece.name] = score.remarks
        self._works.add(piece.work)
        self._n_notes.append(score.n_notes)
        self._seconds += duration_seconds(score)
        self._instruments.update(
            {_instrument(track.program, track.is_drum) for track in score.tracks if len(track.notes)}
        )
        if found.key is not None:
            self._keys[found.key.name] += 1
        self._meters.update({f"{meter.numerator}/{meter.denominator}" for meter in _heard_meters(score)})
        self._tempos.append(found.tempo_bpm)
        self._grid_shares.append(grid_share(score).share)
        if not found.has_grid:
            self._without_grid.append(piece.name)
            self._seek_beats(score)
        self._duplicates.add(piece.name, digest, score)
        return found

    def _seek_beats(self, score: Score) -> None:
        # It takes a quarter of a second a file, against a thousandth for the rest of the account.
        if self._beats_sought < _MOST_BEATS_SOUGHT:
            self._beats_sought += 1
            self._beats_found += gridded(score).is_moved

    def account(self) -> Inspection:
        """The account of all files taken so far."""
        others = other_files(self._folder, self._paths)
        return Inspection(
            corpus=self._corpus.name,
            folder=str(self._folder),
            n_files=len(self._paths),
            n_read=self._n_read,
            n_pieces=len(self._n_notes),
            n_works=len(self._works),
            n_notes=sum(self._n_notes),
            hours=self._seconds / 3600,
            instruments=_by_frequency(self._instruments),
            keys=_by_frequency(self._keys),
            meters=_by_frequency(self._meters),
            tempo_bpm=_range(self._tempos),
            notes_per_piece=_range(self._n_notes),
            grid_share=_range(self._grid_shares),
            without_grid=tuple(self._without_grid),
            beats_sought=self._beats_sought,
            beats_found=self._beats_found,
            duplicates=tuple(self._duplicates.groups()),
            remarks=_remarks(self._remarks),
            rejected=tuple(self._rejected),
            other_files={kind: len(names) for kind, names in others.items()},
            unread=tuple(sorted(name for names in others.values() for name in names)),
        )


def _remarks(by_piece: Mapping[str, Iterable[str]]) -> tuple[Remark, ...]:
    """Groups the remarks on all pieces, whatever figures are in them."""
    kinds: dict[str, tuple[str, dict[str, None]]] = {}
    for name, remarks in by_piece.items():
        for remark in remarks:
            _, names = kinds.setdefault(_FIGURE.sub("0", remark), (remark, {}))
            names[name] = None
    found = [Remark(text, tuple(names)) for text, names in kinds.values()]
    return tuple(sorted(found, key=lambda remark: (-len(remark.names), remark.text)))


def _instrument(program: int, is_drum: bool) -> str:  # noqa: FBT001 - both describe one track
    return "drums" if is_drum else program_name(program)


def _heard_meters(score: Score) -> list[Any]:
    """Time signatures in force while there is music."""
    end = max(score.end, 1)
    return [meter for meter in score.time_signatures if meter.onset < end]


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _range(values: list[float] | list[int]) -> Range | None:
    return Range(min(values), statistics.median(values), max(values)) if values else None
