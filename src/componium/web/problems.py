"""Errors as problem details (RFC 9457): what went wrong, and what to do about it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from componium.errors import (
    ArtifactError,
    ComponiumError,
    MissingExtraError,
    StoreError,
)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """What went wrong with a request.

    Attributes:
        status: of HTTP.
        detail: a sentence: what was wrong, where, and what to do.
        headers: of the answer.
    """

    status: int
    detail: str
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> str:
        """Returns the body of the answer."""
        title = HTTPStatus(self.status).phrase
        return json.dumps({"type": "about:blank", "title": title, "status": self.status, "detail": self.detail})

    def response(self) -> Response:
        """Returns the answer."""
        return Response(self.json(), self.status, self.headers, MEDIA_TYPE)


class StudioError(ComponiumError):
    """A request that the studio refuses, with the status that says why."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.headers = status, headers or {}


def problem_of(error: Exception) -> Problem:
    """Returns what is said of an error; of one that is nobody's fault but ours nothing of its inside."""
    if isinstance(error, StudioError):
        return Problem(error.status, str(error), error.headers)
    if isinstance(error, MissingExtraError):
        return Problem(501, missing(error))
    if isinstance(error, StoreError):
        return Problem(503, str(error), {"Retry-After": "5"})
    if isinstance(error, ArtifactError):
        return Problem(503, str(error))
    if isinstance(error, ComponiumError):
        return Problem(422, str(error))
    return Problem(500, "the server failed at this; its log says why")


def missing(error: MissingExtraError) -> str:
    """Returns what has to be installed, without the path of this machine's Python: strangers may read it."""
    return str(error).replace(sys.executable, "python") if sys.executable else str(error)


def add_handlers(app: FastAPI) -> None:
    """Has an application answer all errors as problems."""

    async def componium(_request: Request, error: Exception) -> Response:
        return problem_of(error).response()

    async def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
        return Problem(error.status_code, str(error.detail), dict(error.headers or {})).response()

    async def validation(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        return Problem(422, _sentence(error)).response()

    app.add_exception_handler(ComponiumError, componium)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)


def _sentence(error: RequestValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(own) for own in first["loc"][1:])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
