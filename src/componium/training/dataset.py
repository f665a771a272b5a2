"""Music encoded in one representation, split by work, on disk and memory-mapped.

A dataset is made once (:mod:`componium.training.preparation`): its folder is named by a hash over the files' bytes and
all that was asked of it. It appears under its name only when whole.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import NOT_TOLD, Conditions
from componium.conditioning.roles import N_KINDS, REGISTER, Measured, only_playing
from componium.corpora.splits import Split
from componium.representations import representation_of
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import TimeSignature

# What requests can ask for of a network that was trained on conditions.
CONDITIONS = ("parts", "style", "chords", "density", "complexity")
_ARRAYS = ("events", "places", "starts", "pointers", "streaks")


class Record(NamedTuple):
    """One piece of a dataset: where its rows lie in the arrays.

    Attributes:
        label: its style, composer, genre or folder, as was asked for; empty where there is none.
    """

    name: str
    work: str
    split: Split
    start: int
    stop: int
    n_bars: int
    numerator: int
    denominator: int
    tempo_bpm: float
    label: str = ""


class ConditionArrays(NamedTuple):
    """The conditions of each piece, on which a network may be trained; rows as of ``pointers``.

    Attributes:
        form_pointers: pointer, shift and streak class of the form before each row; shape (N + pieces, 3).
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

    @classmethod
    def empty(cls, n_pieces: int) -> ConditionArrays:
        """Returns those of pieces of one source that have none."""
        return cls(
            form_pointers=np.empty((0, 3), np.int32),
            chords=np.empty((0, 2), np.int16),
            quarters=np.zeros(n_pieces + 1, np.int64),
            told=np.zeros((n_pieces, 3), np.int16),
            roles=np.empty((n_pieces, N_KINDS, 0), np.float32),
            shares=(1.0,),
        )


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
        conditions: of each piece; empty where the dataset has none.
        label_names: the labels of the training pieces, sorted.
        notes_of_parts: notes by part; of conditioned ones parts without a note are left out.
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
    conditions: ConditionArrays
    label_names: tuple[str, ...] = ()
    notes_of_parts: dict[str, int] = field(default_factory=dict[str, int])
    notes_left_out: int = 0
    without_beats: tuple[str, ...] = ()

    @property
    def is_conditioned(self) -> bool:
        """Whether its pieces have conditions."""
        return self.codec.config.guides is not None

    @property
    def offered(self) -> frozenset[str]:
        """What requests can ask for because networks learn it from the dataset."""
        return frozenset(CONDITIONS) if self.is_conditioned else frozenset()

    @property
    def guides(self) -> ConditionArrays | None:
        """The conditions, None where they are empty: what batches still ask."""
        return self.conditions if self.is_conditioned else None

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The number of each piece's label, from 1 in ``label_names``, 0 where it has none of them; shape (pieces,)."""
        number_of = {name: number for number, name in enumerate(self.label_names, 1)}
        return np.array([number_of.get(record.label, 0) for record in self.records], np.int64)

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
        controls = (int(self.conditions.told[index, 0]), NOT_TOLD, NOT_TOLD, NOT_TOLD)
        plays = ~np.isnan(self.conditions.roles[index, REGISTER])
        guide = Conditions(controls, only_playing(plays), np.empty(0, np.int16))
        return guide.columns(np.zeros(count, np.int64))

    def encoded(self, index: int) -> EncodedNotes:
        """Returns one piece; its meter is that of its first bar, and of a guide it is told style and parts."""
        record = self.records[index]
        span = slice(record.start, record.stop)
        events = np.asarray(self.events[span])
        places = np.concatenate((self.starts[index : index + 1], self.places[span]))
        if self.is_conditioned:
            harmony = self.codec.harmony(events)
            places = np.concatenate((places, harmony, self._told(index, len(places))), axis=1)
        meter = (TimeSignature(0, record.numerator, record.denominator),)
        n_pedals = self.codec.count_pedals(events)
        return EncodedNotes(events, places, meter, record.tempo_bpm, record.n_bars, n_pedals)


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


def load(folder: Path) -> Dataset:
    """Opens a prepared dataset, its arrays memory-mapped."""
    about: dict[str, Any] = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    records = tuple(Record(*record) for record in about["records"])
    codec = representation_of(about["representation"])
    conditions = ConditionArrays.empty(len(records))
    if codec.config.guides is not None:
        arrays = _mapped(folder, ConditionArrays._fields[:-1])
        conditions = ConditionArrays(**arrays, shares=tuple(about["shares"]))
    return Dataset(
        folder=folder,
        codec=codec,
        records=records,
        **_mapped(folder, _ARRAYS),
        rejected=about["rejected"],
        manifest=about["manifest"],
        conditions=conditions,
        label_names=tuple(about["labels"]),
        notes_of_parts=about["notes_of_parts"],
        notes_left_out=about["notes_left_out"],
        without_beats=tuple(about["without_beats"]),
    )


def _mapped(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    return {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}
