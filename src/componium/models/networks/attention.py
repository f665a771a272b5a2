"""Causal attention over the last notes, as a layer that carries a state along a sequence.

Vaswani et al., *Attention Is All You Need* (arXiv 1706.03762), in a sliding window; rotary positions of Su et al.,
*RoFormer* (arXiv 2104.09864); several heads of queries for one of keys and values, as of Ainslie et al., *GQA* (arXiv
2305.13245). Deviation: positions count from the first key that is read and not from the start of the piece. That is
the same, since products of rotated vectors depend on distances alone; so a piece may be of any length, and keys are
kept as they are and rotated whenever they are read.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from componium.models.networks.layers import State

# Radians a note: from 1 for the first pair of features down to nearly the inverse of this for the last.
_BASE = 10_000.0
# Notes whose products are made at once.
_STRETCH = 128
# Added to scores of keys that may not be heard; an artifact with infinities would be refused.
_BARRED = -1e30


class WindowAttention(nn.Module):
    """Each note attends to itself and to the ``window - 1`` notes before it.

    The state is a shift register: keys and values of the last ``window - 1`` notes, the latest at the end, and how many
    of them were heard.

    Args:
        width: H of inputs and outputs; a multiple of twice the heads.
        heads: of queries; a multiple of ``kv_heads``.
        kv_heads: of keys and values.
        window: notes that each note hears, itself among them; at least 2.
    """

    def __init__(self, width: int, heads: int, kv_heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.window = heads, kv_heads, window
        self.head_width = width // heads
        self._n_kept = window - 1
        self._sections = (width, kv_heads * self.head_width, kv_heads * self.head_width)
        self.state_sizes = (self._n_kept * self._sections[1], self._n_kept * self._sections[2], 1)
        self._exports = False
        self.inputs = nn.Linear(width, sum(self._sections), bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """See :class:`~componium.models.networks.layers.Mixer`."""
        length, batch, _ = x.shape
        # (T, B, heads * d) -> (B, heads, T, d)
        queries, keys, values = (
            own.unflatten(-1, (-1, self.head_width)).permute(1, 2, 0, 3)
            for own in self.inputs(x).split(self._sections, dim=-1)
        )
        heard = None
        if state is not None:
            kept_keys, kept_values, heard = state
            keys, values = self._behind(kept_keys, keys), self._behind(kept_values, values)
            heard = heard.clamp(0, self._n_kept)
        attended = self._attended(queries, keys, values, heard)
        count = x.new_full((batch, 1), length, dtype=torch.float32) if heard is None else heard + length
        outputs = self.out(attended.permute(2, 0, 1, 3).flatten(2))
        return outputs, (self._last(keys), self._last(values), count.clamp(max=self._n_kept))

    def _behind(self, kept: Tensor, new: Tensor) -> Tensor:
        """Puts new keys or values (B, kv heads, T, d) behind those of the state (B, S)."""
        kept = kept.unflatten(1, (self.kv_heads, self._n_kept, self.head_width))
        return torch.cat((kept.to(new.dtype), new), dim=2)

    def _last(self, own: Tensor) -> Tensor:
        """The last keys or values (B, kv heads, N, d) as they are kept (B, S)."""
        missing = self._n_kept - own.shape[2]
        kept = functional.pad(own, (0, 0, missing, 0)) if missing > 0 else own[:, :, -self._n_kept :]
        return kept.flatten(1).float()

    def _attended(self, queries: Tensor, keys: Tensor, values: Tensor, heard: Tensor | None) -> Tensor:
        """Weighted means of values for the queries of the last T notes.

        Args:
            queries: shape (B, heads, T, d).
            keys: of all notes kept and of these, shape (B, kv heads, N, d).
            values: as the keys.
            heard: how many of the kept ones exist, shape (B, 1); None: none is kept.

        Returns:
            Shape (B, heads, T, d).
        """
        length, n_keys = queries.shape[2], keys.shape[2]
        n_before = n_keys - length
        places = torch.arange(n_keys, device=keys.device)
        exists = None if heard is None else (places >= n_before - heard)[:, None, None]
        cosines, sines = self._turns(places)
        queries = _rotated(queries, cosines[n_before:], sines[n_before:]).to(values.dtype)
        keys = _rotated(keys, cosines, sines).to(values.dtype)
        if self._exports:
            return self._by_products(queries, keys, values, self._may_hear(places[n_before:], places, exists))
        # Of the products of all notes with all most would be of notes that are too old.
        weigh, most = (self._by_products, _STRETCH) if queries.device.type == "cpu" else (self._fused, self.window)
        found: list[Tensor] = []
        for start in range(n_before, n_keys, most):
            stop = min(start + most, n_keys)
            read = slice(max(0, start - self._n_kept), stop)
            own = queries[:, :, start - n_before : stop - n_before]
            mask = self._may_hear(places[start:stop], places[read], None if exists is None else exists[..., read])
            found.append(weigh(own, keys[:, :, read], values[:, :, read], mask))
        return torch.cat(found, dim=2)

    def _may_hear(self, hearing: Tensor, heard: Tensor, exists: Tensor | None) -> Tensor:
        """Whether the notes at places (T,) may hear those at others (N,), by their age; shape (T, N) or (B, 1, T, N).

        Args:
            hearing: places of the former.
            heard: places of the latter.
            exists: which of the latter there are, shape (B, 1, 1, N); None: all.
        """
        age = hearing[:, None] - heard
        mask = (age >= 0) & (age < self.window)
        return mask if exists is None else mask & exists

    def _by_products(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """Attention as two plain products, at which a processor is faster in bf16 than at torch's fused operator.

        Args:
            queries: shape (B, heads, T, d).
            keys: shape (B, kv heads, N, d).
            values: shape (B, kv heads, N, d).
            mask: which keys each query may hear, shape (T, N) or (B, 1, T, N).

        Returns:
            Shape (B, heads, T, d).
        """
        length = queries.shape[2]
        # All queries of one head of keys side by side, so that these are read where they lie.
        queries = (queries * self.head_width**-0.5).unflatten(1, (self.kv_heads, -1)).flatten(2, 3)
        scores = (queries @ keys.transpose(-1, -2)).unflatten(2, (-1, length))
        barred = torch.where(mask, 0.0, _BARRED).to(scores.dtype)
        weights = torch.softmax(scores + (barred if mask.ndim == 2 else barred[:, None]), dim=-1)
        return (weights.flatten(2, 3) @ values).unflatten(2, (-1, length)).flatten(1, 2)

    def _fused(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """As :meth:`_by_products`."""
        group = self.heads // self.kv_heads
        keys, values = (own.repeat_interleave(group, dim=1) for own in (keys, values))
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)

    def _turns(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines of the angles by which the pairs of features turn at places (N,), (N, d / 2) each."""
        pairs = torch.arange(0, self.head_width, 2, device=places.device)
        angles = places[:, None] * _BASE ** (-pairs / self.head_width)
        return angles.cos(), angles.sin()

    def prepare_export(self, scan_depth: int | None) -> None:
        """See :class:`~componium.models.networks.layers.Mixer`."""
        self._exports = scan_depth is not None


def _rotated(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turns the pairs of features (..., N, d), each half a vector apart, by the angles (N, d / 2)."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosines - second * sines, second * cosines + first * sines), dim=-1)
