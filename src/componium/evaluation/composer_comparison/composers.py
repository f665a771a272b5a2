"""The composers of a comparison, under distinct names, and the functions by which they compose."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from componium.artifacts import FINGERPRINTS, Artifact
from componium.evaluation.composer_comparison.rows.table import Kind
from componium.fingerprints import Collection
from componium.likelihood import SCORERS
from componium.representations.notes import NotesRepresentation
from componium.score import Score

NGRAM = "n-gram"
"""The sampling procedure whose composers are the floor for all others, and the name of the one that is counted here."""


class Composer(NamedTuple):
    """An artifact as the table names it; of kind ``baseline`` where it was made for the comparison."""

    name: str
    artifact: Artifact
    kind: Kind = "composer"

    @property
    def is_ngram(self) -> bool:
        """Whether it is an n-gram model."""
        return self.artifact.manifest.procedure == NGRAM

    @property
    def training(self) -> Collection | None:
        """Fingerprints of what it learned from, where it carries them."""
        return self.artifact.fingerprints if FINGERPRINTS in self.artifact.manifest.files else None

    @property
    def has_likelihood(self) -> bool:
        """Whether it gives note events probabilities."""
        return self.artifact.manifest.procedure in SCORERS

    @property
    def can_compose(self) -> bool:
        """Whether it has the task ``compose``."""
        return "compose" in self.artifact.manifest.tasks


class ComposingFunctions(NamedTuple):
    """The functions by which composers compose; passed in by whoever compares, who says with which request.

    Attributes:
        compose: (artifact, pieces, bars, seed) -> the pieces.
        stream: the same -> their notes one by one, as they come.
    """

    compose: Callable[[Artifact, int, int, int], Sequence[Score]]
    stream: Callable[[Artifact, int, int, int], Iterable[object]]


def distinct_composers(artifacts: Iterable[Artifact]) -> list[Composer]:
    """Returns artifacts as composers, each once; those of one name get their digests as a suffix."""
    different = list({artifact.digest: artifact for artifact in artifacts}.values())
    names = Counter(artifact.manifest.name for artifact in different)
    return [
        Composer(name if names[name] == 1 and name != NGRAM else f"{name} {artifact.digest[:6]}", artifact)
        for artifact in different
        for name in (artifact.manifest.name,)
    ]


def by_representation(composers: Iterable[Composer]) -> list[list[Composer]]:
    """Returns composers in groups, each of the same note events, in order of appearance.

    What a network reads may be another view of these.
    """
    groups: dict[str, list[Composer]] = {}
    for composer in composers:
        # As it is read: an artifact that was written before a setting existed has its default.
        spec = json.dumps(NotesRepresentation(composer.artifact.codec.config).spec(), sort_keys=True)
        groups.setdefault(spec, []).append(composer)
    return list(groups.values())
