"""The studio's pieces: begun, found by their address, stopped, kept in a store when they are whole."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from componium.artifacts import Artifact
from componium.composing.live import LiveComposition
from componium.composing.requests import AnyRequest, ComposeRequest
from componium.web.composers import Composers
from componium.web.problems import StudioError
from componium.web.settings import StudioSettings
from componium.web.work.pieces import PieceInWork, WholePiece
from componium.web.work.scheduler import Scheduler

_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ID_LENGTH = 12


class Studio:
    """The pieces of a server.

    Args:
        settings: of the server.
    """

    def __init__(self, settings: StudioSettings) -> None:
        self.settings = settings
        self.composers = Composers()
        self.pieces: dict[str, PieceInWork] = {}
        self._scheduler = Scheduler(settings.n_threads)
        self._begin = ThreadPoolExecutor(settings.n_threads, "componium-begin")

    def start(self) -> None:
        """Starts the threads that compose."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ends the threads that compose."""
        self._scheduler.stop()
        self._begin.shutdown(wait=False, cancel_futures=True)

    async def begin(self, request: AnyRequest, model: str | None) -> PieceInWork:
        """Begins a piece; returns it with its head.

        Raises:
            RequestError: the composer cannot do what is asked.
            StudioError: there is no such composer, or too many pieces are in work.
        """
        loop = asyncio.get_running_loop()
        artifact = await loop.run_in_executor(self._begin, self.composers.for_request, request, model)
        live = await loop.run_in_executor(self._begin, self._live, artifact, request)
        key = "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
        piece = PieceInWork(key, title_of(live), live, loop, self._keep)
        self.pieces[key] = piece
        self._scheduler.add(piece)
        return piece

    def find(self, key: str) -> PieceInWork:
        """Returns a piece by its address.

        Raises:
            StudioError: there is none.
        """
        if key not in self.pieces:
            raise StudioError(404, f"there is no piece {key!r}: it was never composed here, or it has gone")
        return self.pieces[key]

    def _live(self, artifact: Artifact, request: AnyRequest) -> LiveComposition:
        if request.best_of is None and isinstance(request, ComposeRequest):
            request = request.model_copy(update={"best_of": 1})
        return LiveComposition(artifact, request)

    def _keep(self, piece: PieceInWork, whole: WholePiece) -> None:
        pass


def title_of(live: LiveComposition) -> str:
    """Returns what a new piece is called: its style and its key."""
    style = live.head.style.replace("-", " ") or live.head.model.replace("-", " ")
    return f"{style[:1].upper()}{style[1:]}" + (f" in {live.head.key.name}" if live.head.key else "")
