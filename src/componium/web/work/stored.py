"""Stored pieces as the page reads them, and as events that tell them at once."""

from __future__ import annotations

import json
from typing import NamedTuple

from componium.formats.midi import read_midi
from componium.store import StoredPiece
from componium.web.piece_json import Event, Json, Rows, end_event, note_rows, notes_event, pedal_rows, piece_json


class Told(NamedTuple):
    """What a stored piece is to the page."""

    head: dict[str, Json]
    notes: Rows
    pedals: Rows


def told(piece: StoredPiece) -> Told:
    """Returns the head, the notes and the pedals of a stored piece."""
    head = json.loads(piece.head) | {"title": piece.title}
    score, parts = read_midi(piece.midi, keep_source=False), json.loads(piece.parts)
    notes = note_rows(score, parts)
    if piece.given:
        for row, given in zip(notes, piece.given, strict=True):
            row[5] = given
    return Told(head, notes, pedal_rows(score, parts))


def stored_json(piece: StoredPiece) -> str:
    """Returns a stored piece as JSON text."""
    return piece_json(piece.id, *told(piece))


def stored_events(piece: StoredPiece) -> list[Event]:
    """Returns the events of a stored piece: head, all notes, end."""
    head, notes, pedals = told(piece)
    first = Event("head", json.dumps({"id": piece.id, "head": head}))
    return [first, notes_event(notes, pedals, int(str(head["end"]))), end_event(head, len(notes))]
