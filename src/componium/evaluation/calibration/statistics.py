"""Counts what weights are tuned by, in training pieces and in composed ones by the same functions.

Of each piece a count is hits and of how many, or a sum and over how many; pieces together give all hits over all that
could be, with an interval that 95 % of bootstraps over pieces lie between. Except for ``returning`` and
``closing``, which are of whole pieces, the first ``MOST_BARS`` bars count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from componium.composing.constraints.voice_leading import LEAP, STEP
from componium.evaluation.estimate import Estimate
from componium.evaluation.metrics import METRICS
from componium.evaluation.metrics.metric import measure
from componium.evaluation.pieces.reading import read
from componium.features.form_pointer import form_pointers
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, excerpt, n_bars
from componium.score.harmony.chords import NO_CHORD, UNKNOWN_CHORD, chord_members

MOST_BARS = 24
KEY_BARS = 8
"""Bars in which a piece is taken to keep to one scale."""

BOOTSTRAPS = 1000
# In quarters: far below what a grid can hold.
_ROUNDING = 0.01
_BY_NAME = {metric.name: metric for metric in METRICS}

Count = tuple[float, float]


class MeasuredPiece:
    """A piece and what is known of it.

    Attributes:
        codec: of the composer.
        score: on the composer's grid.
        encoded: the same as note events.
        back: how many bars back lies what each bar repeats; its own form, or the one that it was composed in.
        chords: class of the chord of each quarter: recognized ones, or those asked for; empty where none are known.
    """

    def __init__(
        self,
        codec: NoteCodec,
        score: Score,
        encoded: EncodedNotes,
        back: Sequence[int],
        chords: NDArray[np.int16],
    ) -> None:
        self.codec = codec
        self.score = score
        self.encoded = encoded
        self.back = back
        self.chords = chords

    @cached_property
    def opening(self) -> Score:
        """The first bars."""
        return excerpt(self.score, 0, MOST_BARS)

    @cached_property
    def intervals(self) -> NDArray[np.int64]:
        """Semitones, upwards or downwards, by which the voices of parts move.

        Where as many notes of a part end as begin, the lowest moves to the lowest, and so on upwards.
        """
        codec, events = self.codec, self.encoded.events
        onset, found = np.cumsum(events[:, SHIFT], dtype=np.int64), [np.empty(0, np.int64)]
        last = int(codec.bar_grid(self.encoded.meter).start_of(MOST_BARS))
        for part in np.flatnonzero(~codec.is_drum):
            own = (events[:, PART] == part) & (events[:, DURATION] > 0) & (onset < last)
            start, pitch = onset[own], events[own, PITCH].astype(np.int64)
            end = start + codec.durations[events[own, DURATION]]
            for line in np.unique(start):
                begins, ends = np.sort(pitch[start == line]), np.sort(pitch[end == line])
                if len(begins) == len(ends):
                    found.append(np.abs(begins - ends))
        return np.concatenate(found)


def in_one_scale(piece: MeasuredPiece) -> Count:
    """Share of the notes of ``KEY_BARS`` bars that lie in the scale that holds most of them."""
    last = min(n_bars(piece.score), MOST_BARS)
    starts = range(0, max(last - KEY_BARS, 0) + 1, KEY_BARS)
    return _total([_of_metric("scale_consistency", excerpt(piece.score, start, KEY_BARS)) for start in starts])


def repeated_notes(piece: MeasuredPiece) -> Count:
    """Moves of voices that repeat the note."""
    return _share(piece.intervals == 0)


def steps(piece: MeasuredPiece) -> Count:
    """Moves of voices by a semitone or a whole tone."""
    return _share((piece.intervals > 0) & (piece.intervals <= STEP))


def leaps(piece: MeasuredPiece) -> Count:
    """Moves of voices by more than a fourth."""
    return _share(piece.intervals > LEAP)


def shared_rhythm(piece: MeasuredPiece) -> Count:
    """How alike the rhythms of bars are (metric ``groove_similarity``)."""
    return _of_metric("groove_similarity", piece.opening)


def doublings(piece: MeasuredPiece) -> Count:
    """By how many doublings a note is longer than a quarter, drums aside."""
    codec, events = piece.codec, piece.encoded.events
    lasting = events[(events[:, DURATION] > 0) & ~codec.is_drum[events[:, PART]], DURATION]
    quarters = codec.durations[lasting] / codec.config.steps
    return float(np.log2(quarters).sum()), float(len(quarters))


def returned_notes(piece: MeasuredPiece) -> Count:
    """Of the notes that the form has return, those that do, at their place and on their pitch."""
    codec, encoded, events = piece.codec, piece.encoded, piece.encoded.events
    lines = codec.bar_grid(encoded.meter).start_of(np.arange(encoded.n_bars + 1)).tolist()
    rows = np.stack((np.cumsum(events[:, SHIFT]), events[:, PART], events[:, PITCH], events[:, DURATION] > 0), axis=1)
    back = list(piece.back)[: encoded.n_bars]
    # Bars behind the form repeat nothing.
    back += [0] * (encoded.n_bars - len(back)) if back else []
    due = form_pointers(rows.astype(np.int64), lines, back, codec.config.max_shift)[:-1]
    is_due = due[:, 0] >= 0
    same = (events[is_due, SHIFT] == due[is_due, 1]) & (events[is_due, PITCH] == events[due[is_due, 0], PITCH])
    return _share(same)


def chord_tones(piece: MeasuredPiece) -> Count:
    """Of the notes that sound on beats 1 and 3, drums aside, those that belong to the chord."""
    members, hits, total = chord_members(), 0, 0
    tracks = [track.notes for track in piece.opening.tracks if not track.is_drum and len(track.notes)]
    if not tracks:
        return 0.0, 0.0
    notes = np.concatenate(tracks)
    start = notes["onset"] / piece.score.ticks_per_quarter
    end = start + notes["duration"] / piece.score.ticks_per_quarter
    for quarter in range(0, len(piece.chords), 2):
        if piece.chords[quarter] not in (UNKNOWN_CHORD, NO_CHORD):
            pitch = notes["pitch"][(start <= quarter + _ROUNDING) & (end > quarter + _ROUNDING)]
            hits += int(members[piece.chords[quarter], pitch % 12].sum())
            total += len(pitch)
    return float(hits), float(total)


def last_onset(piece: MeasuredPiece) -> Count:
    """Where in its last bar the last pitched note of a piece begins, as a share of the bar; 0 before it."""
    codec, encoded, events = piece.codec, piece.encoded, piece.encoded.events
    heard = (events[:, DURATION] > 0) & ~codec.is_drum[events[:, PART]]
    if not heard.any():
        return 0.0, 0.0
    line, end = codec.bar_grid(encoded.meter).start_of(np.array([encoded.n_bars - 1, encoded.n_bars])).tolist()
    onset = int(np.cumsum(events[:, SHIFT], dtype=np.int64)[heard].max())
    return max(onset - line, 0) / (end - line), 1.0


def estimate_of(counts: Sequence[Count]) -> Estimate:
    """Returns all hits over all that could be, with its interval; NaN where there is nothing."""
    rows = np.array(counts, float).reshape(-1, 2)
    if not rows[:, 1].sum():
        return Estimate(math.nan, math.nan, math.nan)
    drawn = rows[np.random.default_rng(1).integers(len(rows), size=(BOOTSTRAPS, len(rows)))].sum(axis=1)
    shares = drawn[drawn[:, 1] > 0]
    low, high = np.quantile(shares[:, 0] / shares[:, 1], (0.025, 0.975))
    return Estimate(float(rows[:, 0].sum() / rows[:, 1].sum()), float(low), float(high))


def _of_metric(name: str, score: Score) -> Count:
    value = measure(_BY_NAME[name], read(score)).value
    return (0.0, 0.0) if math.isnan(value) else (value, 1.0)


def _share(hits: NDArray[np.bool_]) -> Count:
    return float(hits.sum()), float(len(hits))


def _total(counts: Sequence[Count]) -> Count:
    return sum(hits for hits, _ in counts), sum(total for _, total in counts)
