"""Descriptors of how voices move against each other: kinds of motion, parallels, hidden ones, steps and leaps.

* A *move* leads from one moment to the next. Of the outer voices, bass and top, it counts where two notes sound at both
  moments; of all pairs where the same voices sound at both.
* *Parallels* are fifths, octaves or unisons from which both voices move, in one direction, to another one of the same
  kind (compound intervals included); per 100 moves in which both voices move.
* *Hidden* ones: both outer voices move in one direction to a fifth or an octave from another interval.
* Kinds of motion: *parallel* keeps the interval, *similar* keeps the direction, in *oblique* motion one voice stays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from componium.descriptors.descriptor import Block, classes_named, mean, named, shares
from componium.descriptors.reading import SILENT, Booleans, Floats, Integers, VoiceReading

STEP = 2
LEAP = 5
_KINDS = ("parallel", "similar", "contrary", "oblique")
_SIZES = ("it stays", "a step", "a third", "a fourth or fifth", "more than a fifth")


class Moves(NamedTuple):
    """Moves of pairs of voices: pitches before and after, of the voice that is lower before; arrays of one shape."""

    low: Integers
    low_after: Integers
    high: Integers
    high_after: Integers

    @property
    def both_move(self) -> Booleans:
        """Whether both voices move."""
        return (self.low != self.low_after) & (self.high != self.high_after)

    @property
    def same_direction(self) -> Booleans:
        """Whether both move, up or down together."""
        return self.both_move & ((self.low_after > self.low) == (self.high_after > self.high))

    def parallel_to(self, interval: int) -> Booleans:
        """Whether both move in parallels of an interval, 0 to 11 semitones."""
        before, after = (self.high - self.low) % 12, (self.high_after - self.low_after) % 12
        return self.same_direction & (before == interval) & (after == interval)


class Parallels(NamedTuple):
    """How many parallels of fifths and octaves there are, and in how many moves both voices move."""

    fifths: int
    octaves: int
    moves: int

    @property
    def per_hundred(self) -> float:
        """Both kinds in a hundred moves; NaN where there is no move."""
        return 100 * (self.fifths + self.octaves) / self.moves if self.moves else float("nan")


def outer_moves(reading: VoiceReading) -> Moves:
    """Returns the moves of bass and top."""
    many = reading.counts > 1
    rows = many[:-1] & many[1:]
    bass, top = reading.bass, reading.top
    return Moves(bass[:-1][rows], bass[1:][rows], top[:-1][rows], top[1:][rows])


def all_moves(voices: Integers) -> Moves:
    """Returns the moves of all pairs of voices, from their pitches at each moment (M, voices)."""
    before, after = _kept(voices)
    sounds = before != SILENT
    found: list[tuple[Integers, Integers, Integers, Integers]] = []
    for first in range(before.shape[1] - 1):
        rows, others = np.nonzero(sounds[:, first, None] & sounds[:, first + 1 :])
        others = others + first + 1
        found.append((before[rows, first], after[rows, first], before[rows, others], after[rows, others]))
    if not found:
        empty = np.empty(0, np.int64)
        return Moves(empty, empty, empty, empty)
    low, low_after, high, high_after = (np.concatenate(column) for column in zip(*found, strict=True))
    turned = low > high
    return Moves(
        np.where(turned, high, low),
        np.where(turned, high_after, low_after),
        np.where(turned, low, high),
        np.where(turned, low_after, high_after),
    )


def parallels(moves: Moves) -> Parallels:
    """Returns how many parallels there are."""
    fifths, octaves = (int(moves.parallel_to(interval).sum()) for interval in (7, 0))
    return Parallels(fifths, octaves, int(moves.both_move.sum()))


def steps_of_voices(reading: VoiceReading) -> tuple[int, int]:
    """Returns how many moves of single voices are steps, and how many moves there are."""
    before, after = _kept(reading.voices)
    steps = np.abs(after - before)[before != SILENT]
    return int(((steps > 0) & (steps <= STEP)).sum()), int((steps > 0).sum())


def _kept(voices: Integers) -> tuple[Integers, Integers]:
    """Voices before and after each move that keeps the same ones sounding."""
    before, after = voices[:-1], voices[1:]
    same = ((before == SILENT) == (after == SILENT)).all(axis=1)
    return before[same], after[same]


def _kinds(moves: Moves) -> Floats:
    any_moves = (moves.low != moves.low_after) | (moves.high != moves.high_after)
    same = moves.same_direction
    keeps = same & (moves.high - moves.low == moves.high_after - moves.low_after)
    kind = np.where(keeps, 0, np.where(same, 1, np.where(moves.both_move, 2, 3)))
    return shares(kind[any_moves], len(_KINDS))


def _of_pairs(reading: VoiceReading) -> Floats:
    outer, every = outer_moves(reading), all_moves(reading.voices)
    # Of lines these are the same.
    parts = every if reading.are_lines else all_moves(reading.edges)
    found: list[float] = []
    for moves in (outer, every, parts):
        own = parallels(moves)
        each = 100 / own.moves if own.moves else float("nan")
        found += [own.per_hundred, own.fifths * each, own.octaves * each]
    hidden = outer.same_direction & np.isin((outer.high_after - outer.low_after) % 12, (0, 7))
    hidden &= (outer.high - outer.low) % 12 != (outer.high_after - outer.low_after) % 12
    leaps = np.abs(outer.high_after - outer.high) > STEP
    both = outer.both_move
    found += [100 * mean(hidden[both]), 100 * mean((hidden & leaps)[both])]
    for moves in (outer, every):
        sweet = np.isin((moves.high - moves.low) % 12, (3, 4, 8, 9))
        sweet &= np.isin((moves.high_after - moves.low_after) % 12, (3, 4, 8, 9))
        found.append(mean((moves.same_direction & sweet)[moves.both_move]))
    low, high = outer.low_after - outer.low, outer.high_after - outer.high
    found += [
        mean(both) if len(both) else float("nan"),
        mean(((np.abs(low) >= LEAP) & (np.abs(high) >= LEAP))[both]),
        mean((np.abs(high) <= STEP)[both]),
    ]
    return np.concatenate((_kinds(outer), _kinds(every), _kinds(parts), found))


_PAIRS_BLOCK = Block(
    (
        *classes_named("motion", "outer motion", "how bass and top move against each other", _KINDS),
        *classes_named("motion", "motion", "how any two voices move against each other", _KINDS),
        *classes_named("motion", "motion of parts", "how the edges of parts move against each other", _KINDS),
        *named(
            "motion",
            {
                "outer parallels": "parallel fifths and octaves of bass and top in a hundred moves",
                "outer parallel fifths": "parallel fifths of bass and top in a hundred moves",
                "outer parallel octaves": "parallel octaves of bass and top in a hundred moves",
                "parallels": "parallel fifths and octaves of any two voices in a hundred moves",
                "parallel fifths": "parallel fifths of any two voices in a hundred moves",
                "parallel octaves": "parallel octaves of any two voices in a hundred moves",
                "parallels of parts": "parallel fifths and octaves of the edges of parts in a hundred moves",
                "parallel fifths of parts": "parallel fifths of the edges of parts in a hundred moves",
                "parallel octaves of parts": "parallel octaves of the edges of parts in a hundred moves",
                "hidden parallels": "hidden fifths and octaves of bass and top in a hundred moves",
                "hidden parallels with a leap": "those to which the top comes by more than a whole tone",
                "outer parallel thirds and sixths": "moves of bass and top from thirds or sixths to such, in parallel",
                "parallel thirds and sixths": "moves of any two voices from thirds or sixths to such, in parallel",
                "outer voices move": "moments at which both bass and top move",
                "outer voices leap": "moves in which both bass and top leap",
                "top steps over a moving bass": "moves in which the bass moves and the top goes by step",
            },
        ),
    ),
    _of_pairs,
)


def _sizes(reading: VoiceReading) -> Floats:
    voices, many = reading.voices, reading.counts > 1
    rows = many[:-1] & many[1:]
    found = [_size_shares(np.abs(np.diff(line))[rows]) for line in (reading.bass, reading.top)]
    before, after = _kept(reading.voices)
    columns = np.arange(voices.shape[1])
    sounds = before != SILENT
    first = np.where(sounds, columns, voices.shape[1]).min(axis=1, initial=voices.shape[1])
    last = np.where(sounds, columns, -1).max(axis=1, initial=-1)
    inner = sounds & (columns > first[:, None]) & (columns < last[:, None])
    steps = np.abs(after - before)
    found.append(_size_shares(steps[inner]))
    leaping = ((steps >= LEAP) & sounds).sum(axis=1)
    moving = ((steps > 0) & sounds).sum(axis=1)
    enough = sounds.sum(axis=1) > 1
    return np.concatenate((*found, (mean(leaping[enough] > 1), mean(moving[enough]), mean(steps[sounds]))))


def _size_shares(steps: Integers) -> Floats:
    return shares(np.digitize(steps, (1, 3, 5, 8)), len(_SIZES))


_SIZES_BLOCK = Block(
    (
        *classes_named("motion", "bass moves", "how far the lowest voice moves to the next moment", _SIZES),
        *classes_named("motion", "top moves", "how far the highest voice moves to the next moment", _SIZES),
        *classes_named("motion", "inner voices move", "how far inner voices move to the next moment", _SIZES),
        *named(
            "motion",
            {
                "voices leap together": "moves in which several voices leap",
                "voices that move": "how many voices move to the next moment",
                "size of moves": "how many semitones a voice moves from moment to moment",
            },
        ),
    ),
    _sizes,
)

MOTION = (_PAIRS_BLOCK, _SIZES_BLOCK)
