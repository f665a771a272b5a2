"""Recurrent cells: the LSTM, and the HyperLSTM, whose weights another LSTM scales at every step.

HyperLSTM: Ha, Dai and Le, *HyperNetworks* (arXiv 1609.09106), section 3.2 and appendix A.2.2, without layer
normalization. Both are written out step by step, so that a graph of one step computes what the training did.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor, nn

CellKind = Literal["lstm", "hyper"]

_GATES = 4


class Cell(nn.Module, ABC):
    """A recurrent cell.

    Attributes:
        width: numbers of an output.
        n_state: numbers of a state, of which the first ones are the output.
    """

    width: int
    n_state: int

    @abstractmethod
    def prepared(self, inputs: Tensor) -> Tensor:
        """Returns what can be computed of the inputs (..., N) of all steps at once."""

    @abstractmethod
    def step(self, prepared: Tensor, state: Tensor) -> Tensor:
        """Returns the state (B, S) after one step."""

    def run(self, inputs: Tensor, state: Tensor) -> Tensor:
        """Returns the outputs of all steps (B, T, width) of inputs (B, T, N)."""
        outputs: list[Tensor] = []
        for own in self.prepared(inputs).unbind(dim=1):
            state = self.step(own, state)
            outputs.append(state[:, : self.width])
        return torch.stack(outputs, dim=1)


def _advanced(gates: tuple[Tensor, ...], cell: Tensor) -> tuple[Tensor, Tensor]:
    """Output and cell after a step, from the input, forget, candidate and output gates before their functions."""
    into, forget, candidate, out = gates
    cell = torch.sigmoid(forget) * cell + torch.sigmoid(into) * torch.tanh(candidate)
    return torch.sigmoid(out) * torch.tanh(cell), cell


class Lstm(Cell):
    """A long short-term memory; the forget gate's bias begins at 1."""

    def __init__(self, n_inputs: int, width: int) -> None:
        super().__init__()
        self.width, self.n_state = width, 2 * width
        self.of_input = nn.Linear(n_inputs, _GATES * width)
        self.of_output = nn.Linear(width, _GATES * width, bias=False)
        nn.init.orthogonal_(self.of_output.weight)
        with torch.no_grad():
            self.of_input.bias.zero_()
            self.of_input.bias[width : 2 * width] = 1

    def prepared(self, inputs: Tensor) -> Tensor:
        """See :class:`Cell`."""
        return self.of_input(inputs)

    def step(self, prepared: Tensor, state: Tensor) -> Tensor:
        """See :class:`Cell`."""
        output, cell = state.split(self.width, dim=1)
        gates = prepared + self.of_output(output)
        return torch.cat(_advanced(gates.chunk(_GATES, dim=1), cell), dim=1)


class HyperLstm(Cell):
    """An LSTM whose four gates are scaled and shifted by vectors that a smaller LSTM makes anew at every step.

    Args:
        n_inputs: of a step.
        width: of the LSTM.
        n_hyper: width of the smaller one, which reads the input and the last output.
        n_embedding: numbers from which each vector of scales is made.
    """

    def __init__(self, n_inputs: int, width: int, n_hyper: int, n_embedding: int) -> None:
        super().__init__()
        self.width, self.n_hyper = width, n_hyper
        self.n_state = 2 * (width + n_hyper)
        self.n_inputs = n_inputs
        self.hyper = Lstm(n_inputs + width, n_hyper)
        self.of_input = nn.Linear(n_inputs, _GATES * width, bias=False)
        self.of_output = nn.Linear(width, _GATES * width, bias=False)
        nn.init.orthogonal_(self.of_output.weight)
        # For each gate three embeddings, by which what comes from the output and the input is scaled, and the bias.
        self.embeddings = nn.Linear(n_hyper, 3 * _GATES * n_embedding)
        self.scales = nn.Parameter(torch.full((2, _GATES, n_embedding, width), 1.0 / n_embedding))
        self.shifts = nn.Parameter(torch.zeros(_GATES, n_embedding, width))
        self.bias = nn.Parameter(torch.zeros(_GATES, width))
        with torch.no_grad():
            # At first every scale is 1: without layer normalization the paper's .1 would silence all that is read.
            self.embeddings.weight.zero_()
            self.embeddings.bias.fill_(1)
            self.bias[1] = 1

    def prepared(self, inputs: Tensor) -> Tensor:
        """See :class:`Cell`."""
        hyper = torch.nn.functional.linear(inputs, self.hyper.of_input.weight[:, : self.n_inputs])
        return torch.cat((self.of_input(inputs), hyper + self.hyper.of_input.bias), dim=-1)

    def step(self, prepared: Tensor, state: Tensor) -> Tensor:
        """See :class:`Cell`."""
        output, cell, hyper = state.split((self.width, self.width, 2 * self.n_hyper), dim=1)
        own, told = prepared.split((_GATES * self.width, _GATES * self.n_hyper), dim=1)
        told = told + torch.nn.functional.linear(output, self.hyper.of_input.weight[:, self.n_inputs :])
        hyper = self.hyper.step(told, hyper)
        made = self.embeddings(hyper[:, : self.n_hyper]).unflatten(1, (3, _GATES, -1))
        scales = torch.einsum("bkge,kgew->bkgw", made[:, :2], self.scales)
        shift = torch.einsum("bge,gew->bgw", made[:, 2], self.shifts) + self.bias
        from_output = self.of_output(output).unflatten(1, (_GATES, -1))
        gates = scales[:, 0] * from_output + scales[:, 1] * own.unflatten(1, (_GATES, -1)) + shift
        return torch.cat((*_advanced(gates.unbind(dim=1), cell), hyper), dim=1)


def make_cell(kind: CellKind, n_inputs: int, width: int, n_hyper: int, n_embedding: int) -> Cell:
    """Returns a new cell."""
    return Lstm(n_inputs, width) if kind == "lstm" else HyperLstm(n_inputs, width, n_hyper, n_embedding)
