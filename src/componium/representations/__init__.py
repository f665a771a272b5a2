"""Music as arrays: note events, the form in which it is stored, and representations, which are views of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag, ValidationError

from componium.errors import RepresentationError
from componium.representations.config import NotesConfig
from componium.representations.grid import GridConfig, GridRepresentation
from componium.representations.notes import NotesRepresentation
from componium.representations.representation import Representation
from componium.representations.words import WordsConfig, WordsRepresentation

# name -> (its configuration, its maker)
REPRESENTATIONS = {
    "notes": (NotesConfig, NotesRepresentation),
    "grid": (GridConfig, GridRepresentation),
    "words": (WordsConfig, WordsRepresentation),
}


def _name_of(settings: Any) -> str:  # noqa: ANN401 - as TOML has them, or one of the types
    return str(settings.get("name", "notes") if isinstance(settings, dict) else settings.name)


RepresentationConfig = Annotated[
    Annotated[NotesConfig, Tag("notes")] | Annotated[GridConfig, Tag("grid")] | Annotated[WordsConfig, Tag("words")],
    Discriminator(_name_of),
]
"""The settings of any representation, by their name; ``notes`` where there is none."""

__all__ = ["REPRESENTATIONS", "Representation", "RepresentationConfig", "representation_of"]


def representation_of(spec: dict[str, Any]) -> Representation:
    """Rebuilds a representation from its ``spec()``.

    Raises:
        RepresentationError: no such representation, or a value out of range.
    """
    name = spec.get("name")
    if not isinstance(name, str) or name not in REPRESENTATIONS:
        raise RepresentationError(f"no representation {name!r}; known: {', '.join(REPRESENTATIONS)}")
    config, make = REPRESENTATIONS[name]
    try:
        return make(config.model_validate(spec))  # pyright: ignore[reportArgumentType] - the maker of this configuration
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RepresentationError(f"representation {name}: {where}: {first['msg']}") from error
