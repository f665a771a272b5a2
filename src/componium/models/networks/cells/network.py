"""A network over the cells of several parts that reads in both directions and predicts those that are hidden.

Two backbones: ``lstm``, bidirectional layers (Schuster and Paliwal 1997) one upon the other, and ``convolution``,
dilated ones along time (Yu and Koltun, arXiv 1511.07122), the parts side by side in their channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from componium.features.metric import N_POSITIONS
from componium.models.networks.layers import LockedDropout
from componium.representations.columns import N_PITCHES
from componium.representations.lines import HIDDEN, N_EDGES, N_SOUNDS, N_STRUCK, NO_PITCH, NOWHERE

WIDEST_MOVE = 12
N_MOVES = 2 * WIDEST_MOVE + 1
_EMBEDDED_FLAG = 4
_DILATIONS = 6
# A logit that no draw exceeds.
_NEVER = -40.0


class CellInputs(NamedTuple):
    """What the network reads, as whole numbers.

    Attributes:
        pitch: what sounds in a cell, or ``HIDDEN``; shape (B, S, parts).
        struck: whether a note is struck there, of ``N_STRUCK`` values; likewise.
        before, before_distance, behind, behind_distance: the nearest known pitches of the part; likewise.
        position: of a step in its bar, in cells; shape (B, S, 1).
        edge: where a step lies in its piece, of ``N_EDGES`` values; shape (B, S, 1).
    """

    pitch: Tensor
    struck: Tensor
    before: Tensor
    before_distance: Tensor
    behind: Tensor
    behind_distance: Tensor
    position: Tensor
    edge: Tensor


class CellShape(NamedTuple):
    """The sizes of a network.

    Attributes:
        parts: lines side by side.
        cells_per_beat: cells of a quarter note.
        width: of each direction of the LSTM, or half the channels of the convolution.
    """

    parts: int
    cells_per_beat: int
    width: int
    depth: int
    embedding: int
    dropout: float


class BidirectionalLstm(nn.Module):
    """One layer that reads in both directions, time-major; it exports as one ONNX operator."""

    def __init__(self, n_inputs: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.lstm = nn.LSTM(n_inputs, width, bidirectional=True)
        self._reordered: tuple[Tensor, Tensor, Tensor] | None = None
        with torch.no_grad():
            for ending in ("", "_reverse"):
                # Forget gates start open (Jozefowicz et al. 2015); torch orders input, forget, cell, output.
                self.lstm.get_parameter(f"bias_ih_l0{ending}")[width : 2 * width] = 1.0

    def forward(self, x: Tensor) -> Tensor:
        """Maps (S, B, N) to (S, B, 2 * width)."""
        if self._reordered is None:
            return self.lstm(x)[0]
        length, batch, _ = x.shape
        y, _, _ = torch.onnx.ops.symbolic_multi_out(
            "LSTM",
            (x, *self._reordered),
            {"hidden_size": self.width, "direction": "bidirectional"},
            dtypes=(torch.float32,) * 3,
            shapes=((length, 2, batch, self.width), (2, batch, self.width), (2, batch, self.width)),
        )
        return y.transpose(1, 2).flatten(2)

    def prepare_export(self) -> None:
        """Takes the form that exports; the operator orders its gates input, output, forget, cell."""

        def reordered(name: str) -> Tensor:
            found: list[Tensor] = []
            for ending in ("", "_reverse"):
                i, f, g, o = self.lstm.get_parameter(f"{name}_l0{ending}").detach().chunk(4)
                found.append(torch.cat((i, o, f, g)))
            return torch.stack(found)

        biases = torch.cat((reordered("bias_ih"), reordered("bias_hh")), dim=1)
        # A tuple of plain tensors: constants of the exported graph, so that the quantizer finds them.
        self._reordered = (reordered("weight_ih"), reordered("weight_hh"), biases)


class LstmBackbone(nn.Module):
    """Bidirectional layers; residual ones are normalized before and added to what they read."""

    def __init__(self, n_inputs: int, shape: CellShape, *, residual: bool) -> None:
        super().__init__()
        width = 2 * shape.width
        self.residual = residual
        first = width if residual else n_inputs
        self.enter = nn.Linear(n_inputs, width) if residual else nn.Identity()
        self.layers = nn.ModuleList(
            BidirectionalLstm(width if layer else first, shape.width) for layer in range(shape.depth)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(shape.depth if residual else 0))
        self.dropout = LockedDropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, S, N) to (B, S, 2 * width)."""
        x = self.enter(x).transpose(0, 1)
        for number, layer in enumerate(self.layers):
            y = self.dropout(layer(self.norms[number](x) if self.residual else x))
            x = x + y if self.residual else y
        return x.transpose(0, 1)


