"""Turns batches of note events into cells of real numbers.

A *cell* is what a generator writes in one step: how long after the cell before it begins, and one or several tones that
begin together. It is a row of 1 + 3 V real numbers in musical units: the time in quarters or seconds, and of each of V
tones its duration in the same unit, its pitch in semitones (MIDI numbers), and its velocity, 0 where there is no tone.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from componium.models.family import Batch
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_codec import NoteCodec

TIME = 0
TONE_DURATION, TONE_PITCH, TONE_VELOCITY = range(3)
"""Columns of each tone, behind the time."""


def tones_in(cells: Tensor) -> Tensor:
    """Returns the tones of cells (..., 1 + 3 V), shape (..., V, 3)."""
    return cells[..., 1:].unflatten(-1, (-1, 3))


def cells_of(batch: Batch, codec: NoteCodec, tones: int) -> list[Tensor]:
    """Returns the cells of each excerpt or piece of a batch, shapes (N, 1 + 3 V); those without notes are left out.

    Args:
        batch: note events; drums are notes as well, a sustain pedal is none.
        codec: of the events.
        tones: V, the most in a cell; further ones of a chord have a cell of their own, no time after the one before.
    """
    events, is_note = batch["targets"].cpu().numpy(), batch["is_note"].cpu().numpy()
    found = (_cells(own[exists], codec, tones) for own, exists in zip(events, is_note, strict=True))
    return [torch.from_numpy(own).to(batch["targets"].device) for own in found if len(own)]


def _cells(events: NDArray[np.int64], codec: NoteCodec, tones: int) -> NDArray[np.float32]:
    onset = np.cumsum(events[:, SHIFT])
    length = codec.durations[events[:, DURATION]]
    kept = (length > 0) & ~codec.is_pedal[events[:, PART]]
    onset, length, pitch = onset[kept], length[kept], events[kept, PITCH]
    velocity = codec.velocities(events[kept, VELOCITY])
    # The place of each note among those that begin together.
    begins = np.concatenate((np.ones(min(1, len(onset)), bool), np.diff(onset) > 0))
    first = np.maximum.accumulate(np.where(begins, np.arange(len(onset)), 0))
    tone = (np.arange(len(onset)) - first) % tones
    cell = np.cumsum(tone == 0) - 1
    cells = np.zeros((int((tone == 0).sum()), 1 + 3 * tones), np.float32)
    cells[:, TIME] = np.diff(onset[tone == 0], prepend=0) / codec.config.steps
    values = np.stack((length / codec.config.steps, pitch, velocity), axis=1)
    for place in range(3):
        cells[cell, 1 + 3 * tone + place] = values[:, place]
    return cells


def stretches(cells: list[Tensor], length: int, most: int | None = None) -> Tensor:
    """Returns stretches of equal length, one behind the other, shape (S, length, 1 + 3 V).

    Args:
        cells: of each piece; one that is shorter than a stretch begins again until the stretch is full.
        length: of a stretch in cells.
        most: stretches of each piece, evenly from its whole length; none: all that fit.
    """
    found: list[Tensor] = []
    for own in cells:
        if len(own) < length:
            own = own[torch.arange(length, device=own.device) % len(own)]  # noqa: PLW2901 - the same piece, longer
        starts = np.arange(0, len(own) - length + 1, length)
        if most is not None and len(starts) > most:
            starts = starts[np.linspace(0, len(starts) - 1, most).round().astype(int)]
        found.extend(own[start : start + length] for start in starts.tolist())
    return torch.stack(found)


def jittered(cells: Tensor, codec: NoteCodec) -> Tensor:
    """Returns cells whose durations and velocities lie anywhere around the steps on which they are written."""
    duration, pitch, velocity = tones_in(cells).unbind(dim=-1)
    exists = velocity > 0
    duration = duration + (torch.rand_like(duration) - 0.5) / codec.config.steps
    velocity = velocity + (torch.rand_like(velocity) - 0.5) * (127 / codec.config.velocity_bins)
    tones = torch.stack((duration.clamp(min=0) * exists, pitch, velocity.clamp(1, 127) * exists), dim=-1)
    return torch.cat((cells[..., : TIME + 1], tones.flatten(-2)), dim=-1)
