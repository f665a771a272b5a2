"""Orchestrates training pieces: moves their voices to other instruments whose ranges hold them.

Clean-licence music for a flute or a violin of its own hardly exists; voices that a flute could play do. A *variant* of
a piece is one of

* *as written*: every track to the instrument nearest to its own, or to the one that is named for it;
* *solo*: all pitched voices on one instrument that plays chords;
* *free*: every voice to a random instrument, moved by octaves where need be; the bass of a voice of chords may become a
  part of its own, a voice may be left out, all but the highest may be played by one, and a drummer's loop may be laid
  under music without drums.

Which variant, and which instruments, follow from a random generator alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.score import Score, Track, bar_grid, make_notes
from componium.score.instruments import BAND, BAND_BY_NAME, Instrument, program_family

DRUMS = "drums"
# Keys of the General MIDI percussion map; what electronic kits send beside is the edge of a hat. 0: no drum.
_GENERAL_MIDI = np.where((np.arange(128) >= 35) & (np.arange(128) <= 81), np.arange(128), 0)
_GENERAL_MIDI[[22, 26]] = 42, 46
_OCTAVES = (0, -12, 12, -24, 24)
# Share of a voice's notes that may lie outside the range.
_OUTSIDE = 0.02
# Share of the notes of a track that another one has as well from which on it is its double.
_DOUBLE = 0.9
# Shares of variants: as written; of the free ones, a voice left out, and all but the highest played by one.
_AS_WRITTEN, _LEFT_OUT, _REDUCED = 0.2, 0.15, 0.2
_CHORDS = 0.05
_LOWEST_OF_CHORDS = 55
_SOLO_WEIGHTS = {"piano": 6.0, "organ": 1.0, "nylon guitar": 1.5, "harp": 1.0, "strings": 1.0, "accordion": 1.0}


class Orchestration(NamedTuple):
    """How the variants of a piece are drawn.

    Attributes:
        solo: share of variants for one instrument.
        drummed: share of the free variants without a drummer that get one.
        named: instrument of tracks by their names, as they are written.
        drum_loops: drummers alone, in the meter of the piece.
    """

    solo: float = 0.25
    drummed: float = 0.0
    named: Mapping[str, str] = MappingProxyType({})
    drum_loops: Sequence[Score] = ()


def voices_of(score: Score) -> Score:
    """Returns the score without empty tracks and without tracks that all but double another one, note for note."""
    kept: list[tuple[Track, NDArray[np.int64]]] = []
    for track in sorted(score.tracks, key=lambda own: -len(own.notes)):
        struck = np.unique(track.notes["onset"].astype(np.int64) * 128 + track.notes["pitch"])
        if len(struck) and not any(
            own.is_drum == track.is_drum
            and np.isin(struck, others, assume_unique=True).sum() >= _DOUBLE * max(len(struck), len(others))
            for own, others in kept
        ):
            kept.append((track, struck))
    stays = {id(track) for track, _ in kept}
    return replace(score, tracks=tuple(track for track in score.tracks if id(track) in stays))


def as_written(score: Score, named: Mapping[str, str] = MappingProxyType({})) -> Score:
    """Gives every track to the instrument named for it, else to the band's nearest to its own."""
    tracks: list[Track] = []
    for track in score.tracks:
        name = named.get(track.name.strip().lower())
        taken = [own.name for own in tracks]
        tracks.append(_as_part(track, BAND_BY_NAME[name] if name else _nearest(track, taken), 0))
    return replace(score, tracks=tuple(tracks))


