"""Composing, whatever the composer: a request goes in, notes or whole pieces come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from componium.artifacts import Artifact, load_artifact
from componium.composing.assembly import assembled
from componium.composing.conditions import conditions_of
from componium.composing.plans import make_plan, n_candidates
from componium.composing.procedures import PROCEDURES, Drawn, DrawnNote, Procedure, Queue
from componium.composing.provenance import Path, provenance_of, read_provenance
from componium.composing.requests import AnyRequest
from componium.composing.selection.checks import COPIED, gravity
from componium.composing.selection.phrases import PieceInWork, compose_pieces
from componium.composing.selection.ranking import Ranked
from componium.errors import ArtifactError, RequestError
from componium.score import Key, Score


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


@dataclass(frozen=True, eq=False)
class Composition:
    """A composed piece, with what it takes to compose it anew.

    Attributes:
        index: of the piece in the request.
        path: which draft the piece is, and which candidate for each of its phrases was kept.
        style: empty of a composer that knows none.
        key: asked for or drawn; None where there is none.
        drafts: the flaws of every draft that was drawn for it; only the last one can have none. Composed again from its
            file, the one draft that it is.
        flaws: those of the piece, which is the least flawed draft.
        rankings: the candidates for each phrase, best first; empty where there was nothing to choose.
    """

    score: Score
    model: str
    digest: str
    request: AnyRequest
    index: int
    path: Path
    style: str = ""
    key: Key | None = None
    drafts: tuple[tuple[str, ...], ...] = ((),)
    flaws: tuple[str, ...] = ()
    rankings: tuple[tuple[Ranked, ...], ...] = ()


def stream(
    artifact: Artifact, request: AnyRequest, *, procedures: Mapping[str, Procedure] = PROCEDURES
) -> Iterator[ComposedNote]:
    """Composes, yielding each note as soon as it is known; of one piece in the order of their onsets.

    Where there are several candidates for each phrase, its notes are known when the best one is chosen: the first note
    waits for one phrase. Durations are as drawn, where :func:`compose` cuts a note whose key is struck again; and the
    first draft is the piece, where :func:`compose` rejects what has flaws.

    Raises:
        RequestError: the composer cannot do what is asked.
    """
    plan, ticks = make_plan(artifact, request), artifact.codec.ticks_per_step
    pieces = (PieceInWork(artifact, conditions_of(artifact, plan, index), index, 1) for index in range(request.count))
    for kept in draw_pieces(artifact, pieces, procedures):
        if isinstance(kept, DrawnNote):
            number, part, onset, duration, pitch, velocity = kept
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
    plan, most_drafts = make_plan(artifact, request), artifact.profile.checks.most_drafts
    wanted = range(request.count) if index is None else (index,)
    pieces = (PieceInWork(artifact, conditions_of(artifact, plan, own), own, most_drafts) for own in wanted)
    found = {
        piece.index: _original(composition_of(artifact, piece))
        for piece in draw_pieces(artifact, pieces, procedures)
        if isinstance(piece, PieceInWork)
    }
    return [found[own] for own in wanted]


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
    plan, index = make_plan(artifact, provenance.request), provenance.index
    # Which draft and candidates were best is known: nothing is ranked again.
    piece = PieceInWork(artifact, conditions_of(artifact, plan, index), index, 1, provenance.path)
    for _ in draw_pieces(artifact, [piece], procedures):
        pass
    return composition_of(artifact, piece)


def draw_pieces(
    artifact: Artifact, pieces: Iterable[PieceInWork], procedures: Mapping[str, Procedure]
) -> Iterator[DrawnNote | PieceInWork | None]:
    """Yields notes as soon as it is known that they are kept, pieces as they are done, and None in between.

    Raises:
        ArtifactError: the artifact names a sampling procedure that there is not.
    """
    name = artifact.manifest.procedure
    if name not in procedures:
        raise ArtifactError(f"{artifact.folder}: this Componium has no sampling procedure {name!r}")

    def draw(queue: Queue) -> Iterator[Drawn]:
        return procedures[name].draw(artifact, queue)

    return compose_pieces(pieces, draw)


def _original(composition: Composition) -> Composition:
    """The piece, unless it is no original where one was asked for."""
    if COPIED in composition.flaws:
        n_drafts = len(composition.drafts) * n_candidates(composition.request)
        raise RequestError(f"none of {n_drafts} drafts is original; change the request or leave out {{original}}")
    return composition


def composition_of(artifact: Artifact, piece: PieceInWork) -> Composition:
    """Returns a piece that is done: the least flawed of its drafts."""
    manifest, conditions = artifact.manifest, piece.conditions
    request = conditions.plan.request
    kept = min(piece.drafts, key=lambda draft: gravity(draft.flaws))
    text = provenance_of(artifact, request, piece.index, kept.path).to_text()
    # It is titled by the files that it comes to be in.
    score = assembled(artifact, conditions, kept.notes, text, "")
    found = tuple(draft.flaws for draft in piece.drafts)
    return Composition(
        score, manifest.name, artifact.digest, request, piece.index, kept.path, conditions.plan.told_style,
        conditions.key, found, kept.flaws, kept.rankings,
    )  # fmt: skip
