"""The network of one part that writes words: a stack of LSTMs that reads word after word, and heads for the next one.

The next word is chosen from what was heard up to the word before and from where it begins, since the gap before it was
chosen with that word: first its shape, then its pitch, its duration, and the gap to the word after it, each from those
before it. With a *flat* vocabulary shape and pitch are one choice among the words of the training pieces; a word that
is none of them is spelled: an escape, its notes as single ones, and the escape again.

Everything is time-major. Before the first word of a line stands a start marker, as in
:class:`componium.training.batches.WordBatches`, with which the first gap is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from componium.models.networks.layers import EmbeddingSum, LockedDropout, LstmLayer
from componium.representations.columns import N_PITCHES
from componium.representations.words import DURATION, PITCH, REST, SHAPE, SHIFT, SINGLE, WordsRepresentation

CHOICES = ("shape", "pitch", "duration", "gap")
SHAPE_CHOICE, PITCH_CHOICE, DURATION_CHOICE, GAP_CHOICE = range(4)
N_COLUMNS = 5
"""What is read for each word: shape, pitch and duration of the word before, the gap behind it, the place there."""

# Of an LSTM: the hidden state and the cell.
_N_STATES = 2
# More than the shapes: what stands before a line begins, and before an excerpt.
_N_MARKERS = 2


class WordTables(NamedTuple):
    """What is known of words before any network is.

    Attributes:
        sizes: values of each choice: shapes, pitches, durations, gaps. The last gap ends the line.
        n_places: steps within a bar that are told apart.
        tones: which intervals above the lowest note each shape has, and the start marker none; (shapes + 1, 128).
        n_notes: notes of each shape, of rests and of the start marker none; shape (shapes + 1,).
    """

    sizes: tuple[int, int, int, int]
    n_places: int
    tones: Tensor
    n_notes: Tensor

    @property
    def begin(self) -> int:
        """The shape of the start marker."""
        return self.sizes[SHAPE_CHOICE]

    @property
    def end(self) -> int:
        """The gap that ends a line."""
        return self.sizes[GAP_CHOICE] - 1


def tables_of(view: WordsRepresentation) -> WordTables:
    """Returns the tables of a representation."""
    own, codec = view.sizes, view.codec
    tones = torch.zeros(own.shape + 1, N_PITCHES)
    for shape, intervals in enumerate(view.shapes, SINGLE):
        tones[shape, [0, *intervals]] = 1.0
    n_notes = tones.sum(dim=1).long()
    sizes = (own.shape, own.pitch, own.duration, codec.sizes.shift)
    return WordTables(sizes, view.n_places, tones, n_notes)


class Line(NamedTuple):
    """Words of B lines as a network reads and predicts them, T + 1 steps: the start or the word before, then T words.

    Attributes:
        columns: shape (T + 1, B, 5).
        targets: shape (T + 1, B, 4), the choices.
        is_word, is_gap: of which targets the word, and the gap, is charged; (T + 1, B).
    """

    columns: Tensor
    targets: Tensor
    is_word: Tensor
    is_gap: Tensor


def lines_of(batch: Mapping[str, Tensor], tables: WordTables) -> Line:
    """Returns the lines of a batch of :class:`componium.training.batches.WordBatches`, all of one part.

    The word before an excerpt is read and not charged; the last gap is, where the line ends with the excerpt.
    """
    words, places, exists = (batch[name].transpose(0, 1) for name in ("words", "places", "exists"))
    shift, choices = words[1:, :, SHIFT], words[:, :, [SHAPE, PITCH, DURATION]]
    nothing = torch.zeros_like(choices[:1])
    nothing[..., 0] = tables.begin + 1
    before = torch.cat((nothing, choices[:-1]))
    since = torch.cat((torch.zeros_like(shift[:1]), shift))
    place = places.clamp(max=tables.n_places - 1)
    columns = torch.cat((before, since.unsqueeze(-1), place.unsqueeze(-1)), dim=-1)
    is_start = words[0, :, SHAPE] == tables.begin
    goes_on = torch.cat((exists, torch.zeros_like(exists[:1])))
    gap = torch.cat((shift, torch.zeros_like(shift[:1]))).where(goes_on, tables.end)
    targets = torch.cat((choices, gap.unsqueeze(-1)), dim=-1)
    is_word = torch.cat((torch.zeros_like(is_start).unsqueeze(0), exists))
    is_last = is_word & ~goes_on & batch["ends"]
    is_gap = (is_word & goes_on) | is_last
    return Line(columns, targets, is_word, is_gap | torch.cat((is_start.unsqueeze(0), torch.zeros_like(exists))))


class WordNetwork(nn.Module):
    """See the module.

    Args:
        tables: of the words.
        widths: of embeddings, of the LSTMs and of the dense layer before the heads.
        depth: LSTMs one upon the other.
        dropout: between them.
        words: shape and pitch of each word of a flat vocabulary, shape (V, 2); None: shape and pitch apart.
    """

    def __init__(
        self,
        tables: WordTables,
        widths: tuple[int, int, int],
        depth: int,
        dropout: float,
        words: NDArray[np.int64] | None = None,
    ) -> None:
        super().__init__()
        embedding, self.width, dense = widths
        shapes, pitches, durations, gaps = tables.sizes
        self.begin = tables.begin
        self.input = EmbeddingSum(embedding, (shapes + _N_MARKERS, pitches, durations, gaps, tables.n_places))
        self.widen = nn.Linear(embedding, self.width)
        self.layers = nn.ModuleList(LstmLayer(self.width) for _ in range(depth))
        self.dropout = LockedDropout(dropout)
        self.dense = nn.Linear(self.width, dense)
        self.told = nn.ModuleList(EmbeddingSum(dense, (size,)) for size in (shapes + 1, pitches, durations))
        sizes = tables.sizes if words is None else (0, 0, durations, gaps)
        self.heads = nn.ModuleList(_head(dense, size) for size in sizes if size)
        self.flat = None if words is None else FlatVocabulary(dense, words, tables)
        self.register_buffer("tones", tables.tones, persistent=False)

    @property
    def state_size(self) -> int:
        """Numbers that are carried from word to word."""
        return len(self.layers) * _N_STATES * self.width

    def set_exporting(self) -> None:
        """Takes the form that exports."""
        for layer in self.layers:
            assert isinstance(layer, LstmLayer)  # noqa: S101 - see __init__
            layer.prepare_export(0)

    def advance(self, columns: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Reads words: columns (T, B, 5), state (B, S) -> what the heads read (T, B, D), state after."""
        x = self.widen(self.input(columns))
        states: list[Tensor] = []
        for layer, before in zip(self.layers, state.chunk(len(self.layers), dim=1), strict=True):
            x, after = layer(x, before.chunk(_N_STATES, dim=1))
            x = self.dropout(x)
            states += after
        return functional.silu(self.dense(x)), torch.cat(states, dim=1)

    def logits(self, known: Tensor, choice: int) -> Tensor:
        """Logits of a choice from what is known (..., D); of a flat vocabulary not of shapes and pitches."""
        first = 0 if self.flat is None else DURATION_CHOICE
        return self.heads[choice - first](known).float()

    def tell(self, known: Tensor, choice: int, value: Tensor) -> Tensor:
        """Adds the value (..., 1) of a choice to what is known (..., D)."""
        return known + self.told[choice](value)

    def log_probs(self, known: Tensor, targets: Tensor) -> Tensor:
        """Natural log-probabilities (..., 4) of targets (..., 4) from what the heads read (..., D).

        Of a flat vocabulary the whole word counts as its shape. What is charged of a start marker means nothing.
        """
        shape, pitch, duration, gap = targets.split(1, dim=-1)
        of_word: list[Tensor] = []
        if self.flat is None:
            of_word.append(self._score(known, SHAPE_CHOICE, shape))
            known = self.tell(known, SHAPE_CHOICE, shape)
            of_word.append(self._score(known, PITCH_CHOICE, pitch))
        else:
            whole = self.flat.log_prob(known, shape, pitch)
            of_word += [whole, torch.zeros_like(whole)]
            known = self.tell(known, SHAPE_CHOICE, shape)
        known = self.tell(known, PITCH_CHOICE, pitch)
        of_duration = self._score(known, DURATION_CHOICE, duration)
        known = self.tell(known, DURATION_CHOICE, duration)
        return torch.cat((*of_word, of_duration, self._score(known, GAP_CHOICE, gap)), dim=-1)

    def _score(self, known: Tensor, choice: int, value: Tensor) -> Tensor:
        logits = self.logits(known, choice)
        # A start marker is more than any shape.
        return torch.log_softmax(logits, dim=-1).gather(-1, value.clamp(max=logits.shape[-1] - 1))

    def nats(self, line: Line) -> Tensor:
        """Negative log-probabilities (T + 1, B, 4) of lines, zero where nothing is charged."""
        state = torch.zeros(line.columns.shape[1], self.state_size, device=line.columns.device)
        known, _ = self.advance(line.columns, state)
        return charged(self.log_probs(known, line.targets), line)


