"""What a sampling procedure is: it takes pieces from a queue and yields their notes as they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


Queue = Iterator[QueuedPiece]
"""Pieces of one request. A procedure takes the next one whenever it has room, up to ``BATCH`` at a time."""


@dataclass(frozen=True)
class Procedure:
    """A sampling procedure.

    Attributes:
        name: as artifacts have it.
        draw: yields the notes of all pieces of a queue; a piece is over when another one takes its place, or all are.
    """

    name: str
    draw: Callable[[Artifact, Queue], Iterator[DrawnNote]]
