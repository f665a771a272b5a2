"""Whatever the composer prefers, the constraints leave it something, and the piece is well formed."""

from fixtures.pieces import CODEC as BAND
from fixtures.pieces import SETTINGS, conditions_of, constrained, plan_of
from fixtures.playing import play
from hypothesis import given
from hypothesis import strategies as st

from componium.composing.constraints import FORBIDDEN
from componium.composing.constraints.well_formedness import MAX_AT_ONCE
from componium.conditioning.style_profile import starting_profile

# Those of a composer that knows no styles.
FEW = starting_profile((), 100.0, "quarter").constraints


@given(st.integers(1, 100), st.integers(0, 60), st.data())
def test_a_piece_is_well_formed_and_ends(n_steps, lead, data):
    first_step = min(lead, n_steps - 1)
    plan = plan_of(-(-n_steps // 48), first_step=first_step, end_step=n_steps)
    rows, is_over = play(
        conditions_of(plan, 0, 3), lambda _, values: data.draw(st.sampled_from(values)), 200, settings=FEW
    )
    sounding = [row for row in rows if row.duration]
    assert all(first_step <= row.onset and row.onset + row.duration <= n_steps for row in sounding)
    keys = [row[:3] for row in sounding]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    onsets = [row.onset for row in rows]
    assert max((onsets.count(onset) for onset in onsets), default=0) <= MAX_AT_ONCE
    if is_over:
        last_bar = (n_steps - 1) // 48 * 48
        assert rows
        assert rows[-1].onset >= last_bar


def test_a_piece_that_would_play_on_beyond_the_end_stops_and_only_in_the_last_bar():
    own, weights = constrained(conditions_of(plan_of(2), 0))
    [piece], shift = own.pieces, weights.shift[0]

    def across():
        own.weigh_shifts()
        return (shift[96 - piece.onset :] > FORBIDDEN / 2).tolist()

    for step in (0, 40, 16, 10):
        assert own.take_shifts([step])
        own.move()
        own.take_notes([(0, 60, 6)])
        assert any(across()) == (piece.onset >= 48)
    # From step 66 on 30 steps are left; beyond are shifts and the end alike.
    assert across() == [True] * 12
    assert not own.take_shifts([35])
    assert piece.is_over


def test_no_instrument_begins_more_notes_together_than_it_can():
    own, weights = constrained(conditions_of(plan_of(2), 1, 2), settings=SETTINGS)
    own.weigh_shifts()
    assert own.take_shifts([0])
    own.move()
    own.take_notes([(1, 70, 6)])
    own.weigh_notes()
    # The flute has its note; the bass may still begin one, and then nothing.
    assert (weights.part[0] > FORBIDDEN / 2).tolist() == [False, False, True, False]
    own.take_notes([(2, 40, 6)])
    own.weigh_shifts()
    assert (BAND.config.parts[2].name, weights.shift[0, 0] > FORBIDDEN / 2) == ("bass", True)
