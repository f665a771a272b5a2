"""Measures the usual tempo of a style."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from componium.evaluation.calibration.training_pieces import TrainingPiece

MIDI_TEMPO_BPM = 120.0
"""The tempo of a MIDI file that states none: most that have it say nothing by it."""

_SLOWEST, _FASTEST = 10.0, 400.0


def usual_tempo(pieces: Sequence[TrainingPiece]) -> float | None:
    """Returns the median tempo in whole quarters a minute; None where half of the pieces state none, or more."""
    stated = [own.encoded.tempo_bpm for own in pieces if abs(own.encoded.tempo_bpm - MIDI_TEMPO_BPM) > 1e-3]
    if 2 * len(stated) <= len(pieces):
        return None
    return float(np.clip(np.rint(np.median(stated)), _SLOWEST, _FASTEST))
