"""Bars between others are filled by as much as their neighbours play, and towards what follows."""

import numpy as np
import pytest
from fixtures.pieces import CODEC, SETTINGS, Followed, conditions_of, plan_of, state_of

from componium.composing.constraints.ending import ending_of
from componium.composing.constraints.infill import infill_of
from componium.composing.prompts import FixedNotes

PIANO, FLUTE = 0, 1
BAR, QUARTER = 48, 12
NO_ROWS = np.zeros((0, 5), np.int16)


def bars(part, pitch, every, count=4):
    """Rows of a part that plays one pitch, ``every`` so many steps, from a bar line on."""
    n_notes = count * BAR // every
    rows = np.zeros((n_notes, 5), np.int16)
    rows[1:, 0] = every
    rows[:, 1:4] = part, pitch, 3
    return rows


def infill(before, following, parts=(), rows=()):
    """Bars 5 to 8, behind four bars and before others."""
    fixed = FixedNotes(tuple(rows), frozenset(parts), (), following, before)
    conditions = conditions_of(plan_of(8, first_step=4 * BAR), PIANO, FLUTE, fixed=fixed)
    return Followed(lambda piece: infill_of(CODEC, SETTINGS.infill, SETTINGS.density, piece), conditions)


@pytest.mark.parametrize(("every", "sign"), [(24, -1), (3, 1)])
def test_it_is_kept_to_the_pace_of_its_neighbours(every, sign):
    own = infill(bars(PIANO, 60, 12), bars(PIANO, 60, 12))
    assert not own.weights(4 * BAR).shift.any()
    onsets = range(4 * BAR, 6 * BAR, every)
    for onset in onsets:
        own.take(onset, PIANO, 60, 3)
    # Who plays too little goes on sooner, who plays too much later.
    assert sign * own.weights(onsets[-1]).shift[QUARTER] > 0.5


def test_who_plays_as_much_is_all_but_let_be():
    own = infill(bars(PIANO, 60, 12), bars(PIANO, 60, 12))
    for onset in range(4 * BAR, 8 * BAR, 12):
        own.take(onset, PIANO, 60, 3)
        # A note is more than its share of the time that it begins.
        assert np.abs(own.weights(onset).shift).max() < 1


def test_without_anything_before_it_only_what_follows_counts():
    own = infill(NO_ROWS, bars(PIANO, 60, 12))
    assert not own.weights(4 * BAR).shift.any()


def test_before_the_line_it_leads_to_where_each_part_goes_on():
    following = np.concatenate((bars(PIANO, 60, 12, 1), bars(FLUTE, 84, 12, 1)))
    own = infill(bars(PIANO, 60, 12), following[:4])
    line = 8 * BAR
    assert not own.weights(line - 2 * QUARTER).pitch.any()
    early, late = (own.weights(line - left).pitch[PIANO] for left in (QUARTER, 1))
    # Steps are free, leaps the rarer the wider, and all that the more so the nearer the line.
    assert not late[58:63].any()
    assert late[72] < late[67] < 0
    assert late[72] < early[72] < 0
    assert late[72] >= SETTINGS.infill.leading * 10
    # Who does not go on leads nowhere.
    assert not own.weights(line - 1).pitch[FLUTE].any()


def test_given_parts_lead_nowhere_and_count_as_they_play_in_the_gap():
    rows = [(4 * BAR + step, FLUTE, 84, 3, 4) for step in range(0, 4 * BAR, 6)]
    own = infill(bars(PIANO, 60, 12), bars(FLUTE, 84, 12), parts=(FLUTE,), rows=rows)
    assert not own.weights(8 * BAR - 1).pitch.any()
    for onset in range(4 * BAR, 8 * BAR, 6):
        if onset % 24 == 0:
            own.take(onset, PIANO, 60, 3)
        own.take(onset, FLUTE, 84, 3)
    assert abs(own.weights(8 * BAR - 6).shift[QUARTER]) < 0.5


@pytest.mark.parametrize("goes_on", [False, True])
def test_where_nothing_follows_it_ends_as_a_piece_does(goes_on):
    fixed = FixedNotes((), frozenset(), (), bars(PIANO, 60, 12) if goes_on else NO_ROWS)
    state = state_of(conditions_of(plan_of(4), PIANO, fixed=fixed))
    own = ending_of(CODEC, SETTINGS.ending, SETTINGS.cadence, state)
    filled = infill_of(CODEC, SETTINGS.infill, SETTINGS.density, state)
    assert (own is None) == goes_on == (filled is not None)
