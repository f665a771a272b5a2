"""Chords: symbols as musicians write them, their notes, and the classes that models know.

A *class* is one of ten qualities on one of twelve roots; what a symbol says beyond it (a sixth, a ninth, a bass note)
is kept in its notes. Labels of annotated corpora (Harte et al., ISMIR 2005: ``C:min7/b3``) are read as well.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import RequestError
from componium.score.harmony.keys import TONIC_NAMES, pitch_class_named

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

# What follows the root -> quality, and further notes above the root.
_SPELLINGS: dict[str, tuple[int, tuple[int, ...]]] = {
    **dict.fromkeys(("", "maj", "M", "major", "5"), (MAJOR, ())),
    **dict.fromkeys(("m", "min", "-", "minor"), (MINOR, ())),
    **dict.fromkeys(("dim", "o", "°"), (DIMINISHED, ())),
    **dict.fromkeys(("dim7", "o7", "°7"), (DIMINISHED, (9,))),
    **dict.fromkeys(("aug", "+", "#5"), (AUGMENTED, ())),
    **dict.fromkeys(("aug7", "+7", "7#5"), (AUGMENTED, (10,))),
    **dict.fromkeys(("sus4", "sus", "4"), (SUS4, ())),
    **dict.fromkeys(("7sus4", "7sus", "sus4(b7)"), (SUS4, (10,))),
    **dict.fromkeys(("9sus4", "9sus"), (SUS4, (10, 14))),
    **dict.fromkeys(("sus2", "2"), (SUS2, ())),
    **dict.fromkeys(("6", "maj6", "M6"), (MAJOR, (9,))),
    **dict.fromkeys(("69", "6/9", "6add9"), (MAJOR, (9, 14))),
    **dict.fromkeys(("m6", "min6", "-6"), (MINOR, (9,))),
    **dict.fromkeys(("add9", "add2"), (MAJOR, (14,))),
    **dict.fromkeys(("madd9", "madd2"), (MINOR, (14,))),
    **dict.fromkeys(("7", "dom7"), (SEVENTH, ())),
    **dict.fromkeys(("9",), (SEVENTH, (14,))),
    **dict.fromkeys(("7b9",), (SEVENTH, (13,))),
    **dict.fromkeys(("7#9",), (SEVENTH, (15,))),
    **dict.fromkeys(("11",), (SEVENTH, (14, 17))),
    **dict.fromkeys(("13",), (SEVENTH, (14, 21))),
    **dict.fromkeys(("maj7", "M7", "Δ", "Δ7", "j7"), (MAJOR_SEVENTH, ())),
    **dict.fromkeys(("maj9", "M9"), (MAJOR_SEVENTH, (14,))),
    **dict.fromkeys(("m7", "min7", "-7"), (MINOR_SEVENTH, ())),
    **dict.fromkeys(("m9", "min9", "-9"), (MINOR_SEVENTH, (14,))),
    **dict.fromkeys(("m11", "min11"), (MINOR_SEVENTH, (14, 17))),
    **dict.fromkeys(("mM7", "mmaj7", "m(maj7)", "minmaj7"), (MINOR, (11,))),
    **dict.fromkeys(("m7b5", "min7b5", "ø", "ø7", "hdim7", "-7b5"), (HALF_DIMINISHED, ())),
}
# The bass is a note or, in labels, a degree; "6/9" is no bass.
_SYMBOL = re.compile(r"([A-G])([#b♯♭]*):?(6/9|[^/]*)(?:/(?:([A-G][#b♯♭]*)|([b#]?)(1[0-3]|[1-9])))?")
_DEGREES = (0, 2, 4, 5, 7, 9, 11)


class Chord(NamedTuple):
    """A chord: root 0-11, index of its quality, further notes in semitones above the root, bass 0-11."""

    root: int
    quality: int
    added: tuple[int, ...]
    bass: int

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """All pitch classes of the chord, the root first, the bass last where it is foreign."""
        own = [(self.root + step) % 12 for step in (*QUALITIES[self.quality][1], *self.added)]
        return tuple(dict.fromkeys((*own, self.bass)))

    @property
    def number(self) -> int:
        """Its class, 1 to ``NO_CHORD - 1``."""
        return 1 + 12 * self.quality + self.root

    @property
    def name(self) -> str:
        """The symbol of its class, and the bass where it is not the root."""
        symbol = TONIC_NAMES[self.root] + QUALITIES[self.quality][2]
        return symbol if self.bass == self.root else f"{symbol}/{TONIC_NAMES[self.bass]}"


def parse_chord(text: str) -> Chord | None:
    """Reads a chord symbol (``C``, ``F#m7``, ``Bb/D``, ``C:min7/b3``); None for ``N`` or ``N.C.``, no chord.

    Raises:
        RequestError: the text is no chord symbol.
    """
    text = text.strip()
    if text in ("N", "NC", "N.C.", "X"):
        return None
    matched = _SYMBOL.fullmatch(text)
    if matched is None or matched[3].strip() not in _SPELLINGS:
        raise RequestError(f"{text!r} is no chord symbol: write it as C, Am, G7, Fmaj7, Dsus4, Bm7b5 or C/E")
    root = pitch_class_named(matched[1], matched[2])
    quality, added = _SPELLINGS[matched[3].strip()]
    bass = root
    if matched[4]:
        bass = pitch_class_named(matched[4][0], matched[4][1:])
    elif matched[6]:
        shift = {"b": -1, "#": 1}.get(matched[5], 0)
        bass = (root + _DEGREES[(int(matched[6]) - 1) % 7] + shift) % 12
    return Chord(root, quality, added, bass)


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
