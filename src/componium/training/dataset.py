"""A corpus encoded in one representation, split by work, on disk and memory-mapped.

A dataset is made once: its folder is named by a hash over the files' bytes, the representation and the version of
this preparation. It appears under its name only when whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.corpora.corpus import Corpus, Piece
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.splits import SPLITS, Split, split_of
from componium.errors import ComponiumError, CorpusError
from componium.representations import representation_of
from componium.representations.guides import NOT_TOLD, Guide
from componium.representations.lookback import look_back
from componium.representations.notes import N_METRIC, EncodedNotes, NotesConfig, NotesRepresentation, Part
from componium.score import Score, TimeSignature
from componium.score.instruments import program_name

# Raised whenever equal files would be prepared into other arrays.
PREPARATION = 4
_MAX_PARTS = 16
_ARRAYS = ("events", "places", "starts", "pointers", "streaks")

Progress = Callable[[int, int], None]


class Record(NamedTuple):
    """One piece of a dataset: where its rows lie in the arrays."""

    name: str
    work: str
    split: Split
    start: int
    stop: int
    n_bars: int
    numerator: int
    denominator: int
    tempo_bpm: float


class Guides(NamedTuple):
    """What guided composers may be told of each piece; rows as of ``pointers``.

    Attributes:
        echoes: pointer, shift and streak class of the echo before each row; shape (N + pieces, 3).
        chords: chord columns of the start and of each row; shape (N + pieces, 2).
        told: style, key and source of each piece; shape (pieces, 3).
        plays: which parts play; shape (pieces, parts).
        shares: of the training excerpts, by source.
    """

    echoes: NDArray[np.int32]
    chords: NDArray[np.int16]
    told: NDArray[np.int16]
    plays: NDArray[np.bool_]
    shares: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Encoded pieces.

    Attributes:
        events: rows of all pieces, shape (N, 5).
        places: places of the same rows, shape (N, 3).
        starts: places of each piece's start, shape (pieces, 3).
        pointers: row of its piece that the lookback points at before each row, and before the piece's end; shape
            (N + pieces,), so that piece ``i`` begins at its start plus ``i``.
        streaks: streak class of the same, shape (N + pieces,).
        rejected: file -> why it is not here.
        manifest: hash over names and bytes of the files used, for artifacts.
    """

    folder: Path
    representation: NotesRepresentation
    records: tuple[Record, ...]
    events: NDArray[np.int16]
    places: NDArray[np.int16]
    starts: NDArray[np.int16]
    pointers: NDArray[np.int32]
    streaks: NDArray[np.int8]
    rejected: dict[str, str]
    manifest: str
    guides: Guides | None = None

    def of(self, split: Split) -> list[int]:
        """Indices of a split's pieces."""
        return [index for index, record in enumerate(self.records) if record.split == split]

    def distinct(self, split: Split) -> list[int]:
        """Indices of a split's pieces, each in one variant."""
        first: dict[str, int] = {}
        for index in self.of(split):
            first.setdefault(self.records[index].name, index)
        return list(first.values())

    def _told(self, index: int, count: int) -> NDArray[np.int16]:
        """Columns of a guide that tells the style and who plays."""
        assert self.guides is not None  # noqa: S101 - the caller's
        controls = (int(self.guides.told[index, 0]), NOT_TOLD, NOT_TOLD, NOT_TOLD)
        guide = Guide(controls, self.guides.plays[index], np.empty(0, np.int16))
        return guide.columns(np.zeros(count, np.int64))

    def encoded(self, index: int) -> EncodedNotes:
        """Returns one piece; its meter is that of its first bar, and of a guide it is told style and parts."""
        record = self.records[index]
        span = slice(record.start, record.stop)
        places = np.concatenate((self.starts[index : index + 1], self.places[span]))
        if self.guides is not None:
            places = np.concatenate((places, self._told(index, len(places))), axis=1)
        meter = (TimeSignature(0, record.numerator, record.denominator),)
        events = np.asarray(self.events[span])
        n_pedals = self.representation.count_pedals(events)
        return EncodedNotes(events, places, meter, record.tempo_bpm, record.n_bars, n_pedals)


def prepare(
    corpus: Corpus, folder: Path, config: NotesConfig, cache: Path, progress: Progress = lambda _done, _all: None
) -> Dataset:
    """Encodes a corpus, or finds it encoded.

    Raises:
        CorpusError: no file can be used, or a split would be empty.
    """
    pieces = corpus.find(folder)
    hashes = hash_files(pieces)
    spec = config.model_dump_json()
    key = hashlib.blake2b(f"{PREPARATION}\n{corpus.name}\n{spec}\n".encode(), digest_size=10)
    for piece, digest in zip(pieces, hashes, strict=True):
        key.update(f"{piece.name}\t{piece.work}\t{digest}\n".encode())
    preparation = _Preparation(corpus, config)
    target = cache / f"{corpus.name}-{key.hexdigest()}"
    return load_or_make(target, lambda part: preparation.run(pieces, hashes, part, progress))


