"""Reads chord symbols as musicians write them, and the labels of annotated corpora (Harte et al., ISMIR 2005).

A symbol is a root, a quality (``m``, ``maj``, ``dim``, ``+``, ``ø``), a number (``6``, ``7``, ``9``, ``11``, ``13``),
what is changed of it (``b5``, ``#11``, ``sus4``, ``add9``, ``no3``, ``alt``; parentheses and commas as one likes), and
a bass after a slash. A label has a colon after its root, and its bass is a degree: ``C:min7/b3``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from componium.errors import RequestError
from componium.score.harmony.chords import (
    AUGMENTED,
    DIMINISHED,
    HALF_DIMINISHED,
    MAJOR,
    MAJOR_SEVENTH,
    MINOR,
    MINOR_SEVENTH,
    SEVENTH,
    SUS2,
    SUS4,
    Chord,
)
from componium.score.harmony.keys import pitch_class_named

_NO_CHORD = re.compile(r"N|NC|N\.C\.?|n\.c\.?|nc|X|no chord", re.IGNORECASE)
_EXAMPLES = "write it as C, Am, G7, Fmaj7, Dsus4, Bm7b5, E7(b9) or C/E"
# How one sign is written -> how it is read.
_SIGNS = str.maketrans(
    {"♭": "b", "♯": "#", "𝄫": "bb", "𝄪": "##", "△": "Δ", "\u2212": "-", "\u2013": "-", "º": "°", "Ø": "ø"}
)

_ROOT = re.compile(r"([A-G])([#b]*)(:?)")
_MAJOR = re.compile(r"maj(?:or)?|Maj(?:or)?|MAJ|[Mm]a(?!dd|lt|ug)|M(?!i|I)|[Δ^]|j(?=\d)")
_MINOR = re.compile(r"min(?:or)?|Min(?:or)?|MIN|MI|[Mm]i|m|-(?!5)")
_DIMINISHED = re.compile(r"dim(?:inished)?|Dim|°|o(?!mit)")
_HALF_DIMINISHED = re.compile(r"hdim|half-?dim(?:inished)?|ø|∅")
_AUGMENTED = re.compile(r"aug(?:mented)?|Aug|\+(?!5)")
_NUMBER = re.compile(r"(?:dom)?(13|11|9|7|69|6/9|6|5|4|2|1)(?!\d)")
_SUSPENDED = re.compile(r"sus(24|42|[24](?!\d))?")
_OMITTED = re.compile(r"(?:no|omit|\*)\s*(b?)(\d+)(?:rd|th)?")
_ADDED = re.compile(r"add\s*([b#+-]*)(maj|M)?(\d+)")
_ALTERED = re.compile(r"([b#]+|[+-])(\d+)")
_SYMBOLS = re.compile(r"[^\s(]+(?:\s*\([^)]*\)?[^\s(]*)*|\S+")
_PLAIN = re.compile(r"\d+")
_ALTERNATIVE = re.compile(r"alt(?:ered|\.)?")
_TENSION = re.compile(r"/([b#+-]?)(9|11|13)(?!\d)")
_BASS = re.compile(r"/\s*(?:([A-G])([#b]*)|([b#]?)(1[0-3]|[1-9]))")

_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_DEGREES = frozenset({2, 3, 4, 5, 6, 7, 9, 10, 11, 13})
# The degrees of one octave -> those as which they are added.
_UPPER = {2: 9, 4: 11, 6: 13}


def parse_chord(text: str) -> Chord | None:
    """Reads a chord symbol (``C``, ``F#m7``, ``Bb/D``, ``C:min7/b3``); None for ``N`` or ``N.C.``, no chord.

    Raises:
        RequestError: the text is no chord symbol; the character at which it ceases to be one is named, and why.
    """
    text = text.strip()
    return None if _NO_CHORD.fullmatch(text) else _Reader(text).chord()


@dataclass
class _Tones:
    """The notes above a root, in semitones by degree; those of ``implied`` yield to altered ones of their degree."""

    thirds: list[int] = field(default_factory=lambda: [4])
    fifths: list[int] = field(default_factory=lambda: [7])
    sixths: list[int] = field(default_factory=list[int])
    sevenths: list[int] = field(default_factory=list[int])
    upper: dict[int, list[int]] = field(default_factory=lambda: {9: [], 11: [], 13: []})
    implied: set[int] = field(default_factory=lambda: {5})
    is_suspended: bool = False

    def stack(self, number: int, seventh: int) -> None:
        """Piles thirds up to a degree: 7, 9, 11 or 13; the eleventh is left out where it rubs against a major third."""
        self.sevenths = [seventh]
        steps = {9: 14, 11: 17, 13: 21}
        for degree in (9, 11, 13):
            if degree <= number and not (degree == 11 and number == 13 and self.thirds != [3]):
                self.upper[degree].append(steps[degree])
                self.implied.add(degree)

    def alter(self, degree: int, step: int) -> None:
        """Has a degree be ``step`` semitones above the root, instead of where it was."""
        own = self._of(degree)
        if degree in self.implied or degree in (3, 7):
            own.clear()
            self.implied.discard(degree)
        if step not in own:
            own.append(step)

    def add(self, degree: int, step: int) -> None:
        """Adds a degree to those that are there."""
        own = self._of(degree)
        if step not in own:
            own.append(step)

    def omit(self, degree: int) -> None:
        """Leaves a degree out."""
        self._of(degree).clear()

    def suspend(self, *steps: int) -> None:
        """Has the second or the fourth stand for the third."""
        self.thirds = list(steps)
        self.is_suspended = True

    def _of(self, degree: int) -> list[int]:
        own = {3: self.thirds, 5: self.fifths, 6: self.sixths, 7: self.sevenths}
        return own[degree] if degree in own else self.upper[9 if degree == 10 else degree]

    @property
    def steps(self) -> tuple[int, ...]:
        """All of them, the root first."""
        own = (self.thirds, self.fifths, self.sevenths, self.sixths, *self.upper.values())
        return tuple(dict.fromkeys([0, *(step for steps in own for step in steps)]))

    @property
    def quality(self) -> int:
        """The class that comes nearest."""
        seventh = self.sevenths[0] if self.sevenths else None
        if self.is_suspended:
            return SUS2 if self.thirds == [2] else SUS4
        if self.thirds == [3]:
            if self.fifths == [6]:
                return HALF_DIMINISHED if seventh == 10 else DIMINISHED
            return MINOR_SEVENTH if seventh == 10 else MINOR
        if self.fifths == [8]:
            return AUGMENTED
        return {10: SEVENTH, 11: MAJOR_SEVENTH}.get(seventh or 0, MAJOR)


class _Reader:
    """Reads one symbol from left to right."""

    def __init__(self, text: str) -> None:
        self._typed = text
        self._text = text.translate(_SIGNS)
        self._at = 0
        self._tones = _Tones()
        self._open = 0
        self._is_label = False

    def chord(self) -> Chord:
        root = self._root()
        self._quality()
        while self._at < len(self._text) and self._change():
            pass
        bass = self._bass(root)
        if self._at < len(self._text):
            raise self._refused(self._why_not_read())
        if self._open:
            raise self._refused("opens a parenthesis that is not closed", self._text.rindex("("))
        return Chord(root, self._tones.quality, self._tones.steps, bass)

    def _root(self) -> int:
        matched = self._take(_ROOT)
        if matched is None:
            raise self._refused(self._why_no_root())
        self._is_label = bool(matched[3])
        return pitch_class_named(matched[1], matched[2])

    def _why_no_root(self) -> str:
        first = self._text[:1]
        if first and first in "abcdefg":
            capital = first.upper()
            return f"is a small letter: a chord begins with a capital, {capital} or for minor {capital}m"
        if first in ("H", "h"):
            return "is German: write B, and for the German B write Bb"
        return "is no note: a chord begins with a capital from A to G"

    def _why_not_read(self) -> str:
        sign, before = self._text[self._at], self._typed[: self._at]
        if sign in "b#+-":
            return "has no degree behind it, as in b5, #9 or +11"
        if sign in ",;|":
            return "is no part of a chord: put blanks between chords, and | between bars"
        if sign == "/":
            return "gives a second bass"
        return f"begins nothing that may follow {before!r}"

    def _quality(self) -> None:
        """Reads the quality and the number after the root."""
        tones, seventh = self._tones, 10
        if self._is_label and self._text.startswith("(", self._at):
            # A label without a shorthand lists all its degrees.
            tones.thirds, tones.fifths = [], []
            return
        if self._take(_HALF_DIMINISHED):
            tones.thirds, tones.fifths, tones.sevenths = [3], [6], [10]
        elif self._take(_DIMINISHED):
            tones.thirds, tones.fifths, seventh = [3], [6], 9
        elif self._text.startswith("alt", self._at):
            tones.sevenths = [10]
        elif mark := self._take(_MAJOR):
            self._major(mark[0])
            return
        elif self._take(_MINOR):
            tones.thirds = [3]
        elif self._take(_AUGMENTED):
            tones.fifths = [8]
            tones.implied.discard(5)
        self._number(seventh)

    def _major(self, mark: str) -> None:
        """Reads the number after a sign of the major seventh, or triad."""
        if not self._number(11) and mark in "Δ^":
            self._tones.stack(7, 11)

    def _number(self, seventh: int) -> bool:
        """Reads 6, 7, 9 and the like; returns whether one was there."""
        start = self._at
        matched = self._take(_NUMBER)
        if matched is None:
            return False
        number, tones = matched[1], self._tones
        if number in ("69", "6/9"):
            tones.sixths, tones.upper[9] = [9], [14]
        elif number == "6":
            tones.sixths = [9]
        elif number in ("2", "4"):
            tones.suspend(2 if number == "2" else 5)
        elif number in ("5", "1"):
            if start and self._text[start - 1] not in "ABCDEFGb#:":
                raise self._refused("goes with a root alone: C5 is a root and its fifth", start)
            tones.thirds, tones.fifths = [], [7] if number == "5" else []
        else:
            tones.stack(int(number), seventh)
        return True

    def _change(self) -> bool:
        """Reads one thing that changes the chord; returns whether there was any."""
        sign = self._text[self._at]
        if sign in "(), " and self._punctuation(sign):
            return True
        if self._named_change() or self._degrees_change():
            return True
        if sign == "+":
            self._at += 1
            self._tones.alter(5, 8)
            return True
        return False

    def _named_change(self) -> bool:
        """Reads ``sus4``, ``alt`` or the sign of a major seventh."""
        tones = self._tones
        if matched := self._take(_SUSPENDED):
            tones.suspend(*{None: (5,), "4": (5,), "2": (2,)}.get(matched[1], (2, 5)))
            if not tones.sevenths and not self._open:
                self._number(10)
        elif self._take(_ALTERNATIVE):
            tones.sevenths, tones.fifths, tones.upper[9] = tones.sevenths or [10], [6, 8], [13, 15]
        elif mark := self._take(_MAJOR):
            self._major(mark[0])
        else:
            return False
        return True

    def _degrees_change(self) -> bool:
        """Reads a degree that is left out, added or altered."""
        if matched := self._take(_OMITTED):
            self._tones.omit(self._degree(matched.start(2), int(matched[2])))
        elif matched := self._take(_ADDED):
            self._added(matched[1], int(matched[3]), matched.start(3), is_major=bool(matched[2]))
        elif matched := self._take(_ALTERED):
            self._altered(matched[1], int(matched[2]), matched.start(2))
        elif not self._is_label and (matched := self._take(_TENSION)):
            self._added(matched[1], int(matched[2]), matched.start(2))
        elif (self._open or self._text[self._at - 1] == ",") and (matched := self._take(_PLAIN)):
            self._added("", int(matched[0]), matched.start())
        else:
            return False
        return True

    def _punctuation(self, sign: str) -> bool:
        """Passes a parenthesis, or a comma or blank within."""
        if sign == ")" and not self._open:
            raise self._refused("closes a parenthesis that was not opened")
        if sign in ", " and not self._open and not re.match(r",\d|[ ,]+[(b#+-]", self._text[self._at :]):
            return False
        self._open += {"(": 1, ")": -1}.get(sign, 0)
        self._at += 1
        return True

    def _added(self, signs: str, degree: int, at: int, *, is_major: bool = False) -> None:
        shift = _shift(signs)
        if degree == 1 and self._is_label:
            return
        degree = self._degree(at, degree)
        step = _above_root(degree) + shift
        if degree == 7 and not is_major and not self._is_label and not shift:
            step = 10
        self._tones.add(degree, step)

    def _altered(self, signs: str, degree: int, at: int) -> None:
        degree = self._degree(at, degree)
        step = _above_root(degree) + _shift(signs)
        self._tones.alter(degree, min(step, 11) if degree == 7 else step)

    def _degree(self, at: int, degree: int) -> int:
        """The degree as it is piled up: a ninth where a second was typed at this place."""
        if degree not in _DEGREES:
            raise self._refused("is no degree of a chord: those are 2 to 7, 9, 10, 11 and 13", at)
        return _UPPER.get(degree, degree)

    def _bass(self, root: int) -> int:
        if not self._text.startswith("/", self._at):
            return root
        matched = self._take(_BASS)
        if matched is None:
            raise self._refused("is followed by no bass: a capital from A to G, or a degree from 1 to 13")
        if matched[1]:
            return pitch_class_named(matched[1], matched[2])
        return (root + _above_root(int(matched[4])) + _shift(matched[3])) % 12

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Passes what a pattern matches here."""
        matched = pattern.match(self._text, self._at)
        if matched is not None:
            self._at = matched.end()
        return matched

    def _refused(self, why: str, at: int | None = None) -> RequestError:
        at = self._at if at is None else at
        # Signs that are read as two letters move the place by one; they are rare.
        found = _PLAIN.match(self._text, at)
        sign = found[0] if found else self._text[at : at + 1]
        place = f"{sign!r} (character {at + 1}) " if sign else "an empty text "
        return RequestError(f"{self._typed!r} is no chord symbol: {place}{why}; {_EXAMPLES}")


def split_progression(text: str) -> list[list[str]]:
    """Returns the chord symbols of each bar of a progression such as ``C | Am F7 (b9) | % | C``.

    Blanks within parentheses, and before them, part no symbols; ``%`` repeats the bar before.

    Raises:
        RequestError: a bar is empty, or there is none that could be repeated.
    """
    bars: list[list[str]] = []
    for number, bar in enumerate(text.strip().strip("|").split("|"), 1):
        symbols = _SYMBOLS.findall(bar)
        if not symbols:
            raise RequestError(f"bar {number} is empty; write as 'C | Am F | G7 | C', N for no chord")
        if symbols == ["%"]:
            if not bars:
                raise RequestError("bar 1 is %, which repeats the bar before: there is none")
            symbols = bars[-1]
        bars.append(symbols)
    return bars


def _shift(signs: str) -> int:
    """Semitones by which accidentals move a degree."""
    return signs.count("#") + signs.count("+") - signs.count("b") - signs.count("-")


def _above_root(degree: int) -> int:
    """Semitones of a degree of the major scale above its root."""
    octave, place = divmod(degree - 1, 7)
    return 12 * octave + _MAJOR_SCALE[place]
