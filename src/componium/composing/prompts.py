"""Reads a prompt: its melody, which part plays each of its tracks, and the notes that stay as they are.

Fixed notes inside the stretch that is composed are drawn like any other, except that nothing else can be drawn when
their turn comes; what is written in the end are the notes of the prompt themselves. Around a stretch, the bars that
follow are read before those that precede it, each behind a start of its own (:mod:`componium.training.batches`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.requests import Prompted
from componium.conditioning.controls import AnyConditions
from componium.errors import PromptError, RepresentationError
from componium.features.feature_set import FeatureSet
from componium.features.steps import Segment, Start, Steps, segment_of, steps_of
from componium.formats.midi import read_midi
from componium.likelihood import StyleFit, style_fits
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, Track, excerpt
from componium.score.bars import bar_grid
from componium.score.beat_tracking import Gridded, gridded
from componium.score.instruments import BAND, BAND_BY_NAME

# Instruments that take a melody whose own instrument accompanies it.
_LEADS = ("flute", "clarinet", "violin", "trumpet", "alto sax", "cello", "trombone", "lead")

# So many last notes of a prompt tell its style: with seven styles that takes a third of a second.
_MOST_NOTES_JUDGED = 256

FixedRow = tuple[int, int, int, int, int]


def _no_rows() -> NDArray[np.int16]:
    return np.zeros((0, 5), np.int16)


@dataclass(frozen=True, eq=False)
class FixedNotes:
    """The notes of a prompt that stay as they are.

    Attributes:
        rows: onset in steps, part, pitch, duration entry and velocity bin of fixed notes where new music is composed,
            in the order of the codec.
        parts: parts that play nothing but fixed notes there.
        track_parts: part of each track of the prompt that has notes; None where it plays no part of the composer.
        following: what comes after the stretch; empty where nothing does, shape (T, 5).
        before: what comes before the stretch, from a bar line on; empty where nothing does, shape (T, 5).
        start_step: where ``before`` begins.
    """

    rows: tuple[FixedRow, ...]
    parts: frozenset[int]
    track_parts: tuple[int | None, ...]
    following: NDArray[np.int16] = field(default_factory=_no_rows)
    before: NDArray[np.int16] = field(default_factory=_no_rows)
    start_step: int = 0

    @property
    def goes_on(self) -> bool:
        """Whether the piece continues after the stretch."""
        return len(self.following) > 0


NOTHING_FIXED = FixedNotes((), frozenset(), ())


def read_prompt(artifact: Artifact, request: Prompted) -> Gridded:
    """Returns the prompt of a request: on its beats, where its ticks follow none and the composer counts in quarters.

    Raises:
        FormatError: it cannot be read.
        PromptError: it has no notes.
    """
    return _gridded_prompt(artifact, request.prompt, keep_ticks=bool(request.keep_ticks))


def _gridded_prompt(artifact: Artifact, midi: bytes, *, keep_ticks: bool) -> Gridded:
    found = _read_prompt(midi, as_it_is=artifact.codec.config.unit == "second" or keep_ticks)
    if not found.score.n_notes:
        raise PromptError("the prompt has no notes")
    return found


# A prompt is read for its plan, and again where what was done to it is said.
@lru_cache(maxsize=1)
def _read_prompt(midi: bytes, *, as_it_is: bool) -> Gridded:
    score = read_midi(midi)
    return Gridded(score, None, is_moved=False) if as_it_is else gridded(score)


def fits_of_prompt(artifact: Artifact, request: Prompted, styles: Sequence[str]) -> tuple[StyleFit, ...]:
    """Returns how probable a composer finds the last bars of a prompt in some of its styles, the best first.

    There are no fits where it has no likelihood, or where none of its parts plays there.

    Raises:
        FormatError: the prompt cannot be read.
        PromptError: it has no notes.
    """
    return _fits_of(artifact, request.prompt, bool(request.keep_ticks), tuple(styles))


# Asked for by the plan, and again where what was chosen is said.
@lru_cache(maxsize=1)
def _fits_of(artifact: Artifact, midi: bytes, keep_ticks: bool, styles: tuple[str, ...]) -> tuple[StyleFit, ...]:  # noqa: FBT001
    score = _gridded_prompt(artifact, midi, keep_ticks=keep_ticks).score
    onset = np.sort(np.concatenate([track.notes["onset"] for track in score.tracks]))
    first, last = bar_grid(score).locate(onset[[0, -1]]).bar.tolist()
    if len(onset) > _MOST_NOTES_JUDGED:
        too_early = int(bar_grid(score).locate(onset[-_MOST_NOTES_JUDGED - 1]).bar)
        first = min(too_early + 1, last)
    try:
        piece = artifact.codec.encode(excerpt(score, first, last - first + 1))
    except RepresentationError:
        return ()
    return style_fits(artifact, [piece], styles)


def track_numbers(tracks: Sequence[Track], asked: Sequence[str], field: str) -> frozenset[int]:
    """Returns the numbers, from 1, of the tracks that a request names.

    Args:
        tracks: those of the prompt that have notes.
        asked: of each its number, or its name, which several tracks may share.
        field: of the request, for the error.

    Raises:
        PromptError: there is no such track.
    """
    found: set[int] = set()
    for own in asked:
        named = {number for number, track in enumerate(tracks, 1) if track.name.casefold() == own.strip().casefold()}
        if own.isdecimal() and 1 <= int(own) <= len(tracks):
            named = {int(own)}
        if not named:
            names = ", ".join(f"{number} {track.name}".strip() for number, track in enumerate(tracks, 1))
            raise PromptError(f"{{{field}}} {own}: no such track with notes; there are {names}")
        found |= named
    return frozenset(found)


def melody_of(score: Score, asked: str | None) -> Score:
    """Returns a score with its melody alone.

    Args:
        score: tracks without notes are passed over.
        asked: number of the track, from 1, or its name; None takes the highest.

    Raises:
        PromptError: there is no such track, or none with a pitch.
    """
    tracks = [track for track in score.tracks if len(track.notes)]
    if asked is not None:
        return replace(score, tracks=(tracks[min(track_numbers(tracks, (asked,), "track")) - 1],))
    pitched = [track for track in tracks if not track.is_drum]
    if not pitched:
        raise PromptError("the prompt has no melody: only drums play")
    return replace(score, tracks=(max(pitched, key=lambda track: float(track.notes["pitch"].mean())),))


def encoded_melody(artifact: Artifact, melody: Score, playing: Sequence[int]) -> tuple[EncodedNotes, FixedNotes]:
    """Returns a melody encoded, and as what stays beside parts that accompany it.

    Args:
        artifact: the composer.
        melody: a score of one track.
        playing: parts of a band that are to accompany it; another one plays it. Of fixed parts one plays it, and all
            others accompany.

    Raises:
        PromptError: no part is left for it.
    """
    [track], codec = melody.tracks, artifact.codec
    is_band = artifact.profile.chooses_parts
    part = _part_of_melody(codec, track, playing) if is_band else _voice_of_melody(artifact, track)
    own = codec.config.parts[part]
    alone = replace(melody, tracks=(Track(track.notes, own.program, own.is_drum, own.name),), key_signatures=())
    encoded = codec.encode(alone)
    return encoded, FixedNotes(_rows(encoded.events), frozenset((part,)), (part,))


def _part_of_melody(codec: NoteCodec, melody: Track, playing: Sequence[int]) -> int:
    """The part of the melody's instrument, or one that does not accompany and has it in its range."""
    part = codec.part_of(melody)
    if part is None or part in playing:
        part = _free_part(codec, melody, playing)
    if part is None:
        raise PromptError(f"all {len(BAND)} instruments are taken: none is left for track {melody.name!r}")
    return part


