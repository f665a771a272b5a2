"""Joins stretches of music until the bars that were asked for are full."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.plans import AnyPlan
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Queue
from componium.representations.columns import N_PITCHES
from componium.representations.note_codec import NoteCodec

ONSET, PART, PITCH, DURATION, VELOCITY = range(5)
"""Rows of :attr:`Stretch.notes`."""

_MIDDLE_C = 60


class Stretch(NamedTuple):
    """A stretch of a piece.

    Attributes:
        notes: onset and duration in steps of the piece, part, pitch and velocity (1 to 127); shape (5, N).
        end: the step at which it ends, after the one at which it began.
    """

    notes: NDArray[np.int64]
    end: int


class Source(Protocol):
    """Draws one piece stretch by stretch."""

    def stretch(self, start: int) -> Stretch:
        """Returns the stretch that begins at a step of the piece."""
        ...


def pieces_of(
    make: Callable[[Artifact, QueuedPiece], Source], artifact: Artifact, queue: Queue
) -> Iterator[DrawnNote | PieceEnd]:
    """Draws one piece of a queue after the other, and yields its notes.

    Args:
        make: what draws the stretches of a piece.
        artifact: the composer.
        queue: the pieces.
    """
    for queued in queue:
        conditions, codec = queued.conditions, artifact.codec
        [playing, *_] = np.flatnonzero(conditions.plays).tolist()
        notes = joined(make(artifact, queued), conditions.plan, codec, playing)
        for onset, part, pitch, duration, velocity in notes.T.tolist():
            yield DrawnNote(queued.number, part, onset, duration, pitch, velocity)
        yield PieceEnd(queued.number)


def joined(source: Source, plan: AnyPlan, codec: NoteCodec, part: int) -> NDArray[np.int64]:
    """Returns the notes of a piece by onset, part and pitch, no two of the same; shape (5, N).

    What lies outside the new music is left out, and what lasts beyond it is cut. The first and the last of its bars
    hold a note, so that the piece is as long as was asked: where they have none, they repeat the nearest bar that has.

    Args:
        source: draws its stretches.
        plan: says where the new music begins and ends.
        codec: of the composer.
        part: plays a note where the whole piece has none.
    """
    found, start = [np.empty((5, 0), np.int64)], plan.first_step
    while start < plan.end_step:
        stretch = source.stretch(start)
        found.append(stretch.notes)
        start = max(stretch.end, start + 1)
    notes = _within(np.concatenate(found, axis=1), plan)
    for bar in _bars_that_sound(plan, codec):
        notes = _within(_with_bar(notes, bar, plan, codec, part), plan)
    return notes


def _within(notes: NDArray[np.int64], plan: AnyPlan) -> NDArray[np.int64]:
    """Notes that begin within the new music, each once, by onset, part and pitch."""
    onset = notes[ONSET]
    notes = notes[:, (onset >= plan.first_step) & (onset < plan.end_step)]
    notes[DURATION] = np.clip(notes[DURATION], 1, plan.end_step - notes[ONSET])
    _, first = np.unique(notes[[ONSET, PART, PITCH]], axis=1, return_index=True)
    return notes[:, first]


def _lines(plan: AnyPlan, codec: NoteCodec) -> NDArray[np.int64]:
    """The steps at which the bars of the piece begin, and that at which the last one ends."""
    grid = codec.bar_grid(plan.meter)
    return grid.start_of(np.arange(grid.count(plan.end_step) + 1))


def _bars_that_sound(plan: AnyPlan, codec: NoteCodec) -> list[int]:
    """The first and the last bar of the new music."""
    last = len(_lines(plan, codec)) - 2
    first = int(codec.bar_grid(plan.meter).locate(np.array([plan.first_step])).bar[0])
    return sorted({min(first, last), last})


def _with_bar(notes: NDArray[np.int64], bar: int, plan: AnyPlan, codec: NoteCodec, part: int) -> NDArray[np.int64]:
    """The notes, with those of the nearest bar that has some repeated in a bar that has none."""
    lines = _lines(plan, codec)
    of_note = np.searchsorted(lines, notes[ONSET], side="right") - 1
    if (of_note == bar).any():
        return notes
    if not len(of_note):
        longest = codec.durations[codec.durations <= lines[bar + 1] - lines[bar]].max()
        return np.array([[lines[bar]], [part], [_MIDDLE_C], [longest], [codec.middle_velocity]], np.int64)
    nearest = of_note[np.abs(of_note - bar).argmin()]
    more = notes[:, of_note == nearest]
    more[ONSET] += lines[bar] - lines[nearest]
    # Bars may differ in length, and the music may begin or end within one.
    more[ONSET] = np.minimum(more[ONSET], lines[bar + 1] - 1)
    return np.concatenate((notes, more), axis=1)


def nearest_in(pitch: NDArray[np.int64], scale: Collection[int]) -> NDArray[np.int64]:
    """Returns pitches moved to the nearest one of a scale, of two the lower.

    Args:
        pitch: shape (N,).
        scale: pitch classes, no more than two semitones apart.
    """
    steps = np.array([0, -1, 1, -2, 2])
    moved = pitch[:, None] + steps
    fits = np.isin(moved % 12, list(scale)) & (moved >= 0) & (moved < N_PITCHES)
    return moved[np.arange(len(pitch)), fits.argmax(axis=1)]