def load_or_make(target: Path, make: Callable[[Path], None]) -> Dataset:
    """Opens a dataset; one that is not there is made in a folder beside it, which takes its name when it is whole."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
        try:
            make(part)
            part.replace(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return load(target)


def save_rows(folder: Path, encoded: list[EncodedNotes], together: int | None = None) -> None:
    """Writes the arrays that every dataset has; ``together`` as of :class:`NotesRepresentation`."""
    np.save(folder / "events.npy", np.concatenate([notes.events for notes in encoded]))
    np.save(folder / "places.npy", np.concatenate([notes.places[1:, :N_METRIC] for notes in encoded]))
    np.save(folder / "starts.npy", np.stack([notes.places[0, :N_METRIC] for notes in encoded]))
    pointers, streaks = zip(*(look_back(notes.events, together) for notes in encoded), strict=True)
    np.save(folder / "pointers.npy", np.concatenate(pointers))
    np.save(folder / "streaks.npy", np.concatenate(streaks))


def load(folder: Path) -> Dataset:
    """Opens a prepared dataset, its arrays memory-mapped."""
    about: dict[str, Any] = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    guides = None
    if "shares" in about:
        told = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in Guides._fields[:-1]}
        guides = Guides(**told, shares=tuple(about["shares"]))
    return Dataset(
        folder=folder,
        representation=representation_of(about["representation"]),
        records=tuple(Record(*record) for record in about["records"]),
        rejected=about["rejected"],
        manifest=about["manifest"],
        guides=guides,
        **arrays,
    )


def hash_files(pieces: Iterable[Piece]) -> list[str]:
    """Returns a hash of each file's bytes and of its annotations' beside it, which corpora read along."""
    digests: list[str] = []
    for piece in pieces:
        digest = hashlib.blake2b(digest_size=16)
        notes_beside = piece.path.parent / "annotations" / piece.path.stem
        for path in (piece.path, *sorted(notes_beside.glob("*.txt"))):
            try:
                digest.update(path.read_bytes())
            except OSError:
                digest.update(b"unreadable")
        digests.append(digest.hexdigest())
    return digests


class _Preparation:
    """Two passes over a corpus, so that no more than one score is in memory: duplicates and parts, then encoding."""

    def __init__(self, corpus: Corpus, config: NotesConfig) -> None:
        self._corpus = corpus
        self._config = config
        self._rejected: dict[str, str] = {}

    def run(self, pieces: list[Piece], hashes: list[str], folder: Path, progress: Progress) -> None:
        kept, works, config = self._survey(pieces, hashes, lambda done: progress(done, 2 * len(pieces)))
        representation = NotesRepresentation(config)
        records: list[Record] = []
        encoded: list[EncodedNotes] = []
        start = 0
        for done, piece in enumerate(kept):
            try:
                score = self._corpus.read(piece)
                notes = representation.encode(score)
            except ComponiumError as error:
                self._rejected[piece.name] = str(error)
                continue
            meter = score.time_signatures[0]
            work = works[piece.name]
            stop = start + len(notes.events)
            records.append(
                Record(
                    piece.name, work, split_of(work), start, stop,
                    notes.n_bars, meter.numerator, meter.denominator, notes.tempo_bpm,
                )
            )  # fmt: skip
            encoded.append(notes)
            start = stop
            progress(len(pieces) + done + 1, len(pieces) + len(kept))
        self._check(records)
        save_rows(folder, encoded, representation.together)
        digest_of = dict(zip((piece.name for piece in pieces), hashes, strict=True))
        manifest = "\n".join(f"{r.name}\t{r.split}\t{digest_of[r.name]}" for r in records)
        about = {
            "representation": representation.spec(),
            "records": records,
            "rejected": self._rejected,
            "manifest": hashlib.sha256(manifest.encode()).hexdigest(),
        }
        (folder / "dataset.json").write_text(json.dumps(about, indent=0, ensure_ascii=False), encoding="utf-8")

    def _survey(
        self, pieces: list[Piece], hashes: list[str], progress: Callable[[int], None]
    ) -> tuple[list[Piece], dict[str, str], NotesConfig]:
        """Pieces without duplicates, the work of each, and the configuration with its parts."""
        finder = DuplicateFinder()
        readable: dict[str, Piece] = {}
        instruments: Counter[tuple[int, bool]] = Counter()
        for done, (piece, digest) in enumerate(zip(pieces, hashes, strict=True)):
            try:
                score = self._corpus.read(piece)
            except ComponiumError as error:
                self._rejected[piece.name] = str(error)
                continue
            finally:
                progress(done + 1)
            if not score.n_notes:
                self._rejected[piece.name] = "no notes in it"
                continue
            finder.add(piece.name, digest, score)
            readable[piece.name] = piece
            _count_instruments(score, instruments)
        if not readable:
            raise CorpusError(_all_rejected(self._rejected))
        for group in finder.groups():
            for duplicate in group.duplicates:
                del readable[duplicate.name]
                self._rejected[duplicate.name] = f"{duplicate.kind} duplicate of {group.kept}"
        works = {name: piece.work for name, piece in readable.items()}
        config = self._config
        if not config.parts:
            config = config.model_copy(update={"parts": _parts_of(instruments)})
        return list(readable.values()), works, config

    def _check(self, records: list[Record]) -> None:
        if not records:
            raise CorpusError(_all_rejected(self._rejected))
        missing = [split for split in SPLITS if not any(record.split == split for record in records)]
        if missing:
            raise CorpusError(
                f"{len(records)} usable pieces leave no {' or '.join(missing)} piece: training needs some ten works"
            )


def _count_instruments(score: Score, counts: Counter[tuple[int, bool]]) -> None:
    for track in score.tracks:
        counts[(0 if track.is_drum else track.program, track.is_drum)] += len(track.notes)


def _parts_of(counts: Counter[tuple[int, bool]]) -> tuple[Part, ...]:
    """The most used instruments, in the order of their programs, drums last."""
    chosen = sorted((instrument for instrument, _ in counts.most_common(_MAX_PARTS)), key=lambda i: (i[1], i[0]))
    return tuple(
        Part(name="drums" if is_drum else program_name(program), program=program, is_drum=is_drum)
        for program, is_drum in chosen
    )


def _all_rejected(rejected: dict[str, str]) -> str:
    name, why = next(iter(rejected.items()))
    return f"none of {len(rejected)} files can be used; the first, {name}: {why}"
