"""Plays the signs that stand for notes: tremolos, grace notes, arpeggios, trills, mordents, turns.

Conventions, those of MuseScore where they are heard as notes:

* Grace notes begin on the beat and take their time from the note that follows, whose end does not move; those with a
  slash 65 ms each, others half of it (of a dotted note two thirds), several their written lengths; never more. Those
  at the end of a measure take their time from the end of the note before.
* Trills alternate with the upper note of the key in thirty-second notes, where that is slower than eight notes a second
  in sixty-fourths and so on; turns and mordents are of the same speed, and their last note lasts. Short notes make them
  faster.
* Notes of an arpeggio follow each other by 67 ms at most, and end together.
* A tremolo with n strokes repeats its note, or alternates, in the values that n beams stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

MAX_STROKES = 4096
_SLASH_SECONDS = 0.065
_SLOWEST_STROKE = 1 / 8  # seconds

# The steps from the written note that an ornament plays, and whether they begin again as long as the note lasts.
SHAPES: dict[str, tuple[tuple[int, ...], bool]] = {
    "trill-mark": ((0, 1), True), "shake": ((0, 1), True), "wavy-line": ((0, 1), True),
    "turn": ((1, 0, -1, 0), False), "vertical-turn": ((1, 0, -1, 0), False), "haydn": ((1, 0, -1, 0), False),
    "delayed-turn": ((0, 1, 0, -1, 0), False), "inverted-turn": ((-1, 0, 1, 0), False),
    "inverted-vertical-turn": ((-1, 0, 1, 0), False), "delayed-inverted-turn": ((0, -1, 0, 1, 0), False),
    "mordent": ((0, -1, 0), False), "inverted-mordent": ((0, 1, 0), False), "schleifer": ((-2, -1, 0), False),
}  # fmt: skip


class Row(NamedTuple):
    """A sounding note as it is written, in units of time since the start of its measure.

    ``tie`` is 1 where it goes on from an earlier note, plus 2 where a later one goes on from it; ``place`` numbers its
    voice and staff.
    """

    onset: int
    duration: int
    pitch: int
    velocity: int
    place: int
    tie: int = 0


class Grace(NamedTuple):
    """Grace notes that sound together: pitches and velocity, the written length in units, whether with a slash."""

    pitches: list[int]
    velocity: int
    length: int
    has_slash: bool


@dataclass
class Signs:
    """The signs at a chord.

    Attributes:
        graces: the grace notes before it, in order.
        ornaments: names of ``SHAPES`` at its notes.
        neighbors: semitones to the notes of the scale 2 and 1 below and 1 above the note with the ornament.
        bearer: pitch of that note.
        arpeggio: ``up`` or ``down``; empty where there is none.
        strokes: of a tremolo on the chord.
        alternation: of a tremolo between two chords: ``start`` or ``stop``.
        ratio: notes of a tuplet and what they stand for, such as 3 and 2; of tremolos on a chord.
        n_beams: beams of its written value, as dots.
        is_dotted: whether it has a dot.
        goes_on: where a trill goes on without a sign of its own: ``tie`` or ``line``.
    """

    graces: list[Grace] = field(default_factory=list[Grace])
    ornaments: list[str] = field(default_factory=list[str])
    neighbors: tuple[int, int, int] = (-3, -2, 2)
    bearer: int = -1
    arpeggio: str = ""
    strokes: int = 0
    alternation: str = ""
    ratio: tuple[int, int] = (1, 1)
    n_beams: int = 0
    is_dotted: bool = False
    goes_on: str = ""


class Clock(NamedTuple):
    """Units of a quarter, and quarters a minute."""

    unit: int
    tempo_bpm: float

    def units(self, seconds: float) -> int:
        """Returns the units of a time."""
        return int(seconds * self.tempo_bpm / 60 * self.unit)


def play(rows: Sequence[Row], signs: Signs, clock: Clock) -> list[Row]:
    """Returns the notes that a chord with signs sounds as, in order of their onsets.

    Args:
        rows: the notes of the chord as they are written.
        signs: what stands at it; of tremolos only those on the chord itself.
        clock: the speed.
    """
    played: list[Row] = []
    if signs.graces:
        played, rows = _with_graces(rows, signs, clock)
    shape = next((SHAPES[name] for name in signs.ornaments if name in SHAPES), None)
    if shape is not None:
        return played + _with_ornament(rows, signs, shape, clock)
    if signs.strokes and not signs.alternation:
        actual, normal = signs.ratio
        return played + _with_strokes(rows, (clock.unit * normal // actual) >> (signs.strokes + signs.n_beams))
    if signs.arpeggio and len(rows) > 1:
        return played + _with_arpeggio(rows, signs.arpeggio, clock)
    return played + list(rows)


def alternating(first: Sequence[Row], second: Sequence[Row], signs: Signs, unit: int) -> list[Row]:
    """Returns the notes of a tremolo between two chords.

    Args:
        first: the notes of one chord as they are written.
        second: those of the other.
        signs: those of the first.
        unit: units of a quarter.
    """
    start = first[0].onset
    length = second[0].onset + max(row.duration for row in second) - start
    n_strokes = _n_strokes(length, unit >> (signs.strokes + signs.n_beams))
    # Both notes sound at least once.
    n_strokes = max(n_strokes - n_strokes % 2, 2)
    borders = _borders(start, length, n_strokes)
    return [
        row._replace(onset=onset, duration=end - onset, tie=0)
        for turn, (onset, end) in enumerate(borders)
        for row in (second if turn % 2 else first)
    ]


def ending_with(rows: Sequence[Row], graces: Sequence[Grace]) -> list[Row]:
    """Returns the notes of a chord that ends with grace notes."""
    length = min(row.duration for row in rows)
    taken = min(sum(grace.length for grace in graces), length // 2)
    end = rows[0].onset + length
    return [row._replace(duration=row.duration - taken) for row in rows] + _in_turn(
        graces, end - taken, taken, rows[0].place
    )


def sounded(graces: Sequence[Grace], onset: int, length: int, place: int) -> list[Row]:
    """Returns grace notes that stand before a rest."""
    return _in_turn(graces, onset, min(sum(grace.length for grace in graces), length // 2), place)


def _with_graces(rows: Sequence[Row], signs: Signs, clock: Clock) -> tuple[list[Row], list[Row]]:
    length = min(row.duration for row in rows)
    most = length * 2 // 3 if signs.is_dotted else length // 2
    if signs.graces[0].has_slash:
        wanted, most = clock.units(_SLASH_SECONDS) * len(signs.graces), length // 2
    elif len(signs.graces) == 1:
        wanted = most
    else:
        wanted = sum(grace.length for grace in signs.graces)
    taken = min(wanted, most)
    first = rows[0]
    main = [
        row if row.tie & 1 else row._replace(onset=row.onset + taken, duration=row.duration - taken) for row in rows
    ]
    return _in_turn(signs.graces, first.onset, taken, first.place), main


def _in_turn(graces: Sequence[Grace], onset: int, length: int, place: int) -> list[Row]:
    if length < len(graces):
        return []
    return [
        Row(start, end - start, pitch, grace.velocity, place)
        for grace, (start, end) in zip(graces, _borders(onset, length, len(graces)), strict=True)
        for pitch in grace.pitches
    ]


def _with_ornament(rows: Sequence[Row], signs: Signs, shape: tuple[tuple[int, ...], bool], clock: Clock) -> list[Row]:
    """Plays an ornament on the note that bears it; the other notes of the chord are held."""
    bearer = next((row for row in rows if row.pitch == signs.bearer), rows[0])
    steps, is_repeated = shape
    stroke, slowest = clock.unit // 8, max(clock.units(_SLOWEST_STROKE), 1)
    while stroke > slowest:
        stroke //= 2
    if is_repeated:
        # An odd number of strokes ends on the note itself; an even one where the trill goes on in a tied note.
        n_strokes = max(_n_strokes(bearer.duration, stroke), 2) // 2 * 2
        if not bearer.tie & 2:
            n_strokes += 1
            n_strokes = n_strokes if n_strokes * stroke <= bearer.duration else max(n_strokes - 2, 3)
        steps = tuple(steps[number % 2] for number in range(n_strokes))
    stroke = min(stroke, bearer.duration // len(steps))
    if not stroke:
        return list(rows)
    below2, below, above = signs.neighbors
    intervals = {0: 0, 1: above, -1: below, -2: below2}
    if signs.ornaments[0].startswith("delayed"):
        starts = [0, *(bearer.duration // 2 + number * min(stroke, bearer.duration // 8) for number in range(4))]
    else:
        starts = [number * stroke for number in range(len(steps))]
    ends = [*starts[1:], bearer.duration]
    ornament = [
        Row(bearer.onset + start, end - start, min(max(bearer.pitch + intervals[step], 0), 127), *bearer[3:5])
        for step, start, end in zip(steps, starts, ends, strict=True)
    ]
    # Ties hold for the note itself.
    if steps[0] == 0 and signs.goes_on != "tie":
        ornament[0] = ornament[0]._replace(tie=bearer.tie & 1)
    if bearer.tie & 2 and not is_repeated:
        ornament[-1] = ornament[-1]._replace(tie=ornament[-1].tie | 2)
    return [row for row in rows if row is not bearer] + ornament


def _with_strokes(rows: Sequence[Row], stroke: int) -> list[Row]:
    length = min(row.duration for row in rows)
    n_strokes = _n_strokes(length, stroke)
    if n_strokes < 2:
        return list(rows)
    return [
        row._replace(onset=onset, duration=end - onset, tie=0)
        for onset, end in _borders(rows[0].onset, length, n_strokes)
        for row in rows
    ]


def _with_arpeggio(rows: Sequence[Row], direction: str, clock: Clock) -> list[Row]:
    length = min(row.duration for row in rows)
    # Shorter chords are broken faster, even at a slow tempo.
    delay = min(clock.unit * 2 // 15, length // len(rows)) * clock.tempo_bpm / 120
    delay = min(int(delay), length * 2 // 3 // len(rows))
    ordered = sorted(rows, key=_pitch, reverse=direction == "down")
    return [
        row if row.tie & 1 else row._replace(onset=row.onset + turn * delay, duration=row.duration - turn * delay)
        for turn, row in enumerate(ordered)
    ]


def _pitch(row: Row) -> int:
    return row.pitch


def _n_strokes(length: int, stroke: int) -> int:
    return min(max(round(length / stroke), 1), MAX_STROKES) if stroke else 1


def _borders(onset: int, length: int, count: int) -> list[tuple[int, int]]:
    """Parts of a stretch of time, as equal as units allow."""
    edges = [onset + length * number // count for number in range(count + 1)]
    return list(pairwise(edges))
