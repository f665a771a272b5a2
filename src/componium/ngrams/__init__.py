"""The n-gram model of note events: the floor beside which figures of other models stand."""

from componium.ngrams.columns import PieceRows
from componium.ngrams.forecasting import distributions
from componium.ngrams.ladders import CORPUS_ORDERS, LADDERS
from componium.ngrams.mixing import NgramMixture, log_probs_told, mixed
from componium.ngrams.model import NgramModel, count_pieces, fit, load_ngrams, merge_counts, prune_counts, save_ngrams
from componium.ngrams.reader import NgramReader

__all__ = [
    "CORPUS_ORDERS",
    "LADDERS",
    "NgramMixture",
    "NgramModel",
    "NgramReader",
    "PieceRows",
    "count_pieces",
    "distributions",
    "fit",
    "load_ngrams",
    "log_probs_told",
    "merge_counts",
    "mixed",
    "prune_counts",
    "save_ngrams",
]
