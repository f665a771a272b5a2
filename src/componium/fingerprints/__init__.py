"""Identifies pieces whatever their key and tempo: digests, n-gram hashes, near-duplicates, longest matches."""

from componium.fingerprints.collection import Collection, Line, Match, line_of
from componium.fingerprints.contrast import Contrast, contrast_of
from componium.fingerprints.pieces import (
    DUPLICATE_JACCARD,
    NGRAM_NOTES,
    Hashes,
    jaccard,
    near_duplicates,
    notes_digest,
    shingles,
    signature,
)

__all__ = [
    "DUPLICATE_JACCARD",
    "NGRAM_NOTES",
    "Collection",
    "Contrast",
    "Hashes",
    "Line",
    "Match",
    "contrast_of",
    "jaccard",
    "line_of",
    "near_duplicates",
    "notes_digest",
    "shingles",
    "signature",
]
