"""Training excerpts that stay within the ranges of their parts."""

from __future__ import annotations

import numpy as np
import pytest
from fixtures.chorales import prepare_chorales

from componium.representations.columns import DURATION, PART, PITCH
from componium.training.batches import BatchConfig, NoteBatches


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return prepare_chorales(tmp_path_factory.mktemp("chorales"))


def ranges(events):
    own = events[events[:, DURATION] > 0]
    return np.array(
        [(own[own[:, PART] == part, PITCH].min(), own[own[:, PART] == part, PITCH].max()) for part in range(4)]
    )


def drawn(dataset, *, within_ranges):
    batches = NoteBatches(dataset, BatchConfig(batch_size=8, bars=64, within_ranges=within_ranges), 1)
    found = [batches.excerpts(step) for step in range(20)]
    return np.concatenate([batch["targets"][batch["is_note"]].numpy() for batch in found])


def test_no_part_leaves_the_pitches_that_it_has_in_the_training_pieces(dataset):
    every = ranges(np.concatenate([dataset.encoded(index).events for index in dataset.of("train")]))
    within, beyond = (ranges(drawn(dataset, within_ranges=own)) for own in (True, False))
    assert (within[:, 0] >= every[:, 0]).all()
    assert (within[:, 1] <= every[:, 1]).all()
    assert (beyond[:, 0] < every[:, 0]).any()
    assert (beyond[:, 1] > every[:, 1]).any()


def test_pieces_still_move(dataset):
    batches = NoteBatches(dataset, BatchConfig(batch_size=8, bars=64, within_ranges=True), 1)
    rng = np.random.default_rng(1)
    moves = {index: {batches._semitones(index, rng) for _ in range(100)} for index in dataset.of("train")}
    assert all(0 in own and own <= set(range(-5, 7)) for own in moves.values())
    assert max(map(len, moves.values())) > 3
