"""Excerpts and whole pieces as note events with their features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from componium.conditioning.controls import COMPLEXITY, DENSITY, NOT_GIVEN, density_complexity
from componium.conditioning.roles import (
    ACTIVITY,
    N_KINDS,
    REGISTER,
    TEXTURE,
    Measured,
    Roles,
    only_playing,
    role_classes,
)
from componium.corpora.splits import Split
from componium.features.feature_set import FeatureSet
from componium.features.part_history import UNHEARD
from componium.features.steps import Segment, Steps, steps_of
from componium.representations.columns import DURATION, N_PITCHES, PART, PITCH
from componium.score.harmony.chords import transpose_chords
from componium.training.batches.excerpts import Excerpt, around_gap, cut, cut_bars, stretched, transposed
from componium.training.dataset import Dataset

# Where roles are given, how often each of their kinds is, and each part's.
_KINDS_GIVEN, _PARTS_GIVEN = 0.8, 0.9
# Standard deviations of what is given: of mean pitches in semitones, and of the logarithms of the rest.
_REGISTER_BLUR, _BLUR = 2.0, 0.15


class GivenConfig(BaseModel):
    """How often each condition of an excerpt is given; networks without conditions are given none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: float = Field(default=0.85, ge=0, le=1)
    key: float = Field(default=0.5, ge=0, le=1)
    density: float = Field(default=0.5, ge=0, le=1)
    complexity: float = Field(default=0.5, ge=0, le=1)
    chords: float = Field(default=0.5, ge=0, le=1)
    form: float = Field(default=0.7, ge=0, le=1)
    roles: float = Field(default=0.65, ge=0, le=1)


