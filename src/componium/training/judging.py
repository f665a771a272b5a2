"""Judges a module on whole pieces that it does not learn from, by its own figures."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch

from componium.corpora.splits import Split
from componium.likelihood import interval_over_works
from componium.models.family import Batch, Tally, TrainingModule
from componium.training.batches import Batches
from componium.training.dataset import Dataset


def judge(module: TrainingModule, batches: Iterable[Batch]) -> dict[str, float]:
    """Returns the means of a module's figures over whole pieces."""
    return _means(_tallies(module, batches))


def judge_split(module: TrainingModule, batches: Batches, dataset: Dataset, split: Split) -> dict[str, float]:
    """Returns a module's figures on the whole pieces of a split; none where it has no piece.

    The figure that is monitored has its 95 % interval over works
    (:func:`componium.likelihood.interval_over_works`), where there are enough of them.

    Args:
        module: on the processor.
        batches: of the dataset.
        dataset: its pieces.
        split: which of them.
    """
    indices, tallies = dataset.of(split), _tallies(module, batches.single_pieces(split))
    if not indices:
        return {}
    figures = module.settle(_means(tallies))
    works = [dataset.records[index].work for index in indices]
    figures |= {"pieces": float(len(indices)), "works": float(len(set(works)))}
    found = [own[module.monitor] for own in tallies if module.monitor in own]
    if len(found) == len(works):
        totals, weights = np.array(found).T
        interval = interval_over_works(totals, weights, works)
        if interval is not None:
            figures[f"{module.monitor}_low"], figures[f"{module.monitor}_high"] = interval
    return figures


def _tallies(module: TrainingModule, batches: Iterable[Batch]) -> list[Tally]:
    """The figures of each batch."""
    module.eval()
    with torch.no_grad():
        return [module.validation_step(batch) for batch in batches]


def _means(tallies: Iterable[Tally]) -> dict[str, float]:
    total: Tally = {}
    for tally in tallies:
        for name, (value, weight) in tally.items():
            so_far = total.get(name, (0.0, 0.0))
            total[name] = (so_far[0] + value, so_far[1] + weight)
    return {name: value / weight if weight else math.nan for name, (value, weight) in total.items()}
