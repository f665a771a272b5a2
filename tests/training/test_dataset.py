"""A damaged dataset is refused in one line; making one that fails leaves nothing."""

import pytest

from componium.errors import TrainingError
from componium.training.dataset import load, load_or_make


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"records": [[1]]}', "[" * 100_000])
def test_a_damaged_dataset(tmp_path, content):
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(TrainingError, match="not a prepared dataset; remove it"):
        load(tmp_path)


def test_a_dataset_that_cannot_be_made_leaves_nothing(tmp_path):
    def make(folder):
        (folder / "half").write_text("half")
        raise KeyError

    with pytest.raises(KeyError):
        load_or_make(tmp_path / "data", make)
    assert list(tmp_path.iterdir()) == []
