"""Metrics of one piece, one file for each aspect of music, and the list of them all."""

from componium.evaluation.metrics.harmony import HARMONY
from componium.evaluation.metrics.melody import MELODY
from componium.evaluation.metrics.metric import Measured, Metric, Undefined, measure, measure_all
from componium.evaluation.metrics.rhythm import RHYTHM
from componium.evaluation.metrics.structure import STRUCTURE

METRICS: tuple[Metric, ...] = (*MELODY, *HARMONY, *RHYTHM, *STRUCTURE)

__all__ = ["METRICS", "Measured", "Metric", "Undefined", "measure", "measure_all"]