class ConvolutionBackbone(nn.Module):
    """Residual convolutions of three cells that lie 1, 2, 4, ... 32 apart, and again."""

    def __init__(self, n_inputs: int, shape: CellShape) -> None:
        super().__init__()
        width = 2 * shape.width
        self.enter = nn.Linear(n_inputs, width)
        dilations = [2 ** (layer % _DILATIONS) for layer in range(shape.depth)]
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 3, padding=n, dilation=n) for n in dilations)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in dilations)
        self.dropout = LockedDropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, S, N) to (B, S, 2 * width)."""
        x = self.enter(x).transpose(0, 1)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            y = layer(norm(x).permute(1, 2, 0)).permute(2, 0, 1)
            x = x + self.dropout(functional.gelu(y))
        return x.transpose(0, 1)


class RelativeOutputs(nn.Module):
    """Logits of pitches by how far they are from the nearest pitch that is known on one side.

    To what the network says of each move a learned number for the distance is added.
    """

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.by_distance = nn.Embedding(parts * (NOWHERE + 1), N_MOVES)
        nn.init.zeros_(self.by_distance.weight)
        self.register_buffer("pitches", torch.arange(N_PITCHES), persistent=False)

    def forward(self, moves: Tensor, pitch: Tensor, distance: Tensor, part: Tensor) -> Tensor:
        """Maps logits of moves (..., 25), the known pitches, their distances and the parts (...) to (..., 128).

        Read from the moves by a gather, with a zero behind them for pitches out of reach: a scatter onto the pitches
        would not export as exactly.
        """
        moves = moves + self.by_distance(part * (NOWHERE + 1) + distance)
        moves = functional.pad(moves, (0, 1))
        pitches: Any = self.pitches
        move = pitches - pitch.unsqueeze(-1) + WIDEST_MOVE
        is_near = (move >= 0) & (move < N_MOVES) & (pitch.unsqueeze(-1) < NO_PITCH)
        return moves.gather(-1, torch.where(is_near, move, N_MOVES))


class CellNetwork(nn.Module):
    """The network.

    Args:
        shape: its sizes.
        backbone: a module that maps (B, S, ``n_inputs(shape)``) to (B, S, 2 * width).
        relative: whether pitches are predicted by their moves from known ones as well.
        strikes: whether notes that might be held are ever struck.
    """

    def __init__(self, shape: CellShape, backbone: nn.Module, *, relative: bool, strikes: bool = True) -> None:
        super().__init__()
        self.strikes = strikes
        self.parts, self.cells_per_beat = shape.parts, shape.cells_per_beat
        self.pitch = nn.Embedding(HIDDEN + 1, shape.embedding)
        self.struck = nn.Embedding(N_STRUCK, _EMBEDDED_FLAG)
        self.distance = nn.Embedding(NOWHERE + 1, _EMBEDDED_FLAG)
        self.position = nn.Embedding(N_POSITIONS, shape.embedding)
        self.beat = nn.Embedding(shape.cells_per_beat, shape.embedding)
        self.edge = nn.Embedding(N_EDGES, shape.embedding)
        self.backbone = backbone
        self.sections = (N_SOUNDS, 1, *((N_MOVES,) * 2 if relative else ()))
        self.out = nn.Linear(2 * shape.width, shape.parts * sum(self.sections))
        self.moves = nn.ModuleList(RelativeOutputs(shape.parts) for _ in range(2 if relative else 0))

    @staticmethod
    def n_inputs(shape: CellShape) -> int:
        """Returns how many numbers the backbone reads of a step."""
        return shape.parts * 3 * (shape.embedding + _EMBEDDED_FLAG) + 3 * shape.embedding

    def forward(self, inputs: CellInputs, wanted: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Returns logits of pitches and silence, and the logit that a note which may be held is struck.

        Args:
            inputs: of B excerpts.
            wanted: cells (B, S, parts) whose logits are wanted.

        Returns:
            Shapes (B, S, parts, 129) and (B, S, parts); or of the N cells that are wanted (N, 129) and (N,).
        """
        outputs = self.out(self.backbone(self._read(inputs)))
        outputs = outputs.unflatten(-1, (self.parts, sum(self.sections))).float()
        part = torch.arange(self.parts, device=outputs.device)
        known = (inputs.before, inputs.before_distance), (inputs.behind, inputs.behind_distance)
        if wanted is not None:
            part = part.expand(wanted.shape)[wanted]
            outputs = outputs[wanted]
            known = tuple((pitch[wanted], distance[wanted]) for pitch, distance in known)
        sounds, struck, *moves = outputs.split(self.sections, dim=-1)
        favored = [
            relative(own, pitch, distance, part)
            for relative, own, (pitch, distance) in zip(self.moves, moves, known, strict=False)
        ]
        if favored:
            sounds = torch.cat((sounds[..., :N_PITCHES] + sum(favored), sounds[..., N_PITCHES:]), dim=-1)
        struck = struck.squeeze(-1)
        return sounds, struck if self.strikes else torch.full_like(struck, _NEVER)

    def _read(self, inputs: CellInputs) -> Tensor:
        """What the backbone reads, shape (B, S, N)."""
        of_parts = (
            self.pitch(inputs.pitch),
            self.struck(inputs.struck),
            self.pitch(inputs.before),
            self.distance(inputs.before_distance),
            self.pitch(inputs.behind),
            self.distance(inputs.behind_distance),
        )
        of_steps = (
            self.position(inputs.position),
            self.beat(inputs.position % self.cells_per_beat),
            self.edge(inputs.edge),
        )
        return torch.cat([own.flatten(2) for own in (*of_parts, *of_steps)], dim=-1)

    def prepare_export(self) -> None:
        """Takes the form that exports; of no use for training afterwards."""
        for layer in self.modules():
            if isinstance(layer, BidirectionalLstm):
                layer.prepare_export()


def inputs_of(arrays: Mapping[str, Tensor]) -> CellInputs:
    """Returns what the network reads of tensors by name."""
    return CellInputs(**{name: arrays[name] for name in CellInputs._fields})