def _voice_of_melody(artifact: Artifact, melody: Track) -> int:
    """Of fixed parts the one that the melody is named after, else the highest that has it, or most of it, in its range.

    Raises:
        PromptError: there is no such part, or none beside it.
    """
    codec = artifact.codec
    fitting = _unassigned(codec, melody, ())
    if len(codec.config.parts) - codec.is_pedal.sum() < 2 or not fitting:
        raise PromptError(f"{artifact.manifest.name} has no part left to accompany track {melody.name!r}")
    name, pitch = melody.name.strip().lower(), melody.notes["pitch"]

    def fit(part: int) -> tuple[bool, float, int]:
        low, high = artifact.part_ranges[part]
        return codec.config.parts[part].name == name, float(((pitch >= low) & (pitch <= high)).mean()), low + high

    return max(fitting, key=fit)


def _unassigned(codec: NoteCodec, track: Track, taken: Collection[int]) -> list[int]:
    """Parts that can play a track and are not taken."""
    parts = enumerate(codec.config.parts)
    return [
        index
        for index, part in parts
        if part.is_drum == track.is_drum and not codec.is_pedal[index] and index not in taken
    ]


def _free_part(codec: NoteCodec, track: Track, taken: Collection[int]) -> int | None:
    """The part that is not taken and has most of a track in its range, instruments of melodies before others."""
    by_name = {own.name: index for index, own in enumerate(codec.config.parts)}
    pitch = track.notes["pitch"]
    free = [name for name in (*_LEADS, *BAND_BY_NAME) if name in by_name and by_name[name] not in taken]
    inside = {
        name: float(((pitch >= BAND_BY_NAME[name].low) & (pitch <= BAND_BY_NAME[name].high)).mean()) for name in free
    }
    return by_name[max(inside, key=lambda name: inside[name])] if inside else None


