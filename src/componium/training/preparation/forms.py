"""Finds the form of an encoded piece, and the form pointers that follow from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.features.form_pointer import form_pointers
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score.form import repeated_bars


def form_of(encoded: EncodedNotes, codec: NoteCodec) -> NDArray[np.int16]:
    """Returns how many bars back lies what each bar repeats, 0 where it is new; shape (bars,).

    Drums repeat whatever the music does: they give its form only where there is no other music.
    """
    onsets = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
    place = codec.bar_grid(encoded.meter).locate(onsets)
    part, pitch = (encoded.events[:, column].astype(np.int64) for column in (PART, PITCH))
    sounds = encoded.events[:, DURATION] > 0
    heard = sounds & ~codec.is_drum[part]
    heard = heard if heard.any() else sounds
    return repeated_bars(place.bar[heard], place.position[heard], part[heard], pitch[heard], encoded.n_bars)


def form_pointers_of(encoded: EncodedNotes, codec: NoteCodec) -> NDArray[np.int32]:
    """Returns the form pointers of a piece by its own form; shape (T + 1, 3)."""
    back = form_of(encoded, codec)
    lines = codec.bar_grid(encoded.meter).start_of(np.arange(encoded.n_bars + 1)).tolist()
    onsets = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
    part, pitch, duration = (encoded.events[:, column].astype(np.int64) for column in (PART, PITCH, DURATION))
    rows = np.stack((onsets, part, pitch, (duration > 0).astype(np.int64)), axis=1)
    return form_pointers(rows, lines, back.tolist(), codec.config.max_shift)