def charged(log_probs: Tensor, line: Line) -> Tensor:
    """Negative log-probabilities (T + 1, B, 4), zero where nothing is charged: of rests neither pitch nor duration."""
    sounds = line.is_word & (line.targets[..., SHAPE_CHOICE] != REST)
    counts = torch.stack((line.is_word, sounds, sounds, line.is_gap), dim=-1)
    return -log_probs * counts


class FlatVocabulary(nn.Module):
    """One softmax over whole words and an escape.

    Args:
        dense: width of what is known.
        words: shape and pitch of each word, shape (V, 2); all single notes are added in front.
        tables: of the words.
    """

    def __init__(self, dense: int, words: NDArray[np.int64], tables: WordTables) -> None:
        super().__init__()
        singles = np.stack((np.full(N_PITCHES, SINGLE), np.arange(N_PITCHES)), axis=1)
        every = np.concatenate((singles, words[words[:, 0] != SINGLE]))
        number_of = np.full((tables.begin + 1, N_PITCHES), -1)
        number_of[tuple(every.T)] = np.arange(len(every))
        self.head = _head(dense, len(every) + 1)
        self.register_buffer("words", torch.from_numpy(every), persistent=False)
        self.register_buffer("number_of", torch.from_numpy(number_of), persistent=False)
        self.register_buffer("tones", tables.tones, persistent=False)

    def log_prob(self, known: Tensor, shape: Tensor, pitch: Tensor) -> Tensor:
        """Log-probability (..., 1) of the word of a shape and a pitch (..., 1); one that is not known is spelled."""
        shape, pitch = shape.squeeze(-1), pitch.squeeze(-1)
        every = torch.log_softmax(self.head(known).float(), dim=-1)
        number = self.get_buffer("number_of")[shape, pitch]
        plain = every.gather(-1, number.clamp(min=0).unsqueeze(-1))
        # Single notes are the first words: those of a chord follow its lowest.
        tones = self.get_buffer("tones")[shape]
        pitches = (pitch.unsqueeze(-1) + torch.arange(N_PITCHES, device=pitch.device)).clamp(max=N_PITCHES - 1)
        spelled = 2 * every[..., -1] + (every.gather(-1, pitches) * tones).sum(dim=-1)
        return torch.where((number < 0).unsqueeze(-1), spelled.unsqueeze(-1), plain)


def _head(dense: int, size: int) -> nn.Sequential:
    return nn.Sequential(nn.LayerNorm(dense), nn.Linear(dense, dense), nn.SiLU(), nn.Linear(dense, size))
