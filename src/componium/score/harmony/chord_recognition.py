"""Recognizes the chord of every quarter note of a score.

Of each quarter, how long each pitch class sounds, and in the bass, is laid over the notes of every chord class: what
they hold counts for the chord, what they leave out against it, a root in the bass for it, and every further note of
the chord asks for its share. The best path through the quarters (Viterbi) pays for each change, less on a bar line.
The constants were chosen on training pieces of POP909; :mod:`benchmarks` has the agreement with its chord files.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.score.bars import bar_grid
from componium.score.harmony.chords import NO_CHORD, QUALITIES
from componium.score.score import Score

_OUTSIDE = 1.0
_ROOT_IN_BASS = 0.5
_PER_NOTE = 0.22
_SILENCE = -0.2
_CHANGE, _CHANGE_ON_BAR = 0.75, 0.3
# Qualities that seldom are what a passing note makes of another chord.
_RARE = {"diminished": 0.1, "augmented": 0.3, "suspended fourth": 0.2, "suspended second": 0.25, "half-diminished": 0.2}

Floats = NDArray[np.float64]


def recognize_chords(score: Score) -> NDArray[np.int16]:
    """Returns the chord class of every quarter note to the end of the piece, shape (quarters,); drums left out."""
    sounding, bass = _chroma(score)
    if not len(sounding):
        return np.empty(0, np.int16)
    total = sounding.sum(axis=1, keepdims=True)
    shares = np.divide(sounding, total, out=np.zeros_like(sounding), where=total > 0)
    low = bass.sum(axis=1, keepdims=True)
    bass_shares = np.divide(bass, low, out=np.zeros_like(bass), where=low > 0)
    inside = shares @ _TEMPLATES.T
    fit = inside - _OUTSIDE * (1 - inside) + _ROOT_IN_BASS * bass_shares[:, _ROOTS] - _COSTS
    # A quarter that hardly sounds says little.
    weight = np.minimum(total / max(float(np.median(total[total > 0])) if (total > 0).any() else 1.0, 1e-9), 1.0)
    scores = np.concatenate((fit * weight, np.where(total > 0, _SILENCE, 0.0) * np.maximum(weight, 0.2)), axis=1)
    grid = bar_grid(score)
    onsets = np.arange(len(scores)) * score.ticks_per_quarter
    place = grid.locate(onsets)
    on_bar = (place.position < score.ticks_per_quarter) | (place.position * 2 == place.bar_ticks)
    states = _best_path(scores, np.where(on_bar, _CHANGE_ON_BAR, _CHANGE))
    return np.where(states == scores.shape[1] - 1, NO_CHORD, states + 1).astype(np.int16)


def _best_path(scores: Floats, change: Floats) -> NDArray[np.int64]:
    """The states (T,) with the highest sum of scores (T, K), each change costing ``change`` (T,)."""
    best = scores[0].copy()
    stays = np.empty(scores.shape, bool)
    froms = np.zeros(len(scores), np.int64)
    for t in range(1, len(scores)):
        froms[t] = best.argmax()
        moved = best[froms[t]] - change[t]
        stays[t] = best >= moved
        best = np.maximum(best, moved) + scores[t]
    states = np.empty(len(scores), np.int64)
    states[-1] = best.argmax()
    for t in range(len(scores) - 1, 0, -1):
        states[t - 1] = states[t] if stays[t, states[t]] else froms[t]
    return states


def _chroma(score: Score) -> tuple[Floats, Floats]:
    """Quarters sounded by each pitch class, and by the lowest notes, within each quarter; shapes (quarters, 12)."""
    pitched = [track.notes for track in score.tracks if not track.is_drum and len(track.notes)]
    if not pitched:
        return np.empty((0, 12)), np.empty((0, 12))
    notes = np.concatenate(pitched)
    start = notes["onset"] / score.ticks_per_quarter
    end = start + np.maximum(notes["duration"], 1) / score.ticks_per_quarter
    # The end of a long note is heard less than its beginning.
    count = int(np.ceil(end.max()))
    rolls = np.zeros((2, count, 12))
    lowest = np.full(count, 128)
    pieces = _within_quarters(start, end)
    which, quarter, inside = pieces
    pitch = notes["pitch"].astype(np.int64)[which]
    np.add.at(rolls[0], (quarter, pitch % 12), inside)
    long = inside >= 0.2
    np.minimum.at(lowest, quarter[long], pitch[long])
    in_bass = pitch <= lowest[quarter] + 2
    np.add.at(rolls[1], (quarter[in_bass], pitch[in_bass] % 12), inside[in_bass])
    return rolls[0], rolls[1]


def _within_quarters(start: Floats, end: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Notes cut at quarters: index of the note, the quarter, and how much of it is filled."""
    first, last = np.floor(start).astype(np.int64), np.ceil(end - 1e-9).astype(np.int64)
    counts = np.maximum(last - first, 1)
    which = np.repeat(np.arange(len(start)), counts)
    quarter = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    inside = np.minimum(end[which], quarter + 1) - np.maximum(start[which], quarter)
    return which, np.minimum(quarter, int(last.max()) - 1), np.maximum(inside, 0.0)


def _templates() -> tuple[Floats, NDArray[np.int64], Floats]:
    rows = np.zeros((12 * len(QUALITIES), 12))
    costs = np.zeros(len(rows))
    for quality, (name, steps, _) in enumerate(QUALITIES):
        for root in range(12):
            rows[12 * quality + root, [(root + step) % 12 for step in steps]] = 1.0
            costs[12 * quality + root] = _PER_NOTE * (len(steps) - 3) + _RARE.get(name, 0.0)
    return rows, np.tile(np.arange(12), len(QUALITIES)), costs


_TEMPLATES, _ROOTS, _COSTS = _templates()
