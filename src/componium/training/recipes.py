"""Reads recipes: one experiment as a TOML file, checked key by key."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from componium.corpora.selection import SelectionConfig
from componium.errors import FormatError, RecipeError
from componium.features.feature_set import FeatureConfig
from componium.formats.loading import load
from componium.models.family import ModelFamily
from componium.representations import REPRESENTATIONS, RepresentationConfig
from componium.representations.config import NotesConfig
from componium.training.batches import BatchConfig
from componium.training.preparation.sources import LabelKind, PreparationConfig, Source


class TrainingConfig(BaseModel):
    """Settings of the training loop."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(default=10_000, ge=1, le=100_000_000, description="of a family that learns from random excerpts")
    validate_every: int = Field(default=500, ge=1)
    patience: int = Field(default=10, ge=1, description="validations without a better figure before stopping early")
    checkpoint_minutes: float = Field(default=3.0, ge=0, description="0: a checkpoint at every step")
    devices: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        default=1, description="how many train together, each on excerpts of its own; auto: all there are"
    )
    threads: int | None = Field(default=None, ge=1, description="of the processor; none: as many as it has cores")
    precision: Literal["32-true", "bf16-mixed"] = Field(
        default="32-true", description="on a processor that does not compute bf16: 32-true"
    )
    compile: bool = Field(
        default=False, description="the network by torch.compile; pays on a GPU, after minutes; of some families only"
    )


_MAX_BYTES = 2**20


class ArtifactConfig(BaseModel):
    """Settings of the export."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Literal["int8", "fp32"] = Field(
        default="int8", description="fp32 is taken where int8 loses over 0.02 bits"
    )


class ProbeConfig(BaseModel):
    """Pieces that are composed at every validation, and their metrics."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: tuple[str, ...] = Field(default=(), description="figures of componium.evaluation; none: no such probe")
    samples: int = Field(default=0, ge=0, le=16, description="pieces that are written, as MIDI and as a picture")
    pieces: int = Field(default=32, ge=2, le=1000)
    bars: int = Field(default=16, ge=1, le=1000)
    seed: int = Field(default=1, ge=0, lt=2**63, description="of the composing: the same at every validation")


