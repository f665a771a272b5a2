"""Whatever the composer prefers, the rules leave it something, and the piece is well formed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.composing.plans import Plan
from componium.composing.requests import ComposeRequest
from componium.composing.rules import FORBIDDEN, MAX_AT_ONCE, Rules
from componium.representations.notes import NotesConfig, NotesRepresentation, Part
from componium.score import TimeSignature

REPRESENTATION = NotesRepresentation(
    NotesConfig(max_shift=20, parts=(Part(name="piano"), Part(name="drums", is_drum=True)))
)


def _allowed(weights, data):
    values = np.flatnonzero(weights > FORBIDDEN / 2)
    assert len(values), "a rule left nothing"
    return int(data.draw(st.sampled_from(values.tolist())))


@given(st.integers(1, 100), st.integers(0, 60), st.data())
def test_a_piece_under_the_rules_is_well_formed_and_ends(n_steps, lead, data):
    first_step = min(lead, n_steps - 1)
    plan = Plan(
        ComposeRequest(), (0,), (TimeSignature(0, 4, 4),), first_step, n_steps, -(-n_steps // 48), 100.0, (0, 0)
    )
    rules = Rules(REPRESENTATION, plan)
    sizes = REPRESENTATION.sizes
    shift, part = np.zeros(sizes.shift, np.float32), np.zeros(sizes.part, np.float32)
    pitch = np.zeros((sizes.part, sizes.pitch), np.float32)
    duration = np.zeros(sizes.duration, np.float32)
    rows = []
    for _ in range(200):
        rules.weigh_shift(shift)
        if len(rows) == 199:
            break
        step = _allowed(shift, data)
        rules.take_shift(step)
        if rules.is_over:
            break
        rules.weigh_note(step, part, pitch, duration)
        own_part = 0 if rules.must_rest() else _allowed(part, data)
        own_pitch = 0 if rules.must_rest() else _allowed(pitch[own_part], data)
        own_duration = 0 if rules.must_rest() else _allowed(duration, data)
        rules.take_note(own_part, own_pitch)
        rows.append((rules.onset, own_part, own_pitch, int(REPRESENTATION.durations[own_duration])))
    sounding = [row for row in rows if row[3]]
    assert all(first_step <= onset and onset + length <= n_steps for onset, _, _, length in sounding)
    keys = [row[:3] for row in sounding]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    onsets = [row[0] for row in rows]
    assert max((onsets.count(onset) for onset in onsets), default=0) <= MAX_AT_ONCE
    if rules.is_over:
        last_bar = (n_steps - 1) // 48 * 48
        assert rows
        assert rows[-1][0] >= last_bar
