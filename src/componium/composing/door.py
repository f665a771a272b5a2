"""The one door to every composer: a request goes in, notes come out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.drafts import COPIED, flaws, gravity
from componium.composing.given import Given, playable, woven
from componium.composing.ngram import compose_ngram
from componium.composing.note_by_note import compose_note_by_note
from componium.composing.plans import Plan, make_plans, n_candidates
from componium.composing.ranking import Candidate, Ranked, rank
from componium.composing.requests import AnyRequest, request_from_json, request_to_json
from componium.composing.steering import steer
from componium.errors import ArtifactError, RequestError
from componium.fingerprints import line_of
from componium.representations.note_codec import NoteCodec
from componium.score import KeySignature, Score, Tempo, TimeSignature, Track, make_notes, parse_key, without_overlaps
from componium.score.notes import make_pedals

TEXT_PREFIX = "componium "
MOST_ATTEMPTS = 8
"""Drafts of a candidate before the least flawed of them is taken."""


class ComposedNote(NamedTuple):
    """A note as it comes: index of its piece in the request, index of its part, onset and duration in ticks.

    Of a part that is a pedal it is the time that the pedal is down.
    """

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


class Draft(NamedTuple):
    """One draft of a candidate: its notes, and the names of its flaws (:mod:`componium.composing.drafts`)."""

    notes: list[ComposedNote]
    flaws: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Composition:
    """A composed piece, with what it takes to compose it anew.

    Attributes:
        index: of the piece in the request.
        candidate: of all that were composed for the request, which one the piece is; the index where none are ranked.
        style: of a guided composer; empty of others.
        drafts: the flaws of every draft that was drawn for it; only the last one can have none.
        flaws: those of the piece, which is the least flawed draft.
        ranking: the candidates for the piece, best first; empty where none were ranked.
    """

    score: Score
    model: str
    digest: str
    request: AnyRequest
    index: int
    candidate: int
    style: str = ""
    drafts: tuple[tuple[str, ...], ...] = ((),)
    flaws: tuple[str, ...] = ()
    ranking: tuple[Ranked, ...] = ()


def stream(
    artifact: Artifact, request: AnyRequest, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Iterator[ComposedNote]:
    """Composes, yielding each note as soon as it is known; of one piece in the order of their onsets.

    Durations are as composed, where :func:`compose` cuts a note whose key is struck again; and a guided composer's
    first draft is the piece, where :func:`compose` rejects what has flaws.

    Raises:
        RequestError: the composer cannot do what is asked; or candidates are to be ranked, which can be done only when
            they are whole.
    """
    if n_candidates(request) > 1:
        raise RequestError("best_of: candidates are ranked when they are whole, so they cannot come note by note")
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
    if index is not None and not 0 <= index < request.count:
        raise RequestError(f"there is no piece {index} in a request for {request.count}")
    each = n_candidates(request)
    wanted = range(request.count * each) if index is None else range(index * each, (index + 1) * each)
    found: list[Composition] = []
    candidates: list[Composition] = []
    for candidate in compose_candidates(artifact, request, wanted, procedures=procedures):
        candidates.append(candidate)
        if len(candidates) == each:
            found.append(_original(_best(artifact, candidates)))
            candidates = []
    return found


def compose_candidates(
    artifact: Artifact, request: AnyRequest, wanted: range, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Iterator[Composition]:
    """Composes candidates of a request, unranked; of ``best_of`` 4, the first four are those for the first piece.

    Raises:
        RequestError: the composer cannot do what is asked.
    """
    for plan in make_plans(artifact, request, wanted):
        drafts = _drafts(artifact, plan, procedures)
        for candidate in plan.indices:
            if candidate in wanted:
                yield _composition(artifact, plan, candidate, drafts[candidate])


def _best(artifact: Artifact, candidates: list[Composition]) -> Composition:
    """The best of the candidates for one piece."""
    first = candidates[0]
    if len(candidates) == 1:
        return first
    key = None if first.request.key is None else parse_key(first.request.key)
    competing = [Candidate(own.candidate, own.score, own.flaws) for own in candidates]
    ranking = rank(artifact, competing, first.style, key)
    return replace(candidates[ranking[0].number - first.candidate], ranking=ranking)


def _original(composition: Composition) -> Composition:
    """The piece, unless it is no original where one was asked for."""
    if COPIED in composition.flaws:
        n_drafts = len(composition.drafts) * n_candidates(composition.request)
        raise RequestError(f"none of {n_drafts} drafts is original; change the request or leave out --original")
    return composition


def _drafts(artifact: Artifact, plan: Plan, procedures: Mapping[str, Procedure]) -> dict[int, list[Draft]]:
    """All drafts of every candidate of a plan; flawed ones are drawn anew, at most ``MOST_ATTEMPTS``."""
    drafts: dict[int, list[Draft]] = {candidate: [] for candidate in plan.indices}
    flawed = plan.indices
    for attempt in range(MOST_ATTEMPTS):
        plan = replace(plan, indices=flawed, attempt=attempt)
        notes: dict[int, list[ComposedNote]] = {candidate: [] for candidate in flawed}
        for note in _notes(artifact, plan, procedures):
            notes[note.piece].append(note)
        for candidate, own in notes.items():
            drafts[candidate].append(Draft(own, tuple(_flaws(artifact, plan, candidate, own))))
        flawed = tuple(candidate for candidate in flawed if drafts[candidate][-1].flaws)
        if not flawed:
            break
    return drafts


def _flaws(artifact: Artifact, plan: Plan, candidate: int, notes: list[ComposedNote]) -> list[str]:
    """The flaws of a draft; between given bars, and of composers that are not guided, only that it is copied."""
    codec, ticks = artifact.codec, artifact.codec.ticks_per_step
    found: list[str] = []
    if plan.request.original and notes:
        line = line_of(_composition(artifact, plan, candidate, [Draft(notes, ())]).score)
        if artifact.contrast.is_near(line.n_notes, artifact.fingerprints.longest_match(line).n_notes):
            found.append(COPIED)
    if codec.config.guides is None or plan.given is not None:
        return found
    rows = [(note.part, note.onset // ticks, note.duration // ticks, note.pitch) for note in notes]
    return found + flaws(rows, codec, plan, steer(artifact, plan, plan.piece_of(candidate)))


def compose_again(
    score: Score, artifact: Artifact | None = None, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Composition:
    """Composes anew the piece that a composed score's text tells of.

    Args:
        score: as read from a composed MIDI file.
        artifact: the composer; None finds it by its name.
        procedures: sampling procedures by name.

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
        candidate = int(about.get("candidate", index))
        request = request_from_json(json.dumps(about["request"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(f"the request that the file carries is damaged ({error})") from error
    artifact = artifact or load_artifact(model)
    if artifact.digest != digest:
        raise ArtifactError(f"the piece was composed by {model} {digest}, but the one at hand is {artifact.digest}")
    if not 0 <= index < request.count or candidate // n_candidates(request) != index:
        raise RequestError(f"the request that the file carries is damaged (it has no piece {index}, {candidate})")
    # Who was best is known: nothing is ranked again.
    return next(compose_candidates(artifact, request, range(candidate, candidate + 1), procedures=procedures))


def _notes(artifact: Artifact, plan: Plan, procedures: Mapping[str, Procedure]) -> Iterator[ComposedNote]:
    name = artifact.manifest.procedure
    if name not in procedures:
        raise ArtifactError(f"{artifact.folder}: this Componium has no sampling procedure {name!r}")
    ticks = artifact.codec.ticks_per_step
    for piece, part, onset, duration, pitch, velocity in procedures[name](artifact, plan):
        yield ComposedNote(piece, part, onset * ticks, duration * ticks, pitch, velocity)


def _composition(artifact: Artifact, plan: Plan, candidate: int, drafts: list[Draft]) -> Composition:
    manifest, piece = artifact.manifest, plan.piece_of(candidate)
    about = {
        "model": manifest.name,
        "digest": artifact.digest,
        "index": piece,
        **({} if plan.request.best_of is None else {"candidate": candidate}),
        "request": json.loads(request_to_json(plan.request)),
    }
    codec = artifact.codec
    kept = min(drafts, key=lambda draft: gravity(draft.flaws))
    key = None if plan.request.key is None else parse_key(plan.request.key)
    score = Score(
        codec.ticks_per_quarter,
        _tracks(codec, plan, kept.notes),
        _tempos(codec, plan),
        _meter(codec, plan),
        () if key is None else (KeySignature(0, *key.signature),),
        texts=(TEXT_PREFIX + json.dumps(about, ensure_ascii=True, separators=(",", ":")),),
        title=f"{manifest.name} {plan.request.seed}-{piece + 1}",
        has_grid=codec.config.unit == "quarter",
    )
    found = tuple(draft.flaws for draft in drafts)
    return Composition(
        score, manifest.name, artifact.digest, plan.request, piece, candidate, plan.style, found, kept.flaws
    )


def _tracks(codec: NoteCodec, plan: Plan, notes: list[ComposedNote]) -> tuple[Track, ...]:
    """One track a part: the prompt's own notes where there is a prompt, then the new ones.

    Tracks of the prompt that play none of the composer's parts stay as they are.
    """
    columns = np.array(notes, np.int64).reshape(-1, 6)
    if plan.given is not None:
        return _woven(codec, plan, plan.given, columns)
    given: dict[int | None, list[NDArray[np.int64]]] = {}
    held: dict[int | None, list[NDArray[np.int64]]] = {}
    kept: list[Track] = []
    prompt = plan.prompt_score
    for track, part in zip(prompt.tracks, codec.parts_of(prompt), strict=True) if prompt else ():
        moved = _moved(codec, plan, track)
        pedals = _spans(codec, plan.prompt_score, track.pedals) if plan.prompt_score else columns[:0, :2]
        if part is not None:
            given.setdefault(part, []).append(moved)
            held.setdefault(part, []).append(pedals)
        elif len(moved):
            pedal = make_pedals(*pedals.T)
            kept.append(Track(make_notes(*moved.T), track.program, track.is_drum, track.name, pedals=pedal))
    tracks: list[Track] = []
    for index, (part, program) in enumerate(zip(codec.config.parts, plan.programs, strict=True)):
        merged = np.concatenate((*given.get(index, ()), columns[columns[:, 1] == index, 2:]))
        if len(merged) and not codec.is_pedal[index]:
            pressed = columns[columns[:, 1] == codec.pedal_of(index), 2:4]
            pedal = make_pedals(*np.concatenate((*held.get(index, ()), pressed)).T)
            own = make_notes(*merged.T)
            own = without_overlaps(own) if codec.config.guides is None else playable(own, part.name)
            tracks.append(Track(own, 0 if part.is_drum else program, part.is_drum, part.name, pedals=pedal))
    return (*tracks, *kept)


def _woven(codec: NoteCodec, plan: Plan, given: Given, columns: NDArray[np.int64]) -> tuple[Track, ...]:
    """The prompt's tracks as they are, without the stretch that is composed anew, and new notes in their parts."""
    score = plan.prompt_score
    assert score is not None  # noqa: S101 - what is given comes from a prompt
    tracks: list[Track] = []
    for track, part in zip((own for own in score.tracks if len(own.notes)), given.of_track, strict=True):
        stays = part is None or part in given.parts
        rows = _in_ticks(codec, score, track) if stays else _moved(codec, plan, track)
        pedals = make_pedals(*_spans(codec, score, track.pedals).T)
        tracks.append(replace(track, notes=make_notes(*rows.T), pitch_bends=track.pitch_bends[:0], pedals=pedals))
    new = {
        part: playable(make_notes(*columns[columns[:, 1] == part, 2:].T), codec.config.parts[part].name)
        for part in sorted({int(part) for part in columns[:, 1]} - given.parts)
    }
    return woven(codec, replace(score, tracks=tuple(tracks)), given, new, plan.programs)


def _moved(codec: NoteCodec, plan: Plan, track: Track) -> NDArray[np.int64]:
    """Notes of a prompt's track outside the stretch to be composed, in ticks of the piece; shape (T, 4)."""
    score = plan.prompt_score
    assert score is not None  # noqa: S101 - it has the track
    per_step = codec.ticks_per_step
    rows = _in_ticks(codec, score, track)
    return rows[(rows[:, 0] < plan.first_step * per_step) | (rows[:, 0] >= plan.end_step * per_step)]


def _in_ticks(codec: NoteCodec, score: Score, track: Track) -> NDArray[np.int64]:
    """Notes of a track in ticks of the representation: onset, duration, pitch, velocity; shape (T, 4)."""
    notes = track.notes
    rest = np.stack((notes["pitch"], notes["velocity"]), axis=1)
    return np.concatenate((_spans(codec, score, notes), rest), axis=1)


def _spans(codec: NoteCodec, score: Score, spans: NDArray[np.void]) -> NDArray[np.int64]:
    """Onset and duration of notes or pedals in ticks of the representation; shape (T, 2)."""
    per_step = codec.ticks_per_step
    onset = np.rint(codec.steps(score, spans["onset"]) * per_step).astype(np.int64)
    ends = spans["onset"].astype(np.int64) + spans["duration"]
    end = np.rint(codec.steps(score, ends) * per_step).astype(np.int64)
    return np.stack((onset, np.maximum(end - onset, 1)), axis=1)


def _tempos(codec: NoteCodec, plan: Plan) -> tuple[Tempo, ...]:
    """The prompt's own tempos unless another was asked for; 120 where a quarter stands for half a second."""
    if codec.config.unit == "second":
        return (Tempo(0, 120.0),)
    if plan.prompt_score is None or plan.request.tempo_bpm is not None:
        return (Tempo(0, plan.tempo_bpm),)
    scale = codec.ticks_per_quarter / plan.prompt_score.ticks_per_quarter
    return tuple(Tempo(round(tempo.onset * scale), tempo.tempo_bpm) for tempo in plan.prompt_score.tempos)


def _meter(codec: NoteCodec, plan: Plan) -> tuple[TimeSignature, ...]:
    per_step = codec.ticks_per_step
    return tuple(TimeSignature(m.onset * per_step, m.numerator, m.denominator) for m in plan.meter)
