"""Shows what a network composes while it trains: measures it beside real pieces (Mogren 2016, figure 3), and writes it.

At every validation the same pieces are composed anew, with the same seed, and measured; ``history.csv`` has the means
with their 95 % intervals over pieces, ``composed.png`` draws them over the steps. The band is the middle half of the
validation pieces, cut to the same number of bars from their start.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.errors import RecipeError, TrainingError
from componium.evaluation.metrics import METRICS, Metric, measure
from componium.evaluation.metrics.crnn_gan import C_RNN_GAN
from componium.evaluation.pieces.reading import read
from componium.formats.whole_files import naming, writing
from componium.rendering.files import write_files
from componium.score import Score, excerpt

if TYPE_CHECKING:
    from componium.artifacts import Artifact
    from componium.training.dataset import Dataset
    from componium.training.recipes import ProbeConfig

PLOT, SAMPLES = "composed.png", "samples"
_RESAMPLES = 1000


class MetricProbe:
    """Composes and measures at every validation.

    Args:
        config: what is measured of how much.
        metrics: those of the config.
        real: scores to put beside it.
    """

    def __init__(self, config: ProbeConfig, metrics: Sequence[Metric], real: Iterable[Score]) -> None:
        self._config = config
        self._metrics = metrics
        cut = [excerpt(score, 0, config.bars) for score in real]
        self._real = {metric.name: _values(metric, cut) for metric in metrics}

    def __call__(self, step: int, artifact: Artifact) -> dict[str, float]:  # noqa: ARG002 - probes take the step
        """Returns mean and interval of each metric; NaN where no piece has the figure."""
        request = make_request(bars=self._config.bars, count=self._config.pieces, seed=self._config.seed)
        composed = [composition.score for composition in compose(artifact, request)]
        row: dict[str, float] = {}
        for metric in self._metrics:
            values = _values(metric, composed)
            mean, low, high = _mean_interval(values)
            row |= {_column(metric): mean, f"{_column(metric)}_low": low, f"{_column(metric)}_high": high}
            row[f"{_column(metric)}_undefined"] = len(composed) - len(values)
        return row

    def plot(self, folder: Path) -> None:
        """Draws what ``history.csv`` of a run's folder holds so far."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - 0.4 s that only a plot needs
        from matplotlib.figure import Figure  # noqa: PLC0415

        with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = min(len(self._metrics), 3)
        lines = -(-len(self._metrics) // columns)
        figure = Figure(figsize=(4.5 * columns, 3 * lines), layout="constrained")
        FigureCanvasAgg(figure)
        for place, metric in enumerate(self._metrics):
            axes = figure.add_subplot(lines, columns, place + 1)
            steps, mean, low, high = np.array([_point(row, metric) for row in rows]).T
            axes.fill_between(steps, low, high, alpha=0.3, label="95 % interval of the mean")
            axes.plot(steps, mean, marker=".", label="composed")
            real = self._real[metric.name]
            if len(real):
                axes.axhspan(*np.quantile(real, (0.25, 0.75)), color="gray", alpha=0.2, label="middle half, real")
                axes.axhline(float(real.mean()), color="gray", linestyle="--", label="mean, real")
            axes.set_title(metric.name.replace("_", " "))
            axes.set_ylabel(metric.unit)
            axes.grid(visible=True, alpha=0.3)
            if not place:
                axes.legend(fontsize="small")
        with writing(folder / PLOT, TrainingError) as part:
            figure.savefig(part, dpi=100, format="png")


class SampleProbe:
    """Writes what is composed at every validation, as MIDI and as a picture: the same requests every time.

    Args:
        config: how many pieces of how many bars.
        folder: of the run; they lie in its folder ``samples``.
    """

    def __init__(self, config: ProbeConfig, folder: Path) -> None:
        self._config = config
        self._folder = folder / SAMPLES

    def __call__(self, step: int, artifact: Artifact) -> dict[str, float]:
        """Writes the samples of a step; there are no figures."""
        config = self._config
        request = make_request(bars=config.bars, count=config.samples, seed=config.seed)
        with naming(self._folder, TrainingError):
            self._folder.mkdir(exist_ok=True)
        for number, composition in enumerate(compose(artifact, request), 1):
            paths = [self._folder / f"step-{step:06}-{number}{ending}" for ending in (".mid", ".png")]
            write_files(composition.score, paths)
        return {}


def probe_of(config: ProbeConfig, dataset: Dataset) -> MetricProbe | None:
    """Returns the probe that a recipe asks for, or None.

    Raises:
        RecipeError: there is no such metric.
    """
    if not config.metrics:
        return None
    by_name = {metric.name: metric for metric in (*METRICS, *C_RNN_GAN)}
    unknown = [name for name in config.metrics if name not in by_name]
    if unknown:
        raise RecipeError(f"probe.metrics: no metric {unknown[0]!r}; known: {', '.join(by_name)}")
    pieces = dataset.of("validation")[: config.pieces]
    real = [dataset.codec.decode(dataset.encoded(index)) for index in pieces]
    return MetricProbe(config, [by_name[name] for name in config.metrics], real)


def _values(metric: Metric, scores: Iterable[Score]) -> np.ndarray:
    found = [measure(metric, read(score)).value for score in scores]
    return np.array([value for value in found if not math.isnan(value)])


def _mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    if not len(values):
        return math.nan, math.nan, math.nan
    means = np.random.default_rng(0).choice(values, (_RESAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(values.mean()), float(low), float(high)


def _column(metric: Metric) -> str:
    return f"composed_{metric.name}"


def _point(row: dict[str, str], metric: Metric) -> tuple[float, ...]:
    columns = ("step", *(_column(metric) + suffix for suffix in ("", "_low", "_high")))
    return tuple(float(row.get(column) or math.nan) for column in columns)
