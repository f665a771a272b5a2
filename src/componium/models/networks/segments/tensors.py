"""Cuts batches of note events into segments, and says what sounds in their beats."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from componium.features.columns import BAR_LENGTH
from componium.features.metric import BAR_LENGTH_UNIT, N_BAR_LENGTHS
from componium.features.segments import (
    END,
    LOWEST,
    N_PITCHES,
    NOTE_DURATION,
    NOTE_PITCH,
    NOTE_TIME,
    SEGMENT_BARS,
    UNITS,
    segment_columns,
    segment_notes,
)
from componium.models.family import Batch
from componium.representations.note_codec import NoteCodec

BEATS = 16
"""Quarters of a segment of which it is known what sounds; of longer ones the first."""

_FEWEST_NOTES = 5


class Segments(NamedTuple):
    """Segments of pieces.

    Attributes:
        notes: each with an end behind its notes, then zeros; shape (N, T, 3).
        length: how many rows of it are notes, the end not counted; shape (N,).
        label: of each piece, 0: none; shape (N,).
        beats: how many quarters each has, at most ``BEATS``; shape (N,).
    """

    notes: Tensor
    length: Tensor
    label: Tensor
    beats: Tensor

    @property
    def exists(self) -> Tensor:
        """Where there is a note, shape (N, T)."""
        return torch.arange(self.notes.shape[1], device=self.notes.device) < self.length[:, None]

    @property
    def is_target(self) -> Tensor:
        """Where there is a note or the end, shape (N, T)."""
        return torch.arange(self.notes.shape[1], device=self.notes.device) <= self.length[:, None]


def segments_of(batch: Batch, codec: NoteCodec, longest: int, most: int | None = None) -> Segments | None:
    """Returns segments of four bars; None where there is none.

    Args:
        batch: note events from a bar line on, with labels.
        codec: of the events.
        longest: notes of a segment; those behind them are left out.
        most: segments of each row, evenly from all; none: all. Rows that change their meter, and segments of fewer than
            five notes, are left out.
    """
    found: list[tuple[NDArray[np.int64], int, int]] = []
    events, is_note = batch["targets"].cpu().numpy(), batch["is_note"].cpu().numpy()
    lengths = batch["places"][:, 1:, BAR_LENGTH].cpu().numpy() % N_BAR_LENGTHS
    for row, label in enumerate(batch["label"].tolist()):
        bars = np.unique(lengths[row][is_note[row]])
        if len(bars) == 1 and bars[0]:
            size = SEGMENT_BARS * int(bars[0]) * BAR_LENGTH_UNIT
            own = _segments(segment_columns(events[row][is_note[row]], codec), size, codec.config.steps)
            if most is not None and len(own) > most:
                own = [own[place] for place in np.linspace(0, len(own) - 1, most).round().astype(int).tolist()]
            beats = min(BEATS, -(-size // codec.config.steps))
            found += [(notes[:longest], label, beats) for notes in own]
    if not found:
        return None
    device = batch["targets"].device
    length = torch.tensor([len(notes) for notes, *_ in found], device=device)
    padded = np.zeros((len(found), int(length.max()) + 1, 3), np.int64)
    for row, (notes, *_) in enumerate(found):
        padded[row, : len(notes)] = notes
        padded[row, len(notes), NOTE_PITCH] = END
    label, beats = (torch.tensor(own, device=device) for own in list(zip(*found, strict=True))[1:])
    return Segments(torch.from_numpy(padded).to(device), length, label, beats)


def _segments(columns: NDArray[np.int64], size: int, steps: int) -> list[NDArray[np.int64]]:
    """The segments of a piece, each of so many steps, that have notes enough."""
    n_segments = 1 + int(columns[:, 0].max(initial=0)) // size
    found = (segment_notes(columns, size * at, size * (at + 1), steps) for at in range(n_segments))
    return [notes for notes in found if len(notes) >= _FEWEST_NOTES]


def onsets_of(notes: Tensor) -> Tensor:
    """Returns the onsets of notes (..., T, 3) in 32nds from the beginning of their segment, shape (..., T)."""
    return notes[..., NOTE_TIME].cumsum(dim=-1)


def chroma_of(notes: Tensor, exists: Tensor) -> Tensor:
    """Returns for how long each pitch class sounds in each quarter, in 32nds; shape (N, BEATS, 12).

    Args:
        notes: shape (N, T, 3).
        exists: which of them there are, shape (N, T).
    """
    pitch = notes[..., NOTE_PITCH].clamp(max=N_PITCHES - 1) + LOWEST
    return sounding(notes, exists, functional.one_hot(pitch % 12, 12).float())


def sounding(notes: Tensor, exists: Tensor, classes: Tensor) -> Tensor:
    """Returns the same, of notes whose pitch classes are given, or their probabilities (N, T, 12)."""
    onset, beat = onsets_of(notes)[..., None], UNITS * torch.arange(BEATS, device=notes.device)
    end = onset + notes[..., NOTE_DURATION, None]
    overlap = (torch.minimum(end, beat + UNITS) - torch.maximum(onset, beat)).clamp(min=0) * exists[..., None]
    return torch.einsum("ntb,ntc->nbc", overlap.float(), classes)


def expected_classes(pitch_logits: Tensor) -> Tensor:
    """Returns the probabilities of pitch classes (N, T, 12), of logits of pitches and end (N, T, 89)."""
    probability = torch.softmax(pitch_logits[..., :N_PITCHES], dim=-1)
    pitch = torch.arange(N_PITCHES, device=probability.device) + LOWEST
    return probability @ functional.one_hot(pitch % 12, 12).float()


def similarity(one: Tensor, other: Tensor) -> Tensor:
    """Returns the mean cosine of the chroma of quarters, of those in which the first one sounds; shape (N,)."""
    sounds = (one.sum(dim=-1) > 0).float()
    cosine = functional.cosine_similarity(one, other, dim=-1)
    return (cosine * sounds).sum(dim=1) / sounds.sum(dim=1).clamp(min=1)
