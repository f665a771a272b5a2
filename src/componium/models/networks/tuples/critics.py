"""Networks that tell generated stretches of cells from real ones."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from componium.models.networks.adversarial import batch_deviation
from componium.models.networks.tuples.cells import TONE_PITCH, TONE_VELOCITY, tones_in
from componium.models.networks.tuples.encoding import Encoding

_SLOPE = 0.2


class RecurrentCritic(nn.Module):
    """The published one: bidirectional LSTM, a verdict in every cell, their mean.

    Args:
        n_values: 1 + 3 V.
        width, depth: of each direction, and layers.
        dropout: between layers and before the verdict.
    """

    def __init__(self, n_values: int, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.rnn = nn.LSTM(
            n_values, width, depth, batch_first=True, bidirectional=True, dropout=dropout if depth > 1 else 0.0
        )
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * width, 1)

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, N, 1 + 3 V) to verdicts as logits (B, N) and to what its last layer reads, (B, N, 2 width)."""
        features = self.dropout(self.rnn(values)[0])
        return self.out(features).squeeze(-1), features


class ConvolutionCritic(nn.Module):
    """Dilated convolutions with spectral normalization (Miyato et al., arXiv 1802.05957).

    They read the values and, of each tone, sine and cosine of its pitch class, and how much stretches of a batch
    differ.

    Args:
        encoding: of the values.
        width: channels.
        depth: layers, each of twice the reach of the one before.
    """

    def __init__(self, encoding: Encoding, width: int, depth: int) -> None:
        super().__init__()
        # Not a submodule: its state is kept elsewhere.
        self._encoding = (encoding,)
        tones = (encoding.size - 1) // 3
        sizes = [encoding.size + 2 * tones, *[width] * depth]
        self.layers = nn.ModuleList(
            parametrizations.spectral_norm(nn.Conv1d(before, after, 3, dilation=2**number, padding=2**number))
            for number, (before, after) in enumerate(itertools.pairwise(sizes))
        )
        self.out = nn.Sequential(
            parametrizations.spectral_norm(nn.Linear(width + 1, width)),
            nn.LeakyReLU(_SLOPE),
            parametrizations.spectral_norm(nn.Linear(width, 1)),
        )

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, N, 1 + 3 V) to scores (B, 1) and to what its last layer reads, (B, width + 1)."""
        hidden = torch.cat((values, self._circle(values)), dim=-1).transpose(1, 2)
        for number, layer in enumerate(self.layers):
            found = nn.functional.leaky_relu(layer(hidden), _SLOPE)
            hidden = found if number == 0 else hidden + found
        pooled = hidden.mean(dim=-1)
        features = torch.cat((pooled, batch_deviation(pooled)), dim=-1)
        return self.out(features), features

    def _circle(self, values: Tensor) -> Tensor:
        """Sine and cosine of the pitch class of each tone, zero where there is none; shape (B, N, 2 V)."""
        (encoding,) = self._encoding
        scale, middle = (own[1 + TONE_PITCH :: 3] for own in (encoding.deviation, encoding.mean))
        pitch = tones_in(values)[..., TONE_PITCH] * scale + middle
        velocity = tones_in(encoding.decode(values.detach()))[..., TONE_VELOCITY]
        angle = pitch * (2 * math.pi / 12)
        return torch.cat((angle.sin(), angle.cos()), dim=-1) * torch.cat((velocity, velocity), dim=-1).gt(0)
