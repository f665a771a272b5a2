"""Composing, whatever the composer: a request goes in, notes or whole pieces come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from componium.artifacts import Artifact, load_artifact
from componium.composing.assembly import assembled
from componium.composing.conditions import PieceConditions, QueuedPiece, conditions_of
from componium.composing.plans import AnyPlan, InfillPlan, make_plan, n_candidates
from componium.composing.procedures import BATCH, PROCEDURES, DrawnNote, PieceEnd, PieceQueue, Procedure, Queue
from componium.composing.provenance import provenance_of, read_provenance
from componium.composing.requests import AnyRequest
from componium.composing.selection.checks import COPIED, flaws, gravity
from componium.composing.selection.ranking import Candidate, Ranked, rank
from componium.errors import ArtifactError, RequestError
from componium.score import Key, Score

OPENING_BARS = 8
"""New bars by which :func:`stream` chooses among candidates."""


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


class Draft(NamedTuple):
    """One draft of a candidate: its notes, and the names of its flaws (:mod:`componium.composing.selection.checks`)."""

    notes: list[DrawnNote]
    flaws: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Composition:
    """A composed piece, with what it takes to compose it anew.

    Attributes:
        index: of the piece in the request.
        candidate: of all that were composed for the request, which one the piece is; the index where none are ranked.
        style: empty of a composer that knows none.
        key: asked for or drawn; None where there is none.
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
    key: Key | None = None
    drafts: tuple[tuple[str, ...], ...] = ((),)
    flaws: tuple[str, ...] = ()
    ranking: tuple[Ranked, ...] = ()


