"""Writes and reads the text that a composed file carries, from which the piece can be composed again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.composing.plans import n_candidates
from componium.composing.requests import AnyRequest, request_from_json, request_to_json
from componium.errors import ArtifactError, RequestError
from componium.formats.strict_json import parse_json
from componium.score import Score

TEXT_PREFIX = "componium "


class Path(NamedTuple):
    """The way to a piece.

    Attributes:
        draft: which one was kept; 0 is the first.
        choices: which candidate for each phrase was kept, 0 to ``best_of`` - 1; one where there is nothing to choose.
    """

    draft: int = 0
    choices: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Provenance:
    """All that it takes to compose a piece again.

    Attributes:
        model: name of the composer.
        digest: its identity (:attr:`componium.artifacts.Artifact.digest`).
        procedure, version: of the sampling procedure; the version stands for all code that composes.
        index: of the piece in the request.
        path: the way to the piece.
    """

    model: str
    digest: str
    procedure: str
    version: int
    index: int
    path: Path
    request: AnyRequest

    def to_text(self) -> str:
        """Returns the text."""
        about = {
            "model": self.model,
            "digest": self.digest,
            "procedure": self.procedure,
            "version": self.version,
            "index": self.index,
            **({"draft": self.path.draft} if self.path.draft else {}),
            **({"choices": list(self.path.choices)} if n_candidates(self.request) > 1 else {}),
            "request": json.loads(request_to_json(self.request)),
        }
        return TEXT_PREFIX + json.dumps(about, ensure_ascii=True, separators=(",", ":"))

    def check(self, artifact: Artifact) -> None:
        """Checks that an artifact, with the code at hand, is what composed the piece.

        Raises:
            ArtifactError: another version of the procedure or another composer did.
        """
        at_hand = artifact.procedure_version
        if self.procedure == artifact.manifest.procedure and self.version != at_hand:
            raise ArtifactError(
                f"the piece was composed by version {self.version} of the procedure {self.procedure}, "
                f"but this Componium has version {at_hand}: install the Componium that composed it"
            )
        if self.digest != artifact.digest:
            raise ArtifactError(
                f"the piece was composed by {self.model} {self.digest}, but the one at hand is {artifact.digest}"
            )


def provenance_of(artifact: Artifact, request: AnyRequest, index: int, path: Path) -> Provenance:
    """Returns the provenance of a piece that an artifact composes."""
    manifest = artifact.manifest
    version = artifact.procedure_version
    return Provenance(manifest.name, artifact.digest, manifest.procedure, version, index, path, request)


def read_provenance(score: Score) -> Provenance:
    """Reads the text of a composed score.

    Raises:
        RequestError: the score was not composed by Componium, or the text is damaged.
        ArtifactError: a Componium composed it that wrote no versions yet.
    """
    text = next((text for text in score.texts if text.startswith(TEXT_PREFIX)), None)
    if text is None:
        raise RequestError("the file carries no request: it was not composed by Componium")
    try:
        about = parse_json(text.removeprefix(TEXT_PREFIX))
        model, digest, index = str(about["model"]), str(about["digest"]), int(about["index"])
        procedure, version = str(about.get("procedure", "")), int(about.get("version", -1))
        request = request_from_json(json.dumps(about["request"]))
        chosen = about["choices"] if n_candidates(request) > 1 else [0]
        draft, choices = int(about.get("draft", 0)), tuple(int(own) for own in chosen)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise RequestError(f"the request that the file carries is damaged ({error})") from error
    if version < 0:
        raise ArtifactError(f"the piece was composed by {model} {digest} with a Componium older than this one")
    each = n_candidates(request)
    if not 0 <= index < request.count or draft < 0 or not all(0 <= own < each for own in choices):
        raise RequestError(
            f"the request that the file carries is damaged (it has no piece {index}, {draft}, {choices})"
        )
    return Provenance(model, digest, procedure, version, index, Path(draft, choices), request)
