"""Generators of cells: from random numbers to a stretch of real-valued notes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

N_KEYS = 12


class Noise(NamedTuple):
    """What a generator makes a stretch of.

    Attributes:
        latent: of the whole stretch, shape (B, Z).
        cells: of each cell, shape (B, N, C).
        key: of the staircase (:class:`Landing`), 0 to 11; shape (B,).
    """

    latent: Tensor
    cells: Tensor
    key: Tensor


class Generator(nn.Module, ABC):
    """Maps noise to what :class:`Encoding` decodes.

    Attributes:
        n_latent, n_noise: Z and C.
    """

    n_latent: int
    n_noise: int

    @abstractmethod
    def forward(self, noise: Noise) -> Tensor:
        """Maps noise of a stretch to values, shape (B, N, F)."""

    def draw(self, size: int, length: int, generator: torch.Generator | None = None) -> Noise:
        """Draws noise: normal numbers, and any key.

        Args:
            size: B.
            length: N.
            generator: of random numbers; None: the one of the process.
        """
        return Noise(
            torch.randn(size, self.n_latent, generator=generator),
            torch.randn(size, length, self.n_noise, generator=generator),
            torch.randint(N_KEYS, (size,), generator=generator),
        )


class LatentGenerator(Generator):
    """A recurrent network that reads one latent vector beside fresh numbers in each cell, and none of its outputs.

    Args:
        n_values: F.
        width, depth: of the LSTM.
        n_latent, n_noise: Z and C.
    """

    def __init__(self, n_values: int, width: int, depth: int, n_latent: int, n_noise: int) -> None:
        super().__init__()
        self.n_latent, self.n_noise = n_latent, n_noise
        self.rnn = nn.LSTM(n_latent + n_noise, width, depth, batch_first=True)
        layers = nn.Linear(width + n_noise, width), nn.Linear(width, n_values)
        for own in layers:
            # Real values have a deviation of one: a generator that begins with none is told from them at once.
            nn.init.normal_(own.weight, std=math.sqrt(2 / own.in_features))
        self.out = nn.Sequential(layers[0], nn.LeakyReLU(0.2), layers[1])

    def forward(self, noise: Noise) -> Tensor:
        """See :class:`Generator`."""
        latent = noise.latent[:, None].expand(-1, noise.cells.shape[1], -1)
        hidden = self.rnn(torch.cat((latent, noise.cells), dim=-1))[0]
        return self.out(torch.cat((hidden, noise.cells), dim=-1))


class DenseGenerator(Generator):
    """Dense layers from one latent vector to a whole stretch, as the GANs of the piano projects have it.

    Args:
        n_values: F.
        length: N, which cannot be another one.
        n_latent: Z.
    """

    def __init__(self, n_values: int, length: int, n_latent: int) -> None:
        super().__init__()
        self.n_latent, self.n_noise = n_latent, 1
        self._length, self._n_values = length, n_values
        layers: list[nn.Module] = []
        for before, after in ((n_latent, 256), (256, 512), (512, 1024)):
            layers += [nn.Linear(before, after), nn.LeakyReLU(0.2), nn.BatchNorm1d(after, momentum=0.2)]
        self.layers = nn.Sequential(*layers, nn.Linear(1024, length * n_values))

    def forward(self, noise: Noise) -> Tensor:
        """See :class:`Generator`."""
        found = self.layers(noise.latent).unflatten(-1, (self._length, self._n_values))
        return found[:, : noise.cells.shape[1]]


class FeedbackGenerator(Generator):
    """The published one: each cell from fresh uniform numbers and the cell before, through layers of LSTM.

    Args:
        n_values: F; there are as many random numbers in each cell.
        width, depth: of the LSTM.
        dropout: between its layers and before its output.
    """

    def __init__(self, n_values: int, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.n_latent, self.n_noise = 1, n_values
        self.rnn = nn.LSTM(2 * n_values, width, depth, batch_first=True, dropout=dropout if depth > 1 else 0.0)
        self.out = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, n_values))

    @property
    def n_state(self) -> int:
        """Numbers of the state that :meth:`step` carries."""
        return 2 * self.rnn.num_layers * self.rnn.hidden_size

    def draw(self, size: int, length: int, generator: torch.Generator | None = None) -> Noise:
        """Draws noise: uniform numbers."""
        noise = super().draw(size, length, generator)
        return noise._replace(cells=torch.rand(size, length, self.n_noise, generator=generator))

    def step(self, noise: Tensor, before: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Computes one cell.

        Args:
            noise: of it, shape (B, F).
            before: values of the cell before, shape (B, F).
            state: shape (B, :attr:`n_state`).

        Returns:
            Its values, shape (B, F), and the state behind it.
        """
        layers, width = self.rnn.num_layers, self.rnn.hidden_size
        hidden, memory = state.unflatten(1, (2, layers, width)).permute(1, 2, 0, 3).contiguous().unbind(0)
        found, after = self.rnn(torch.cat((noise, before), dim=-1)[:, None], (hidden, memory))
        return self.out(found[:, 0]), torch.stack(after).permute(2, 0, 1, 3).flatten(1)

    def forward(self, noise: Noise) -> Tensor:
        """See :class:`Generator`."""
        before = torch.zeros_like(noise.cells[:, 0])
        state = before.new_zeros(len(before), self.n_state)
        found: list[Tensor] = []
        for own in noise.cells.unbind(dim=1):
            before, state = self.step(own, before, state)
            found.append(before)
        return torch.stack(found, dim=1)

    def following(self, noise: Noise, given: Tensor) -> Tensor:
        """Returns the cells that it expects, each after the given one before it; shape of ``given`` (B, N, F)."""
        before = torch.cat((torch.zeros_like(given[:, :1]), given[:, :-1]), dim=1)
        return self.out(self.rnn(torch.cat((noise.cells, before), dim=-1))[0])
