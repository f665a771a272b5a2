from __future__ import annotations

import numpy as np
import pytest

from componium.training.arrays import GrowingArray


@pytest.mark.parametrize("row", [(), (5,), (2, 3)])
@pytest.mark.parametrize("lengths", [(), (0,), (1, 0, 3), (99_999, 1, 7)])
def test_what_was_appended_is_there_as_numpy_would_have_saved_it(tmp_path, row, lengths):
    rng = np.random.default_rng(1)
    blocks = [rng.integers(-99, 99, (length, *row)) for length in lengths]
    with GrowingArray(tmp_path / "a.npy", np.int16, row) as growing:
        for block in blocks:
            growing.append(block)
    np.save(tmp_path / "b.npy", np.concatenate([np.empty((0, *row), np.int16), *blocks]).astype(np.int16))
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_an_interrupted_file_holds_nothing(tmp_path):
    def interrupted():
        with GrowingArray(tmp_path / "a.npy", np.int8) as growing:
            growing.append(np.ones(10))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert np.load(tmp_path / "a.npy").shape == (0,)
