"""The family ``c-rnn-gan``: a recurrent generator writes notes as real numbers, and a critic tells them from real ones.

After Mogren, *C-RNN-GAN: Continuous recurrent neural networks with adversarial training* (arXiv 1611.09904) and its
code. A cell is the time since the one before, and one to three tones with duration, frequency and intensity
(:mod:`componium.models.networks.tuples.cells`); nothing is a token.

``recipes/c-rnn-gan-paper.toml`` is the published one: each cell from uniform noise and the cell before, a verdict in
every cell of a bidirectional critic, plain gradient descent, feature matching sample by sample, pretraining on the next
cell, stretches that grow, a critic that waits while it is ahead. Deviations:

* Values are divided by constants. The code learns from hertz and ticks as they are.
* Epochs are shares of the training; penalties on weights are the optimizer's weight decay.

``recipes/c-rnn-gan.toml`` is another one with the same cells:

* One latent vector a stretch beside fresh noise in every cell, and no feedback; a convolutional critic that sees pitch
  classes as points of a circle; hinge loss (Lim and Ye, arXiv 1705.02894), spectral normalization, a penalty on the
  critic's gradients at real stretches (Mescheder et al., arXiv 1801.04406) in one step of eight, Adam with two rates
  (Heusel et al., arXiv 1706.08500), and the running mean of the generator's weights composes (Karras et al., arXiv
  1710.10196).
* Times land on the grid and pitches on semitones, with gradients that pass straight through (Bengio et al., arXiv
  1308.3432), or the critic would win by fractions; for the same reason real durations and velocities are jittered.
* ``landing = "staircase"``: pitches are degrees of a major scale in a key that is drawn with the latent vector, and an
  alteration by a semitone that the generator writes.

``generator = "dense"`` are the dense layers of later piano projects, whose critic is recurrent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from componium.artifacts import JudgedFigure
from componium.models.exporting.graphs.tuple_graph import export_tuples
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally
from componium.models.networks.adversarial import AdversarialConfig, AdversarialModule
from componium.models.networks.tuples.cells import cells_of, jittered, stretches
from componium.models.networks.tuples.critics import ConvolutionCritic, RecurrentCritic
from componium.models.networks.tuples.encoding import Encoding, Scale
from componium.models.networks.tuples.generators import (
    DenseGenerator,
    FeedbackGenerator,
    Generator,
    LatentGenerator,
    Noise,
)
from componium.models.networks.tuples.landing import Kind, Landing
from componium.models.networks.tuples.statistics import STATISTICS, distances_of, statistics_of

_SHORTEST = 4
# Stretches of each validation piece.
_JUDGED = 4


class CRnnGanConfig(AdversarialConfig):
    """Settings of the family in a recipe."""

    length: int = Field(default=100, ge=_SHORTEST, le=4096, description="cells of one stretch")
    tones: int = Field(default=1, ge=1, le=3, description="in a cell")
    scale: Scale = "standardized"
    landing: Kind = "staircase"
    generator: Literal["latent", "feedback", "dense"] = "latent"
    critic: Literal["convolution", "recurrent"] = "convolution"
    width: int = Field(default=192, ge=1, le=4096)
    depth: int = Field(default=1, ge=1, le=16)
    critic_width: int = Field(default=96, ge=1, le=4096)
    critic_depth: int = Field(default=5, ge=1, le=16)
    n_latent: int = Field(default=32, ge=1, le=4096)
    n_noise: int = Field(default=16, ge=1, le=1024)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    pretraining: float = Field(default=0.0, ge=0, lt=1, description="share of the steps on the next cell alone")
    growth: float = Field(default=0.0, ge=0, le=1, description="share of the steps over which stretches grow")
    drawn: int = Field(default=128, ge=2, le=4096, description="stretches that are judged")

    @model_validator(mode="after")
    def _fits(self) -> CRnnGanConfig:
        if self.pretraining and self.generator != "feedback":
            raise ValueError("pretraining: only a feedback generator reads the cells before")
        if self.critic == "convolution" and self.scale == "raw":
            raise ValueError('critic: the convolution reads pitches in semitones, scale = "standardized"')
        return self


class CRnnGanModule(AdversarialModule):
    """Learns from a stretch of each excerpt."""

    unit = "stretches"
    generator: Generator
    mean_generator: Generator

    def __init__(self, config: CRnnGanConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        self.config, self.codec = config, inputs.representation.codec
        self.encoding = Encoding(config.scale, config.tones)
        self.landing = Landing(config.landing, self.encoding, self.codec.config.steps)
        self.take(config, _generator(config, self.landing.n_values), _critic(config, self.encoding))
        self._judged: np.ndarray[Any, np.dtype[np.float64]] | None = None

    def composed(self, generator: Generator, noise: Noise) -> tuple[Tensor, Tensor]:
        """Returns stretches in musical units, and what a critic reads of them."""
        return self.landing(generator(noise), noise.key)

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """See :class:`TrainingModule`."""
        self._judged = None
        length = self._length(progress)
        pieces = cells_of(batch, self.codec, self.config.tones)
        real = stretches(pieces, length, most=1)
        if self.config.landing != "none":
            real = jittered(real, self.codec)
        if progress == 0:
            self.encoding.measure(real)
        real = self.encoding.encode(real)
        noise = self._noise(len(real), length)
        if progress < self.config.pretraining:
            loss = functional.mse_loss(self._following(noise, real), real)
            return {"pretraining_loss": loss.item(), "generator_gradient": self.learn("generator", loss, backward)}
        return self.learn_against(real, self.composed(self.generator, noise)[1], self.critic, backward)

    def _length(self, progress: float) -> int:
        """How long stretches are so far."""
        grown = min(1.0, progress / self.config.growth) if self.config.growth else 1.0
        return max(_SHORTEST, round(grown * self.config.length))

    def _noise(self, size: int, length: int, generator: torch.Generator | None = None) -> Noise:
        device = self.encoding.mean.device
        return Noise(*(own.to(device) for own in self.generator.draw(size, length, generator)))

    def _following(self, noise: Noise, real: Tensor) -> Tensor:
        assert isinstance(self.generator, FeedbackGenerator)  # noqa: S101 - checked when it was made
        return self.generator.following(noise, real)

    def validation_step(self, batch: Batch) -> Tally:
        """Sums of the statistics of real stretches, and those of the same drawn ones every time."""
        real = statistics_of(
            stretches(cells_of(batch, self.codec, self.config.tones), self.config.length, _JUDGED).cpu().numpy()
        )
        if self._judged is None:
            noise = self._noise(self.config.drawn, self.config.length, torch.Generator().manual_seed(0))
            self._judged = statistics_of(self.composed(self.mean_generator, noise)[0].cpu().numpy())
        weight = float(len(real))
        tally: Tally = {}
        for number, name in enumerate(STATISTICS):
            tally[f"real_{name}"] = (float(real[:, number].sum()), weight)
            tally[f"squared_{name}"] = (float(np.square(real[:, number]).sum()), weight)
        return tally

    def settle(self, figures: dict[str, float]) -> dict[str, float]:
        """Returns the mean distance of the statistics in real standard deviations, each of them, and the diversity.

        Diversity is the mean distance between any two drawn stretches, as a share of what it would be of real ones,
        were their statistics normal and independent.
        """
        assert self._judged is not None  # noqa: S101 - after validation steps
        names = [f"{kind}_{name}" for kind in ("real", "squared") for name in STATISTICS]
        real, squared = np.array([figures[name] for name in names]).reshape(2, len(STATISTICS))
        distances = distances_of(self._judged, real, squared)
        return {self.monitor: distances.mean, "diversity": distances.diversity, **distances.figures}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        super().load_training_state(state)
        self._judged = None

    def parts(self) -> dict[str, Any]:
        """See :class:`AdversarialModule`."""
        return {"encoding": self.encoding, **super().parts()}


def _generator(config: CRnnGanConfig, n_values: int) -> Generator:
    if config.generator == "feedback":
        return FeedbackGenerator(n_values, config.width, config.depth, config.dropout)
    if config.generator == "dense":
        return DenseGenerator(n_values, config.length, config.n_latent)
    return LatentGenerator(n_values, config.width, config.depth, config.n_latent, config.n_noise)


def _critic(config: CRnnGanConfig, encoding: Encoding) -> nn.Module:
    if config.critic == "convolution":
        return ConvolutionCritic(encoding, config.critic_width, config.critic_depth)
    return RecurrentCritic(encoding.size, config.critic_width, config.critic_depth, config.dropout)


def _export(module: CRnnGanModule, folder: Path, precision: str) -> Exported:  # noqa: ARG001 - always single
    return export_tuples(module.mean_generator, module.landing, module.config.length, folder)


C_RNN_GAN = ModelFamily(
    name="c-rnn-gan",
    consumes="notes",
    config=CRnnGanConfig,
    tiny=CRnnGanConfig(
        length=16, width=16, critic_width=8, critic_depth=2, n_latent=4, n_noise=2, drawn=8, averaging=0.9
    ),
    make=CRnnGanModule,
    export=_export,
    procedure="latent",
    tasks=("compose",),
    controls=("key", "temperature", "time_signature"),
    judged_by=JudgedFigure(name="statistics_distance", unit="standard deviations of real stretches"),
)
