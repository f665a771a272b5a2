"""The encoder of segments, the decoder that writes them note by note, and what else reads a latent vector."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from componium.features.segments import END, N_TIMES, NOTE_DURATION, NOTE_PITCH, NOTE_TIME, START, UNITS
from componium.models.networks.segments.cells import CellKind, make_cell
from componium.models.networks.segments.tensors import BEATS, Segments

_N_PITCHES = END + 1
_FIRST_LOG_VARIANCE, _FIRST_SCALE = -3.0, 3.0
_LEAST_TEMPERATURE = 1e-4
# Quarters of a segment that the decoder tells apart.
_QUARTERS = 24


class SegmentShape(NamedTuple):
    """Sizes and switches of encoder and decoder.

    Attributes:
        styles: how many there are, at least 1.
        cell, width, n_hyper, n_embedding: of the cells of each direction and of the decoder.
        n_note: numbers that a pitch becomes; time and duration become half as many each.
        n_latent, n_style: numbers of a latent vector, and of a style.
        everywhere: whether the decoder reads latent vector and style at every step, not in its first state alone.
        chained: whether time and duration are each predicted from what was chosen before, not independently.
        tells_place: whether the decoder reads where in the segment it is.
    """

    styles: int
    cell: CellKind
    width: int
    n_hyper: int
    n_embedding: int
    n_note: int
    n_latent: int
    n_style: int
    everywhere: bool
    chained: bool
    tells_place: bool


class Encoded(NamedTuple):
    """What an encoder says of segments: mean and logarithm of the variance (N, L), logits of styles (N, S)."""

    mean: Tensor
    log_variance: Tensor
    style: Tensor


class Logits(NamedTuple):
    """Of pitch or end (..., 89), of time and of duration (..., 33)."""

    pitch: Tensor
    time: Tensor
    duration: Tensor


class NoteEmbedding(nn.Module):
    """The numbers that stand for notes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = 2 * size
        self.pitch = nn.Embedding(START + 1, size)
        self.time, self.duration = (nn.Embedding(N_TIMES, size // 2) for _ in range(2))
        self.size = size + 2 * (size // 2)

    def forward(self, notes: Tensor) -> Tensor:
        """Maps notes (..., 3) to (..., size)."""
        pitch, time, duration = notes.unbind(dim=-1)
        return torch.cat((self.pitch(pitch), self.time(time), self.duration(duration)), dim=-1)


class SegmentEncoder(nn.Module):
    """Reads a segment in both directions."""

    def __init__(self, shape: SegmentShape) -> None:
        super().__init__()
        self.shape, self.notes = shape, NoteEmbedding(shape.n_note)
        cell = shape.cell, self.notes.size, shape.width, shape.n_hyper, shape.n_embedding
        self.onwards, self.back = make_cell(*cell), make_cell(*cell)
        self.heads = nn.Linear(2 * shape.width, 2 * shape.n_latent + shape.styles)
        with torch.no_grad():
            # Were the noise as large as the prior's at first, nothing would come through it for long.
            self.heads.bias[shape.n_latent : 2 * shape.n_latent] = _FIRST_LOG_VARIANCE
            self.heads.weight[: shape.n_latent] *= _FIRST_SCALE

    @property
    def n_state(self) -> int:
        """Numbers of the states of both directions."""
        return self.onwards.n_state + self.back.n_state

    def forward(self, segments: Segments) -> Encoded:
        """Encodes segments."""
        notes, length = segments.notes, segments.length
        place = torch.arange(notes.shape[1], device=notes.device)
        reversed_place = (length[:, None] - 1 - place).clamp(min=0)
        backwards = notes.gather(1, reversed_place[..., None].expand_as(notes))
        last = (length - 1)[:, None, None].expand(-1, 1, self.shape.width)
        ends: list[Tensor] = []
        for cell, own in ((self.onwards, notes), (self.back, backwards)):
            outputs = cell.run(self.notes(own), notes.new_zeros(len(notes), cell.n_state, dtype=torch.float32))
            ends.append(outputs.gather(1, last)[:, 0])
        return self.read(torch.cat(ends, dim=1))

    def step(self, onwards: Tensor, back: Tensor, state: Tensor) -> Tensor:
        """Returns the states (B, n_state) after one more note (B, 3) in each direction."""
        first, second = state.split((self.onwards.n_state, self.back.n_state), dim=1)
        first = self.onwards.step(self.onwards.prepared(self.notes(onwards)), first)
        second = self.back.step(self.back.prepared(self.notes(back)), second)
        return torch.cat((first, second), dim=1)

    def outputs_in(self, state: Tensor) -> Tensor:
        """Returns the outputs of both directions (B, 2 width) in their states."""
        width, second = self.shape.width, self.onwards.n_state
        return torch.cat((state[:, :width], state[:, second : second + width]), dim=1)

    def read(self, outputs: Tensor) -> Encoded:
        """Returns what the last outputs of both directions say."""
        return Encoded(*self.heads(outputs).split((self.shape.n_latent, self.shape.n_latent, self.shape.styles), dim=1))


class SegmentDecoder(nn.Module):
    """Writes a segment note by note, from a latent vector and a style."""

    def __init__(self, shape: SegmentShape) -> None:
        super().__init__()
        self.shape, self.notes = shape, NoteEmbedding(shape.n_note)
        self.styles = nn.Linear(shape.styles, shape.n_style, bias=False)
        told = shape.n_latent + shape.n_style
        n_inputs = self.notes.size + shape.everywhere * told + shape.tells_place * shape.n_note
        self.cell = make_cell(shape.cell, n_inputs, shape.width, shape.n_hyper, shape.n_embedding)
        self.first = nn.Linear(told, 2 * shape.width)
        half = shape.n_note // 2
        if shape.tells_place:
            self.unit, self.quarter = nn.Embedding(UNITS, half), nn.Embedding(_QUARTERS, shape.n_note - half)
        self.pitch = nn.Linear(shape.width, _N_PITCHES)
        self.time = _Head(shape, (_N_PITCHES,))
        self.duration = _Head(shape, (_N_PITCHES, N_TIMES))

    @property
    def n_state(self) -> int:
        """Numbers of a state."""
        return self.cell.n_state

    def _told(self, latent: Tensor, style: Tensor) -> Tensor:
        return torch.cat((latent, self.styles(style)), dim=-1)

    def first_state(self, told: Tensor) -> Tensor:
        """Returns the state (B, n_state) before the first note."""
        own = torch.tanh(self.first(told))
        return functional.pad(own, (0, self.n_state - own.shape[1]))

    def _inputs(self, before: Tensor, onset: Tensor, told: Tensor) -> Tensor:
        """What the cell reads of notes (..., 3), their onsets (...) and latent vectors with styles (..., N)."""
        read = [self.notes(before)]
        if self.shape.everywhere:
            read.append(told)
        if self.shape.tells_place:
            read += [self.unit(onset % UNITS), self.quarter((onset // UNITS).clamp(max=_QUARTERS - 1))]
        return torch.cat(read, dim=-1)

    def forward(self, segments: Segments, latent: Tensor, style: Tensor, kept: Tensor | None = None) -> Logits:
        """Returns the logits of every note and of the end, given those before.

        Args:
            segments: what is written.
            latent: shape (N, L).
            style: weights of the styles, shape (N, S).
            kept: of which notes the next step is told, shape (N, T); None: all.
        """
        notes = segments.notes
        start = notes.new_zeros(len(notes), 1, 3)
        start[..., NOTE_PITCH] = START
        before = torch.cat((start, notes[:, :-1]), dim=1)
        onset = before[..., NOTE_TIME].cumsum(dim=1)
        told = self._told(latent, style)
        if kept is not None:
            hidden = start.expand_as(before)
            before = torch.where(kept[..., None], before, hidden)
        inputs = self._inputs(before, onset, told[:, None].expand(-1, notes.shape[1], -1))
        outputs = self.cell.run(inputs, self.first_state(told))
        pitch, time = notes[..., NOTE_PITCH], notes[..., NOTE_TIME]
        return Logits(self.pitch(outputs), self.time(outputs, pitch), self.duration(outputs, pitch, time))

    def step(self, before: Tensor, onset: Tensor, latent: Tensor, style: Tensor, state: Tensor) -> Tensor:
        """Returns the state after one more note.

        Args:
            before: it, shape (B, 3); before the first note one with the pitch ``START``, which ends any other state.
            onset: of it in 32nds from the beginning of the segment, shape (B,).
            latent: shape (B, L).
            style: weights of the styles, shape (B, S).
            state: shape (B, n_state).
        """
        told = self._told(latent, style)
        state = torch.where(before[:, :1] == START, self.first_state(told), state)
        return self.cell.step(self.cell.prepared(self._inputs(before, onset, told)), state)

    def chosen(self, state: Tensor, uniform: Tensor, temperature: Tensor) -> Tensor:
        """Returns the next note (B, 3) or end, drawn by random numbers.

        Args:
            state: after the note before.
            uniform: from 0 to below 1, shape (B, 3).
            temperature: 0 takes the likeliest, shape (B,).
        """
        output = state[:, : self.shape.width]
        scale = 1 / temperature.clamp(min=_LEAST_TEMPERATURE)[:, None]
        pitch = _drawn(self.pitch(output) * scale, uniform[:, NOTE_PITCH])
        time = _drawn(self.time(output, pitch) * scale, uniform[:, NOTE_TIME])
        duration = _drawn(self.duration(output, pitch, time) * scale, uniform[:, NOTE_DURATION])
        return torch.stack((pitch, time, duration), dim=1)

    def write(self, latent: Tensor, style: Tensor, like: Segments) -> Segments:
        """Returns the likeliest notes, one after the other, as many as other segments have.

        Args:
            latent: shape (N, L).
            style: weights of the styles, shape (N, S).
            like: the other segments.
        """
        size = len(latent)
        before = like.notes.new_zeros(size, 3)
        before[:, NOTE_PITCH] = START
        onset, state = before[:, NOTE_TIME], latent.new_zeros(size, self.n_state)
        notes: list[Tensor] = []
        for _ in range(like.notes.shape[1] - 1):
            state = self.step(before, onset, latent, style, state)
            output = state[:, : self.shape.width]
            pitch = self.pitch(output)[:, :END].argmax(dim=1)
            time = self.time(output, pitch).argmax(dim=1)
            duration = self.duration(output, pitch, time).argmax(dim=1)
            before = torch.stack((pitch, time, duration), dim=1)
            onset = onset + time
            notes.append(before)
        return like._replace(notes=torch.stack(notes, dim=1))


class _Head(nn.Module):
    """Predicts one number of a note, from the numbers chosen before it or from none of them."""

    def __init__(self, shape: SegmentShape, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.chained = shape.chained
        if self.chained:
            self.hidden = nn.Linear(shape.width, shape.width)
            self.chosen = nn.ModuleList(nn.Embedding(size, shape.width) for size in sizes)
        self.logits = nn.Linear(shape.width, N_TIMES)

    def forward(self, outputs: Tensor, *chosen: Tensor) -> Tensor:
        if not self.chained:
            return self.logits(outputs)
        read = self.hidden(outputs)
        for embedding, value in zip(self.chosen, chosen, strict=True):
            read = read + embedding(value)
        return self.logits(torch.relu(read))


def _drawn(logits: Tensor, uniform: Tensor) -> Tensor:
    """Values (B,) whose cumulative probabilities pass random numbers (B,)."""
    below = torch.softmax(logits, dim=1).cumsum(dim=1)
    return (below <= (uniform * below[:, -1])[:, None]).sum(dim=1).clamp(max=logits.shape[1] - 1)


class BeatContent(nn.Module):
    """Says from a latent vector alone which pitch classes sound in each quarter: logits (N, BEATS, 12)."""

    def __init__(self, n_latent: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_latent, width), nn.ReLU(), nn.Linear(width, BEATS * 12))

    def forward(self, latent: Tensor) -> Tensor:
        """Maps latent vectors (N, L) to logits."""
        return self.layers(latent).unflatten(1, (BEATS, 12))


class StyleAdversary(nn.Module):
    """Tells the style from a latent vector, which learns to hide it: gradients turn round before they reach it."""

    def __init__(self, n_latent: int, width: int, styles: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_latent, width), nn.ReLU(), nn.Linear(width, styles))

    def forward(self, latent: Tensor) -> Tensor:
        """Maps latent vectors (N, L) to logits (N, S)."""
        # Forwards the latent vector itself, backwards minus its gradient (Ganin et al., arXiv 1505.07818).
        return self.layers(2 * latent.detach() - latent)
