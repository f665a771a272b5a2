"""The protocol of a representation: a view of note events as the arrays of a network, and back.

Datasets and artifacts store music in one form, note events (:class:`componium.representations.note_codec.NoteCodec`).
What a network reads and writes of it is a representation: the events themselves (``notes``), or the cells of a grid
(``grid``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import TimeSignature


class ArraySpec(NamedTuple):
    """The type, shape and sizes of an array.

    Attributes:
        dtype: of its values.
        shape: letters for lengths that vary (T events, S cells), numbers for others.
        sizes: number of values: of each column, or one number for all.
    """

    dtype: np.dtype[Any]
    shape: tuple[str | int, ...]
    sizes: tuple[int, ...]


class Frame(NamedTuple):
    """The properties of a piece that arrays do not hold: meter in steps of the codec, bars, quarters a minute."""

    meter: tuple[TimeSignature, ...]
    n_bars: int
    tempo_bpm: float = 120.0


class Representation(Protocol):
    """A view of note events."""

    @property
    def name(self) -> str:
        """Its name in recipes and artifacts."""
        ...

    @property
    def codec(self) -> NoteCodec:
        """Turns scores into the note events that it views, and back."""
        ...

    def arrays(self) -> dict[str, ArraySpec]:
        """Returns what the arrays of a piece hold, by name."""
        ...

    def view(self, piece: EncodedNotes) -> dict[str, NDArray[Any]]:
        """Returns the arrays of a piece, by name."""
        ...

    def restore(self, arrays: Mapping[str, NDArray[Any]], frame: Frame) -> EncodedNotes:
        """Returns the note events that arrays stand for; total: anything that a network can emit gives a piece."""
        ...

    def spec(self) -> dict[str, Any]:
        """Returns JSON from which :func:`componium.representations.representation_of` rebuilds it exactly."""
        ...
