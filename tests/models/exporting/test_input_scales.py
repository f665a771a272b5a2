"""Scales that are measured: zero stays zero, and less is lost than by the whole range."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from componium.models.exporting.input_scales import LEVELS, best_scale, measured_input_scales


def quantized(values, scale):
    levels = np.clip(np.rint(values / scale.scale) + scale.zero_point, 0, LEVELS)
    return (levels - scale.zero_point) * scale.scale


@pytest.mark.parametrize("low", [-4.0, -0.3, 0.0, 2.0])
def test_values_come_back_within_half_a_step(low):
    values = np.linspace(low, 5.0, 1000, dtype=np.float32)
    scale = best_scale(values)
    assert 0 <= scale.zero_point <= LEVELS
    assert quantized(np.zeros(1), scale) == 0
    # Evenly spread values are not clipped by more than a few steps.
    assert np.abs(quantized(values, scale) - values).max() < 4 * scale.scale
    assert scale.scale == pytest.approx((5.0 - min(low, 0.0)) / LEVELS, rel=0.03)


def test_a_rare_value_does_not_make_all_others_coarse():
    rng = np.random.default_rng(1)
    values = rng.standard_normal(100_000).astype(np.float32)
    values[0] = 15
    scale = best_scale(values)
    assert scale.scale < 0.9 * (values.max() - values.min()) / LEVELS
    error = np.square(quantized(values, scale) - values).mean()
    whole = scale._replace(scale=float((values.max() - values.min()) / LEVELS))
    assert error < np.square(quantized(values, whole) - values).mean()


def test_inputs_that_are_zero_have_a_scale():
    assert best_scale(np.zeros(10, np.float32)).scale > 0


def test_every_linear_layer_is_measured_and_left_as_it_was():
    network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Sequential(nn.Linear(8, 2)))
    batches = [{"x": torch.full((3, 4), float(size))} for size in (1, 2, 5)]
    scales = measured_input_scales(network, lambda batch: network(batch["x"]), batches)
    assert set(scales) == {"0", "2.0"}
    assert scales["0"].scale == pytest.approx(5 / LEVELS, rel=0.03)
    assert network.training
    assert not network[0]._forward_pre_hooks
