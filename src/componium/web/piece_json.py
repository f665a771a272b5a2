"""Heads and notes of pieces as the page reads them: JSON values, the same from the server and in a static export.

Onsets and durations are ticks of the piece. A note is the row part, onset, duration, pitch, velocity, and 1 if it was
given (a note of the prompt that stays) or 0; notes of a whole piece stand in the order of onset, part, pitch. A pedal
is the row part, onset, duration.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from componium.score import Key, KeySignature, Score, Tempo, TimeSignature, bar_grid, estimate_key, n_bars
from componium.score.instruments import program_name

if TYPE_CHECKING:
    # Processes that only read and write files need no composers.
    from componium.composing.live import Head
    from componium.composing.requests import AnyRequest

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Rows: TypeAlias = "list[list[int]]"


class Event(NamedTuple):
    """What is told of a piece: ``head``, ``notes``, ``end`` or ``failed``, and JSON."""

    kind: str
    data: str


def notes_event(notes: Rows, pedals: Rows, composed_to: int) -> Event:
    """Returns the event of notes and pedals that have become known, all before the tick ``composed_to``."""
    told = {"notes": notes, "pedals": pedals, "composed_to": composed_to}
    return Event("notes", json.dumps(told, separators=(",", ":")))


def end_event(
    head: dict[str, Json],
    n_notes: int,
    cuts: Iterable[Sequence[int]] = (),
    flaws: Iterable[str] = (),
    remarks: Iterable[str] = (),
    *,
    is_stopped: bool = False,
) -> Event:
    """Returns the event that ends a piece.

    Args:
        head: of the piece as it came to be: one that was stopped has fewer bars than it was to have.
        n_notes: of all parts.
        cuts: number of a note as it came, and its final duration.
        flaws: that were found in it.
        remarks: what a listener should know.
        is_stopped: whether composing was ended early.
    """
    end = {
        "n_notes": n_notes,
        "bars": head["bars"],
        "end": head["end"],
        "cuts": [list(cut) for cut in cuts],
        "flaws": list(flaws),
        "remarks": list(remarks),
        "is_stopped": is_stopped,
    }
    return Event("end", json.dumps(end))


def piece_json(key: str, head: dict[str, Json], notes: Rows, pedals: Rows, *, is_whole: bool = True) -> str:
    """Returns a piece as JSON text."""
    piece = {"id": key, "head": head, "notes": notes, "pedals": pedals, "is_whole": is_whole}
    return json.dumps(piece, separators=(",", ":"))


def head_json(head: Head, title: str) -> dict[str, Json]:
    """Returns the head of a piece that is being composed."""
    return {
        "title": title,
        "model": head.model,
        "style": head.style,
        **_time(head.ticks_per_quarter, head.tempos, head.meter),
        "key": _key(head.key),
        "chords": [[chord.onset, chord.name] for chord in head.chords],
        "bars": head.n_bars,
        "end": head.end,
        "has_grid": head.has_grid,
        "parts": [{"name": part.name, "program": part.program, "is_drum": part.is_drum} for part in head.parts],
        "request": request_json(head.request),
    }


def request_json(request: AnyRequest) -> Json:
    """Returns what was asked for, without files and what was left open."""
    return request.model_dump(mode="json", exclude_none=True, exclude={"prompt", "other"})


def score_head(score: Score, title: str = "") -> dict[str, Json]:
    """Returns the head of music that was read from a file; a title of its own comes before the one given."""
    bars = n_bars(score)
    return {
        "title": score.title.strip() or title,
        "model": "",
        "style": "",
        **_time(score.ticks_per_quarter, score.tempos, score.time_signatures),
        "key": _key(_key_of(score)),
        "chords": [[onset, name] for onset, name in _chords_of(score)],
        "bars": bars,
        "end": int(bar_grid(score).start_of(bars)) if score.has_grid else score.end,
        "has_grid": score.has_grid,
        "parts": [
            {
                "name": track.name or ("drums" if track.is_drum else program_name(track.program)),
                "program": 0 if track.is_drum else track.program,
                "is_drum": track.is_drum,
            }
            for track in score.tracks
        ],
        "request": None,
    }


def note_rows(score: Score, parts: Sequence[int] | None = None) -> Rows:
    """Returns the notes of a score, none of them as given.

    Args:
        score: the music.
        parts: the part of each track; None: each track is one, in their order.
    """
    rows: Rows = []
    for track, part in zip(score.tracks, range(len(score.tracks)) if parts is None else parts, strict=True):
        notes = track.notes
        columns = (notes[name].tolist() for name in ("onset", "duration", "pitch", "velocity"))
        rows += [[part, *row, 0] for row in zip(*columns, strict=True)]
    return in_order(rows)


def pedal_rows(score: Score, parts: Sequence[int] | None = None) -> Rows:
    """Returns when the sustain pedals of a score are down; arguments as for :func:`note_rows`."""
    rows: Rows = []
    for track, part in zip(score.tracks, range(len(score.tracks)) if parts is None else parts, strict=True):
        pedals = track.pedals
        rows += [[part, *row] for row in zip(pedals["onset"].tolist(), pedals["duration"].tolist(), strict=True)]
    return sorted(rows)


def in_order(rows: Iterable[list[int]]) -> Rows:
    """Returns notes in the order of a whole piece."""
    return sorted(rows, key=lambda row: (row[1], row[0], row[3], row[2], row[4], row[5]))


def _time(ticks_per_quarter: int, tempos: Iterable[Tempo], meters: Iterable[TimeSignature]) -> dict[str, Json]:
    return {
        "ticks_per_quarter": ticks_per_quarter,
        "tempos": [[tempo.onset, tempo.tempo_bpm] for tempo in tempos],
        "meters": [[meter.onset, meter.numerator, meter.denominator] for meter in meters],
    }


def _key(key: Key | None) -> Json:
    return None if key is None else {"name": key.name, "tonic": key.tonic, "scale": list(key.pitch_classes)}


def _key_of(score: Score) -> Key | None:
    """The key of the first signature; without one, or where that is the C major that files have by default, a guess."""
    first: KeySignature | None = score.key_signatures[0] if score.key_signatures else None
    if first is not None and (first.tonic, first.is_minor) != (0, False):
        return Key(first.tonic, first.is_minor)
    return estimate_key(score) if score.n_notes else None


def _chords_of(score: Score) -> Iterable[tuple[int, str]]:
    """Onset and name of each chord; where one ends before the next begins, an empty name."""
    end: int | None = None
    for chord in score.chords:
        if end is not None and end < chord.onset:
            yield end, ""
        yield chord.onset, "" if chord.label == "N" else chord.label
        end = chord.onset + chord.duration
    if end is not None and end < score.end:
        yield end, ""
