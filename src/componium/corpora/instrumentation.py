"""Turns the tracks of a piece into parts of a band, whatever instruments and doublings its file names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from componium.score import Score, Track, make_notes
from componium.score.instruments import BAND, BAND_BY_NAME, Instrument, program_family

DRUMS = "drums"
# Keys of the General MIDI percussion map; what electronic kits send beside is the edge of a hat. 0: no drum.
_GENERAL_MIDI = np.where((np.arange(128) >= 35) & (np.arange(128) <= 81), np.arange(128), 0)
_GENERAL_MIDI[[22, 26]] = 42, 46
# Share of the notes of a track that another one has as well from which on it is its double.
_DOUBLE = 0.9
# Share of the notes of a track from which on the range of an instrument holds it.
_HELD = 0.98


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


def as_written(score: Score, named: Mapping[str, str] = MappingProxyType({}), among: Sequence[str] = ()) -> Score:
    """Gives every track to the instrument named for it, else to the band's nearest to its own.

    Args:
        score: of any instruments.
        named: instrument of tracks by their names.
        among: instruments that play the other tracks, each the first whose range holds it, else the last.
    """
    tracks: list[Track] = []
    for track in score.tracks:
        name = named.get(track.name.strip().lower())
        taken = [own.name for own in tracks]
        if name is None and among and not track.is_drum:
            below = notes_below(track)
            holding = (own for own in among if share_in_range(below, BAND_BY_NAME[own], 0) >= _HELD)
            name = next(holding, among[-1])
        tracks.append(as_part(track, BAND_BY_NAME[name] if name else nearest_instrument(track, taken), 0))
    return replace(score, tracks=tuple(tracks))


def nearest_instrument(track: Track, taken: Collection[str] = ()) -> Instrument | None:
    """Returns the band's instrument of the same program, else of the same family, in whose range most notes lie.

    Of several players of one instrument it is one that is not taken, if there is any.
    """
    if track.is_drum:
        return None
    same = [own for own in BAND if own.program == track.program]
    same = [own for own in same if own.name not in taken] or same
    family = [own for own in BAND if program_family(own.program) == program_family(track.program)]
    fitting = same or family or [BAND_BY_NAME["piano"]]
    below = notes_below(track)
    return max(fitting, key=lambda own: share_in_range(below, own, 0))


def notes_below(track: Track) -> list[int]:
    """Returns how many notes lie below each pitch, of 0 to 128."""
    return [0, *np.cumsum(np.bincount(track.notes["pitch"], minlength=128)).tolist()]


def share_in_range(below: Sequence[int], instrument: Instrument, shift: int) -> float:
    """Returns the share of notes, by how many lie below each pitch, that an instrument has in its range when moved."""
    low, high = (min(max(pitch - shift, 0), 128) for pitch in (instrument.low, instrument.high + 1))
    return (below[high] - below[low]) / max(below[-1], 1)


def as_part(track: Track, instrument: Instrument | None, shift: int) -> Track:
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
