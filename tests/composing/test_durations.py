"""Notes last as long as the style has them, and not into chords that they do not belong to."""

import numpy as np
import pytest
from fixtures.courses import NO_VOICES, REPRESENTATION, plan_of, steering_of

from componium.composing.course import Course
from componium.composing.lengths import INTO_THE_NEXT, Lengths
from componium.composing.styles import ANY, STYLES

STEPS = REPRESENTATION.durations.tolist()
# Two quarters of one chord, one of another, then the first again.
CHORDS = np.array([0, 0, 1, 0, 0, 0])


def weights(own, onset):
    duration = np.zeros(len(STEPS), np.float32)
    own.weigh(onset, duration)
    return {steps: float(weight) for steps, weight in zip(STEPS, duration, strict=True)}


def test_every_doubling_weighs_alike_and_a_rest_stays_what_it_is():
    found = weights(Lengths(REPRESENTATION, 0.5, CHORDS[:0]), 0)
    assert [found[steps] for steps in (0, 3, 6, 12, 24, 48)] == [0, -1, -0.5, 0, 0.5, 1]


@pytest.mark.parametrize(("onset", "left"), [(0, 24), (18, 6), (24, 12), (30, 6)])
def test_hardly_any_lasts_into_another_chord(onset, left):
    free, held = (weights(Lengths(REPRESENTATION, 0.5, chords), onset) for chords in (CHORDS[:0], CHORDS))
    for steps in STEPS:
        assert held[steps] - free[steps] == pytest.approx(INTO_THE_NEXT if steps > left else 0), steps


def test_the_last_chord_gives_way_to_none():
    found, free = (weights(Lengths(REPRESENTATION, 0.5, chords), 40) for chords in (CHORDS, CHORDS[:0]))
    assert found == free


def test_where_lengths_are_let_be_so_are_chords():
    assert not any(weights(Lengths(REPRESENTATION, 0.0, CHORDS), 0).values())


def test_a_piece_has_the_lengths_of_its_style(monkeypatch):
    monkeypatch.setitem(STYLES, "any", ANY._replace(lengthening=0.5))
    course = Course(REPRESENTATION, plan_of(4), steering_of(0))
    duration = np.zeros(len(STEPS), np.float32)
    course.weigh_note(0, np.zeros(4, np.float32), np.zeros((4, 128), np.float32), duration, NO_VOICES)
    assert [float(duration[STEPS.index(own)]) for own in (0, 6, 12, 48)] == [0, -0.5, 0, 1]
