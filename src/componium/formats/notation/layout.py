"""Decides bars, grid, staves and voices of a score that is to be printed.

A quarter has 12 steps. A note that lies on them is kept as it is. An onset or an end off them goes to the nearest place
that reads well (a sixteenth or a triplet eighth of its bar); a note that would vanish ends at the next such place.
Of drums the onset counts: a stroke is written until the next one, or to the end of its beat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from componium.errors import FormatError
from componium.score import Score, Track, bar_grid

STEPS = 12
MAX_BARS = 20_000
MAX_VOICES = 4
# Of all parts; some 25 and 300 microseconds each to write.
MAX_MEASURES = 50_000
MAX_VALUES = 1_000_000

# Sixteenths and triplet eighths of a quarter, in steps.
_PLACES = (0, 3, 4, 6, 8, 9, 12)
_KEYBOARDS = frozenset([*range(8), *range(16, 24), 46])
_MIDDLE = 60
_HAND = 14


class Bar(NamedTuple):
    """A bar: its ticks, its steps from the start of the piece, and the meter in force."""

    tick: int
    start: int
    length: int
    meter: tuple[int, int]

    @property
    def beat(self) -> int:
        """Steps of the unit that notes are grouped by: a quarter, or a dotted note in compound meters."""
        numerator, denominator = self.meter
        if numerator % 3 == 0 and denominator in (8, 16):
            return 3 * 4 * STEPS // denominator
        return STEPS


class Written(NamedTuple):
    """A note on the grid, in steps from the start of the piece."""

    start: int
    end: int
    pitch: int
    velocity: int


class Chord(NamedTuple):
    """Notes that sound from one step to another; notes that begin before or end after are tied."""

    start: int
    end: int
    notes: tuple[Written, ...]


class Staff(NamedTuple):
    """One staff of a part: its clef, and its voices, each a list of chords that do not overlap."""

    clef: str
    voices: list[list[Chord]]


def bars_of(score: Score) -> list[Bar]:
    """Returns the bars up to the last note, at least one.

    Raises:
        FormatError: there are more than ``MAX_BARS``.
    """
    grid = bar_grid(score)
    # Zero-length notes at the very end need a bar to stand in.
    last = max((int(track.notes["onset"].max()) for track in score.tracks if len(track.notes)), default=0)
    count = max(grid.count(max(score.end, last + 1)), 1)
    if count > MAX_BARS:
        raise FormatError(f"{count} bars are more than the limit of {MAX_BARS} for a printed score")
    ticks = [int(tick) for tick in grid.start_of(np.arange(count))]
    meters = score.time_signatures
    onsets = [meter.onset for meter in meters]
    segments = np.searchsorted(onsets, ticks, side="right") - 1
    final = meters[int(segments[-1])].bar_ticks(score.ticks_per_quarter)
    starts = [round(tick * STEPS / score.ticks_per_quarter) for tick in [*ticks, ticks[-1] + final]]
    bars = [
        Bar(tick, start, after - start, (meters[segment].numerator, meters[segment].denominator))
        for tick, start, after, segment in zip(ticks, starts, starts[1:], segments.tolist(), strict=False)
    ]
    # Bars shorter than half a step exist only in files without sense; they cannot be drawn.
    return [bar for bar in bars if bar.length > 0] or [Bar(0, 0, 1, bars[0].meter)]


def check_size(parts: Sequence[Sequence[Written]], bars: Sequence[Bar]) -> None:
    """Refuses what would take too long to print.

    Args:
        parts: the notes of each part.
        bars: those of the piece.

    Raises:
        FormatError: bars times parts, or the values that notes may be cut into, are too many.
    """
    n_measures = len(parts) * len(bars)
    if n_measures > MAX_MEASURES:
        size = f"{len(bars)} bars of {len(parts)} parts"
        raise FormatError(f"{size} are more than the limit of {MAX_MEASURES} measures for a printed score")
    bar_starts = np.array([bar.start for bar in bars])
    n_values = 0
    for notes in parts:
        starts = np.array([note.start for note in notes], np.int64)
        ends = np.array([note.end for note in notes], np.int64)
        # At most, a note is cut wherever another begins or ends while it sounds, and at bar lines.
        borders = np.unique(np.concatenate((starts, ends, bar_starts)))
        n_values += int((np.searchsorted(borders, ends) - np.searchsorted(borders, starts)).sum())
    if n_values > MAX_VALUES:
        raise FormatError(f"its notes are cut into more than the limit of {MAX_VALUES} for a printed score")


def on_grid(score: Score, track: Track, bars: Sequence[Bar]) -> list[Written]:
    """Returns the notes of a track on the grid, sorted."""
    bar_ticks = np.array([bar.tick for bar in bars])
    onsets = track.notes["onset"].astype(np.int64)
    ends = onsets + track.notes["duration"]

    def place(tick: int) -> int:
        bar = bars[max(int(np.searchsorted(bar_ticks, tick, side="right")) - 1, 0)]
        exact, rest = divmod((tick - bar.tick) * STEPS, score.ticks_per_quarter)
        if rest:
            quarter, within = divmod((tick - bar.tick) / score.ticks_per_quarter, 1)
            nearest = min(_PLACES, key=lambda step: abs(step - within * STEPS))
            exact = int(quarter) * STEPS + nearest
        return bar.start + exact

    places = {tick: place(tick) for tick in {*onsets.tolist(), *ends.tolist()}}
    total = bars[-1].start + bars[-1].length
    written: list[Written] = []
    for note, onset, end in zip(track.notes, onsets.tolist(), ends.tolist(), strict=True):
        start = min(places[onset], total - 1)
        stop = min(max(places[end], _next_place(start) if places[end] <= start else 0), total)
        written.append(Written(start, stop, int(note["pitch"]), int(note["velocity"])))
    return sorted(_until_next(written, bars) if track.is_drum else written)


def _next_place(start: int) -> int:
    quarter, within = divmod(start, STEPS)
    return quarter * STEPS + next(place for place in _PLACES if place > within)


def _until_next(strokes: list[Written], bars: Sequence[Bar]) -> list[Written]:
    starts = sorted({stroke.start for stroke in strokes})
    following = dict(pairwise(starts))
    bar_starts = np.array([bar.start for bar in bars])

    def end_of(start: int) -> int:
        bar = bars[int(np.searchsorted(bar_starts, start, side="right")) - 1]
        beat_end = bar.start + min(((start - bar.start) // bar.beat + 1) * bar.beat, bar.length)
        return min(following.get(start, beat_end), beat_end)

    return [stroke._replace(end=end_of(stroke.start)) for stroke in strokes]


def staves_of(track: Track, notes: Sequence[Written]) -> list[Staff]:
    """Returns the staves of a part: one, or the two of a grand staff."""
    if track.is_drum:
        return [Staff("percussion", _voices(notes))]
    pitches = np.array([note.pitch for note in notes] or [_MIDDLE + _HAND])
    low, high = np.quantile(pitches, [0.1, 0.9])
    wide = low < _MIDDLE - 5 and high > _MIDDLE + 5
    is_line = len({note.start for note in notes}) == len(notes)
    if wide and ((track.program in _KEYBOARDS and not is_line) or high - low > 30):
        hands = _split_hands(notes)
        return [Staff("treble", _voices(hands[0])), Staff("bass", _voices(hands[1]))]
    return [Staff(_clef(track.program, float(np.mean(pitches))), _voices(notes))]


def _clef(program: int, mean: float) -> str:
    sounds_lower = program in range(32, 40) or program == 43
    if sounds_lower or program in range(24, 32):
        # Guitars and basses are written an octave above what they sound.
        return ("treble-8" if mean >= 48 else "bass-8") if mean < 67 else "treble"
    if mean > 88:
        return "treble+8"
    return "treble" if mean >= 58 else "bass-8" if mean < 34 else "bass"


def _split_hands(notes: Sequence[Written]) -> tuple[list[Written], list[Written]]:
    """Divides notes between the staves of a piano: near where each hand was, at most a tenth wide, around middle C."""
    right, left = _MIDDLE + 7.0, _MIDDLE - 10.0
    hands: tuple[list[Written], list[Written]] = ([], [])
    by_start: dict[int, list[Written]] = defaultdict(list)
    for note in notes:
        by_start[note.start].append(note)
    for start in sorted(by_start):
        group = sorted(by_start[start], key=_pitch)
        pitches = [note.pitch for note in group]
        cut = _best_cut(pitches, left, right)
        hands[1].extend(group[:cut])
        hands[0].extend(group[cut:])
        # A hand follows its notes, but stays on its half of the keyboard.
        if cut:
            left = min(max(0.7 * left + 0.3 * float(np.mean(pitches[:cut])), 43), 57)
        if cut < len(group):
            right = min(max(0.7 * right + 0.3 * float(np.mean(pitches[cut:])), 63), 76)
    return hands


def _best_cut(pitches: list[int], left: float, right: float) -> int:
    """How many of some pitches, the lowest, the left hand plays best, for hands that stand at two pitches."""
    costs = np.zeros(len(pitches) + 1)
    costs[1:] += np.cumsum(np.abs(np.array(pitches) - left))
    costs[:-1] += np.cumsum(np.abs(np.array(pitches) - right)[::-1])[::-1]
    own = np.array(pitches)
    costs[1:] += 4 * np.maximum(own - own[0] - _HAND, 0)
    costs[:-1] += 4 * np.maximum(own[-1] - own - _HAND, 0)
    return int(np.argmin(costs))


def _voices(notes: Iterable[Written]) -> list[list[Chord]]:
    """Shares chords among as few voices as hold them; of those that begin together the highest comes first.

    What more than ``MAX_VOICES`` would hold, the last of them holds as chords that are tied where their notes overlap:
    other programs read no more voices a staff, and drop the notes of the others.
    """
    groups: dict[tuple[int, int], list[Written]] = defaultdict(list)
    for note in notes:
        groups[note.start, note.end].append(note)
    chords = [Chord(start, end, tuple(sorted(group, key=_pitch))) for (start, end), group in groups.items()]
    chords.sort(key=lambda chord: (chord.start, -chord.notes[-1].pitch, chord.end))
    voices: list[list[Chord]] = []
    overlaps = False
    for chord in chords:
        free = next((voice for voice in voices if voice[-1].end <= chord.start), None)
        if free is not None:
            free.append(chord)
        elif len(voices) < MAX_VOICES:
            voices.append([chord])
        else:
            voices[-1].append(chord)
            overlaps = True
    return [*voices[:-1], _cut(voices[-1])] if overlaps else voices


def _cut(chords: Iterable[Chord]) -> list[Chord]:
    """Cuts chords that overlap into chords that do not, at every onset and end."""
    beginning: dict[int, list[Written]] = defaultdict(list)
    borders: set[int] = set()
    for chord in chords:
        beginning[chord.start] += chord.notes
        borders |= {chord.start, chord.end}
    cut: list[Chord] = []
    sounding: list[Written] = []
    for start, end in pairwise(sorted(borders)):
        # Notes of one pitch keep their order, so that ties find them.
        sounding = sorted([note for note in sounding if note.end > start] + beginning[start], key=_pitch_and_place)
        if sounding:
            cut.append(Chord(start, end, tuple(sounding)))
    return cut


def _pitch(note: Written) -> int:
    return note.pitch


def _pitch_and_place(note: Written) -> tuple[int, int, int, int]:
    return note.pitch, note.start, note.end, note.velocity
