"""Generator and critic of bars of piano rolls."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from componium.models.networks.adversarial import batch_deviation
from componium.models.networks.rolls.bars import QUARTERS, STEPS, Range

_SLOPE = 0.2
_SEEN = 7
# Share of the steps of a note after which it goes on, before anything is learned.
_GOES_ON = 0.7
_BEAT, _OCTAVE = STEPS // QUARTERS, 12


class RollShape(NamedTuple):
    """Sizes of both networks.

    Attributes:
        tracks: how many.
        pitches: of the rolls.
        width: channels of each branch.
        n_latent: numbers of the bar, and of each track beside them.
    """

    tracks: int
    pitches: Range
    width: int
    n_latent: int


class Generator(nn.Module):
    """Maps latent vectors, the bar before and its chords to a bar.

    A network for each track reads the latent vector of the bar and one of its own. Its kernels go along one axis at a
    time, in both orders; the bar before and the chords enter at full resolution.
    """

    def __init__(self, shape: RollShape, density: float) -> None:
        super().__init__()
        self.shape = shape
        self.tracks = nn.ModuleList(_Track(shape, density) for _ in range(shape.tracks))

    def draw(self, size: int, generator: torch.Generator | None = None) -> Tensor:
        """Draws latent vectors of bars, shape (B, 1 + tracks, Z): that of the bar, then those of the tracks."""
        return torch.randn(size, 1 + self.shape.tracks, self.shape.n_latent, generator=generator)

    def forward(self, latent: Tensor, before: Tensor, chords: Tensor) -> Tensor:
        """Returns rolls (B, 2 tracks, 16, P) of zeros and ones, through which gradients pass.

        Args:
            latent: as :meth:`draw` makes them.
            before: rolls of the bars before, shape (B, 2 tracks, 16, P).
            chords: pitch classes of each quarter, shape (B, 4, 12).
        """
        context = torch.cat((before, chord_plane(chords, self.shape.pitches)), dim=1)
        own = [
            track(torch.cat((latent[:, 0], latent[:, 1 + number]), dim=-1), context)
            for number, track in enumerate(self.tracks)
        ]
        onset, go_on = (binary(torch.stack([track[:, plane] for track in own], dim=1)) for plane in (0, 1))
        last = before[:, self.shape.tracks :, -1]
        return torch.cat((onset, held(onset, go_on, last)), dim=1)


class _Track(nn.Module):
    """Logits of what one track strikes, and of whether its notes go on; shape (B, 2, 16, P)."""

    def __init__(self, shape: RollShape, density: float) -> None:
        super().__init__()
        width, self._octaves = shape.width, shape.pitches.octaves
        self.seed = nn.Linear(2 * shape.n_latent, 2 * width * QUARTERS * self._octaves)
        self.pitch_first = nn.ModuleList((_up(2 * width, width, (1, _OCTAVE)), _up(width, width, (_BEAT, 1))))
        self.time_first = nn.ModuleList((_up(2 * width, width, (_BEAT, 1)), _up(width, width, (1, _OCTAVE))))
        n_context = 2 * shape.tracks + 1
        self.join = nn.ModuleList(
            (
                nn.Conv2d(2 * width + n_context, width, (3, 1), padding=(1, 0)),
                nn.Conv2d(width, width, (1, 2 * _SEEN - 1), padding=(0, _SEEN - 1)),
            )
        )
        self.out = nn.Conv2d(width + n_context, 2, 1)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                # Logits that hardly differ would make all bars alike.
                nn.init.kaiming_normal_(layer.weight, a=_SLOPE)
            elif isinstance(layer, nn.ConvTranspose2d):
                # Its kernels do not overlap: each output is a sum over channels alone.
                nn.init.normal_(layer.weight, std=math.sqrt(2 / layer.in_channels))
        # Rolls are nearly empty: from a half, the first thousand steps would bring silence.
        assert self.out.bias is not None  # noqa: S101 - by default there is one
        with torch.no_grad():
            self.out.bias.copy_(torch.tensor([_logit(density), _logit(_GOES_ON)]))

    def forward(self, latent: Tensor, context: Tensor) -> Tensor:
        seed = nn.functional.leaky_relu(self.seed(latent), _SLOPE).unflatten(1, (-1, QUARTERS, self._octaves))
        branches: list[Tensor] = []
        for branch in (self.pitch_first, self.time_first):
            own = seed
            for layer in branch:
                own = nn.functional.leaky_relu(layer(own), _SLOPE)
            branches.append(own)
        hidden = torch.cat((*branches, context), dim=1)
        for layer in self.join:
            hidden = nn.functional.leaky_relu(layer(hidden), _SLOPE)
        return self.out(torch.cat((hidden, context), dim=1))


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _up(before: int, after: int, size: tuple[int, int]) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(before, after, size, stride=size)


class Critic(nn.Module):
    """Scores bars that follow the bar before over chords.

    Args:
        shape: sizes.
        normalized: whether its layers have spectral norm one (Miyato et al., arXiv 1802.05957).
    """

    def __init__(self, shape: RollShape, *, normalized: bool) -> None:
        super().__init__()
        self._pitches = shape.pitches

        def own(layer: nn.Module) -> nn.Module:
            return parametrizations.spectral_norm(layer) if normalized else layer

        def down(before: int, after: int, size: tuple[int, int]) -> nn.Module:
            return own(nn.Conv2d(before, after, size, stride=size))

        width, planes = 2 * shape.width, 4 * shape.tracks + 1
        self.near = own(nn.Conv2d(planes, width, (3, 3), padding=1))
        self.pitch_first = nn.ModuleList((down(width, width, (1, _OCTAVE)), down(width, width, (_BEAT, 1))))
        self.time_first = nn.ModuleList((down(width, width, (_BEAT, 1)), down(width, width, (1, _OCTAVE))))
        self.hidden = own(nn.Linear(2 * width * QUARTERS * shape.pitches.octaves, width))
        self.out = own(nn.Linear(width + 1, 1))

    def forward(self, roll: Tensor, before: Tensor, chords: Tensor) -> tuple[Tensor, Tensor]:
        """Maps rolls and contexts as :class:`Generator` has them to scores (B, 1) and features (B, width + 1)."""
        planes = torch.cat((roll, before, chord_plane(chords, self._pitches)), dim=1)
        near = nn.functional.leaky_relu(self.near(planes), _SLOPE)
        branches: list[Tensor] = []
        for branch in (self.pitch_first, self.time_first):
            own = near
            for layer in branch:
                own = nn.functional.leaky_relu(layer(own), _SLOPE)
            branches.append(own.flatten(1))
        hidden = nn.functional.leaky_relu(self.hidden(torch.cat(branches, dim=1)), _SLOPE)
        features = torch.cat((hidden, batch_deviation(hidden)), dim=1)
        return self.out(features), features


def chord_plane(chords: Tensor, pitches: Range) -> Tensor:
    """Returns the tones of chords (B, 4, 12) in every octave, at full resolution; shape (B, 1, 16, P)."""
    turned = torch.roll(chords, -(pitches.lowest % 12), dims=-1)
    return turned.repeat_interleave(STEPS // QUARTERS, dim=1).repeat(1, 1, pitches.octaves)[:, None]


def binary(logits: Tensor) -> Tensor:
    """Returns one where a probability is above a half, else zero; gradients pass by the slope of the sigmoid.

    Dong and Yang, arXiv 1804.09399.
    """
    soft = torch.sigmoid(logits)
    return (soft > 0.5).to(soft.dtype) + soft - soft.detach()


def held(onset: Tensor, go_on: Tensor, last: Tensor) -> Tensor:
    """Returns what sounds: notes that are struck, and those that sounded in the step before and go on.

    Args:
        onset: zeros and ones, shape (B, tracks, 16, P).
        go_on: likewise.
        last: what sounded in the last step of the bar before, shape (B, tracks, P).
    """
    found: list[Tensor] = []
    for struck, goes_on in zip(onset.unbind(dim=2), go_on.unbind(dim=2), strict=True):
        last = struck + (1 - struck) * goes_on * last
        found.append(last)
    return torch.stack(found, dim=2)


def begun_anew(roll: Tensor, before: Tensor, is_first: Tensor) -> tuple[Tensor, Tensor]:
    """Returns real bars and those before them, some as the first of a piece: nothing before, nothing held from there.

    Notes that last into such a bar would sound in it although nothing struck them, which no generator can write.

    Args:
        roll: real bars, shape (B, 2 tracks, 16, P).
        before: those before them, of the same shape.
        is_first: which of them, shape (B,).
    """
    onset, sounds = roll.chunk(2, dim=1)
    alone = torch.cat((onset, held(onset, sounds, torch.zeros_like(sounds[:, :, 0]))), dim=1)
    chosen = is_first[:, None, None, None]
    return torch.where(chosen, alone, roll), before * ~chosen
