"""What a sampling procedure is: it takes pieces from a queue and yields their notes as they are drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece

BATCH = 16
"""Pieces composed at a time."""


class DrawnNote(NamedTuple):
    """A note as it is drawn; of one piece they come in the order of their onsets.

    Attributes:
        number: of the candidate that it belongs to.
        part: index of its part.
        onset, duration: in steps of the codec.
        pitch: 0 to 127.
        velocity: 1 to 127.
    """

    number: int
    part: int
    onset: int
    duration: int
    pitch: int
    velocity: int


class PieceEnd(NamedTuple):
    """Tells that all notes of a piece have been drawn.

    Attributes:
        number: of the candidate.
    """

    number: int


class PiecePause(NamedTuple):
    """Tells that all notes of a piece before the step at which it was to pause have been drawn.

    Attributes:
        number: of the candidate.
        resumed: what a :class:`QueuedPiece` takes to go on from here, any number of times.
    """

    number: int
    resumed: object


Drawn = DrawnNote | PieceEnd | PiecePause
Queue = Iterator[QueuedPiece]
"""Pieces of one request. A procedure takes the next one whenever it has room, up to ``BATCH`` at a time.

A queue that is empty may fill again until the last piece that was taken has ended: rejected drafts come back, and those
that have paused go on.
"""


class PieceQueue(Queue):
    """A queue to which pieces can be given back.

    Args:
        waiting: taken from one by one, when they are needed.
    """

    def __init__(self, waiting: Iterable[QueuedPiece]) -> None:
        self._waiting = iter(waiting)
        self._returned: deque[QueuedPiece] = deque()

    def give_back(self, piece: QueuedPiece) -> None:
        """Has a piece wait before those that were not taken yet."""
        self._returned.append(piece)

    def __next__(self) -> QueuedPiece:
        return self._returned.popleft() if self._returned else next(self._waiting)


@dataclass(frozen=True)
class Procedure:
    """A sampling procedure.

    Attributes:
        name: as artifacts have it.
        draw: yields the notes of all pieces of a queue, and the end or the pause of each before it looks for another
            one. Whether pieces pause is left to it.
    """

    name: str
    draw: Callable[[Artifact, Queue], Iterator[Drawn]]
