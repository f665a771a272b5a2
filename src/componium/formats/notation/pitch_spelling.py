"""Spells pitches in a key, and finds which of them need an accidental.

A pitch class takes the letter nearest to the key on the line of fifths: of C major F# and C#, but Bb and Eb.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from componium.formats.notation.layout import Written
from componium.formats.notation.note_values import Value

# Letters by fifths; F has number -1.
_LETTERS = "FCGDAEB"
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# By fifths from C, F flat and B sharp: what lies beyond needs double accidentals.
_LOWEST, _HIGHEST = -8, 12


class Signature(NamedTuple):
    """Sharps of a key signature (negative: flats) and its mode."""

    sharps: int
    is_minor: bool

    def alter(self, letter: str) -> int:
        """Semitones by which the signature alters a letter."""
        place = _LETTERS.index(letter)
        return 1 if self.sharps > place else -1 if self.sharps < place - 6 else 0


class Spelling(NamedTuple):
    """Letter, semitones of alteration, octave (4 begins at middle C), and whether the accidental is printed."""

    letter: str
    alter: int
    octave: int
    is_marked: bool = False


def spell_class(pitch_class: int, signature: Signature) -> tuple[str, int]:
    """Letter and alteration of a pitch class in a key."""
    # Minor raises its sixth and seventh, and lowers nothing.
    lowest = signature.sharps - (2 if signature.is_minor else 3)
    lowest = min(max(lowest, _LOWEST), _HIGHEST - 11)
    fifth = lowest + (pitch_class * 7 - lowest) % 12
    return _LETTERS[(fifth + 1) % 7], (fifth + 1) // 7


def spell(pitch: int, signature: Signature) -> Spelling:
    """Spells a pitch 0-127."""
    letter, alter = spell_class(pitch % 12, signature)
    return Spelling(letter, alter, (pitch - alter - _SEMITONES[letter]) // 12 - 1)


def spell_bar(voices: Iterable[Sequence[Value]], signature: Signature) -> dict[tuple[int, Written], Spelling]:
    """Spells the notes of one staff in one bar; keys are the step at which a value begins, and the note.

    An accidental counts to the end of the bar for its line and octave. A note tied from the bar before has none.
    """
    in_force: dict[tuple[str, int], int] = {}
    spellings: dict[tuple[int, Written], Spelling] = {}
    for value in sorted((value for values in voices for value in values if value.chord), key=_start):
        for note in value.chord.notes if value.chord else ():
            spelling = spell(note.pitch, signature)
            place = spelling.letter, spelling.octave
            is_marked = (
                not value.is_tied_from(note) and in_force.get(place, signature.alter(spelling.letter)) != spelling.alter
            )
            if is_marked:
                in_force[place] = spelling.alter
            # Of two voices in unison one accidental is enough, but neither may lose it to the other.
            earlier = spellings.get((value.start, note))
            spellings[value.start, note] = spelling._replace(is_marked=is_marked or bool(earlier and earlier.is_marked))
    return spellings


def _start(value: Value) -> int:
    return value.start
