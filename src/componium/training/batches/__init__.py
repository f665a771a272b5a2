"""Batches as a pure function of the seed and the step, so that a resumed training sees what it would have seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from torch import Tensor

from componium.corpora.splits import Split
from componium.representations.words import WordsRepresentation
from componium.training.batches.note_batches import BatchConfig, GivenConfig, NoteBatches
from componium.training.batches.word_batches import WordBatches
from componium.training.dataset import Dataset

__all__ = ["BatchConfig", "Batches", "GivenConfig", "NoteBatches", "WordBatches", "batches_of"]


class Batches(Protocol):
    """Excerpts for training and whole pieces for validation, as tensors by name."""

    @property
    def n_train_notes(self) -> int:
        """Events of the training pieces."""
        ...

    def excerpts(self, step: int) -> dict[str, Tensor]:
        """Returns the batch of random training excerpts of a step."""
        ...

    def pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields all whole pieces of a split, several in a batch."""
        ...

    def single_pieces(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yields each whole piece of a split in a batch of its own, in the order of the dataset."""
        ...


def batches_of(dataset: Dataset, config: BatchConfig, seed: int) -> Batches:
    """Returns the batches of a dataset for networks that read its representation."""
    make = WordBatches if isinstance(dataset.representation, WordsRepresentation) else NoteBatches
    return make(dataset, config, seed)
