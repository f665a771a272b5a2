"""Batches as a pure function of the seed and the step, so that a resumed training sees what it would have seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from componium.conditioning.controls import (
    COMPLEXITY,
    DENSITY,
    NOT_TOLD,
    density_complexity,
    echoed,
)
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
from componium.features.earlier_bars import earlier_bars
from componium.features.part_history import UNHEARD, voices
from componium.features.repeat_pointer import NOWHERE, STREAK
from componium.features.repeat_pointer import recalled as look_up
from componium.representations.columns import HARMONY, N_RECALLED, POSITION, SHIFT
from componium.representations.note_codec import NoteCodec
from componium.representations.transposition import stretch, transpose
from componium.score.chords import transpose_chords
from componium.training.dataset import Dataset

# Rows of the bars after a gap.
_LEAST_FOLLOWING, _MOST_FOLLOWING = 8, 128
# Where roles are told, how often each of their kinds is, and each part's.
_KINDS_TOLD, _PARTS_TOLD = 0.8, 0.9
# Standard deviations of what is told: of mean pitches in semitones, and of the logarithms of the rest.
_REGISTER_BLUR, _BLUR = 2.0, 0.15


class TellingConfig(BaseModel):
    """How often an excerpt's guide tells what; only guided composers are told anything."""

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
    stretch: float = Field(
        default=0.0, ge=0, le=0.5, description="in seconds: training excerpts are up to this share faster or slower"
    )
    forgetting: float = Field(
        default=0.5, ge=0, le=1, description="share of excerpts that recall nothing from before they begin"
    )
    piece_notes: int = Field(default=16_384, ge=1, description="about the notes of one batch of whole pieces")
    openings: float = Field(default=0.15, ge=0, le=1, description="share of excerpts that begin where their piece does")
    told: TellingConfig = TellingConfig()
    gaps: float = Field(default=0.1, ge=0, le=1, description="share of guided excerpts that show what follows first")


