"""The studio's pieces: begun, found by their address, stopped; stored when they are whole; forgotten in time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from componium.composing.live import LiveComposition
from componium.composing.requests import AnyRequest, ComposeRequest
from componium.errors import ComponiumError, StoreError
from componium.store import StoredPiece, StoredPieces
from componium.web.composers import Composers
from componium.web.operation.measures import Measures
from componium.web.problems import StudioError
from componium.web.settings import StudioSettings
from componium.web.work.load import Load, candidates
from componium.web.work.pieces import PieceInWork, WholePiece
from componium.web.work.scheduler import ENOUGH, Scheduler

ABANDONED_SECONDS = 15.0
"""After which a piece that nobody follows is stopped; a page that lost its connection comes back sooner."""

FORGOTTEN_SECONDS = 60.0
"""After which a piece that is stored and that nobody follows leaves the memory."""

MOST_UNSTORED = 100
"""Pieces that stay in the memory because they could not be stored; then the oldest go."""

_ID_LETTERS, _ID_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 12
LOOK_SECONDS, _CLEAN_SECONDS = 2.0, 3600.0
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Studio:
    """The pieces of a server.

    Args:
        settings: of the server.
        composers: at hand.
        stored: where whole pieces go.
        measures: what is counted.
    """

    def __init__(
        self, settings: StudioSettings, composers: Composers, stored: StoredPieces, measures: Measures
    ) -> None:
        self._settings, self._composers, self._stored, self._measures = settings, composers, stored, measures
        self._pieces: dict[str, PieceInWork] = {}
        self._unstored: set[str] = set()
        self._n_beginning = 0
        self._scheduler = Scheduler(settings.n_threads)
        self._looking: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the threads that compose."""
        self._scheduler.start()
        # The first to ask need not wait until graphs and tables are read.
        self._warming = asyncio.create_task(self._first(self._warm_up))
        self._looking = asyncio.create_task(self._look_after())

    async def stop(self) -> None:
        """Ends the threads that compose."""
        for task in (self._looking, self._warming):
            if task is not None:
                task.cancel()
        await asyncio.to_thread(self._scheduler.stop)

    def release(self) -> None:
        """Ends all events at once, so that the server need not wait for those who follow them."""
        for piece in self._pieces.values():
            piece.release()

    @property
    def n_in_work(self) -> int:
        """Pieces that are being composed."""
        return self._n_beginning + sum(not piece.is_over for piece in self._pieces.values())

    async def begin(self, request: AnyRequest, model: str | None, within: float) -> PieceInWork:
        """Begins a piece; returns it with its head.

        Args:
            request: what is composed; of a new piece the number of candidates may be open.
            model: name of a composer; None: the one at hand that fits best.
            within: seconds within which the first notes should come.

        Raises:
            RequestError: the composer cannot do what is asked.
            StudioError: there is no such composer, or too many pieces are in work.
        """
        if request.count > 1:
            raise StudioError(422, "count: the studio composes one piece for a request; ask again for the next")
        if self.n_in_work >= self._settings.most_pieces:
            self._measures.refused.inc()
            raise StudioError(503, "too many pieces are being composed; try again in a moment", {"Retry-After": "3"})
        now, load = time.monotonic(), self._load()
        self._n_beginning += 1
        try:
            live = await self._first(lambda: self._live(request, model, candidates(within, load)))
        finally:
            self._n_beginning -= 1
        key = new_key()
        piece = PieceInWork(key, title_of(live), live, asyncio.get_running_loop(), self._keep)
        piece.begun = now
        self._pieces[key] = piece
        self._scheduler.add(piece)
        return piece

    def in_memory(self, key: str) -> PieceInWork | None:
        """Returns a piece that is in work, or has not left the memory since."""
        piece = self._pieces.get(key)
        if piece is not None:
            piece.asked_for = time.monotonic()
        return piece

    async def find(self, key: str) -> PieceInWork | StoredPiece:
        """Returns a piece by its address.

        Raises:
            StudioError: there is none.
        """
        found = self.in_memory(key) or await asyncio.to_thread(self._stored.get, key)
        if found is None:
            raise StudioError(404, f"there is no piece {key!r}: it was never composed here, or nobody kept it")
        return found

    def forget(self, key: str) -> None:
        """Has what is stored of a piece count from now on, its title above all."""
        piece = self._pieces.get(key)
        if piece is not None and piece.is_over and key not in self._unstored:
            del self._pieces[key]

    async def store(self, key: str) -> None:
        """Waits until a piece in work is whole; stores it once more where that failed before.

        Raises:
            StoreError: it fails again.
        """
        piece = self.in_memory(key)
        if piece is None:
            return
        await piece.wait()
        if piece.whole is not None and key in self._unstored:
            await asyncio.to_thread(self._stored.add, stored_of(piece, piece.whole))
            self._unstored.discard(key)

    async def _first(self, call: Callable[[], _T]) -> _T:
        """Runs a function in a thread that composes, before all pieces."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()
        self._scheduler.add(_Call(call, loop, answer))
        return await answer

    def _load(self) -> Load:
        now = time.monotonic()
        busy = sum(not piece.is_over and piece.ahead(now) < ENOUGH for piece in self._pieces.values())
        return Load(busy + self._n_beginning, self._settings.n_threads)

    # In a thread that composes.

    def _warm_up(self) -> None:
        try:
            live = self._live(ComposeRequest(bars=1), None, 1)
            while not live.is_over:
                live.advance(1.0)
        except ComponiumError as error:
            _log.warning("no music yet: %s", error)

    def _live(self, request: AnyRequest, model: str | None, number: int) -> LiveComposition:
        artifact = self._composers.for_request(request, model)
        return LiveComposition(artifact, request, most_candidates=number)

    def _keep(self, piece: PieceInWork, whole: WholePiece) -> None:
        """Stores a piece; where that fails, it stays in the memory and says so."""
        self._measures.composed.inc()
        if piece.first_notes_after is not None:
            self._measures.first_notes.observe(piece.first_notes_after)
        if not whole.notes:
            return
        try:
            self._stored.add(stored_of(piece, whole))
        except StoreError as error:
            _log.error("a piece was not stored: %s", error, extra={"piece": piece.key})
            self._measures.unstored.inc()
            self._unstored.add(piece.key)
            whole.remarks.append(f"It can be heard, but was not stored, and will be lost: {error}")

    # In the event loop.

    async def _look_after(self) -> None:
        """Stops pieces that nobody follows, forgets those that are stored, and cleans the database, again and again."""
        cleaned = -_CLEAN_SECONDS
        while True:
            for key, piece in list(self._pieces.items()):
                if not piece.is_over and piece.idle_seconds() > ABANDONED_SECONDS:
                    piece.stop()
                elif piece.is_over and piece.idle_seconds() > FORGOTTEN_SECONDS and key not in self._unstored:
                    del self._pieces[key]
            for key in [own for own in self._pieces if own in self._unstored][:-MOST_UNSTORED]:
                del self._pieces[key]
                self._unstored.discard(key)
            if time.monotonic() - cleaned > _CLEAN_SECONDS:
                cleaned = time.monotonic()
                await asyncio.to_thread(self._clean)
            await asyncio.sleep(LOOK_SECONDS)

    def _clean(self) -> None:
        try:
            self._stored.clean(self._settings.stored_days, self._settings.most_stored_bytes)
        except StoreError as error:
            _log.error("old pieces were not removed: %s", error)


class _Call:
    """A function that is run in one turn, before all pieces.

    Args:
        call: the function.
        loop: of the future.
        answer: gets what it returns or raises.
    """

    def __init__(self, call: Callable[[], _T], loop: asyncio.AbstractEventLoop, answer: asyncio.Future[_T]) -> None:
        self._call, self._loop, self._answer = call, loop, answer

    def ahead(self, now: float) -> float:  # noqa: ARG002 - as of all work
        """Returns less than any piece does."""
        return -1e12

    def turn(self) -> bool:
        """Runs the function."""
        try:
            value = self._call()
        except Exception as error:  # whoever waits gets it
            self._tell(lambda failed=error: self._answer.set_exception(failed))
        else:
            self._tell(lambda: self._answer.set_result(value))
        return False

    def _tell(self, set_answer: Callable[[], None]) -> None:
        def unless_gone() -> None:
            if not self._answer.done():
                set_answer()

        with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
            self._loop.call_soon_threadsafe(unless_gone)


def new_key() -> str:
    """Returns an address that nobody guesses, of letters that nobody takes for others."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def title_of(live: LiveComposition) -> str:
    """Returns what a new piece is called: its style and its key."""
    style = (live.head.style or live.head.model).replace("-", " ")
    return f"{style[:1].upper()}{style[1:]}" + (f" in {live.head.key.name}" if live.head.key else "")


def stored_of(piece: PieceInWork, whole: WholePiece) -> StoredPiece:
    """Returns a whole piece as it is stored."""
    given = bytes(row[5] for row in whole.notes)
    return StoredPiece(
        id=piece.key,
        title=piece.title,
        model=str(piece.head["model"]),
        digest=piece.digest,
        style=str(piece.head["style"]),
        # Without the prompt: the text of the file has it.
        request=json.dumps(piece.head["request"]),
        head=json.dumps(whole.head),
        seconds=whole.seconds,
        midi=whole.midi,
        parts=json.dumps(whole.parts),
        given=given if any(given) else b"",
    )
