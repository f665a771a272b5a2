import pytest
from matplotlib.figure import Figure

from componium.training.history import History, plot_history

ROWS = [{"step": float(step), "train_bits": 5.0 / step, "validation_bits": 6.0 / step, "train_critic": 1.0 * step}
        for step in (1, 2, 3)]  # fmt: skip


@pytest.fixture
def drawn(monkeypatch):
    """Names of the vertical axes of the figures that are saved."""
    names = []
    monkeypatch.setattr(Figure, "savefig", lambda own, *_, **__: names.append([a.get_ylabel() for a in own.axes]))
    return names


@pytest.mark.parametrize(
    ("curves", "expected"),
    [((), ["bits"]), (("critic",), ["bits", "critic"]), (("critic", "bits"), ["bits", "critic"])],
)
def test_the_plot_has_the_curves_that_are_named(drawn, tmp_path, curves, expected):
    plot_history(ROWS, "bits", tmp_path / "loss.png", curves)
    assert drawn == [expected]


def test_the_table_does_not_depend_on_the_curves(tmp_path):
    tables = []
    for number, curves in enumerate(((), ("critic",))):
        folder = tmp_path / str(number)
        folder.mkdir()
        history = History(folder, "bits", list(ROWS), curves)
        history.write()
        history.close()
        tables.append((folder / "history.csv").read_text())
        assert (folder / "loss.png").stat().st_size
    assert tables[0] == tables[1]
    assert tables[0].startswith("step,train_bits,validation_bits,train_critic\n1,5,6,1\n")
