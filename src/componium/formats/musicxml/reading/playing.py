"""Makes a score of what is written: measures in the order of playing, directions in force there, ties joined."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from componium.errors import FormatError
from componium.formats.musicxml.reading.parts import MAX_NOTES, MAX_QUARTERS, Part, Said
from componium.score import ChordSpan, KeySignature, Score, Tempo, TimeSignature, Track, make_notes
from componium.score.score import DEFAULT_TEMPO_BPM

_USUAL_TICKS = 480
_MOST_TICKS = 32767
Meter = tuple[int, int]


class _Heard(NamedTuple):
    """Notes of a part as they are played, in units from the start."""

    onset: NDArray[np.int64]
    end: NDArray[np.int64]
    pitch: NDArray[np.int64]
    velocity: NDArray[np.int64]


def score_of(parts: Sequence[Part], order: Sequence[int], unit: int, title: str) -> Score:
    """Returns the score of measures in the order of playing.

    Args:
        parts: what is written.
        order: measures of all parts, as they are played.
        unit: units of a quarter.
        title: of the piece.

    Raises:
        FormatError: it is too long, or has too many notes.
    """
    meters_said = _first_of(part.meters for part in parts)
    starts, meters = _measure_starts(parts, order, meters_said, unit)
    heard = _heard(parts, order, starts)
    per_quarter = _ticks([*(array for own in heard for array in own[:2]), np.array(starts, np.int64)], unit)

    def ticks(units: int) -> int:
        return (units * per_quarter * 2 + unit) // (2 * unit)

    def all_ticks(units: NDArray[np.int64]) -> NDArray[np.int64]:
        # In two steps, as large numbers would overflow.
        quarters, rest = np.divmod(units, unit)
        return quarters * per_quarter + (rest * (2 * per_quarter) + unit) // (2 * unit)

    tracks: list[Track] = []
    for part, own in zip(parts, heard, strict=True):
        onset = all_ticks(own.onset)
        notes = make_notes(onset, all_ticks(own.end) - onset, own.pitch, own.velocity)
        tracks.append(Track(notes, part.program, part.is_drum, part.name))
    tempos = _played(_merged(part.tempos for part in parts), order, starts)
    tempos = _from_the_start(tempos, 4 * unit * meters[0][1][0] // meters[0][1][1])
    keys = _played(next((p.keys for p in parts if p.keys and not p.is_drum), {}), order, starts)
    labels = _played(_merged(part.chords for part in parts), order, starts)
    signatures = [KeySignature(ticks(at), *cast("tuple[int, bool]", value)) for at, value in keys.items()]
    return Score(
        ticks_per_quarter=per_quarter,
        tracks=tuple(tracks),
        tempos=_tempo_map({ticks(at): cast("float", value) for at, value in tempos.items()}),
        time_signatures=tuple(TimeSignature(ticks(at), *meter) for at, meter in meters),
        key_signatures=tuple(k for n, k in enumerate(signatures) if not n or k[1:] != signatures[n - 1][1:]),
        chords=_spans({ticks(at): cast("str", value) for at, value in labels.items()}, ticks(starts[-1])),
        title=title,
    )


def _first_of(said: Iterable[Said]) -> dict[int, Meter]:
    """The first meter that any part sets in each measure."""
    meters: dict[int, Meter] = {}
    for own in said:
        for measure, values in own.items():
            meters.setdefault(measure, cast("Meter", next(iter(values.values()))))
    return meters


def _measure_starts(
    parts: Sequence[Part], order: Sequence[int], said: Mapping[int, Meter], unit: int
) -> tuple[list[int], list[tuple[int, Meter]]]:
    """Returns where each measure begins, the end of the last appended, and where each meter does."""
    count = max((len(part.lengths) for part in parts), default=0)
    lengths = [0] * count
    for part in parts:
        for measure, length in enumerate(part.lengths):
            lengths[measure] = max(lengths[measure], length)
    in_force: list[Meter] = []
    now: Meter = said.get(0, (4, 4))
    for measure in range(count):
        now = said.get(measure, now)
        in_force.append(now)
    current = in_force[order[0]] if order else now
    at = begin = 0
    starts, meters = [0], [(0, current)]
    for turn, measure in enumerate(order):
        meter = in_force[measure]
        if turn and (meter != current or (at - begin) % (4 * unit * current[0] // current[1])):
            begin, current = at, meter
            meters.append((at, meter))
        at += lengths[measure] or 4 * unit * current[0] // current[1]
        if at > MAX_QUARTERS * unit:
            raise FormatError(f"longer than the limit of {MAX_QUARTERS} quarters")
        starts.append(at)
    return starts, meters


def _heard(parts: Sequence[Part], order: Sequence[int], starts: Sequence[int]) -> list[_Heard]:
    turns: dict[int, list[int]] = defaultdict(list)
    for start, measure in zip(starts, order, strict=False):
        turns[measure].append(start)
    n_notes = sum(len(rows) * len(turns[measure]) for part in parts for measure, rows in enumerate(part.rows) if rows)
    if n_notes > MAX_NOTES:
        raise FormatError(f"{n_notes} notes are more than the limit of {MAX_NOTES}")
    return [_heard_part(part, turns) for part in parts]


def _heard_part(part: Part, turns: Mapping[int, Sequence[int]]) -> _Heard:
    shifts: list[tuple[int, int]] = []
    rows: list[Iterable[Sequence[int]]] = []
    for measure, own in enumerate(part.rows):
        if own:
            for start in turns.get(measure, ()):
                shifts.append((start, len(own)))
                rows.append(own)
    if not rows:
        none = np.empty(0, np.int64)
        return _Heard(none, none, none, none)
    # Columns are those of Row.
    table = np.array(list(chain.from_iterable(rows)), np.int64)
    table[:, 0] += np.repeat(*np.array(shifts, np.int64).T)
    table = table[np.argsort(table[:, 0], kind="stable")]
    end = table[:, 0] + table[:, 1]
    is_kept = _join_ties(table, end)
    return _Heard(table[is_kept, 0], end[is_kept], table[is_kept, 2], table[is_kept, 3])


def _join_ties(table: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Lengthens notes by those that are tied to them; returns which notes remain.

    Args:
        table: rows in order of their onsets.
        end: their ends; changed in place.
    """
    is_kept = np.ones(len(table), np.bool_)
    # (pitch, end) -> place and note of the ties that wait there. Of two in unison each goes on in its own voice.
    waiting: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    tied = np.flatnonzero(table[:, 5])
    for index, (onset, duration, pitch, _, place, tie) in zip(tied.tolist(), table[tied].tolist(), strict=True):
        own_end = onset + duration
        first = index
        ties = waiting.get((pitch, onset)) if tie & 1 else None
        if ties:
            turn = next((turn for turn, (other, _) in enumerate(ties) if other == place), 0)
            first = ties.pop(turn)[1]
            end[first] = own_end
            is_kept[index] = False
        if tie & 2:
            waiting[pitch, own_end].append((place, first))
    return is_kept


