"""The training module of the family brnn: what it reads, what it charges, and that its graph judges as it does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from fixtures.chorales import VOICES, chorale_recipe, prepare_chorales, train_chorales

from componium.models import FAMILIES
from componium.models.brnn import BrnnConfig, BrnnModule
from componium.models.networks.cells.excerpts import _metric_positions, cell_excerpts
from componium.representations.lines import FIRST, INSIDE, LAST, OUTSIDE, SILENT, lines_of
from componium.training.batches import BatchConfig, NoteBatches
from componium.training.judging import judge


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return prepare_chorales(tmp_path_factory.mktemp("chorales"))


@pytest.fixture(scope="module")
def trained(dataset, exports_once, tmp_path_factory):
    return train_chorales(dataset, tmp_path_factory.mktemp("trained"), chorale_recipe(steps=120))


@pytest.fixture
def batches(dataset):
    return NoteBatches(dataset, BatchConfig(batch_size=4, bars=64, within_ranges=True), 1)


def test_excerpts_are_the_pieces_in_cells(dataset, batches):
    [batch] = list(batches.pieces("train"))
    excerpts, grid = cell_excerpts(batch, dataset.representation), dataset.representation
    order = sorted(dataset.of("train"), key=lambda i: dataset.records[i].stop - dataset.records[i].start)
    for row, index in enumerate(order):
        piece = dataset.encoded(index)
        pitch, struck = lines_of(grid.view(piece)["cells"])
        size = int(np.flatnonzero((pitch < SILENT).any(axis=1))[-1]) + 1
        assert excerpts.exists[row].tolist() == [cell < size for cell in range(excerpts.exists.shape[1])]
        assert np.array_equal(excerpts.pitch[row, :size], pitch[:size])
        assert np.array_equal(excerpts.struck[row, :size], struck[:size])
        place = grid.codec.bar_grid(piece.meter).locate(np.arange(size) * grid.steps_per_cell)
        assert np.array_equal(excerpts.position[row, :size], place.position // grid.steps_per_cell)
        assert np.array_equal(excerpts.bar[row, :size], place.bar)
        edge = np.full(excerpts.edge.shape[1], OUTSIDE)
        edge[:size] = INSIDE
        edge[0], edge[size - 1] = FIRST, LAST
        assert excerpts.edge[row].tolist() == edge.tolist()


def test_a_bar_line_at_which_nothing_begins_is_where_the_next_note_says():
    places, onset = np.array([[0, 0, 12, 4, 0]]), np.array([[0, 12, 20, 32]])
    position, bar = _metric_positions(places, onset, np.ones((1, 4), bool), 48, 1)
    assert position[0].tolist() == [step % 16 for step in range(48)]
    assert bar[0].tolist() == [step // 16 for step in range(48)]


def test_what_is_hidden_is_not_read(dataset, batches):
    """Neither its pitch nor whether it or what follows is held."""
    module = BrnnModule(FAMILIES["brnn"].tiny, dataset)
    excerpts = cell_excerpts(batches.excerpts(0), dataset.representation)
    rng = np.random.default_rng(1)
    hidden = rng.random(excerpts.pitch.shape) < 0.5
    other = excerpts._replace(
        pitch=np.where(hidden, rng.integers(0, 128, hidden.shape), excerpts.pitch),
        struck=np.where(hidden, ~excerpts.struck, excerpts.struck),
    )
    behind = np.zeros_like(hidden)
    behind[:, 1:] = hidden[:, :-1]
    other = other._replace(struck=np.where(behind, ~other.struck, other.struck))
    for one, two in zip(module._read(excerpts, hidden), module._read(other, hidden), strict=True):
        assert torch.equal(one, two)


class _Uniform(torch.nn.Module):
    """Finds everything alike probable."""

    def forward(self, inputs, wanted):
        count = int(wanted.sum())
        return torch.zeros(count, 129), torch.zeros(count)


def test_every_cell_is_charged_and_a_stroke_where_it_could_be_held(dataset, batches):
    module = BrnnModule(FAMILIES["brnn"].tiny, dataset)
    module.network = _Uniform()
    [batch] = list(batches.pieces("validation"))
    tally = module.validation_step(batch)
    excerpts = cell_excerpts(batch, dataset.representation)
    n_cells = excerpts.exists.sum() * len(VOICES)
    assert tally["pitch_nats"] == pytest.approx((n_cells * math.log(129), n_cells))
    pitch = excerpts.pitch
    repeated = ((pitch[:, 1:] == pitch[:, :-1]) & (pitch[:, 1:] < SILENT) & excerpts.exists[:, 1:, None]).sum()
    value, weight = tally["struck_nats"]
    # Estimated from the cells that masks hide.
    assert value / weight == pytest.approx(repeated / n_cells * math.log(2), rel=0.1)
    assert module.validation_step(batch) == tally


def test_it_learns_from_both_sides(trained):
    trainer, _ = trained
    rows = trainer._rows
    assert rows[-1]["validation_nats_per_cell"] < 0.5 * math.log(129)


def test_its_graph_judges_as_it_does(trained):
    trainer, artifact = trained
    module = trainer.module.cpu()
    own, through = (
        judge(judged, trainer.batches.pieces("validation")) for judged in (module, module.judged_through(artifact))
    )
    assert own == pytest.approx(through, abs=1e-4)
    with torch.no_grad():
        module.network.out.bias += 1.0 * torch.randn_like(module.network.out.bias)
    assert judge(module, trainer.batches.pieces("validation")) != pytest.approx(through, abs=1e-3)


def test_an_artifact_knows_the_ranges_of_the_training_pieces(dataset, trained):
    _, artifact = trained
    ranges = np.array(artifact.part_ranges)
    own = [dataset.encoded(index).events for index in dataset.of("train")]
    for part in range(len(VOICES)):
        pitches = np.concatenate([events[(events[:, 1] == part) & (events[:, 3] > 0), 2] for events in own])
        assert pitches.min() <= ranges[part, 0] <= ranges[part, 1] <= pitches.max()


def test_ranges_are_part_of_the_state(dataset, batches):
    module = BrnnModule(FAMILIES["brnn"].tiny, dataset)
    module.training_step(batches.excerpts(0), 0.0, lambda loss: loss.backward())
    other = BrnnModule(FAMILIES["brnn"].tiny, dataset)
    other.load_training_state(module.training_state())
    assert torch.equal(other.ranges, module.ranges)
    assert bool((module.ranges[:, 0] <= module.ranges[:, 1]).all())
    damaged = module.training_state() | {"ranges": torch.zeros(1, 2)}
    with pytest.raises(ValueError, match="ranges"):
        other.load_training_state(damaged)


def test_settings_that_are_the_papers_train(dataset, batches):
    config = BrnnConfig(width=8, depth=2, embedding=4, relative=False, onsets=False, window=32)
    figures = BrnnModule(config, dataset).training_step(batches.excerpts(0), 0.0, lambda loss: loss.backward())
    assert figures["struck_nats"] == 0
    assert figures["nats_per_cell"] == figures["pitch_nats"] > 3
