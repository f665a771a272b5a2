"""Serves under a path prefix, whether or not a proxy took it away from the path."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class PrefixGuard:
    """Tells the application which part of a path is the prefix.

    Args:
        app: what answers.
        prefix: such as ``/studio``; empty: none.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if self._prefix and scope["type"] == "http":
            path: str = scope["path"]
            has_prefix = path == self._prefix or path.startswith(f"{self._prefix}/")
            scope = {**scope, "root_path": self._prefix, "path": path if has_prefix else self._prefix + path}
        await self._app(scope, receive, send)