def assign_parts(artifact: Artifact, score: Score) -> tuple[Score, tuple[int | None, ...]]:
    """Gives every track with notes a part of its own, so that each can be composed anew alone.

    Of fixed parts, tracks that are named after none take those that are left, the higher track the higher part.

    Returns:
        The score with its tracks as those parts, without those that no part plays; and the part of each of its tracks
        that have notes, None where there is none: for a second drummer, and where there are more tracks than parts.
    """
    tracks, codec = [track for track in score.tracks if len(track.notes)], artifact.codec
    parts: list[int | None] = []
    for track in tracks:
        part = codec.part_of(track, [own for own in parts if own is not None])
        if part in parts and part is not None:
            part = None if track.is_drum else _free_part(codec, track, [own for own in parts if own is not None])
        parts.append(part)
    if not artifact.profile.chooses_parts:
        parts = _by_height(artifact, tracks)
    renamed = tuple(
        replace(track, name=codec.config.parts[part].name, pitch_bends=track.pitch_bends[:0])
        for track, part in zip(tracks, parts, strict=True)
        if part is not None
    )
    return replace(score, tracks=renamed), tuple(parts)


def parts_that_go_on(artifact: Artifact, score: Score) -> tuple[Score, tuple[int | None, ...]]:
    """Gives tracks the parts that go on with them.

    A track goes to the part that has its name or its instrument. Two cases are decided by height, the higher track to
    the higher part: all parts have the same instrument, as the voices of a choir do; or the parts are fixed, and no
    track has the name or the instrument of any.

    Returns:
        The score as its parts read it; and the part of each of its tracks, None where there is none.
    """
    codec = artifact.codec
    parts = codec.parts_of(score)
    instruments_differ = len({part.program for part in codec.config.parts if not part.is_drum}) > 1
    if artifact.profile.chooses_parts or (instruments_differ and any(part is not None for part in parts)):
        return score, tuple(parts)
    renamed, found = assign_parts(artifact, score)
    left = iter(found)
    return renamed, tuple(next(left) if len(track.notes) else None for track in score.tracks)


