"""Bits that can be worked out by hand, and differences whose truth was planted."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fixtures.comparisons import DRUMS, counted

from componium.evaluation.composer_comparison.composers import Composer, by_representation
from componium.evaluation.composer_comparison.ngram_reference import count_ngrams, encode_all, with_references
from componium.evaluation.composer_comparison.rows.likelihood_rows import (
    TotalBits,
    _told_scorer,
    likelihood_rows,
    paired_difference,
    score,
)
from componium.evaluation.composer_comparison.tables import cell_of
from componium.evaluation.estimate import mean_over_works
from componium.likelihood import score_pieces, scorer_of, summary
from componium.ngrams import fit, prune_counts
from componium.representations.columns import ATTRIBUTES, DURATION
from componium.representations.grid import GridConfig


@pytest.fixture(scope="module")
def rows(artifact, held_out):
    return likelihood_rows([Composer("counted", artifact)], held_out)


def figure(rows, composer, name):
    [found] = [row for row in rows if (row.composer, row.figure) == (composer, name)]
    return found


def test_the_uniform_model_needs_the_logarithm_of_the_sizes(rows, artifact, held_out):
    codec = artifact.codec
    pieces = encode_all(codec, held_out.scores("test"))
    n_events = sum(len(piece.events) for piece in pieces)
    n_notes = sum(int((piece.events[:, DURATION] > 0).sum()) for piece in pieces)
    charged = [n_events + len(pieces), *[n_events] * 4]
    expected = [n * math.log2(size) / n_notes for n, size in zip(charged, codec.sizes, strict=True)]
    for name, value in zip(ATTRIBUTES, expected, strict=True):
        assert figure(rows, "uniform", name).value == pytest.approx(value)
    assert figure(rows, "uniform", "whole").value == pytest.approx(sum(expected))


def test_attributes_add_up_and_knowing_more_costs_less(rows):
    for name in ("uniform", "unigram", "counted"):
        parts = sum(figure(rows, name, attribute).value for attribute in ATTRIBUTES)
        assert parts == pytest.approx(figure(rows, name, "whole").value)
    bits = [figure(rows, name, "whole").value for name in ("counted", "unigram", "uniform")]
    assert bits == sorted(bits)
    whole = figure(rows, "counted", "whole")
    assert (whole.interval, whole.n) == ("works", 10)
    assert whole.low < whole.value < whole.high


def test_the_interval_is_the_one_that_artifacts_carry(rows, artifact, held_out):
    pieces = encode_all(artifact.codec, held_out.scores("test"))
    own = summary(*score_pieces(scorer_of(artifact), [(piece, None) for piece in pieces]))
    found = figure(rows, "counted", "whole")
    expected = [own["bits_per_note"], own["bits_per_note_low"], own["bits_per_note_high"]]
    assert [found.value, found.low, found.high] == pytest.approx(expected)


def random_bits(seed):
    rng = np.random.default_rng(seed)
    return TotalBits(rng.uniform(100, 900, (30, 5)), rng.integers(50, 400, 30))


def test_a_model_does_not_differ_from_itself():
    own = random_bits(1)
    assert tuple(paired_difference(own, own)) == (0, 0, 0)


def test_what_differs_alike_on_every_piece_has_no_interval_however_wide_its_own():
    own = random_bits(2)
    other = own._replace(bits=own.bits + 0.1 * own.n_notes[:, None])
    assert tuple(paired_difference(own, other)) == pytest.approx((-0.5, -0.5, -0.5))
    alone = mean_over_works(own.bits.sum(axis=1), own.n_notes)
    assert alone.high - alone.low > 1


def test_the_difference_is_antisymmetric_and_names_the_other(corpus, artifact, held_out, tmp_path):
    poor = counted(corpus, tmp_path / "poor", "poor")
    scores = scorer_of(poor)
    assert scores is not None
    rows = likelihood_rows([Composer("one", artifact), Composer("two", poor)], held_out)
    to_best = [figure(rows, name, "difference to the best other") for name in ("one", "two")]
    # Both were counted on the same pieces.
    assert [row.value for row in to_best] == [0, 0]
    assert [row.note for row in to_best] == ["the best other is two", "the best other is one"]
    itself = figure(rows, "one", "difference to the n-gram")
    assert math.isnan(itself.value)
    assert itself.note == "it is the n-gram"


def test_other_representations_and_models_without_likelihood_are_dashes_with_reasons(
    corpus, artifact, held_out, tmp_path
):
    drums = Composer("drums", counted(corpus, tmp_path / "drums", "drums", DRUMS))
    silent = replace(artifact, manifest=artifact.manifest.model_copy(update={"procedure": "none of these"}))
    rows = likelihood_rows([Composer("counted", artifact), Composer("silent", silent), drums], held_out)
    sections = dict.fromkeys(row.section for row in rows)
    of_groups = [f"bits per note, in the representation of {name}" for name in ("counted", "drums")]
    assert list(sections) == [*of_groups, "bits per note"]
    reasons = {(row.section[-7:], row.composer): row.note for row in rows if row.figure == "whole" and row.note}
    assert [row.note for row in rows if row.composer == "silent"] == ["its family has no likelihood"]
    assert reasons["counted", "drums"] == "another representation: not comparable"
    assert reasons["f drums"[-7:], "counted"] == "another representation: not comparable"
    # Drums play in a third of the pieces: those without are named in number, not charged as empty.
    own = next(row for row in rows if row.composer == "drums" and row.figure == "pitch")
    assert 0 < own.n < 10
    assert own.note == f"{10 - own.n} test pieces have no notes for its parts"


def test_composers_of_other_views_of_the_same_events_are_compared(artifact):
    spec = GridConfig(cells=1, notes=artifact.codec.config).model_dump(mode="json")
    cells = replace(artifact, manifest=artifact.manifest.model_copy(update={"name": "cells", "representation": spec}))
    group = [Composer("notes", artifact), Composer("cells", cells)]
    assert by_representation(group) == [group]


def test_where_none_has_a_likelihood_there_is_one_ngram_and_it_composes(artifact, held_out, tmp_path):
    silent = [
        Composer(name, replace(artifact, manifest=artifact.manifest.model_copy(update={"procedure": name})))
        for name in ("by cells", "by words")
    ]
    *others, reference = with_references(silent, held_out, tmp_path)
    assert others == silent
    assert reference.is_ngram
    assert reference.can_compose


def test_an_artifact_from_before_a_setting_reads_the_representation_that_has_its_default(artifact):
    spec = artifact.manifest.representation
    older = {**spec, "parts": [{key: part[key] for key in part if key != "families"} for part in spec["parts"]]}
    assert older != spec
    manifest = artifact.manifest.model_copy(update={"name": "older", "representation": older})
    group = [Composer("newer", artifact), Composer("older", replace(artifact, manifest=manifest))]
    assert by_representation(group) == [group]


def test_the_ngram_beside_a_band_is_told_which_parts_play(artifact, held_out):
    pieces = encode_all(artifact.codec, held_out.scores("test"))
    told, untold = (
        score(own, pieces).bits.sum(axis=0) for own in (_told_scorer(Composer("n", artifact)), scorer_of(artifact))
    )
    part = ATTRIBUTES.index("part")
    assert told[part] < untold[part]
    assert np.delete(told, part) == pytest.approx(np.delete(untold, part))


def test_the_ngram_that_is_counted_is_the_better_one_with_or_without_contexts_seen_once(artifact, held_out):
    features = artifact.features
    train, validation = (
        [(own.events, features.positions_of(own)) for own in encode_all(features.codec, held_out.scores(split))]
        for split in ("train", "validation")
    )
    whole = fit(train, features.codec)
    pruned = replace(whole, tables=prune_counts(whole.tables, 2))
    found = count_ngrams(features, held_out)
    best = [
        sum(np.max(sum(own.sum(axis=1) for own in attribute)) for attribute in zip(*scores, strict=True))
        for scores in ([model.log_probs_by_order(*piece) for piece in validation] for model in (whole, pruned))
    ]
    assert sum(found.log_probs(*piece).sum() for piece in validation) == pytest.approx(max(best))


def test_of_few_works_no_interval_is_printed(artifact, held_out):
    few = replace(
        held_out, pieces=held_out.pieces | {"test": [own._replace(work="one") for own in held_out.pieces["test"]]}
    )
    whole = figure(likelihood_rows([Composer("counted", artifact)], few), "counted", "whole")
    assert math.isnan(whole.low)
    assert cell_of(whole).interval == "undecided"
