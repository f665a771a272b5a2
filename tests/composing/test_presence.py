"""Parts that must play become likelier the longer they are silent."""

import numpy as np
import pytest
from fixtures.pieces import SETTINGS, Followed, conditions_of, plan_of

from componium.composing.constraints.presence import presence_of

OVERDUE, PATIENCE_BARS = SETTINGS.presence.overdue, SETTINGS.presence.patience_bars


def presence(conditions):
    return Followed(lambda piece: presence_of(SETTINGS.presence, piece), conditions)


def test_an_overdue_part_becomes_likelier_until_it_plays():
    own = presence(conditions_of(plan_of(32), 0, 3))
    patience = 48 * PATIENCE_BARS
    own.take(0, 0, 60, 48)
    assert own.part(patience) == [0, 0, 0, 0]
    own.play(patience, 0, 60, 48)
    assert own.part(patience * 3 // 2) == pytest.approx([0, 0, 0, OVERDUE / 2])
    assert own.part(patience * 2) == pytest.approx([0, 0, 0, OVERDUE])
    own.take(patience * 2, 3, 36, 12)
    # Now the piano has been silent longest, since the end of its note.
    late = (patience * 5 // 2 - (patience + 48)) / patience - 1
    assert own.part(patience * 5 // 2) == pytest.approx([OVERDUE * late, 0, 0, 0])


def test_a_part_that_rests_is_not_overdue_until_it_was_due():
    # The flute is arranged to play from bar 12 on.
    arrangement = np.ones((32, 4))
    arrangement[:12, 1] = 0
    own = presence(conditions_of(plan_of(32), 0, 1, arrangement=arrangement))
    for bar in range(32):
        own.play(48 * bar, 0, 60, 48)
        # Its patience begins where it may play.
        assert (own.part(48 * bar + 47)[1] > 0) == (bar >= 12 + PATIENCE_BARS), bar


def test_patience_is_shorter_with_instruments_that_are_named():
    def overdue_from(parts):
        own = presence(conditions_of(plan_of(32, parts=parts), 0, 1))
        own.take(0, 0, 60, 48 * 32)
        return next(bar for bar in range(32) if own.part(48 * bar + 1)[1] > 0)

    named = SETTINGS.presence.named_patience_bars
    assert overdue_from(("piano", "flute")) == named < PATIENCE_BARS
    assert overdue_from(()) == overdue_from(("random:2",)) == overdue_from(("all",)) == PATIENCE_BARS


def test_a_note_may_be_longer_than_all_bars_that_are_known():
    own = presence(conditions_of(plan_of(2), 0, 1))
    own.take(0, 0, 60, 48 * 1000)
    assert not own.weights(0).shift[:40].any()
