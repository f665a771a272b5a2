"""Scores as arrays for models, one file a representation."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from componium.errors import RepresentationError
from componium.representations.notes import NotesConfig, NotesRepresentation
from componium.representations.representation import Representation

# name -> (its configuration, its maker)
REPRESENTATIONS = {"notes": (NotesConfig, NotesRepresentation)}

__all__ = ["REPRESENTATIONS", "Representation", "representation_of"]


def representation_of(spec: dict[str, Any]) -> NotesRepresentation:
    """Rebuilds a representation from its ``spec()``.

    Raises:
        RepresentationError: no such representation, or a value out of range.
    """
    name = spec.get("name")
    if name not in REPRESENTATIONS:
        raise RepresentationError(f"no representation {name!r}; known: {', '.join(REPRESENTATIONS)}")
    config, make = REPRESENTATIONS[name]
    try:
        return make(config.model_validate(spec))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RepresentationError(f"representation {name}: {where}: {first['msg']}") from error
