"""What OpenAPI says beyond the routes: the requests as composers take them, and problems for all errors."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from componium.composing.requests import Request
from componium.web.answers import ProblemAnswer
from componium.web.problems import MEDIA_TYPE

_REFERENCE = "#/components/schemas/{model}"
_EXAMPLES = [
    {"task": "compose"},
    {
        "task": "compose",
        "style": "folk",
        "key": "D dorian",
        "bars": 16,
        "parts": ["flute", "acoustic guitar"],
        "seed": 7,
    },
    {"task": "infill", "prompt": "TVRoZA...", "first_bar": 5, "last_bar": 8, "tracks": [2], "density": "high"},
]


def add_schema(app: FastAPI) -> None:
    """Has an application describe itself."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi


def _described(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    requests = TypeAdapter(Request).json_schema(ref_template=_REFERENCE)
    schemas.update(requests.pop("$defs"))
    schemas["Request"] = requests | {"examples": _EXAMPLES}
    schemas["Problem"] = ProblemAnswer.model_json_schema(ref_template=_REFERENCE)
    problem = {
        "description": "A problem.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in found["paths"].values():
        for operation in path.values():
            # FastAPI's own account of validation errors is not what is answered.
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return found
