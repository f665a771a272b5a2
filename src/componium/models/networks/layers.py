"""Layers that carry a state along a sequence; everything is time-major, shape (T, B, H).

The gated linear recurrence is the minGRU of Feng et al., *Were RNNs All We Needed?* (arXiv 2410.01201), inside the
block of De et al., *Griffin* (arXiv 2402.19427): pre-norm residual, a short causal convolution before the gates and an
output gate after the recurrence. Deviations: the candidate state is linear (no positive reparametrization, since the
scan runs in linear space), and there is no log-space scan at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

KERNEL = 4
_EPSILON = 1e-6


State = tuple[Tensor, ...]
"""What a mixer carries along a sequence: one array (B, S) for each of its ``state_sizes``, in single precision."""


class Mixer(Protocol):
    """A layer that mixes along time, from and to a state.

    Attributes:
        state_sizes: numbers of each array of the state; all 0 where nothing was heard.
    """

    state_sizes: tuple[int, ...]

    def __call__(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Maps (T, B, H) and the state before it, None where nothing was heard, to the outputs and the state after."""
        ...

    def prepare_export(self, scan_depth: int | None) -> None:
        """Takes the form that exports, for T up to ``2**scan_depth``; None goes back to the form that trains."""
        ...


class _LinearScan(torch.autograd.Function):
    """``h[t] = a[t] * h[t-1] + b[t]``, one fused operation a step.

    On two CPU cores this loop took 9 to 32 ms forward and backward at (512, 16..32, 256..384) where the doubling
    scan, which passes log2 T times over memory, took 120 to 360 ms.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, initial: Tensor) -> Tensor:  # noqa: ANN401 - torch's own signature
        states = torch.empty_like(b)
        state = initial
        for t in range(b.shape[0]):
            torch.addcmul(b[t], a[t], state, out=states[t])
            state = states[t]
        ctx.save_for_backward(a, states, initial)
        return states

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401
        (gradient,) = gradients
        a, states, initial = ctx.saved_tensors
        db = torch.empty_like(gradient)
        db[-1] = gradient[-1]
        for t in range(gradient.shape[0] - 2, -1, -1):
            torch.addcmul(gradient[t], a[t + 1], db[t + 1], out=db[t])
        da = torch.empty_like(a)
        torch.mul(db[1:], states[:-1], out=da[1:])
        torch.mul(db[0], initial, out=da[0])
        return da, db, a[0] * db[0]


def linear_scan(a: Tensor, b: Tensor, initial: Tensor) -> Tensor:
    """Returns all states of ``h[t] = a[t] * h[t-1] + b[t]``.

    Args:
        a: decay, shape (T, B, H).
        b: input, shape (T, B, H).
        initial: ``h[-1]``, shape (B, H).
    """
    # Compiled, its loop would be one graph of thousands of operations.
    return _scan(a, b, initial)


_scan: Any = torch.compiler.disable(_LinearScan.apply)


def doubling_scan(a: Tensor, b: Tensor, initial: Tensor, depth: int) -> Tensor:
    """As :func:`linear_scan`, in ``depth`` passes over the whole sequence, for T up to 2**depth.

    The form that exports: no loop over time, so T stays dynamic.
    """
    b = torch.cat((b[:1] + a[:1] * initial, b[1:]))
    length = b.shape[0]
    for k in range(depth):
        shift = 2**k
        earlier_b = functional.pad(b, (0, 0, 0, 0, shift, 0))[:length]
        earlier_a = functional.pad(a, (0, 0, 0, 0, shift, 0), value=1.0)[:length]
        b = b + a * earlier_b
        a = a * earlier_a
    return b


def _unheard(x: Tensor, sizes: Sequence[int]) -> State:
    """The state of a mixer with inputs (T, B, H) before it has heard anything."""
    return tuple(x.new_zeros(x.shape[1], size, dtype=torch.float32) for size in sizes)


class GatedLinearRecurrence(nn.Module):
    """Causal convolution, minGRU and output gate; the state is that of the minGRU and the last inputs."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.state_sizes = (width,) * KERNEL
        self.width = width
        self._scan_depth: int | None = None
        self.taps = nn.Parameter(torch.zeros(KERNEL, width))
        self.gates = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        with torch.no_grad():
            self.taps[-1] = 1.0
            # Update gates start nearly closed, spread over memories of about 3 to 150 notes.
            self.gates.bias[:width] = torch.linspace(-5.0, -1.0, width)

    def forward(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """See :class:`Mixer`."""
        initial, *before = _unheard(x, self.state_sizes) if state is None else state
        padded = torch.cat((torch.stack(before).to(x.dtype), x))
        length = x.shape[0]
        mixed = sum((padded[k : k + length] * self.taps[k] for k in range(1, KERNEL)), padded[:length] * self.taps[0])
        update, candidate, gate = self.gates(mixed).float().chunk(3, dim=-1)
        update = torch.sigmoid(update)
        decay, new = 1.0 - update, update * candidate
        if self._scan_depth is None:
            states = linear_scan(decay, new, initial)
        else:
            states = doubling_scan(decay, new, initial, self._scan_depth)
        after = padded[length:].float().unbind()
        return self.out(states * functional.silu(gate)), (states[-1], *after)

    def step(self, mixed: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """Maps what the convolution gives and the recurrence before it, (B, H) each, to output and recurrence after."""
        update, candidate, gate = self.gates(mixed).chunk(3, dim=-1)
        after = before + torch.sigmoid(update) * (candidate - before)
        return self.out(after * functional.silu(gate)), after

    def prepare_export(self, scan_depth: int | None) -> None:
        """See :class:`Mixer`."""
        self._scan_depth = scan_depth


# The weights of an LSTM in the order of ONNX.
_REORDERED = ("onnx_weights", "onnx_recurrent_weights", "onnx_biases")


class LstmLayer(nn.Module):
    """One layer of LSTM (Hochreiter and Schmidhuber 1997, with forget gates).

    It exports as one ONNX operator, where torch's exporter would unroll it to the length of its example. The state is
    the hidden one and the cell.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.state_sizes = (width, width)
        self.width = width
        self._is_exporting = False
        self.lstm = nn.LSTM(width, width)
        with torch.no_grad():
            # Forget gates start open (Jozefowicz et al. 2015); torch orders input, forget, cell, output.
            self._parameter("bias_ih_l0")[width : 2 * width] = 1.0

    def forward(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """See :class:`Mixer`."""
        before = _unheard(x, self.state_sizes) if state is None else state
        hidden, cell = (part.unsqueeze(0).contiguous() for part in before)
        if self._is_exporting:
            y, hidden, cell = self._onnx_operator(x, hidden, cell)
        else:
            y, (hidden, cell) = self.lstm(x, (hidden.to(x.dtype), cell.to(x.dtype)))
        return y, (hidden[0].float(), cell[0].float())

    def _onnx_operator(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The operator ``LSTM``."""
        length, batch, _ = x.shape
        weights = (self.get_buffer(name) for name in _REORDERED)
        y, hidden, cell = torch.onnx.ops.symbolic_multi_out(
            "LSTM",
            (x, *weights, None, hidden, cell),
            {"hidden_size": self.width},
            dtypes=(torch.float32,) * 3,
            shapes=((length, 1, batch, self.width), (1, batch, self.width), (1, batch, self.width)),
        )
        return y.squeeze(1), hidden, cell

    def prepare_export(self, scan_depth: int | None) -> None:
        """See :class:`Mixer`; the operator orders its gates input, output, forget, cell."""
        self._is_exporting = scan_depth is not None

        def reordered(name: str) -> Tensor:
            i, f, g, o = self._parameter(name).detach().chunk(4)
            return torch.cat((i, o, f, g)).unsqueeze(0)

        biases = torch.cat((reordered("bias_ih_l0"), reordered("bias_hh_l0")), dim=1)
        tensors = reordered("weight_ih_l0"), reordered("weight_hh_l0"), biases
        # Buffers: they have names in the graph, by which the quantizer finds them.
        for name, tensor in zip(_REORDERED, tensors, strict=True):
            self.register_buffer(name, tensor, persistent=False)

    def _parameter(self, name: str) -> Tensor:
        return self.lstm.get_parameter(name)


class LockedDropout(nn.Module):
    """Dropout with one mask for all steps of a sequence.

    After Gal and Ghahramani, *A Theoretically Grounded Application of Dropout in Recurrent Neural Networks* (2016).
    Also, on a CPU, a mask of its own for every step costs a tenth of the training time.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Maps (T, B, H) to (T, B, H)."""
        if not self.training or self.share == 0:
            return x
        return x * functional.dropout(x.new_ones(x.shape[1:]), self.share)


class EmbeddingSum(nn.Module):
    """Sum of the embeddings of several columns, whose tables are concatenated in a single one.

    Args:
        width: of an embedding.
        sizes: number of values of each column, K of them.
    """

    def __init__(self, width: int, sizes: Sequence[int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(sum(sizes), width))
        self.first: Tensor
        self.register_buffer("first", torch.tensor((0, *sizes[:-1])).cumsum(0), persistent=False)
        # However many columns, their sum is of a size that leaves room for what else is added to it.
        nn.init.normal_(self.weight, std=min(0.3, len(sizes) ** -0.5))

    def forward(self, columns: Tensor) -> Tensor:
        """Maps (..., K) to (..., H)."""
        rows = columns + self.first
        if torch.compiler.is_exporting():
            # By a product, which onnxruntime is several times faster at than at a sum.
            ones = self.weight.new_ones(1, rows.shape[-1])
            return (ones @ functional.embedding(rows, self.weight)).squeeze(-2)
        # Without the rows in between: forward and backward in half the time of a table a column.
        summed = functional.embedding_bag(rows.flatten(0, -2), self.weight, mode="sum")
        return summed.unflatten(0, columns.shape[:-1])


class FeedForward(nn.Module):
    """Two linear layers with SiLU between."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (..., H) to (..., H)."""
        return self.down(functional.silu(self.up(x)))


class RmsNorm(nn.RMSNorm):
    """Scales vectors to a root mean square of 1, then each feature; Zhang and Sennrich (arXiv 1910.07467)."""

    def __init__(self, width: int) -> None:
        super().__init__(width, eps=_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (..., H) to (..., H)."""
        if torch.compiler.is_exporting():
            # One operator of onnxruntime where torch's own way exports as seven.
            return torch.onnx.ops.symbolic(
                "SimplifiedLayerNormalization",
                (x, self.weight),
                {"axis": -1, "epsilon": _EPSILON},
                dtype=torch.float32,
                shape=x.shape,
            )
        return super().forward(x)


class GatedFeedForward(nn.Module):
    """Two linear layers with SwiGLU between: half of what the first gives, by SiLU of the other half; no biases.

    Shazeer, *GLU Variants Improve Transformer* (arXiv 2002.05202).
    """

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (..., H) to (..., H)."""
        gate, value = self.up(x).chunk(2, dim=-1)
        return self.down(functional.silu(gate) * value)
