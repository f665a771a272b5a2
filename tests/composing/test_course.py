"""However perverse the composer, a guided one's first draft has no flaw that the course of the piece can prevent."""

import dataclasses
from itertools import groupby, pairwise

import numpy as np
import pytest
from fixtures.courses import NO_VOICES, REPRESENTATION, plan_of, steering_of
from fixtures.playing import play
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.composing.course import (
    OVERDUE_WEIGHT,
    PATIENCE_BARS,
    STUCK,
    Course,
)
from componium.composing.drafts import MOST_REPEATS, MOST_SILENT_BARS, flaws
from componium.composing.rules import Rules
from componium.composing.steering import Aim
from componium.composing.styles import ANY, STYLES
from componium.features.part_history import COMES_FROM


def played(plan, steering, choose):
    """The notes of a piece as :func:`flaws` takes them, and its flaws."""
    rules = Rules(REPRESENTATION, plan, steering)
    rows = play(rules, REPRESENTATION, choose, most_rows=5000)
    assert rules.is_over
    notes = [(row.part, row.onset, row.duration, row.pitch) for row in rows if row.duration]
    return notes, flaws(notes, REPRESENTATION, plan, steering)


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
    _, found = played(plan_of(n_bars, *meter), steering_of(*plays), lambda _, values: int(rng.choice(values)))
    assert found == []


