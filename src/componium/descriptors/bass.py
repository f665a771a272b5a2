"""Descriptors of the bass and of the roots of chords: intervals, degrees of the key that is heard, and turns.

The *bass line* are the moments at which the lowest note that sounds begins. Roots are those of the chords of
:mod:`componium.descriptors.verticals`, on beats, one that stays counting once.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import CONTOURS, DEGREES, Block, classes_named, contours, mean, named, shares
from componium.descriptors.reading import Floats, Integers, VoiceReading
from componium.descriptors.verticals import NO_CHORD, chords_at

LEAP = 5
_OCTAVE = 12
_STEPS = tuple(f"{step:+d}" if step else "0" for step in range(-_OCTAVE, _OCTAVE + 1))
_TURNS = {
    "V to I": (7, 0), "I to V": (0, 7), "IV to V": (5, 7), "II to V": (2, 7), "IV to I": (5, 0), "V to IV": (7, 5),
    "I to IV": (0, 5), "VII to I": (11, 0), "V to VI": (7, 9),
}  # fmt: skip


def bass_steps(reading: VoiceReading) -> Integers:
    """Returns the intervals of the bass line in semitones."""
    return np.diff(reading.bass[reading.bass_line])


def _bass(reading: VoiceReading) -> Floats:
    steps = bass_steps(reading)
    moved = steps[steps != 0]
    size = np.abs(moved)
    return np.concatenate(
        (
            shares(np.clip(steps, -_OCTAVE, _OCTAVE) + _OCTAVE, len(_STEPS)),
            shares(contours(steps), len(CONTOURS)),
            (mean(size >= LEAP), mean(size), mean(size == 6), mean(np.isin(size, (5, 7)))),
        )
    )


_BASS_BLOCK = Block(
    (
        *classes_named("bass", "bass interval", "steps and leaps of the bass in semitones", _STEPS),
        *classes_named("bass", "bass contour", "two intervals of the bass in a row", CONTOURS),
        *named(
            "bass",
            {
                "bass leaps": "intervals of the bass of a fourth and more, among those that move",
                "bass interval size": "semitones that the bass moves, where it moves",
                "bass tritones": "tritones of the bass, among intervals that move",
                "bass fourths and fifths": "fourths and fifths of the bass, among intervals that move",
            },
        ),
    ),
    _bass,
)


def _degrees(reading: VoiceReading) -> Floats:
    tonic = reading.key.tonic if reading.key else None
    if tonic is None:
        return np.full(len(_DEGREES_BLOCK.descriptors), np.nan)
    rows = reading.bass_line
    degree = (reading.bass[rows] - tonic) % 12
    first = reading.places.strength[rows] == 0
    moved = degree[np.append(True, degree[1:] != degree[:-1])] if len(degree) else degree
    turns = 12 * moved[:-1] + moved[1:]
    quality, root = chords_at(reading)
    chosen = (quality != NO_CHORD) & (reading.places.strength < 2) & (reading.counts > 2)
    roots = (root[chosen] - tonic) % 12
    changing = roots[np.append(True, roots[1:] != roots[:-1])] if len(roots) else roots
    return np.concatenate(
        (
            shares(degree, 12),
            shares(degree[first], 12),
            [mean(turns == 12 * a + b) for a, b in _TURNS.values()],
            shares(roots, 12),
            shares(np.diff(changing) % 12, 12)[1:],
            (mean(np.append(False, roots[1:] != roots[:-1])) if len(roots) else np.nan,),
            (float(reading.key.is_minor) if reading.key else np.nan,),
        )
    )


_DEGREES_BLOCK = Block(
    (
        *classes_named("bass", "bass degree", "degrees of the key in the bass", DEGREES),
        *classes_named(
            "bass", "bass degree on the first beat", "degrees of the key in the bass on first beats", DEGREES
        ),
        *classes_named("bass", "bass turn", "how often the bass goes so, among its changes", tuple(_TURNS)),
        *classes_named("bass", "root", "degrees of the key that chords stand on", DEGREES),
        *classes_named(
            "bass", "root interval", "how roots of chords follow each other", tuple(f"{s} up" for s in range(1, 12))
        ),
        *named(
            "bass",
            {
                "roots that change": "beats with a chord whose root is another than that of the beat before",
                "minor": "whether the key that is heard is minor",
            },
        ),
    ),
    _degrees,
    needs_bars=True,
)

BASS = (_BASS_BLOCK, _DEGREES_BLOCK)
