"""Selects the pieces of a corpus that are used: what they must have, and how many are held out.

What a folder from the web holds beside music in parts: files whose ticks follow no beat, tones of a few bars, one
instrument alone. Each is left out with its reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from componium.corpora.splits import Split


class SelectionConfig(BaseModel):
    """Which pieces are used; part of a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beats: bool = Field(default=False, description="pieces whose ticks do not follow the beats are left out")
    least_bars: int = Field(default=1, ge=1, description="shorter pieces are left out")
    least_parts: int = Field(default=1, ge=1, description="of the representation's parts, how many must play")
    related: float | None = Field(
        default=None, ge=0.5, le=1, description="Jaccard index from which pieces are one work; none: as the corpus says"
    )
    held_out: int | None = Field(
        default=None, ge=1, description="validation pieces, and test pieces, at most; none: all of those works"
    )


class Figures(NamedTuple):
    """The figures of one piece by which it is selected."""

    n_bars: int
    n_parts: int
    follows_beats: bool


def refusal(config: SelectionConfig, piece: Figures) -> str | None:
    """Returns why a piece is left out, None where it is used."""
    if config.beats and not piece.follows_beats:
        return 'its ticks do not follow the beats: no bars can be found (unit = "second" reads it without)'
    if piece.n_parts < config.least_parts:
        return f"too few parts: {piece.n_parts}, of {config.least_parts} asked for"
    if piece.n_bars < config.least_bars:
        return f"too short: {piece.n_bars} bars, of {config.least_bars} asked for"
    return None


def surplus(splits: Mapping[str, Split], most: int | None) -> list[str]:
    """Names of validation and test pieces beyond ``most`` of each, chosen by a hash of their names.

    Args:
        splits: split by piece.
        most: of each split; None: there is no surplus.
    """
    if most is None:
        return []
    held_out = [(split, hashlib.blake2b(name.encode()).digest(), name) for name, split in splits.items()]
    beyond: list[str] = []
    for split in ("validation", "test"):
        own = sorted((digest, name) for own_split, digest, name in held_out if own_split == split)
        beyond += [name for _, name in own[most:]]
    return beyond


def reasons(rejected: Mapping[str, str]) -> dict[str, list[str]]:
    """Groups names by the kind of their reason, without what makes each unlike the others; the most frequent first."""
    kinds: dict[str, list[str]] = {}
    for name, reason in rejected.items():
        kinds.setdefault(re.split(": | \\(| of ", reason)[0], []).append(name)
    return dict(sorted(kinds.items(), key=lambda item: -len(item[1])))
