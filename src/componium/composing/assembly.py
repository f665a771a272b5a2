"""Assembles drawn notes into a score: tracks, pedals, tempos, meter; adds new notes to a prompt.

What is composed for a prompt is the prompt itself, in its own ticks, with new notes in it: tracks keep their names,
instruments and order, and all else that its file holds stays as it is outside the bars that are composed. Music that
goes on from a prompt takes nothing along that its file holds behind the last bar
(:mod:`componium.formats.midi.editing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import PieceConditions
from componium.composing.plans import AccompanyPlan, AnyPlan, ComposePlan, ContinuePlan, InfillPlan
from componium.composing.procedures import DrawnNote
from componium.composing.prompts import FixedNotes
from componium.composing.provenance import TEXT_PREFIX
from componium.formats.midi import until, without_controllers
from componium.representations.note_codec import NoteCodec
from componium.score import (
    Key,
    KeySignature,
    Score,
    Tempo,
    TempoMap,
    TimeSignature,
    Track,
    make_notes,
    parse_key,
    without_overlaps,
)
from componium.score.instruments import BAND_BY_NAME
from componium.score.notes import MAX_TICK, Notes, make_pedals, one_line


def assembled(
    artifact: Artifact, conditions: PieceConditions, notes: Sequence[DrawnNote], text: str, title: str
) -> Score:
    """Returns a piece as a score.

    Args:
        artifact: the composer.
        conditions: of the piece.
        notes: as they were drawn, in steps.
        text: what the file carries.
        title: of the piece.
    """
    codec, plan = artifact.codec, conditions.plan
    columns = np.array(notes, np.int64).reshape(-1, 6)[:, 1:]
    has_grid = codec.config.unit == "quarter"
    if isinstance(plan, ComposePlan):
        columns[:, 1:3] *= codec.ticks_per_step
        return Score(
            codec.ticks_per_quarter,
            _tracks(artifact, plan, columns),
            (Tempo(0, plan.tempo_bpm if has_grid else 120.0),),
            _meter(codec, plan),
            _signature(conditions.key) if has_grid else (),
            texts=(text,),
            title=title,
            has_grid=has_grid,
        )
    if isinstance(plan, ContinuePlan):
        piece = _continued(artifact, plan, columns)
    else:
        piece = _woven(artifact, plan, conditions.fixed, columns)
    asked, asked_key = plan.request.tempo_bpm, plan.request.key
    return replace(
        piece,
        tempos=piece.tempos if asked is None or not has_grid else (Tempo(0, asked),),
        key_signatures=_signature(parse_key(asked_key)) if asked_key else piece.key_signatures,
        # A piece says of one request alone that it can be composed again from it.
        texts=(text, *(own for own in piece.texts if not own.startswith(TEXT_PREFIX))),
        title=title,
        has_grid=has_grid,
        remarks=piece.remarks,
    )


def tracks_of_parts(artifact: Artifact, conditions: PieceConditions) -> dict[int, int]:
    """Returns the index of the track that each part writes, if all that may play do.

    Of parts that do not, :func:`assembled` writes no track: those behind it move up. Parts that only play what stays in
    a prompt are left out.
    """
    codec, plan, fixed = artifact.codec, conditions.plan, conditions.fixed
    playing = [int(part) for part in np.flatnonzero(conditions.plays) if not codec.is_pedal[part]]
    if isinstance(plan, ComposePlan):
        return {part: place for place, part in enumerate(playing)}
    if isinstance(plan, ContinuePlan):
        found = _places(plan)
    else:
        found = {part: place for place, part in enumerate(fixed.track_parts) if part is not None}
        playing = [part for part in playing if part not in fixed.parts]
    new = [part for part in playing if part not in found]
    found |= {part: len(plan.prompt.tracks) + place for place, part in enumerate(new)}
    return {part: found[part] for part in playing}


def _tracks(artifact: Artifact, plan: ComposePlan, columns: NDArray[np.int64]) -> tuple[Track, ...]:
    """One track a part, from columns in ticks: part, onset, duration, pitch, velocity."""
    codec = artifact.codec
    tracks: list[Track] = []
    for index, (part, program) in enumerate(zip(codec.config.parts, plan.programs, strict=True)):
        own = columns[columns[:, 0] == index, 1:]
        if len(own) and not codec.is_pedal[index]:
            pedals = make_pedals(*columns[columns[:, 0] == codec.pedal_of(index), 1:3].T)
            notes = playable(make_notes(*own.T), part.name, limits_polyphony=_limits_polyphony(artifact))
            tracks.append(Track(notes, 0 if part.is_drum else program, part.is_drum, part.name, pedals=pedals))
    return tuple(tracks)


def _limits_polyphony(artifact: Artifact) -> bool:
    """Whether each part of a composer is one player."""
    return artifact.profile.constraints.polyphony is not None


def _continued(artifact: Artifact, plan: ContinuePlan, columns: NDArray[np.int64]) -> Score:
    """The prompt up to its last bar line, and new notes of each part on the first of the tracks that play it.

    A track that goes on keeps its instrument, unless one was asked for. Parts that play in none of the prompt's tracks
    come behind them.
    """
    codec, prompt = artifact.codec, plan.prompt
    columns = in_ticks(codec, prompt, columns)
    place_of = _places(plan)
    drawn = [part for part in np.unique(columns[:, 0]).tolist() if not codec.is_pedal[part]]
    [[first]] = in_ticks(codec, prompt, np.array([[0, plan.first_step, 0]]))[:, 1:2].tolist()
    start = until(prompt, first, {place_of[part] for part in drawn if part in place_of})
    tracks = list(start.tracks)
    for part in drawn:
        name = codec.config.parts[part].name
        limits = _limits_polyphony(artifact)
        new = playable(make_notes(*columns[columns[:, 0] == part, 1:].T), name, limits_polyphony=limits)
        pressed = columns[columns[:, 0] == codec.pedal_of(part), 1:3]
        if part not in place_of:
            tracks.append(replace(_new_track(codec, part, new, plan.programs), pedals=make_pedals(*pressed.T)))
            continue
        track = tracks[place_of[part]]
        held = np.stack((track.pedals["onset"], track.pedals["duration"]), axis=1)
        tracks[place_of[part]] = replace(
            track,
            notes=_together(_ended(track.notes, new, first), new),
            program=track.program if track.is_drum or not _is_asked(artifact, plan) else plan.programs[part],
            pedals=make_pedals(*np.concatenate((held, pressed)).T) if len(pressed) else track.pedals,
        )
    return replace(start, tracks=tuple(tracks))


def _is_asked(artifact: Artifact, plan: ContinuePlan) -> bool:
    """Whether the request names instruments for the parts of a composer that has the same ones always."""
    return bool(plan.request.parts) and not artifact.profile.chooses_parts


def _places(plan: ContinuePlan) -> dict[int, int]:
    """The track in which each part goes on: of several the one with the most notes."""
    found: dict[int, int] = {}
    for place, part in enumerate(plan.track_parts):
        if part is not None:
            best = found.setdefault(part, place)
            if len(plan.prompt.tracks[place].notes) > len(plan.prompt.tracks[best].notes):
                found[part] = place
    return found


def _ended(notes: Notes, new: Notes, first: int) -> Notes:
    """Notes of a prompt, of which those that sound on are ended where a new one strikes their key."""
    onset, duration = notes["onset"].astype(np.int64), notes["duration"].astype(np.int64)
    for place in np.flatnonzero(onset + duration > first).tolist():
        again = new["onset"][(new["pitch"] == notes["pitch"][place]) & (new["onset"] > onset[place])]
        if len(again):
            duration[place] = min(duration[place], int(again.min()) - onset[place])
    return make_notes(onset, duration, notes["pitch"], notes["velocity"])


def _woven(
    artifact: Artifact, plan: AccompanyPlan | InfillPlan, fixed: FixedNotes, columns: NDArray[np.int64]
) -> Score:
    """The prompt as it is, without the notes of the stretch that is composed anew, and new notes in their parts."""
    codec, prompt = artifact.codec, plan.prompt
    columns = in_ticks(codec, prompt, columns)
    stretch = np.array([[0, plan.first_step, 0], [0, plan.end_step, 0]])
    first, end = in_ticks(codec, prompt, stretch)[:, 1].tolist()
    anew = {i for i, part in enumerate(fixed.track_parts) if part is not None and part not in fixed.parts}
    start = without_controllers(prompt, anew, first, end)
    tracks = list(start.tracks)
    for place in anew:
        onset = tracks[place].notes["onset"]
        stays = (onset < first) | (onset >= end)
        tracks[place] = replace(tracks[place], notes=tracks[place].notes[stays])
    new = {
        part: playable(
            make_notes(*columns[columns[:, 0] == part, 1:].T),
            codec.config.parts[part].name,
            limits_polyphony=_limits_polyphony(artifact),
        )
        for part in sorted({int(part) for part in columns[:, 0]} - fixed.parts)
    }
    unplayed = _unplayed(plan, fixed) if isinstance(plan, InfillPlan) else 0
    remark = f"no part of the composer is left for {unplayed} of its tracks, which stay as they are"
    tracks = _with_new_notes(codec, replace(start, tracks=tuple(tracks)), fixed, new, plan.programs)
    return replace(start, tracks=tracks, remarks=(remark,) if unplayed else ())


def _unplayed(plan: InfillPlan, fixed: FixedNotes) -> int:
    """How many of the tracks that were to be composed anew no part plays."""
    asked = plan.tracks
    return sum(part is None and (not asked or place in asked) for place, part in enumerate(fixed.track_parts, 1))


def in_ticks(codec: NoteCodec, prompt: Score, columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns columns with onset and duration (the second and third) in ticks of the prompt instead of steps."""
    steps = np.stack((columns[:, 1], columns[:, 1] + columns[:, 2])) / codec.config.steps
    exact = steps * prompt.ticks_per_quarter if codec.config.unit == "quarter" else TempoMap(prompt).ticks(steps)
    onset, end = np.minimum(np.rint(exact), MAX_TICK).astype(np.int64)
    result = columns.copy()
    result[:, 1], result[:, 2] = onset, np.maximum(end - onset, 1)
    return result


