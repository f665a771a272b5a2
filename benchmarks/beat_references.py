"""Pieces whose beats are known: what the beat tracker is fitted to and judged on; imported by other benchmarks.

* POP909: raw MIDI files, whose ticks are not their beats, and ``beat_midi.txt`` (seconds, a flag every second beat, a
  flag on downbeats).
* ASAP: performances, and ``*_annotations.txt`` beside them (seconds twice; ``b`` or ``db``, with the time signature
  where it changes), or in the same places of another folder, ``COMPONIUM_ASAP_ANNOTATIONS``.
* Scores whose ticks follow the beats, in seconds: as they stand, or played by a random pianist (:func:`play`,
  :func:`perform`).

A beat is what the time signature counts: three eighths in 6/8, 9/8, 12/8 (of 3/8 one), three quarters in 6/4.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.corpora import CORPORA
from componium.corpora.splits import split_of
from componium.errors import ComponiumError
from componium.formats.midi import read_midi
from componium.formats.music_files import read_score
from componium.score import Score, TempoMap
from componium.score.beat_tracking.onsets import NoteTimes, note_times
from componium.score.grid import has_beat_grid

Floats = NDArray[np.float64]
Player = Callable[[Score, Floats, Floats, np.random.Generator], tuple[NoteTimes, Floats, Floats]]

# Folder, ending, and how many of its files are taken, in an order by their names' digests.
SCORES = (
    ("openscore_lieder", ".mxl", 280),
    ("openscore_quartets", ".mxl", 40),
    ("music21_string_quartets", ".mid", 33),
    ("music21_misc", ".mid", 15),
    ("music21_monteverdi", ".mid", 20),
    ("music21_palestrina", ".mid", 15),
    ("jsb_chorales_music21", ".mid", 80),
    ("music21_ryans_mammoth", ".mid", 80),
    ("irish_cre", ".mid", 100),
    ("freedoom_multitrack", ".mid", 96),
)


class Reference(NamedTuple):
    """A piece and its beats.

    Attributes:
        corpus, work, name: the work is the unit of splitting.
        notes: in seconds.
        beats, downbeats: seconds.
        meter: numerator and denominator at the start; None where unknown.
        path: of the file.
    """

    corpus: str
    work: str
    name: str
    notes: NoteTimes
    beats: Floats
    downbeats: Floats
    meter: tuple[int, int] | None
    path: Path

    @property
    def is_held_out(self) -> bool:
        """Whether nothing was fitted to the work: it is not a training work by its hash."""
        return split_of(self.work) != "train"


def data_folder() -> Path:
    """``COMPONIUM_DATA``."""
    return Path(os.environ["COMPONIUM_DATA"])


def pop909(*, held_out: bool) -> Iterator[Reference]:
    """Songs of POP909, either of training works or of the others."""
    folder = data_folder() / "pop909"
    for piece in CORPORA["pop909"].find(folder):
        if (split_of(piece.work) != "train") == held_out:
            rows = np.loadtxt(folder / "annotations" / piece.path.stem / "beat_midi.txt")
            notes = note_times(read_midi(piece.path))
            beats, downbeats = rows[:, 0], rows[rows[:, 2] > 0.5, 0]
            yield Reference("pop909", piece.work, piece.name, notes, beats, downbeats, None, piece.path)


def asap(*, held_out: bool) -> Iterator[Reference]:
    """Performances of ASAP."""
    folder = data_folder() / "asap"
    annotations = Path(os.environ.get("COMPONIUM_ASAP_ANNOTATIONS", folder))
    for piece in CORPORA["asap"].find(folder):
        place = annotations / piece.path.relative_to(folder).with_name(f"{piece.path.stem}_annotations.txt")
        if piece.labels["kind"] != "performance" or (split_of(piece.work) != "train") != held_out:
            continue
        if place.exists():
            rows = [line.split("\t") for line in place.read_text(encoding="utf-8").splitlines()]
            beats = np.array([float(row[0]) for row in rows])
            is_down = np.array([row[2].startswith("db") for row in rows])
            signatures = [row[2].split(",")[1] for row in rows if "/" in row[2]]
            meter = tuple(map(int, signatures[0].split("/"))) if signatures else None
            notes = note_times(read_midi(piece.path))
            yield Reference("asap", piece.work, piece.name, notes, beats, beats[is_down], meter, piece.path)


def scores(*, held_out: bool, played: int = 0, player: Player | None = None) -> Iterator[Reference]:
    """Scores on their beat grid.

    Args:
        held_out: those of training works, or the others.
        played: how many times each is played by the random pianist; 0: it is taken as it stands.
        player: who plays it; without one :func:`play`.
    """
    for corpus, ending, most in SCORES:
        files = sorted((data_folder() / corpus).rglob(f"*{ending}"), key=lambda path: _digest(path.name))
        for path in files[:most]:
            work = f"{corpus}/{path.parent.name}/{path.stem}"
            if (split_of(work) != "train") != held_out:
                continue
            try:
                score = read_score(path)
            except ComponiumError:
                continue
            if not score.n_notes or not has_beat_grid(score):
                continue
            beats, downbeats = grid_beats(score)
            if len(beats) < 16:
                continue
            first = score.time_signatures[0]
            meter, name = (first.numerator, first.denominator), f"{corpus}/{path.name}"
            rng = np.random.default_rng(_digest(path.name))
            for _ in range(played):
                notes, *moments = (player or play)(score, beats, downbeats, rng)
                yield Reference(corpus, work, name, notes, *moments, meter, path)
            if not played:
                seconds = TempoMap(score).seconds
                notes = note_times(score)
                yield Reference(corpus, work, name, notes, seconds(beats), seconds(downbeats), meter, path)


def beats_of_meter(numerator: int, denominator: int) -> int:
    """Beats that a bar counts."""
    is_compound = numerator > 3 and numerator % 3 == 0 and (denominator >= 8 or (numerator, denominator) == (6, 4))
    return numerator // 3 if is_compound else numerator


def grid_beats(score: Score) -> tuple[Floats, Floats]:
    """Ticks of beats and of downbeats."""
    ends = [*(meter.onset for meter in score.time_signatures[1:]), score.end]
    beats: list[float] = []
    downbeats: list[float] = []
    for meter, end in zip(score.time_signatures, ends, strict=True):
        bar = meter.bar_ticks(score.ticks_per_quarter)
        count = beats_of_meter(meter.numerator, meter.denominator)
        ticks = np.arange(meter.onset, end, bar / count)
        beats.extend(ticks.tolist())
        downbeats.extend(ticks[::count].tolist())
    return np.array(beats), np.array(downbeats)


def play(score: Score, beats: Floats, downbeats: Floats, rng: np.random.Generator) -> tuple[NoteTimes, Floats, Floats]:
    """A score as a random pianist plays it: at another tempo that wanders, not quite together, more or less legato.

    The logarithm of the tempo is autoregressive from beat to beat, with a deviation drawn among none, 2, 5 and 9 %.
    """
    knots, steps = _written_steps(score, beats)
    deviation = rng.choice([0.0, 0.02, 0.05, 0.09])
    wander = 0.0
    for index in range(len(steps)):
        wander = 0.8 * wander + rng.normal(0, deviation)
        steps[index] *= np.exp(wander + rng.normal(0, deviation / 3))
    moments = np.append(0.0, np.cumsum(steps * np.exp(rng.normal(0, 0.2))))
    spread, legato = rng.choice([0.003, 0.008, 0.014]), rng.uniform(0.6, 1.0)
    notes = _played_notes(score, np.stack((knots, moments)), (spread, legato), rng)
    return notes, np.interp(beats, knots, moments), np.interp(downbeats, knots, moments)


def perform(
    score: Score, beats: Floats, downbeats: Floats, rng: np.random.Generator
) -> tuple[NoteTimes, Floats, Floats]:
    """A score as a random pianist plays it with rubato, from none to that of a romantic piece.

    Phrases of four or eight bars are slow at both ends, by up to 30 % each; a beat at their end may be held; phrases
    differ in tempo; the piece ends with a ritardando; each beat is off by itself. The highest note leads, and chords
    may be rolled from the bass up. How much of each is drawn once a piece.
    """
    knots, steps = _written_steps(score, beats)
    much = rng.choice([0.0, 0.3, 0.6, 1.0])
    depth, between, own = much * rng.uniform(0.05, 0.3), much * rng.uniform(0, 0.15), much * rng.uniform(0.02, 0.09)
    bars = int(rng.choice([4, 8]))
    starts = np.unique(np.append(np.searchsorted(knots, downbeats[::bars]), (0, len(steps))))
    slower = np.zeros(len(steps))
    for first, end in pairwise(starts.tolist()):
        phase = (np.arange(end - first) + 0.5) / (end - first)
        slower[first:end] = depth * (2 * phase - 1) ** 2 + rng.normal(0, between)
        slower[end - 1] += much * rng.uniform(0, 0.5) * (rng.random() < 0.3)
    slower[-6:] += much * rng.uniform(0, 0.6) * np.linspace(0, 1, 6)[-min(6, len(steps)) :]
    slower += rng.normal(0, own, len(steps)) + rng.normal(0, 0.2)
    moments = np.append(0.0, np.cumsum(steps * np.exp(slower)))
    spread, legato = rng.choice([0.003, 0.008, 0.014]), rng.uniform(0.6, 1.0)
    notes = _played_notes(score, np.stack((knots, moments)), (spread, legato), rng)
    notes = _rolled(notes, much * rng.uniform(0, 0.03), much * rng.uniform(0, 0.2), rng)
    return notes, np.interp(beats, knots, moments), np.interp(downbeats, knots, moments)


def _written_steps(score: Score, beats: Floats) -> tuple[Floats, Floats]:
    """Ticks of the beats and of the end, and the seconds between them, as written."""
    knots = np.append(beats, max(score.end + 1, beats[-1] + 1))
    return knots, np.diff(TempoMap(score).seconds(knots))


def _played_notes(score: Score, seconds_at: Floats, touch: tuple[float, float], rng: np.random.Generator) -> NoteTimes:
    """The notes of a score whose ticks (first row) are moments (second row), with a spread of onsets and a legato."""
    (knots, moments), (spread, legato) = seconds_at, touch
    columns: list[Floats] = []
    for track in score.tracks:
        notes, size = track.notes, len(track.notes)
        if not size:
            continue
        start = np.interp(notes["onset"], knots, moments)
        end = np.interp(notes["onset"].astype(np.int64) + notes["duration"], knots, moments)
        duration = np.maximum(end - start, 0.03) * np.clip(legato + rng.normal(0, 0.08, size), 0.2, 1.1)
        velocity = notes["velocity"] + rng.normal(0, 6, size)
        onset = np.maximum(start + rng.normal(0, spread, size), 0)
        columns.append(np.stack((onset, duration, notes["pitch"], velocity, np.full(size, track.is_drum))))
    table = np.concatenate(columns, axis=1)
    onset, duration, pitch, velocity, is_drum = table[:, np.lexsort((table[2], table[0]))]
    return NoteTimes(onset, duration, pitch.astype(np.int64), np.clip(velocity, 5, 127), is_drum > 0.5)


def taken(notes: NoteTimes, rows: NDArray[Any]) -> NoteTimes:
    """Some of the notes: those of given indices, or of a mask."""
    onset, duration, pitch, velocity, is_drum = notes
    return NoteTimes(onset[rows], duration[rows], pitch[rows], velocity[rows], is_drum[rows])


def _rolled(notes: NoteTimes, lead: float, share: float, rng: np.random.Generator) -> NoteTimes:
    """Notes whose top ones come earlier by ``lead`` seconds, and of whose chords a share is rolled."""
    onset = notes.onset.copy()
    starts = np.flatnonzero(np.append(True, np.diff(onset) > 0.03))
    for first, end in pairwise([*starts.tolist(), len(onset)]):
        order = first + np.argsort(notes.pitch[first:end])
        if len(order) > 1:
            onset[order[-1]] -= lead
        if len(order) > 2 and rng.random() < share:
            onset[order] += np.arange(len(order)) * rng.uniform(0.015, 0.04)
    onset = np.maximum(onset, 0)
    return taken(notes._replace(onset=onset), np.lexsort((notes.pitch, onset)))


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
