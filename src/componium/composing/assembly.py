"""Assembles drawn notes into a score: tracks, pedals, tempos, meter; weaves new notes into a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import PieceConditions
from componium.composing.plans import AccompanyPlan, AnyPlan, ComposePlan, ContinuePlan, InfillPlan
from componium.composing.procedures import DrawnNote
from componium.composing.prompts import FixedNotes, playable, woven
from componium.representations.note_codec import NoteCodec
from componium.score import KeySignature, Score, Tempo, TimeSignature, Track, make_notes, parse_key
from componium.score.notes import make_pedals


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
    columns[:, 1:3] *= codec.ticks_per_step
    if isinstance(plan, AccompanyPlan | InfillPlan):
        tracks = _woven(artifact, plan, conditions.fixed, columns)
    else:
        tracks = _tracks(artifact, plan, columns)
    key = None if plan.request.key is None else parse_key(plan.request.key)
    return Score(
        codec.ticks_per_quarter,
        tracks,
        _tempos(codec, plan),
        _meter(codec, plan),
        () if key is None else (KeySignature(0, *key.signature),),
        texts=(text,),
        title=title,
        has_grid=codec.config.unit == "quarter",
    )


def _tracks(artifact: Artifact, plan: ComposePlan | ContinuePlan, columns: NDArray[np.int64]) -> tuple[Track, ...]:
    """One track a part: the prompt's own notes where there is a prompt, then the new ones.

    Tracks of the prompt that play none of the composer's parts stay as they are.
    """
    codec = artifact.codec
    known: dict[int | None, list[NDArray[np.int64]]] = {}
    held: dict[int | None, list[NDArray[np.int64]]] = {}
    kept: list[Track] = []
    if isinstance(plan, ContinuePlan):
        prompt = plan.prompt
        for track, part in zip(prompt.tracks, codec.parts_of(prompt), strict=True):
            moved = _outside(codec, plan, track)
            pedals = _spans(codec, prompt, track.pedals)
            if part is not None:
                known.setdefault(part, []).append(moved)
                held.setdefault(part, []).append(pedals)
            elif len(moved):
                pedal = make_pedals(*pedals.T)
                kept.append(Track(make_notes(*moved.T), track.program, track.is_drum, track.name, pedals=pedal))
    tracks: list[Track] = []
    for index, (part, program) in enumerate(zip(codec.config.parts, plan.programs, strict=True)):
        merged = np.concatenate((*known.get(index, ()), columns[columns[:, 0] == index, 1:]))
        if len(merged) and not codec.is_pedal[index]:
            pressed = columns[columns[:, 0] == codec.pedal_of(index), 1:3]
            pedal = make_pedals(*np.concatenate((*held.get(index, ()), pressed)).T)
            own = playable(make_notes(*merged.T), part.name, limits_polyphony=_limits_polyphony(artifact))
            tracks.append(Track(own, 0 if part.is_drum else program, part.is_drum, part.name, pedals=pedal))
    return (*tracks, *kept)


def _limits_polyphony(artifact: Artifact) -> bool:
    """Whether each part of a composer is one player."""
    return artifact.profile.constraints.polyphony is not None


def _woven(
    artifact: Artifact,
    plan: AccompanyPlan | InfillPlan,
    fixed: FixedNotes,
    columns: NDArray[np.int64],
) -> tuple[Track, ...]:
    """The prompt's tracks as they are, without the stretch that is composed anew, and new notes in their parts."""
    codec, score = artifact.codec, plan.prompt
    tracks: list[Track] = []
    for track, part in zip((own for own in score.tracks if len(own.notes)), fixed.track_parts, strict=True):
        stays = part is None or part in fixed.parts
        rows = _in_ticks(codec, score, track) if stays else _outside(codec, plan, track)
        pedals = make_pedals(*_spans(codec, score, track.pedals).T)
        tracks.append(replace(track, notes=make_notes(*rows.T), pitch_bends=track.pitch_bends[:0], pedals=pedals))
    new = {
        part: playable(
            make_notes(*columns[columns[:, 0] == part, 1:].T),
            codec.config.parts[part].name,
            limits_polyphony=_limits_polyphony(artifact),
        )
        for part in sorted({int(part) for part in columns[:, 0]} - fixed.parts)
    }
    return woven(codec, replace(score, tracks=tuple(tracks)), fixed, new, plan.programs)


def _outside(codec: NoteCodec, plan: ContinuePlan | AccompanyPlan | InfillPlan, track: Track) -> NDArray[np.int64]:
    """Notes of a prompt's track outside the stretch to be composed, in ticks of the piece; shape (T, 4)."""
    score = plan.prompt
    per_step = codec.ticks_per_step
    rows = _in_ticks(codec, score, track)
    return rows[(rows[:, 0] < plan.first_step * per_step) | (rows[:, 0] >= plan.end_step * per_step)]


def _in_ticks(codec: NoteCodec, score: Score, track: Track) -> NDArray[np.int64]:
    """Notes of a track in ticks of the codec: onset, duration, pitch, velocity; shape (T, 4)."""
    notes = track.notes
    rest = np.stack((notes["pitch"], notes["velocity"]), axis=1)
    return np.concatenate((_spans(codec, score, notes), rest), axis=1)


def _spans(codec: NoteCodec, score: Score, spans: NDArray[np.void]) -> NDArray[np.int64]:
    """Onset and duration of notes or pedals in ticks of the codec; shape (T, 2)."""
    per_step = codec.ticks_per_step
    onset = np.rint(codec.steps(score, spans["onset"]) * per_step).astype(np.int64)
    ends = spans["onset"].astype(np.int64) + spans["duration"]
    end = np.rint(codec.steps(score, ends) * per_step).astype(np.int64)
    return np.stack((onset, np.maximum(end - onset, 1)), axis=1)


def _tempos(codec: NoteCodec, plan: AnyPlan) -> tuple[Tempo, ...]:
    """The prompt's own tempos unless another was asked for; 120 where a quarter stands for half a second."""
    if codec.config.unit == "second":
        return (Tempo(0, 120.0),)
    if isinstance(plan, ComposePlan) or plan.request.tempo_bpm is not None:
        return (Tempo(0, plan.tempo_bpm),)
    scale = codec.ticks_per_quarter / plan.prompt.ticks_per_quarter
    return tuple(Tempo(round(tempo.onset * scale), tempo.tempo_bpm) for tempo in plan.prompt.tempos)


def _meter(codec: NoteCodec, plan: AnyPlan) -> tuple[TimeSignature, ...]:
    per_step = codec.ticks_per_step
    return tuple(TimeSignature(m.onset * per_step, m.numerator, m.denominator) for m in plan.meter)