def orchestrated(score: Score, rng: np.random.Generator, orchestration: Orchestration) -> Score:
    """Returns a random variant of a score of :func:`voices_of`; ``rng`` decides everything."""
    drawn = rng.random()
    pitched = [track for track in score.tracks if not track.is_drum]
    if drawn < orchestration.solo and pitched:
        alone = _solo(pitched, rng)
        if alone is not None:
            return replace(score, tracks=alone)
    if drawn < orchestration.solo + _AS_WRITTEN:
        return as_written(score, orchestration.named)
    tracks = _free(_fewer(_split_bass(pitched, rng), rng), rng)
    drums = [_as_part(track, None, 0) for track in score.tracks if track.is_drum]
    # A band may go without its drummer, and a pianist may get one.
    loops = orchestration.drum_loops
    if drums and rng.random() < 0.3:
        drums = []
    elif not drums and loops and rng.random() < orchestration.drummed:
        drums = _looped(score, loops[int(rng.integers(len(loops)))])
    return replace(score, tracks=(*tracks, *drums)) if tracks else as_written(score, orchestration.named)


def _nearest(track: Track, taken: Collection[str] = ()) -> Instrument | None:
    """The band's instrument of the same program, else of the same family, in whose range most notes lie.

    Of several players of one instrument it is one that is not taken, if there is any.
    """
    if track.is_drum:
        return None
    same = [own for own in BAND if own.program == track.program]
    same = [own for own in same if own.name not in taken] or same
    family = [own for own in BAND if program_family(own.program) == program_family(track.program)]
    fitting = same or family or [BAND_BY_NAME["piano"]]
    below = _notes_below(track)
    return max(fitting, key=lambda own: _inside(below, own, 0))


def _notes_below(track: Track) -> list[int]:
    """How many notes lie below each pitch, of 0 to 128."""
    return [0, *np.cumsum(np.bincount(track.notes["pitch"], minlength=128)).tolist()]


def _inside(below: Sequence[int], instrument: Instrument, shift: int) -> float:
    """Share of notes, by how many lie below each pitch, that are in the range of an instrument when moved."""
    low, high = (min(max(pitch - shift, 0), 128) for pitch in (instrument.low, instrument.high + 1))
    return (below[high] - below[low]) / max(below[-1], 1)


def _as_part(track: Track, instrument: Instrument | None, shift: int) -> Track:
    """Returns the track as a part of the band; pitches outside 0 to 127 are dropped."""
    if instrument is None:
        key = _GENERAL_MIDI[track.notes["pitch"]]
        notes = track.notes[key > 0]
        moved = make_notes(notes["onset"], notes["duration"], key[key > 0], notes["velocity"])
        return Track(moved, is_drum=True, name=DRUMS)
    pitch = track.notes["pitch"].astype(np.int64) + shift
    notes = track.notes[(pitch >= 0) & (pitch <= 127)]
    moved = make_notes(notes["onset"], notes["duration"], notes["pitch"].astype(np.int64) + shift, notes["velocity"])
    return Track(moved, instrument.program, name=instrument.name)


def _plays_chords(track: Track) -> bool:
    onset = track.notes["onset"]
    return len(onset) > 1 and float((onset[1:] == onset[:-1]).mean()) > _CHORDS


def _solo(tracks: Sequence[Track], rng: np.random.Generator) -> tuple[Track, ...] | None:
    """All on one instrument: a voice alone on any, several on one that plays chords."""
    alone = len(tracks) == 1 and not _plays_chords(tracks[0])
    every = [_notes_below(track) for track in tracks]
    fitting = [
        (own, 1.0 if alone else _SOLO_WEIGHTS.get(own.name, 0.3))
        for own in BAND
        if (alone or own.is_polyphonic) and all(_inside(below, own, 0) >= 1 - _OUTSIDE for below in every)
    ]
    if not fitting:
        return None
    weights = np.array([weight for _, weight in fitting])
    instrument = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))][0]
    return tuple(_as_part(track, instrument, 0) for track in tracks)


def _free(tracks: Sequence[Track], rng: np.random.Generator) -> list[Track]:
    """Each voice on a random instrument; two on one only where the ranges leave no other."""
    given: list[Track] = []
    taken: set[str] = set()
    for track in sorted(tracks, key=lambda own: -len(own.notes)):
        options = _options(track)
        fresh = [(own, shift) for own, shift in options if own.name not in taken]
        choices = fresh or options
        if not choices:
            given.append(_as_part(track, _nearest(track), 0))
            continue
        # Where a voice need not move, it mostly stays where it is.
        weights = np.array([1.0 if shift == 0 else 0.15 for _, shift in choices])
        instrument, shift = choices[int(rng.choice(len(choices), p=weights / weights.sum()))]
        taken.add(instrument.name)
        given.append(_as_part(track, instrument, shift))
    return given


