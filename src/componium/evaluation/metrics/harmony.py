"""Metrics of harmony: key, scale, chords, consonance.

* ``scale_consistency``: the largest share of notes in one of 24 scales, the 12 diatonic and the 12 harmonic minor ones.
  A uniform chromatic piece has 7/12. MusPy's metric of that name knows only the diatonic ones, under two names each.
* ``polyphony``: pitches that sound at once, averaged over the time in which any does; a pitch that two notes hold is
  one.
* ``tonal_distance``: mean distance in the six-dimensional tonal space of Harte, Sandler and Gasser (2006) between the
  chroma of successive beats; beats in which nothing sounds are left out. 0: the harmony stands still.
* ``chords_in_8_bars``: different chords within windows of 8 bars, averaged over the windows. A beat's chord is the
  major or minor triad that most of its sounding time belongs to, at least half of it.
* ``chord_trigram_irregularity``: different runs of three chords over all of them, a chord that stays counting once.
  1: no turn comes back. Wu and Yang (2020), without their lost last trigram.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from componium.evaluation.metrics.melody import RANGE_BARS, require_bars, require_pitches
from componium.evaluation.metrics.metric import Metric, Undefined
from componium.evaluation.pieces.reading import Floats, Integers, Notes, Reading

DIATONIC = (0, 2, 4, 5, 7, 9, 11)
HARMONIC_MINOR = (0, 2, 3, 5, 7, 8, 11)
_TRIADS = ((0, 4, 7), (0, 3, 7))
NO_CHORD = -1


@cache
def _templates(shapes: tuple[tuple[int, ...], ...]) -> Floats:
    """Each shape on each of the 12 pitch classes, shape (12 * shapes, 12), of zeros and ones."""
    rows = np.zeros((len(shapes), 12, 12))
    for i, shape in enumerate(shapes):
        for root in range(12):
            rows[i, root, [(root + step) % 12 for step in shape]] = 1
    return rows.reshape(-1, 12)


def _scale_consistency(reading: Reading) -> float:
    require_pitches(reading)
    counts = np.bincount(reading.pitched.pitch % 12, minlength=12)
    return float((_templates((DIATONIC, HARMONIC_MINOR)) @ counts).max() / counts.sum())


def _polyphony(reading: Reading) -> float:
    require_pitches(reading)
    sounding, spans = sounding_pitches(reading.pitched)
    return float((sounding * spans).sum() / spans.sum())


def sounding_pitches(notes: Notes) -> tuple[Integers, Floats]:
    """Returns how many pitches sound, and for how many quarters, from each change to the next; silence is left out.

    Raises:
        Undefined: no note lasts.
    """
    notes = without_doublings(notes)
    if not len(notes.onset):
        raise Undefined("no note lasts")
    times = np.concatenate((notes.onset, notes.end))
    changes = np.repeat([1, -1], len(notes.onset))
    order = np.argsort(times, kind="stable")
    sounding = np.cumsum(changes[order])[:-1]
    spans = np.diff(times[order])
    is_sounding = (sounding > 0) & (spans > 0)
    return sounding[is_sounding], spans[is_sounding]


def without_doublings(notes: Notes) -> Notes:
    """Returns the notes that last, each from where its pitch does not sound already; by pitch."""
    order = np.lexsort((notes.onset, notes.pitch))
    onset, end, pitch = notes.onset[order], notes.end[order], notes.pitch[order]
    # Pitches one after the other, so that the end reached so far is of the same pitch or long past.
    shift = pitch * (end.max(initial=0.0) + 1.0)
    reached = np.maximum.accumulate(end + shift)
    onset[1:] = np.maximum(onset[1:], reached[:-1] - shift[1:])
    return Notes(onset, end, pitch).where(end > onset + 1e-9)


def beat_chroma(notes: Notes) -> Floats:
    """Returns the quarters that each pitch class sounds in each quarter of the piece, shape (beats, 12)."""
    lasting = notes.end > notes.onset
    onset, end, pitch_class = notes.onset[lasting], notes.end[lasting], notes.pitch[lasting] % 12
    if not len(onset):
        return np.zeros((0, 12))
    origin = int(np.floor(onset.min()))
    first, last = np.floor(onset).astype(np.int64) - origin, np.ceil(end).astype(np.int64) - origin
    chroma = np.zeros((int(last.max()), 12))
    # A note's share of each beat that it touches, beat after beat of all notes at once.
    beat = first
    while len(beat):
        inside = np.minimum(end, beat + origin + 1) - np.maximum(onset, beat + origin)
        np.add.at(chroma, (beat, pitch_class), inside)
        goes_on = beat + 1 < last
        onset, end, pitch_class = onset[goes_on], end[goes_on], pitch_class[goes_on]
        beat, last = beat[goes_on] + 1, last[goes_on]
    return chroma


def _tonal_distance(reading: Reading) -> float:
    require_bars(reading)
    chroma = beat_chroma(reading.pitched)
    chroma = chroma[chroma.sum(axis=1) > 1e-9]
    if len(chroma) < 2:
        raise Undefined("fewer than 2 beats that sound")
    places = (chroma / chroma.sum(axis=1, keepdims=True)) @ tonal_space()
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).mean())


@cache
def tonal_space() -> Floats:
    """Returns places of the 12 pitch classes on the circles of fifths, minor thirds and major thirds, shape (12, 6)."""
    steps = np.arange(12)
    circles: list[Floats] = []
    for radius, angle in ((1.0, 7 / 6), (1.0, 3 / 2), (0.5, 2 / 3)):
        circles += [radius * np.sin(steps * angle * np.pi), radius * np.cos(steps * angle * np.pi)]
    return np.stack(circles, axis=1)


def beat_chords(notes: Notes) -> Integers:
    """Returns the triad of each beat: 0-11 major, 12-23 minor, by root; ``NO_CHORD`` where none has half the time."""
    chroma = beat_chroma(notes)
    inside = chroma @ _templates(_TRIADS).T
    total = chroma.sum(axis=1)
    # Of two triads that fit alike the one whose root sounds longer: both hold C and E where only these sound.
    inside += 1e-6 * np.tile(chroma, (1, 2))
    best = inside.argmax(axis=1)
    fits = (total > 0) & (inside.max(axis=1, initial=0) >= 0.5 * total) & ((chroma > 0).sum(axis=1) >= 2)
    return np.where(fits, best, NO_CHORD)


def _chords_in_8_bars(reading: Reading) -> float:
    require_bars(reading)
    chords = beat_chords(reading.pitched)
    # Windows of 8 bars of 4/4 in quarters: meters then compare.
    window = RANGE_BARS * 4
    counts: list[int] = []
    for start in range(0, len(chords), window):
        if start and len(chords) - start < window // 2:
            break
        inside = chords[start : start + window]
        counts.append(len(np.unique(inside[inside != NO_CHORD])))
    if not any(counts):
        raise Undefined("no chords")
    return float(np.mean(counts))


def _chord_trigram_irregularity(reading: Reading) -> float:
    require_bars(reading)
    chords = beat_chords(reading.pitched)
    chords = chords[chords != NO_CHORD]
    chords = chords[np.append(True, chords[1:] != chords[:-1])] if len(chords) else chords
    if len(chords) < 4:
        raise Undefined("fewer than 4 chords")
    trigrams = np.stack((chords[:-2], chords[1:-1], chords[2:]), axis=1)
    return len(np.unique(trigrams, axis=0)) / len(trigrams)


HARMONY = (
    Metric(
        "scale_consistency", "harmony", "share", 0.0, 1.0, _scale_consistency,
        "how many of the notes belong to one key; 0.58 is what chance gives",
    ),
    Metric(
        "polyphony", "harmony", "pitches", 1.0, 128.0, _polyphony,
        "how many notes sound at once where any does: 1 is a single line",
    ),
    Metric(
        "tonal_distance", "harmony", "distance", 0.0, 3.0, _tonal_distance,
        "how far the harmony moves from beat to beat",
    ),
    Metric(
        "chords_in_8_bars", "harmony", "chords", 0.0, 24.0, _chords_in_8_bars,
        "how many different chords eight bars use",
    ),
    Metric(
        "chord_trigram_irregularity", "harmony", "share", 0.0, 1.0, _chord_trigram_irregularity,
        "how seldom a turn of three chords comes back: 1 is never",
    ),
)  # fmt: skip
