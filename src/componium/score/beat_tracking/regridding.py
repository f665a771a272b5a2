"""Puts a score on beats that were tracked: new ticks and a tempo map, and every note at its seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from componium.score.beat_tracking.track import BeatTrack
from componium.score.notes import make_notes, make_pedals
from componium.score.score import ChordSpan, Score, Tempo, TimeSignature, Track
from componium.score.source import Moved
from componium.score.tempo_map import TempoMap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TICKS_PER_QUARTER = 480
_EIGHTH = TICKS_PER_QUARTER // 2
_COMPOUND_BEAT = 3 * _EIGHTH
# Beats that lie on one line within this are one tempo.
_LINE_SECONDS = 0.001
# A remainder before the first beat that is shorter than this share of a beat belongs to the beat.
_LEAST_LEAD = 1 / 32


def on_beats(score: Score, track: BeatTrack) -> Score:
    """Returns a score on its beats: one with a grid, whose notes begin and end at the seconds that they had.

    A beat is a quarter, or three eighths where it has three parts. Seconds are exact to a tick, which is about a
    millisecond. What precedes the first beat, and the beats before the first downbeat, are a bar that is cut short.
    Key signatures, chords, pitch bends and pedals move with the notes, and so does what else the file of the score
    holds; time signatures and tempos are those of the track.
    """
    layout = _layout(track)
    new = Score(TICKS_PER_QUARTER, (), _tempos(layout), _time_signatures(layout, track))
    to_seconds, to_ticks = TempoMap(score).seconds, TempoMap(new).ticks

    def moved(old: ArrayLike) -> Ints:
        return np.rint(to_ticks(to_seconds(old))).astype(np.int64)

    keys = tuple(key._replace(onset=int(moved(key.onset))) for key in score.key_signatures)
    chords: list[ChordSpan] = []
    for chord in score.chords:
        start, end = moved([chord.onset, chord.onset + chord.duration]).tolist()
        chords.append(ChordSpan(start, end - start, chord.label))
    source = None if score.source is None else score.source.moved(new, moved)
    tracks = tuple(_moved_track(own, moved) for own in score.tracks)
    return replace(
        new,
        # A track is found in what its file holds as long as that comes along.
        tracks=tracks if source is None else tuple(map(_of_file, tracks, score.tracks)),
        key_signatures=keys,
        chords=tuple(chords),
        texts=score.texts,
        title=score.title,
        remarks=score.remarks,
        source=source,
    )


class _Layout(NamedTuple):
    """Where beats lie: ticks, seconds, place in the bar and beats of that bar; shapes (B,)."""

    ticks: Ints
    seconds: Floats
    place: Ints
    beats_per_bar: Ints


def _layout(track: BeatTrack) -> _Layout:
    """The beats from the start of the piece on, and its start, as far as it is no beat."""
    kept = track.beats >= 0
    seconds, place, per_bar = track.beats[kept], track.place[kept], track.beats_per_bar[kept]
    length = float(seconds[1] - seconds[0])
    n_before = int(seconds[0] / length + _LEAST_LEAD / 2)
    back = np.arange(n_before, 0, -1)
    seconds = np.append(np.maximum(seconds[0] - back * length, 0.0), seconds)
    place = np.append((place[0] - back) % per_bar[0], place)
    per_bar = np.append(np.full(n_before, per_bar[0]), per_bar)
    # The seconds before the first beat take a whole beat, however fast, so that beats are whole beats from tick 0.
    lead = int(seconds[0] >= _LEAST_LEAD * length)
    if not lead:
        seconds[0] = 0.0
    ticks = (lead + np.arange(len(seconds))) * (_COMPOUND_BEAT if track.is_compound else TICKS_PER_QUARTER)
    return _Layout(ticks, seconds, place, per_bar)


def _tempos(layout: _Layout) -> tuple[Tempo, ...]:
    """A tempo for every stretch of beats that lie on one line; at the end the usual tempo of the last beats."""
    ticks, seconds = layout.ticks.astype(np.float64), layout.seconds
    if ticks[0] > 0:
        ticks, seconds = np.append(0.0, ticks), np.append(0.0, seconds)
    per_tick = 60.0 / TICKS_PER_QUARTER
    tempos: list[Tempo] = []
    # The last tempo goes on behind the last beat.
    start, now = 0, 0.0
    while start < len(ticks) - 1:
        end = _end_of_line(ticks, seconds, start, now)
        seconds_per_tick = (seconds[end] - now) / (ticks[end] - ticks[start])
        tempos.append(Tempo(int(ticks[start]), float(per_tick / seconds_per_tick)))
        start, now = end, float(seconds[end])
    span = min(8, len(ticks) - 1)
    usual = float(np.median(np.diff(seconds[-span - 1 :]) / np.diff(ticks[-span - 1 :])))
    return (*tempos, Tempo(int(ticks[-1]), per_tick / usual))


def _end_of_line(ticks: Floats, seconds: Floats, start: int, now: float) -> int:
    """The last beat up to which all lie within a millisecond of the line from ``start``, at second ``now``."""
    end = start + 1
    for candidate in range(start + 2, len(ticks)):
        between = slice(start + 1, candidate)
        slope = (seconds[candidate] - now) / (ticks[candidate] - ticks[start])
        if np.abs(now + slope * (ticks[between] - ticks[start]) - seconds[between]).max() > _LINE_SECONDS:
            break
        end = candidate
    return end


def _time_signatures(layout: _Layout, track: BeatTrack) -> tuple[TimeSignature, ...]:
    """The time signature of every bar that differs from the one before; first a short one, if the piece needs it."""
    downbeats = np.flatnonzero(layout.place == 0)
    # Without any downbeat the piece is shorter than a bar.
    first = int(downbeats[0]) if len(downbeats) else 0
    meters: list[TimeSignature] = []
    if layout.ticks[first] > 0:
        meters.append(_signature_of(0, int(layout.ticks[first])))
    for beat in downbeats.tolist() or [0]:
        numerator, denominator = track.signature(int(layout.beats_per_bar[beat]))
        if not meters or beat == first or meters[-1][1:] != (numerator, denominator):
            meters.append(TimeSignature(int(layout.ticks[beat]), numerator, denominator))
    return tuple(meters)


def _signature_of(onset: int, ticks: int) -> TimeSignature:
    """The time signature of a bar of so many ticks, in quarters or else in eighths."""
    eighths = ticks // _EIGHTH
    return TimeSignature(onset, eighths, 8) if eighths % 2 else TimeSignature(onset, eighths // 2, 4)


def _moved_track(track: Track, moved: Moved) -> Track:
    notes, pedals, bends = track.notes, track.pedals, track.pitch_bends.copy()
    onset, duration = _moved_spans(notes, moved)
    bends["onset"] = moved(bends["onset"])
    return Track(
        make_notes(onset, duration, notes["pitch"], notes["velocity"]),
        track.program,
        track.is_drum,
        track.name,
        bends,
        make_pedals(*_moved_spans(pedals, moved)),
    )


def _of_file(moved: Track, track: Track) -> Track:
    return replace(moved, source=track.source)


def _moved_spans(spans: NDArray[np.void], moved: Moved) -> tuple[Ints, Ints]:
    """Onsets and durations in new ticks; what lasts at all lasts a tick at least."""
    old = spans["onset"].astype(np.int64)
    onset = moved(old)
    duration = moved(old + spans["duration"]) - onset
    return onset, np.maximum(duration, spans["duration"] > 0)
