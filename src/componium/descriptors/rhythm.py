"""Descriptors of the rhythm of voices: lengths by beat, syncopation, what follows what.

Three lines are read: the top line, the bass line, and the onsets of all parts in turn. An onset is *syncopated* if it
is off the beat and the next one of its line lies behind the beat that follows.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import STRENGTHS, Block, classes_named, mean, named, shares, spread
from componium.descriptors.reading import STEPS, Booleans, Floats, Integers, VoiceReading

_LENGTHS = ("16th and shorter", "8th triplet", "8th", "dotted 8th", "quarter", "dotted quarter", "half", "longer")
_BORDERS = np.array([0.29, 0.41, 0.62, 0.87, 1.22, 1.73, 2.45]) * STEPS
_SHORT = ("short", "8th", "quarter", "long")
_SHORT_BORDERS = np.array([0.41, 0.7, 1.3]) * STEPS
_PAIRS = tuple(f"{first}, then {second}" for first in _SHORT for second in _SHORT)


def _line(reading: VoiceReading, rows: Integers) -> Floats:
    onset = reading.moments[rows]
    strength, position = reading.places.strength[rows], reading.places.position[rows]
    gap = np.diff(onset)
    held = _held(position[:-1], gap, strength[:-1])
    short = np.digitize(gap, _SHORT_BORDERS)
    bar = reading.places.bar[rows] - reading.places.bar[0]
    per_bar = np.bincount(bar, minlength=reading.n_bars)
    return np.concatenate(
        (
            shares(np.digitize(gap, _BORDERS), len(_LENGTHS)),
            shares(len(_SHORT) * short[:-1] + short[1:], len(_PAIRS)),
            [mean(gap[strength[:-1] == own] / STEPS) for own in range(len(STRENGTHS))],
            shares(strength, len(STRENGTHS)),
            (
                mean(held),
                mean(gap[1:] == gap[:-1]),
                _rhythms(bar, position, reading.n_bars),
                mean(per_bar),
                spread(per_bar),
            ),
        )
    )


def _held(position: Integers, gap: Integers, strength: Integers) -> Booleans:
    return (strength == 2) & (position % STEPS + gap > STEPS)


def _rhythms(bar: Integers, position: Integers, n_bars: int) -> float:
    """How many different rhythms bars have, over their number."""
    # A sum of mixed numbers stands for a set of positions.
    mixed = (position + 1) * np.int64(2654435761) % np.int64(2**31 - 1)
    return len(np.unique(np.bincount(bar, weights=mixed, minlength=n_bars))) / max(n_bars, 1)


def _line_block(name: str, rows: str) -> Block:
    meaning = f"of the {name} line"

    def compute(reading: VoiceReading) -> Floats:
        return _line(reading, getattr(reading, rows))

    return Block(
        (
            *classes_named("rhythm", f"{name} lengths", f"distances of the onsets {meaning}", _LENGTHS),
            *classes_named("rhythm", f"{name} rhythm", f"distances {meaning} that follow each other", _PAIRS),
            *classes_named("rhythm", f"{name} length by beat", f"quarters to the next onset {meaning}", STRENGTHS),
            *classes_named("rhythm", f"{name} onsets", f"onsets {meaning}", STRENGTHS),
            *named(
                "rhythm",
                {
                    f"{name} syncopation": f"syncopated onsets {meaning}",
                    f"{name} even rhythm": f"onsets {meaning} as far apart as the two before",
                    f"{name} rhythms": f"different rhythms of bars {meaning}, over the bars",
                    f"{name} onsets in a bar": f"onsets {meaning} in a bar",
                    f"{name} onsets in a bar, spread": "how much that changes from bar to bar",
                },
            ),
        ),
        compute,
        needs_bars=True,
    )


def _all_notes(reading: VoiceReading) -> Floats:
    notes, place = reading.notes, reading.place_of_note
    length = (notes.end - notes.onset) / STEPS
    order = np.lexsort((notes.onset, notes.part))
    onset, part = notes.onset[order], notes.part[order]
    is_next = (part[1:] == part[:-1]) & (onset[1:] > onset[:-1])
    gap = (onset[1:] - onset[:-1])[is_next]
    own = order[:-1][is_next]
    held = _held(place.position[own], gap, place.strength[own])
    legato = length[own] * STEPS / gap
    return np.array(
        (
            *(mean(length[place.strength == beat]) for beat in range(len(STRENGTHS))),
            *shares(place.strength, len(STRENGTHS)),
            mean(held), mean(legato == 1), mean(legato > 1), mean(np.minimum(legato, 2)), spread(length),
        )
    )  # fmt: skip


_NOTES_BLOCK = Block(
    (
        *classes_named("rhythm", "length by beat", "quarters that a note lasts", STRENGTHS),
        *classes_named("rhythm", "notes", "notes by where they begin", STRENGTHS),
        *named(
            "rhythm",
            {
                "syncopation": "syncopated notes of the parts",
                "legato": "notes that last exactly up to the next one of their part",
                "overlapping notes": "notes that last beyond the next one of their part",
                "length beside distance": "how long notes last, over the distance to the next of their part",
                "lengths, spread": "how different the lengths of notes are",
            },
        ),
    ),
    _all_notes,
    needs_bars=True,
)

RHYTHM = (_line_block("top", "top_line"), _line_block("bass", "bass_line"), _NOTES_BLOCK)
