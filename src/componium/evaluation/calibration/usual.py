"""Measures what is usual in a style: its tempo, and the figures that candidates are ranked by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from componium.artifacts import Artifact
from componium.composing.ranking.criteria import CRITERIA, STRETCH_BARS, Heard, figures_of
from componium.conditioning.style_profile import HumanFigure
from componium.evaluation.calibration.training_pieces import TrainingPiece
from componium.score import excerpt, n_bars

LEAST_PIECES = 10
"""Pieces that must have a figure for it to replace what the profile says."""

MIDI_TEMPO_BPM = 120.0
"""The tempo of a MIDI file that states none: most that have it say nothing by it."""

_SLOWEST, _FASTEST = 10.0, 400.0


def usual_tempo(pieces: Sequence[TrainingPiece]) -> float | None:
    """Returns the median tempo in whole quarters a minute; None where half of the pieces state none, or more."""
    stated = [own.encoded.tempo_bpm for own in pieces if abs(own.encoded.tempo_bpm - MIDI_TEMPO_BPM) > 1e-3]
    if 2 * len(stated) <= len(pieces):
        return None
    return float(np.clip(np.rint(np.median(stated)), _SLOWEST, _FASTEST))


def human_figures(artifact: Artifact, pieces: Sequence[TrainingPiece]) -> dict[str, HumanFigure]:
    """Returns mean and deviation of each criterion that ``LEAST_PIECES`` pieces have and that differs between them.

    They are of the first ``STRETCH_BARS`` bars of pieces that have as many, ``closing`` of the last ones. ``bits`` are
    those under the artifact, which is told nothing.
    """
    rows = [_figures(artifact, own) for own in pieces if n_bars(own.score) >= STRETCH_BARS]
    found: dict[str, HumanFigure] = {}
    for name in CRITERIA:
        values = np.array([row[name] for row in rows if not math.isnan(row[name])])
        if len(values) >= LEAST_PIECES and values.std() > 1e-9:
            found[name] = HumanFigure(
                mean=round(float(values.mean()), 3), deviation=max(round(float(values.std()), 3), 0.001)
            )
    return found


def _figures(artifact: Artifact, piece: TrainingPiece) -> Mapping[str, float]:
    last = excerpt(piece.score, n_bars(piece.score) - STRETCH_BARS, STRETCH_BARS)
    return figures_of(excerpt(piece.score, 0, STRETCH_BARS), artifact) | {
        "closing": CRITERIA["closing"](Heard(last, artifact))
    }
