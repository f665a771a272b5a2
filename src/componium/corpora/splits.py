"""Splits pieces into training, validation and test by their work.

A work's split is a function of its identity alone, so that adding files to a corpus moves none.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

_TRAIN_SHARE = 0.8
_VALIDATION_SHARE = 0.1


def split_of(work: str) -> Split:
    """Returns the split of a work: about 80 % training, 10 % validation, 10 % test."""
    # Names of files may hold what UTF-8 lacks.
    digest = hashlib.blake2b(work.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    share = int.from_bytes(digest, "big") / 2**64
    if share < _TRAIN_SHARE:
        return "train"
    return "validation" if share < _TRAIN_SHARE + _VALIDATION_SHARE else "test"
