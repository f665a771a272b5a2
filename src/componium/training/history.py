"""Records a training: ``history.csv``, TensorBoard events and a plot."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from componium.artifacts import CurvePoint, LearningCurve
from componium.errors import TrainingError
from componium.formats.whole_files import write_whole, writing

Row = dict[str, float]


class History:
    """Writes the rows of figures that a trainer keeps, one a validation.

    The table is written anew with every row, so that it is always whole.
    """

    def __init__(self, folder: Path, monitor: str, rows: list[Row], curves: Sequence[str] = ()) -> None:
        # Imported here: tensorboard takes a second, and a resumed training first checks its checkpoint.
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415

        self.rows = rows
        self._folder = folder
        self._monitor = monitor
        self._curves = curves
        next_step = int(rows[-1]["step"]) + 1 if rows else 0
        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=next_step)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def write(self) -> None:
        """Writes the table, with its last row as new."""
        row = self.rows[-1]
        for name, value in row.items():
            if name != "step":
                self._writer.add_scalar(name, value, int(row["step"]))  # pyright: ignore[reportUnknownMemberType]
        self._writer.flush()
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        table = csv.DictWriter(text, names, lineterminator="\n")
        table.writeheader()
        table.writerows({name: _short(value) for name, value in row.items()} for row in self.rows)
        write_whole(self._folder / "history.csv", text.getvalue(), TrainingError)

    def close(self) -> None:
        """Closes the event file and draws the plot."""
        self._writer.close()
        if self.rows:
            plot_history(self.rows, self._monitor, self._folder / "loss.png", self._curves)


def plot_history(rows: list[Row], monitor: str, path: Path, curves: Sequence[str] = ()) -> None:
    """Draws the monitored figure, and below it the other curves, on training and validation pieces over the steps."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - 0.4 s that only a plot needs
    from matplotlib.figure import Figure  # noqa: PLC0415

    names = tuple(dict.fromkeys((monitor, *curves)))
    judged = [row for row in rows if f"validation_{monitor}" in row]
    figure = Figure(figsize=(8, 1.5 + 3 * len(names)), layout="constrained")
    FigureCanvasAgg(figure)
    panels: list[Any] = list(figure.subplots(len(names), sharex=True, squeeze=False)[:, 0])
    for axes, curve in zip(panels, names, strict=True):
        for name, label in ((f"train_{curve}", "training excerpts"), (f"validation_{curve}", "validation pieces")):
            points = [(row["step"], row[name]) for row in rows if name in row]
            if points:
                axes.plot(*zip(*points, strict=True), marker=".", label=label)
        if judged:
            best = min(judged, key=lambda row: row[f"validation_{monitor}"])
            axes.axvline(best["step"], linewidth=0.8, linestyle=":", color="gray", label="best checkpoint")
        axes.set_ylabel(curve.replace("_", " "))
        axes.grid(visible=True, alpha=0.3)
        if axes.get_legend_handles_labels()[0]:
            axes.legend()
    panels[-1].set_xlabel("step")
    with writing(path, TrainingError) as part:
        figure.savefig(part, dpi=120, format="png")


def curve_of(rows: Sequence[Row], monitor: str) -> LearningCurve:
    """Returns the monitored figure of all rows, as an artifact carries it."""
    points = (
        CurvePoint(
            step=int(row["step"]), training=row.get(f"train_{monitor}"), validation=row.get(f"validation_{monitor}")
        )
        for row in rows
    )
    return LearningCurve(figure=monitor, points=tuple(points))


def _short(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"
