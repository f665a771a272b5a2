"""What a composer remembers of a piece while it writes it: all that is told of rows by the rows before them.

In training the same is computed of whole excerpts at once (``training/batches.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from componium.conditioning.controls import FormPointer
from componium.features.earlier_bars import EarlierBars
from componium.features.part_history import PartHistory
from componium.features.pitch_classes import PitchClasses
from componium.features.repeat_pointer import N_COLUMNS, NOWHERE, RepeatPointer
from componium.features.sounding import Sounding
from componium.representations.note_codec import NoteCodec

_NOTHING = (0,) * N_COLUMNS


class Memory:
    """The memory of one piece.

    Args:
        representation: of the composer.
        echo: the form of the piece; None if the composer is not guided and remembers the lookback alone.
        bar_lengths: of the bar that each step of the piece lies in, in steps.
        start: step of the bar line before the first row.
    """

    def __init__(self, codec: NoteCodec, echo: FormPointer | None, bar_lengths: Sequence[int], start: int) -> None:
        self._durations: list[int] = codec.durations.tolist()
        self._is_drum: list[bool] = codec.is_drum.tolist()
        self._bar_lengths = bar_lengths
        self._lookback = RepeatPointer(codec.together)
        self._echo = echo
        self._earlier = EarlierBars(codec.config.max_shift, start)
        self._sounding, self._heard = Sounding(), PitchClasses(codec.config.steps)
        self._voices: defaultdict[int, PartHistory] = defaultdict(PartHistory)
        self._have_played = set[int]()
        self._voices_at = -1
        self._onset = start
        self._rows: list[Sequence[int]] = []

    def take(self, row: Sequence[int]) -> tuple[int, ...]:
        """Takes in the next row; returns what is recalled before the one after it, 6 or 24 numbers."""
        self._rows.append(row)
        shift, part, pitch, duration, velocity = row
        lookback, echo = self._lookback, self._echo
        lookback.take(shift, part, pitch)
        back = _NOTHING if lookback.pointer == NOWHERE else (*self._rows[lookback.pointer], lookback.streak)
        if echo is None:
            return back
        self._onset = onset = self._onset + shift
        if duration:
            end = onset + self._durations[duration]
            self._have_played.add(part)
            self._voices[part].take(len(self._rows) - 1, onset, end, pitch, duration, velocity)
            if not self._is_drum[part]:
                self._sounding.take(pitch, end)
                self._heard.take(onset, pitch)
        earlier = self._earlier.take(onset, part, pitch, self._bar_lengths[onset])
        echo.take(onset, part, pitch, is_rest=not duration)
        echoed = _NOTHING[:-1] if echo.pointer == NOWHERE else (echo.shift, *self._rows[echo.pointer][1:])
        return (*back, *echoed, echo.streak, *earlier)

    @property
    def expected(self) -> tuple[int, int, int] | None:
        """Onset, part and pitch of what the form has return next, None where it has nothing."""
        echo = self._echo
        return None if echo is None or echo.pointer == NOWHERE else echo.expected

    def harmony(self, onset: int) -> list[int]:
        """Returns the columns of what sounds and was heard at the onset of the next row."""
        return self._sounding.at(onset) + self._heard.at(onset)

    def voices(self, onset: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yields parts and the columns of their voices, should they have the next row, as far as these have changed.

        At another onset than was asked for before they are of all parts heard, at the same one of who has played since.
        """
        parts = self._have_played if onset == self._voices_at else self._voices
        self._voices_at, self._have_played = onset, set[int]()
        for part in parts:
            voice = self._voices[part]
            known = voice.at(onset, self._bar_lengths[onset])
            back = _NOTHING[:-1] if known.pointer == NOWHERE else self._rows[known.pointer]
            yield part, (*known.last, *back, known.match, *known.earlier, *known.chord, known.comes_from)
