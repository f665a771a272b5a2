"""The one door to every composer: a request goes in, notes come out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from componium.artifacts import Artifact, load_artifact
from componium.composing.ngram import compose_ngram
from componium.composing.note_by_note import compose_note_by_note
from componium.composing.plans import AnyRequest, Plan, make_plans
from componium.composing.requests import request_from_json, request_to_json
from componium.errors import ArtifactError, RequestError
from componium.representations.notes import NotesRepresentation
from componium.score import Score, Tempo, TimeSignature, Track, make_notes

TEXT_PREFIX = "componium "


class ComposedNote(NamedTuple):
    """A note as it comes: index of its piece in the request, index of its part, onset and duration in ticks."""

    piece: int
    part: int
    onset: int
    duration: int
    pitch: int
    velocity: int


# Yields piece, part, onset and duration in steps of the representation, pitch, velocity 1-127.
Procedure = Callable[[Artifact, Plan], Iterator[tuple[int, int, int, int, int, int]]]

PROCEDURES: Mapping[str, Procedure] = {
    "note-by-note": compose_note_by_note,
    "n-gram": compose_ngram,
}


@dataclass(frozen=True, eq=False)
class Composition:
    """A composed piece, with what it takes to compose it anew."""

    score: Score
    model: str
    digest: str
    request: AnyRequest
    index: int


def stream(
    artifact: Artifact, request: AnyRequest, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Iterator[ComposedNote]:
    """Composes, yielding each note as soon as it is known; of one piece in the order of their onsets.

    Raises:
        RequestError: the composer cannot do what is asked.
    """
    for plan in make_plans(artifact, request):
        yield from _notes(artifact, plan, procedures)


def compose(
    artifact: Artifact,
    request: AnyRequest,
    *,
    index: int | None = None,
    procedures: Mapping[str, Procedure] = PROCEDURES,
) -> list[Composition]:
    """Composes all pieces of a request, or only the one of an index.

    Raises:
        RequestError: the composer cannot do what is asked.
    """
    compositions: list[Composition] = []
    for plan in make_plans(artifact, request, index):
        notes: dict[int, list[ComposedNote]] = {piece: [] for piece in plan.indices}
        for note in _notes(artifact, plan, procedures):
            notes[note.piece].append(note)
        wanted = plan.indices if index is None else (index,)
        compositions += [_composition(artifact, plan, piece, notes[piece]) for piece in wanted]
    return compositions


def compose_again(score: Score, artifact: Artifact | None = None) -> Composition:
    """Composes anew the piece that a composed score's text tells of.

    Args:
        score: as read from a composed MIDI file.
        artifact: the composer; None finds it by its name.

    Raises:
        RequestError: the score was not composed by Componium.
        ArtifactError: the composer is missing or another one by the same name.
    """
    told = next((text for text in score.texts if text.startswith(TEXT_PREFIX)), None)
    if told is None:
        raise RequestError("the file carries no request: it was not composed by Componium")
    try:
        about = json.loads(told.removeprefix(TEXT_PREFIX))
        model, digest, index = str(about["model"]), str(about["digest"]), int(about["index"])
        request = request_from_json(json.dumps(about["request"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(f"the request that the file carries is damaged ({error})") from error
    artifact = artifact or load_artifact(model)
    if artifact.digest != digest:
        raise ArtifactError(f"the piece was composed by {model} {digest}, but the one at hand is {artifact.digest}")
    return compose(artifact, request, index=index)[0]


def _notes(artifact: Artifact, plan: Plan, procedures: Mapping[str, Procedure]) -> Iterator[ComposedNote]:
    name = artifact.manifest.procedure
    if name not in procedures:
        raise ArtifactError(f"{artifact.folder}: this Componium has no sampling procedure {name!r}")
    ticks = artifact.representation.ticks_per_step
    for piece, part, onset, duration, pitch, velocity in procedures[name](artifact, plan):
        yield ComposedNote(piece, part, onset * ticks, duration * ticks, pitch, velocity)


def _composition(artifact: Artifact, plan: Plan, piece: int, notes: list[ComposedNote]) -> Composition:
    manifest = artifact.manifest
    about = {
        "model": manifest.name,
        "digest": artifact.digest,
        "index": piece,
        "request": json.loads(request_to_json(plan.request)),
    }
    representation = artifact.representation
    score = Score(
        representation.ticks_per_quarter,
        _tracks(representation, plan, notes),
        (Tempo(0, plan.tempo_bpm),),
        _meter(representation, plan),
        texts=(TEXT_PREFIX + json.dumps(about, ensure_ascii=True, separators=(",", ":")),),
        title=f"{manifest.name} {plan.request.seed}-{piece + 1}",
        has_grid=representation.config.unit == "quarter",
    )
    return Composition(score, manifest.name, artifact.digest, plan.request, piece)


def _tracks(representation: NotesRepresentation, plan: Plan, notes: list[ComposedNote]) -> tuple[Track, ...]:
    """One track a part: the prompt's own notes where there is a prompt, then the new ones."""
    columns = np.array(notes, np.int64).reshape(-1, 6)
    tracks: list[Track] = []
    for index, (part, program) in enumerate(zip(representation.config.parts, plan.programs, strict=True)):
        own = columns[columns[:, 1] == index]
        given = _prompt_notes(representation, plan, index)
        merged = np.concatenate((given, own[:, 2:]))
        if len(merged):
            tracks.append(Track(make_notes(*merged.T), 0 if part.is_drum else program, part.is_drum, part.name))
    return tuple(tracks)


def _prompt_notes(representation: NotesRepresentation, plan: Plan, part: int) -> np.ndarray:
    """The prompt's notes of a part outside the rewritten stretch, in ticks of the piece; shape (T, 4)."""
    score = plan.prompt_score
    if score is None:
        return np.zeros((0, 4), np.int64)
    scale = representation.ticks_per_quarter / score.ticks_per_quarter
    rows: list[np.ndarray] = [np.zeros((0, 4), np.int64)]
    for track in score.tracks:
        if len(track.notes) and representation.part_of(track) == part:
            onset = np.rint(track.notes["onset"] * scale).astype(np.int64)
            duration = np.maximum(np.rint(track.notes["duration"] * scale).astype(np.int64), 1)
            rows.append(np.stack((onset, duration, track.notes["pitch"], track.notes["velocity"]), axis=1))
    notes = np.concatenate(rows)
    first, end = (step * representation.ticks_per_step for step in (plan.first_step, plan.end_step))
    return notes[(notes[:, 0] < first) | (notes[:, 0] >= end)]


def _meter(representation: NotesRepresentation, plan: Plan) -> tuple[TimeSignature, ...]:
    per_step = representation.ticks_per_step
    return tuple(TimeSignature(m.onset * per_step, m.numerator, m.denominator) for m in plan.meter)