class BatchConfig(BaseModel):
    """How training pieces are cut and varied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(default=16, ge=1, le=4096)
    window: int = Field(default=512, ge=2, le=8192, description="notes of one training excerpt")
    transpose: int = Field(
        default=6, ge=0, le=11, description="training excerpts move by -(n-1) to n semitones; 0: not at all"
    )
    within_ranges: bool = Field(
        default=False, description="training excerpts move no part beyond the pitches that it has in training pieces"
    )
    stretch: float = Field(
        default=0.0, ge=0, le=0.5, description="in seconds: training excerpts are up to this share faster or slower"
    )
    forgetting: float = Field(
        default=0.5, ge=0, le=1, description="share of excerpts whose pointers do not reach to before they begin"
    )
    piece_notes: int = Field(default=16_384, ge=1, description="about the notes of one batch of whole pieces")
    openings: float = Field(default=0.15, ge=0, le=1, description="share of excerpts that begin where their piece does")
    bars: int | None = Field(
        default=None, ge=1, le=1000, description="excerpts are so many whole bars, whatever their notes; none: windows"
    )
    by_part: bool = Field(
        default=False, description="words of parts: a batch has excerpts of one part alone, the parts in turn"
    )
    given: GivenConfig = GivenConfig()
    gaps: float = Field(
        default=0.1, ge=0, le=1, description="share of conditioned excerpts that begin with what follows"
    )


class NoteBatches:
    """Excerpts for training and whole pieces for validation.

    A batch holds, with T steps (:class:`componium.features.steps.Steps`) of B excerpts:

    * ``rows`` (B, T, 5): the event before each target, or a start marker.
    * ``places`` (B, T + 1, P): the context of each of these events, and of the last target.
    * ``targets`` (B, T, 5): the events; the end of a piece is an event of which only the shift counts.
    * ``recalled`` (B, T, R): the pointers before each target.
    * ``voices`` (B, T, 22), where they are read: the history of each target's part within the excerpt.
    * ``is_event``, ``is_note`` (B, T): which targets exist, and which of them are no end.
    * ``label`` (B,): the number of each piece's label, 0 where it has none.
    """

    def __init__(self, dataset: Dataset, config: BatchConfig, seed: int) -> None:
        self._dataset = dataset
        self._config = config
        self._seed = seed
        self._features = dataset.features
        pieces = dataset.of("train")
        lengths = np.array([dataset.records[i].stop - dataset.records[i].start for i in pieces])
        self._pieces = np.array(pieces)
        self._n_train_notes = int(lengths.sum())
        self._upto = np.cumsum(lengths * self._weights(lengths))
        self._moves = self._moves_within_ranges() if config.within_ranges else {}

    def _moves_within_ranges(self) -> dict[int, tuple[int, int]]:
        """Of each training piece how far down and up it may move."""
        own = {int(index): self._ranges_of(int(index)) for index in self._pieces}
        every = np.stack(list(own.values()))
        low, high = every[..., 0].min(axis=0), every[..., 1].max(axis=0)
        # A part that does not play bounds nothing.
        return {
            index: (int((low - found[:, 0]).max()), int((high - found[:, 1]).min())) for index, found in own.items()
        }

    def _ranges_of(self, index: int) -> NDArray[np.int64]:
        """The lowest and highest pitch of each part in a piece, far outside where it plays none; shape (parts, 2)."""
        record, is_drum = self._dataset.records[index], self._features.codec.is_drum
        events = self._dataset.events[record.start : record.stop].astype(np.int64)
        events = events[(events[:, DURATION] > 0) & ~is_drum[events[:, PART]]]
        found = np.tile(np.array([2 * N_PITCHES, -N_PITCHES]), (len(is_drum), 1))
        np.minimum.at(found[:, 0], events[:, PART], events[:, PITCH])
        np.maximum.at(found[:, 1], events[:, PART], events[:, PITCH])
        return found

    @property
    def n_train_notes(self) -> int:
        """Events of the training pieces."""
        return self._n_train_notes

    def _weights(self, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how much the notes of each training piece count: of a mixture, every source has its share."""
        conditions = self._dataset.conditions
        source = np.asarray(conditions.controls[self._pieces, 2])
        notes = np.bincount(source, weights=lengths, minlength=len(conditions.shares))
        return (np.array(conditions.shares) / np.maximum(notes, 1))[source]

    def excerpts(self, step: int) -> dict[str, Tensor]:
        """Returns the batch of random training excerpts of a step."""
        rng = np.random.default_rng((self._seed, step))
        pieces: list[int] = []
        drawn: list[Steps] = []
        for _ in range(self._config.batch_size):
            pieces.append(self._piece(rng))
            drawn.append(steps_of(self._features, self._drawn(pieces[-1], rng)))
        length = self._config.window if self._config.bars is None else max(len(own.rows) for own in drawn)
        return _stack(self._features, drawn, length) | self._labels(pieces)

    def _piece(self, rng: np.random.Generator) -> int:
        """A piece, drawn in proportion to its notes."""
        return int(self._pieces[np.searchsorted(self._upto, rng.random() * self._upto[-1], side="right")])

    def _labels(self, pieces: Sequence[int]) -> dict[str, Tensor]:
        return {"label": torch.from_numpy(self._dataset.labels[list(pieces)])}

    def pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields all whole pieces of a split, the short ones first."""
        records = self._dataset.records
        waiting: list[tuple[int, Steps]] = []
        for index in sorted(self._dataset.of(split), key=lambda i: records[i].stop - records[i].start):
            steps = steps_of(self._features, [self._whole_piece(index)])
            if waiting and (len(waiting) + 1) * len(steps.rows) > self._config.piece_notes:
                yield self._whole(waiting)
                waiting = []
            waiting.append((index, steps))
        if waiting:
            yield self._whole(waiting)

    def single_pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields each whole piece of a split in a batch of its own, in the order of the dataset."""
        for index in self._dataset.of(split):
            yield self._whole([(index, steps_of(self._features, [self._whole_piece(index)]))])

    def _whole(self, pieces: Sequence[tuple[int, Steps]]) -> dict[str, Tensor]:
        steps = [own for _, own in pieces]
        length = max(len(own.rows) for own in steps)
        return _stack(self._features, steps, length) | self._labels([index for index, _ in pieces])

    def _whole_piece(self, index: int) -> Segment:
        """A piece of which only style and parts are given, and no form."""
        excerpt = cut(self._dataset, index, 0, None)
        excerpt = excerpt._replace(form=None, chords=np.zeros_like(excerpt.chords))
        return excerpt.segment(self._features, self._dataset.conditions_of(index).constant())

    def _start(self, index: int, rng: np.random.Generator) -> int:
        """Where a random excerpt of a piece begins: the bar, or the event that half a window follows at least."""
        config, record = self._config, self._dataset.records[index]
        if rng.random() < config.openings:
            return 0
        if config.bars is not None:
            return int(rng.integers(max(1, record.n_bars - config.bars + 1)))
        return int(rng.integers(max(1, record.stop - record.start - config.window // 2)))

    def _semitones(self, index: int, rng: np.random.Generator) -> int:
        """By how much a random excerpt of a piece moves."""
        most = self._config.transpose
        down, up = self._moves.get(index, (-most, most))
        return int(rng.integers(max(down, 1 - most), min(up, most) + 1))

    def _cut(self, index: int, start: int, rng: np.random.Generator) -> Excerpt:
        config = self._config
        if config.bars is not None:
            return cut_bars(self._dataset, index, start, config.bars)
        return cut(self._dataset, index, start, config.window, forgets=rng.random() < config.forgetting)

    def _drawn(self, index: int, rng: np.random.Generator) -> list[Segment]:
        """The segments of a random excerpt of a piece."""
        config, features = self._config, self._features
        start = self._start(index, rng)
        semitones = self._semitones(index, rng) if config.transpose else 0
        excerpt = transposed(self._cut(index, start, rng), semitones, features.codec.is_drum)
        if config.stretch and features.codec.config.unit == "second":
            factor = float(np.exp(rng.uniform(-1, 1) * np.log1p(config.stretch)))
            excerpt = stretched(excerpt, factor, features)
        if not self._dataset.is_conditioned:
            return [excerpt.segment(features, np.zeros(0, np.int16))]
        excerpt, constant = self._conditioned(excerpt, index, semitones, rng)
        parts = (excerpt,)
        if config.bars is None and rng.random() < config.gaps:
            parts = around_gap(excerpt, config.window, features.codec.config.max_shift, rng)
        return [own.segment(features, constant) for own in parts]

    def _conditioned(
        self, excerpt: Excerpt, index: int, semitones: int, rng: np.random.Generator
    ) -> tuple[Excerpt, NDArray[np.int16]]:
        """The excerpt with what is given of it, each thing at random, and the columns that do not change in a bar."""
        conditions, given, config = self._dataset.conditions, self._config.given, self._dataset.conditioning
        shares = (given.style, given.key, given.density, given.complexity, given.chords, given.form, given.roles)
        gives = rng.random(len(shares)) < shares
        codec = self._features.codec
        style, key, _ = conditions.controls[index].tolist()
        if key:
            key = 1 + (key - 1 + semitones) % 12 + 12 * (key > 12)
        measured = density_complexity(excerpt.events, codec.is_drum, codec.config.steps)
        levels = [
            config.level(control, style, value) for control, value in zip((DENSITY, COMPLEXITY), measured, strict=True)
        ]
        controls = np.where(gives[:4], (style, key, *levels), NOT_GIVEN)
        chords = transpose_chords(excerpt.chords, semitones) if gives[4] else np.zeros_like(excerpt.chords)
        roles = self._roles(conditions.roles[index], semitones, rng if gives[6] else None)
        constant = np.concatenate((controls, roles.ravel())).astype(np.int16)
        return excerpt._replace(chords=chords, form=excerpt.form if gives[5] else None), constant

    def _roles(self, measured: Measured, semitones: int, rng: np.random.Generator | None) -> Roles:
        """The roles that are given: of some parts more than that they play, of those some kinds; or of none."""
        is_drum = self._features.codec.is_drum
        if rng is None:
            return only_playing(~np.isnan(measured[REGISTER]))
        moved = np.array(measured)
        # About right, so that a piece is not known by what its parts do to the last note.
        moved[REGISTER] += semitones + rng.normal(0, _REGISTER_BLUR, len(is_drum))
        moved[[TEXTURE, ACTIVITY]] *= np.exp(rng.normal(0, _BLUR, (2, len(is_drum))))
        roles = role_classes(moved, is_drum)
        hidden = (rng.random((N_KINDS, 1)) >= _KINDS_GIVEN) | (rng.random(len(is_drum)) >= _PARTS_GIVEN)
        return np.where(hidden, only_playing(roles[REGISTER] > 0), roles)


def _stack(features: FeatureSet, excerpts: Sequence[Steps], length: int) -> dict[str, Tensor]:
    """Pads or cuts excerpts to one number of steps."""
    size = len(excerpts)
    arrays: dict[str, NDArray[np.generic]] = {
        "rows": np.zeros((size, length, 5), np.int64),
        "places": np.zeros((size, length + 1, len(features.context_sizes)), np.int64),
        "targets": np.zeros((size, length, 5), np.int64),
        "recalled": np.zeros((size, length, len(features.pointer_sizes)), np.int64),
        "is_event": np.zeros((size, length), bool),
        "is_note": np.zeros((size, length), bool),
    }
    if features.config.part_history:
        arrays["voices"] = np.tile(np.array(UNHEARD, np.int64), (size, length, 1))
    for row, own in enumerate(excerpts):
        steps = {
            "rows": own.rows, "places": own.context, "targets": own.targets, "recalled": own.pointers,
            "is_event": own.is_event, "is_note": own.is_note, "voices": own.histories,
        }  # fmt: skip
        for name, array in arrays.items():
            value = steps[name]
            assert value is not None  # noqa: S101 - histories are there where they are read
            kept = min(len(value), array.shape[1])
            array[row, :kept] = value[:kept]
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
