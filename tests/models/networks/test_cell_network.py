"""The network over cells: relative outputs are those of a scatter, and the exported graph is the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from componium.models.exporting import measured_input_scales
from componium.models.exporting.cell_graph import export_cells
from componium.models.networks.cells.network import (
    N_EDGES,
    N_MOVES,
    WIDEST_MOVE,
    CellInputs,
    CellNetwork,
    CellShape,
    ConvolutionBackbone,
    LstmBackbone,
    RelativeOutputs,
)
from componium.onnx_sessions import open_session
from componium.representations.lines import HIDDEN, N_STRUCK, NO_PITCH, NOWHERE

SHAPE = CellShape(parts=3, cells_per_beat=4, width=12, depth=2, embedding=5, dropout=0.1)
BACKBONES = {
    "lstm": lambda n: LstmBackbone(n, SHAPE, residual=False),
    "residual": lambda n: LstmBackbone(n, SHAPE, residual=True),
    "convolution": lambda n: ConvolutionBackbone(n, SHAPE),
}


def network(backbone, *, relative=True, strikes=True):
    torch.manual_seed(5)
    found = CellNetwork(SHAPE, BACKBONES[backbone](CellNetwork.n_inputs(SHAPE)), relative=relative, strikes=strikes)
    for outputs in found.moves:
        torch.nn.init.normal_(outputs.by_distance.weight)
    return found.eval()


def random_inputs(rows, cells):
    def draw(size, parts=SHAPE.parts):
        return torch.randint(size, (rows, cells, parts))

    return CellInputs(
        draw(HIDDEN + 1), draw(N_STRUCK), draw(NO_PITCH + 1), draw(NOWHERE + 1), draw(NO_PITCH + 1), draw(NOWHERE + 1),
        draw(96, 1), draw(N_EDGES, 1),
    )  # fmt: skip


def test_relative_outputs_are_those_of_a_scatter():
    torch.manual_seed(3)
    outputs = RelativeOutputs(2)
    torch.nn.init.normal_(outputs.by_distance.weight)
    moves, pitch = torch.randn(40, N_MOVES), torch.randint(NO_PITCH + 1, (40,))
    pitch[:4] = torch.tensor([0, 127, NO_PITCH, 60])
    distance, part = torch.randint(1, NOWHERE + 1, (40,)), torch.randint(2, (40,))
    found = outputs(moves, pitch, distance, part).detach()
    own = moves + outputs.by_distance.weight.detach()[part * (NOWHERE + 1) + distance]
    expected = torch.zeros(40, 128)
    for row in range(40):
        for move in range(-WIDEST_MOVE, WIDEST_MOVE + 1):
            place = int(pitch[row]) + move
            if pitch[row] < NO_PITCH and 0 <= place < 128:
                expected[row, place] = own[row, move + WIDEST_MOVE]
    assert torch.equal(found, expected)


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("relative", [True, False])
def test_cells_that_are_wanted_are_cells_of_all(backbone, relative):
    own, inputs = network(backbone, relative=relative), random_inputs(2, 9)
    wanted = torch.rand(inputs.pitch.shape) < 0.4
    with torch.no_grad():
        every, some = own(inputs), own(inputs, wanted)
    for whole, part in zip(every, some, strict=True):
        assert torch.allclose(whole[wanted], part, atol=1e-5)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_it_reads_in_both_directions(backbone):
    own, inputs = network(backbone), random_inputs(1, 9)
    for cell in (2, 6):
        changed = inputs.pitch.clone()
        changed[0, cell, 1] = (changed[0, cell, 1] + 1) % 128
        with torch.no_grad():
            before, after = own(inputs)[0], own(inputs._replace(pitch=changed))[0]
        assert not torch.equal(before[0, 4], after[0, 4])


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_graph_is_the_network_at_any_length(backbone, precision, exports_once, tmp_path):
    own = network(backbone)
    scales = measured_input_scales(own, lambda batch: own(batch["inputs"]), [{"inputs": random_inputs(4, 30)}])
    export_cells(own, tmp_path, precision, scales)
    session = open_session(tmp_path / "cells.onnx")
    # One step alone, and rows of other lengths than those that were traced.
    for rows, cells in ((1, 2), (3, 40), (1, 300)):
        inputs = random_inputs(rows, cells)
        with torch.no_grad():
            expected = [own.numpy() for own in own(inputs)]
        found = session.run(None, {name: array.numpy() for name, array in inputs._asdict().items()})
        for one, other in zip(expected, found, strict=True):
            if precision == "fp32":
                assert np.abs(one - other).max() < 1e-4
            else:
                assert 0 < np.abs(one - other).mean() < 0.05 * one.std()


def test_a_network_of_merged_notes_strikes_none_again():
    inputs = random_inputs(2, 9)
    with torch.no_grad():
        never, some = (network("lstm", strikes=strikes)(inputs)[1] for strikes in (False, True))
    assert bool((torch.sigmoid(never) < 1e-12).all())
    assert bool((torch.sigmoid(some) > 0.1).all())
