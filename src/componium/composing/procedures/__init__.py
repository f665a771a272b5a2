"""The sampling procedures, by the names that artifacts have; their versions stand in :mod:`componium.artifacts`."""

from __future__ import annotations

from collections.abc import Mapping

from componium.composing.procedures.cells.gibbs import GIBBS
from componium.composing.procedures.latent.latent import LATENT
from componium.composing.procedures.latent.sequences import LATENT_SEQUENCE
from componium.composing.procedures.ngram import NGRAM
from componium.composing.procedures.note_by_note import NOTE_BY_NOTE
from componium.composing.procedures.procedure import (
    BATCH,
    Drawn,
    DrawnNote,
    PieceEnd,
    PiecePause,
    PieceQueue,
    Procedure,
    Queue,
)
from componium.composing.procedures.words.ensemble import ENSEMBLE
from componium.composing.procedures.words.word_by_word import WORD_BY_WORD

__all__ = ["BATCH", "PROCEDURES", "Drawn", "DrawnNote", "PieceEnd", "PiecePause", "PieceQueue", "Procedure", "Queue"]

PROCEDURES: Mapping[str, Procedure] = {
    own.name: own for own in (NOTE_BY_NOTE, NGRAM, GIBBS, WORD_BY_WORD, ENSEMBLE, LATENT, LATENT_SEQUENCE)
}
