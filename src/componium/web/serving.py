"""Serves the studio: finds a port, says where it is, opens the browser, ends at once."""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from types import FrameType

import uvicorn
from fastapi import FastAPI

from componium.errors import ComponiumError
from componium.web.app import make_app
from componium.web.operation.logs import set_up_logs
from componium.web.settings import StudioSettings

USUAL_PORT = 8765
_MOST_TRIED = 50


class ServingError(ComponiumError):
    """An address that the server cannot have."""


@dataclass(frozen=True)
class Address:
    """Where the studio listens.

    Attributes:
        host: name or number of an interface of this machine.
        port: None: the usual one, or the next that is free.
    """

    host: str = "127.0.0.1"
    port: int | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def serve(
    settings: StudioSettings,
    address: Address,
    say: Callable[[str], None],
    *,
    opens_browser: bool = True,
    log_level: str = "warning",
) -> None:
    """Serves the studio until it is interrupted.

    Args:
        settings: of the studio.
        address: where it listens.
        say: prints a line for the user.
        opens_browser: at the page.
        log_level: from which on lines of JSON go to standard error.

    Raises:
        ServingError: the port is taken, or there is no such host.
        StoreError: the database cannot be opened.
    """
    set_up_logs(log_level)
    listening = listen(address)
    app = make_app(settings)
    port = listening.getsockname()[1]
    host = "localhost" if address.is_local else address.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}{settings.prefix}/"

    def begun() -> None:
        say(f"The studio is at {url}  (Ctrl-C ends it)")
        if opens_browser:
            # A browser in a terminal would not return.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        # Longer than clients and proxies keep theirs: a request must not meet a connection that is just being closed.
        timeout_keep_alive=75,
    )
    server = _Server(config, app, begun)
    # Raised after the server has ended, but not where whoever started it ignores the key.
    with closing(listening), suppress(KeyboardInterrupt):
        server.run([listening])
    if server.started:
        say("The studio has ended.")


def listen(address: Address) -> socket.socket:
    """Returns a socket that listens at an address.

    Raises:
        ServingError: the port is taken, or there is no such host.
    """
    first = USUAL_PORT if address.port is None else address.port
    for port in range(first, first + (_MOST_TRIED if address.port is None else 1)):
        try:
            return _listening(address.host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ServingError(f"cannot listen at {address.host}, port {port}: {error.strerror}") from error
    if address.port is None:
        raise ServingError(f"the ports {first} to {first + _MOST_TRIED - 1} are taken: name a free one with --port")
    raise ServingError(f"port {first} is taken by another program: name another with --port, or none for a free one")


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    own = socket.socket(family, kind, protocol)
    try:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.bind(where)
        own.listen(128)
    except OSError:
        own.close()
        raise
    return own


class _Server(uvicorn.Server):
    """A server that says when it has begun, and ends without waiting for those who follow pieces."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._app, self._begun = app, begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._begun()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.services.studio.release()
        super().handle_exit(sig, frame)
