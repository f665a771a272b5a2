import numpy as np
import pytest
from componium.representations.note_codec import NoteCodec
from fixtures.rows import rows_of
from hypothesis import given
from hypothesis import strategies as st

from componium.conditioning.controls import (
    COMPLEXITY,
    DENSITY,
    N_ECHO_COLUMNS,
    N_ECHO_STREAKS,
    N_KEYS,
    N_LEVELS,
    NEW_MUSIC,
    NOWHERE,
    ConditioningConfig,
    Conditions,
    FormPointer,
    chord_columns,
    density_complexity,
    echoed,
    form_pointers,
)
from componium.conditioning.roles import SIZES, only_playing
from componium.representations.columns import CHORD, HARMONY, N_METRIC
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.score import TimeSignature
from componium.score.chords import N_CHORDS, UNKNOWN_CHORD

BAR = 48


NOTES = st.lists(
    st.tuples(st.integers(0, 8 * BAR), st.integers(0, 2), st.integers(60, 64), st.integers(0, 3)),
    min_size=1,
    max_size=60,
    unique_by=lambda note: note[:3],
).map(sorted)


class TestColumns:
    def test_of_chords_by_hand(self):
        # Of six quarters C C G G G Am; after the last nothing is told.
        c, g, am = 1, 8, 22
        found = chord_columns(np.array([c, c, g, g, g, am], np.int16))
        assert found.tolist() == [[c, g], [c, g], [g, am], [g, am], [g, am], [am, am], [0, 0]]

    def test_the_next_chord_is_four_quarters_ahead_at_most(self):
        found = chord_columns(np.array([1, 1, 1, 1, 1, 5, 1], np.int16))
        assert found[:, 1].tolist() == [1, 5, 5, 5, 5, 1, 1, 0]

    def test_without_chords_nothing_is_told(self):
        assert chord_columns(np.empty(0, np.int16)).tolist() == [[UNKNOWN_CHORD, UNKNOWN_CHORD]]

    def test_of_a_guide_at_places(self):
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

    def test_lie_in_the_order_of_their_sizes(self):
        config = ConditioningConfig(styles=("pop", "folk"))
        sizes = config.sizes(3)
        assert sizes == (N_CHORDS, N_CHORDS, 3, N_KEYS, N_LEVELS + 1, N_LEVELS + 1, *[10] * 3, *[7] * 3, *[9] * 3)
        # The largest value of everything that can be told fits, and would fit nowhere if the order were another.
        roles = np.repeat(np.array(SIZES, np.int16)[:, None] - 1, 3, axis=1)
        largest = Conditions((2, 24, 8, 8), roles, np.array([N_CHORDS - 1], np.int16)).columns(np.array([0]))
        assert (largest[0] + 1).tolist() == list(sizes)

    def test_come_behind_the_places_of_the_meter(self):
        parts = (Part(name="piano"), Part(name="flute", program=73))
        guided = NoteCodec(NotesConfig(parts=parts, guides=ConditioningConfig(styles=("pop",))))
        plain = NoteCodec(NotesConfig(parts=parts))
        meter, events = (TimeSignature(0, 3, 4),), rows_of([(5, 1, 60, 3), (6, 1, 62, 3), (40, 1, 64, 3)])
        guide = Conditions((1, 0, 0, 0), only_playing(np.array([False, True])), np.array([4, 4, 7], np.int16))
        places = guided.places(events, meter, 2, guide)
        assert np.array_equal(places[:, :N_METRIC], plain.places(events, meter, 2))
        # Of the rows only the third begins while another sounds, a C.
        sounding = np.zeros((4, 13), int)
        sounding[2, [0, 12]] = 1, 61
        # A C, then a C and a D were heard: each a sixth of the notes or more.
        heard = np.zeros((4, 13), int)
        heard[2, [0, 12]], heard[3, [0, 2, 12]] = (5, 1), (5, 5, 2)
        assert places[:, HARMONY].tolist() == np.concatenate((sounding, heard), axis=1).tolist()
        assert places[:, CHORD:].tolist() == [
            [4, 7, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            [4, 7, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            [4, 7, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        ]
        assert places.shape[1] == len(guided.place_sizes)
        # A piece that is encoded tells no more than who plays.
        encoded = guided.placed(rows_of([(0, 1, 60, 3), (20, 1, 62, 3)]), meter, 1)
        assert encoded.places[:, CHORD:].tolist() == [[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]] * 3

    def test_tell_compound_meters_from_simple_ones(self):
        parts = (Part(name="piano"),)
        guided = NoteCodec(NotesConfig(parts=parts, guides=ConditioningConfig(styles=("pop",))))
        meters = [(3, 4), (6, 8), (3, 8), (9, 8), (6, 4), (12, 8), (6, 16)]
        lengths = [int(guided.metric_places(np.array([0]), (TimeSignature(0, *meter),), 1)[0, 1]) for meter in meters]
        # Bars in units of half a quarter, those of compound meters 17 higher.
        assert lengths == [6, 6 + 17, 3, 9 + 17, 12, 12 + 17, 3 + 17]


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


def columns_of(notes):
    return np.array([(onset, part, pitch, duration > 0) for onset, part, pitch, duration in notes], np.int64)


class TestEchoes:
    PHRASE = ((0, 0, 60, 6), (12, 0, 64, 6), (12, 1, 40, 6), (30, 0, 62, 6))

    def repeated(self, *bars):
        return [(bar * BAR + onset, *rest) for bar in bars for onset, *rest in self.PHRASE]

    def test_a_repeated_bar_is_pointed_at_row_by_row_with_a_rising_streak(self):
        found = form_pointers(columns_of(self.repeated(0, 1, 2)), [0, BAR, 2 * BAR, 3 * BAR], [0, 1, 2], 96)
        # Nothing before the first row; from then on a later bar, which repeats the first, is foreseen from its start.
        assert found[:, 0].tolist() == [NOWHERE, 0, 0, 0, 0, 1, 2, 3, 0, 1, 2, 3, NOWHERE]
        assert found[:-1, 1].tolist() == [0, 48, 36, 36, 18, 12, 0, 18, 18, 12, 0, 18]
        # Classes of streaks: none right so far 1, one 2, two or three 3, four to seven 4.
        assert found[:, 2].tolist() == [0, 1, 1, 1, 1, 2, 3, 3, 4, 4, 4, 4, NEW_MUSIC]

    def test_what_is_pointed_at_stands_there_with_the_way_from_here(self):
        notes = self.repeated(0, 1)
        events = rows_of(notes)
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        rows = echoed(events, found)
        assert rows.shape == (len(notes) + 1, N_ECHO_COLUMNS)
        # Before each row of the repetition: its very shift, part, pitch and duration.
        for row in range(4, 8):
            assert rows[row, :5].tolist() == events[row].tolist()
            assert rows[row, 5] == found[row, 2] > 0
        assert (rows[0] == 0).all()
        assert rows[-1].tolist() == [0, 0, 0, 0, 0, NEW_MUSIC]

    def test_where_the_bar_is_new_the_echo_waits_for_the_next(self):
        # Bar 1 is new and bar 2 repeats bar 0; two quarters and more ahead it is too far to be shifted to.
        notes = [*self.repeated(0), (BAR, 0, 70, 6), (BAR + 30, 0, 71, 6)]
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR, 3 * BAR], [0, 0, 2], 24)
        assert found[5:].tolist() == [[NOWHERE, 0, NEW_MUSIC], [0, 18, 1]]

    def test_a_wrong_row_ends_the_streak_but_not_the_echo(self):
        notes = self.repeated(0, 1)
        notes[5] = (BAR + 12, 0, 65, 6)
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        assert found[5].tolist() == [1, 12, 2]
        # After 65 for 64, the bass is still to come.
        assert found[6].tolist() == [2, 0, 1]
        assert found[7].tolist() == [3, 18, 2]

    def test_the_right_note_too_early_is_a_wrong_row(self):
        notes = [*self.repeated(0), (BAR, 0, 60, 6), (BAR + 6, 0, 64, 6)]
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        assert found[5:].tolist() == [[1, 12, 2], [1, 6, 1]]

    def test_a_rest_moves_the_way_but_not_the_streak(self):
        notes = self.repeated(0, 1)
        notes.insert(7, (BAR + 20, 0, 0, 0))
        found = form_pointers(columns_of(notes), [0, BAR, 2 * BAR], [0, 1], 96)
        assert found[7:9].tolist() == [[3, 18, 3], [3, 10, 3]]

    def test_without_a_form_nothing_is_told(self):
        found = form_pointers(columns_of(self.repeated(0, 1)), [0, BAR, 2 * BAR], [], 96)
        assert (found == [NOWHERE, 0, 0]).all()

    @given(NOTES, st.data())
    def test_online_is_offline_and_both_are_what_the_definition_says(self, notes, data):
        lines = list(range(0, 9 * BAR, BAR))
        back = [data.draw(st.integers(0, bar)) for bar in range(8)]
        furthest = data.draw(st.sampled_from((12, 96)))
        found = form_pointers(columns_of(notes), lines, back, furthest)
        echo = FormPointer(lines, back, furthest)
        assert found[0].tolist() == [echo.pointer, echo.shift, 0] == [NOWHERE, 0, 0]
        for place, (onset, part, pitch, duration) in enumerate(notes, 1):
            echo.take(onset, part, pitch, is_rest=not duration)
            pointer, shift, streak = found[place].tolist()
            assert (pointer, streak) == (echo.pointer, echo.streak)
            expected = slow_pointer(notes, place, lines, back, furthest)
            assert (pointer, shift if pointer != NOWHERE else 0) == expected
            assert 0 < streak < N_ECHO_STREAKS
            assert (streak == NEW_MUSIC) == (pointer == NOWHERE)

    @given(NOTES, st.integers(0, 60))
    def test_the_future_changes_nothing(self, notes, cut):
        cut = min(cut, len(notes))
        lines, back = list(range(0, 9 * BAR, BAR)), [0, 1, 2, 0, 4, 1, 3, 2]
        whole, part = (form_pointers(columns_of(own).reshape(-1, 4), lines, back, 96) for own in (notes, notes[:cut]))
        assert np.array_equal(whole[: cut + 1], part)


def slow_pointer(notes, count, lines, back, furthest):
    """By the definition: the first note, later in the bar than the last row, of the bar that this one repeats."""
    onset, part, pitch, _ = notes[count - 1]
    bar = min(onset // BAR, len(back) - 1)
    here = (onset - lines[bar], part, pitch)
    for ahead, after in ((0, here), (1, (-1, -1, -1))):
        own = bar + ahead
        if own >= len(back) or not back[own]:
            continue
        source = own - back[own]
        candidates = [
            ((start - lines[source], its_part, its_pitch), index)
            for index, (start, its_part, its_pitch, duration) in enumerate(notes[:count])
            if duration and min(start // BAR, len(back) - 1) == source
        ]
        later = [candidate for candidate in candidates if candidate[0] > after]
        if later:
            (position, *_), index = min(later)
            shift = lines[own] + position - onset
            return (index, shift) if shift <= furthest else (NOWHERE, 0)
    return (NOWHERE, 0)
