"""Reads recordings of people playing: ticks are time and not beats, and the pedal is part of the music."""

from __future__ import annotations

from dataclasses import replace

from componium.corpora.corpus import Piece
from componium.formats.midi import read_midi
from componium.score import Score


def read_performance(piece: Piece) -> Score:
    """Reads a recorded piano performance; with its sustain pedal.

    Raises:
        FormatError: the file cannot be used.
    """
    return replace(read_midi(piece.path, keep_source=False), has_grid=False)
