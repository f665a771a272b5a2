"""While a piece is composed, its features are those that whole excerpts have in training."""

from __future__ import annotations

import numpy as np
import pytest

from componium.conditioning.controls import NO_CONDITIONS
from componium.features.columns import HARMONY
from componium.features.feature_set import ALL_FEATURES, FeatureConfig, FeatureSet
from componium.features.form_pointer import FormPointer
from componium.features.metric import bar_lengths
from componium.features.steps import whole_piece
from componium.features.tracker import FeatureTracker
from componium.representations.columns import DURATION, PART, SHIFT


@pytest.fixture(scope="module")
def pieces(mixture):
    return [mixture.encoded(index) for index in mixture.of("train")]


def tracker_of(piece, features):
    """The tracker of a piece without a form."""
    lines = features.codec.bar_grid(piece.meter).start_of(np.arange(piece.n_bars + 1)).tolist()
    form = FormPointer(lines, [], features.codec.config.max_shift) if features.config.form_pointer else None
    steps = np.arange(int(piece.events[:, SHIFT].sum()) + 1)
    return FeatureTracker(features, form, bar_lengths(features.positions(steps, piece.meter, piece.n_bars)).tolist())


def test_all_features_are_those_of_the_excerpt(mixture, pieces):
    features = FeatureSet(mixture.codec, ALL_FEATURES)
    for piece in pieces:
        steps, tracker, onset = whole_piece(features, piece, NO_CONDITIONS), tracker_of(piece, features), 0
        # The last known history of each part: nothing is yielded again of parts that have not played since.
        histories: dict[int, tuple[int, ...]] = {}
        n_compared = 0
        for place, event in enumerate(piece.events.tolist()):
            onset += event[SHIFT]
            assert tracker.harmony(onset) == steps.context[place + 1, HARMONY].tolist()
            histories.update(tracker.histories(onset))
            assert not dict(tracker.histories(onset))
            if event[PART] in histories and event[DURATION]:
                n_compared += 1
                assert list(histories[event[PART]]) == steps.histories[place].tolist()
            assert list(tracker.take(event)) == steps.pointers[place + 1].tolist()
        assert n_compared > len(piece.events) / 2


@pytest.mark.parametrize("name", FeatureConfig.model_fields)
def test_each_feature_alone_is_that_of_the_excerpt(mixture, pieces, name):
    features = FeatureSet(mixture.codec, FeatureConfig(**{name: True}))
    for piece in pieces[:3]:
        steps, tracker, onset = whole_piece(features, piece, NO_CONDITIONS), tracker_of(piece, features), 0
        assert steps.context.shape[1] == len(features.context_sizes)
        assert steps.pointers.shape[1] == len(features.pointer_sizes)
        for place, event in enumerate(piece.events.tolist()):
            onset += event[SHIFT]
            assert tracker.harmony(onset) == steps.context[place + 1, 3:].tolist()
            known = dict(tracker.histories(onset))
            if event[PART] in known and event[DURATION] and event[SHIFT]:
                assert list(known[event[PART]]) == steps.histories[place].tolist()
            assert list(tracker.take(event)) == steps.pointers[place + 1].tolist()


def test_the_note_that_is_due_in_a_repeated_bar_is_expected(mixture):
    features = FeatureSet(mixture.codec, ALL_FEATURES)
    tracker = FeatureTracker(features, FormPointer([0, 48, 96, 144], (0, 1, 0), 96), [24] * 400)
    assert tracker.expected is None
    for event in ((0, 0, 60, 12, 5), (24, 0, 64, 12, 5)):
        tracker.take(event)
    # The second bar repeats the first, whose first note is a whole bar away from its start.
    assert tracker.expected == (48, 0, 60)
    tracker.take((24, 0, 60, 12, 5))
    assert tracker.expected == (72, 0, 64)
    tracker.take((24, 0, 65, 12, 5))
    assert tracker.expected is None
