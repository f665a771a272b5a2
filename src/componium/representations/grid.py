"""The representation ``grid``: time in cells of equal length, for convolutional and one-shot networks.

Two layouts:

* ``cells`` (S, parts): each part is one line, a value a cell: ``REST``, ``HELD``, or 2 + the pitch that is struck. Of
  several notes that a part strikes within a cell the highest stays, of two of the same pitch the longer; a note ends
  where the part strikes the next one. It is the melody representation of Magenta's MelodyRNN, for several parts.
* ``planes`` (S, parts, 128), two of them: ``onset`` where a note is struck, ``held`` where one sounds, the cell of its
  onset included. Of notes that overlap on one pitch the earlier ends where the later begins.

A note begins in the cell nearest to its onset, ends at the cell line nearest to its end, and lasts at least one cell.
Velocities are lost: restored notes have the middle one. Sustain pedals have no cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from componium.errors import RepresentationError
from componium.representations.columns import DURATION, MIDDLE_VELOCITY, N_PITCHES, PART, PITCH, SHIFT
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.representation import ArraySpec, Frame

REST, HELD = 0, 1
N_CELL_VALUES = 2 + N_PITCHES


class GridConfig(BaseModel):
    """Settings of the representation; part of a recipe and of every artifact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["grid"] = "grid"
    layout: Literal["cells", "planes"] = "cells"
    cells: int = Field(default=4, ge=1, le=1000, description="cells per quarter note, or per second")
    notes: NotesConfig = Field(default=NotesConfig(), description="the stored note events")

    def with_notes(self, notes: NotesConfig) -> GridConfig:
        """Returns the settings with others of the stored note events."""
        return self.model_copy(update={"notes": notes})


class GridRepresentation:
    """See the module.

    Raises:
        RepresentationError: the steps of the note events do not divide into cells.
    """

    name = "grid"

    def __init__(self, config: GridConfig) -> None:
        if config.notes.steps % config.cells:
            raise RepresentationError(f"{config.cells} cells do not divide the {config.notes.steps} steps of the notes")
        self.config = config
        self.codec = NoteCodec(config.notes)
        self.steps_per_cell = config.notes.steps // config.cells

    def arrays(self) -> dict[str, ArraySpec]:
        """See :class:`componium.representations.Representation`."""
        n_parts = len(self.codec.config.parts)
        if self.config.layout == "cells":
            return {"cells": ArraySpec(np.dtype(np.int16), ("S", n_parts), (N_CELL_VALUES,))}
        plane = ArraySpec(np.dtype(np.bool_), ("S", n_parts, N_PITCHES), (2,))
        return {"onset": plane, "held": plane}

    def n_cells(self, frame: Frame) -> int:
        """Returns how many cells a piece takes, the last bar being whole."""
        end = int(self.codec.bar_grid(frame.meter).start_of(frame.n_bars))
        return -(-end // self.steps_per_cell)

    def view(self, piece: EncodedNotes) -> dict[str, NDArray[Any]]:
        """Returns the arrays of a piece."""
        size = self.n_cells(Frame(piece.meter, piece.n_bars))
        onset, end, part, pitch = self._spans(piece, size)
        n_parts = len(self.codec.config.parts)
        if self.config.layout == "cells":
            return {"cells": _cells(onset, end, part, pitch, (size, n_parts))}
        struck = np.zeros((size, n_parts, N_PITCHES), bool)
        struck[onset, part, pitch] = True
        sounding = np.zeros((size + 1, n_parts, N_PITCHES), np.int32)
        np.add.at(sounding, (onset, part, pitch), 1)
        np.add.at(sounding, (end, part, pitch), -1)
        return {"onset": struck, "held": np.cumsum(sounding, axis=0)[:-1] > 0}

    def _spans(self, piece: EncodedNotes, size: int) -> tuple[NDArray[np.int64], ...]:
        """First cell, cell after the last, part and pitch of the notes that have cells."""
        events = piece.events.astype(np.int64)
        onset = np.cumsum(events[:, SHIFT])
        length = self.codec.durations[events[:, DURATION]]
        kept = (length > 0) & ~self.codec.is_pedal[events[:, PART]]
        start, end = (_nearest(step, self.steps_per_cell) for step in (onset[kept], (onset + length)[kept]))
        start = np.minimum(start, size - 1)
        return start, np.clip(end, start + 1, size), events[kept, PART], events[kept, PITCH]

    def restore(self, arrays: Mapping[str, NDArray[Any]], frame: Frame) -> EncodedNotes:
        """Returns the note events that arrays stand for; cells that are held where no note was struck are silent."""
        if self.config.layout == "cells":
            onset, part, pitch, length = notes_of_cells(np.clip(arrays["cells"], 0, N_CELL_VALUES - 1).astype(np.int64))
        else:
            onset, part, pitch, length = _notes_of_planes(arrays["onset"].astype(bool), arrays["held"].astype(bool))
        steps = self.steps_per_cell
        velocity = np.full(len(onset), self.codec.velocity_bin(MIDDLE_VELOCITY))
        columns = np.stack((onset * steps, part, pitch, length * steps, velocity))
        columns = columns[:, ~self.codec.is_pedal[part]]
        return self.codec.from_columns(columns, frame.meter, frame.tempo_bpm, frame.n_bars)

    def spec(self) -> dict[str, Any]:
        """Returns the configuration as JSON."""
        return self.config.model_dump(mode="json")


def _nearest(step: NDArray[np.int64], steps_per_cell: int) -> NDArray[np.int64]:
    """The nearest cell lines, the later of two."""
    return (step + steps_per_cell // 2) // steps_per_cell


def _cells(
    onset: NDArray[np.int64],
    end: NDArray[np.int64],
    part: NDArray[np.int64],
    pitch: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.int16]:
    """One line a part: the highest and longest note of each cell, held to its end or the next one."""
    size, _ = shape
    struck = np.full(shape, -1, np.int64)
    np.maximum.at(struck, (onset, part), pitch * (size + 1) + end)
    is_struck = struck >= 0
    # At every cell, the end of the note that was struck last.
    cell = np.arange(size)[:, None]
    last = np.maximum.accumulate(np.where(is_struck, cell, -1), axis=0)
    ends = np.take_along_axis(struck % (size + 1), np.maximum(last, 0), axis=0)
    found = np.where((last >= 0) & (cell < ends), HELD, REST)
    return np.where(is_struck, 2 + struck // (size + 1), found).astype(np.int16)


def notes_of_cells(cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Returns cell, part, pitch and length in cells of the notes of cells (S, parts)."""
    size = len(cells)
    part, onset = np.nonzero(cells.T >= 2)
    # At every cell, the next one that does not go on with the note before.
    breaks = np.where(cells != HELD, np.arange(size)[:, None], size)
    following = np.minimum.accumulate(breaks[::-1], axis=0)[::-1]
    following = np.concatenate((following, np.full((1, cells.shape[1]), size)))
    return onset, part, cells[onset, part] - 2, following[onset + 1, part] - onset


def _notes_of_planes(onset: NDArray[np.bool_], held: NDArray[np.bool_]) -> tuple[NDArray[np.int64], ...]:
    """Cell, part, pitch and length in cells of the notes of planes (S, parts, 128)."""
    lines = np.where(onset, 2, np.where(held, HELD, REST)).reshape(len(onset), onset.shape[1] * N_PITCHES)
    start, line, _, length = notes_of_cells(lines)
    part, pitch = np.divmod(line, N_PITCHES)
    return start, part, pitch, length
