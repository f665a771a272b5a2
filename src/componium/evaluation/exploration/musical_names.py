"""Names of pitches, chords and note values.

Pitches are written with the octave, middle C (60) being C4; black keys as
:data:`~componium.score.harmony.keys.TONIC_NAMES` has them, since MIDI does not know their spelling.
"""

from __future__ import annotations

import numpy as np

from componium.evaluation.pieces.reading import Floats, Integers
from componium.score.harmony.keys import TONIC_NAMES

MIDDLE_C = 60

NOTE_VALUES = (
    (1 / 8, "32nd or shorter"), (1 / 6, "16th triplet"), (1 / 4, "16th"), (1 / 3, "8th triplet"), (1 / 2, "8th"),
    (2 / 3, "quarter triplet"), (3 / 4, "dotted 8th"), (1, "quarter"), (4 / 3, "half triplet"),
    (3 / 2, "dotted quarter"), (2, "half"), (3, "dotted half"), (4, "whole"), (6, "dotted whole"),
    (8, "two whole or longer"),
)  # fmt: skip
"""Quarters and name of each class of lengths, shortest first."""

_LOGS = np.log2([quarters for quarters, _ in NOTE_VALUES])
_BORDERS = (_LOGS[1:] + _LOGS[:-1]) / 2


def pitch_name(pitch: int) -> str:
    """Returns a pitch's name, as in ``F#4``; for any whole number, since a row of leaps can leave what MIDI can say."""
    return f"{TONIC_NAMES[pitch % 12]}{pitch // 12 - 1}"


def chord_name(chord: int) -> str:
    """Returns the name, as in ``Am``, of a chord of :func:`~componium.evaluation.metrics.harmony.beat_chords`."""
    return TONIC_NAMES[chord % 12] + ("m" if chord >= 12 else "")


def note_value_classes(quarters: Floats) -> Integers:
    """Returns the nearest of ``NOTE_VALUES`` by ratio, for lengths (N,) from 0."""
    return np.searchsorted(_BORDERS, np.log2(np.maximum(quarters, 2.0**-10))).astype(np.int64)
