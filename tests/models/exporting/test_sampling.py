import math

import pytest
import torch

from componium.models.exporting.sampling import SAMPLE, Controls, choose, clamped

N = 6


def _controls(batch, *, given=SAMPLE, temperature=1.0, top_p=1.0, weights=None, uniform=None):
    generator = torch.Generator().manual_seed(1)
    return Controls(
        torch.full((batch, 1), given),
        clamped(torch.full((batch, 1), temperature)),
        torch.full((batch, 1), top_p),
        torch.zeros(batch, N) if weights is None else weights.expand(batch, N),
        torch.rand(batch, 1, generator=generator) if uniform is None else torch.full((batch, 1), uniform),
    )


def _logits(batch=1):
    return torch.tensor([0.3, 1.0, -0.5, 2.0, 0.0, -3.0]).expand(batch, N)


def _frequencies(values):
    return torch.bincount(values[:, 0], minlength=N).double() / len(values)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_distribution(temperature):
    size = 40_000
    drawn = choose(_logits(size), _controls(size, temperature=temperature))
    expected = torch.softmax(_logits()[0].double() / temperature, 0)
    assert (_frequencies(drawn) - expected).abs().max() < 4 * math.sqrt(0.25 / size)


def test_the_nucleus_is_the_smallest_set_that_fills_the_share():
    size = 20_000
    probabilities = torch.softmax(_logits()[0].double(), 0)
    # The two best hold less than 0.8, the three best more.
    order = probabilities.argsort(descending=True)
    share = 0.8
    kept = order[:3]
    assert probabilities[order[:2]].sum() < share < probabilities[kept].sum()
    drawn = choose(_logits(size), _controls(size, top_p=share))
    expected = torch.zeros(N, dtype=torch.float64)
    expected[kept] = probabilities[kept] / probabilities[kept].sum()
    assert (_frequencies(drawn) - expected).abs().max() < 4 * math.sqrt(0.25 / size)


@pytest.mark.parametrize("controls", [{"top_p": 0.0}, {"temperature": 0.0}])
@pytest.mark.parametrize("uniform", [0.0, 0.999999])
def test_at_nothing_the_best_value_stays(controls, uniform):
    assert choose(_logits(), _controls(1, uniform=uniform, **controls)).tolist() == [[3]]


def test_the_last_uniform_number_draws_the_last_value_that_is_kept():
    assert choose(_logits(), _controls(1, uniform=1 - 2**-24)).tolist() == [[5]]


def test_weights_shift_the_odds_and_forbid():
    size = 20_000
    weights = torch.tensor([0.0, 0.0, math.log(4), -1e9, 0.0, 0.0])
    drawn = choose(_logits(size), _controls(size, weights=weights))
    expected = torch.softmax(_logits()[0].double() + weights.double(), 0)
    assert (_frequencies(drawn) - expected).abs().max() < 4 * math.sqrt(0.25 / size)
    assert not (drawn == 3).any()


def test_a_given_value_is_taken_even_outside_the_nucleus():
    assert choose(_logits(), _controls(1, given=5, top_p=0.1)).tolist() == [[5]]
