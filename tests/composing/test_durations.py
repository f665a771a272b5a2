"""Notes last as long as the style has them, and not into chords that they do not belong to."""

import numpy as np
import pytest
from fixtures.pieces import CODEC, SETTINGS, conditions_of, plan_of, state_of

from componium.composing.conditions import AskedChords
from componium.composing.constraints.durations import Durations
from componium.composing.procedures.constrained import weights_for

STEPS = CODEC.durations.tolist()
# Two quarters of one chord, one of another, then the first again.
CHORDS = np.array([0, 0, 1, 0, 0, 0])


def weights(lengthening, onset, chords=CHORDS):
    plan = plan_of(4, style={"lengthening": lengthening})
    asked = AskedChords(chords, np.zeros((2, 128), bool))
    own, out = Durations(CODEC, SETTINGS.durations), weights_for(CODEC, 1)
    own.begin(0, state_of(conditions_of(plan, 0, chords=asked), onset))
    own.weigh_note(out)
    return {steps: float(weight) for steps, weight in zip(STEPS, out.duration[0], strict=True)}


def test_every_doubling_weighs_alike_and_a_rest_stays_what_it_is():
    found = weights(0.5, 0, CHORDS[:0])
    assert [found[steps] for steps in (0, 3, 6, 12, 24, 48)] == [0, -1, -0.5, 0, 0.5, 1]


@pytest.mark.parametrize(("onset", "left"), [(0, 24), (18, 6), (24, 12), (30, 6)])
def test_hardly_any_lasts_into_another_chord(onset, left):
    free, held = (weights(0.5, onset, chords) for chords in (CHORDS[:0], CHORDS))
    for steps in STEPS:
        expected = SETTINGS.durations.into_next_chord if steps > left else 0
        assert held[steps] - free[steps] == pytest.approx(expected), steps


def test_the_last_chord_gives_way_to_none():
    assert weights(0.5, 40) == weights(0.5, 40, CHORDS[:0])


def test_where_lengths_are_free_so_are_chords():
    assert not any(weights(0.0, 0).values())
