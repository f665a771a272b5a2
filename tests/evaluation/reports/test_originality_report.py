"""The page says what was found, draws both passages, and escapes every name."""

import re

import numpy as np
from fixtures.music import tune

from componium.evaluation.pieces.originality import originality, passage_of
from componium.evaluation.pieces.reading import read
from componium.evaluation.reports.originality_report import MatchPassages, PieceOriginality, originality_report, roll
from componium.fingerprints import Collection, HumanPiece, Piece, Stretch, contrast_of, lines_of
from componium.score import Score, Track, make_notes

NOTHING = Collection.of([])
NO_HUMANS = contrast_of([], NOTHING)
HUMANS = contrast_of([HumanPiece("", lines_of(tune(seed))) for seed in range(50, 60)], NOTHING)


def found_by(score, training, contrast):
    return originality(
        lines_of(score), Collection.of([Piece(name, "", lines_of(own)) for name, own in training.items()]), contrast
    )


def sides_of(found, score, other):
    return MatchPassages(passage_of(score, found.here), None if other is None else passage_of(other, found.there))


def test_a_copy_is_to_be_looked_at_with_both_passages():
    score = tune(1)
    found = found_by(score, {"<b>.mid": score}, HUMANS)
    human = HUMANS.excerpts(found.n_notes).longest
    page = originality_report(
        [PieceOriginality("<i>.mid", found, human, sides_of(found, score, score))], "music", "of humans"
    )
    assert "<b>" not in page
    assert "<i>" not in page
    assert "1 should be looked at" in re.sub(r"<[^>]*>|\s+", " ", page).replace("  ", " ")
    assert "look at it" in page
    assert page.count("Piano roll of") == 2
    assert "this piece: " in page
    assert "<script" not in page
    assert not re.search(r"\bnan\b", page)


def test_without_the_corpus_the_piece_alone_is_drawn():
    score = tune(1)
    found = found_by(score, {"other.mid": score}, NO_HUMANS)
    human = NO_HUMANS.excerpts(found.n_notes).longest
    match = sides_of(found, score, None)
    page = originality_report([PieceOriginality("x.mid", found, human, match)], "music", "of humans")
    assert page.count("Piano roll of") == 1
    assert "not at hand" in page
    assert "There is no human music to read it beside" in page
    assert not re.search(r"\bnan\b", page)


def test_short_and_unmatched_pieces_are_said():
    unlike = found_by(tune(2), {"other.mid": tune(1)}, HUMANS)
    assert not unlike.longest
    human = HUMANS.excerpts(unlike.n_notes).longest
    pieces = [
        PieceOriginality("short.mid", None, np.empty(0, np.int64), None),
        PieceOriginality("own.mid", unlike, human, None),
    ]
    page = originality_report(pieces, "music", "of humans")
    assert "too short to tell" in page
    assert "no 8 in a row" in page
    assert "Piano roll of" not in page


def test_the_bars_of_a_match_hold_it_and_what_lies_around():
    # Eighths in 4/4, a bass note on every bar line: notes 10 to 17 stand in bars 2 and 3.
    top = make_notes(np.arange(40) * 240, 240, 60 + np.arange(40) % 7, 80)
    bass = make_notes(np.arange(5) * 1920, 1920, 36, 80)
    score = Score(480, (Track(top), Track(bass)))
    found = passage_of(score, Stretch(0, 10, 17))
    assert (found.first_bar, found.n_left_out) == (2, 0)
    assert found.bar_lines.tolist() == [0, 4, 8]
    assert len(found.notes.onset) == 16 + 2
    # From the second quarter of the first of them on.
    assert found.notes.onset[found.matched].tolist() == [1 + i / 2 for i in range(8)]
    assert found.notes.pitch[found.matched].tolist() == read(score).skyline.pitch[10:18].tolist()
    drawn = roll(found, 12)
    assert drawn.count("bar s1") == 8
    assert drawn.count('class="other"') == 10


def test_long_matches_are_cut_and_drums_have_none():
    notes = make_notes(np.arange(80) * 480, 480, 60 + np.arange(80) % 7, 80)
    found = passage_of(Score(480, (Track(notes),)), Stretch(0, 0, 79))
    assert len(found.bar_lines) == 9
    assert found.n_left_out == 12
    assert passage_of(Score(480, (Track(notes, is_drum=True),)), Stretch(0, 0, 79)) is None
