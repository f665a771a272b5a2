"""Scores: tracks, notes, bars, tempo, keys, chords and grids."""

from componium.score.bars import BarGrid, Place, bar_grid, n_bars
from componium.score.excerpts import excerpt
from componium.score.harmony.keys import Key, estimate_key, parse_key
from componium.score.notes import NOTE_DTYPE, Note, Notes, make_notes, no_notes, without_overlaps
from componium.score.score import ChordSpan, KeySignature, Score, Tempo, TimeSignature, Track
from componium.score.tempo_map import TempoMap, duration_seconds

__all__ = [
    "NOTE_DTYPE",
    "BarGrid",
    "ChordSpan",
    "Key",
    "KeySignature",
    "Note",
    "Notes",
    "Place",
    "Score",
    "Tempo",
    "TempoMap",
    "TimeSignature",
    "Track",
    "bar_grid",
    "duration_seconds",
    "estimate_key",
    "excerpt",
    "make_notes",
    "n_bars",
    "no_notes",
    "parse_key",
    "without_overlaps",
]
