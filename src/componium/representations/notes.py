"""The representation ``notes``: a network reads and writes note events as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import ATTRIBUTES
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes, up_to_end
from componium.representations.representation import ArraySpec, Frame


class NotesRepresentation:
    """See the module."""

    name = "notes"

    def __init__(self, config: NotesConfig) -> None:
        self.codec = NoteCodec(config)

    def arrays(self) -> dict[str, ArraySpec]:
        """See :class:`componium.representations.Representation`: events, one row a note."""
        return {"events": ArraySpec(np.dtype(np.int16), ("T", len(ATTRIBUTES)), tuple(self.codec.sizes))}

    def view(self, piece: EncodedNotes) -> dict[str, NDArray[Any]]:
        """Returns the events of a piece."""
        return {"events": piece.events}

    def restore(self, arrays: Mapping[str, NDArray[Any]], frame: Frame) -> EncodedNotes:
        """Returns events up to the first that ends the piece, values clipped to their ranges."""
        events = up_to_end(arrays["events"], self.codec.end)
        events = np.clip(events, 0, np.array(self.codec.sizes) - 1).astype(np.int16)
        return EncodedNotes(events, frame.meter, frame.tempo_bpm, frame.n_bars, self.codec.count_pedals(events))

    def spec(self) -> dict[str, Any]:
        """Returns the configuration as JSON."""
        return self.codec.config.model_dump(mode="json")
