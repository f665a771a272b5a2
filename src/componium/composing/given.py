"""Notes that a piece has already: a melody to accompany, bars around a gap, tracks that stay as they are.

Given notes inside the stretch that is composed are drawn like any other, except that nothing else can be drawn when
their turn comes; what is written in the end are the notes of the prompt themselves. Of a gap, the bars that follow are
read before those that precede it, each behind a start of its own (:mod:`componium.training.batches`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import Conditions
from componium.errors import RequestError
from componium.features.part_history import UNHEARD
from componium.likelihood import Charged, recall
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, Track, make_notes, without_overlaps
from componium.score.instruments import BAND, BAND_BY_NAME
from componium.score.notes import Notes, one_line

_MOST_FOLLOWING, _MOST_BEFORE = 128, 320
# Instruments that take a melody whose own instrument accompanies it.
_LEADS = ("flute", "clarinet", "violin", "trumpet", "alto sax", "cello", "trombone", "lead")

GivenRow = tuple[int, int, int, int, int]


@dataclass(frozen=True, eq=False)
class Given:
    """What of a prompt stays as it is.

    Attributes:
        rows: onset in steps, part, pitch, duration entry and velocity bin of given notes where new music is composed,
            in the order of the representation.
        parts: parts that play nothing but given notes there.
        of_track: part of each track of the prompt that has notes; None where it plays no part of the composer.
        following: what comes after the stretch; None where nothing does.
        before: what comes before the stretch, from a bar line on; None where nothing does.
        start_step: where ``before`` begins.
    """

    rows: tuple[GivenRow, ...]
    parts: frozenset[int]
    of_track: tuple[int | None, ...]
    following: NDArray[np.int16] | None = None
    before: NDArray[np.int16] | None = None
    start_step: int = 0

    def waiting(self) -> deque[GivenRow]:
        """The given rows, to be taken from the left."""
        return deque(self.rows)


def given_melody(
    codec: NoteCodec, score: Score, asked: int | None, playing: Sequence[int]
) -> tuple[Score, EncodedNotes, Given]:
    """Returns the melody of a score alone, encoded, and as what is given.

    Args:
        representation: of the composer.
        score: tracks without notes are passed over.
        asked: number of the track, from 1; None takes the highest.
        playing: parts that are to accompany it.

    Raises:
        RequestError: there is no such track, or none with a pitch.
    """
    tracks = [track for track in score.tracks if len(track.notes)]
    if asked is not None and not 1 <= asked <= len(tracks):
        raise RequestError(f"track {asked}: the prompt has {len(tracks)} tracks with notes")
    pitched = [track for track in tracks if not track.is_drum]
    if asked is None and not pitched:
        raise RequestError("the prompt has no melody: only drums play")
    melody = tracks[asked - 1] if asked else max(pitched, key=lambda track: float(track.notes["pitch"].mean()))
    part = _part_of_melody(codec, melody, playing)
    own = codec.config.parts[part]
    alone = Score(
        score.ticks_per_quarter, (Track(melody.notes, own.program, own.is_drum, own.name),), score.tempos,
        score.time_signatures, has_grid=score.has_grid,
    )  # fmt: skip
    encoded = codec.encode(alone)
    kept = Score(
        score.ticks_per_quarter, (melody,), score.tempos, score.time_signatures, score.key_signatures,
        has_grid=score.has_grid,
    )  # fmt: skip
    return kept, encoded, Given(_rows(encoded.events), frozenset((part,)), (part,))


def _part_of_melody(codec: NoteCodec, melody: Track, playing: Sequence[int]) -> int:
    """The part of the melody's instrument, or one that does not accompany and has it in its range."""
    part = codec.part_of(melody)
    return part if part is not None and part not in playing else _free_part(codec, melody, playing)


def _free_part(codec: NoteCodec, track: Track, taken: Collection[int]) -> int:
    """The part that is not taken and has most of a track in its range, instruments of melodies before others."""
    by_name = {own.name: index for index, own in enumerate(codec.config.parts)}
    pitch = track.notes["pitch"]
    free = [name for name in (*_LEADS, *BAND_BY_NAME) if name in by_name and by_name[name] not in taken]
    inside = {
        name: float(((pitch >= BAND_BY_NAME[name].low) & (pitch <= BAND_BY_NAME[name].high)).mean()) for name in free
    }
    if not inside:
        raise RequestError(f"all {len(BAND)} instruments are taken: none is left for track {track.name!r}")
    return by_name[max(inside, key=lambda name: inside[name])]


def assigned(codec: NoteCodec, score: Score) -> tuple[Score, tuple[int | None, ...]]:
    """Gives every track with notes a part of its own, so that each can be composed anew alone.

    Returns:
        The score with its tracks as those parts, without those that no part plays; and the part of each of its tracks
        that have notes, None where there is none.
    """
    tracks = [track for track in score.tracks if len(track.notes)]
    parts: list[int | None] = []
    for track in tracks:
        part = codec.part_of(track, [own for own in parts if own is not None])
        if part in parts and part is not None:
            part = None if track.is_drum else _free_part(codec, track, [own for own in parts if own is not None])
        parts.append(part)
    renamed = tuple(
        replace(track, name=codec.config.parts[part].name, pitch_bends=track.pitch_bends[:0])
        for track, part in zip(tracks, parts, strict=True)
        if part is not None
    )
    return replace(score, tracks=renamed), tuple(parts)


