"""Splits pieces into training, validation and test by their work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

FEWEST_WORKS = 5
"""With fewer works none is held out: one alone would say nothing, and is missed in the training."""

_TRAIN_SHARE = 0.8
_VALIDATION_SHARE = 0.1


def split_of(work: str) -> Split:
    """Returns the split of a work: about 80 % training, 10 % validation, 10 % test.

    It is a function of the work's identity alone, so that adding files to a corpus moves none.
    """
    share = _share_of(work)
    if share < _TRAIN_SHARE:
        return "train"
    return "validation" if share < _TRAIN_SHARE + _VALIDATION_SHARE else "test"


def nearest_to_training(works: Iterable[str]) -> str:
    """Returns the work of a group whose split comes first: of works that are joined, one in training keeps all there.

    So nothing is held out that shares a tune with what a composer learned from before the works were joined.
    """
    return min(works, key=_share_of)


def splits_of(works: Iterable[str]) -> dict[str, Split]:
    """Returns the split of each of a set of works, of which there may be so few that :func:`split_of` leaves one empty.

    Where it does, a tenth of the works, but at least one, is held out for validation and as many for test, those whose
    identities are nearest to these splits; of fewer than :data:`FEWEST_WORKS` works all are for training.
    """
    ordered = sorted(set(works), key=_share_of)
    found: dict[str, Split] = {work: split_of(work) for work in ordered}
    if len(ordered) >= FEWEST_WORKS and set(found.values()) == set(SPLITS):
        return found
    held_out = max(1, round(len(ordered) / 10)) if len(ordered) >= FEWEST_WORKS else 0
    n_training = len(ordered) - 2 * held_out
    nearest: dict[str, Split] = {
        work: "train" if place < n_training else "validation" if place < n_training + held_out else "test"
        for place, work in enumerate(ordered)
    }
    return nearest


def _share_of(work: str) -> float:
    """A number from 0 to 1 that is the work's own."""
    # Names of files may hold what UTF-8 lacks.
    digest = hashlib.blake2b(work.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
