import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.features.repeat_pointer import N_STREAKS, NOWHERE, STREAK, RepeatPointer, recalled, repeat_pointers
from componium.representations.columns import PITCH
from componium.representations.transposition import transpose


def _events(symbols, velocity=None):
    events = np.zeros((len(symbols), 5), np.int16)
    events[:, 0] = 3
    events[:, PITCH] = symbols
    events[:, 3] = 1
    events[:, 4] = np.arange(len(symbols)) % 32 if velocity is None else velocity
    return events


EVENTS = st.lists(st.integers(60, 64), min_size=1, max_size=60).map(_events)


def test_a_repeated_phrase_is_foreseen_note_by_note():
    phrase = [60, 62, 64, 65, 67, 69, 71, 72, 74, 76]
    pointers, streaks = repeat_pointers(_events([*phrase, *phrase]))
    assert (pointers[:11] == NOWHERE).all()
    # From its second note on, the second phrase is pointed at in the first.
    assert pointers[11:].tolist() == list(range(1, 11))
    # Streaks of 1, 2 and 3, 4 to 7, 8 to 15 rows.
    assert streaks[11:].tolist() == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4]


def test_the_longest_match_wins_over_the_latest():
    #          0   1   2   3   4   5   6   7   8
    symbols = [60, 61, 62, 70, 65, 62, 71, 61, 62]
    pointers, _ = repeat_pointers(_events(symbols))
    # After 61, 62 comes what followed 61, 62 (70), not what followed the later 62 (71).
    assert pointers[-1] == 3


def test_of_equal_matches_the_latest_wins():
    pointers, _ = repeat_pointers(_events([60, 61, 60, 62, 60]))
    assert pointers[-1] == 3


@given(EVENTS)
def test_pointers_look_only_back_and_streaks_keep_their_classes(events):
    pointers, streaks = repeat_pointers(events)
    rows = np.arange(len(events) + 1)
    assert (pointers < rows).all()
    assert ((pointers == NOWHERE) == (streaks == 0)).all()
    assert streaks.max() < N_STREAKS
    followed = pointers[pointers != NOWHERE]
    # What is pointed at was preceded by the row that came last.
    last = events[rows[pointers != NOWHERE] - 1]
    assert (events[followed - 1][:, :3] == last[:, :3]).all()


@given(EVENTS, st.integers(0, 60))
def test_the_future_changes_nothing(events, cut):
    cut = min(cut, len(events))
    whole, part = repeat_pointers(events), repeat_pointers(events[:cut])
    for of_whole, of_part in zip(whole, part, strict=True):
        assert (of_whole[: cut + 1] == of_part).all()


@given(EVENTS, st.integers(-5, 6))
def test_transposed_music_points_to_the_same_places(events, semitones):
    moved = transpose(events, semitones, np.array([False]))
    for plain, transposed in zip(repeat_pointers(events), repeat_pointers(moved), strict=True):
        assert (plain == transposed).all()


@given(EVENTS)
def test_what_is_recalled_is_the_row_pointed_at(events):
    pointers, streaks = repeat_pointers(events)
    rows = recalled(events, pointers, streaks)
    somewhere = pointers != NOWHERE
    assert (rows[~somewhere] == 0).all()
    assert (rows[somewhere, :STREAK] == events[pointers[somewhere]]).all()
    assert (rows[:, STREAK] == streaks).all()


def test_a_lookback_starts_nowhere():
    lookback = RepeatPointer()
    assert (lookback.pointer, lookback.streak) == (NOWHERE, 0)


def test_of_performances_shifts_count_as_together_or_not():
    """The same two chords and a note, never in the same hundredths of a second."""
    first = [(0, 60), (2, 64), (41, 62), (1, 65), (38, 72)]
    again = [(55, 60), (1, 64), (36, 62), (3, 65), (47, 72)]
    events = np.array([(shift, 0, pitch, 1, 0) for shift, pitch in first + again], np.int16)
    assert repeat_pointers(events)[0][7:10].tolist() != [2, 3, 4]
    assert repeat_pointers(events, 3)[0][7:10].tolist() == [2, 3, 4]