def _options(track: Track) -> list[tuple[Instrument, int]]:
    chords, below = _plays_chords(track), _notes_below(track)
    return [
        (own, shift)
        for own in BAND
        for shift in _OCTAVES
        if (own.is_polyphonic or not chords) and _inside(below, own, shift) >= 1 - _OUTSIDE
    ]


def _split_bass(tracks: Sequence[Track], rng: np.random.Generator) -> list[Track]:
    """Takes the lowest low note of each onset out of one voice of chords, now and then."""
    voices = list(tracks)
    with_chords = [i for i, track in enumerate(voices) if _plays_chords(track)]
    if not with_chords or rng.random() < 0.5:
        return voices
    chosen = with_chords[int(rng.integers(len(with_chords)))]
    notes = voices[chosen].notes
    first = np.append(True, notes["onset"][1:] != notes["onset"][:-1])
    low = first & (notes["pitch"] < _LOWEST_OF_CHORDS)
    if not low.any() or low.all():
        return voices
    rest, bass = (_with_notes(voices[chosen], notes[own]) for own in (~low, low))
    voices[chosen : chosen + 1] = [rest, bass]
    return voices


def _fewer(tracks: list[Track], rng: np.random.Generator) -> list[Track]:
    """Now and then fewer players: one voice is left out, or all below the highest are played by one."""
    drawn = rng.random()
    if len(tracks) < 3 or drawn >= _LEFT_OUT + _REDUCED:
        return tracks
    if drawn < _LEFT_OUT:
        silent = int(rng.integers(len(tracks)))
        return [track for index, track in enumerate(tracks) if index != silent]
    *below, highest = sorted(tracks, key=lambda own: float(own.notes["pitch"].mean()))
    return [highest, _with_notes(below[0], np.concatenate([own.notes for own in below]))]


def _with_notes(track: Track, notes: NDArray[np.void]) -> Track:
    return replace(track, notes=make_notes(notes["onset"], notes["duration"], notes["pitch"], notes["velocity"]))


def _looped(score: Score, drummer: Score) -> list[Track]:
    """A drummer's bars, one after the other and again, under every bar of a piece; cut or begun anew to its length."""
    drum = next((track for track in drummer.tracks if track.is_drum and len(track.notes)), None)
    drummed = drummer.time_signatures[0].bar_ticks(drummer.ticks_per_quarter)
    bar, uneven = divmod(drummed * score.ticks_per_quarter, drummer.ticks_per_quarter)
    if drum is None or uneven:
        return []
    loop_bar, onset = np.divmod(drum.notes["onset"].astype(np.int64), drummed)
    onset = onset * score.ticks_per_quarter // drummer.ticks_per_quarter
    grid = bar_grid(score)
    lines = grid.start_of(np.arange(grid.count(score.end) + 1))
    # Where each run of the loop's bars begins: at every bar line, and again in bars longer than the drummer's.
    starts = np.concatenate([np.arange(start, stop, bar) for start, stop in pairwise(lines.tolist())])
    stops = np.minimum(np.append(starts[1:], lines[-1]), starts + bar)
    played = np.searchsorted(lines, starts, side="right") - 1
    run, note = np.nonzero((played % (int(loop_bar.max()) + 1))[:, None] == loop_bar[None, :])
    every = starts[run] + onset[note]
    inside = (every < stops[run]) & (every < score.end)
    pitch, velocity = (drum.notes[field][note[inside]] for field in ("pitch", "velocity"))
    notes = make_notes(every[inside], score.ticks_per_quarter // 8, pitch, velocity)
    return [_as_part(Track(notes, is_drum=True), None, 0)]
