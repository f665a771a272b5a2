import numpy as np
import pytest
from fingerprints.test_collection import melody, random_melody

from componium.errors import ArtifactError
from componium.fingerprints import Collection, Contrast, HumanPiece, Piece, contrast_of, lines_of
from componium.fingerprints.contrast import NEAR_NOTES


def quoting(n_notes, n=256, seed=2):
    """Music that quotes so many notes, from its 50th on."""
    pitches, gaps = random_melody(1)
    own, own_gaps = random_melody(seed, n)
    own[50 : 50 + n_notes], own_gaps[50 : 50 + n_notes] = pitches[30 : 30 + n_notes] + 7, gaps[30 : 30 + n_notes]
    own_gaps[49 + n_notes] = 77
    return lines_of(melody(own, own_gaps))


TRAINING = Collection.of([Piece("source", "folk", lines_of(melody(*random_melody(1))))])


def contrast(*pieces):
    return contrast_of((HumanPiece(style, lines) for style, lines in pieces), TRAINING)


def test_excerpts_end_matches_that_go_on():
    of = contrast(("folk", quoting(30)))
    assert of.excerpts(256).longest.tolist() == [30]
    assert of.excerpts(256).coverage.tolist() == [23 / 249]
    # Notes 50 to 79 of the quotation: 14 in the first 64, 16 in the next.
    assert of.excerpts(64).longest.tolist() == [14, 16, 0, 0]
    assert of.excerpts(64).coverage.tolist() == [7 / 57, 9 / 57, 0, 0]


def test_the_nearest_length_is_taken_and_half_an_excerpt_still_counts():
    of = contrast(("folk", lines_of(melody(*random_melody(2, 100)))))
    # 64 and 36 notes; 32, 32, 32 and too few.
    assert (len(of.excerpts(70).longest), len(of.excerpts(90).longest), len(of.excerpts(30).longest)) == (2, 2, 3)
    assert len(of.excerpts(10_000).longest) == 1
    assert len(of.excerpts(1).longest) == 6


def test_each_style_has_its_own_excerpts_and_an_unknown_one_all():
    of = contrast(("folk", quoting(60)), ("pop", quoting(0)))
    assert of.excerpts(256, "folk").longest.tolist() == [60]
    assert of.excerpts(256, "pop").longest.tolist() == [0]
    assert sorted(of.excerpts(256, "jazz").longest.tolist()) == [0, 60]
    assert not of.is_near(256, 40, "folk")
    assert of.is_near(256, 40, "pop")


def test_near_is_longer_than_all_but_one_in_a_hundred():
    of = contrast(*(("folk", quoting(20 if seed == 1 else 0, seed=seed + 10)) for seed in range(100)))
    assert of.is_near(256, 20, "folk")
    of = contrast(*(("folk", quoting(20 if seed < 2 else 0, seed=seed + 10)) for seed in range(100)))
    assert not of.is_near(256, 20, "folk")
    assert of.is_near(256, 21, "folk")
    assert not of.is_near(256, NEAR_NOTES - 1, "pop")


def test_pieces_without_ngrams_say_nothing_and_without_humans_length_decides():
    of = contrast(("folk", lines_of(melody(*random_melody(2, 7)))))
    assert len(of.excerpts(20).longest) == 0
    assert of.is_near(20, NEAR_NOTES)


def test_pieces_can_be_left_out_for_one():
    lines = lines_of(melody(*random_melody(1)))
    left_out = contrast_of([HumanPiece("folk", lines, np.array([True]))], TRAINING)
    assert left_out.excerpts(256).longest.max() == 0
    assert contrast(("folk", lines)).excerpts(256).longest.max() > 200


@pytest.mark.parametrize("pieces", [[], [("folk", quoting(20))], [("folk", quoting(20)), ("pop", quoting(30))]])
def test_written_and_read_contrasts_are_equal(pieces, tmp_path):
    path = tmp_path / "of.npz"
    of = contrast(*pieces)
    path.write_bytes(of.to_bytes())
    loaded = Contrast.load(path)
    for style in ("folk", "pop", ""):
        assert loaded.excerpts(64, style).longest.tolist() == of.excerpts(64, style).longest.tolist()
        assert loaded.excerpts(64, style).coverage.tolist() == pytest.approx(of.excerpts(64, style).coverage.tolist())


def test_files_that_hold_something_else_are_refused(tmp_path):
    path = tmp_path / "of.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match=r"of\.npz: no figures of held-out pieces"):
        Contrast.load(path)
    of = contrast(("folk", quoting(20)))
    path.write_bytes(Contrast((), of.style, of.lengths, of.figures).to_bytes())
    with pytest.raises(ArtifactError, match="do not fit together"):
        Contrast.load(path)
    path.write_bytes(Contrast(of.styles, of.style, of.lengths * 0, of.figures).to_bytes())
    with pytest.raises(ArtifactError, match="lengths below"):
        Contrast.load(path)
