"""Bars that are much alike do not go on for longer than in the style."""

import numpy as np
import pytest
from fixtures.pieces import CODEC, SETTINGS, Followed, conditions_of, plan_of

from componium.composing.constraints.repetition import repetition_of
from componium.conditioning.style_profile import starting_profile

STYLES = starting_profile(("chorale", "tunes", "game-rock"), 100.0, "quarter").styles


def repetition():
    conditions = conditions_of(plan_of(30), 0, 3)
    return Followed(lambda piece: repetition_of(CODEC, SETTINGS.repetition, piece), conditions)


class TestAlike:
    TUNE = (60, 62, 64, 65, 67, 69)

    def after(self, *bars, drums=False):
        """Weights of part and pitch where the fourth note of the next bar may begin."""
        own = repetition()
        for bar, tune in enumerate(bars):
            for step, pitch in enumerate(tune):
                own.play(48 * bar + 6 * step, 0, pitch, 6)
                if drums:
                    own.take(48 * bar + 6 * step, 3, 36 + (bar + step) % 7, 1)
        return own.weights(48 * len(bars) + 18).pitch

    def varied(self, step):
        return [pitch + (place == step) for place, pitch in enumerate(self.TUNE)]

    @pytest.mark.parametrize("drums", [False, True])
    def test_after_three_bars_that_are_much_alike_the_last_becomes_rare(self, drums):
        assert not self.after(*[self.TUNE] * 2, drums=drums).any()
        # Five of seven notes in common are much alike; what the drums do does not count.
        pitch = self.after(self.TUNE, self.varied(0), self.TUNE, drums=drums)
        assert pitch[0, 65] == SETTINGS.repetition.once_more
        assert np.count_nonzero(pitch) == 1

    def test_a_bar_that_is_not_much_alike_ends_the_run(self):
        other = [pitch + 12 for pitch in self.TUNE]
        assert not self.after(self.TUNE, self.TUNE, other, other).any()

    def test_how_many_depends_on_the_style(self):
        assert STYLES["chorale"].most_alike < STYLES["tunes"].most_alike < STYLES["game-rock"].most_alike
