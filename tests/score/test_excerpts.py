import numpy as np
import pytest

from componium.score import (
    ChordSpan,
    KeySignature,
    Score,
    Tempo,
    TimeSignature,
    Track,
    bar_grid,
    excerpt,
    make_notes,
    n_bars,
)
from componium.score.notes import make_pedals


@pytest.fixture
def score():
    """Four bars of 4/4, then 3/4; a note on every quarter, each two quarters long."""
    onsets = np.arange(28) * 480
    return Score(
        480,
        (Track(make_notes(onsets, 960, 40 + np.arange(28), 80), 5, name="piano"),),
        (Tempo(0, 100), Tempo(960, 90), Tempo(1920 * 5, 60)),
        (TimeSignature(0, 4, 4), TimeSignature(1920 * 4, 3, 4)),
        (KeySignature(0, 2, is_minor=False),),
        (ChordSpan(0, 1920 * 2, "C"), ChordSpan(1920 * 2, 1920 * 9, "F")),
        ("request",),
    )


def test_an_excerpt_has_the_notes_that_begin_in_its_bars(score):
    [track] = excerpt(score, 1, 2).tracks
    assert track.notes["onset"].tolist() == [480 * i for i in range(8)]
    assert track.notes["pitch"].tolist() == list(range(44, 52))
    assert track.notes["duration"].tolist() == [960] * 7 + [480]
    assert (track.program, track.name) == (5, "piano")


def test_what_is_in_force_begins_the_excerpt(score):
    cut = excerpt(score, 3, 2)
    assert cut.tempos == (Tempo(0, 90),)
    assert cut.time_signatures == (TimeSignature(0, 4, 4), TimeSignature(1920, 3, 4))
    assert cut.key_signatures == (KeySignature(0, 2, is_minor=False),)
    assert cut.chords == (ChordSpan(0, 1920 + 1440, "F"),)
    assert cut.texts == ("request",)
    assert n_bars(cut) == 2


def test_a_chord_that_spans_the_bar_line_is_cut_at_it(score):
    assert excerpt(score, 1, 2).chords == (ChordSpan(0, 1920, "C"), ChordSpan(1920, 1920, "F"))


def test_the_whole_piece_is_its_own_excerpt(score):
    whole = excerpt(score, 0, n_bars(score))
    assert whole.tracks[0].notes.tolist()[:-1] == score.tracks[0].notes.tolist()[:-1]
    assert (whole.tempos, whole.time_signatures) == (score.tempos, score.time_signatures)


def test_bars_of_an_excerpt_are_those_of_the_piece(score):
    grid, cut = bar_grid(score), excerpt(score, 2, 4)
    lines = bar_grid(cut).start_of(np.arange(4))
    assert (lines + grid.start_of(2)).tolist() == grid.start_of(np.arange(2, 6)).tolist()


def test_behind_the_end_is_silence(score):
    assert excerpt(score, 50, 4).n_notes == 0


def test_the_pedal_is_cut_where_the_bars_are():
    track = Track(
        make_notes([0, 1920, 3840], 480, 60, 64), pedals=make_pedals([100, 1000, 3000, 4000], [50, 1000, 1500, 9])
    )
    cut = excerpt(Score(480, (track,)), 1, 1).tracks[0]
    # The bar lies from 1920 to 3840.
    assert cut.pedals.tolist() == [(0, 80), (1080, 840)]
