"""Identifies pieces whatever their key and tempo: digests, n-gram hashes, near-duplicates, longest matches."""

from componium.fingerprints.collection import Collection, Match, Piece, Shared, Stretch
from componium.fingerprints.contrast import Contrast, HumanPiece, contrast_of
from componium.fingerprints.lines import Line, Lines, lines_of, on_steps
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
from componium.fingerprints.tunes import sharing_tunes, tunes_of

__all__ = [
    "DUPLICATE_JACCARD",
    "NGRAM_NOTES",
    "Collection",
    "Contrast",
    "Hashes",
    "HumanPiece",
    "Line",
    "Lines",
    "Match",
    "Piece",
    "Shared",
    "Stretch",
    "contrast_of",
    "jaccard",
    "lines_of",
    "near_duplicates",
    "notes_digest",
    "on_steps",
    "sharing_tunes",
    "shingles",
    "signature",
    "tunes_of",
]
