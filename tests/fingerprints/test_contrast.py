import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import ArtifactError
from componium.fingerprints import NGRAM_NOTES, Contrast, contrast_of


def test_excerpts_end_matches_that_go_on():
    # A match of 20 notes from the third n-gram on, in a piece of 37 notes.
    lengths = np.array([0, 0, *range(20, 7, -1), *[0] * 15])
    whole = contrast_of([lengths]).excerpts(37)
    assert whole.longest.tolist() == [20]
    assert whole.coverage.tolist() == [13 / 30]
    halves = contrast_of([lengths]).excerpts(18)
    # Notes 2 to 17 of the first 18; of the next 18 notes 18 to 21 are too few to count.
    assert halves.longest.tolist() == [16, 0]


def test_shorter_pieces_are_read_whole_and_short_rests_left_out():
    excerpts = contrast_of([np.zeros(10, int), np.zeros(33, int)]).excerpts(20)
    # 17 notes; 40 notes in two excerpts.
    assert len(excerpts.longest) == 1 + 2
    assert len(contrast_of([np.zeros(13 + 20, int)]).excerpts(20).longest) == 2
    assert len(contrast_of([np.zeros(13 + 12, int)]).excerpts(20).longest) == 1


@given(st.lists(st.lists(st.sampled_from([0, 8, 9, 30]), min_size=1, max_size=40), max_size=4), st.integers(8, 60))
def test_no_match_is_longer_than_its_excerpt(pieces, n_notes):
    excerpts = contrast_of(np.array(piece) for piece in pieces).excerpts(n_notes)
    assert (excerpts.longest <= n_notes).all()
    assert ((excerpts.longest == 0) | (excerpts.longest >= NGRAM_NOTES)).all()
    assert len(excerpts.longest) >= len(pieces)


def test_pieces_without_ngrams_say_nothing():
    assert len(contrast_of([np.zeros(0, int)]).excerpts(20).longest) == 0


@pytest.mark.parametrize("pieces", [[], [[0, 8, 0]], [[0], [30, 29, 28]]])
def test_written_and_read_contrasts_are_equal(pieces, tmp_path):
    path = tmp_path / "of.npz"
    path.write_bytes(contrast_of(np.array(piece) for piece in pieces).to_bytes())
    assert [piece.tolist() for piece in Contrast.load(path).pieces] == pieces


def test_files_that_hold_something_else_are_refused(tmp_path):
    path = tmp_path / "of.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match=r"of\.npz: no run lengths"):
        Contrast.load(path)
