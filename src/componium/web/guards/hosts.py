"""Refuses requests that another site has a browser make.

A browser may be led here by a name that its owner turned to this machine (DNS rebinding): such a name is none of those
by which the studio may be called. Addresses in numbers are nobody's names and pass. And a page of another origin may
send requests: its origin is another host than the one that the request is for.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from componium.web.problems import Problem

OWN_NAMES = frozenset({"localhost"})
ANY = "*"


class HostGuard:
    """Passes requests for names that are known, and from pages of the same origin.

    Args:
        app: what is guarded.
        names: by which the studio may be called, besides ``localhost`` and numbers; ``*``: any.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...]) -> None:
        self._app = app
        self._names = OWN_NAMES | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        problem = self._problem(Headers(scope=scope)) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            await problem.response()(scope, receive, send)

    def _problem(self, headers: Headers) -> Problem | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_known(f"http://{host}"):
            detail = "the studio is not known by this name; start it with --name to call it by one"
            return Problem(421, detail)
        if origin is not None and not self._is_own(origin, host):
            return Problem(403, "pages of other origins may not use this studio")
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return Problem(403, "pages of other sites may not use this studio")
        return None

    def _is_own(self, origin: str, host: str) -> bool:
        # A proxy may have changed the host, but not the names that it is known by.
        parts = _parts(origin)
        if parts is None or not parts.netloc:
            return False
        return parts.netloc.lower() == host.lower() or parts.hostname in self._names - OWN_NAMES

    def _is_known(self, url: str) -> bool:
        parts = _parts(url)
        hostname = parts.hostname if parts else None
        if hostname is None:
            return False
        return ANY in self._names or hostname in self._names or _is_number(hostname)


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_number(hostname: str) -> bool:
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return False
    return True
