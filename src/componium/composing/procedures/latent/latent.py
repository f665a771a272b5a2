"""The sampling procedure of networks that turn random numbers into a stretch of music at once.

Stretches follow each other until the bars are full: an excerpt of so many notes (:mod:`.tuples`), or one bar of a piano
roll (:mod:`.rolls`). A piece is drawn whole before its first note is yielded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.procedures.latent.joining import Source, pieces_of
from componium.composing.procedures.latent.rolls import Rolls
from componium.composing.procedures.latent.tuples import Tuples
from componium.composing.procedures.procedure import DrawnNote, PieceEnd, Procedure, Queue

SOURCES: Mapping[str, Callable[[Artifact, QueuedPiece], Source]] = {"notes": Tuples, "grid": Rolls}
"""What draws the stretches of a piece, by the representation of the artifact."""


def compose_latent(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Draws one piece after the other and yields its notes."""
    return pieces_of(SOURCES[artifact.representation.name], artifact, queue)


LATENT = Procedure("latent", compose_latent)
