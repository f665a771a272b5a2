"""The discriminators that an artifact carries, one for each style that has enough training pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.descriptors import DESCRIPTORS
from componium.descriptors.reading import Floats
from componium.discriminators.trees import BoostedTrees, Nodes, joined
from componium.errors import ArtifactError
from componium.fingerprints.packing import Stored, fills, packed, unpacked

_KINDS = {
    "styles": Stored("U"),
    "names": Stored("U"),
    "n_trees": Stored("iu"),
    "baseline": Stored("f"),
    "feature": Stored("iu", 2),
    "threshold": Stored("f", 2),
    "undefined_left": Stored("b", 2),
    "left": Stored("iu", 2),
    "right": Stored("iu", 2),
    "value": Stored("f", 2),
}
_WHAT = "discriminators"


@dataclass(frozen=True, eq=False)
class Discriminators:
    """Boosted trees by style, over the columns of ``DESCRIPTORS``: their log-odds are of being composed, not human."""

    by_style: Mapping[str, BoostedTrees]

    def human_share(self, style: str, described: Floats) -> float:
        """Returns the probability that a piece is human, where as many composed ones are as likely; 0 to 1.

        Args:
            style: one that has a discriminator.
            described: its excerpts (:func:`~componium.discriminators.excerpts.describe_excerpts`).
        """
        log_odds = float(self.by_style[style].log_odds(described).mean())
        return float(1 / (1 + np.exp(np.clip(log_odds, -500, 500))))

    def to_bytes(self) -> bytes:
        """Returns the discriminators, of which there is one at least, as a compressed NumPy archive.

        Descriptors are kept by their names.
        """
        models = list(self.by_style.values())
        nodes = joined([own.nodes for own in models])
        used, feature = np.unique(nodes.feature, return_inverse=True)
        limit = float(np.finfo(np.float32).max)
        return packed(
            styles=np.array(list(self.by_style), np.str_),
            names=np.array([DESCRIPTORS[column].name for column in used], np.str_),
            n_trees=np.array([len(own.nodes.feature) for own in models], np.uint16),
            baseline=np.array([own.baseline for own in models], np.float32),
            feature=feature.reshape(nodes.feature.shape).astype(np.uint16),
            # All that is defined lies at or below an infinite threshold.
            threshold=np.clip(nodes.threshold, -limit, limit).astype(np.float32),
            undefined_left=nodes.undefined_left,
            left=nodes.left.astype(np.uint8),
            right=nodes.right.astype(np.uint8),
            value=nodes.value.astype(np.float32),
        )

    @classmethod
    def load(cls, path: Path) -> Discriminators:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else, or names descriptors that this Componium does not have.
        """
        stored = unpacked(path, _KINDS, _WHAT)
        if not _fit_together(stored):
            raise ArtifactError(f"{path}: no {_WHAT} (its parts do not fit together)")
        column_of = {own.name: column for column, own in enumerate(DESCRIPTORS)}
        names = stored["names"].tolist()
        unknown = [name for name in names if name not in column_of]
        if unknown:
            raise ArtifactError(
                f"{path}: this Componium has no descriptor {unknown[0]!r}: calibrate the artifact again"
            )
        columns = np.array([column_of[name] for name in names], np.int64)
        nodes = Nodes(
            columns[stored["feature"].astype(np.int64)],
            stored["threshold"].astype(np.float64),
            stored["undefined_left"],
            stored["left"].astype(np.int64),
            stored["right"].astype(np.int64),
            stored["value"].astype(np.float64),
        )
        ends = np.cumsum(stored["n_trees"], dtype=np.int64).tolist()
        starts, styles = [0, *ends[:-1]], stored["styles"].tolist()
        return cls(
            {
                style: BoostedTrees(baseline, nodes.of_trees(first, end))
                for style, baseline, first, end in zip(styles, stored["baseline"].tolist(), starts, ends, strict=True)
            }
        )


def _fit_together(stored: Mapping[str, NDArray[Any]]) -> bool:
    """Whether arrays are of one shape, and whoever follows the nodes comes to a leaf, since no way leads back."""
    n_trees, n_nodes = stored["feature"].shape
    own = np.arange(n_nodes)
    left, right = (stored[name].astype(np.int64) for name in ("left", "right"))
    sizes_fit = (
        all(stored[name].shape == (n_trees, n_nodes) for name in Nodes._fields)
        and len(stored["styles"]) == len(stored["n_trees"]) == len(stored["baseline"])
        and len(set(stored["styles"].tolist())) == len(stored["styles"])
        and fills(stored["n_trees"].astype(np.int64), n_trees)
        and n_nodes > 0
        and stored["feature"].min(initial=0) >= 0
        and int(stored["feature"].max(initial=0)) < len(stored["names"])
    )
    if not sizes_fit:
        return False
    is_leaf = (left == own) & (right == own)
    leads_on = (np.minimum(left, right) > own) & (np.maximum(left, right) < n_nodes)
    return bool((is_leaf | leads_on).all())