class Recipe(BaseModel):
    """One experiment: corpus, representation, model and training."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    seed: int = Field(default=1, ge=0, lt=2**63)
    corpus: str = "folder"
    sources: tuple[Source, ...] = Field(default=(), description="several corpora, their pieces with conditions")
    label: LabelKind | None = Field(default=None, description="what each piece's label says; none: pieces have none")
    keep_ticks: bool = Field(
        default=False, description="pieces whose ticks follow no beat stay on them; false: they are put on their beats"
    )
    selection: SelectionConfig = Field(default=SelectionConfig(), description="which pieces of a corpus are used")
    representation: RepresentationConfig = NotesConfig()
    features: FeatureConfig = FeatureConfig()
    batches: BatchConfig = BatchConfig()
    training: TrainingConfig = TrainingConfig()
    artifact: ArtifactConfig = ArtifactConfig()
    probe: ProbeConfig = ProbeConfig()
    family: str
    model: dict[str, Any] = Field(default_factory=dict)

    @field_validator("sources")
    @classmethod
    def _lie_apart(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        places = [source.place for source in sources]
        twice = next((place for place in places if places.count(place) > 1), None)
        if twice is not None:
            raise ValueError(f"the folder {twice!r} is listed twice")
        return sources

    @property
    def preparation(self) -> PreparationConfig:
        """The settings of its dataset."""
        return PreparationConfig(
            notes=self.representation.notes,
            features=self.features,
            selection=self.selection,
            label=self.label,
            keep_ticks=self.keep_ticks,
        )

    def settings(self, families: Mapping[str, ModelFamily]) -> BaseModel:
        """The family's own settings, checked.

        Raises:
            RecipeError: no such family, or a setting that it does not have.
        """
        family = _known(self.family, families, "family")
        try:
            return family.config.model_validate(self.model)
        except ValidationError as error:
            raise RecipeError(f"recipe {self.name}: {_explain(error, family.config, 'model.')}") from error


def read_recipe(path: Path, families: Mapping[str, ModelFamily]) -> Recipe:
    """Reads and checks a recipe.

    Raises:
        RecipeError: it is missing, no TOML, or has a key or value that is not known; the nearest known key is named.
    """
    try:
        data, _ = load(path, what="recipe", max_bytes=_MAX_BYTES)
        content = tomllib.loads(data.decode("utf-8"))
    except FormatError as error:
        raise RecipeError(str(error)) from error
    # Also what is no error of its syntax: whole numbers of thousands of digits, dates of the month 13.
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{path}: not TOML ({error})") from error
    return recipe_of(content, str(path), families)


def recipe_of(content: Mapping[str, Any], where: str, families: Mapping[str, ModelFamily]) -> Recipe:
    """Checks the content of a recipe.

    Args:
        content: its tables and keys.
        where: it comes from, for the errors.
        families: that it may name.

    Raises:
        RecipeError: a key or value is not known; the nearest known key is named.
    """
    for name, value in _entries(content):
        if isinstance(value, float) and not math.isfinite(value):
            raise RecipeError(f"{where}: {name}: not a finite number")
    named = families.get(str(content.get("family")))
    # Where nothing is said of the representation, it is that of the family.
    content = content if named is None else {"representation": {"name": named.consumes}, **content}
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        raise RecipeError(f"{where}: {_explain(error, Recipe)}") from error
    family = _known(recipe.family, families, "family")
    if family.consumes not in REPRESENTATIONS or recipe.representation.name != family.consumes:
        raise RecipeError(f"{where}: family {family.name} consumes the representation {family.consumes}")
    settings = recipe.settings(families)
    return recipe.model_copy(update={"model": settings.model_dump(mode="json")})


def changed(recipe: Recipe, changes: Mapping[str, Any], families: Mapping[str, ModelFamily]) -> Recipe:
    """Returns a recipe with some settings changed, each by the names of its table and key, ``training.steps``.

    Raises:
        RecipeError: no such setting, or a value that it cannot have.
    """
    content = recipe.model_dump(mode="json")
    for name, value in changes.items():
        *tables, key = name.split(".")
        place: Any = content
        for table in tables:
            place = place.get(table) if isinstance(place, dict) else None
        if not isinstance(place, dict) or key not in place:
            raise RecipeError(f"no setting {name}{_nearest(name, _names(content))}")
        place[key] = value
    return recipe_of(content, f"recipe {recipe.name}", families)


def _names(content: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, _ in _entries(content))


def _entries(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The keys of all tables, as ``training.steps``, and their values."""
    for key, value in content.items():
        yield f"{prefix}{key}", value
        if isinstance(value, dict):
            yield from _entries(value, f"{prefix}{key}.")
        for own in value if isinstance(value, list) else ():
            if isinstance(own, dict):
                yield from _entries(own, f"{prefix}{key}.")


def _known(name: str, registry: Mapping[str, Any], what: str) -> Any:  # noqa: ANN401 - the registry's own type
    if name not in registry:
        raise RecipeError(f"no {what} {name!r}{_nearest(name, registry)}; known: {', '.join(registry)}")
    return registry[name]


def _explain(error: ValidationError, model: type[BaseModel], prefix: str = "") -> str:
    """One line for the first of pydantic's complaints."""
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    tagged = REPRESENTATIONS.get(place[1]) if len(place) > 1 and place[0] == "representation" else None
    if tagged is not None:
        # Which representation it is is no table of the recipe.
        model, place = tagged[0], [place[0], *place[2:]]
    where = prefix + ".".join(place)
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg']}"
    for key in place[:-1]:
        annotation = model.model_fields[key].annotation if key in model.model_fields else None
        # Of a list, its entries.
        annotation = next(iter(get_args(annotation)), annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    known = list(model.model_fields)
    hint = _nearest(place[-1], known) or f"; known: {', '.join(known)}"
    return f"unknown key {where}{hint}"


def _nearest(name: str, known: Any) -> str:  # noqa: ANN401 - any collection of names
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""
