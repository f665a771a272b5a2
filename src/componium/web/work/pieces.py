"""A piece while it is composed: its events, in the order in which they are told, and who follows them."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from componium.composing.live import LiveComposition, LiveNote, LivePedal
from componium.errors import ComponiumError
from componium.formats.midi import midi_bytes
from componium.score import duration_seconds
from componium.web.piece_json import Event, Json, Rows, end_event, head_json, note_rows, notes_event, pedal_rows
from componium.web.problems import problem_of

SLICE_SECONDS = 0.015
"""Of composing at a time: short enough that fifty pieces get their first notes within a second on two cores."""

TELLING_SECONDS = 0.1
"""Between two events of notes, but for the first: what is composed meanwhile is told together. Each event takes the
interpreter from the threads that compose."""

HEARTBEAT_SECONDS = 15.0
_AT_ONCE, _NOTHING_YET = -1e9, -1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WholePiece:
    """A piece that is done.

    Attributes:
        head: as the page reads it; shorter than that of before where the piece was stopped.
        notes, pedals: rows, in order.
        midi: the piece as a file.
        parts: the part of each of its tracks.
        remarks: what a listener should know, such as that it could not be stored.
    """

    head: dict[str, Json]
    notes: Rows
    pedals: Rows
    midi: bytes
    parts: tuple[int, ...]
    seconds: float
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
        self.key, self.title, self.digest = key, title, live.head.digest
        self.head = head_json(live.head, title)
        self.events: list[Event] = [Event("head", json.dumps({"id": key, "head": self.head}))]
        self.rows: Rows = []
        self.pedals: Rows = []
        self.whole: WholePiece | None = None
        self.is_over = False
        self.n_followers = 0
        self.begun = self.asked_for = time.monotonic()
        self.first_notes_after: float | None = None
        # Until the piece is over: it takes a megabyte.
        self._live: LiveComposition | None = live
        self._loop, self._keep = loop, keep
        self._changed = asyncio.Event()
        self._is_stopped = self._is_released = False
        self._first_onset, self._first_told, self._composed_to = 0, 0.0, 0
        self._plays_since = 0.0
        self._ticks_per_second = live.head.tempos[0].tempo_bpm * live.head.ticks_per_quarter / 60
        self._given: set[tuple[int, int, int]] = set()
        self._untold: list[LiveNote | LivePedal] = []
        self._told_at = 0.0

    # In the event loop.

    def stop(self) -> None:
        """Ends composing at the next turn; the piece is what is there by then."""
        self._is_stopped = True

    def release(self) -> None:
        """Ends the following of everybody; the piece goes on."""
        self._is_released = True
        self._changed.set()

    def idle_seconds(self) -> float:
        """Returns for how long nobody has followed the piece or asked for it."""
        return 0.0 if self.n_followers else time.monotonic() - self.asked_for

    async def follow(
        self, first: int = 0, heartbeat: float = HEARTBEAT_SECONDS
    ) -> AsyncGenerator[tuple[int, Event | None]]:
        """Yields the events from a number on, each with its number, until the last one; None to show that it lives."""
        self.n_followers += 1
        try:
            while True:
                changed = self._changed
                while first < len(self.events):
                    yield first, self.events[first]
                    first += 1
                if self.is_over or self._is_released:
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
        """Returns the seconds of music that are ready; less than none before the first notes.

        The listener plays from the first notes on, and waits where there are no more: however late a piece is, it is
        no later than others that have nothing left to play, and first notes come before all.
        """
        if self._is_stopped:
            return _AT_ONCE
        if not self._first_told:
            return _NOTHING_YET
        ready = (self._composed_to - self._first_onset) / self._ticks_per_second - (now - self._plays_since)
        if ready < 0:
            self._plays_since -= ready
        return max(ready, 0.0)

    def turn(self) -> bool:
        """Composes a slice and tells it; returns whether there is more to compose."""
        live = self._live
        if live is None:
            return False
        try:
            if not self._is_stopped:
                self._tell(live, live.advance(SLICE_SECONDS))
            elif not live.is_over:
                # What a prompt keeps comes with the first slice: without it there would be nothing of the piece.
                fresh = [] if self._first_told else live.advance(0.0)
                live.close()
                self._tell(live, fresh)
            if not live.is_over:
                return True
            self._finish(live)
        except ComponiumError as error:
            self._fail(error)
        except Exception as error:  # the listener must hear of it
            _log.exception("composing failed", extra={"piece": self.key})
            self._fail(error)
        self._live = None
        return False

    def _tell(self, live: LiveComposition, fresh: list[LiveNote | LivePedal]) -> None:
        """Tells what is new, unless something was told a moment ago."""
        self._untold += fresh
        self._composed_to = live.composed_to
        now = time.monotonic()
        if not live.is_over and now - self._told_at < TELLING_SECONDS:
            return
        fresh, self._untold = self._untold, []
        notes = [[*note[:5], int(note.is_given)] for note in fresh if isinstance(note, LiveNote)]
        pedals = [[*pedal] for pedal in fresh if isinstance(pedal, LivePedal)]
        if not notes and not pedals:
            return
        self._told_at = now
        if notes and not self._first_told:
            self._first_onset, self._first_told = min(note[1] for note in notes), now
            self._plays_since = now
            self.first_notes_after = self._first_told - self.begun
        self._given.update((note[0], note[1], note[3]) for note in notes if note[5])
        event = notes_event(notes, pedals, live.composed_to)
        self._in_loop(lambda: self._add(notes, pedals, event))

    def _add(self, notes: Rows, pedals: Rows, event: Event) -> None:
        self.rows += notes
        self.pedals += pedals
        self._append(event)

    def _finish(self, live: LiveComposition) -> None:
        whole, cuts = self._made_whole(live), live.cuts
        self._keep(self, whole)
        end = end_event(whole.head, len(whole.notes), cuts, whole.flaws, whole.remarks, is_stopped=whole.is_stopped)
        self._in_loop(lambda: self._end(whole, end))

    def _made_whole(self, live: LiveComposition) -> WholePiece:
        composition, parts = live.composition, live.parts_of_tracks
        score = composition.score
        notes = note_rows(score, parts)
        for row in notes:
            row[5] = int((row[0], row[1], row[3]) in self._given)
        return WholePiece(
            head_json(live.head, self.title),
            notes,
            pedal_rows(score, parts),
            midi_bytes(score),
            parts,
            duration_seconds(score),
            composition.flaws,
            self._is_stopped,
        )

    def _end(self, whole: WholePiece, event: Event) -> None:
        self.whole, self.head = whole, whole.head
        self.rows, self.pedals = [], []
        self._append(event)

    def _fail(self, error: Exception) -> None:
        problem = problem_of(error)
        self._in_loop(lambda: self._append(Event("failed", problem.json())))

    def _in_loop(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the server has ended meanwhile, and its loop is closed
            self._is_stopped = True
