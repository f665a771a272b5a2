"""Faults of voices that metrics and histograms do not show: a judge that has these alone guesses.

Both sides play chords of the same notes in the same order, on the same places and in the same registers. What differs
is which voice has which note of a chord.
"""

import numpy as np
import pytest

from componium.descriptors import DESCRIPTORS
from componium.evaluation.classifier_test import FEATURES, LabeledExcerpts, feature_matrix, group_folds
from componium.evaluation.classifier_test.pair import LEARNERS, fit_folds, held_out_scores
from componium.evaluation.classifier_test.roc import roc_area_value
from componium.score import Score, TimeSignature, Track, make_notes

N_WORKS, N_CHORDS, FOLDS = 40, 16, 4
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])
# Root, third and fifth: which of them bass, tenor and alto have, chord by chord in turn.
WELL_LED = ((0, 1, 2), (0, 2, 1))
IN_PARALLEL_FIFTHS = ((0, 2, 1), (0, 2, 1))
ON_SECOND_INVERSIONS = ((2, 1, 0), (2, 0, 1))
LOWEST = (40, 52, 60, 69)


def choir(seed, voicing):
    """Eight bars of half notes: chords by chance, the top voice on any of their notes."""
    rng = np.random.default_rng(seed)
    roots, tops = rng.integers(0, 6, N_CHORDS), rng.integers(0, 3, N_CHORDS)
    roles = np.array([(*voicing[moment % 2], top) for moment, top in enumerate(tops)])
    classes = SCALE[(roots[:, None] + 2 * roles) % 7]
    tracks = []
    for lowest, own in zip(LOWEST, classes.T, strict=True):
        tracks.append(Track(make_notes(np.arange(N_CHORDS) * 960, 960, lowest + (own - lowest) % 12, 80)))
    return Score(480, tuple(tracks), time_signatures=(TimeSignature(0, 4, 4),))


@pytest.fixture(scope="module")
def human():
    return feature_matrix(choir(seed, WELL_LED) for seed in range(N_WORKS))


@pytest.mark.parametrize(
    ("voicing", "composes_otherwise"),
    [(IN_PARALLEL_FIFTHS, True), (ON_SECOND_INVERSIONS, True), (WELL_LED, False)],
    ids=["parallel fifths", "second inversions", "the same"],
)
def test_what_only_voices_show_is_told_by_descriptors_alone(human, voicing, composes_otherwise):
    composed = feature_matrix(choir(1000 + seed, voicing) for seed in range(N_WORKS))
    features = np.concatenate((human, composed))
    excerpts = LabeledExcerpts(np.repeat((False, True), N_WORKS), np.tile(np.arange(N_WORKS), 2))
    fold = group_folds(excerpts, FOLDS, 0)

    def area(columns, learners):
        found = fit_folds(columns, excerpts, fold, 0, learners)
        return roc_area_value(held_out_scores(found, columns, fold), fold, excerpts)

    weak = area(features[:, : len(FEATURES) - len(DESCRIPTORS)], ("boosting",))
    strong = area(features, tuple(LEARNERS))
    assert weak < 0.7
    assert (strong > 0.95) == composes_otherwise
