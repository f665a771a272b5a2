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
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import NOT_TOLD, Conditions
from componium.conditioning.roles import REGISTER, Measured, only_playing
from componium.corpora.corpus import Corpus, Piece
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.selection import Figures, SelectionConfig, refusal, surplus
from componium.corpora.splits import SPLITS, Split, split_of
from componium.errors import ComponiumError, CorpusError
from componium.features.repeat_pointer import repeat_pointers
from componium.representations import representation_of
from componium.representations.columns import DURATION, N_METRIC, PART
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part, part_of
from componium.score import Score, TimeSignature, n_bars
from componium.score.grid import has_beat_grid
from componium.score.instruments import program_name
from componium.training.arrays import GrowingArray

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
        form_pointers: pointer, shift and streak class of the echo before each row; shape (N + pieces, 3).
        chords: chord columns of the quarters of all pieces, after those of each a row of nothing told; shape (Q, 2).
        quarters: where each piece's chords begin, and the end; shape (pieces + 1,).
        told: style, key and source of each piece; shape (pieces, 3).
        roles: of each piece's parts, as they are measured; shape (pieces, 3, parts).
        shares: of the training excerpts, by source.
    """

    form_pointers: NDArray[np.int32]
    chords: NDArray[np.int16]
    quarters: NDArray[np.int64]
    told: NDArray[np.int16]
    roles: Measured
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
        notes_of_parts: notes by part; empty of a mixture.
        notes_left_out: of the pieces used, notes that no part takes.
        without_beats: pieces used although their ticks do not follow the beats: their bars mean little.
    """

    folder: Path
    codec: NoteCodec
    records: tuple[Record, ...]
    events: NDArray[np.int16]
    places: NDArray[np.int16]
    starts: NDArray[np.int16]
    pointers: NDArray[np.int32]
    streaks: NDArray[np.int8]
    rejected: dict[str, str]
    manifest: str
    guides: Guides | None = None
    notes_of_parts: dict[str, int] = field(default_factory=dict[str, int])
    notes_left_out: int = 0
    without_beats: tuple[str, ...] = ()

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
        plays = ~np.isnan(self.guides.roles[index, REGISTER])
        guide = Conditions(controls, only_playing(plays), np.empty(0, np.int16))
        return guide.columns(np.zeros(count, np.int64))

    def encoded(self, index: int) -> EncodedNotes:
        """Returns one piece; its meter is that of its first bar, and of a guide it is told style and parts."""
        record = self.records[index]
        span = slice(record.start, record.stop)
        events = np.asarray(self.events[span])
        places = np.concatenate((self.starts[index : index + 1], self.places[span]))
        if self.guides is not None:
            harmony = self.codec.harmony(events)
            places = np.concatenate((places, harmony, self._told(index, len(places))), axis=1)
        meter = (TimeSignature(0, record.numerator, record.denominator),)
        n_pedals = self.codec.count_pedals(events)
        return EncodedNotes(events, places, meter, record.tempo_bpm, record.n_bars, n_pedals)


def prepare(
    corpus: Corpus,
    folder: Path,
    config: NotesConfig,
    cache: Path,
    progress: Progress = lambda _done, _all: None,
    selection: SelectionConfig | None = None,
) -> Dataset:
    """Encodes a corpus, or finds it encoded.

    Raises:
        CorpusError: no file can be used, or a split would be empty.
    """
    selection = selection or SelectionConfig()
    pieces = corpus.find(folder)
    hashes = hash_files(pieces)
    spec = f"{config.model_dump_json()}\n{selection.model_dump_json()}"
    key = hashlib.blake2b(f"{PREPARATION}\n{corpus.name}\n{spec}\n".encode(), digest_size=10)
    for piece, digest in zip(pieces, hashes, strict=True):
        key.update(f"{piece.name}\t{piece.work}\t{digest}\n".encode())
    preparation = _Preparation(corpus, config, selection)
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


