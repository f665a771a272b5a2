"""Reads music as sequences of steps between notes or chords, so that transposing a piece changes none.

* ``intervals``: of the skyline, in semitones. All music has them, performances without a beat too.
* ``notes``: of the skyline, the interval to the next note and the time until it begins, by the nearest note value.
* ``chords``: of the beats (:func:`~componium.evaluation.metrics.harmony.beat_chords`), the way from root to root and
  whether the new chord is major or minor. A chord that stays counts once. Beats without a chord are passed over, and
  so are those whose third does not sound: a bare fifth in a minor piece would be a change to major.

An n-gram of n notes or chords is n - 1 steps, with the quality of its first chord. It is spelled as if it began on
middle C, or on the chord of C.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.evaluation.exploration.musical_names import (
    MIDDLE_C,
    NOTE_VALUES,
    chord_name,
    note_value_classes,
    pitch_name,
)
from componium.evaluation.metrics.harmony import NO_CHORD, beat_chords, beat_chroma
from componium.evaluation.metrics.melody import require_bars
from componium.evaluation.metrics.metric import Undefined
from componium.evaluation.pieces.reading import Integers, Reading

Small = NDArray[np.int16]

_N_VALUES = len(NOTE_VALUES)
_LARGEST = 127


class Steps(NamedTuple):
    """A piece as steps (N,): the symbol of each, from 0; and its ``start``, a chord's quality or 0."""

    start: Small
    step: Small


@dataclass(frozen=True)
class SequenceKind:
    """A kind of sequence that music can be read as.

    Attributes:
        name: as in reports.
        title: for headings.
        element: what stands between the steps, as in "note".
        n_symbols: possible steps.
        lengths: of the n-grams that are counted, in elements.
        read: maps a reading to its steps; raises :class:`~componium.evaluation.metrics.metric.Undefined`.
        spell: maps a start and steps to text.
        meaning: one sentence for a musician.
    """

    name: str
    title: str
    element: str
    n_symbols: int
    lengths: tuple[int, ...]
    read: Callable[[Reading], Steps]
    spell: Callable[[int, Sequence[int]], str]
    meaning: str


def _intervals(reading: Reading) -> Steps:
    pitch = reading.skyline.pitch
    if len(pitch) < 2:
        raise Undefined("fewer than 2 notes in the top line")
    return _steps(np.zeros(len(pitch) - 1, np.int64), np.diff(pitch) + _LARGEST)


def _notes(reading: Reading) -> Steps:
    require_bars(reading)
    start, interval = _intervals(reading)
    return _steps(start, interval.astype(np.int64) * _N_VALUES + note_value_classes(np.diff(reading.skyline.onset)))


def _chords(reading: Reading) -> Steps:
    require_bars(reading)
    chords, chroma = beat_chords(reading.pitched), beat_chroma(reading.pitched)
    third = (chords + np.where(chords < 12, 4, 3)) % 12
    chords = chords[(chords != NO_CHORD) & (chroma[np.arange(len(chords)), third] > 0)]
    chords = chords[np.append(True, chords[1:] != chords[:-1])] if len(chords) else chords
    if len(chords) < 2:
        raise Undefined("fewer than 2 chords")
    root, quality = chords % 12, chords // 12
    return _steps(quality[:-1], np.diff(root) % 12 + 12 * quality[1:])


def _steps(start: Small | Integers, step: Integers) -> Steps:
    return Steps(start.astype(np.int16), step.astype(np.int16))


def spell_intervals(_start: int, steps: Sequence[int]) -> str:
    """Returns intervals as text: ``C4 D4 E4``."""
    return " ".join(_pitch_names([step - _LARGEST for step in steps]))


def spell_notes(_start: int, steps: Sequence[int]) -> str:
    """Returns notes as text: ``C4 (8th) D4 (quarter) E4``, or ``C4 D4 E4, 8th apart``: the time between onsets."""
    names = _pitch_names([step // _N_VALUES - _LARGEST for step in steps])
    values = [NOTE_VALUES[step % _N_VALUES][1] for step in steps]
    if len(set(values)) == 1:
        return f"{' '.join(names)}, {values[0]} apart"
    return " ".join([*(f"{name} ({value})" for name, value in zip(names, values, strict=False)), names[-1]])


def spell_chords(start: int, steps: Sequence[int]) -> str:
    """Returns chords as text: ``C Am F G``."""
    root, names = 0, [chord_name(12 * start)]
    for step in steps:
        root = (root + step % 12) % 12
        names.append(chord_name(root + step // 12 * 12))
    return " ".join(names)


def _pitch_names(intervals: Sequence[int]) -> list[str]:
    return [pitch_name(MIDDLE_C + sum(intervals[:count])) for count in range(len(intervals) + 1)]


SEQUENCES = (
    SequenceKind(
        "intervals", "Steps of the top line", "note", 2 * _LARGEST + 1, (3, 4, 6, 8), _intervals, spell_intervals,
        "the highest note of every moment, and how far it is to the next, whatever the rhythm",
    ),
    SequenceKind(
        "notes", "Notes of the top line", "note", (2 * _LARGEST + 1) * _N_VALUES, (3, 4, 6, 8), _notes, spell_notes,
        "the highest note of every moment, how far it is to the next, and how long that takes",
    ),
    SequenceKind(
        "chords", "Chords", "chord", 24, (2, 3, 4, 6), _chords, spell_chords,
        "the major or minor chord of each beat, and where it goes; a chord that stays counts once",
    ),
)  # fmt: skip
