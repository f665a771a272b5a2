"""Chords: their notes, and the classes that models know.

A *class* is one of ten qualities on one of twelve roots; what a symbol says beyond it (a sixth, a ninth, a bass note)
is kept in its notes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.score.harmony.keys import TONIC_NAMES

# Semitones above the root, and how a symbol of the quality is written after its root.
QUALITIES: tuple[tuple[str, tuple[int, ...], str], ...] = (
    ("major", (0, 4, 7), ""),
    ("minor", (0, 3, 7), "m"),
    ("diminished", (0, 3, 6), "dim"),
    ("augmented", (0, 4, 8), "aug"),
    ("suspended fourth", (0, 5, 7), "sus4"),
    ("suspended second", (0, 2, 7), "sus2"),
    ("dominant seventh", (0, 4, 7, 10), "7"),
    ("major seventh", (0, 4, 7, 11), "maj7"),
    ("minor seventh", (0, 3, 7, 10), "m7"),
    ("half-diminished", (0, 3, 6, 10), "m7b5"),
)
MAJOR, MINOR, DIMINISHED, AUGMENTED, SUS4, SUS2, SEVENTH, MAJOR_SEVENTH, MINOR_SEVENTH, HALF_DIMINISHED = range(10)

UNKNOWN_CHORD = 0
NO_CHORD = 1 + 12 * len(QUALITIES)
N_CHORDS = NO_CHORD + 1
"""Classes: unknown, quality x root from 1, and no chord at all."""


class Chord(NamedTuple):
    """A chord: root 0-11, index of the quality that comes nearest, notes in semitones above the root, bass 0-11."""

    root: int
    quality: int
    steps: tuple[int, ...]
    bass: int

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """All pitch classes of the chord, the root first, the bass last where it is foreign."""
        return tuple(dict.fromkeys((*((self.root + step) % 12 for step in self.steps), self.bass)))

    @property
    def number(self) -> int:
        """Its class, 1 to ``NO_CHORD - 1``."""
        return 1 + 12 * self.quality + self.root

    @property
    def name(self) -> str:
        """The symbol of its class, and the bass where it is not the root."""
        symbol = class_name(self.number)
        return symbol if self.bass == self.root else f"{symbol}/{TONIC_NAMES[self.bass]}"


def class_name(number: int) -> str:
    """Returns the symbol of a chord class, such as ``Am7``; of no and unknown chords an empty text."""
    if number in (UNKNOWN_CHORD, NO_CHORD):
        return ""
    quality, root = divmod(number - 1, 12)
    return TONIC_NAMES[root] + QUALITIES[quality][2]


def transpose_chords(chords: NDArray[np.int16], semitones: int) -> NDArray[np.int16]:
    """Returns chord classes with their roots moved."""
    named = (chords != UNKNOWN_CHORD) & (chords != NO_CHORD)
    quality, root = np.divmod(chords - 1, 12)
    return np.where(named, 1 + 12 * quality + (root + semitones) % 12, chords).astype(np.int16)


@lru_cache(maxsize=1)
def chord_members() -> NDArray[np.bool_]:
    """Returns which pitch classes belong to each chord class; of no and unknown chords none; shape (classes, 12)."""
    members = np.zeros((NO_CHORD + 1, 12), np.bool_)
    for quality, (_, steps, _) in enumerate(QUALITIES):
        for root in range(12):
            members[1 + 12 * quality + root, [(root + step) % 12 for step in steps]] = True
    members.flags.writeable = False
    return members
