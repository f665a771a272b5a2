"""Rows of bits per note, for composers in groups of one representation.

Intervals are bootstrap percentiles over works, and none below ten works; notes weigh alike
(:mod:`componium.likelihood`). The difference of two composers is taken piece by piece, and its interval resamples those
differences: two composers whose own intervals overlap may well differ on every piece. The *best other* is the one of
the group with the fewest bits. Where a composer of the group is told which parts play, so is the n-gram.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from componium.conditioning.controls import AnyConditions
from componium.evaluation.composer_comparison.composers import Composer, by_representation
from componium.evaluation.composer_comparison.held_out import HeldOut
from componium.evaluation.composer_comparison.ngram_reference import encode_all
from componium.evaluation.composer_comparison.rows.table import BITS, Kind, Row
from componium.evaluation.estimate import Estimate, mean_over_works
from componium.evaluation.pieces.reading import Floats, Integers
from componium.features.feature_set import FeatureSet
from componium.likelihood import Scorer, score_pieces, scorer_of
from componium.ngrams import NgramModel, load_ngrams, log_probs_told
from componium.representations.columns import ATTRIBUTES, PART
from componium.representations.note_events import EncodedNotes

_TO_BEST, _TO_NGRAM = "difference to the best other", "difference to the n-gram"


class TotalBits(NamedTuple):
    """Bits of pieces, shape (pieces, 5), their notes, shape (pieces,), and their works; none: every piece is one."""

    bits: Floats
    n_notes: Integers
    works: tuple[str, ...] | None = None


def likelihood_rows(composers: Sequence[Composer], held_out: HeldOut) -> list[Row]:
    """Returns bits per note, whole and by attribute, and paired differences; a section for each representation."""
    with_likelihood = [composer for composer in composers if composer.has_likelihood]
    groups = by_representation(with_likelihood)
    rows: list[Row] = []
    for group in groups:
        section = BITS if len(groups) == 1 else f"{BITS}, in the representation of {group[0].name}"
        rows += _group_rows(section, group, held_out)
        others = [composer for composer in with_likelihood if composer not in group]
        rows += [_without(section, other, "another representation: not comparable") for other in others]
    silent = [composer for composer in composers if not composer.has_likelihood]
    return rows + [_without(BITS, composer, "its family has no likelihood") for composer in silent]


def _group_rows(section: str, group: Sequence[Composer], held_out: HeldOut) -> list[Row]:
    codec = group[0].artifact.codec
    pieces: list[EncodedNotes] = []
    works: list[str] = []
    for own in held_out.pieces["test"]:
        encoded = encode_all(codec, [own.score])
        pieces += encoded
        works += [own.work] * len(encoded)
    if not pieces:
        return [_without(section, composer, "no test piece has notes for its parts") for composer in group]
    rows: list[Row] = []
    ngram = next((composer for composer in group if composer.is_ngram), None)
    for name, scorer in _floors(ngram):
        rows += _bits(section, name, "baseline", score(scorer, pieces, works))
    is_told = any(not composer.artifact.manifest.conditioning.is_empty for composer in group)
    scorers = {
        composer.name: _told_scorer(composer) if is_told and composer.is_ngram else scorer_of(composer.artifact)
        for composer in group
    }
    scored = {name: score(scorer, pieces, works) for name, scorer in scorers.items() if scorer}
    for composer in group:
        own = scored[composer.name]
        rows += _bits(section, composer.name, composer.kind, own)
        others = {name: other for name, other in scored.items() if name != composer.name}
        best = min(others, key=lambda name: others[name].bits.sum(), default=None)
        rows.append(_difference(section, _TO_BEST, composer, own, best, others))
        rows.append(_difference(section, _TO_NGRAM, composer, own, ngram and ngram.name, others))
    left_out = len(held_out.pieces["test"]) - len(pieces)
    remark = f"{left_out} test pieces have no notes for its parts" if left_out else ""
    return [row._replace(note=row.note or remark) for row in rows]


def _floors(ngram: Composer | None) -> Iterable[tuple[str, Scorer]]:
    """The baselines: uniform and unigram."""
    if ngram is None:
        return
    features = ngram.artifact.features
    model = load_ngrams(ngram.artifact.file("ngrams"), features.codec)
    for name, order in (("uniform", 0), ("unigram", 1)):
        yield name, _scorer(model.with_orders([order] * len(ATTRIBUTES)), features)


def _scorer(model: NgramModel, features: FeatureSet) -> Scorer:
    def score_piece(piece: EncodedNotes, conditions: AnyConditions | None = None) -> Floats:
        del conditions
        return model.log_probs(piece.events, features.positions_of(piece))

    return score_piece


def _told_scorer(ngram: Composer) -> Scorer:
    """The scorer of an n-gram that knows which parts play."""
    features = ngram.artifact.features
    model = load_ngrams(ngram.artifact.file("ngrams"), features.codec)

    def score_piece(piece: EncodedNotes, conditions: AnyConditions | None = None) -> Floats:
        del conditions
        plays = np.isin(np.arange(features.codec.sizes.part), piece.events[:, PART])
        return log_probs_told(model, piece.events, features.positions_of(piece), plays)

    return score_piece


def score(scorer: Scorer, pieces: Sequence[EncodedNotes], works: Sequence[str] | None = None) -> TotalBits:
    """Returns the total bits of pieces by attribute."""
    per_note, n_notes = score_pieces(scorer, ((piece, None) for piece in pieces))
    return TotalBits(per_note * n_notes[:, None], n_notes, None if works is None else tuple(works))


def paired_difference(own: TotalBits, other: TotalBits) -> Estimate:
    """Returns how many bits per note more than another a composer needs, with its interval over works."""
    return mean_over_works((own.bits - other.bits).sum(axis=1), own.n_notes, own.works)


def _bits(section: str, name: str, kind: Kind, scored: TotalBits) -> Iterable[Row]:
    columns = {"whole": scored.bits.sum(axis=1)} | dict(zip(ATTRIBUTES, scored.bits.T, strict=True))
    for figure, totals in columns.items():
        found = mean_over_works(totals, scored.n_notes, scored.works)
        yield Row(section, figure, "bits per note", name, kind, *found, interval="works", n=len(totals))


def _difference(
    section: str, figure: str, composer: Composer, own: TotalBits, other: str | None, others: dict[str, TotalBits]
) -> Row:
    row = Row(section, figure, "bits per note", composer.name, composer.kind, n=len(own.n_notes))
    if other not in others:
        itself = other == composer.name
        return row._replace(note="it is the n-gram" if itself else "there is no other in this representation")
    found = paired_difference(own, others[other])
    note = f"the best other is {other}" if figure == _TO_BEST else ""
    return row._replace(**found._asdict(), interval="works", note=note)


def _without(section: str, composer: Composer, why: str) -> Row:
    return Row(section, "whole", "bits per note", composer.name, composer.kind, math.nan, note=why)