def _signature(key: Key | None) -> tuple[KeySignature, ...]:
    return () if key is None else (KeySignature(0, *key.signature),)


def _meter(codec: NoteCodec, plan: AnyPlan) -> tuple[TimeSignature, ...]:
    per_step = codec.ticks_per_step
    return tuple(TimeSignature(m.onset * per_step, m.numerator, m.denominator) for m in plan.meter)


def _with_new_notes(
    codec: NoteCodec,
    prompt: Score,
    fixed: FixedNotes,
    new: dict[int, Notes],
    programs: Sequence[int],
) -> tuple[Track, ...]:
    """The tracks of a prompt, untouched but for what was cut out of them, and new notes in their parts.

    Args:
        codec: of the composer.
        prompt: its tracks hold what stays.
        fixed: which part each of them plays.
        new: notes by part, in ticks of the prompt.
        programs: instrument of each part that has no track yet.
    """
    tracks: list[Track] = []
    left = dict(new)
    for track, part in zip(prompt.tracks, fixed.track_parts, strict=True):
        own = left.pop(part, None) if part is not None else None
        tracks.append(track if own is None else replace(track, notes=_together(track.notes, beside(own, track.notes))))
    return (*tracks, *(_new_track(codec, part, left[part], programs) for part in sorted(left)))


def _new_track(codec: NoteCodec, part: int, notes: Notes, programs: Sequence[int]) -> Track:
    """Returns the track of a part that a prompt has no track for."""
    own = codec.config.parts[part]
    return Track(notes, 0 if own.is_drum else programs[part], own.is_drum, own.name)


def _together(notes: Notes, others: Notes) -> Notes:
    """Returns the notes of both."""
    columns = (np.concatenate((notes[f], others[f])) for f in ("onset", "duration", "pitch", "velocity"))
    return make_notes(*columns)


def beside(new: Notes, kept: Notes) -> Notes:
    """Returns new notes without those struck while a kept one of their pitch sounds, cut where such a one begins."""
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


def playable(notes: Notes, part_name: str, *, limits_polyphony: bool) -> Notes:
    """Returns notes as an instrument can play them: no key struck while it is held, winds one note after the other.

    Args:
        notes: of one part.
        part_name: by which its instrument is known.
        limits_polyphony: whether a part is one player; else several may share it.
    """
    own = without_overlaps(notes)
    instrument = BAND_BY_NAME.get(part_name) if limits_polyphony else None
    return one_line(own) if instrument is not None and instrument.most_at_once == 1 else own
