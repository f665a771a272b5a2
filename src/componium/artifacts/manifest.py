"""Reads ``artifact.json``: what a composer is, what it learned from, and the SHA-256 of each of its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from componium.conditioning.controls import ConditioningConfig
from componium.errors import ArtifactError, FormatError
from componium.features.feature_set import FeatureConfig
from componium.formats.loading import load
from componium.formats.strict_json import parse_json

SCHEMA_VERSION = 3
MANIFEST = "artifact.json"
_MAX_BYTES = 2**24

# Files of pieces are called after the composer: its name must not lead to another folder, nor hide them.
_NAME = r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*$"
FileName = Annotated[str, Field(pattern=_NAME, max_length=100)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=2**53)]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class JudgedFigure(BaseModel):
    """The figure by which a composer is judged on pieces that it did not learn from; lower is better.

    Attributes:
        name: its key among the figures of a split; its interval has the same name and the endings _low and _high.
        unit: what its numbers count, such as "nats per cell".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: str


BITS_PER_NOTE = JudgedFigure(name="bits_per_note", unit="bits per note")


class CorpusCredit(BaseModel):
    """A corpus that the composer learned from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    licence: str
    citation: str
    pieces: Count
    redistributable: bool | None = Field(
        default=None, description="whether what was learned from it may be shipped; None: it was not asked"
    )
    meters: dict[str, Count] = Field(default={}, description="training pieces by the time signature that they begin in")
    manifest: str = Field(description="SHA-256 over the names, splits and bytes of the files used")


class CurvePoint(BaseModel):
    """The monitored figure after a number of training steps, where it is known."""

    model_config = ConfigDict(frozen=True)

    step: Count
    training: Figure | None = None
    validation: Figure | None = None


class LearningCurve(BaseModel):
    """How the monitored figure, such as ``bits_per_note``, went as training went on.

    That on training excerpts is the mean since the point before, with dropout.
    """

    model_config = ConfigDict(frozen=True)

    figure: str = ""
    points: Annotated[tuple[CurvePoint, ...], Field(max_length=10_000)] = ()


class Manifest(BaseModel):
    """The content of ``artifact.json``.

    Attributes:
        procedure: name of the sampling procedure, which alone understands ``signature``.
        tasks, controls: what requests it fulfils.
        labels: of the pieces it was trained on, from 1; 0 is none of them.
        begun_from: digest of the artifact whose weights its training began with; empty: it began anew.
        judged_by: the figure that says how good it is.
        figures: figure on the test pieces -> value, its interval where it has one; None where it is undefined.
        files: file name -> SHA-256.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    name: FileName
    family: str
    representation: dict[str, Any]
    features: FeatureConfig = FeatureConfig()
    conditioning: ConditioningConfig = ConditioningConfig()
    procedure: str
    signature: dict[str, str | int | Figure]
    tasks: tuple[str, ...]
    controls: tuple[str, ...]
    labels: tuple[str, ...] = ()
    corpora: tuple[CorpusCredit, ...]
    recipe: dict[str, Any]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    commit: str
    begun_from: str = ""
    judged_by: JudgedFigure = BITS_PER_NOTE
    figures: dict[str, Figure | dict[str, Figure | None] | None]
    learning_curve: LearningCurve = LearningCurve()
    files: Annotated[dict[FileName, Sha256], Field(max_length=64)]

    @property
    def is_beatless(self) -> bool:
        """Whether its steps are of seconds, not of a beat: it composes performances."""
        # The settings of the note events are nested in those of a view of them.
        notes = self.representation.get("notes", self.representation)
        return isinstance(notes, dict) and notes.get("unit") == "second"


def read_manifest(folder: Path) -> Manifest:
    """Reads ``artifact.json`` of a directory without checking the other files.

    Raises:
        ArtifactError: it is missing, unreadable or of another schema version, or a value is out of range.
    """
    path = folder / MANIFEST
    try:
        content = parse_json(load(path, what=MANIFEST, max_bytes=_MAX_BYTES)[0])
    except FormatError as error:
        raise ArtifactError(f"{error}; get the artifact again") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: not JSON ({error})") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise ArtifactError(f"{path}: schema version {version}, where this Componium reads version {SCHEMA_VERSION}")
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ArtifactError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
