"""Draws scores as piano-roll pictures.

Eight bars a system; time runs right, pitch up. Each track has a color, the softer the paler; drums have a lane of their
own below. Where notes of one pitch overlap, the shorter lies slimmer on the longer, so that both keep their color.
Every system is drawn at twice its size and reduced.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from componium.errors import FormatError
from componium.formats.loading import Target, store
from componium.rendering.lettering import drawable
from componium.rendering.roll_canvas import (
    COLORS,
    DRUM_COLOR,
    PAPER,
    QUIET,
    WIDTH,
    Canvas,
    Color,
    paler,
    shortened,
    text_width,
)
from componium.score import BarGrid, Score, TimeSignature, Track, bar_grid, duration_seconds, n_bars
from componium.score.instruments import program_name
from componium.score.notes import MAX_TICK
from componium.score.tempo_map import main_tempo

BARS_PER_SYSTEM = 8
MAX_BARS = 128

# Pixels of the finished picture.
_MARGIN, _GUTTER = 44, 48
_TITLE, _SUBTITLE, _UNDER_LEGEND = 40, 34, 12
_BAR_NUMBERS, _LANE_GAP, _SYSTEM_GAP = 20, 8, 22
_ROW, _DRUM_ROW = 8, 12
_LEGEND_ROW, _LEGEND_COLUMN, _LEGEND_TEXT, _LEGEND_SIZE, _MAX_LEGEND = 26, 302, 260, 14, 15
_LEAST_BEAT = 9
# By how much a note is slimmer, above and below, on top of none, one or more of its pitch.
_INSETS = (0.0, 1.5, 2.5)
# At least this many semitones, so that a narrow melody does not look like a wide one.
_LEAST_ROWS = 19

_WHITE_ROW, _BLACK_ROW, _DRUM_LANE = "#ffffff", "#f5f3ee", "#f7f5f0"
_BAR_LINE, _BEAT_LINE, _OCTAVE_LINE = "#bfb9ac", "#e9e6de", "#d9d5ca"
_BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
_DRUM_NAMES = {
    35: "kick 2", 36: "kick", 37: "stick", 38: "snare", 39: "clap", 40: "snare 2", 41: "floor tom", 42: "hi-hat",
    43: "tom 5", 44: "hat foot", 45: "tom 4", 46: "hat open", 47: "tom 3", 48: "tom 2", 49: "crash", 50: "tom 1",
    51: "ride", 52: "china", 53: "ride bell", 54: "tambour.", 55: "splash", 56: "cowbell", 57: "crash 2",
    58: "vibraslap", 59: "ride 2", 60: "bongo hi", 61: "bongo lo", 62: "conga mt", 63: "conga hi", 64: "conga lo",
    65: "timb. hi", 66: "timb. lo", 67: "agogo hi", 68: "agogo lo", 69: "cabasa", 70: "maracas", 71: "whistle",
    72: "whistle 2", 73: "guiro", 74: "guiro 2", 75: "claves", 76: "block hi", 77: "block lo", 78: "cuica mt",
    79: "cuica", 80: "triang. mt", 81: "triangle",
}  # fmt: skip

_Columns = NDArray[np.int64]


class _Voice(NamedTuple):
    """One track as it is drawn: columns of one length, ticks and MIDI numbers; hits last until the next."""

    color: Color
    is_drum: bool
    onset: _Columns
    end: _Columns
    pitch: _Columns
    velocity: _Columns


@dataclass(frozen=True)
class _Plan:
    """The layout that all systems share."""

    score: Score
    voices: tuple[_Voice, ...]
    grid: BarGrid
    n_bars: int
    shown_bars: int
    low: int
    high: int
    drum_pitches: tuple[int, ...]

    @property
    def bars_per_system(self) -> int:
        return min(BARS_PER_SYSTEM, self.shown_bars)

    @property
    def drums_top(self) -> int:
        """Of the drum lane, from the top of a system."""
        pitched = _BAR_NUMBERS + (self.high - self.low + 1) * _ROW
        return pitched + _LANE_GAP if self.high >= self.low else _BAR_NUMBERS

    @property
    def height(self) -> int:
        """Of a system, without the gap below it."""
        if self.drum_pitches:
            return self.drums_top + len(self.drum_pitches) * _DRUM_ROW
        return _BAR_NUMBERS + (self.high - self.low + 1) * _ROW

    def top(self, *, pitch: int, is_drum: bool) -> int:
        """Top of the row of a pitch, from the top of a system."""
        if is_drum:
            return self.drums_top + (len(self.drum_pitches) - 1 - self.drum_pitches.index(pitch)) * _DRUM_ROW
        return _BAR_NUMBERS + (self.high - pitch) * _ROW


class _System(NamedTuple):
    """A stretch of bars on one line: first bar, the one after the last, and ticks to pixels."""

    first: int
    stop: int
    start: int
    end: int
    pixels_per_tick: float

    def x(self, tick: float) -> float:
        return _MARGIN + _GUTTER + (tick - self.start) * self.pixels_per_tick


def draw_roll(score: Score) -> Image.Image:
    """Returns the piano roll of a score, RGB, 1600 pixels wide; the first 128 bars of longer ones."""
    plan = _plan(score)
    strips = [_header(plan), *(_draw_system(plan, system) for system in _systems(plan))]
    picture = Image.new("RGB", (WIDTH, sum(strip.height for strip in strips) + _MARGIN - _SYSTEM_GAP), PAPER)
    top = 0
    for strip in strips:
        picture.paste(strip, (0, top))
        top += strip.height
    return picture


def write_roll(score: Score, target: Target) -> None:
    """Writes the piano roll of a score as a PNG picture, to a path that ends in ``.png`` or a file object.

    Raises:
        FormatError: the path has another ending, or the file cannot be written.
    """
    if isinstance(target, str | os.PathLike) and Path(target).suffix.lower() != ".png":
        raise FormatError(f"{target}: a piano roll is written as .png")
    picture = io.BytesIO()
    draw_roll(score).save(picture, "PNG", optimize=True)
    store(picture.getvalue(), target)


def _plan(score: Score) -> _Plan:
    grid = bar_grid(score)
    bars = n_bars(score)
    shown = min(bars, MAX_BARS) or 4
    last = int(grid.start_of(shown))
    colors = _colors(score)
    voices = tuple(
        _voice(track, color, last) for track, color in zip(score.tracks, colors, strict=True) if len(track.notes)
    )
    pitched = [voice.pitch for voice in voices if not voice.is_drum and len(voice.pitch)]
    drums = [voice.pitch for voice in voices if voice.is_drum]
    low, high = 1, 0
    if pitched or not drums:
        pitches = np.concatenate(pitched) if pitched else np.array([60])
        low, high = int(pitches.min()) - 2, int(pitches.max()) + 2
        spread = max(0, _LEAST_ROWS - (high - low + 1))
        low, high = max(low - spread // 2, 0), min(high + (spread + 1) // 2, 127)
    drum_pitches = tuple(int(pitch) for pitch in np.unique(np.concatenate(drums))) if drums else ()
    return _Plan(score, voices, grid, bars, shown, low, high, drum_pitches)


def _voice(track: Track, color: Color, last: int) -> _Voice:
    notes = track.notes[track.notes["onset"] < last]
    onset, duration, pitch, velocity = (
        notes[field].astype(np.int64) for field in ("onset", "duration", "pitch", "velocity")
    )
    end = _next_of_pitch(onset, pitch) if track.is_drum else onset + duration
    return _Voice(color, track.is_drum, onset, end, pitch, velocity)


def _next_of_pitch(onset: _Columns, pitch: _Columns) -> _Columns:
    """Where the pitch of each note is struck again: hits have no length, but must not run into each other."""
    order = np.lexsort((onset, pitch))
    same = pitch[order[1:]] == pitch[order[:-1]]
    following = np.full(len(onset), 2 * MAX_TICK)
    following[order[:-1][same]] = onset[order[1:][same]]
    return following


def _colors(score: Score) -> list[Color]:
    colors: list[Color] = []
    used = 0
    for track in score.tracks:
        if track.is_drum or not len(track.notes):
            colors.append(DRUM_COLOR)
            continue
        round_, index = divmod(used, len(COLORS))
        colors.append(paler(COLORS[index], min(0.3 * round_, 0.6)))
        used += 1
    return colors


def _systems(plan: _Plan) -> Iterator[_System]:
    for first in range(0, plan.shown_bars, plan.bars_per_system):
        stop = min(first + plan.bars_per_system, plan.shown_bars)
        start, end = int(plan.grid.start_of(first)), int(plan.grid.start_of(stop))
        # A last line with fewer bars keeps the scale of a whole one.
        whole = int(plan.grid.start_of(first + plan.bars_per_system)) - start
        yield _System(first, stop, start, end, (WIDTH - 2 * _MARGIN - _GUTTER) / max(whole, 1))


def _header(plan: _Plan) -> Image.Image:
    """Title, what is shown, and the legend."""
    entries = _legend(plan.score)
    columns = (WIDTH - 2 * _MARGIN) // _LEGEND_COLUMN
    rows = -(-len(entries) // columns)
    canvas = Canvas(_MARGIN + _TITLE + _SUBTITLE + rows * _LEGEND_ROW + _UNDER_LEGEND)
    width = WIDTH - 2 * _MARGIN
    canvas.text((_MARGIN, _MARGIN), shortened(drawable(plan.score.title) or "Untitled", 30, width), 30)
    canvas.text((_MARGIN, _MARGIN + _TITLE), shortened(_summary(plan), 15, width), 15, color=QUIET)
    for index, (label, color) in enumerate(entries):
        x = _MARGIN + index % columns * _LEGEND_COLUMN
        middle = _MARGIN + _TITLE + _SUBTITLE + index // columns * _LEGEND_ROW + 9
        if color is not None:
            canvas.box((x, middle - 5, x + 18, middle + 5), color, radius=3)
        canvas.text((x + 26, middle), label, _LEGEND_SIZE, anchor="lm")
    return canvas.reduced()


def _summary(plan: _Plan) -> str:
    score, meter = plan.score, plan.score.time_signatures[0]
    if score.n_notes == 0:
        return "no notes"
    bars = f"{plan.n_bars:,} bar{'s' if plan.n_bars != 1 else ''}"
    if plan.shown_bars < plan.n_bars:
        bars = f"bars 1 to {plan.shown_bars} of {plan.n_bars:,}"
    notes = f"{score.n_notes:,} note{'s' if score.n_notes != 1 else ''}"
    if not score.has_grid:
        return f"{duration_seconds(score):.0f} seconds  ·  {notes}"
    tempo = f"{main_tempo(score):.0f} bpm"
    return "  ·  ".join((f"{meter.numerator}/{meter.denominator}", tempo, bars, notes))


def _legend(score: Score) -> list[tuple[str, Color | None]]:
    """A label and a color for each track that sounds; all drums share one."""
    entries: list[tuple[str, Color | None]] = []
    for track, color in zip(score.tracks, _colors(score), strict=True):
        if not len(track.notes) or track.is_drum:
            continue
        instrument, name = program_name(track.program), drawable(track.name)
        if not name or name.lower() == instrument.lower():
            label = instrument.capitalize()
        else:
            # Names may be long; the instrument shall still be read.
            room = _LEGEND_TEXT - text_width(f"  ·  {instrument}", _LEGEND_SIZE)
            label = f"{shortened(name, _LEGEND_SIZE, room)}  ·  {instrument}"
        entries.append((label, color))
    drums = any(track.is_drum and len(track.notes) for track in score.tracks)
    most = _MAX_LEGEND - drums
    if len(entries) > most:
        entries[most - 1 :] = [(f"and {len(entries) - most + 1} more", None)]
    return [*entries, ("Drums", DRUM_COLOR)] if drums else entries


def _draw_system(plan: _Plan, system: _System) -> Image.Image:
    canvas = Canvas(plan.height + _SYSTEM_GAP)
    _draw_rows(canvas, plan, system)
    _draw_bars(canvas, plan, system)
    _draw_notes(canvas, plan, system)
    return canvas.reduced()


def _draw_rows(canvas: Canvas, plan: _Plan, system: _System) -> None:
    left, right = system.x(system.start), system.x(system.end)
    for pitch in range(plan.low, plan.high + 1):
        top = plan.top(pitch=pitch, is_drum=False)
        canvas.box((left, top, right, top + _ROW), _BLACK_ROW if pitch % 12 in _BLACK_KEYS else _WHITE_ROW)
    for pitch in range(plan.low, plan.high + 1):
        if pitch % 12 == 0:
            bottom = plan.top(pitch=pitch, is_drum=False) + _ROW
            canvas.box((left, bottom - 0.5, right, bottom), _OCTAVE_LINE)
            canvas.text((left - 8, bottom - _ROW / 2), f"C{pitch // 12 - 1}", 12, color=QUIET, anchor="rm")
    for pitch in plan.drum_pitches:
        top = plan.top(pitch=pitch, is_drum=True)
        canvas.box((left, top + 0.5, right, top + _DRUM_ROW - 0.5), _DRUM_LANE)
        label = _DRUM_NAMES.get(pitch, str(pitch))
        canvas.text((left - 8, top + _DRUM_ROW / 2), label, 10, color=QUIET, anchor="rm")


def _draw_bars(canvas: Canvas, plan: _Plan, system: _System) -> None:
    meters = plan.score.time_signatures
    onsets = [meter.onset for meter in meters]
    for bar in range(system.first, system.stop):
        start, end = int(plan.grid.start_of(bar)), int(plan.grid.start_of(bar + 1))
        index = int(np.searchsorted(onsets, start, side="right")) - 1
        beat = _beat_ticks(meters[index], plan.score.ticks_per_quarter)
        if beat * system.pixels_per_tick >= _LEAST_BEAT:
            for tick in np.arange(start + beat, end, beat):
                _draw_line(canvas, plan, system.x(float(tick)), _BEAT_LINE)
        _draw_line(canvas, plan, system.x(start), _BAR_LINE)
        label = str(bar + 1)
        if meters[index].onset == start and index > 0:
            label += f"   {meters[index].numerator}/{meters[index].denominator}"
        canvas.text((system.x(start) + 3, _BAR_NUMBERS - 5), label, 12, color=QUIET, anchor="ls")
    _draw_line(canvas, plan, system.x(system.end), _BAR_LINE)


def _draw_line(canvas: Canvas, plan: _Plan, x: float, color: str) -> None:
    if plan.high >= plan.low:
        canvas.box((x - 0.5, _BAR_NUMBERS, x + 0.5, _BAR_NUMBERS + (plan.high - plan.low + 1) * _ROW), color)
    if plan.drum_pitches:
        canvas.box((x - 0.5, plan.drums_top, x + 0.5, plan.height), color)


def _beat_ticks(meter: TimeSignature, ticks_per_quarter: int) -> float:
    """A beat; in 6/8, 9/8 and 12/8 it has three eighths."""
    ticks = 4 * ticks_per_quarter / meter.denominator
    return 3 * ticks if meter.denominator >= 8 and meter.numerator % 3 == 0 and meter.numerator > 3 else ticks


def _draw_notes(canvas: Canvas, plan: _Plan, system: _System) -> None:
    """Draws long notes first, and of equal ones the first track last: the leading track lies on top."""
    seen: list[tuple[int, int, int]] = []
    for number, voice in enumerate(plan.voices):
        lasting = (voice.end > system.start) & (not voice.is_drum)
        inside = (voice.onset < system.end) & ((voice.onset >= system.start) | lasting)
        seen += [(int(voice.onset[index] - voice.end[index]), -number, int(index)) for index in np.flatnonzero(inside)]
    layers = np.zeros((2, 128, WIDTH + 1), np.uint8)
    for _, number, index in sorted(seen):
        _draw_note(canvas, plan, system, plan.voices[-number], index=index, layers=layers)


def _draw_note(
    canvas: Canvas, plan: _Plan, system: _System, voice: _Voice, *, index: int, layers: NDArray[np.uint8]
) -> None:
    """Draws one note; ``layers`` counts, for each pitch and pixel, the notes that lie there already."""
    onset, end, pitch = int(voice.onset[index]), int(voice.end[index]), int(voice.pitch[index])
    row = _DRUM_ROW if voice.is_drum else _ROW
    top = plan.top(pitch=pitch, is_drum=voice.is_drum)
    left = system.x(max(onset, system.start))
    # A note of no duration still shows where it begins.
    right = min(max(system.x(min(end, system.end)) - 1, left + 2.5), system.x(system.end))
    if voice.is_drum:
        right = min(right, left + row - 3)
    under = layers[int(voice.is_drum), pitch, round(left) : round(left) + max(round(right - left), 1)]
    # What overlaps for less than half of the note leaves it its height.
    inset = 0.5 + _INSETS[min(int(np.median(under)), len(_INSETS) - 1)]
    under[:] = np.minimum(under, len(_INSETS)) + 1
    color = paler(voice.color, 0.65 * (1 - int(voice.velocity[index]) / 127))
    canvas.box((left + 0.5, top + inset, right, top + row - inset), color, radius=2)
    if onset >= system.start and not voice.is_drum:
        # The attack, so that repeated and soft notes stay apart.
        canvas.box((left + 0.5, top + inset + 1, left + 2, top + row - inset - 1), voice.color)
