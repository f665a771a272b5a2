"""Descriptors of the end: bass and top of the last two bars, the last chord, dominant and tonic.

* The *last chord* is what sounds at the last moment. It is *complete* if a third and a fifth above its lowest note
  sound with it.
* The *dominant is before the end* if the last bass note of another class than the final one lies a fifth above it or a
  fourth below.
* *Phrase ends*: the last moment of every fourth bar, of music of at least eight.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import DEGREES, Block, classes_named, mean, named, shares
from componium.descriptors.reading import STEPS, Floats, Integers, VoiceReading

PHRASE_BARS = 4
_NAN = float("nan")


def complete_at_the_end(reading: VoiceReading) -> bool:
    """Returns whether the last chord is complete."""
    above = _last_classes(reading)
    return bool(7 in above and (3 in above or 4 in above))


def dominant_before_the_end(reading: VoiceReading) -> bool:
    """Returns whether the dominant is in the bass before the end."""
    classes = reading.bass % 12
    other = np.flatnonzero(classes != classes[-1])
    return bool(len(other) and (classes[other[-1]] - classes[-1]) % 12 == 7)


def tonic_at_the_end(reading: VoiceReading) -> float:
    """Returns whether the last bass note is the tonic of the key that is heard; NaN without one."""
    return float(reading.bass[-1] % 12 == reading.key.tonic) if reading.key else _NAN


def _last_classes(reading: VoiceReading) -> Integers:
    last = reading.ranked[-1][: reading.counts[-1]]
    return (last - reading.bass[-1]) % 12


def _end(reading: VoiceReading) -> Floats:
    bass, top = reading.bass[reading.bass_line], reading.top[reading.top_line]
    above = _last_classes(reading)
    sounds = reading.notes.end[reading.notes.onset == reading.moments[-1]].max() - reading.moments[-1]
    steps = [_last_step(line) for line in (bass, top)]
    many = reading.counts[-1] > 2
    figures = (
        float(complete_at_the_end(reading)) if many else _NAN,
        float(dominant_before_the_end(reading)),
        tonic_at_the_end(reading),
        float(reading.counts[-1]),
        float(len(np.unique(above))),
        float(4 in above) if many else _NAN,
        float(sounds / STEPS),
        *steps,
        float(np.sign(steps[0]) * np.sign(steps[1])),
        float((reading.top[-1] - reading.bass[-1]) % 12),
    )
    return np.array(figures)


def _last_step(line: Integers) -> float:
    """The interval by which a line comes to its last note, repetitions of it left out."""
    steps = np.diff(line)
    steps = steps[steps != 0]
    return float(steps[-1]) if len(steps) else _NAN


_END_BLOCK = Block(
    named(
        "cadences",
        {
            "last chord complete": "whether third and fifth sound in the last chord",
            "dominant before the end": "whether the bass comes to its last note from its dominant",
            "tonic at the end": "whether the bass ends on the tonic of the key",
            "notes of the last chord": "how many notes the last chord has",
            "classes of the last chord": "how many different notes the last chord has",
            "major third at the end": "whether the last chord has a major third",
            "length of the last chord": "quarters that the last chord sounds",
            "last step of the bass": "semitones by which the bass comes to its last note",
            "last step of the top": "semitones by which the top comes to its last note",
            "outer voices at the end": "whether bass and top come to the last chord in one direction: 1, or not: -1",
            "last outer interval": "semitones from bass to top in the last chord, modulo the octave",
        },
    ),
    _end,
)


def _last_bars(reading: VoiceReading) -> Floats:
    place = reading.places
    bar = place.bar - place.bar[0]
    last = bar >= reading.n_bars - 2
    found: list[float] = [
        float(last.sum()),
        float(place.strength[-1] == 0),
        float(place.position[-1] / place.length[-1]),
    ]
    if reading.key is None:
        return np.concatenate((found, np.full(12 * 2 + 4 + 6, _NAN)))
    degrees = [(line - reading.key.tonic) % 12 for line in (reading.bass, reading.top)]
    found += [*shares(degrees[0][last], 12), *shares(degrees[1][last], 12)]
    before = [_before(own) for own in degrees]
    found += [float(degrees[0][-1]), float(degrees[1][-1]), *before]
    ends = _phrase_ends(bar, reading.n_bars)
    gaps = np.diff(np.append(reading.moments, reading.moments[-1] + STEPS)) / STEPS
    quiet = gaps[ends]
    found += [
        mean(degrees[0][ends] == 0),
        mean(degrees[0][ends] == 7),
        mean(degrees[1][ends] == 0),
        mean(np.isin(degrees[1][ends], (2, 7, 11))),
        mean(quiet),
        mean(quiet) / mean(gaps) if len(quiet) else _NAN,
    ]
    return np.array(found)


def _before(degrees: Integers) -> float:
    other = np.flatnonzero(degrees != degrees[-1])
    return float(degrees[other[-1]]) if len(other) else _NAN


def _phrase_ends(bar: Integers, n_bars: int) -> Integers:
    """The last moment of each phrase; none of music that is shorter than two."""
    if n_bars < 2 * PHRASE_BARS:
        return np.empty(0, np.int64)
    lines = np.arange(PHRASE_BARS, n_bars + 1, PHRASE_BARS)
    return np.unique(np.searchsorted(bar, lines) - 1)


_BARS_BLOCK = Block(
    (
        *named(
            "cadences",
            {
                "moments in the last two bars": "how often anything begins in the last two bars",
                "ends on a first beat": "whether the last chord begins on a first beat",
                "place of the last chord": "where in its bar the last chord begins, 0 to 1",
            },
        ),
        *classes_named("cadences", "bass in the last two bars", "degrees of the key in the bass at the end", DEGREES),
        *classes_named("cadences", "top in the last two bars", "degrees of the key in the top at the end", DEGREES),
        *named(
            "cadences",
            {
                "last degree of the bass": "semitones of the last bass note above the tonic",
                "last degree of the top": "semitones of the last top note above the tonic",
                "last degree but one of the bass": "semitones above the tonic of the bass note before",
                "last degree but one of the top": "semitones above the tonic of the top note before",
                "phrases that end on I": "tonic in the bass where four bars end",
                "phrases that end on V": "dominant in the bass where four bars end",
                "phrases whose top ends on 1": "tonic in the top where four bars end",
                "phrases whose top stays open": "second, fifth or seventh degree in the top where four bars end",
                "rest after phrases": "quarters from the last moment of four bars to the next",
                "rest after phrases, beside others": "the same over the mean of all moments",
            },
        ),
    ),
    _last_bars,
    needs_bars=True,
)

CADENCES = (_END_BLOCK, _BARS_BLOCK)
