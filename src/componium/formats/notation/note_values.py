"""Writes lengths as note values: notes, dots, ties, triplets and beams.

A note is cut where it would hide the beat, as engravers do: in simple meters at the half bar and at beats, except for
the common syncopations; in compound meters at dotted beats. A quarter with an onset that is no sixteenth is written as
a triplet throughout, and so is a half whose onsets all lie on its thirds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from componium.formats.notation.layout import STEPS, Bar, Chord, Written

# steps -> (type, dots); the shortest without a triplet is the sixteenth.
_PLAIN = {
    72: ("whole", 1), 48: ("whole", 0), 36: ("half", 1), 24: ("half", 0), 18: ("quarter", 1), 12: ("quarter", 0),
    9: ("eighth", 1), 6: ("eighth", 0), 3: ("16th", 0),
}  # fmt: skip
_TRIPLET = {16: ("half", 0), 8: ("quarter", 0), 4: ("eighth", 0), 2: ("16th", 0), 1: ("32nd", 0)}
_N_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3}
_HALF = 2 * STEPS

Window = tuple[int, int]


class Stretch(NamedTuple):
    """Steps of a bar that a chord, or silence, fills; ``chord`` may begin before and end after it."""

    start: int
    end: int
    chord: Chord | None


class Value(NamedTuple):
    """One written note, chord or rest: steps since the bar line, and how it looks.

    ``thirds`` is the figure of its tuplet (3, 6 or 12), 0 outside of one.
    """

    start: int
    end: int
    chord: Chord | None
    kind: str
    dots: int = 0
    thirds: int = 0
    tuplet: tuple[str, ...] = ()
    beams: tuple[str, ...] = ()
    tied_from: bool = False
    tied_to: bool = False

    def is_tied_from(self, note: Written) -> bool:
        """Whether a note of the chord goes on from an earlier value."""
        return self.tied_from or (self.chord is not None and note.start < self.chord.start)

    def is_tied_to(self, note: Written) -> bool:
        """Whether a note of the chord goes on in a later value."""
        return self.tied_to or (self.chord is not None and note.end > self.chord.end)


def values_of(chords: Sequence[Chord], bar: Bar) -> list[Value]:
    """Returns what one voice writes in a bar, rests included, from bar line to bar line.

    Args:
        chords: those of the voice that sound in the bar, in order.
        bar: the bar.
    """
    stretches = _stretches(chords, bar)
    windows = _triplet_windows(stretches, bar)
    values: list[Value] = []
    for stretch in stretches:
        for start, end, window in _cut_at_windows(stretch, windows):
            pieces = _in_triplet(start, end, window) if window else _plainly(start, end, bar, stretch.chord is None)
            values += [_value(piece, stretch, bar, window) for piece in pieces]
    for window in windows:
        inside = [place for place, value in enumerate(values) if window[0] <= value.start < window[1]]
        shortest = min(values[place].end - values[place].start for place in inside)
        for place in inside:
            values[place] = values[place]._replace(thirds={1: 12, 2: 6}.get(shortest, 3))
    return _beamed(values, bar)


def _stretches(chords: Sequence[Chord], bar: Bar) -> list[Stretch]:
    stretches: list[Stretch] = []
    now = 0
    for chord in chords:
        start, end = max(chord.start - bar.start, 0), min(chord.end - bar.start, bar.length)
        if start > now:
            stretches.append(Stretch(now, start, None))
        stretches.append(Stretch(start, end, chord))
        now = end
    if now < bar.length:
        stretches.append(Stretch(now, bar.length, None))
    return stretches


def _triplet_windows(stretches: Sequence[Stretch], bar: Bar) -> list[Window]:
    borders = sorted({border for stretch in stretches for border in (stretch.start, stretch.end)})
    odd = {border // STEPS for border in borders if border % 3}
    windows: list[Window] = []
    quarter = 0
    while quarter * STEPS < bar.length:
        start = quarter * STEPS
        inside = [border - start for border in borders if start < border < start + _HALF]
        whole_half = bar.beat == STEPS and start % _HALF == 0 and start + _HALF <= bar.length
        if whole_half and inside and all(border % 8 == 0 for border in inside):
            windows.append((start, start + _HALF))
            quarter += 2
            continue
        if quarter in odd:
            windows.append((start, min(start + STEPS, bar.length)))
        quarter += 1
    return windows


def _cut_at_windows(stretch: Stretch, windows: Sequence[Window]) -> list[tuple[int, int, Window | None]]:
    cuts: list[tuple[int, int, Window | None]] = []
    now = stretch.start
    for window in windows:
        start, end = max(window[0], stretch.start), min(window[1], stretch.end)
        if start < end:
            if now < start:
                cuts.append((now, start, None))
            cuts.append((start, end, window))
            now = end
    if now < stretch.end:
        cuts.append((now, stretch.end, None))
    return cuts


def _in_triplet(start: int, end: int, window: Window) -> list[Window]:
    pieces: list[Window] = []
    while start < end:
        at = start - window[0]
        # A value begins at a multiple of half its length, as the second note of a swung pair does.
        length = next(steps for steps in _TRIPLET if steps <= end - start and at % max(steps // 2, 1) == 0)
        pieces.append((start, start + length))
        start += length
    return pieces


def _plainly(start: int, end: int, bar: Bar, is_rest: bool) -> list[Window]:  # noqa: FBT001 - private
    if _reads_well(start, end, bar, is_rest):
        return [(start, end)]
    levels = (48, 24, 12, 6, 3) if bar.beat == STEPS else (2 * bar.beat, bar.beat, 6, 3)
    if bar.length % _HALF and bar.beat == STEPS and is_rest:
        # In 3/4 a rest shows every beat.
        levels = (12, 6, 3)
    for level in levels:
        cut = (start // level + 1) * level
        if cut < end:
            return _plainly(start, cut, bar, is_rest) + _plainly(cut, end, bar, is_rest)
    return [(start, end)]


def _reads_well(start: int, end: int, bar: Bar, is_rest: bool) -> bool:  # noqa: FBT001 - private
    if end - start not in _PLAIN:
        return False
    return _fits_simple(start, end, bar, is_rest) if bar.beat == STEPS else _fits_compound(start, end, bar.beat)


def _fits_compound(start: int, end: int, beat: int) -> bool:
    length = end - start
    if start // beat != (end - 1) // beat:
        return start % beat == 0 and end % beat == 0
    return length in (3, beat) or start % beat % 6 == 0 or (length == 9 and start % 9 == 0)


def _fits_simple(start: int, end: int, bar: Bar, is_rest: bool) -> bool:  # noqa: FBT001 - private
    length = end - start
    crosses_half = bar.length % _HALF == 0 and start // _HALF != (end - 1) // _HALF
    if is_rest:
        return start % length == 0 and length in (3, 6, 12, 24, 48) and (length < 24 or bar.length % _HALF == 0)
    if length < STEPS:
        return start // STEPS == (end - 1) // STEPS
    if length in (12, 18):
        on_beat = start % STEPS == 0 or (length == 18 and end % STEPS == 0)
        return (on_beat or (start % 6 == 0 and length == 12)) and not crosses_half
    return start % STEPS == 0 and (length < 48 or start % _HALF == 0)


def _value(piece: Window, stretch: Stretch, bar: Bar, window: Window | None) -> Value:
    start, end = piece
    # Bar lines off the grid leave lengths that no value has: the nearest shorter one is drawn.
    table = _TRIPLET if window else _PLAIN
    kind, dots = table.get(end - start) or next(table[v] for v in sorted(table, reverse=True) if v <= end - start)
    chord = stretch.chord
    tuplet: tuple[str, ...] = ()
    if window:
        tuplet = ("start",) * (start == window[0]) + ("stop",) * (end == window[1])
    return Value(
        start=start,
        end=end,
        chord=chord,
        kind=kind,
        dots=dots,
        tuplet=tuplet,
        tied_from=chord is not None and bar.start + start > chord.start,
        tied_to=chord is not None and bar.start + end < chord.end,
    )


def _beamed(values: list[Value], bar: Bar) -> list[Value]:
    groups: list[list[int]] = []
    for index, value in enumerate(values):
        if value.chord is None or value.kind not in _N_BEAMS:
            continue
        joins = (
            groups
            and groups[-1][-1] == index - 1
            and _beam_group(values[index - 1], values, bar) == _beam_group(value, values, bar)
        )
        if joins:
            groups[-1].append(index)
        else:
            groups.append([index])
    for group in groups:
        if len(group) > 1:
            counts = [_N_BEAMS[values[index].kind] for index in group]
            for place, index in enumerate(group):
                values[index] = values[index]._replace(beams=_beams(counts, place))
    return values


def _beam_group(value: Value, values: list[Value], bar: Bar) -> tuple[int, int]:
    """Beats are beamed apart, but four plain eighths of half a bar together."""
    half = value.start // _HALF
    if bar.beat == STEPS and bar.length % _HALF == 0:
        inside = [other for other in values if other.start // _HALF == half]
        if all(other.chord and other.kind == "eighth" and not other.dots and not other.thirds for other in inside):
            return _HALF, half
    return bar.beat, value.start // bar.beat


def _beams(counts: Sequence[int], place: int) -> tuple[str, ...]:
    beams: list[str] = []
    for level in range(1, counts[place] + 1):
        before = place > 0 and counts[place - 1] >= level
        after = place + 1 < len(counts) and counts[place + 1] >= level
        if before or after:
            beams.append("continue" if before and after else "end" if before else "begin")
        else:
            beams.append("forward hook" if place == 0 else "backward hook")
    return tuple(beams)
