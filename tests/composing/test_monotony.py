"""Cautious sampling is kept from one note over and over; at temperature 1 nothing is changed."""

import dataclasses

import numpy as np
import pytest
from fixtures.pieces import SETTINGS, STYLE, Followed, conditions_of, constrained, plan_of

from componium.composing.constraints.monotony import Monotony

FREE, WEIGHT, MOST = SETTINGS.monotony.free, SETTINGS.monotony.weight, SETTINGS.monotony.most


def cautious(caution):
    is_pitched = [True, True, True, False]
    return Followed(lambda _: Monotony(SETTINGS.monotony, caution, is_pitched), conditions_of(plan_of(8), 0))


def weight_of(own, onset, part, pitch):
    return float(own.weights(onset).pitch[part, pitch])


@pytest.mark.parametrize("caution", [1.0, 0.5])
def test_a_pitch_becomes_rarer_the_more_often_it_came_in_a_row(caution):
    own, seen = cautious(caution), []
    for step in range(0, 96, 6):
        seen.append(weight_of(own, step, 0, 60))
        own.play(step, 0, 60)
    times = np.arange(len(seen))
    assert seen == pytest.approx(np.maximum(WEIGHT * np.maximum(times - FREE, 0), MOST) * caution)


def test_another_pitch_ends_the_run():
    own = cautious(1.0)
    for step in range(0, 36, 6):
        own.play(step, 0, 60)
    assert weight_of(own, 36, 0, 60) < 0
    own.play(36, 0, 62)
    assert not own.weights(42).pitch.any()


def test_every_note_of_a_repeated_chord_counts_by_itself():
    own = cautious(1.0)
    for step in range(0, 36, 6):
        for pitch in (60, 64 + step // 6):
            own.play(step, 0, pitch)
    pitch = own.weights(36).pitch
    assert pitch[0, 60] < 0
    assert np.count_nonzero(pitch) == 1


def test_parts_are_counted_apart_and_drums_not_at_all():
    own = cautious(1.0)
    for step in range(0, 36, 6):
        own.play(step, 1, 72)
        own.take(step, 3, 42)
    pitch = own.weights(36).pitch
    assert np.flatnonzero(pitch.any(axis=1)).tolist() == [1]


@pytest.mark.parametrize(
    ("temperature", "top_p", "bears"),
    [(1.0, STYLE.top_p, False), (2.0, 1.0, False), (0.0, 1.0, True), (1.0, 0.0, True)],
)
def test_it_bears_on_cautious_requests_alone(temperature, top_p, bears):
    plan = dataclasses.replace(plan_of(8), temperature=temperature, top_p=top_p)
    own, weights = constrained(conditions_of(plan, 0))
    for _ in range(8):
        own.weigh_shifts()
        own.take_shifts([6])
        own.move()
        own.weigh_notes()
        before = weights.pitch[0, 0, 60] - weights.pitch[0, 0, 62]
        own.take_notes([(0, 60, 3)])
    assert (before < WEIGHT) == bears
