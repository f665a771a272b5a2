"""Refuses what is too large while it comes, before it fills the memory."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from componium.web.problems import Problem, StudioError


class BodyGuard:
    """Ends requests whose bodies exceed a limit.

    Args:
        app: what answers.
        most_bytes: of a body.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app, self._most = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > self._most:
            problem = Problem(413, self._detail()) if announced.isdecimal() else Problem(400, "its length is no number")
            await problem.response()(scope, receive, send)
            return
        so_far = 0

        async def counted() -> Message:
            nonlocal so_far
            message = await receive()
            so_far += len(message.get("body", b""))
            if so_far > self._most:
                # The application answers it as any error of the user.
                raise StudioError(413, self._detail())
            return message

        await self._app(scope, counted, send)

    def _detail(self) -> str:
        return f"it is larger than the limit of {self._most / 1e6:g} MB; give a smaller file"