def given_around(
    codec: NoteCodec,
    encoded: EncodedNotes,
    of_track: tuple[int | None, ...],
    stretch: tuple[int, int],
    free: set[int],
) -> Given:
    """Returns what is given where a stretch of a score is composed anew.

    Args:
        representation: of the composer.
        encoded: the prompt.
        of_track: part of each of its tracks.
        stretch: its first step and the one after its last, both on bar lines.
        free: parts that are composed anew; the others stay.
    """
    first, end = stretch
    onsets = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
    inside = (onsets >= first) & (onsets < end) & ~np.isin(encoded.events[:, PART], list(free))
    rows = tuple(row for row in _rows(encoded.events) if first <= row[0] < end and row[1] not in free)
    others = set(encoded.events[inside, PART].tolist()) | (set(range(len(codec.config.parts))) - free)
    after = np.flatnonzero(onsets >= end)[:_MOST_FOLLOWING]
    before = np.flatnonzero(onsets < first)
    start = 0
    if len(before) > _MOST_BEFORE:
        grid = codec.bar_grid(encoded.meter)
        start = int(grid.start_of(grid.locate(onsets[before[-_MOST_BEFORE]]).bar + 1))
        before = before[onsets[before] >= start]
    return Given(
        rows,
        frozenset(others),
        of_track,
        _cut(encoded.events, onsets, after, end) if len(after) else None,
        _cut(encoded.events, onsets, before, start) if len(before) else None,
        start,
    )


def _rows(events: NDArray[np.int16]) -> tuple[GivenRow, ...]:
    onsets = np.cumsum(events[:, SHIFT], dtype=np.int64)
    sounding = events[:, DURATION] > 0
    columns = (onsets, *(events[:, column] for column in (PART, PITCH, DURATION, VELOCITY)))
    return tuple(zip(*(column[sounding].tolist() for column in columns), strict=True))


def _cut(
    events: NDArray[np.int16], onsets: NDArray[np.int64], rows: NDArray[np.int64], start: int
) -> NDArray[np.int16]:
    """Rows of a piece whose first shift counts from the bar line at ``start``."""
    own = events[rows].copy()
    own[0, SHIFT] = onsets[rows[0]] - start
    return own


def read_context(given: Given, encoded: EncodedNotes, codec: NoteCodec, guide: Conditions, end_step: int) -> Charged:
    """Returns what is read before the stretch is composed: what follows it, then what precedes it.

    Of the result only rows, places and what is recalled have meaning.
    """
    rows: list[NDArray[np.int64]] = []
    places: list[NDArray[np.int16]] = []
    back: list[NDArray[np.int64]] = []

    def lay(start_value: int, start_step: int, events: NDArray[np.int16] | None) -> NDArray[np.int16]:
        own = np.zeros((0, 5), np.int16) if events is None else events
        marker = np.zeros((1, 5), np.int64)
        marker[0, SHIFT] = start_value
        rows.append(np.concatenate((marker, own.astype(np.int64))))
        places.append(codec.places(own, encoded.meter, encoded.n_bars, guide, start_step))
        return own

    if given.following is not None:
        following = lay(codec.end + 3, end_step, given.following)
        back.append(np.zeros((len(following) + 1, codec.n_recalled), np.int64))
    before = lay(codec.end + (2 if given.start_step else 1), given.start_step, given.before)
    back.append(recall(before, places[-1], codec))
    whole, every = np.concatenate(rows), np.concatenate(places).astype(np.int64)
    unheard = np.tile(np.array([UNHEARD]), (len(whole), 1))
    return Charged(whole, every, np.zeros_like(whole), every, np.concatenate(back), unheard)


def woven(
    codec: NoteCodec, prompt: Score, given: Given, new: dict[int, Notes], programs: Sequence[int]
) -> tuple[Track, ...]:
    """The tracks of a prompt, untouched but for what was cut out of them, and new notes in their parts.

    Args:
        representation: of the composer; new notes and the result have its ticks.
        prompt: its tracks hold what stays, in ticks of the result.
        given: which part each of them plays.
        new: notes by part.
        programs: instrument of each part that has no track yet.
    """
    tracks: list[Track] = []
    left = dict(new)
    for track, part in zip(prompt.tracks, given.of_track, strict=True):
        own = left.pop(part, None) if part is not None else None
        if own is not None:
            fitting = _beside(own, track.notes)
            columns = (np.concatenate((track.notes[f], fitting[f])) for f in ("onset", "duration", "pitch", "velocity"))
            tracks.append(Track(make_notes(*columns), track.program, track.is_drum, track.name))
        elif len(track.notes):
            tracks.append(track)
    for part in sorted(left):
        own = codec.config.parts[part]
        tracks.append(Track(left[part], 0 if own.is_drum else programs[part], own.is_drum, own.name))
    return tuple(tracks)


def _beside(new: Notes, kept: Notes) -> Notes:
    """New notes without those struck while a kept one sounds on the same pitch, and cut where such a one begins."""
    stays = np.ones(len(new), bool)
    duration = new["duration"].astype(np.int64)
    for place, note in enumerate(new):
        same = kept[kept["pitch"] == note["pitch"]]
        ends = same["onset"].astype(np.int64) + same["duration"]
        stays[place] = not ((same["onset"] <= note["onset"]) & (ends > note["onset"])).any()
        later = same["onset"][same["onset"] > note["onset"]]
        if len(later):
            duration[place] = min(duration[place], int(later.min()) - int(note["onset"]))
    return make_notes(new["onset"][stays], duration[stays], new["pitch"][stays], new["velocity"][stays])


def playable(notes: Notes, part_name: str) -> Notes:
    """Returns notes as an instrument can play them: no key struck while it is held, winds one note after the other."""
    own = without_overlaps(notes)
    instrument = BAND_BY_NAME.get(part_name)
    return one_line(own) if instrument is not None and instrument.most_at_once == 1 else own
