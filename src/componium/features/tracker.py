"""Follows one piece while it is composed: the features of its next event, from the events so far.

Over whole excerpts the same features come from :mod:`componium.features.feature_set`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from componium.features.earlier_bars import EarlierBars
from componium.features.feature_set import FeatureSet
from componium.features.form_pointer import FormPointer
from componium.features.harmony.pitch_classes import PitchClasses
from componium.features.harmony.sounding import Sounding
from componium.features.part_history import PartHistory
from componium.features.repeat_pointer import N_COLUMNS, NOWHERE, RepeatPointer

_NOTHING = (0,) * N_COLUMNS
_NO_EVENT = _NOTHING[:-1]


class FeatureTracker:
    """The features of one piece; what its network does not read is not computed.

    Args:
        features: of the network.
        form: the form pointer of the piece; None where its network reads none.
        bar_lengths: of the bar that each step of the piece lies in, in steps.
        start: step of the bar line before the first event.
    """

    def __init__(
        self, features: FeatureSet, form: FormPointer | None, bar_lengths: Sequence[int], start: int = 0
    ) -> None:
        codec, config = features.codec, features.config
        self._durations: list[int] = codec.durations.tolist()
        self._is_drum: list[bool] = codec.is_drum.tolist()
        self._bar_lengths = bar_lengths
        self._repeats = RepeatPointer(features.together)
        self._form = form
        self._earlier = EarlierBars(codec.config.max_shift, start) if config.earlier_bars else None
        self._harmony = (Sounding(), PitchClasses(codec.config.steps)) if config.harmony else None
        self._histories: defaultdict[int, PartHistory] | None = (
            defaultdict(PartHistory) if config.part_history else None
        )
        self._have_played = set[int]()
        self._histories_at = -1
        self._onset = start
        self._events: list[Sequence[int]] = []

    def take(self, event: Sequence[int]) -> tuple[int, ...]:
        """Takes in the next event; returns the pointers before the one after it."""
        self._events.append(event)
        shift, part, pitch, duration, velocity = event
        self._onset = onset = self._onset + shift
        repeats = self._repeats
        repeats.take(shift, part, pitch)
        found = _NOTHING if repeats.pointer == NOWHERE else (*self._events[repeats.pointer], repeats.streak)
        if duration:
            end = onset + self._durations[duration]
            if self._histories is not None:
                self._have_played.add(part)
                self._histories[part].take(len(self._events) - 1, onset, end, pitch, duration, velocity)
            if self._harmony is not None and not self._is_drum[part]:
                sounding, heard = self._harmony
                sounding.take(pitch, end)
                heard.take(onset, pitch)
        form = self._form
        if form is not None:
            form.take(onset, part, pitch, is_rest=not duration)
            due = _NO_EVENT if form.pointer == NOWHERE else (form.shift, *self._events[form.pointer][1:])
            found = (*found, *due, form.streak)
        if self._earlier is not None:
            found = (*found, *self._earlier.take(onset, part, pitch, self._bar_lengths[onset]))
        return found

    @property
    def expected(self) -> tuple[int, int, int] | None:
        """Onset, part and pitch of the note that is due where the form has a bar repeated, None where none is."""
        form = self._form
        return None if form is None or form.pointer == NOWHERE else form.expected

    def harmony(self, onset: int) -> list[int]:
        """Returns the columns of what sounds and was heard at the onset of the next event; none if it is not read."""
        if self._harmony is None:
            return []
        sounding, heard = self._harmony
        return sounding.at(onset) + heard.at(onset)

    def histories(self, onset: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yields parts and the columns of their histories, should they have the next event, as far as these changed.

        At another onset than was asked for before they are of all parts heard, at the same one of those that have
        played since.
        """
        if self._histories is None:
            return
        parts = self._have_played if onset == self._histories_at else self._histories
        self._histories_at, self._have_played = onset, set[int]()
        bar_length, events = self._bar_lengths[onset], self._events
        for part in parts:
            last, pointer, match, earlier, chord, comes_from = self._histories[part].at(onset, bar_length)
            back = _NO_EVENT if pointer == NOWHERE else events[pointer]
            yield part, (*last, *back, match, *earlier, *chord, comes_from)
