"""A piece while it is composed: its events, in the order in which they are told, and who follows them."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from componium.composing.live import LiveComposition, LiveNote, LivePedal
from componium.errors import ComponiumError
from componium.score import Score
from componium.web.piece_json import Json, Rows, head_json, note_rows, parts_of_tracks, pedal_rows
from componium.web.problems import problem_of

SLICE_SECONDS = 0.015
"""Of composing at a time: short enough for fifty pieces to get their first notes within a second on two cores."""

_log = logging.getLogger(__name__)


class Event(NamedTuple):
    """What is told of a piece: ``head``, ``notes``, ``end`` or ``failed``, and JSON."""

    kind: str
    data: str


@dataclass(frozen=True)
class WholePiece:
    """A piece that is done: its music, its notes as the page reads them, and what is to be said of it."""

    score: Score
    notes: Rows
    pedals: Rows
    flaws: tuple[str, ...]
    is_stopped: bool
    remarks: list[str] = field(default_factory=list)


class PieceInWork:
    """A piece that is composed in turns, by any thread, and followed in the event loop.

    Args:
        key: its address.
        title: until somebody gives it another one.
        live: what composes it.
        loop: in which it is followed.
        keep: is called in the thread that composed when the piece is whole; it may add remarks.
    """

    def __init__(
        self,
        key: str,
        title: str,
        live: LiveComposition,
        loop: asyncio.AbstractEventLoop,
        keep: Callable[[PieceInWork, WholePiece], None],
    ) -> None:
        self.key, self.title, self.head = key, title, live.head
        self.head_json = head_json(live.head, title)
        self.events: list[Event] = []
        self.rows: Rows = []
        self.pedals: Rows = []
        self.whole: WholePiece | None = None
        self.is_over = False
        self.n_followers = 0
        self.begun, self.asked_for = time.monotonic(), time.monotonic()
        self.first_notes_after: float | None = None
        self._live, self._loop, self._keep = live, loop, keep
        self._changed = asyncio.Event()
        self._is_stopped = False
        self._first_onset, self._first_told = 0, 0.0
        self._playing: set[int] = set()
        self._given: set[tuple[int, int, int]] = set()
        self._append(Event("head", json.dumps({"id": key, "head": self.head_json})))

    # In the event loop.

    def stop(self) -> None:
        """Ends composing at the next turn; the piece is what is there by then."""
        self._is_stopped = True

    async def follow(self, first: int = 0, heartbeat: float = 15.0) -> AsyncIterator[tuple[int, Event | None]]:
        """Yields the events from a number on, each with its number, until the last one; None to show that it lives."""
        self.n_followers += 1
        try:
            while True:
                changed = self._changed
                while first < len(self.events):
                    yield first, self.events[first]
                    first += 1
                if self.is_over and first >= len(self.events):
                    return
                try:
                    await asyncio.wait_for(changed.wait(), heartbeat)
                except TimeoutError:
                    yield first, None
        finally:
            self.n_followers -= 1
            self.asked_for = time.monotonic()

    async def wait(self) -> None:
        """Waits until the piece is whole or has failed."""
        async for _ in self.follow(len(self.events)):
            pass

    def _append(self, event: Event) -> None:
        self.events.append(event)
        self.is_over = event.kind in ("end", "failed")
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    # In the thread that composes.

    def ahead(self, now: float) -> float:
        """Returns the seconds of music that are ready; the listener has heard all since the first notes were told."""
        if self._is_stopped:
            return -1e9
        if not self._first_told:
            return 0.0
        return self._seconds(self._live.composed_to - self._first_onset) - (now - self._first_told)

    def turn(self) -> bool:
        """Composes a slice and tells it; returns whether there is more to compose."""
        try:
            fresh = [] if self._is_stopped else self._live.advance(SLICE_SECONDS)
            if self._is_stopped and not self._live.is_over:
                self._live.close()
            self._tell(fresh)
            if not self._live.is_over:
                return True
            self._finish()
        except ComponiumError as error:
            self._fail(error)
        except Exception as error:  # the listener must hear of it
            _log.exception("composing failed", extra={"piece": self.key})
            self._fail(error)
        return False

    def _tell(self, fresh: list[LiveNote | LivePedal]) -> None:
        notes = [[*note[:5], int(note.is_given)] for note in fresh if isinstance(note, LiveNote)]
        pedals = [list(pedal) for pedal in fresh if isinstance(pedal, LivePedal)]
        if not notes and not pedals:
            return
        if notes and not self._first_told:
            now = time.monotonic()
            self._first_onset, self._first_told = min(note[1] for note in notes), now
            self.first_notes_after = now - self.begun
        self._playing.update(note[0] for note in notes)
        self._given.update((note[0], note[1], note[3]) for note in notes if note[5])
        told = {"notes": notes, "pedals": pedals, "composed_to": self._live.composed_to}
        event = Event("notes", json.dumps(told, separators=(",", ":")))
        self._in_loop(lambda: self._add(notes, pedals, event))

    def _add(self, notes: Rows, pedals: Rows, event: Event) -> None:
        self.rows += notes
        self.pedals += pedals
        self._append(event)

    def _finish(self) -> None:
        composition = self._live.composition
        whole = self._whole(composition.score, composition.flaws)
        self._keep(self, whole)
        end: dict[str, Json] = {
            "n_notes": len(whole.notes),
            "cuts": [list(cut) for cut in self._live.cuts],
            "flaws": list(whole.flaws),
            "is_stopped": whole.is_stopped,
            "remarks": list(whole.remarks),
        }
        self._in_loop(lambda: self._end(whole, Event("end", json.dumps(end))))

    def _whole(self, score: Score, flaws: tuple[str, ...]) -> WholePiece:
        parts = parts_of_tracks(len(self.head.parts), score, self._playing)
        notes = note_rows(score, parts)
        for row in notes:
            row[5] = int((row[0], row[1], row[3]) in self._given)
        return WholePiece(score, notes, pedal_rows(score, parts), flaws, self._is_stopped)

    def _end(self, whole: WholePiece, event: Event) -> None:
        self.whole = whole
        self._append(event)

    def _fail(self, error: Exception) -> None:
        problem = problem_of(error)
        self._in_loop(lambda: self._append(Event("failed", problem.json())))

    def _in_loop(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the server has ended meanwhile
            self._is_stopped = True

    def _seconds(self, ticks: int) -> float:
        """Of the music from its start, at the tempo that it begins with."""
        return ticks * 60 / (self.head.tempos[0].tempo_bpm * self.head.ticks_per_quarter)