def save_rows(folder: Path, encoded: Iterable[EncodedNotes], together: int | None = None) -> None:
    """Writes the arrays that every dataset has, one piece after the other; ``together`` as of its representation."""
    with ExitStack() as files:

        def growing(name: str, dtype: type[np.integer[Any]], row: tuple[int, ...] = ()) -> GrowingArray:
            return files.enter_context(GrowingArray(folder / f"{name}.npy", dtype, row))

        events, places = growing("events", np.int16, (5,)), growing("places", np.int16, (N_METRIC,))
        starts, pointers = growing("starts", np.int16, (N_METRIC,)), growing("pointers", np.int32)
        streaks = growing("streaks", np.int8)
        for notes in encoded:
            events.append(notes.events)
            places.append(notes.places[1:, :N_METRIC])
            starts.append(notes.places[:1, :N_METRIC])
            back = repeat_pointers(notes.events, together)
            pointers.append(back[0])
            streaks.append(back[1])


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
        codec=representation_of(about["representation"]),
        records=tuple(Record(*record) for record in about["records"]),
        rejected=about["rejected"],
        manifest=about["manifest"],
        guides=guides,
        notes_of_parts=about.get("notes_of_parts", {}),
        notes_left_out=about.get("notes_left_out", 0),
        without_beats=tuple(about.get("without_beats", ())),
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

    def __init__(self, corpus: Corpus, config: NotesConfig, selection: SelectionConfig) -> None:
        self._corpus = corpus
        self._config = config
        self._selection = selection
        self._rejected: dict[str, str] = {}
        self._records: list[Record] = []
        self._notes_left_out = 0
        self._without_beats: set[str] = set()

    def run(self, pieces: list[Piece], hashes: list[str], folder: Path, progress: Progress) -> None:
        kept, works, config = self._survey(pieces, hashes, lambda done: progress(done, 2 * len(pieces)))
        codec = NoteCodec(config)
        of_parts = np.zeros(len(config.parts), np.int64)

        def counted() -> Iterator[EncodedNotes]:
            for done, piece in enumerate(kept):
                notes = self._encode(piece, works[piece.name], codec)
                progress(len(pieces) + done + 1, len(pieces) + len(kept))
                if notes is not None:
                    sounding = notes.events[:, DURATION] > 0
                    of_parts[:] += np.bincount(notes.events[sounding, PART], minlength=len(of_parts))
                    yield notes

        save_rows(folder, counted(), codec.together)
        self._check()
        digest_of = dict(zip((piece.name for piece in pieces), hashes, strict=True))
        manifest = "\n".join(f"{r.name}\t{r.split}\t{digest_of[r.name]}" for r in self._records)
        about = {
            "representation": codec.spec(),
            "records": self._records,
            "rejected": self._rejected,
            "manifest": hashlib.sha256(manifest.encode()).hexdigest(),
            "notes_of_parts": {part.name: int(n) for part, n in zip(config.parts, of_parts, strict=True)},
            "notes_left_out": self._notes_left_out,
            "without_beats": [record.name for record in self._records if record.name in self._without_beats],
        }
        (folder / "dataset.json").write_text(json.dumps(about, indent=0, ensure_ascii=False), encoding="utf-8")

    def _encode(self, piece: Piece, work: str, codec: NoteCodec) -> EncodedNotes | None:
        """The rows of a piece, which its record follows; None where it must be rejected."""
        score = self._read(piece)
        if score is None:
            return None
        try:
            notes = codec.encode(score)
        except ComponiumError as error:
            self._rejected[piece.name] = str(error)
            return None
        parts = codec.config.parts
        self._notes_left_out += sum(len(track.notes) for track in score.tracks if part_of(parts, track) is None)
        meter = score.time_signatures[0]
        start = self._records[-1].stop if self._records else 0
        self._records.append(
            Record(
                piece.name, work, split_of(work), start, start + len(notes.events),
                notes.n_bars, meter.numerator, meter.denominator, notes.tempo_bpm,
            )
        )  # fmt: skip
        return notes

    def _read(self, piece: Piece) -> Score | None:
        try:
            return self._corpus.read(piece)
        except ComponiumError as error:
            self._rejected[piece.name] = str(error).removeprefix(f"{piece.path}: ")
            return None

    def _survey(
        self, pieces: list[Piece], hashes: list[str], progress: Callable[[int], None]
    ) -> tuple[list[Piece], dict[str, str], NotesConfig]:
        """Pieces without duplicates, the work of each, and the configuration with its parts."""
        finder = DuplicateFinder(related=self._selection.related)
        readable: dict[str, Piece] = {}
        instruments: Counter[tuple[int, bool]] = Counter()
        for done, (piece, digest) in enumerate(zip(pieces, hashes, strict=True)):
            score = self._read(piece)
            progress(done + 1)
            if score is None:
                continue
            refused = self._refusal(piece.name, score)
            if refused is not None:
                self._rejected[piece.name] = refused
                continue
            finder.add(piece.name, digest, score)
            readable[piece.name] = piece
            _count_instruments(score, instruments)
        if not readable:
            raise CorpusError(_all_rejected(self._rejected))
        works = {name: piece.work for name, piece in readable.items()}
        if self._selection.related is not None:
            works = finder.works(works)
        for group in finder.groups():
            for duplicate in group.duplicates:
                del readable[duplicate.name], works[duplicate.name]
                self._rejected[duplicate.name] = f"{duplicate.kind} duplicate of {group.kept}"
        for name in surplus(works, self._selection.held_out):
            del readable[name]
            self._rejected[name] = "held out, beyond the pieces that are judged"
        config = self._config
        if not config.parts:
            config = config.model_copy(update={"parts": _parts_of(instruments)})
        return list(readable.values()), works, config

    def _refusal(self, name: str, score: Score) -> str | None:
        """Why a score that was read is left out, None where it is used."""
        if not score.n_notes:
            return "no notes in it"
        played: set[Any] = {(track.program, track.is_drum) for track in score.tracks if len(track.notes)}
        if self._config.parts:
            played = {part_of(self._config.parts, track) for track in score.tracks if len(track.notes)} - {None}
            if not played:
                return "no note for any of the parts: " + ", ".join(part.name for part in self._config.parts)
        follows_beats = self._config.unit == "second" or has_beat_grid(score)
        if not follows_beats:
            self._without_beats.add(name)
        return refusal(self._selection, Figures(n_bars(score), len(played), follows_beats))

    def _check(self) -> None:
        records = self._records
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
