"""Counts and logs what is asked, with what status and how fast it was answered; answers what nobody else did."""

from __future__ import annotations

import asyncio
import logging
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from componium.web.operation.measures import Measures
from componium.web.problems import Problem, problem_of

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"})
_log = logging.getLogger("componium.web.access")


class AccountGuard:
    """Measures the time until the head of each answer; an error that is nobody's but ours is logged and answered.

    Args:
        app: what answers.
        measures: where it is counted.
    """

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, is_answered = time.perf_counter(), False
        # Anybody may invent methods; each would be counted for as long as the server lives.
        method = scope["method"] if scope["method"] in _METHODS else "other"

        async def measured(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                seconds, status = time.perf_counter() - begun, str(message["status"])
                self._measures.answered.labels(method, status).observe(seconds)
                about = {
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round(seconds * 1e3, 1),
                }
                _log.info("answered", extra=about)
            await send(message)

        try:
            await self._app(scope, receive, measured)
        except asyncio.CancelledError:
            # The server ends, and waits no longer; nobody is above this guard who would have to know.
            if is_answered:
                raise
            await Problem(503, "the studio is ending; ask again when it is back").response()(scope, receive, measured)
        except ClientDisconnect:
            _log.info("left before all was said", extra={"method": scope["method"], "path": scope["path"]})
        except Exception as error:
            _log.exception("unexpected error", extra={"method": scope["method"], "path": scope["path"]})
            if is_answered:
                raise
            await problem_of(error).response()(scope, receive, measured)
