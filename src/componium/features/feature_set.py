"""Which features a network reads, and their assembly over whole excerpts.

Training, likelihood and the reading of prompts assemble features here, all events at once; composing assembles the
same features event by event (:mod:`componium.features.tracker`). Tests hold the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from componium.features.columns import BAR_LENGTH, HARMONY_SIZES, N_RECALLED, POSITION
from componium.features.earlier_bars import BARS, earlier_bars
from componium.features.form_pointer import N_FORM_COLUMNS, N_FORM_STREAKS
from componium.features.harmony.pitch_classes import pitch_classes
from componium.features.harmony.sounding import sounding
from componium.features.metric import COMPOUND_METRIC_SIZES, METRIC_SIZES, N_BAR_LENGTHS, is_compound, metric_positions
from componium.features.part_history import part_histories
from componium.features.repeat_pointer import N_STREAKS, recalled, repeat_pointers
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, Events
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import TimeSignature

# Notes of a chord in a performance are struck within this.
_CHORD_SECONDS = 0.03


class FeatureConfig(BaseModel):
    """Which features a network reads; every network reads metric positions and the repeat pointer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compound_meters: bool = Field(default=False, description="6/8 and 3/4 are different bars")
    harmony: bool = Field(default=False, description="pitch classes that sound and that were heard of late")
    form_pointer: bool = Field(default=False, description="the note that is due where the bar repeats an earlier one")
    earlier_bars: bool = Field(default=False, description="what came one, two, four and eight bars ago")
    part_history: bool = Field(default=False, description="what each part played, once the part is chosen")


ALL_FEATURES = FeatureConfig(
    compound_meters=True, harmony=True, form_pointer=True, earlier_bars=True, part_history=True
)


