"""Masks hide what they say, and at least one cell."""

from __future__ import annotations

import numpy as np
import pytest

from componium.models.networks.cells.masks import after_moment, any_cells, draw_mask, whole_bars, whole_parts

BAR = np.repeat(np.arange(3), 4)
CELLS = np.ones((12, 4), bool)


def test_the_number_of_hidden_cells_is_uniform():
    rng = np.random.default_rng(1)
    counts = [int(any_cells(CELLS, rng).sum()) for _ in range(4000)]
    found = np.bincount(counts, minlength=49)
    assert found[0] == 0
    # Each of 48 numbers about 83 times, with a deviation of 9.
    assert found[1:].min() > 83 - 45
    assert found[1:].max() < 83 + 45


def test_a_stratum_is_a_stretch_of_the_numbers():
    rng = np.random.default_rng(1)
    counts = [{int(any_cells(CELLS, rng, (place, 4)).sum()) for _ in range(400)} for place in range(4)]
    assert counts == [set(range(1 + 12 * place, 13 + 12 * place)) for place in range(4)]


def test_only_cells_that_exist_are_hidden():
    rng = np.random.default_rng(2)
    cells = CELLS.copy()
    cells[7:] = False
    for _ in range(300):
        hidden = draw_mask(cells, BAR, rng)
        assert hidden.any()
        assert not hidden[7:].any()
    one = np.zeros_like(cells)
    one[0, 0] = True
    assert all(draw_mask(one, BAR, rng).sum() == 1 for _ in range(50))


def test_what_follows_a_moment_is_a_tail_of_all_cells_in_their_order():
    rng = np.random.default_rng(3)
    starts = set()
    for _ in range(400):
        flat = after_moment(CELLS, BAR, rng).ravel()
        starts.add(int(flat.argmax()))
        assert np.array_equal(flat, np.arange(48) >= flat.argmax())
    # Within a step too, so that a voice is predicted from those before it.
    assert {start % 4 for start in starts} == {0, 1, 2, 3}


def test_parts_are_whole_and_one_stays():
    rng = np.random.default_rng(4)
    found = [whole_parts(CELLS, BAR, rng) for _ in range(200)]
    assert all((own == own[:1]).all() for own in found)
    assert {int(own[0].sum()) for own in found} == {1, 2, 3}
    assert whole_parts(CELLS[:, :1], BAR, rng).all()


@pytest.mark.parametrize("seed", range(5))
def test_bars_are_whole(seed):
    rng = np.random.default_rng(seed)
    for _ in range(50):
        hidden = whole_bars(CELLS, BAR, rng)
        steps = hidden.any(axis=1)
        bars = [set(steps[bar == BAR].tolist()) for bar in range(3)]
        assert all(len(own) == 1 for own in bars)
        assert steps.any()
