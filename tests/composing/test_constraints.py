"""However perverse the composer, the first draft has no flaw that the constraints can prevent."""

from itertools import groupby, pairwise

import numpy as np
import pytest
from fixtures.pieces import CODEC, PROFILE, SETTINGS, conditions_of, constrained, plan_of, state_of
from fixtures.playing import play
from fixtures.scripted import Drawn, pieces_of_all_kinds, write
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.composing.constraints import CONSTRAINTS, static_weights
from componium.composing.selection.checks import flaws
from componium.conditioning.constraint_settings import ConstraintSettings


def played(conditions, choose):
    """The notes of a piece as :func:`flaws` takes them, and its flaws."""
    rows, is_over = play(conditions, choose, most_rows=5000)
    assert is_over
    notes = [(row.part, row.onset, row.duration, row.pitch) for row in rows if row.duration]
    return notes, flaws(notes, CODEC, PROFILE.checks, conditions)


@settings(max_examples=50)
@given(
    st.integers(1, 12),
    st.sampled_from(((4, 4), (3, 4), (6, 8), (1, 4))),
    st.sets(st.integers(0, 3), min_size=1),
    st.integers(0, 2**32),
)
def test_no_chance_makes_a_flawed_draft(n_bars, meter, plays, seed):
    rng = np.random.default_rng(seed)
    # Whoever draws alike among all shifts and durations stays silent, and ends, as often as the rules let him.
    _, found = played(conditions_of(plan_of(n_bars, *meter), *plays), lambda _, values: int(rng.choice(values)))
    assert found == []


@pytest.mark.parametrize(("numerator", "denominator"), [(4, 4), (3, 4), (1, 16)])
def test_who_sleeps_as_long_as_he_may_is_silent_for_two_bars_and_no_more(numerator, denominator):
    plan = plan_of(40, numerator, denominator)

    def sleeper(name, values):
        # The longest shift that is no end, then a rest where one is left, else the shortest note.
        longest = [value for value in values if value <= CODEC.config.max_shift]
        return longest[-1] if name == "shift" and longest else values[0]

    notes, found = played(conditions_of(plan, 0), sleeper)
    assert found == []
    bars = [onset // (plan.end_step // 40) for _, onset, _, _ in notes]
    assert max(later - earlier for earlier, later in pairwise(bars)) == SETTINGS.presence.most_silent_bars + 1


def test_a_rest_never_takes_the_last_onset_before_it_is_too_late():
    def sleeper(name, values):
        # From step 31 on, shifts of 40, with rests, would lead to the last step before the third silent bar is over.
        if name == "shift":
            return 31 if not begun else max((own for own in values if own <= 40), default=values[-1])
        begun.append(name)
        return values[0] if name == "duration" else values[-1]

    begun = []
    notes, found = played(conditions_of(plan_of(8), 0), sleeper)
    assert found == []
    assert [onset for _, onset, _, _ in notes[:2]] == [31, 191]


@pytest.mark.parametrize("n_bars", [1, 2, 32])
def test_who_plays_one_part_alone_must_let_the_others_play(n_bars):
    def soloist(name, values):
        return values[-1] if name == "duration" else values[min(6, len(values) - 1)] if name == "shift" else values[0]

    notes, found = played(conditions_of(plan_of(n_bars), 0, 1, 3), soloist)
    assert found == []
    assert {part for part, *_ in notes} == {0, 1, 3}


def test_a_loop_is_left_after_eight_times():
    plan = plan_of(30)
    loop = [(0, 60), (0, 64), (24, 67)]

    def parrot():
        """Plays the same three notes in every bar, or what is nearest to them."""
        count, onset = 0, 0

        def choose(name, values):
            nonlocal count, onset
            bar, which = divmod(count, len(loop))
            position, pitch = loop[which]
            if name == "shift":
                wanted = 48 * bar + position - onset
                if 48 * bar >= plan.end_step:
                    return CODEC.end
                onset += wanted
                return min(values, key=lambda value: abs(value - wanted))
            if name == "pitch":
                count += 1
                return min(values, key=lambda value: abs(value - pitch))
            return min(values, key=lambda value: abs(value - 6)) if name == "duration" else values[0]

        return choose

    notes, found = played(conditions_of(plan, 0), parrot())
    assert found == []
    bars = [[(onset % 48, pitch) for _, onset, _, pitch in notes if onset // 48 == bar] for bar in range(30)]
    runs = [len(list(own)) for _, own in groupby(bars)]
    assert max(runs) == SETTINGS.repetition.most_repeats
    # After the bar that differs the loop may come again.
    assert [bar == loop for bar in bars].count(True) == 27


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_parts_that_rest_make_no_flawed_draft(seed):
    rng = np.random.default_rng(seed)
    arrangement = np.ones((20, 4))
    arrangement[:12, 1] = 0
    conditions = conditions_of(plan_of(20), 0, 1, arrangement=arrangement)
    assert played(conditions, lambda _, values: int(rng.choice(values)))[1] == []


def test_the_registry_is_what_profiles_can_name():
    assert list(CONSTRAINTS) == list(ConstraintSettings.model_fields)


@pytest.mark.parametrize("batch", [2, 3, 8])
def test_a_piece_has_the_same_weights_alone_and_beside_others_that_leave_and_come(batch):
    kinds = pieces_of_all_kinds() * 2
    alone = [Drawn(seed, own) for seed, own in enumerate(kinds)]
    for piece in alone:
        write(1, [piece])
    beside = [Drawn(seed, own) for seed, own in enumerate(kinds)]
    write(batch, beside)
    # They leave at different times, so that rows are replaced while others go on.
    assert len({len(piece.seen) for piece in alone}) > 3
    for one, other in zip(alone, beside, strict=True):
        assert len(one.seen) == len(other.seen) > 40
        assert all(np.array_equal(*both) for both in zip(one.seen, other.seen, strict=True))


def test_static_weights_are_those_of_every_step():
    conditions = pieces_of_all_kinds()[1]
    state = state_of(conditions)
    static = static_weights(CODEC, SETTINGS, state)
    assert static.shape == (conditions.plan.end_step, 4, 128)
    own, weights = constrained(conditions)
    own.weigh_shifts()
    onset = 0
    for shift in (0, 5, 19, 30):
        assert own.take_shifts([shift])
        own.move()
        own.weigh_notes()
        onset += shift
        # Before the ending and without a history of voices, nothing else weighs the pitches of the piano.
        assert np.allclose(weights.pitch[0, 0], static[onset, 0])
        own.take_notes([(0, 60, 6)])
