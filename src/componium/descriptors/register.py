"""Descriptors of register and dynamics: where voices lie and how far they reach, how loud the music is.

A *phrase* has four bars. Mean heights are the only descriptors that transposing changes.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import Block, mean, named, spread
from componium.descriptors.reading import Floats, Integers, VoiceReading

PHRASE_BARS = 4
_NAN = float("nan")


def phrase_ranges(bar: Integers, pitch: Integers) -> Floats:
    """Returns the range in semitones of each phrase with notes; a last one of less than half is left out."""
    phrase = (bar - bar.min()) // PHRASE_BARS
    left_over = int(np.ptp(bar) + 1) % PHRASE_BARS
    if 0 < left_over < PHRASE_BARS // 2 and phrase.max():
        pitch, phrase = pitch[phrase < phrase.max()], phrase[phrase < phrase.max()]
    low, high = np.full(phrase.max() + 1, 128), np.full(phrase.max() + 1, -1)
    np.minimum.at(low, phrase, pitch)
    np.maximum.at(high, phrase, pitch)
    return (high - low)[high >= 0].astype(np.float64)


def _register(reading: VoiceReading) -> Floats:
    pitch = reading.notes.pitch
    top, bass = reading.top[reading.top_line], reading.bass[reading.bass_line]
    means = np.bincount(reading.notes.part, weights=pitch) / np.bincount(reading.notes.part)
    quarter = np.quantile(pitch, (0.1, 0.9))
    half = len(top) // 2
    return np.array(
        (
            mean(pitch), mean(top), mean(bass), float(pitch.max()), float(pitch.min()), float(bass.max()),
            float(top.min()), float(np.ptp(pitch)), float(np.ptp(top)), float(np.ptp(bass)), spread(pitch), spread(top),
            spread(bass), float(quarter[1] - quarter[0]), float(np.ptp(means)) if len(means) > 1 else _NAN,
            mean(top[half:]) - mean(top[:half]) if half else _NAN,
        )
    )  # fmt: skip


_REGISTER_BLOCK = Block(
    named(
        "register",
        {
            "height": "mean pitch of all notes",
            "height of the top": "mean pitch of the top line",
            "height of the bass": "mean pitch of the bass line",
            "highest note": "pitch of the highest note",
            "lowest note": "pitch of the lowest note",
            "highest bass note": "pitch of the highest note of the bass line",
            "lowest top note": "pitch of the lowest note of the top line",
            "range": "semitones from the lowest to the highest note",
            "range of the top": "semitones from the lowest to the highest note of the top line",
            "range of the bass": "semitones from the lowest to the highest note of the bass line",
            "height, spread": "how much the pitch of the notes varies",
            "height of the top, spread": "how much the pitch of the top line varies",
            "height of the bass, spread": "how much the pitch of the bass line varies",
            "middle range": "semitones that eight in ten notes lie within",
            "height of parts": "semitones between the mean pitches of the lowest and the highest part",
            "rise of the top": "semitones by which the second half of the top line is higher",
        },
    ),
    _register,
)


def _phrases(reading: VoiceReading) -> Floats:
    bar, lines = reading.places.bar, (reading.top_line, reading.bass_line)
    ranges = [
        phrase_ranges(reading.place_of_note.bar, reading.notes.pitch),
        phrase_ranges(bar[lines[0]], reading.top[lines[0]]),
        phrase_ranges(bar[lines[1]], reading.bass[lines[1]]),
    ]
    return np.array((*(mean(own) for own in ranges), spread(ranges[1])))


_PHRASES_BLOCK = Block(
    named(
        "register",
        {
            "range of a phrase": "semitones from the lowest to the highest note of four bars",
            "range of a phrase of the top": "semitones that the top line spans in four bars",
            "range of a phrase of the bass": "semitones that the bass spans in four bars",
            "range of phrases of the top, spread": "how different phrases are in the range of their top line",
        },
    ),
    _phrases,
    needs_bars=True,
)


def _dynamics(reading: VoiceReading) -> Floats:
    velocity, part = reading.notes.velocity.astype(np.float64), reading.notes.part
    strength = reading.place_of_note.strength
    means = np.bincount(part, weights=velocity) / np.bincount(part)
    within = velocity - means[part]
    loud = np.full(len(reading.moments), -1.0)
    np.maximum.at(loud, reading.moment_of_note, velocity)
    beats = [mean(velocity[strength == own]) for own in range(3)]
    high = np.corrcoef(velocity, reading.notes.pitch)[0, 1] if velocity.std() and np.ptp(reading.notes.pitch) else 0.0
    return np.array(
        (
            mean(velocity), spread(velocity), spread(within), float(np.ptp(means)) if len(means) > 1 else _NAN,
            beats[0] - beats[1], beats[1] - beats[2], float(len(np.unique(velocity)) / len(velocity)),
            mean(np.abs(np.diff(loud))), float(high),
        )
    )  # fmt: skip


_DYNAMICS_BLOCK = Block(
    named(
        "dynamics",
        {
            "velocity": "mean velocity",
            "velocity, spread": "how much velocities vary",
            "velocity within a part, spread": "how much velocities of a part vary",
            "velocity of parts": "difference between the loudest and the softest part",
            "accent of the first beat": "how much louder the first beat is than other beats",
            "accent of the beat": "how much louder beats are than what lies off them",
            "different velocities": "different velocities for each note",
            "changes of velocity": "how much the velocity changes from moment to moment",
            "loud when high": "correlation of velocity and pitch",
        },
    ),
    _dynamics,
    needs_bars=True,
)

REGISTER = (_REGISTER_BLOCK, _PHRASES_BLOCK, _DYNAMICS_BLOCK)
