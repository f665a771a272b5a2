"""Judging music: metrics of pieces, and of sets of pieces against held-out human music. Never torch."""

from componium.evaluation.harmony import HARMONY
from componium.evaluation.melody import MELODY
from componium.evaluation.metric import Measured, Metric, Undefined, measure, measure_all
from componium.evaluation.reading import Reading, read
from componium.evaluation.rhythm import RHYTHM
from componium.evaluation.structure import STRUCTURE

METRICS: tuple[Metric, ...] = (*MELODY, *HARMONY, *RHYTHM, *STRUCTURE)

__all__ = ["METRICS", "Measured", "Metric", "Reading", "Undefined", "measure", "measure_all", "read"]
