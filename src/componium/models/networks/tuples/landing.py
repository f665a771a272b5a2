"""Where the cells of a generator land."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from componium.models.networks.tuples.cells import TIME, TONE_PITCH, tones_in
from componium.models.networks.tuples.encoding import Encoding

Kind = Literal["none", "grid", "staircase"]

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_OCTAVES = range(11)
_MOST_UP = 6
# Semitones: so far an alteration reaches; it is rounded.
_MOST_ALTERED = 1.4
# Of outputs with a deviation of one, as they are before anything is learned, few are alterations.
_ALTERED_FROM = 5.0


class Landing(nn.Module):
    """Has cells land where notes can be; gradients pass as if they had not (arXiv 1308.3432).

    * ``none``: anywhere.
    * ``grid``: times on the steps of a grid, pitches on semitones.
    * ``staircase``: times likewise; pitches on the scale of C major, and a semitone beside it where an alteration says
      so, which a generator writes for each tone behind the other values; all are moved to the key, -5 to 6 semitones.

    Args:
        kind: which of them.
        encoding: of the values.
        steps: of the grid, in a quarter or second.
    """

    degrees: Tensor

    def __init__(self, kind: Kind, encoding: Encoding, steps: int) -> None:
        super().__init__()
        self.kind, self.encoding, self.steps = kind, encoding, steps
        degrees = torch.tensor([12.0 * octave + step for octave in _OCTAVES for step in _MAJOR])
        self.register_buffer("degrees", degrees, persistent=False)

    @property
    def n_values(self) -> int:
        """F, what the generator has to write for a cell."""
        return self.encoding.size + (self.encoding.size // 3 if self.kind == "staircase" else 0)

    def forward(self, values: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """Returns cells in musical units and what a critic reads of them; shapes (B, N, 1 + 3 V).

        Args:
            values: that a generator wrote, shape (B, N, F).
            key: of each stretch, its major scale's tonic; shape (B,).
        """
        own, beside = values[..., : self.encoding.size], self._alterations(values[..., self.encoding.size :])
        cells = self.encoding.decode(own)
        if self.kind == "none":
            return cells, own
        duration, pitch, velocity = tones_in(cells).unbind(dim=-1)
        if self.kind == "staircase":
            move = torch.where(key > _MOST_UP, key - 12, key).to(values.dtype)[:, None, None]
            degree = self.degrees[(pitch[..., None] - self.degrees).abs().argmin(dim=-1)]
            landed = (degree + torch.round(beside) + move).clamp(0.0, 127.0)
        else:
            landed = torch.round(pitch)
        time = torch.round(cells[..., : TIME + 1] * self.steps) / self.steps
        cells = torch.cat((time, torch.stack((duration, landed, velocity), dim=-1).flatten(-2)), dim=-1)
        read = own + (self.encoding.encode(cells) - own).detach()
        return cells, read if self.kind == "grid" else self._moved(read, beside)

    @staticmethod
    def _alterations(values: Tensor) -> Tensor:
        """So many semitones are pitches to lie beside the scale."""
        return _MOST_ALTERED * torch.tanh(values / _ALTERED_FROM)

    def _moved(self, read: Tensor, alteration: Tensor) -> Tensor:
        """The same values, with the gradient of the alterations in those of the pitches."""
        moved = (alteration - alteration.detach()) / self.encoding.deviation[1 + TONE_PITCH :: 3]
        duration, pitch, velocity = tones_in(read).unbind(dim=-1)
        tones = torch.stack((duration, pitch + moved, velocity), dim=-1)
        return torch.cat((read[..., : TIME + 1], tones.flatten(-2)), dim=-1)
