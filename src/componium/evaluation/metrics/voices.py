"""Metrics in which musicians ask about sets: voices against each other, endings, returns, how high and how loud.

They are descriptors (:mod:`componium.descriptors`), where the terms are defined. Sets alone are compared in them
(``SET_METRICS``): with each of them an alarm about any other figure needs a little more.

* ``parallels``: parallel fifths, octaves and unisons of any two voices in a hundred moves in which both move.
* ``last_chord_complete``, ``dominant_before_the_end``: 1 or 0 of a piece. A last chord of fewer than three notes is
  undefined, and so is the dominant of a piece whose last two notes of the bass do not differ.
* ``all_voices_sounding``: share of the moments at which all voices sound, of music in at least two.
* ``bass_leaps``: share of fourths and more among the intervals of the bass that move.
* ``phrase_range``: semitones that the top line spans in four bars.
* ``returns_8``: share of the bars that share at least .6 of their notes with the one eight bars before, as they are:
  no transposition counts, as it does in ``similarity_8``.
* ``pitch_height``, ``velocity``: means over the pitched notes; what no other metric sees.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.bass import bass_steps
from componium.descriptors.cadences import complete_at_the_end, dominant_before_the_end
from componium.descriptors.motion import LEAP, all_moves, parallels
from componium.descriptors.reading import Floats, VoiceReading
from componium.descriptors.register import phrase_ranges
from componium.descriptors.repetition import ALIKE, likeness
from componium.descriptors.texture import all_voices_sounding
from componium.evaluation.metrics.melody import require_bars, require_pitches
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.reading import Reading

LEAST_MOVES = 8
RETURN_BARS = 8


def _voices(reading: Reading) -> VoiceReading:
    require_pitches(reading)
    return reading.voices


def _parallels(reading: Reading) -> float:
    found = parallels(all_moves(_voices(reading).voices))
    if found.moves < LEAST_MOVES:
        raise Undefined(f"two voices move fewer than {LEAST_MOVES} times")
    return found.per_hundred


def _last_chord_complete(reading: Reading) -> float:
    voices = _voices(reading)
    if voices.counts[-1] < 3:
        raise Undefined("fewer than 3 notes in the last chord")
    return float(complete_at_the_end(voices))


def _dominant_before_the_end(reading: Reading) -> float:
    voices = _voices(reading)
    if not (np.ptp(voices.bass % 12)):
        raise Undefined("the bass stays on one note")
    return float(dominant_before_the_end(voices))


def _all_voices_sounding(reading: Reading) -> float:
    voices = _voices(reading)
    if voices.counts.max() < 2:
        raise Undefined("a single voice")
    return all_voices_sounding(voices)


def _bass_leaps(reading: Reading) -> float:
    steps = np.abs(bass_steps(_voices(reading)))
    moved = steps[steps > 0]
    if not len(moved):
        raise Undefined("the bass stays on one note")
    return float((moved >= LEAP).mean())


def _phrase_range(reading: Reading) -> float:
    require_bars(reading)
    voices = _voices(reading)
    rows = voices.top_line
    return float(phrase_ranges(voices.places.bar[rows], voices.top[rows]).mean())


def _returns(reading: Reading) -> float:
    require_bars(reading)
    alike: Floats = likeness(_voices(reading), RETURN_BARS)
    alike = alike[~np.isnan(alike)]
    if not len(alike):
        raise Undefined(f"no two bars {RETURN_BARS} bars apart")
    return float((alike >= ALIKE).mean())


def _pitch_height(reading: Reading) -> float:
    return float(_voices(reading).notes.pitch.mean())


def _velocity(reading: Reading) -> float:
    return float(_voices(reading).notes.velocity.mean())


VOICES = (
    Metric(
        "parallels", "voices", "in 100 moves", 0.0, 100.0, _parallels,
        "how often two voices move in parallel fifths or octaves",
    ),
    Metric(
        "all_voices_sounding", "voices", "share", 0.0, 1.0, _all_voices_sounding,
        "how often all voices sound together",
    ),
    Metric(
        "bass_leaps", "voices", "share", 0.0, 1.0, _bass_leaps,
        "how many of the bass's intervals are fourths or larger",
    ),
    Metric(
        "last_chord_complete", "voices", "share", 0.0, 1.0, _last_chord_complete,
        "whether third and fifth sound in the last chord",
    ),
    Metric(
        "dominant_before_the_end", "voices", "share", 0.0, 1.0, _dominant_before_the_end,
        "whether the bass comes to its last note from the fifth above it or the fourth below",
    ),
    Metric(
        "phrase_range", "voices", "semitones", 0.0, 127.0, _phrase_range,
        "how far the tune reaches within four bars",
    ),
    Metric(
        "returns_8", "voices", "share", 0.0, 1.0, _returns,
        "how many bars are those of eight bars before, but for some notes",
    ),
    Metric(
        "pitch_height", "sound", "MIDI pitch", 0.0, 127.0, _pitch_height,
        "how high the music lies: 60 is middle C",
    ),
    Metric(
        "velocity", "sound", "velocity", 0.0, 127.0, _velocity,
        "how loud the notes are struck",
    ),
)  # fmt: skip