class Batches:
    """Excerpts for training and whole pieces for judging.

    A batch holds, with T steps of which step t predicts event t:

    * ``rows`` (B, T, 5): the event before; at step 0 the start, whose shift is one past the end's where a piece begins
      and two where only an excerpt does: a piece's first bars are not like any other.
    * ``places`` (B, T + 1, P): the place of each row, and of the last event, with what its guide tells.
    * ``targets`` (B, T, 5): the events; the end of a piece is an event of which only the shift counts.
    * ``recalled`` (B, T, R): the row that each target's lookback points at, and its streak class; of a guided composer
      then the same of its echo, and what came in earlier bars of the excerpt.
    * ``voices`` (B, T, 22), of a guided composer: what the part of each target knows of itself within the excerpt.
    * ``is_event``, ``is_note`` (B, T): which targets exist, and which of them are notes.
    """

    def __init__(self, dataset: Dataset, config: BatchConfig, seed: int) -> None:
        self._dataset = dataset
        self._config = config
        self._seed = seed
        self._representation = dataset.codec
        pieces = dataset.of("train")
        lengths = np.array([dataset.records[i].stop - dataset.records[i].start for i in pieces])
        self._pieces = np.array(pieces)
        self._n_train_notes = int(lengths.sum())
        self._upto = np.cumsum(lengths * self._weights(lengths))

    @property
    def n_train_notes(self) -> int:
        """Notes of the training split."""
        return self._n_train_notes

    def _weights(self, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how much the notes of each training piece count: of a mixture, every source has its share."""
        guides = self._dataset.guides
        if guides is None:
            return np.ones(len(lengths))
        source = np.asarray(guides.told[self._pieces, 2])
        notes = np.bincount(source, weights=lengths, minlength=len(guides.shares))
        return (np.array(guides.shares) / np.maximum(notes, 1))[source]

    def excerpts(self, step: int) -> dict[str, Tensor]:
        """Returns the batch of random training excerpts of a step."""
        rng = np.random.default_rng((self._seed, step))
        return _stack(
            [self._excerpt(rng) for _ in range(self._config.batch_size)], self._config.window, self._representation
        )

    def pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields all whole pieces of a split, the short ones first."""
        records = self._dataset.records
        waiting: list[_Cut] = []
        for index in sorted(self._dataset.of(split), key=lambda i: records[i].stop - records[i].start):
            cut = self._whole_piece(index)
            if waiting and (len(waiting) + 1) * (len(cut.events) + 1) > self._config.piece_notes:
                yield self._whole(waiting)
                waiting = []
            waiting.append(cut)
        if waiting:
            yield self._whole(waiting)

    def _whole_piece(self, index: int) -> _Cut:
        """Of a guide a whole piece is told style and parts alone, and no form."""
        cut = self._cut(index, 0, None)
        if self._dataset.guides is None:
            return cut
        recalled = np.array(cut.recalled)
        recalled[:, N_RECALLED:] = 0
        return cut._replace(places=self._dataset.encoded(index).places, recalled=recalled)

    def _whole(self, cuts: list[_Cut]) -> dict[str, Tensor]:
        return _stack(cuts, max(len(cut.events) + 1 for cut in cuts), self._representation)

    def _excerpt(self, rng: np.random.Generator) -> _Cut:
        # A piece is chosen in proportion to its notes, then a place in it such that half a window follows.
        index = int(self._pieces[np.searchsorted(self._upto, rng.random() * self._upto[-1], side="right")])
        record = self._dataset.records[index]
        length = record.stop - record.start
        at_start = rng.random() < self._config.openings
        start = 0 if at_start else int(rng.integers(max(1, length - self._config.window // 2)))
        semitones = 0
        if self._config.transpose:
            semitones = int(rng.integers(-self._config.transpose + 1, self._config.transpose + 1))
        cut = self._cut(index, start, self._config.window, forgets=rng.random() < self._config.forgetting)
        is_drum = self._representation.is_drum
        recalled = np.array(cut.recalled)
        for first in range(0, recalled.shape[1], N_RECALLED):
            row = slice(first, first + STREAK)
            recalled[:, row] = transpose(cut.recalled[:, row].astype(np.int16), semitones, is_drum)
        cut = cut._replace(events=transpose(cut.events, semitones, is_drum), recalled=recalled)
        if self._config.stretch and self._representation.config.unit == "second":
            cut = self._stretched(cut, rng)
        if self._dataset.guides is None:
            return cut
        cut = self._told(cut, index, semitones, rng)
        return self._with_a_gap(cut, rng) if rng.random() < self._config.gaps else cut

    def _stretched(self, cut: _Cut, rng: np.random.Generator) -> _Cut:
        """An excerpt at another tempo; how far the end is stays as it was told."""
        factor = float(np.exp(rng.uniform(-1, 1) * np.log1p(self._config.stretch)))
        recalled = np.array(cut.recalled)
        back = recalled[:, :STREAK].astype(np.int16)
        recalled[:, :STREAK] = stretch(back, factor, self._representation, is_line=False)
        return cut._replace(events=stretch(cut.events, factor, self._representation), recalled=recalled)

    def _with_a_gap(self, cut: _Cut, rng: np.random.Generator) -> _Cut:
        """An excerpt up to a bar line, before which the bars that follow it are shown, as infilling has them."""
        count = len(cut.events)
        position = cut.places[1:, POSITION].astype(np.int64)
        new_bar = np.flatnonzero(position < cut.events[:, SHIFT])
        lines = new_bar[(new_bar >= count // 3) & (new_bar < count - _LEAST_FOLLOWING)]
        if not len(lines):
            return cut
        gap_ends = int(lines[rng.integers(len(lines))])
        # The first note after the gap is still foreseen: that the gap is over there.
        before = gap_ends + 1
        stop = min(count, gap_ends + _MOST_FOLLOWING, gap_ends + self._config.window - before - 1)
        if stop - gap_ends < _LEAST_FOLLOWING:
            return cut
        events = np.array(cut.events[gap_ends:stop])
        places = np.array(cut.places[gap_ends : stop + 1])
        opening = np.array(places[1])
        opening[POSITION] = 0
        events[0, SHIFT] = min(int(places[1, POSITION]), self._representation.config.max_shift)
        places[0] = opening
        places[:, HARMONY] = self._representation.harmony(events)
        return cut._replace(
            events=cut.events[:before],
            places=cut.places[: before + 1],
            recalled=cut.recalled[:before],
            ends=False,
            following=(events, places),
        )

    def _told(self, cut: _Cut, index: int, semitones: int, rng: np.random.Generator) -> _Cut:
        """An excerpt with what its guide tells, each thing now and then."""
        guides, told, config = self._dataset.guides, self._config.told, self._representation.config.guides
        assert guides is not None  # noqa: S101 - the caller's
        assert config is not None  # noqa: S101 - a mixture's representation has guides
        tells = rng.random(7) < (
            told.style,
            told.key,
            told.density,
            told.complexity,
            told.chords,
            told.form,
            told.roles,
        )
        is_drum = self._representation.is_drum
        style, key, _ = guides.told[index].tolist()
        if key:
            key = 1 + (key - 1 + semitones) % 12 + 12 * (key > 12)
        measured = density_complexity(cut.events, is_drum, self._representation.config.steps)
        levels = [
            config.level(control, style, value) for control, value in zip((DENSITY, COMPLEXITY), measured, strict=True)
        ]
        controls = np.where(tells[:4], (style, key, *levels), NOT_TOLD)
        chords = transpose_chords(cut.chords, semitones) if tells[4] else np.zeros_like(cut.chords)
        roles = self._roles(guides.roles[index], semitones, rng if tells[6] else None)
        still = np.concatenate((controls, roles.ravel())).astype(np.int16)
        columns = np.broadcast_to(still, (len(cut.places), len(still)))
        recalled = cut.recalled
        if not tells[5]:
            recalled = np.array(recalled)
            recalled[:, N_RECALLED:] = 0
        harmony = self._representation.harmony(cut.events)
        return cut._replace(places=np.concatenate((cut.places, harmony, chords, columns), axis=1), recalled=recalled)

    def _roles(self, measured: Measured, semitones: int, rng: np.random.Generator | None) -> Roles:
        """What is told of the parts' roles: of some parts more than that they play, of those some kinds; or of none."""
        is_drum = self._representation.is_drum
        if rng is None:
            return only_playing(~np.isnan(measured[REGISTER]))
        moved = np.array(measured)
        # About right, so that a piece is not known by what its parts do to the last note.
        moved[REGISTER] += semitones + rng.normal(0, _REGISTER_BLUR, len(is_drum))
        moved[[TEXTURE, ACTIVITY]] *= np.exp(rng.normal(0, _BLUR, (2, len(is_drum))))
        roles = role_classes(moved, is_drum)
        hidden = (rng.random((N_KINDS, 1)) >= _KINDS_TOLD) | (rng.random(len(is_drum)) >= _PARTS_TOLD)
        untold = only_playing(roles[REGISTER] > 0)
        return np.where(hidden, untold, roles)

    def _cut(self, index: int, start: int, length: int | None, *, forgets: bool = False) -> _Cut:
        """The events of a piece from the bar of note ``start`` on; ``forgets``: recalling nothing from before it."""
        record = self._dataset.records[index]
        first = record.start + start
        if start and self._representation.config.unit == "quarter":
            first = self._bar_start(record.start, first)
        stop = record.stop if length is None else min(record.stop, first + length)
        events = np.array(self._dataset.events[first:stop])
        places = self._dataset.places[first:stop]
        if first == record.start:
            opening = self._dataset.starts[index]
        else:
            # An excerpt begins at the bar line before its first note.
            opening = np.array(places[0])
            events[0, SHIFT] = min(int(opening[POSITION]), self._representation.config.max_shift)
            opening[POSITION] = 0
        # One more than the events where the piece ends: its end is foreseen like an event.
        ends = stop == record.stop
        span = slice(first + index, stop + index + ends)
        pointers, streaks = np.array(self._dataset.pointers[span]), self._dataset.streaks[span]
        if forgets:
            pointers[pointers < first - record.start] = NOWHERE
        own = self._dataset.events[record.start : record.stop]
        recalled, chords = look_up(own, pointers, streaks), np.empty((len(events) + 1, 0), np.int16)
        guides = self._dataset.guides
        if guides is not None:
            found = np.array(guides.echoes[span])
            if forgets:
                # Of a bar that repeats one from before the excerpt nothing is told; of new music that it is new.
                forgotten = (found[:, 0] != NOWHERE) & (found[:, 0] < first - record.start)
                found[forgotten] = NOWHERE, 0, NOT_TOLD
            recalled = np.concatenate((recalled, echoed(own, found)), axis=1)
            chords = self._chords_at(index, first, stop)
        return _Cut(events, np.concatenate((opening[None], places)), recalled, first == record.start, ends, chords)

    def _chords_at(self, index: int, first: int, stop: int) -> NDArray[np.int16]:
        """Chord columns of the bar line before an excerpt and of its rows, shape (T + 1, 2)."""
        guides, record = self._dataset.guides, self._dataset.records[index]
        assert guides is not None  # noqa: S101 - the caller's
        shift = self._dataset.events[record.start : stop, SHIFT]
        onsets = np.cumsum(shift, dtype=np.int64)[first - record.start :]
        line = onsets[0] - self._dataset.places[first, POSITION] if first > record.start else 0
        quarters = np.append(line, onsets) // self._representation.config.steps
        own = guides.chords[guides.quarters[index] : guides.quarters[index + 1]]
        return np.array(own[np.minimum(quarters, len(own) - 1)])

    def _bar_start(self, lowest: int, note: int) -> int:
        """Index of the first note in the bar of a note."""
        places = self._dataset.places
        span = slice(max(lowest, note - 256), note + 1)
        window, shift = places[span], self._dataset.events[span][1:, SHIFT]
        # Within a bar the position moves on by the shift.
        breaks = np.flatnonzero(window[1:, POSITION] - window[:-1, POSITION] != shift)
        return note + 1 - len(window) + (int(breaks[-1]) + 1 if len(breaks) else 0)


class _Cut(NamedTuple):
    """A stretch of a piece: T events, T + 1 places, what is recalled before each event.

    Attributes:
        begins, ends: whether it begins or ends where its piece does.
        chords: of a mixture, the chord columns of its places; else without columns.
        following: events and places of bars to come, shown before; None: nothing is.
    """

    events: NDArray[np.int16]
    places: NDArray[np.int16]
    recalled: NDArray[np.int64]
    begins: bool
    ends: bool
    chords: NDArray[np.int16]
    following: tuple[NDArray[np.int16], NDArray[np.int16]] | None = None


def _stack(cuts: list[_Cut], length: int, codec: NoteCodec) -> dict[str, Tensor]:
    """Pads excerpts to one length and shifts them by one into inputs and targets."""
    size, end = len(cuts), codec.end
    n_copied = cuts[0].recalled.shape[1]
    is_guided = n_copied > N_RECALLED
    rows = np.zeros((size, length, 5), np.int64)
    targets = np.zeros((size, length, 5), np.int64)
    places = np.zeros((size, length + 1, cuts[0].places.shape[1]), np.int64)
    recalled = np.zeros((size, length, codec.n_recalled), np.int64)
    is_event = np.zeros((size, length), bool)
    is_note = np.zeros((size, length), bool)
    lines = np.tile(np.array(UNHEARD, np.int64), (size, length, 1))
    for i, cut in enumerate(cuts):
        at = 0
        if cut.following is not None:
            events, own_places = cut.following
            at = len(events) + 1
            rows[i, 0, SHIFT], rows[i, 1:at] = end + 3, events
            targets[i, : at - 1], is_note[i, : at - 1], is_event[i, : at - 1] = events, True, True
            lines[i, : at - 1] = voices(events, own_places, codec.durations)
            places[i, :at] = own_places
        n = at + len(cut.events)
        recalled[i, at : at + len(cut.recalled), :n_copied] = cut.recalled[: length - at]
        rows[i, at, SHIFT], rows[i, at + 1 : n] = end + 1 if cut.begins else end + 2, cut.events[:-1]
        targets[i, at:n] = cut.events
        if is_guided:
            lines[i, at:n] = voices(cut.events, cut.places, codec.durations)
            earlier = earlier_bars(cut.events, cut.places, codec.config.max_shift)
            recalled[i, at : n + 1, n_copied:] = earlier[: length - at]
        places[i, at : n + 1] = cut.places
        is_note[i, at:n] = True
        is_event[i, at : n + (cut.ends and n < length)] = True
        if n < length:
            rows[i, n] = cut.events[-1]
            targets[i, n, SHIFT] = end
    return {
        name: torch.from_numpy(array)
        for name, array in {
            "rows": rows, "places": places, "targets": targets, "recalled": recalled,
            "is_event": is_event, "is_note": is_note, **({"voices": lines} if is_guided else {}),
        }.items()
    }  # fmt: skip
