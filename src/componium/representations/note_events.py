"""Makes note events of columns of notes: sorted, each key once, rests across long gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import DURATION, N_PITCHES, PART, PITCH, SHIFT, VELOCITY, Events
from componium.score import TimeSignature

Column = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class EncodedNotes:
    """A piece as note events.

    Attributes:
        events: shape (T, 5), columns ``ATTRIBUTES``.
        meter: time signatures with onsets in steps.
        n_bars: bars of the piece.
        n_pedals: events that are a pedal's, and no notes.
    """

    events: Events
    meter: tuple[TimeSignature, ...]
    tempo_bpm: float
    n_bars: int
    n_pedals: int = 0

    @property
    def n_notes(self) -> int:
        """Events that are notes: neither rests nor a pedal's."""
        return int((self.events[:, DURATION] > 0).sum()) - self.n_pedals


def in_order(columns: NDArray[np.int64], n_parts: int, longest: int) -> Column:
    """Returns the order by onset, part, pitch, the longest first.

    Args:
        columns: onset, part, pitch, duration in steps, and more; shape (5, T).
        n_parts: parts of the representation.
        longest: duration from which on notes are equally long.
    """
    onset, part, pitch, duration, _ = columns
    # Through one key: faster than sorting by four.
    key = ((onset * n_parts + part) * N_PITCHES + pitch) * (longest + 1)
    return np.argsort(key + (longest - np.minimum(duration, longest)), kind="stable")


def is_first(onset: Column, part: Column, pitch: Column) -> NDArray[np.bool_]:
    """Returns which of sorted notes are not on the key of the one before."""
    first = np.ones(len(onset), bool)
    first[1:] = (onset[1:] != onset[:-1]) | (part[1:] != part[:-1]) | (pitch[1:] != pitch[:-1])
    return first


def with_rests(onset: Column, columns: tuple[Column, ...], max_shift: int) -> Events:
    """Returns rows: the shift before the other columns, with rests where it exceeds the longest."""
    shift = onset.copy()
    shift[1:] -= onset[:-1]
    n_rests = np.maximum(shift - 1, 0) // max_shift
    total = int(n_rests.sum())
    events = np.zeros((len(onset) + total, 5), np.int16)
    rows: Any = slice(None)
    if total:
        rows = np.arange(len(onset)) + np.cumsum(n_rests)
        events[:, SHIFT] = max_shift
        shift -= n_rests * max_shift
    events[rows, SHIFT] = shift
    for attribute, column in zip((PART, PITCH, DURATION, VELOCITY), columns, strict=True):
        events[rows, attribute] = column
    return events


def up_to_end(events: NDArray[Any], end: int) -> NDArray[np.int64]:
    """Returns the rows before the first whose shift ends the piece."""
    ends = np.flatnonzero(events[:, SHIFT] >= end)
    return events[: ends[0] if len(ends) else None].astype(np.int64)
