"""Pitches that would be parallel fifths, octaves or unisons."""

import numpy as np
import pytest

from componium.composing.constraints.parallels import PERFECT, making_parallels
from componium.representations.lines import HIDDEN, SILENT


def are_parallel(first, second):
    """Whether two parts, each a pair of pitches, move as parallels."""
    if max(*first, *second) >= SILENT or first[0] == first[1] or second[0] == second[1]:
        return False
    interval, again = abs(first[0] - second[0]) % 12, abs(first[1] - second[1]) % 12
    same_way = (first[1] > first[0]) == (second[1] > second[0])
    return interval in PERFECT and interval == again and same_way


def one_by_one(pitch):
    """The same, a pitch after the other."""
    found = np.zeros((*pitch.shape, SILENT), bool)
    for step, part, value in np.ndindex(found.shape):
        changed = pitch.copy()
        changed[step, part] = value
        for beside in set(range(pitch.shape[1])) - {part}:
            for start in {step - 1, step} & set(range(len(pitch) - 1)):
                moves = changed[start : start + 2, [part, beside]].T.tolist()
                found[step, part, value] |= are_parallel(*moves)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_they_are_those_that_are_found_one_by_one(seed):
    rng = np.random.default_rng(seed)
    pitch = rng.choice([*range(48, 68), SILENT, HIDDEN], size=(5, 3), p=[0.045] * 20 + [0.05, 0.05])
    pitch[:, 1] = pitch[:, 0] + rng.choice([-12, -7, 0, 7, 5], size=5)
    pitch[pitch > HIDDEN] = HIDDEN
    found = making_parallels(pitch)
    assert found.any()
    np.testing.assert_array_equal(found, one_by_one(pitch))


def test_fifths_are_parallel_and_none_where_a_part_stays():
    soprano, bass = [67, 69, 69, 64], [60, HIDDEN, 60, 58]
    found = making_parallels(np.array([soprano, bass]).T)
    # From the fifth C-G up to pitches a fifth from A, octaves apart or not; where A stays, to any pitch.
    assert np.flatnonzero(found[1, 1]).tolist() == [62, 76, 88, 100, 112, 124]
    assert not found[2].any()