def _by_height(artifact: Artifact, tracks: Sequence[Track]) -> list[int | None]:
    """The fixed part of each track."""
    codec = artifact.codec
    name_of = [part.name for part in codec.config.parts]
    height = [sum(own) for own in artifact.part_ranges]
    found: dict[int, int] = {}
    for place, track in enumerate(tracks):
        name = track.name.strip().lower()
        named = [part for part in _unassigned(codec, track, found.values()) if name_of[part] == name]
        if named:
            found[place] = named[0]
    nameless = [place for place in range(len(tracks)) if place not in found]
    for place in sorted(nameless, key=lambda own: -float(tracks[own].notes["pitch"].mean())):
        free = _unassigned(codec, tracks[place], found.values())
        if free:
            found[place] = max(free, key=height.__getitem__)
    return [found.get(place) for place in range(len(tracks))]


def fixed_around(
    artifact: Artifact,
    encoded: EncodedNotes,
    track_parts: tuple[int | None, ...],
    stretch: tuple[int, int],
    free: set[int],
) -> FixedNotes:
    """Returns what stays where a stretch of a score is composed anew.

    Args:
        artifact: the composer.
        encoded: the prompt.
        track_parts: part of each of its tracks.
        stretch: its first step and the one after its last, both on bar lines.
        free: parts that are composed anew; the others stay.
    """
    codec, settings = artifact.codec, artifact.profile.prompts
    first, end = stretch
    onsets = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
    inside = (onsets >= first) & (onsets < end) & ~np.isin(encoded.events[:, PART], list(free))
    rows = tuple(row for row in _rows(encoded.events) if first <= row[0] < end and row[1] not in free)
    others = set(encoded.events[inside, PART].tolist()) | (set(range(len(codec.config.parts))) - free)
    after = np.flatnonzero(onsets >= end)[: settings.most_following]
    before = np.flatnonzero(onsets < first)
    start = 0
    if len(before) > settings.most_before:
        grid = codec.bar_grid(encoded.meter)
        start = int(grid.start_of(grid.locate(onsets[before[-settings.most_before]]).bar + 1))
        before = before[onsets[before] >= start]
    following, preceding = _cut(encoded.events, onsets, after, end), _cut(encoded.events, onsets, before, start)
    return FixedNotes(rows, frozenset(others), track_parts, following, preceding, start)


def _rows(events: NDArray[np.int16]) -> tuple[FixedRow, ...]:
    onsets = np.cumsum(events[:, SHIFT], dtype=np.int64)
    sounding = events[:, DURATION] > 0
    columns = (onsets, *(events[:, column] for column in (PART, PITCH, DURATION, VELOCITY)))
    return tuple(zip(*(column[sounding].tolist() for column in columns), strict=True))


def _cut(
    events: NDArray[np.int16], onsets: NDArray[np.int64], rows: NDArray[np.int64], start: int
) -> NDArray[np.int16]:
    """Rows of a piece whose first shift counts from the bar line at ``start``."""
    own = events[rows].copy()
    if not len(own):
        return own
    own[0, SHIFT] = onsets[rows[0]] - start
    return own


def read_context(
    fixed: FixedNotes, encoded: EncodedNotes, features: FeatureSet, conditions: AnyConditions, end_step: int
) -> Steps:
    """Returns the steps of what is read before the stretch is composed: what follows it, then what precedes it."""
    segments: list[Segment] = []
    if fixed.goes_on:
        following = segment_of(features, encoded, conditions, events=fixed.following, first_step=end_step)
        nothing = np.zeros_like(following.pointers)
        segments.append(following._replace(start=Start.FOLLOWING, pointers=nothing))
    segments.append(segment_of(features, encoded, conditions, events=fixed.before, first_step=fixed.start_step))
    return steps_of(features, segments)
