"""A gap is filled by as much as its neighbours play, and towards what follows."""

import dataclasses

import numpy as np
import pytest
from fixtures.courses import NO_VOICES, REPRESENTATION, plan_of, steering_of

from componium.composing.ending import HELD
from componium.composing.gap import LEADING, Gap
from componium.composing.given import Given
from componium.composing.rules import Rules

PIANO, FLUTE = 0, 1
BAR, QUARTER = 48, 12
N_SHIFTS = REPRESENTATION.sizes.shift


def bars(part, pitch, every, count=4):
    """Rows of a part that plays one pitch, ``every`` so many steps, from a bar line on."""
    n_notes = count * BAR // every
    rows = np.zeros((n_notes, 5), np.int16)
    rows[1:, 0] = every
    rows[:, 1:4] = part, pitch, 3
    return rows


def gap_of(before, following, parts=(), rows=()):
    """Bars 5 to 8, behind four bars and before others."""
    plan = dataclasses.replace(plan_of(8), first_step=4 * BAR)
    given = Given(tuple(rows), frozenset(parts), (), following, before)
    return Gap(REPRESENTATION, plan, given, steering_of(PIANO, FLUTE))


def shift_weights(gap, onset):
    weights = np.zeros(N_SHIFTS, np.float32)
    gap.weigh_shift(onset, weights)
    return weights


def pitch_weights(gap, onset):
    pitch = np.zeros((4, 128), np.float32)
    gap.weigh_note(onset, np.zeros(4, np.float32), pitch, np.zeros(8, np.float32), NO_VOICES)
    return pitch


@pytest.mark.parametrize(("every", "sign"), [(24, -1), (3, 1)])
def test_it_is_kept_to_the_pace_of_its_neighbours(every, sign):
    gap = gap_of(bars(PIANO, 60, 12), bars(PIANO, 60, 12))
    assert not shift_weights(gap, 4 * BAR).any()
    onsets = range(4 * BAR, 6 * BAR, every)
    for onset in onsets:
        gap.take(onset, PIANO, 60, 3)
    # Who plays too little goes on sooner, who plays too much later.
    assert sign * shift_weights(gap, onsets[-1])[QUARTER] > 0.5


def test_who_plays_as_much_is_all_but_let_be():
    gap = gap_of(bars(PIANO, 60, 12), bars(PIANO, 60, 12))
    for onset in range(4 * BAR, 8 * BAR, 12):
        gap.take(onset, PIANO, 60, 3)
        # A note is more than its share of the time that it begins.
        assert np.abs(shift_weights(gap, onset)).max() < 1


def test_of_no_neighbours_nothing_is_held():
    gap = gap_of(None, None)
    for onset in range(4 * BAR, 6 * BAR, 3):
        gap.take(onset, PIANO, 60, 3)
    assert not shift_weights(gap, 6 * BAR).any()
    assert not pitch_weights(gap, 8 * BAR - 1).any()


def test_before_the_line_it_leads_to_where_each_part_goes_on():
    following = np.concatenate((bars(PIANO, 60, 12, 1), bars(FLUTE, 84, 12, 1)))
    gap = gap_of(bars(PIANO, 60, 12), following[:4])
    line = 8 * BAR
    assert not pitch_weights(gap, line - 2 * QUARTER).any()
    early, late = (pitch_weights(gap, line - left)[PIANO] for left in (QUARTER, 1))
    # Steps are free, leaps the rarer the wider, and all that the more so the nearer the line.
    assert not late[58:63].any()
    assert late[72] < late[67] < 0
    assert late[72] < early[72] < 0
    assert late[72] >= LEADING * 10
    # Who does not go on leads nowhere.
    assert not pitch_weights(gap, line - 1)[FLUTE].any()


def test_given_parts_lead_nowhere_and_count_as_they_play_in_the_gap():
    rows = [(4 * BAR + step, FLUTE, 84, 3, 4) for step in range(0, 4 * BAR, 6)]
    gap = gap_of(bars(PIANO, 60, 12), bars(FLUTE, 84, 12), parts=(FLUTE,), rows=rows)
    assert not pitch_weights(gap, 8 * BAR - 1).any()
    for onset in range(4 * BAR, 8 * BAR, 6):
        if onset % 24 == 0:
            gap.take(onset, PIANO, 60, 3)
        gap.take(onset, FLUTE, 84, 3)
    assert abs(shift_weights(gap, 8 * BAR - 6)[QUARTER]) < 0.5


@pytest.mark.parametrize("goes_on", [False, True])
def test_where_nothing_follows_it_ends_as_a_piece_does(goes_on):
    following = bars(PIANO, 60, 12) if goes_on else None
    plan = dataclasses.replace(plan_of(4), given=Given((), frozenset(), (), following))
    rules = Rules(REPRESENTATION, plan, steering_of(PIANO, FLUTE), 4 * BAR - QUARTER, is_start=False)
    duration = np.zeros(len(REPRESENTATION.durations), np.float32)
    rules.weigh_note(0, np.zeros(4, np.float32), np.zeros((4, 128), np.float32), duration, NO_VOICES)
    # On the last beat an eighth that stops short of the end is seldom.
    assert REPRESENTATION.durations[6] == QUARTER // 2
    assert duration[6] == (0 if goes_on else HELD)
