import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from componium.rendering.legibility import legible
from componium.score import ChordSpan, Score, Track, make_notes

NOTES = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(1, 3000), st.integers(30, 90), st.integers(1, 127)),
    min_size=1,
    max_size=30,
)


def _rows(score):
    return [row for track in score.tracks for row in track.notes.tolist()]


@given(NOTES)
def test_each_hand_is_one_voice_of_chords_on_readable_places(rows):
    score = legible(Score(480, (Track(make_notes(*np.array(rows).T)),)))
    for hand in (lambda pitch: pitch < 60, lambda pitch: pitch >= 60):
        own = [row for row in _rows(score) if hand(row[2])]
        lengths = {}
        for onset, duration, _, _ in own:
            assert onset % 3 == 0 or onset % 4 == 0
            assert lengths.setdefault(onset, duration) == duration
        onsets = sorted(lengths)
        assert all(a + lengths[a] <= b for a, b in itertools.pairwise(onsets))


@given(NOTES)
def test_no_key_is_lost(rows):
    before = {row[2] for row in rows}
    assert {row[2] for row in _rows(legible(Score(480, (Track(make_notes(*np.array(rows).T)),))))} == before


def test_what_reads_well_already_stays():
    # A quarter, two eighths, four sixteenths, an eighth triplet.
    onset = np.array([0, 12, 18, 24, 27, 30, 33, 36, 40, 44])
    duration = np.array([12, 6, 6, 3, 3, 3, 3, 4, 4, 4])
    score = Score(12, (Track(make_notes(onset, duration, 72, 80)),))
    assert _rows(legible(score)) == _rows(score)


def test_played_sixteenths_are_written_as_sixteenths():
    onset = np.array([3, 118, 242, 357])
    score = legible(Score(480, (Track(make_notes(onset, [80, 130, 95, 119], 72, 80)),)))
    assert [row[:2] for row in _rows(score)] == [(0, 3), (3, 3), (6, 3), (9, 3)]


def test_chords_keep_their_length_in_quarters():
    chords = (ChordSpan(0, 960, "C:maj"), ChordSpan(960, 480, "G:7"))
    score = legible(Score(480, (Track(make_notes([0], [480], 72, 80)),), chords=chords))
    assert score.chords == (ChordSpan(0, 24, "C:maj"), ChordSpan(24, 12, "G:7"))


def test_a_line_across_middle_c_stays_one_voice():
    score = legible(Score(480, (Track(make_notes([0, 480, 960], [900, 900, 480], [72, 50, 72], 80)),)))
    assert [row[:2] for row in _rows(score)] == [(0, 12), (12, 12), (24, 12)]
