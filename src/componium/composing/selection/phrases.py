"""Chooses a piece phrase by phrase: of several ways in which each phrase may go on, the one that is likeliest human.

All alternatives of a phrase go on from the same place, the end of the phrase that was kept before. The best one is kept
(:mod:`componium.composing.selection.ranking`), the others are forgotten, and the next phrase goes on from it. So the
choice is as strong in a long piece as in a short one, where that among whole pieces would be by the mean of all their
phrases. A procedure whose pieces do not pause has whole pieces chosen.

Where a whole piece has flaws it is drawn anew, from its first phrase on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.composing.assembly import assembled
from componium.composing.conditions import PieceConditions, QueuedPiece
from componium.composing.plans import InfillPlan, n_candidates
from componium.composing.procedures import Drawn, DrawnNote, PiecePause, PieceQueue, Queue
from componium.composing.provenance import Path
from componium.composing.selection.checks import COPIED, flaws
from componium.composing.selection.ranking import Candidate, Ranked, rank
from componium.errors import RequestError

PHRASE_BARS = 8
LEAST_BARS = 4
"""What is shorter at the end of a piece belongs to the phrase before."""


class Draft(NamedTuple):
    """One draft of a piece.

    Attributes:
        notes: all of them.
        flaws: their names (:mod:`componium.composing.selection.checks`).
        path: the way to it.
        rankings: of each phrase the alternatives, best first; empty where there was nothing to choose.
    """

    notes: list[DrawnNote]
    flaws: tuple[str, ...]
    path: Path
    rankings: tuple[tuple[Ranked, ...], ...]


@dataclass
class _Alternative:
    """One way in which a phrase may go on."""

    notes: list[DrawnNote] = field(default_factory=list)
    is_drawn: bool = False
    # Where it goes on, if the piece has not ended.
    pause: PiecePause | None = None


class PieceInWork:
    """A piece while it is composed, phrase by phrase.

    Args:
        artifact: the composer.
        conditions: of the piece.
        index: of the piece in the request.
        most_drafts: that are drawn while the best one has flaws.
        path: the one way to be taken; None has the best alternatives chosen.

    Attributes:
        index: of the piece in the request.
        conditions: of the piece.
        drafts: those that are whole.
        is_done: whether no more are drawn.
    """

    def __init__(
        self, artifact: Artifact, conditions: PieceConditions, index: int, most_drafts: int, path: Path | None = None
    ) -> None:
        self.index, self.conditions = index, conditions
        self.drafts: list[Draft] = []
        self.is_done = False
        self._artifact, self._most_drafts, self._path = artifact, most_drafts, path
        plan = conditions.plan
        self._each = n_candidates(plan.request)
        grid = artifact.codec.bar_grid(plan.meter)
        first, self._end_bar = int(grid.locate(plan.first_step).bar), grid.count(plan.end_step)
        self._starts = phrase_starts(first, self._end_bar) if self._each > 1 else [first]
        self._pauses: list[int | None] = [*(int(grid.start_of(bar)) for bar in self._starts[1:]), None]
        self._begin_draft(0 if path is None else path.draft)

    def _begin_draft(self, draft: int) -> None:
        self._draft = draft
        self._notes: list[DrawnNote] = []
        self._choices: list[int] = []
        self._rankings: list[tuple[Ranked, ...]] = []
        self._begin_phrase(None)

    def _begin_phrase(self, resumed: object) -> None:
        phrase, first = len(self._choices), self.index * self._each
        if self._path is None:
            numbers = range(first, first + self._each)
        elif phrase < len(self._path.choices):
            numbers = range(first + self._path.choices[phrase], first + self._path.choices[phrase] + 1)
        else:
            raise RequestError("the request that the file carries is damaged (a choice is missing)")
        self._open = {number: _Alternative() for number in numbers}
        self._upcoming = [
            QueuedPiece(number, self.conditions, self._draft, phrase, self._pauses[phrase], resumed)
            for number in numbers
        ]

    def take_upcoming(self) -> list[QueuedPiece]:
        """Returns the alternatives that are to be drawn now and were not yet returned."""
        upcoming, self._upcoming = self._upcoming, []
        return upcoming

    def take(self, drawn: Drawn) -> Sequence[DrawnNote]:
        """Takes in what was drawn of an alternative; returns the notes of which it is known by it that they are kept.

        Raises:
            RequestError: there is no such path.
        """
        own = self._open[drawn.number]
        if isinstance(drawn, DrawnNote):
            own.notes.append(drawn)
            return [drawn] if len(self._open) == 1 else []
        own.is_drawn = True
        if isinstance(drawn, PiecePause):
            own.pause = drawn
        if not all(other.is_drawn for other in self._open.values()):
            return []
        return self._choose()

    def _choose(self) -> Sequence[DrawnNote]:
        """Keeps the best alternative of the phrase, and goes on from there."""
        found = {number: self._flaws(own) for number, own in self._open.items()}
        best, is_choice = next(iter(self._open)), len(self._open) > 1
        if is_choice:
            self._rankings.append(self._rank(found))
            best = self._rankings[-1][0].number
        kept = self._open[best]
        self._notes += kept.notes
        self._choices.append(best % self._each)
        if kept.pause is not None:
            self._begin_phrase(kept.pause.resumed)
        else:
            self._end_draft(found[best])
        return kept.notes if is_choice else []

    def _end_draft(self, found: tuple[str, ...]) -> None:
        path = Path(self._draft, tuple(self._choices))
        if self._path not in (None, path):
            raise RequestError("the request that the file carries is damaged (there is a choice too many)")
        self.drafts.append(Draft(self._notes, found, path, tuple(self._rankings)))
        if found and len(self.drafts) < self._most_drafts:
            self._begin_draft(self._draft + 1)
        else:
            self.is_done = True

    def _rank(self, found: dict[int, tuple[str, ...]]) -> tuple[Ranked, ...]:
        """The alternatives by what they have in the bars of the phrase; where all have ended, up to the end."""
        phrase, artifact = len(self._choices), self._artifact
        goes_on = any(own.pause for own in self._open.values())
        end_bar = self._starts[phrase + 1] if goes_on else self._end_bar
        candidates = [
            Candidate(number, assembled(artifact, self.conditions, [*self._notes, *own.notes], "", ""), found[number])
            for number, own in self._open.items()
        ]
        style = self.conditions.plan.style_name
        return rank(artifact.discriminators, candidates, style, self._starts[phrase], end_bar)

    def _flaws(self, own: _Alternative) -> tuple[str, ...]:
        """The flaws of the piece with an alternative that ends it; between bars that stay only that it is copied."""
        if own.pause is not None:
            return ()
        conditions, artifact, notes = self.conditions, self._artifact, [*self._notes, *own.notes]
        is_copied = (
            conditions.plan.request.original
            and bool(notes)
            and artifact.is_near_training(assembled(artifact, conditions, notes, "", ""))
        )
        found = (COPIED,) if is_copied else ()
        if conditions.fixed.rows or isinstance(conditions.plan, InfillPlan):
            return found
        rows = [(note.part, note.onset, note.duration, note.pitch) for note in notes]
        return (*found, *flaws(rows, artifact.codec, artifact.profile.checks, conditions))


def phrase_starts(first_bar: int, end_bar: int) -> list[int]:
    """Returns the first bar of each phrase of so many bars."""
    starts = list(range(first_bar, end_bar, PHRASE_BARS))
    if len(starts) > 1 and end_bar - starts[-1] < LEAST_BARS:
        starts.pop()
    return starts


def compose_pieces(
    pieces: Iterable[PieceInWork], draw: Callable[[Queue], Iterator[Drawn]]
) -> Iterator[DrawnNote | PieceInWork | None]:
    """Yields notes that are kept as soon as this is known, and pieces as they are done, in any order.

    It yields None after whatever else was drawn, so that a caller can turn to something else while candidates are drawn
    of which none is kept yet.

    Args:
        pieces: begun one after the other, when there is room.
        draw: yields what is drawn of the pieces of a queue.
    """
    owners: dict[int, PieceInWork] = {}

    def upcoming_of(piece: PieceInWork) -> Iterator[QueuedPiece]:
        for queued in piece.take_upcoming():
            owners[queued.number] = piece
            yield queued

    queue = PieceQueue(queued for piece in pieces for queued in upcoming_of(piece))
    for drawn in draw(queue):
        piece = owners[drawn.number]
        kept = piece.take(drawn)
        yield from kept or (None,)
        if isinstance(drawn, DrawnNote):
            continue
        del owners[drawn.number]
        for queued in upcoming_of(piece):
            queue.give_back(queued)
        if piece.is_done:
            yield piece
