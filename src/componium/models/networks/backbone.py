"""A stack of blocks that carries the state of its layers along a sequence; time-major, as the layers are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from componium.models.networks.layers import GatedLinearRecurrence, LockedDropout, Mixer, State


class Backbone(nn.Module):
    """A stack of pre-norm residual blocks: mixer, then feed-forward.

    The state of all blocks is one row: what the blocks have of one kind lies side by side, so that a step can work on
    all of it at once.

    Args:
        mixers: one a block, all of one class and size.
        feeds: feed-forwards, one a block; none: blocks of mixers alone.
        norm: makes a norm of a width.
        width: H of the inputs and outputs of all of them.
        dropout: share of what is added to the residual stream that is dropped.
    """

    def __init__(
        self,
        mixers: Sequence[nn.Module],
        feeds: Sequence[nn.Module],
        norm: Callable[[int], nn.Module],
        *,
        width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.mixers = nn.ModuleList(mixers)
        self.mixer_norms = nn.ModuleList(norm(width) for _ in mixers)
        self.feeds = nn.ModuleList(feeds)
        self.feed_norms = nn.ModuleList(norm(width) for _ in feeds)
        self.norm = norm(width)
        self.dropout = LockedDropout(dropout)
        self.width, self.depth = width, len(mixers)
        self._sizes = [size for size in self._mixer(0).state_sizes for _ in mixers]
        self.state_size = sum(self._sizes)

    def _mixer(self, layer: int) -> Mixer:
        return cast("Mixer", self.mixers[layer])

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Maps a sequence to outputs.

        Args:
            x: shape (T, B, H).
            state: what was heard before, shape (B, state_size); None: nothing.

        Returns:
            Outputs, shape (T, B, H), and the state after, shape (B, state_size).
        """
        before = None if state is None else state.split(self._sizes, dim=1)
        after: list[State] = []
        for layer in range(self.depth):
            own = None if before is None else before[layer :: self.depth]
            mixed, heard = self._mixer(layer)(self.mixer_norms[layer](x), own)
            x = x + self.dropout(mixed)
            after.append(heard)
            if len(self.feeds):
                x = x + self.dropout(self.feeds[layer](self.feed_norms[layer](x)))
        kinds = [array for kind in zip(*after, strict=True) for array in kind]
        return self.norm(x), torch.cat(kinds, dim=1)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """As a call with T = 1 outside training: maps (B, H) and the state to the output and the state after."""
        mixers = [mixer for mixer in self.mixers if isinstance(mixer, GatedLinearRecurrence)]
        if not mixers:
            x, state = self(x.unsqueeze(0), state)
            return x.squeeze(0), state
        # The older inputs of all convolutions, and what they give, at once.
        *recurrences, oldest, older, old = state.split([self.width] * self.depth + [self.depth * self.width] * 3, dim=1)
        taps = torch.stack([mixer.taps for mixer in mixers], dim=1).flatten(1)
        heard = (oldest * taps[0] + older * taps[1] + old * taps[2]).split(self.width, dim=1)
        latest: list[Tensor] = []
        for layer, (mixer, own_taps) in enumerate(zip(mixers, taps[3].split(self.width), strict=True)):
            latest.append(self.mixer_norms[layer](x))
            mixed, recurrences[layer] = mixer.step(heard[layer] + latest[-1] * own_taps, recurrences[layer])
            x = x + mixed
            if len(self.feeds):
                x = x + self.feeds[layer](self.feed_norms[layer](x))
        return self.norm(x), torch.cat((*recurrences, older, old, *latest), dim=1)

    def set_exporting(self, *, scan_depth: int | None) -> None:
        """Chooses between the forms that train (None) and those that export, for T up to ``2**scan_depth``."""
        for layer in range(self.depth):
            self._mixer(layer).prepare_export(scan_depth)
