"""What is in a folder of music files, and what is wrong with those that cannot be used."""

from __future__ import annotations

import hashlib
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.duplicates import DuplicateFinder, DuplicateGroup
from componium.corpora.folder import FOLDER
from componium.errors import ComponiumError, FormatError
from componium.score import Score, duration_seconds, estimate_key
from componium.score.grid import grid_share, has_beat_grid
from componium.score.instruments import program_name

Progress = Callable[[int, int], None]
"""Called with the files read so far and all there are."""


class Rejection(NamedTuple):
    """A file that cannot be used, and why, in one line."""

    name: str
    reason: str


class Range(NamedTuple):
    """Lowest, median and highest of a figure that every file has."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Inspection:
    """The account of a corpus.

    Attributes:
        n_files: files found; ``n_files - len(rejected)`` were read.
        n_works: different works among those read.
        hours: of music.
        instruments: files in which each plays, General MIDI names and ``drums``, most frequent first.
        keys: files in each estimated key, most frequent first; files without a preference are left out.
        meters: files in which each time signature occurs, as ``3/4``, most frequent first.
        tempo_bpm: of the tempo that rules longest in each file.
        notes_per_file: as it says.
        grid_share: share of a file's onsets on sixteenths or eighth triplets of its ticks.
        without_grid: names of files whose ticks do not follow the beats.
        duplicates: music that is there more than once.
        rejected: files that cannot be used.
    """

    corpus: str
    folder: str
    n_files: int
    n_works: int
    n_notes: int
    hours: float
    instruments: dict[str, int]
    keys: dict[str, int]
    meters: dict[str, int]
    tempo_bpm: Range | None
    notes_per_file: Range | None
    grid_share: Range | None
    without_grid: tuple[str, ...]
    duplicates: tuple[DuplicateGroup, ...]
    rejected: tuple[Rejection, ...]

    @property
    def n_read(self) -> int:
        """Files that can be used."""
        return self.n_files - len(self.rejected)

    def to_json(self) -> dict[str, Any]:
        """The same as values that JSON can hold; named tuples become objects."""
        ranges = {
            name: None if value is None else value._asdict()
            for name, value in (
                ("tempo_bpm", self.tempo_bpm),
                ("notes_per_file", self.notes_per_file),
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
            "n_read": self.n_read,
            **ranges,
            "without_grid": list(self.without_grid),
            "duplicates": groups,
            "rejected": rejected,
        }


def inspect(folder: Path, corpus: Corpus = FOLDER, *, progress: Progress | None = None) -> Inspection:
    """Reads every piece of a corpus and says what is there; deterministic.

    A file is rejected if it cannot be read or holds no note. Nothing is left out silently.

    Raises:
        CorpusError: the folder is missing or holds none of the corpus' files.
    """
    pieces = corpus.find(folder)
    account = _Account()
    for count, piece in enumerate(pieces, 1):
        account.add(corpus, piece)
        if progress is not None:
            progress(count, len(pieces))
    return Inspection(
        corpus=corpus.name,
        folder=str(folder),
        n_files=len(pieces),
        n_works=len(account.works),
        n_notes=sum(account.n_notes),
        hours=account.seconds / 3600,
        instruments=_by_frequency(account.instruments),
        keys=_by_frequency(account.keys),
        meters=_by_frequency(account.meters),
        tempo_bpm=_range(account.tempos),
        notes_per_file=_range(account.n_notes),
        grid_share=_range(account.grid_shares),
        without_grid=tuple(account.without_grid),
        duplicates=tuple(account.duplicates.groups()),
        rejected=tuple(account.rejected),
    )


class _Account:
    """Figures gathered from one piece after the other."""

    def __init__(self) -> None:
        self.works: set[str] = set()
        self.n_notes: list[int] = []
        self.seconds = 0.0
        self.instruments: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.meters: Counter[str] = Counter()
        self.tempos: list[float] = []
        self.grid_shares: list[float] = []
        self.without_grid: list[str] = []
        self.duplicates = DuplicateFinder()
        self.rejected: list[Rejection] = []

    def add(self, corpus: Corpus, piece: Piece) -> None:
        try:
            digest = _bytes_digest(piece)
            score = corpus.read(piece)
            if score.n_notes == 0:
                raise FormatError(f"{piece.path}: no notes in it")
        except ComponiumError as error:
            self.rejected.append(Rejection(piece.name, str(error).removeprefix(f"{piece.path}: ")))
            return
        self.works.add(piece.work)
        self.n_notes.append(score.n_notes)
        self.seconds += duration_seconds(score)
        self.instruments.update(
            {_instrument(track.program, track.is_drum) for track in score.tracks if len(track.notes)}
        )
        key = estimate_key(score)
        if key is not None:
            self.keys[key.name] += 1
        self.meters.update({f"{meter.numerator}/{meter.denominator}" for meter in _heard_meters(score)})
        self.tempos.append(_main_tempo(score))
        self.grid_shares.append(grid_share(score).share)
        if not has_beat_grid(score):
            self.without_grid.append(piece.name)
        self.duplicates.add(piece.name, digest, score)


def _bytes_digest(piece: Piece) -> str:
    try:
        return hashlib.sha256(piece.path.read_bytes()).hexdigest()
    except OSError as error:
        raise FormatError(f"{piece.path}: cannot be read ({error.strerror})") from error


def _instrument(program: int, is_drum: bool) -> str:  # noqa: FBT001 - both describe one track
    return "drums" if is_drum else program_name(program)


def _heard_meters(score: Score) -> list[Any]:
    """Time signatures in force while there is music."""
    return [meter for meter in score.time_signatures if meter.onset < max(score.end, 1)]


def _main_tempo(score: Score) -> float:
    """The tempo in force for most ticks; of several the first."""
    ends = [*(tempo.onset for tempo in score.tempos[1:]), score.end]
    spans: Counter[float] = Counter()
    for tempo, end in zip(score.tempos, ends, strict=True):
        spans[tempo.tempo_bpm] += max(min(end, score.end) - tempo.onset, 0)
    return max(spans, key=lambda tempo_bpm: spans[tempo_bpm])


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _range(values: list[float] | list[int]) -> Range | None:
    return Range(min(values), statistics.median(values), max(values)) if values else None
