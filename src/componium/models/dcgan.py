"""The family ``dcgan``: a convolutional generator draws bars of piano rolls, and a critic tells them from real ones.

After Radford, Metz and Chintala, *Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks* (arXiv 1511.06434), on piano rolls of several tracks as Dong et al., *MuseGAN* (arXiv 1709.06298) have them,
each bar given the one before and its chords as in Yang, Chou and Yang, *MidiNet* (arXiv 1703.10847). The output is
binary as in Dong and Yang, *Convolutional Generative Adversarial Networks with Binary Neurons* (arXiv 1804.09399).

Deviations:

* A track has two planes, onsets and what is held, where the papers have one, in which a held note and a repeated one
  look alike. What is held is chained from step to step, over the bar line too, so that nothing sounds that was not
  struck.
* Kernels go along one axis at a time, in both orders; the bar before and the chords enter at full resolution. There is
  no batch normalization: each bar is drawn as it would be alone.
* ``objective = "sigmoid"`` is the papers' loss; ``hinge`` (Lim and Ye, arXiv 1705.02894) comes with spectral
  normalization. Both have a penalty on the critic's gradients at real bars (Mescheder et al., arXiv 1801.04406) in one
  step of eight, and the running mean of the generator's weights composes.
* The critic sees how much the bars of a batch differ, and in a share of the excerpts there is no bar before.
* Notes outside the octaves of the rolls are left out, and only bars of 4/4 are learned from.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from pydantic import Field
from torch import Tensor

from componium.artifacts import JudgedFigure
from componium.errors import TrainingError
from componium.models.exporting.graphs.roll_graph import export_rolls
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally
from componium.models.networks.adversarial import AdversarialConfig, AdversarialModule, Verdict
from componium.models.networks.rolls.bars import Bars, Range, bars_of
from componium.models.networks.rolls.networks import Critic, Generator, RollShape, begun_anew
from componium.models.networks.rolls.statistics import STATISTICS, statistics_of
from componium.representations.grid import GridRepresentation

# Bars of each validation piece, and the distance of a statistic that is undefined on one side.
_JUDGED_BARS, _UNDEFINED = 16, 3.0
_NEARLY = 0.8
# Of a statistic in which real bars hardly differ.
_LEAST_VARIANCE = 1e-2


class DcganConfig(AdversarialConfig):
    """Settings of the family in a recipe."""

    lowest: int = Field(default=36, ge=0, le=116, description="pitch of the rolls")
    octaves: int = Field(default=5, ge=1, le=10)
    width: int = Field(default=24, ge=1, le=1024, description="channels of each branch")
    n_latent: int = Field(default=32, ge=1, le=1024, description="of a bar, and of each track beside them")
    before_dropped: float = Field(default=0.1, ge=0, le=1, description="share of excerpts without the bar before")
    density: float = Field(default=0.02, gt=0, lt=1, description="of onsets, before anything is learned")


class DcganModule(AdversarialModule):
    """Learns from the second bar of each excerpt, given the first one."""

    unit = "bars over one context"
    generator: Generator
    mean_generator: Generator

    def __init__(self, config: DcganConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        grid = inputs.representation
        assert isinstance(grid, GridRepresentation)  # noqa: S101 - what the family consumes
        self.config, self.grid, self.features = config, grid, inputs.features
        self.track_names = [part.name for part in grid.codec.config.parts]
        self.pitches = Range(config.lowest, config.octaves)
        shape = RollShape(len(self.track_names), self.pitches, config.width, config.n_latent)
        self.take(config, Generator(shape, config.density), Critic(shape, normalized=config.objective == "hinge"))

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:  # noqa: ARG002
        """See :class:`TrainingModule`."""
        bars = bars_of(batch, self.grid, self.features, self.pitches)
        if bars is None:
            return {}
        is_first = (torch.rand(len(bars.roll)) < self.config.before_dropped).to(bars.roll.device)
        roll, before = begun_anew(bars.roll, bars.before, is_first)
        bars = bars._replace(roll=roll, before=before)

        def judged(roll: Tensor) -> Verdict:
            return self.critic(roll, bars.before, bars.chords)

        return self.learn_against(bars.roll, self._drawn(self.generator, bars), judged, backward)

    def _drawn(self, generator: Generator, bars: Bars, random: torch.Generator | None = None) -> Tensor:
        """Bars that follow those before, over their chords."""
        latent = generator.draw(len(bars.roll), random).to(bars.roll)
        return generator(latent, bars.before, bars.chords)

    def validation_step(self, batch: Batch) -> Tally:
        """Sums of the statistics of real bars, and of bars drawn after the same ones from the same latent vectors."""
        bars = bars_of(batch, self.grid, self.features, self.pitches, _JUDGED_BARS)
        if bars is None:
            return {}
        random = torch.Generator().manual_seed(0)
        drawn, other = (self._drawn(self.mean_generator, bars, random) for _ in range(2))
        tally: Tally = {
            "drawn_difference": _counted((drawn != other).float().sum(dim=(1, 2, 3))),
            "real_difference": _counted((bars.roll != bars.roll.roll(1, dims=0)).float().sum(dim=(1, 2, 3))),
        }
        for kind, rolls in (("", drawn), ("real_", bars.roll)):
            values = statistics_of(rolls, self.pitches.lowest)
            for track, track_name in enumerate(self.track_names):
                for number, name in enumerate(STATISTICS):
                    tally[f"{kind}{track_name}_{name}"] = _counted(values[:, track, number])
                    if kind:
                        tally[f"squared_{track_name}_{name}"] = _counted(values[:, track, number].square())
        return tally

    def settle(self, figures: dict[str, float]) -> dict[str, float]:
        """Returns the mean distance of the statistics in real standard deviations, each of them, and the diversity.

        Diversity says in how many cells two bars differ that were drawn after the same one, as a share of that of two
        real bars of a piece. A statistic that is undefined on one side alone is three deviations off.

        Raises:
            TrainingError: no piece is in 4/4.
        """
        if not figures:
            raise TrainingError("no validation piece is in 4/4, and this family writes bars of 4/4")
        distances: list[float] = []
        found: dict[str, float] = {}
        for name in (f"{track}_{name}" for track in self.track_names for name in STATISTICS):
            drawn, real, squared = (figures[f"{kind}{name}"] for kind in ("", "real_", "squared_"))
            if math.isnan(real):
                continue
            deviation = max(squared - real**2, _LEAST_VARIANCE) ** 0.5
            distances.append(_UNDEFINED if math.isnan(drawn) else abs(drawn - real) / deviation)
            found |= {own: value for own, value in ((name, drawn), (f"real_{name}", real)) if not math.isnan(value)}
        diversity = figures["drawn_difference"] / max(figures["real_difference"], 1e-6)
        return {self.monitor: sum(distances) / max(len(distances), 1), "diversity": diversity, **found}

    def warning(self, figures: dict[str, float]) -> str | None:
        """See :class:`TrainingModule`."""
        if all(figures[f"{track}_empty"] > _NEARLY for track in self.track_names):
            return "bars are empty so far: the generator begins with fewer notes than it will write"
        return super().warning(figures)


def _counted(values: Tensor) -> tuple[float, float]:
    """The sum of what is defined, and how many values are."""
    return float(values.nansum()), float((~values.isnan()).sum())


def _export(module: DcganModule, folder: Path, precision: str) -> Exported:  # noqa: ARG001 - always single
    return export_rolls(module.mean_generator, folder)


DCGAN = ModelFamily(
    name="dcgan",
    consumes="grid",
    config=DcganConfig,
    tiny=DcganConfig(
        width=4,
        n_latent=4,
        averaging=0.9,
        learning_rate=1e-3,
        critic_learning_rate=2e-3,
        lowest=48,
        octaves=3,
        density=0.48,
    ),
    make=DcganModule,
    export=_export,
    procedure="latent",
    tasks=("compose", "continue"),
    controls=("key", "temperature"),
    conditioned_controls=("chords",),
    judged_by=JudgedFigure(name="statistics_distance", unit="standard deviations of real bars"),
)