@pytest.mark.parametrize(("numerator", "denominator"), [(4, 4), (3, 4), (1, 16)])
def test_who_sleeps_as_long_as_he_may_is_silent_for_two_bars_and_no_more(numerator, denominator):
    plan = plan_of(40, numerator, denominator)

    def sleeper(name, values):
        # The longest shift that is no end, then a rest where one is left, else the shortest note.
        longest = [value for value in values if value <= REPRESENTATION.config.max_shift]
        return longest[-1] if name == "shift" and longest else values[0]

    notes, found = played(plan, steering_of(0), sleeper)
    assert found == []
    bars = [onset // (plan.end_step // 40) for _, onset, _, _ in notes]
    assert max(later - earlier for earlier, later in pairwise(bars)) == MOST_SILENT_BARS + 1


def test_a_rest_never_takes_the_last_onset_before_it_is_too_late():
    def sleeper(name, values):
        # From step 31 on, shifts of 40, with rests, would lead to the last step before the third silent bar is over.
        if name == "shift":
            return 31 if not begun else max((own for own in values if own <= 40), default=values[-1])
        begun.append(name)
        return values[0] if name == "duration" else values[-1]

    begun = []
    notes, found = played(plan_of(8), steering_of(0), sleeper)
    assert found == []
    assert [onset for _, onset, _, _ in notes[:2]] == [31, 191]


@pytest.mark.parametrize("n_bars", [1, 2, 32])
def test_who_plays_one_part_alone_must_let_the_others_play(n_bars):
    def soloist(name, values):
        return values[-1] if name == "duration" else values[min(6, len(values) - 1)] if name == "shift" else values[0]

    notes, found = played(plan_of(n_bars), steering_of(0, 1, 3), soloist)
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
                    return REPRESENTATION.end
                onset += wanted
                return min(values, key=lambda value: abs(value - wanted))
            if name == "pitch":
                count += 1
                return min(values, key=lambda value: abs(value - pitch))
            return min(values, key=lambda value: abs(value - 6)) if name == "duration" else values[0]

        return choose

    notes, found = played(plan, steering_of(0), parrot())
    assert found == []
    bars = [[(onset % 48, pitch) for _, onset, _, pitch in notes if onset // 48 == bar] for bar in range(30)]
    runs = [len(list(own)) for _, own in groupby(bars)]
    assert max(runs) == MOST_REPEATS
    # After the bar that differs the loop may come again.
    assert [bar == loop for bar in bars].count(True) == 27


class TestAlike:
    TUNE = (60, 62, 64, 65, 67, 69)

    def after(self, *bars, drums=False):
        """Weights of part and pitch where the fourth note of the next bar may begin."""
        course = Course(REPRESENTATION, plan_of(30), steering_of(0, 3))
        for bar, tune in enumerate(bars):
            for step, pitch in enumerate(tune):
                course.move(48 * bar + 6 * step)
                course.take(48 * bar + 6 * step, 0, pitch, 6)
                if drums:
                    course.take(48 * bar + 6 * step, 3, 36 + (bar + step) % 7, 1)
        onset = 48 * len(bars) + 18
        course.move(onset)
        pitch = np.zeros((4, 128), np.float32)
        course.weigh_note(
            onset, np.zeros(4, np.float32), pitch, np.zeros(len(REPRESENTATION.durations), np.float32), NO_VOICES
        )
        return pitch

    def varied(self, step):
        return [pitch + (place == step) for place, pitch in enumerate(self.TUNE)]

    @pytest.mark.parametrize("drums", [False, True])
    def test_after_three_bars_that_are_much_alike_the_last_becomes_rare(self, drums):
        assert not self.after(*[self.TUNE] * 2, drums=drums).any()
        # Five of seven notes in common are much alike; what the drums do does not count.
        pitch = self.after(self.TUNE, self.varied(0), self.TUNE, drums=drums)
        assert pitch[0, 65] == STUCK
        assert np.count_nonzero(pitch) == 1

    def test_a_bar_that_is_not_much_alike_ends_the_run(self):
        other = [pitch + 12 for pitch in self.TUNE]
        assert not self.after(self.TUNE, self.TUNE, other, other).any()

    def test_how_many_depends_on_the_style(self):
        assert STYLES["chorale"].most_alike < ANY.most_alike < STYLES["game-rock"].most_alike


def test_an_overdue_part_becomes_likelier_until_it_plays():
    plan, steering = plan_of(32), steering_of(0, 3)
    course = Course(REPRESENTATION, plan, steering)
    patience = 48 * PATIENCE_BARS

    def weights(onset):
        course.move(onset)
        part, pitch = np.zeros(4, np.float32), np.zeros((4, 128), np.float32)
        course.weigh_note(onset, part, pitch, np.zeros(len(REPRESENTATION.durations), np.float32), NO_VOICES)
        assert not pitch.any()
        return part.tolist()

    course.take(0, 0, 60, 48)
    assert weights(patience) == [0, 0, 0, 0]
    course.move(patience)
    course.take(patience, 0, 60, 48)
    assert weights(patience * 3 // 2) == pytest.approx([0, 0, 0, OVERDUE_WEIGHT / 2])
    assert weights(patience * 2) == pytest.approx([0, 0, 0, OVERDUE_WEIGHT])
    course.take(patience * 2, 3, 36, 12)
    # Now the piano has been silent longest, since the end of its note.
    late = (patience * 5 // 2 - (patience + 48)) / patience - 1
    assert weights(patience * 5 // 2) == pytest.approx([OVERDUE_WEIGHT * late, 0, 0, 0])


class TestRests:
    """The flute is arranged to play from bar 12 on."""

    @staticmethod
    def steering():
        arrangement = np.ones((32, 4))
        arrangement[:12, 1] = 0
        steering = steering_of(0, 1)
        return dataclasses.replace(steering, aim=Aim(np.zeros(4), np.zeros(4), arrangement))

    @staticmethod
    def weights(course, onset):
        course.move(onset)
        part = np.zeros(4, np.float32)
        course.weigh_note(
            onset,
            part,
            np.zeros((4, 128), np.float32),
            np.zeros(len(REPRESENTATION.durations), np.float32),
            NO_VOICES,
        )
        return part.tolist()

    def test_who_rests_is_not_overdue_until_it_was_due(self):
        course = Course(REPRESENTATION, plan_of(32), self.steering())
        for bar in range(32):
            course.move(48 * bar)
            course.take(48 * bar, 0, 60, 48)
            found = self.weights(course, 48 * bar + 47)
            assert (found[1] < -9) == (bar < 12)
            # Its patience begins where it may play.
            assert (found[1] > 0) == (bar >= 12 + PATIENCE_BARS), bar

    @settings(max_examples=20)
    @given(st.integers(0, 2**32))
    def test_no_chance_makes_a_flawed_draft(self, seed):
        rng = np.random.default_rng(seed)
        _, found = played(plan_of(20), self.steering(), lambda _, values: int(rng.choice(values)))
        assert found == []


def test_voices_go_on_as_the_style_has_it_until_the_piece_is_led_home(monkeypatch):
    monkeypatch.setitem(STYLES, "any", ANY._replace(stepping=1.5))
    course = Course(REPRESENTATION, plan_of(4), steering_of(0, 3))
    voices = np.array(NO_VOICES)
    # The piano's comes from E, the flute's from nowhere; drums have no lines.
    voices[[0, 3], COMES_FROM.start] = 1 + 64

    def weights(onset):
        course.move(onset)
        part, pitch = np.zeros(4, np.float32), np.zeros((4, 128), np.float32)
        course.weigh_note(onset, part, pitch, np.zeros(len(REPRESENTATION.durations), np.float32), voices)
        return pitch

    for onset in range(0, 144, 12):
        course.move(onset)
        course.take(onset, 0, 60 + 4 * (onset % 24 > 0), 6)
    found = weights(143)
    assert np.flatnonzero(found[0]).tolist() == [62, 63, 65, 66]
    assert not found[1:].any()
    assert not (weights(144) > 0).any()
