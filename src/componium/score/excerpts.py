"""Cuts bars out of a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from componium.score.bars import bar_grid
from componium.score.notes import make_pedals
from componium.score.score import ChordSpan, KeySignature, Score, Tempo, TimeSignature, Track

_Entry = TypeVar("_Entry", Tempo, TimeSignature, KeySignature)


def excerpt(score: Score, first_bar: int, count: int) -> Score:
    """Returns the notes that begin in ``count`` bars from ``first_bar`` (from 0) on, moved to the start of a piece.

    Durations are cut where the bars end. Tempo, meter, key and chords are those in force; texts stay. What else the
    file of the score holds is left out.
    """
    grid = bar_grid(score)
    start, end = (int(tick) for tick in grid.start_of(np.array([first_bar, first_bar + count])))
    chords: list[ChordSpan] = []
    for chord in score.chords:
        onset, stop = max(chord.onset, start), min(chord.onset + chord.duration, end)
        if onset < stop:
            chords.append(ChordSpan(onset - start, stop - onset, chord.label))
    return replace(
        score,
        tracks=tuple(_cut(track, start, end) for track in score.tracks),
        tempos=_in_force(score.tempos, start, end),
        time_signatures=_in_force(score.time_signatures, start, end),
        key_signatures=_in_force(score.key_signatures, start, end),
        chords=tuple(chords),
        source=None,
    )


def _cut(track: Track, start: int, end: int) -> Track:
    onset = track.notes["onset"]
    notes = track.notes[(onset >= start) & (onset < end)].copy()
    notes["duration"] = np.minimum(notes["duration"], end - notes["onset"])
    notes["onset"] -= start
    notes.flags.writeable = False
    bends = track.pitch_bends[(track.pitch_bends["onset"] >= start) & (track.pitch_bends["onset"] < end)].copy()
    bends["onset"] -= start
    down, up = track.pedals["onset"], track.pedals["onset"] + track.pedals["duration"]
    held = (down < end) & (up > start)
    down, up = np.maximum(down[held], start), np.minimum(up[held], end)
    return replace(track, notes=notes, pitch_bends=bends, pedals=make_pedals(down - start, up - down), source=None)


def _in_force(entries: Sequence[_Entry], start: int, end: int) -> tuple[_Entry, ...]:
    """The entries from the last one at or before the start, moved to count from there."""
    before = [entry for entry in entries if entry.onset <= start][-1:]
    inside = [entry for entry in entries if start < entry.onset < end]
    return tuple(entry._replace(onset=max(entry.onset - start, 0)) for entry in (*before, *inside))
