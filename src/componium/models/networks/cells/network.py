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
_OCTAVE = 12
_SIGNS = 3
# Moves that composers avoid are rare in training, so the table of voice leading learns faster than the other weights.
_TABLE_SCALE = 8.0
_EMBEDDED_FLAG = 4
_EMBEDDED_INTERVAL = 8
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


class IntervalOutputs(nn.Module):
    """Logits of pitches by their intervals, octaves apart or not, to the pitches that are known in the other parts."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pitches", torch.arange(N_PITCHES), persistent=False)

    def forward(self, intervals: Tensor, pitch: Tensor) -> Tensor:
        """Maps logits of intervals (..., parts * 12) and the pitches of a step (..., parts) to (..., 128)."""
        intervals = intervals.unflatten(-1, (-1, _OCTAVE))
        pitches: Any = self.pitches
        logits = intervals.gather(-1, (pitches - pitch.unsqueeze(-1)) % _OCTAVE)
        return (logits * (pitch < NO_PITCH).unsqueeze(-1)).sum(dim=-2)


class VoiceLeadingOutputs(nn.Module):
    """Learned logits of pitches by how two parts move from or to a neighboring cell.

    A log-linear term for each pair of parts, by the interval in the neighboring cell, the interval in the cell itself
    and the directions of both moves: from it the network learns that parallel fifths are rare.
    """

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.unknown = parts * parts * _OCTAVE * _SIGNS
        self.table = nn.Embedding(self.unknown + 1, _OCTAVE * _SIGNS, padding_idx=self.unknown)
        nn.init.zeros_(self.table.weight)
        self.register_buffer("pitches", torch.arange(N_PITCHES), persistent=False)

    def forward(self, own: Tensor, others_near: Tensor, others: Tensor, part: Tensor) -> Tensor:
        """Returns logits of pitches, shape (..., 128).

        Args:
            own: pitch of the part in the neighboring cell, shape (...).
            others_near: pitches of all parts in that cell, shape (..., parts).
            others: pitches of all parts in the cell itself, likewise.
            part: shape (...).
        """
        own = own.unsqueeze(-1)
        known = (own < NO_PITCH) & (others_near < NO_PITCH) & (others < NO_PITCH)
        pair = part.unsqueeze(-1) * self.parts + torch.arange(self.parts, device=part.device)
        row = (pair * _OCTAVE + (own - others_near) % _OCTAVE) * _SIGNS + _sign(others - others_near)
        by_move = self.table(torch.where(known, row, self.unknown))
        pitches: Any = self.pitches
        interval = (pitches - others.unsqueeze(-1)) % _OCTAVE
        logits = by_move.gather(-1, interval * _SIGNS + _sign(pitches - own.unsqueeze(-1)))
        return _TABLE_SCALE * logits.sum(dim=-2)


def _sign(difference: Tensor) -> Tensor:
    """0 where a move falls, 1 where it stays, 2 where it rises."""
    return difference.clamp(-1, 1) + 1


class IntervalInputs(nn.Module):
    """Embeds the moves of each part from and to its nearest known pitches, and the intervals between all parts."""

    def __init__(self, parts: int, embedding: int) -> None:
        super().__init__()
        self.move = nn.Embedding(N_MOVES + 1, embedding)
        self.interval = nn.Embedding(_OCTAVE + 1, embedding)
        upper, lower = torch.triu_indices(parts, parts, offset=1)
        self.register_buffer("upper", upper, persistent=False)
        self.register_buffer("lower", lower, persistent=False)

    @staticmethod
    def n_outputs(parts: int, embedding: int) -> int:
        """Returns how many numbers a step has."""
        return (2 * parts + parts * (parts - 1) // 2) * embedding

    def forward(self, inputs: CellInputs) -> tuple[Tensor, ...]:
        """Returns moves from before, moves to behind, shape (B, S, parts, N), and intervals, shape (B, S, pairs, N)."""
        indices: tuple[Any, Any] = (self.upper, self.lower)
        one, other = (inputs.pitch[..., own] for own in indices)
        known = (one < NO_PITCH) & (other < NO_PITCH)
        interval = torch.where(known, (one - other) % _OCTAVE, _OCTAVE)
        moves = (self.move(_move(inputs.pitch, near)) for near in (inputs.before, inputs.behind))
        return (*moves, self.interval(interval))


def _move(pitch: Tensor, near: Tensor) -> Tensor:
    """The number of the move from the one to the other, the last one where either is unknown."""
    known = (pitch < NO_PITCH) & (near < NO_PITCH)
    return torch.where(known, (pitch - near).clamp(-WIDEST_MOVE, WIDEST_MOVE) + WIDEST_MOVE, N_MOVES)


class CellNetwork(nn.Module):
    """The network.

    Args:
        shape: its sizes.
        backbone: a module that maps (B, S, ``n_inputs(shape)``) to (B, S, 2 * width).
        relative: whether pitches are predicted by their moves from known ones as well.
        intervals: whether moves and the intervals between parts are read, and pitches are predicted by them as well.
        strikes: whether notes that might be held are ever struck.
    """

    def __init__(
        self, shape: CellShape, backbone: nn.Module, *, relative: bool, intervals: bool = False, strikes: bool = True
    ) -> None:
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
        self.intervals = IntervalInputs(shape.parts, _EMBEDDED_INTERVAL) if intervals else None
        by_interval = shape.parts * _OCTAVE if intervals else 0
        self.sections = (N_SOUNDS, 1, by_interval, *((N_MOVES,) * 2 if relative else ()))
        self.out = nn.Linear(2 * shape.width, shape.parts * sum(self.sections))
        self.moves = nn.ModuleList(RelativeOutputs(shape.parts) for _ in range(2 if relative else 0))
        self.by_interval = IntervalOutputs()
        self.voice_leading = nn.ModuleList(VoiceLeadingOutputs(shape.parts) for _ in range(2 if intervals else 0))

    @staticmethod
    def n_inputs(shape: CellShape, *, intervals: bool = False) -> int:
        """Returns how many numbers the backbone reads of a step."""
        more = IntervalInputs.n_outputs(shape.parts, _EMBEDDED_INTERVAL) if intervals else 0
        return shape.parts * 3 * (shape.embedding + _EMBEDDED_FLAG) + 3 * shape.embedding + more

    def forward(self, inputs: CellInputs, wanted: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Returns logits of pitches and silence, and the logit that a note which may be held is struck.

        Args:
            inputs: of B excerpts.
            wanted: cells (B, S, parts) whose logits are wanted.

        Returns:
            Shapes (B, S, parts, 129) and (B, S, parts); or of the N cells that are wanted (N, 129) and (N,).
        """

        def of_wanted(cells: Tensor) -> Tensor:
            return cells if wanted is None else cells[wanted]

        outputs = self.out(self.backbone(self._read(inputs)))
        outputs = of_wanted(outputs.unflatten(-1, (self.parts, sum(self.sections)))).float()
        part = of_wanted(torch.arange(self.parts, device=outputs.device).expand(inputs.pitch.shape))
        sounds, struck, intervals, *moves = outputs.split(self.sections, dim=-1)
        known = (inputs.before, inputs.before_distance), (inputs.behind, inputs.behind_distance)
        added = [
            relative(logits, of_wanted(pitch), of_wanted(distance), part)
            for relative, logits, (pitch, distance) in zip(self.moves, moves, known, strict=False)
        ]
        if self.intervals is not None:
            here = of_wanted(_of_all_parts(inputs.pitch))
            added.append(self.by_interval(intervals, here))
            for voice_leading, near in zip(self.voice_leading, _neighbors(inputs.pitch), strict=True):
                added.append(voice_leading(of_wanted(near), of_wanted(_of_all_parts(near)), here, part))
        if added:
            sounds = torch.cat((sounds[..., :N_PITCHES] + sum(added), sounds[..., N_PITCHES:]), dim=-1)
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
        of_intervals = () if self.intervals is None else self.intervals(inputs)
        return torch.cat([own.flatten(2) for own in (*of_parts, *of_steps, *of_intervals)], dim=-1)

    def prepare_export(self) -> None:
        """Takes the form that exports; of no use for training afterwards."""
        for layer in self.modules():
            if isinstance(layer, BidirectionalLstm):
                layer.prepare_export()


def _neighbors(pitch: Tensor) -> tuple[Tensor, Tensor]:
    """What sounds in the cell before and in that behind, nothing known beyond the edges; shapes (B, S, parts)."""
    edge = torch.full_like(pitch[:, :1], HIDDEN)
    return torch.cat((edge, pitch[:, :-1]), dim=1), torch.cat((pitch[:, 1:], edge), dim=1)


def _of_all_parts(pitch: Tensor) -> Tensor:
    """What sounds in all parts of the step of each cell, shape (B, S, parts, parts)."""
    return pitch.unsqueeze(-2).expand(*pitch.shape, pitch.shape[-1])


def inputs_of(arrays: Mapping[str, Tensor]) -> CellInputs:
    """Returns what the network reads of tensors by name."""
    return CellInputs(**{name: arrays[name] for name in CellInputs._fields})
