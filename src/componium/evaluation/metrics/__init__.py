"""Metrics of one piece, one file for each aspect of music, and the list of them all."""

from componium.evaluation.metrics.harmony import HARMONY
from componium.evaluation.metrics.melody import MELODY
from componium.evaluation.metrics.metric import Measured, Metric, Undefined, measure, measure_all
from componium.evaluation.metrics.rhythm import RHYTHM
from componium.evaluation.metrics.structure import STRUCTURE
from componium.evaluation.metrics.voices import VOICES

METRICS: tuple[Metric, ...] = (*MELODY, *HARMONY, *RHYTHM, *STRUCTURE)
SET_METRICS: tuple[Metric, ...] = (*METRICS, *VOICES)
"""Those that sets are compared in."""

__all__ = ["METRICS", "SET_METRICS", "Measured", "Metric", "Undefined", "measure", "measure_all"]