class ConditionColumns(Protocol):
    """The conditions of a piece as columns of its contexts."""

    def columns(self, quarters: NDArray[np.int64]) -> NDArray[np.int16]:
        """Returns the columns at onsets in whole quarters since the start; shape (T, K)."""
        ...


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """The features of one network.

    Attributes:
        codec: of the note events.
        config: which features are read.
        condition_sizes: number of values of each column of the conditions; empty where there are no conditions.
        n_changing: how many of these columns change within a bar; they come first.
    """

    codec: NoteCodec
    config: FeatureConfig
    condition_sizes: tuple[int, ...] = ()
    n_changing: int = 0

    @cached_property
    def context_sizes(self) -> tuple[int, ...]:
        """Number of values of each column of a context."""
        metric = COMPOUND_METRIC_SIZES if self.config.compound_meters else METRIC_SIZES
        harmony = HARMONY_SIZES if self.config.harmony else ()
        return (*metric, *harmony, *self.condition_sizes)

    @property
    def first_condition(self) -> int:
        """The first column of a context that holds conditions."""
        return len(self.context_sizes) - len(self.condition_sizes)

    @property
    def n_moving(self) -> int:
        """How many columns of a context change within a bar; they come first."""
        return self.first_condition + self.n_changing

    @cached_property
    def pointer_sizes(self) -> tuple[int, ...]:
        """Number of values of each column of the pointers."""
        sizes = self.codec.sizes
        form = (*sizes, N_FORM_STREAKS) if self.config.form_pointer else ()
        earlier = (sizes.shift, sizes.part, sizes.pitch) * len(BARS) if self.config.earlier_bars else ()
        return (*sizes, N_STREAKS, *form, *earlier)

    @cached_property
    def copied_from(self) -> tuple[int, ...]:
        """The columns of the pointers at which events begin that may be copied."""
        return (0, N_RECALLED) if self.config.form_pointer else (0,)

    @property
    def together(self) -> int | None:
        """In seconds, the longest shift in steps of notes that are one chord; the repeat pointer compares by it."""
        config = self.codec.config
        return round(_CHORD_SECONDS * config.steps) if config.unit == "second" else None

    def positions(self, onsets: NDArray[np.int64], meter: tuple[TimeSignature, ...], n_bars: int) -> NDArray[np.int16]:
        """Returns position, length of the bar and bars remaining at onsets in steps, shape (T, 3).

        Args:
            onsets: in steps.
            meter: of the whole piece.
            n_bars: of the whole piece.
        """
        found = metric_positions(onsets, self.codec.bar_grid(meter), n_bars)
        if self.codec.config.unit == "second":
            found[:, [POSITION, BAR_LENGTH]] = 0
        if self.config.compound_meters:
            found[:, BAR_LENGTH] += N_BAR_LENGTHS * is_compound(meter, onsets)
        return found

    def positions_of(self, piece: EncodedNotes) -> NDArray[np.int16]:
        """Returns the metric positions of the start of a piece and of its events, shape (T + 1, 3)."""
        return self.positions(_with_start(piece.events, 0), piece.meter, piece.n_bars)

    def harmony(self, events: Events) -> NDArray[np.int16]:
        """Returns what sounds and was heard at the bar line before events, nothing, and at each; shape (T + 1, K).

        K is 26, or 0 where the harmony is not read.
        """
        if not self.config.harmony:
            return np.zeros((len(events) + 1, 0), np.int16)
        codec = self.codec
        onset = np.cumsum(events[:, SHIFT], dtype=np.int64)
        counts = (events[:, DURATION] > 0) & ~codec.is_drum[events[:, PART]]
        pitch = events[:, PITCH]
        sounds = sounding(onset, onset + codec.durations[events[:, DURATION]], pitch, counts)
        heard = pitch_classes(onset, pitch, counts, codec.config.steps)
        found = np.zeros((len(events) + 1, len(HARMONY_SIZES)), np.int16)
        found[1:] = np.concatenate((sounds, heard), axis=1)
        return found

    def context(self, events: Events, positions: NDArray[np.int16], conditions: NDArray[np.int16]) -> NDArray[np.int16]:
        """Returns the contexts of a bar line and of the events after it, shape (T + 1, P).

        Args:
            events: of which the first shift counts from the bar line.
            positions: metric positions of the bar line and the events, shape (T + 1, 3).
            conditions: their columns at the same onsets, shape (T + 1, K).
        """
        return np.concatenate((positions, self.harmony(events), conditions), axis=1)

    def repeats(self, events: Events) -> NDArray[np.int64]:
        """Returns the columns of the repeat pointer before each event, and after the last; shape (T + 1, 6)."""
        return recalled(events, *repeat_pointers(events, self.together))

    def pointers(
        self,
        events: Events,
        positions: NDArray[np.int16],
        repeats: NDArray[np.int64],
        form: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """Returns all pointers before each event, and after the last; shape (T + 1, R).

        Args:
            events: shape (T, 5).
            positions: of the bar line before them and of the events, shape (T + 1, 3).
            repeats: columns of the repeat pointer, shape (T + 1, 6).
            form: columns of the form pointer, shape (T + 1, 6); None where there is no form.
        """
        found = [repeats]
        if self.config.form_pointer:
            found.append(np.zeros((len(events) + 1, N_FORM_COLUMNS), np.int64) if form is None else form)
        if self.config.earlier_bars:
            found.append(earlier_bars(events, positions, self.codec.config.max_shift))
        return np.concatenate(found, axis=1)

    def histories(self, events: Events, positions: NDArray[np.int16]) -> NDArray[np.int64] | None:
        """Returns the history of each event's part before it, shape (T, 22); None where it is not read.

        Args:
            events: shape (T, 5).
            positions: of the bar line before them and of the events, shape (T + 1, 3 or more).
        """
        if not self.config.part_history:
            return None
        return part_histories(events, positions, self.codec.durations)

    def onsets(self, events: Events, start: int = 0) -> NDArray[np.int64]:
        """Returns the step of the bar line before events, and the onsets of the events; shape (T + 1,)."""
        return _with_start(events, start)


def _with_start(events: Events, start: int) -> NDArray[np.int64]:
    return start + np.concatenate(([0], np.cumsum(events[:, SHIFT], dtype=np.int64)))
