"""Descriptors of what sounds together: intervals between voices, chords, doublings, spacing, crossings.

* *Outer* intervals are those of bass and top, *neighboring* ones those of voices that are next to each other by pitch;
  in semitones modulo the octave, by the strength of the moment.
* A *chord* is looked for in the pitch classes of moments on a beat with at least three notes: a triad or a seventh
  chord without further notes.
* *Doublings* are counted where a triad sounds in at least four notes.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from componium.descriptors.descriptor import INTERVALS, STRENGTHS, Block, classes_named, mean, named, shares, spread
from componium.descriptors.reading import SILENT, Booleans, Floats, Integers, VoiceReading

_CHORDS: dict[str, tuple[int, ...]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "augmented": (0, 4, 8),
    "dominant seventh": (0, 4, 7, 10),
    "major seventh": (0, 4, 7, 11),
    "minor seventh": (0, 3, 7, 10),
    "half-diminished seventh": (0, 3, 6, 10),
    "diminished seventh": (0, 3, 6, 9),
}
NO_CHORD = len(_CHORDS)
_TRIADS = 4
_QUALITIES = (*_CHORDS, "another chord")
_INVERSIONS = ("root position", "first inversion", "second inversion", "third inversion")
_COUNTS = ("1 note", "2 notes", "3 notes", "4 notes", "5 notes and more")


@cache
def _chord_table() -> tuple[Integers, Integers]:
    """Chord and root of each set of pitch classes, a bit each; shape (4096,)."""
    quality, root = np.full(4096, NO_CHORD), np.zeros(4096, np.int64)
    for number, steps in reversed(list(enumerate(_CHORDS.values()))):
        for own in range(12):
            bits = sum(1 << (own + step) % 12 for step in steps)
            quality[bits], root[bits] = number, own
    return quality, root


def pitch_class_sets(reading: VoiceReading) -> Integers:
    """Returns the pitch classes at each moment as bits, shape (M,)."""
    found = np.zeros(len(reading.moments), np.int64)
    pitch_class = reading.notes.pitch[reading.sounding.note] % 12
    np.bitwise_or.at(found, reading.sounding.moment, 1 << pitch_class)
    return found


def chords_at(reading: VoiceReading) -> tuple[Integers, Integers]:
    """Returns chord and root at each moment, shape (M,) each; ``NO_CHORD`` where there is none."""
    quality, root = _chord_table()
    sets = pitch_class_sets(reading)
    return quality[sets], root[sets]


def _intervals(reading: VoiceReading) -> Floats:
    ranked, strength = reading.ranked, reading.places.strength
    outer = (reading.top - reading.bass) % 12
    gaps = np.diff(ranked, axis=1)
    both = ranked[:, 1:] != SILENT
    row, column = np.nonzero(both)
    neighbors = gaps[row, column] % 12
    beats = range(len(STRENGTHS))
    found = [shares(outer[(strength == own) & (reading.counts > 1)], 12) for own in beats]
    found += [shares(neighbors[strength[row] == own], 12) for own in beats]
    sets = pitch_class_sets(reading)
    many = (reading.counts > 1) & (strength < 2)
    above = (sets[many, None] >> ((reading.bass[many, None] + np.arange(1, 12)) % 12)) & 1
    found.append(above.mean(axis=0) if len(above) else np.full(11, np.nan))
    return np.concatenate(found)


_INTERVALS_BLOCK = Block(
    (
        *(
            own
            for strength in STRENGTHS
            for own in classes_named(
                "verticals", f"outer interval, {strength}", "interval between bass and top", INTERVALS
            )
        ),
        *(
            own
            for strength in STRENGTHS
            for own in classes_named(
                "verticals", f"neighboring interval, {strength}", "interval between neighboring voices", INTERVALS
            )
        ),
        *classes_named("verticals", "above the bass", "what sounds above the bass on beats", INTERVALS[1:]),
    ),
    _intervals,
    needs_bars=True,
)


def _chords(reading: VoiceReading) -> Floats:
    quality, root = chords_at(reading)
    on_beat = (reading.places.strength < 2) & (reading.counts > 2)
    is_chord = on_beat & (quality != NO_CHORD)
    above = (reading.bass - root) % 12
    inversion = np.digitize(above, (1, 5, 9))
    triads = np.flatnonzero((quality < _TRIADS) & (reading.counts > 3) & on_beat)
    doubled = [mean(_how_many(reading, root, triads, low, high) > 1) for low, high in ((0, 0), (3, 4), (6, 8))]
    return np.concatenate(
        (shares(quality[on_beat], len(_QUALITIES)), shares(inversion[is_chord], len(_INVERSIONS)), doubled)
    )


def _how_many(reading: VoiceReading, root: Integers, rows: Integers, low: int, high: int) -> Integers:
    """How many notes of some moments lie so many semitones above the root."""
    pitches = reading.ranked[rows]
    above = (pitches - root[rows, None]) % 12
    return ((pitches != SILENT) & (above >= low) & (above <= high)).sum(axis=1)


_CHORDS_BLOCK = Block(
    (
        *classes_named("verticals", "chord", "chords of three notes and more on beats", _QUALITIES),
        *classes_named("verticals", "inversion", "which note of a chord is in the bass", _INVERSIONS),
        *named(
            "verticals",
            {
                "doubled root": "triads in four voices whose root is doubled",
                "doubled third": "triads in four voices whose third is doubled",
                "doubled fifth": "triads in four voices whose fifth is doubled",
            },
        ),
    ),
    _chords,
    needs_bars=True,
)


def _spacing(reading: VoiceReading) -> Floats:
    ranked, counts = reading.ranked, reading.counts
    many = counts > 1
    gaps = np.where(ranked[:, 1:] != SILENT, np.diff(ranked, axis=1), -1)
    lowest = gaps[many, 0] if gaps.shape[1] else np.empty(0, np.int64)
    upper = gaps[:, 1:]
    upper = upper[upper >= 0]
    outer = (reading.top - reading.bass)[many]
    every = gaps[gaps >= 0]
    return np.concatenate(
        (
            shares(np.minimum(counts, len(_COUNTS)) - 1, len(_COUNTS)),
            (
                mean(outer), spread(outer), mean(lowest), mean(upper), mean(upper > 12), mean(lowest > 12),
                mean(every == 0), mean(every == 12), mean(every <= 2), 100 * crossings(reading), _overlaps(reading),
            ),
        )
    )  # fmt: skip


_SPACING_BLOCK = Block(
    (
        *classes_named("verticals", "notes at once", "how many notes sound at a moment", _COUNTS),
        *named(
            "verticals",
            {
                "outer distance": "semitones from bass to top",
                "outer distance, spread": "how much the distance from bass to top changes",
                "lowest gap": "semitones between bass and the next voice",
                "upper gap": "semitones between neighboring upper voices",
                "upper gap above an octave": "neighboring upper voices more than an octave apart",
                "lowest gap above an octave": "bass and next voice more than an octave apart",
                "unisons": "neighboring voices on one pitch",
                "octaves": "neighboring voices exactly an octave apart",
                "seconds": "neighboring voices at most a whole tone apart",
                "crossings": "moments in a hundred at which a lower part sounds above the next higher one",
                "overlaps": "moves in which a voice passes the place that its neighbor has just left",
            },
        ),
    ),
    _spacing,
)


def crossings(reading: VoiceReading) -> float:
    """Returns the share of crossed neighbors among neighboring parts that sound one note each; NaN without any."""
    crossed, both = _crossed(reading)
    return float(crossed.sum() / both.sum()) if both.any() else float("nan")


def crossing_counts(reading: VoiceReading) -> tuple[int, int]:
    """Returns how many neighboring parts that sound one note each are crossed, and how many there are."""
    crossed, both = _crossed(reading)
    return int(crossed.sum()), int(both.sum())


def _crossed(reading: VoiceReading) -> tuple[Booleans, Booleans]:
    if reading.n_parts < 2:
        none = np.zeros((0, 0), bool)
        return none, none
    single = reading.part_counts == 1
    both = single[:, :-1] & single[:, 1:]
    pitch = np.zeros(single.shape, np.int64)
    place = np.empty(reading.n_parts, np.int64)
    place[reading.parts_by_pitch] = np.arange(reading.n_parts)
    note = reading.sounding.note
    pitch[reading.sounding.moment, place[reading.notes.part[note]]] = reading.notes.pitch[note]
    return both & (pitch[:, :-1] > pitch[:, 1:]), both


def _overlaps(reading: VoiceReading) -> float:
    voices = reading.voices
    before, after = voices[:-1], voices[1:]
    both = (before[:, :-1] != SILENT) & (after[:, :-1] != SILENT) & (before[:, 1:] != SILENT) & (after[:, 1:] != SILENT)
    passes = (after[:, :-1] > before[:, 1:]) | (after[:, 1:] < before[:, :-1])
    return float((passes & both).sum() / both.sum()) if both.any() else float("nan")


VERTICALS = (_INTERVALS_BLOCK, _CHORDS_BLOCK, _SPACING_BLOCK)
