"""Descriptors of the top line: contours and turns, what follows a leap, repeated notes, degrees, its highest note.

The *top line* are the moments at which the highest note that sounds begins: a note below a held one is not of it.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import (
    CONTOURS,
    DEGREES,
    SIZES,
    Block,
    classes_named,
    contours,
    mean,
    named,
    shares,
    size_classes,
    spread,
)
from componium.descriptors.reading import Floats, Integers, VoiceReading

LEAP = 5
_TURNS = tuple(f"{first}, then {second}" for first in SIZES for second in SIZES)
_LONG_CONTOURS = tuple(f"{own}, {last}" for own in CONTOURS for last in ("down", "repeat", "up"))
_AFTER = ("a step back", "a larger step back", "a repeated note", "on in its direction")
_DIATONIC = (0, 2, 4, 5, 7, 9, 11)


def _turns(reading: VoiceReading) -> Floats:
    steps = np.diff(reading.top[reading.top_line])
    classes = size_classes(steps)
    short = contours(steps)
    leaps = np.flatnonzero(np.abs(steps[:-1]) >= LEAP)
    back = steps[leaps + 1] * -np.sign(steps[leaps])
    after = np.select((back < 0, back == 0, back <= 2), (3, 2, 0), 1)
    return np.concatenate(
        (
            shares(len(SIZES) * classes[:-1] + classes[1:], len(_TURNS)),
            shares(short, len(CONTOURS)),
            shares(3 * short[:-1] + short[1:] % 3, len(_LONG_CONTOURS)),
            shares(after, len(_AFTER)),
            _lengths_of_runs(steps),
        )
    )


def _lengths_of_runs(steps: Integers) -> tuple[float, ...]:
    """Of repeated notes and of what goes in one direction: how long, mean and most."""
    if not len(steps):
        return (float("nan"),) * 5
    sign = np.sign(steps)
    edges = np.flatnonzero(np.concatenate(([True], sign[1:] != sign[:-1], [True])))
    length, kind = np.diff(edges), sign[edges[:-1]]
    moving, still = length[kind != 0], length[kind == 0]
    returns = mean(steps[:-1] + steps[1:] == 0)
    return (
        mean(moving),
        float(moving.max(initial=0)),
        float(still.max(initial=0)),
        returns,
        mean(np.abs(steps[steps != 0])),
    )


_TURNS_BLOCK = Block(
    (
        *classes_named("melody", "turn", "two intervals of the top line in a row", _TURNS),
        *classes_named("melody", "contour of 3 notes", "where three notes of the top line go", CONTOURS),
        *classes_named("melody", "contour of 4 notes", "where four notes of the top line go", _LONG_CONTOURS),
        *classes_named("melody", "after a leap", "what follows a leap of the top line", _AFTER),
        *named(
            "melody",
            {
                "run": "intervals of the top line in one direction",
                "longest run": "the most intervals of the top line in one direction",
                "most repeated notes": "the longest row of repeated notes of the top line",
                "neighbor notes": "where the top line comes back to the last note but one",
                "size of its intervals": "semitones that the top line moves, where it moves",
            },
        ),
    ),
    _turns,
)


def _degrees(reading: VoiceReading) -> Floats:
    rows = reading.top_line
    pitch, strength = reading.top[rows], reading.places.strength[rows]
    size = np.abs(np.diff(pitch))
    found: list[float] = [mean((size >= LEAP)[strength[1:] == own]) for own in range(3)]
    found += [mean((size == 0)[strength[1:] == own]) for own in range(3)]
    bar = reading.places.bar[rows]
    peak = np.flatnonzero(pitch == pitch.max())
    found += [
        float((reading.moments[rows[peak[0]]] - reading.moments[0]) / max(np.ptp(reading.moments), 1)),
        len(np.unique(bar[peak])) / max(reading.n_bars, 1),
        mean(strength[peak] == 0),
        spread(_bar_means(bar, pitch)),
    ]
    if reading.key is None:
        return np.concatenate((found, np.full(24 + 1 + 49, np.nan)))
    degree = (pitch - reading.key.tonic) % 12
    scale = np.array([(own - reading.key.tonic) % 12 for own in reading.key.pitch_classes])
    inside = np.isin(degree, scale)
    place = np.searchsorted(_DIATONIC, degree + (degree == 1) + (degree == 3) + (degree == 8) + (degree == 10))
    place = np.minimum(place, 6)
    pairs = 7 * place[:-1] + place[1:]
    return np.concatenate(
        (found, shares(degree, 12), shares(degree[strength == 0], 12), (mean(~inside),), shares(pairs, 49))
    )


def _bar_means(bar: Integers, pitch: Integers) -> Floats:
    number = bar - bar.min()
    count = np.bincount(number)
    return (np.bincount(number, weights=pitch) / np.maximum(count, 1))[count > 0]


_DEGREE_PAIRS = tuple(f"{first} to {second}" for first in range(1, 8) for second in range(1, 8))
_STRONG = ("to the first beat", "to other beats", "off the beat")
_DEGREES_BLOCK = Block(
    (
        *classes_named("melody", "top leaps", "leaps among the intervals of the top line", _STRONG),
        *classes_named("melody", "top repeats", "repeated notes among the intervals of the top line", _STRONG),
        *named(
            "melody",
            {
                "place of the highest note": "when the highest note comes: 0 at once, 1 at the end",
                "bars with the highest note": "how many of the bars have the highest note",
                "highest note on the first beat": "how often the highest note is on a first beat",
                "height of bars": "how much the mean height of the top line changes from bar to bar",
            },
        ),
        *classes_named("melody", "top degree", "degrees of the key in the top line", DEGREES),
        *classes_named("melody", "top degree on the first beat", "degrees of the key on first beats", DEGREES),
        *named("melody", {"top outside the key": "notes of the top line outside the key that is heard"}),
        *classes_named("melody", "degrees in a row", "steps of the scale that follow each other", _DEGREE_PAIRS),
    ),
    _degrees,
    needs_bars=True,
)

MELODY = (_TURNS_BLOCK, _DEGREES_BLOCK)
