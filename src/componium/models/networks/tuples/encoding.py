"""How the real numbers of a cell are scaled for a network, and back."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from componium.models.networks.tuples.cells import TIME, TONE_DURATION, TONE_PITCH, TONE_VELOCITY, tones_in

Scale = Literal["raw", "standardized"]

# Of a quarter or a second: below it the logarithm of a time is nearly straight.
_SHORT = 0.125
_LONGEST = 64.0
_A4 = 69
_HIGHEST_VELOCITY = 127.0


class Encoding(nn.Module):
    """Scales cells (..., 1 + 3 V) in musical units to what networks read and write, and back.

    * ``raw``: as the published code, times and durations as they are, pitches in hertz, velocities; each divided by a
      constant (a quarter, 440 hertz, 127).
    * ``standardized``: logarithms of times and durations, pitches in semitones (the logarithm of the frequency),
      velocities, each less the mean of the first batch and divided by its standard deviation.

    Args:
        scale: which of them.
        tones: V.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, scale: Scale, tones: int) -> None:
        super().__init__()
        self.scale, self.size = scale, 1 + 3 * tones
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("deviation", torch.ones(self.size))

    def measure(self, cells: Tensor) -> None:
        """Takes means and deviations from cells (S, N, 1 + 3 V), in place of the first ones."""
        values = self._logarithms(cells).flatten(0, -2)
        exists = torch.cat((torch.ones_like(cells[..., :1]), _exists(cells).repeat_interleave(3, dim=-1)), dim=-1)
        weight = exists.flatten(0, -2)
        total = weight.sum(dim=0).clamp(min=1)
        self.mean.copy_((values * weight).sum(dim=0) / total)
        squares = ((values - self.mean).square() * weight).sum(dim=0) / total
        self.deviation.copy_(squares.sqrt().clamp(min=1e-2))

    def encode(self, cells: Tensor) -> Tensor:
        """Returns what networks read of cells in musical units; of a tone that is not there only its velocity."""
        if self.scale == "raw":
            return self._raw(cells)
        values = (self._logarithms(cells) - self.mean) / self.deviation
        exists = _exists(cells)
        silent = tones_in(values) * torch.stack((exists, exists, torch.ones_like(exists)), dim=-1)
        return torch.cat((values[..., : TIME + 1], silent.flatten(-2)), dim=-1)

    def decode(self, values: Tensor) -> Tensor:
        """Returns cells in musical units, within the range of each."""
        if self.scale == "raw":
            time, tones = values[..., : TIME + 1], tones_in(values)
            hertz = tones[..., TONE_PITCH].clamp(min=1e-2)
            pitch, duration = _A4 + 12 * torch.log2(hertz), tones[..., TONE_DURATION]
            velocity = tones[..., TONE_VELOCITY] * _HIGHEST_VELOCITY
        else:
            values = values * self.deviation + self.mean
            tones = tones_in(values)
            time = _SHORT * torch.expm1(values[..., : TIME + 1].clamp(max=8.0))
            duration = _SHORT * torch.expm1(tones[..., TONE_DURATION].clamp(max=8.0))
            pitch, velocity = tones[..., TONE_PITCH], tones[..., TONE_VELOCITY]
        found = torch.stack(
            (duration.clamp(0.0, _LONGEST), pitch.clamp(0.0, 127.0), velocity.clamp(0.0, _HIGHEST_VELOCITY)), dim=-1
        )
        return torch.cat((time.clamp(0.0, _LONGEST), found.flatten(-2)), dim=-1)

    def _raw(self, cells: Tensor) -> Tensor:
        tones = tones_in(cells)
        hertz = torch.exp2((tones[..., TONE_PITCH] - _A4) / 12) * _exists(cells)
        found = torch.stack((tones[..., TONE_DURATION], hertz, tones[..., TONE_VELOCITY] / _HIGHEST_VELOCITY), dim=-1)
        return torch.cat((cells[..., : TIME + 1], found.flatten(-2)), dim=-1)

    @staticmethod
    def _logarithms(cells: Tensor) -> Tensor:
        tones = tones_in(cells)
        duration = torch.log1p(tones[..., TONE_DURATION].clamp(min=0) / _SHORT)
        found = torch.stack((duration, tones[..., TONE_PITCH], tones[..., TONE_VELOCITY]), dim=-1)
        return torch.cat((torch.log1p(cells[..., : TIME + 1].clamp(min=0) / _SHORT), found.flatten(-2)), dim=-1)


def _exists(cells: Tensor) -> Tensor:
    """1 where a cell has a tone, else 0; shape (..., V)."""
    return (tones_in(cells)[..., TONE_VELOCITY] > 0).to(cells.dtype)
