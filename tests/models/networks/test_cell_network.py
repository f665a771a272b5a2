"""The network over cells: relative outputs are those of a scatter, and the exported graph is the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from componium.models.exporting import measured_input_scales
from componium.models.exporting.graphs.cell_graph import export_cells
from componium.models.networks.cells.network import (
    N_EDGES,
    N_MOVES,
    WIDEST_MOVE,
    CellInputs,
    CellNetwork,
    CellShape,
    ConvolutionBackbone,
    IntervalInputs,
    IntervalOutputs,
    LstmBackbone,
    RelativeOutputs,
    VoiceLeadingOutputs,
)
from componium.onnx_sessions import open_session
from componium.representations.lines import HIDDEN, N_STRUCK, NO_PITCH, NOWHERE, SILENT

SHAPE = CellShape(parts=3, cells_per_beat=4, width=12, depth=2, embedding=5, dropout=0.1)
BACKBONES = {
    "lstm": lambda n: LstmBackbone(n, SHAPE, residual=False),
    "residual": lambda n: LstmBackbone(n, SHAPE, residual=True),
    "convolution": lambda n: ConvolutionBackbone(n, SHAPE),
}


def network(backbone, *, relative=True, intervals=True, strikes=True):
    torch.manual_seed(5)
    own = BACKBONES[backbone](CellNetwork.n_inputs(SHAPE, intervals=intervals))
    found = CellNetwork(SHAPE, own, relative=relative, intervals=intervals, strikes=strikes)
    for outputs in found.moves:
        torch.nn.init.normal_(outputs.by_distance.weight)
    for outputs in found.voice_leading:
        torch.nn.init.normal_(outputs.table.weight[:-1].data)
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


def test_interval_outputs_are_summed_over_the_known_pitches_of_a_step():
    outputs = IntervalOutputs()
    intervals, pitch = torch.randn(5, SHAPE.parts * 12), torch.randint(128, (5, SHAPE.parts))
    pitch[:3, 1] = torch.tensor([SILENT, HIDDEN, 127])
    expected = torch.zeros(5, 128)
    for row in range(5):
        for part in range(SHAPE.parts):
            for one in range(128):
                if pitch[row, part] < 128:
                    expected[row, one] += intervals[row, part * 12 + (one - int(pitch[row, part])) % 12]
    assert torch.allclose(outputs(intervals, pitch), expected, atol=1e-6)


def test_voice_leading_outputs_are_those_of_a_loop_over_parts_and_pitches():
    torch.manual_seed(2)
    outputs = VoiceLeadingOutputs(SHAPE.parts)
    torch.nn.init.normal_(outputs.table.weight[:-1].data)
    near, here = (torch.randint(126, (6, SHAPE.parts)) for _ in range(2))
    near[0, 1], near[1, 0], here[2, 2], here[:, 0] = SILENT, HIDDEN, HIDDEN, HIDDEN
    part = torch.zeros(6, dtype=torch.int64)
    expected = torch.zeros(6, 128)
    for row in range(6):
        for other in range(1, SHAPE.parts):
            own, theirs, now = int(near[row, 0]), int(near[row, other]), int(here[row, other])
            if max(own, theirs, now) < 128:
                place = (other * 12 + (own - theirs) % 12) * 3 + int(np.sign(now - theirs)) + 1
                for one in range(128):
                    column = (one - now) % 12 * 3 + int(np.sign(one - own)) + 1
                    expected[row, one] += 8 * outputs.table.weight[place, column].item()
    with torch.no_grad():
        assert torch.allclose(outputs(near[:, 0], near, here, part), expected, atol=1e-4)


def test_moves_and_intervals_are_those_of_pitches_and_stay_when_all_are_transposed():
    torch.manual_seed(1)
    read = IntervalInputs(SHAPE.parts, 3)
    inputs = random_inputs(2, 9)
    pitches = (inputs.pitch, inputs.before, inputs.behind)
    low = [torch.where(own < NO_PITCH, own % 100 + 5, own) for own in pitches]
    high = [torch.where(own < NO_PITCH, own + 7, own) for own in low]
    first, moved = (read(inputs._replace(pitch=own[0], before=own[1], behind=own[2])) for own in (low, high))
    for one, other in zip(first, moved, strict=True):
        assert torch.equal(one, other)
    upper, lower = low[0][..., 0], low[0][..., 1]
    number = torch.where((upper < NO_PITCH) & (lower < NO_PITCH), (upper - lower) % 12, 12)
    assert torch.equal(first[2][..., 0, :], read.interval(number))
    move = (low[0] - low[1]).clamp(-WIDEST_MOVE, WIDEST_MOVE) + WIDEST_MOVE
    assert torch.equal(first[0], read.move(torch.where((low[0] < NO_PITCH) & (low[1] < NO_PITCH), move, N_MOVES)))
    assert sum(own.shape[2] * own.shape[3] for own in first) == IntervalInputs.n_outputs(SHAPE.parts, 3)


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("intervals", [True, False])
def test_cells_that_are_wanted_are_cells_of_all(backbone, relative, intervals):
    own, inputs = network(backbone, relative=relative, intervals=intervals), random_inputs(2, 9)
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
