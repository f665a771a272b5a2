"""Whatever the composer prefers, the rules leave it something, and the piece is well formed."""

import numpy as np
from componium.representations.note_codec import NoteCodec
from fixtures.courses import REPRESENTATION as GUIDED
from fixtures.courses import plan_of, steering_of
from fixtures.playing import play
from hypothesis import given
from hypothesis import strategies as st

from componium.composing.plans import Plan
from componium.composing.requests import ComposeRequest
from componium.composing.rules import FORBIDDEN, Rules
from componium.composing.steering import MAX_AT_ONCE, Steering
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.score import TimeSignature

REPRESENTATION = NoteCodec(NotesConfig(max_shift=20, parts=(Part(name="piano"), Part(name="drums", is_drum=True))))
FREE = Steering(
    "", np.ones(2, bool), np.zeros((2, 128), np.float32), np.full(2, MAX_AT_ONCE), np.empty(0, np.int64),
    np.empty((0, 2, 128), np.float32), None, (),
)  # fmt: skip


@given(st.integers(1, 100), st.integers(0, 60), st.data())
def test_a_piece_under_the_rules_is_well_formed_and_ends(n_steps, lead, data):
    first_step = min(lead, n_steps - 1)
    plan = Plan(
        ComposeRequest(), (0,), (TimeSignature(0, 4, 4),), first_step, n_steps, -(-n_steps // 48), 100.0, (0, 0)
    )
    rules = Rules(REPRESENTATION, plan, FREE)
    rows = play(rules, REPRESENTATION, lambda _, values: data.draw(st.sampled_from(values)), most_rows=200)
    sounding = [row for row in rows if row.duration]
    assert all(first_step <= row.onset and row.onset + row.duration <= n_steps for row in sounding)
    keys = [row[:3] for row in sounding]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    onsets = [row.onset for row in rows]
    assert max((onsets.count(onset) for onset in onsets), default=0) <= MAX_AT_ONCE
    if rules.is_over:
        last_bar = (n_steps - 1) // 48 * 48
        assert rows
        assert rows[-1].onset >= last_bar


def test_who_would_play_on_beyond_the_end_stops_and_only_in_the_last_bar():
    rules, shift = Rules(GUIDED, plan_of(2), steering_of(0)), np.zeros(GUIDED.sizes.shift, np.float32)

    def across():
        rules.weigh_shift(shift)
        return (shift[96 - rules.onset :] > FORBIDDEN / 2).tolist()

    for step in (0, 40, 16, 10):
        rules.take_shift(step)
        rules.take_note(0, 60, 6)
        assert any(across()) == (rules.onset >= 48)
    # From step 66 on 30 steps are left; beyond are shifts and the end alike.
    assert across() == [True] * 12
    rules.take_shift(35)
    assert rules.is_over