def _ticks(times: Iterable[NDArray[np.int64]], unit: int) -> int:
    """Ticks per quarter that hold all times: the usual ones, a multiple of them, or as many as there can be."""
    common = unit
    for array in times:
        if len(array):
            common = math.gcd(common, int(np.gcd.reduce(array)))
    needed = unit // common
    wanted = math.lcm(_USUAL_TICKS, needed)
    if wanted <= _MOST_TICKS:
        return wanted
    # Times that no common ticks hold are rounded.
    ticks, missing = _USUAL_TICKS, wanted // _USUAL_TICKS
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67):
        while missing % prime == 0 and ticks * prime <= _MOST_TICKS:
            ticks, missing = ticks * prime, missing // prime
    return ticks


def _merged(said: Iterable[Said]) -> Said:
    """Directions of all parts; of simultaneous ones the first counts."""
    merged: Said = {}
    for own in said:
        for measure, values in own.items():
            merged[measure] = {**values, **merged.get(measure, {})}
    return merged


def _played(said: Said, order: Sequence[int], starts: Sequence[int]) -> dict[int, object]:
    """Directions as they are played, by units from the start; where playing jumps, what the page has in force there."""
    measures = sorted(said)
    before: dict[int, object] = {}
    value: object = None
    upcoming = 0
    for measure in range(max(order, default=-1) + 1):
        before[measure] = value
        while upcoming < len(measures) and measures[upcoming] == measure:
            value = said[measure][max(said[measure])]
            upcoming += 1
    played: dict[int, object] = {}
    now: object = None
    for start, measure in zip(starts, order, strict=False):
        if before[measure] is not None and before[measure] != now:
            now = played[start] = before[measure]
        for onset, own in sorted(said.get(measure, {}).items(), key=_onset):
            now = played[start + onset] = own
    return dict(sorted(played.items()))


def _onset(item: tuple[int, object]) -> int:
    return item[0]


def _from_the_start(tempos: dict[int, object], bar: int) -> dict[int, object]:
    """Has a first tempo that comes within a bar, such as after an upbeat, from the start."""
    first = next(iter(tempos), 0)
    return tempos if not 0 < first < bar else {0: tempos[first], **tempos}


def _tempo_map(tempos: dict[int, float]) -> tuple[Tempo, ...]:
    found = sorted({0: DEFAULT_TEMPO_BPM, **tempos}.items())
    return tuple(Tempo(*item) for n, item in enumerate(found) if not n or item[1] != found[n - 1][1])


def _spans(labels: dict[int, str], end: int) -> tuple[ChordSpan, ...]:
    onsets = sorted(labels)
    ends: list[Any] = [*onsets[1:], max([end, *(onset + 1 for onset in onsets[-1:])])]
    return tuple(ChordSpan(onset, after - onset, labels[onset]) for onset, after in zip(onsets, ends, strict=False))
