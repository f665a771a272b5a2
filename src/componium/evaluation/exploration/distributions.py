"""Distributions of the notes of a piece: counts over named classes.

* ``pitch``, ``pitch_class``: pitched notes.
* ``duration``: pitched notes by the nearest note value
  (:data:`~componium.evaluation.exploration.musical_names.NOTE_VALUES`), as long as they sound; detached playing makes
  them shorter than they are written.
* ``velocity``: all notes, in eight classes of 16 with the dynamics that notation programs give them.
* ``voices``: quarters in which so many pitched notes sound at once; silence is left out.
* ``instrument``: all notes, by General MIDI program.
* ``tempo``: the piece, by the tempo that rules longest. ``key``: the piece, by its estimated key.

A corpus' distribution adds the counts of its pieces. Where groups are compared, each piece counts alike: its shares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.evaluation.exploration.musical_names import NOTE_VALUES, note_value_classes, pitch_name
from componium.evaluation.metrics.harmony import sounding_pitches
from componium.evaluation.metrics.melody import require_bars, require_pitches
from componium.evaluation.metrics.metric import Undefined
from componium.evaluation.pieces.reading import Floats, Reading
from componium.score import Key
from componium.score.harmony.keys import TONIC_NAMES
from componium.score.instruments import PROGRAM_NAMES

MOST_VOICES = 9
DRUMS = 128

_DYNAMICS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
_TEMPO_BORDERS = (60, 80, 100, 120, 140, 160, 180)


class AnalyzedPiece(NamedTuple):
    """What distributions are counted on: a reading of a piece, its estimated key and its prevailing tempo."""

    reading: Reading
    key: Key | None
    tempo_bpm: float


@dataclass(frozen=True)
class Distribution:
    """Counts over named classes.

    Attributes:
        name: as in reports.
        title: for the heading of a chart.
        unit: what is counted.
        labels: names of the classes, in order.
        count: maps a piece to its counts, shape (labels,), not all 0; raises
            :class:`~componium.evaluation.metrics.metric.Undefined`.
        meaning: one sentence for a musician.
    """

    name: str
    title: str
    unit: str
    labels: tuple[str, ...]
    count: Callable[[AnalyzedPiece], Floats]
    meaning: str


def _pitches(piece: AnalyzedPiece) -> Floats:
    require_pitches(piece.reading)
    return np.bincount(piece.reading.pitched.pitch, minlength=128).astype(np.float64)


def _pitch_classes(piece: AnalyzedPiece) -> Floats:
    return np.bincount(np.arange(128) % 12, weights=_pitches(piece)).astype(np.float64)


def _durations(piece: AnalyzedPiece) -> Floats:
    require_bars(piece.reading)
    require_pitches(piece.reading)
    notes = piece.reading.pitched
    return np.bincount(note_value_classes(notes.end - notes.onset), minlength=len(NOTE_VALUES)).astype(np.float64)


def _velocities(piece: AnalyzedPiece) -> Floats:
    classes = np.zeros(len(_DYNAMICS))
    for track in piece.reading.score.tracks:
        classes += np.bincount(track.notes["velocity"] // 16, minlength=len(_DYNAMICS))
    return classes


def _voices(piece: AnalyzedPiece) -> Floats:
    require_pitches(piece.reading)
    sounding, spans = sounding_pitches(piece.reading.pitched)
    return np.bincount(np.minimum(sounding, MOST_VOICES), weights=spans, minlength=MOST_VOICES + 1)[1:].astype(
        np.float64
    )


def _instruments(piece: AnalyzedPiece) -> Floats:
    counts = np.zeros(DRUMS + 1)
    for track in piece.reading.score.tracks:
        counts[DRUMS if track.is_drum else track.program] += len(track.notes)
    return counts


def _tempo(piece: AnalyzedPiece) -> Floats:
    require_bars(piece.reading)
    return _one(int(np.searchsorted(_TEMPO_BORDERS, piece.tempo_bpm, side="right")), len(_TEMPO_BORDERS) + 1)


def _key(piece: AnalyzedPiece) -> Floats:
    if piece.key is None:
        raise Undefined("no pitched notes, or no key fits better than others")
    return _one(piece.key.tonic + 12 * piece.key.is_minor, 24)


def _one(place: int, size: int) -> Floats:
    counts = np.zeros(size)
    counts[place] = 1
    return counts


DISTRIBUTIONS = (
    Distribution(
        "pitch", "Pitch", "notes", tuple(pitch_name(pitch) for pitch in range(128)), _pitches,
        "how high the notes lie; C4 is middle C",
    ),
    Distribution(
        "pitch_class", "Note names", "notes", TONIC_NAMES, _pitch_classes,
        "how often each of the twelve notes is played, in whatever octave",
    ),
    Distribution(
        "duration", "Note lengths", "notes", tuple(name for _, name in NOTE_VALUES), _durations,
        "the note value nearest to how long each note sounds; notes played detached come out shorter than written",
    ),
    Distribution(
        "velocity", "Loudness", "notes",
        tuple(f"{name} ({max(16 * place, 1)}-{16 * place + 15})" for place, name in enumerate(_DYNAMICS)), _velocities,
        "how hard the notes are struck: the MIDI velocity, 1 to 127, with the dynamic that it stands for",
    ),
    Distribution(
        "voices", "Notes at once", "quarters",
        (*(str(count) for count in range(1, MOST_VOICES)), f"{MOST_VOICES} or more"), _voices,
        "for how long so many notes sound together; 1 is a single line",
    ),
    Distribution(
        "instrument", "Instruments", "notes", (*PROGRAM_NAMES, "drums"), _instruments,
        "which General MIDI instruments play the notes",
    ),
    Distribution(
        "tempo", "Tempo", "pieces",
        ("below 60 bpm", *(f"{low} to {low + 19} bpm" for low in _TEMPO_BORDERS[:-1]), "180 bpm and above"), _tempo,
        "quarter notes a minute; where the tempo changes, the one that lasts longest",
    ),
    Distribution(
        "key", "Keys", "pieces",
        tuple(Key(tonic, is_minor).name for is_minor in (False, True) for tonic in range(12)), _key,
        "the key that fits each piece best, an estimate; a key and its relative are easily taken for each other",
    ),
)  # fmt: skip
