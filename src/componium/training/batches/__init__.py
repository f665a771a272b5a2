"""Batches as a pure function of the seed and the step, so that a resumed training sees what it would have seen."""

from __future__ import annotations

from componium.training.batches.note_batches import BatchConfig, Batches, GivenConfig

__all__ = ["BatchConfig", "Batches", "GivenConfig"]
