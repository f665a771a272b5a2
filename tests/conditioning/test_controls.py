import numpy as np
import pytest
from fixtures.conditioning import conditioning_of
from fixtures.rows import rows_of

from componium.conditioning.controls import (
    COMPLEXITY,
    DENSITY,
    N_KEYS,
    N_LEVELS,
    ConditioningConfig,
    Conditions,
    chord_columns,
    density_complexity,
    only_parts,
)
from componium.conditioning.roles import SIZES
from componium.score.harmony.chords import N_CHORDS, UNKNOWN_CHORD


class TestColumns:
    def test_of_chords_by_hand(self):
        # Of six quarters C C G G G Am; after the last none is given.
        c, g, am = 1, 8, 22
        found = chord_columns(np.array([c, c, g, g, g, am], np.int16))
        assert found.tolist() == [[c, g], [c, g], [g, am], [g, am], [g, am], [am, am], [0, 0]]

    def test_the_next_chord_is_four_quarters_ahead_at_most(self):
        found = chord_columns(np.array([1, 1, 1, 1, 1, 5, 1], np.int16))
        assert found[:, 1].tolist() == [1, 5, 5, 5, 5, 1, 1, 0]

    def test_without_chords_none_is_given(self):
        assert chord_columns(np.empty(0, np.int16)).tolist() == [[UNKNOWN_CHORD, UNKNOWN_CHORD]]

    def test_at_quarters(self):
        guide = Conditions((2, 5, 8, 1), np.array([[9, 0], [6, 0], [8, 0]], np.int16), np.array([3, 9], np.int16))
        columns = guide.columns(np.array([0, 0, 1, 2, 40]))
        assert columns.tolist() == [
            [3, 9, 2, 5, 8, 1, 9, 0, 6, 0, 8, 0],
            [3, 9, 2, 5, 8, 1, 9, 0, 6, 0, 8, 0],
            [9, 9, 2, 5, 8, 1, 9, 0, 6, 0, 8, 0],
            [0, 0, 2, 5, 8, 1, 9, 0, 6, 0, 8, 0],
            [0, 0, 2, 5, 8, 1, 9, 0, 6, 0, 8, 0],
        ]
        assert columns.dtype == np.int16

    def test_there_are_none_without_conditions(self):
        assert ConditioningConfig().sizes(5) == ()
        assert only_parts(ConditioningConfig(), np.ones(5, bool)).columns(np.arange(7)).shape == (7, 0)

    def test_only_parts_gives_which_parts_play_and_the_style(self):
        found = only_parts(conditioning_of("pop"), np.array([False, True]), style=1)
        assert found.columns(np.array([0, 9])).tolist() == [[0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]] * 2

    def test_lie_in_the_order_of_their_sizes(self):
        config = conditioning_of("pop", "folk")
        sizes = config.sizes(3)
        assert sizes == (N_CHORDS, N_CHORDS, 3, N_KEYS, N_LEVELS + 1, N_LEVELS + 1, *[10] * 3, *[7] * 3, *[9] * 3)
        # The largest value of everything that can be told fits, and would fit nowhere if the order were another.
        roles = np.repeat(np.array(SIZES, np.int16)[:, None] - 1, 3, axis=1)
        largest = Conditions((2, 24, 8, 8), roles, np.array([N_CHORDS - 1], np.int16)).columns(np.array([0]))
        assert (largest[0] + 1).tolist() == list(sizes)


class TestLevels:
    CONFIG = ConditioningConfig(
        styles=("slow", "fast"),
        density=((1, 2, 3, 4, 5, 6, 7), (10, 20, 30, 40, 50, 60, 70)),
        complexity=((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), (1, 1, 1, 1, 1, 1, 1)),
    )

    @pytest.mark.parametrize(
        ("control", "style", "value", "level"),
        [
            (DENSITY, 1, 0.0, 1), (DENSITY, 1, 0.99, 1), (DENSITY, 1, 1.0, 2), (DENSITY, 1, 6.5, 7),
            (DENSITY, 1, 100, 8), (DENSITY, 2, 6.5, 1), (DENSITY, 2, 35, 4), (COMPLEXITY, 1, 0.35, 4),
            (COMPLEXITY, 2, 0.9, 1), (COMPLEXITY, 2, 1.1, 8),
        ],
    )  # fmt: skip
    def test_lie_between_the_seven_values_of_the_style(self, control, style, value, level):
        assert self.CONFIG.level(control, style, value) == level

    def test_by_hand(self):
        # Five notes in two quarters: two chords of two, one of them off the beat, and a last note on it.
        events = rows_of([(0, 0, 60, 6), (0, 0, 64, 6), (6, 0, 62, 6), (6, 0, 65, 6), (24, 0, 60, 12)])
        density, complexity = density_complexity(events, np.array([False]), 12)
        assert density == pytest.approx(5 / 2)
        assert complexity == pytest.approx(np.log2(5 / 3) + 2 * 1 / 3)

    def test_drums_and_rests_do_not_count_but_their_time_does(self):
        drummed = [(0, 0, 60, 6), (6, 1, 36, 3), (12, 0, 62, 6), (20, 0, 0, 0), (48, 1, 38, 3)]
        density, complexity = density_complexity(rows_of(drummed), np.array([False, True]), 12)
        assert (density, complexity) == (2 / 4, 0)
        assert density_complexity(rows_of(drummed[1:2]), np.array([False, True]), 12) == (0.0, 0.0)

    def test_the_time_before_the_first_row_does_not_count(self):
        notes = [(0, 0, 60, 6), (12, 0, 62, 6), (24, 0, 64, 6)]
        later = [(onset + 96, *rest) for onset, *rest in notes]
        is_drum = np.array([False])
        assert density_complexity(rows_of(later), is_drum, 12) == density_complexity(rows_of(notes), is_drum, 12)