def stream(
    artifact: Artifact, request: AnyRequest, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Iterator[ComposedNote]:
    """Composes, yielding each note as soon as it is known; of one piece in the order of their onsets.

    Of several candidates that one is chosen whose first ``OPENING_BARS`` bars are taken for human with the highest
    probability, so that the first note waits for no more than these bars. Durations are as drawn, where :func:`compose`
    cuts a note whose key is struck again; and the first draft is the piece, where :func:`compose` rejects what has
    flaws.

    Raises:
        RequestError: the composer cannot do what is asked.
    """
    plan, ticks = make_plan(artifact, request), artifact.codec.ticks_per_step
    each = n_candidates(plan.request)

    def chosen() -> Iterator[QueuedPiece]:
        for index in range(request.count):
            conditions, candidates = conditions_of(artifact, plan, index), range(index * each, (index + 1) * each)
            yield QueuedPiece(_best_opening(artifact, conditions, candidates, procedures), conditions)

    for drawn in _draw(artifact, chosen(), procedures):
        if isinstance(drawn, DrawnNote):
            number, part, onset, duration, pitch, velocity = drawn
            yield ComposedNote(plan.piece_of(number), part, onset * ticks, duration * ticks, pitch, velocity)


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
    plan = make_plan(artifact, request)
    each = n_candidates(plan.request)
    wanted = range(request.count * each) if index is None else range(index * each, (index + 1) * each)
    found: dict[int, Composition] = {}
    candidates: defaultdict[int, list[Composition]] = defaultdict(list)
    for candidate in _when_whole(artifact, plan, wanted, procedures):
        own = candidates[candidate.index]
        own.append(candidate)
        if len(own) == each:
            own = sorted(candidates.pop(candidate.index), key=lambda one: one.candidate)
            found[candidate.index] = _original(_best(artifact, plan, own))
    return [found[piece] for piece in sorted(found)]


def compose_candidates(
    artifact: Artifact, request: AnyRequest, wanted: range, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Iterator[Composition]:
    """Composes candidates of a request, unranked; of ``best_of`` 4, the first four are those for the first piece.

    Raises:
        RequestError: the composer cannot do what is asked.
    """
    early: dict[int, Composition] = {}
    upcoming = iter(wanted)
    due = next(upcoming, None)
    for composition in _when_whole(artifact, make_plan(artifact, request), wanted, procedures):
        early[composition.candidate] = composition
        while due in early:
            yield early.pop(due)
            due = next(upcoming, None)


def compose_again(
    score: Score, artifact: Artifact | None = None, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Composition:
    """Composes again the piece whose request a score's text carries.

    Args:
        score: as read from a composed MIDI file.
        artifact: the composer; None finds it by its name.
        procedures: sampling procedures by name.

    Raises:
        RequestError: the score was not composed by Componium.
        ArtifactError: the composer is missing, or it or the code at hand is another one than composed the piece.
    """
    provenance = read_provenance(score)
    artifact = artifact or load_artifact(provenance.model)
    provenance.check(artifact)
    # Which one was best is known: nothing is ranked again.
    wanted = range(provenance.candidate, provenance.candidate + 1)
    return next(compose_candidates(artifact, provenance.request, wanted, procedures=procedures))


def _when_whole(
    artifact: Artifact, plan: AnyPlan, wanted: range, procedures: Mapping[str, Procedure]
) -> Iterator[Composition]:
    """Yields candidates of a request as they become whole, in any order; drafts with flaws are drawn anew."""
    # One piece is composed whatever is composed beside it: rows of a batch are independent.
    in_work: dict[int, _InWork] = {}

    def begun() -> Iterator[QueuedPiece]:
        conditions = None
        for candidate in wanted:
            piece = plan.piece_of(candidate)
            # Candidates for one piece come one after the other and have the same conditions.
            if conditions is None or piece != plan.piece_of(candidate - 1):
                conditions = conditions_of(artifact, plan, piece)
            in_work[candidate] = _InWork(conditions, [], [])
            yield QueuedPiece(candidate, conditions)

    queue = PieceQueue(begun())
    for drawn in _draw(artifact, queue, procedures):
        own = in_work[drawn.number]
        if isinstance(drawn, DrawnNote):
            own.notes.append(drawn)
            continue
        found = tuple(_flaws(artifact, own.conditions, drawn.number, own.notes))
        own.drafts.append(Draft(own.notes, found))
        if found and len(own.drafts) < artifact.profile.checks.most_drafts:
            in_work[drawn.number] = own._replace(notes=[])
            queue.give_back(QueuedPiece(drawn.number, own.conditions, len(own.drafts)))
        else:
            yield _composition(artifact, own.conditions, drawn.number, in_work.pop(drawn.number).drafts)


class _InWork(NamedTuple):
    """A candidate that is not whole yet: its conditions, the drafts before, the notes of the present one."""

    conditions: PieceConditions
    drafts: list[Draft]
    notes: list[DrawnNote]


def _best(artifact: Artifact, plan: AnyPlan, candidates: list[Composition]) -> Composition:
    """The best of the candidates for one piece."""
    first = candidates[0]
    if len(candidates) == 1:
        return first
    competing = [Candidate(own.candidate, own.score, own.flaws) for own in candidates]
    grid = artifact.codec.bar_grid(plan.meter)
    first_bar, end_bar = int(grid.locate(plan.first_step).bar), grid.count(plan.end_step)
    ranking = rank(artifact.discriminators, competing, first.style, first_bar, end_bar)
    return replace(candidates[ranking[0].number - first.candidate], ranking=ranking)


def _best_opening(
    artifact: Artifact, conditions: PieceConditions, candidates: range, procedures: Mapping[str, Procedure]
) -> int:
    """The candidate for a piece whose first bars are best; none of them is drawn further than these."""
    if len(candidates) == 1:
        return candidates[0]
    plan = conditions.plan
    grid = artifact.codec.bar_grid(plan.meter)
    first_bar = int(grid.locate(plan.first_step).bar)
    end_step = int(grid.start_of(first_bar + OPENING_BARS))
    openings: list[Candidate] = []
    for first in range(0, len(candidates), BATCH):
        drawn: dict[int, list[DrawnNote]] = {number: [] for number in candidates[first : first + BATCH]}
        unfinished = set(drawn)
        queue = iter([QueuedPiece(number, conditions) for number in drawn])
        for own in _draw(artifact, queue, procedures):
            if isinstance(own, PieceEnd) or own.onset >= end_step:
                unfinished.discard(own.number)
            else:
                drawn[own.number].append(own)
            if not unfinished:
                break
        openings += [
            Candidate(number, _composition(artifact, conditions, number, [Draft(notes, ())]).score)
            for number, notes in drawn.items()
        ]
    ranking = rank(artifact.discriminators, openings, plan.style_name, first_bar, first_bar + OPENING_BARS)
    return ranking[0].number


def _original(composition: Composition) -> Composition:
    """The piece, unless it is no original where one was asked for."""
    if COPIED in composition.flaws:
        n_drafts = len(composition.drafts) * n_candidates(composition.request)
        raise RequestError(f"none of {n_drafts} drafts is original; change the request or leave out {{original}}")
    return composition


def _flaws(artifact: Artifact, conditions: PieceConditions, candidate: int, notes: list[DrawnNote]) -> list[str]:
    """The flaws of a draft; between bars that stay only that it is copied."""
    found: list[str] = []
    if conditions.plan.request.original and notes:
        score = _composition(artifact, conditions, candidate, [Draft(notes, ())]).score
        if artifact.is_near_training(score):
            found.append(COPIED)
    if conditions.fixed.rows or isinstance(conditions.plan, InfillPlan):
        return found
    rows = [(note.part, note.onset, note.duration, note.pitch) for note in notes]
    return found + flaws(rows, artifact.codec, artifact.profile.checks, conditions)


def _draw(artifact: Artifact, queue: Queue, procedures: Mapping[str, Procedure]) -> Iterator[DrawnNote | PieceEnd]:
    name = artifact.manifest.procedure
    if name not in procedures:
        raise ArtifactError(f"{artifact.folder}: this Componium has no sampling procedure {name!r}")
    return procedures[name].draw(artifact, queue)


def _composition(artifact: Artifact, conditions: PieceConditions, candidate: int, drafts: list[Draft]) -> Composition:
    manifest, plan = artifact.manifest, conditions.plan
    piece = plan.piece_of(candidate)
    kept = min(drafts, key=lambda draft: gravity(draft.flaws))
    text = provenance_of(artifact, plan.request, piece, candidate).to_text()
    # It is titled by the files that it comes to be in.
    score = assembled(artifact, conditions, kept.notes, text, "")
    found = tuple(draft.flaws for draft in drafts)
    return Composition(
        score, manifest.name, artifact.digest, plan.request, piece, candidate, plan.style_name, conditions.key, found,
        kept.flaws,
    )  # fmt: skip
