import numpy as np
from fixtures.music import tune

from componium.evaluation.pieces.originality import COVERAGES, leave_one_out, originality, passage_text
from componium.fingerprints import Collection, Contrast, contrast_of, line_of
from componium.fingerprints.contrast import NEAR_NOTES
from componium.score import Score, Track, make_notes


def melody(pitches, gaps):
    onsets = np.concatenate(([0], np.cumsum(gaps)))[: len(pitches)]
    return Score(480, (Track(make_notes(onsets, 60, pitches, 80)),))


def random_melody(seed, n=200):
    random = np.random.default_rng(seed)
    return random.integers(40, 90, n), random.choice([120, 240, 360, 480, 960], n)


def quoting(n_notes):
    """Music that quotes so many notes, from its 50th on, a fifth up; and what it quotes from."""
    pitches, gaps = random_melody(1)
    own, own_gaps = random_melody(2)
    own[50 : 50 + n_notes], own_gaps[50 : 50 + n_notes] = pitches[30 : 30 + n_notes] + 7, gaps[30 : 30 + n_notes]
    own_gaps[49 + n_notes] = 77
    return melody(own, own_gaps), melody(pitches, gaps)


def unrelated(count):
    return [line_of(melody(*random_melody(100 + seed))) for seed in range(count)]


def test_a_quotation_is_near_and_named_with_its_bars():
    piece, source = quoting(20)
    training = Collection.of([("other", unrelated(1)[0]), ("source", line_of(source))])
    contrast = contrast_of(map(training.run_lengths, unrelated(151)[1:]))
    found = originality(line_of(piece), training, contrast)
    assert (found.longest, found.start, found.piece, found.piece_start) == (20, 50, "source", 30)
    onsets = [np.cumsum(random_melody(1)[1])[i] // 1920 + 1 for i in (29, 48)]
    assert found.piece_bars == tuple(onsets)
    assert found.is_near
    assert found.human_longest == 0
    # 193 n-grams, 13 of them in the quotation.
    assert found.coverage[8] == 13 / 193
    assert found.coverage[12] == 9 / 189
    assert passage_text(piece, 50, 3).replace(" |", "").split() != passage_text(source, 30, 3).replace(" |", "").split()


def test_a_quotation_is_not_near_where_human_music_quotes_as_much():
    piece, source = quoting(20)
    training = Collection.of([("source", line_of(source))])
    quotes = contrast_of(training.run_lengths(line_of(quoting(20)[0])) for _ in range(3))
    assert not originality(line_of(piece), training, quotes).is_near


def test_short_matches_are_never_near():
    piece, source = quoting(NEAR_NOTES - 1)
    training = Collection.of([("source", line_of(source))])
    found = originality(line_of(piece), training, contrast_of(map(training.run_lengths, unrelated(150))))
    assert found.longest == NEAR_NOTES - 1
    assert not found.is_near


def test_without_human_music_the_contrast_is_nan_and_length_decides():
    piece, source = quoting(20)
    found = originality(line_of(piece), Collection.of([("source", line_of(source))]), Contrast(()))
    assert np.isnan(found.human_longest)
    assert found.is_near


def test_nothing_shared():
    found = originality(unrelated(1)[0], Collection.of([("other", unrelated(2)[1])]), Contrast(()))
    assert (found.longest, found.bars, found.piece, found.is_near) == (0, (), "", False)
    assert found.coverage == dict.fromkeys(COVERAGES, 0.0)


def test_too_short_to_tell():
    training = Collection.of([("other", unrelated(1)[0])])
    assert originality(line_of(melody(*random_melody(1, 7))), training, Contrast(())) is None
    assert originality(line_of(Score(480, ())), training, Contrast(())) is None


def test_left_out_with_their_work_pieces_do_not_find_themselves():
    lines = [line_of(tune(seed)) for seed in range(8)]
    twice = lines + lines
    works = [f"work {i}" for i in range(8)] * 2
    collection = Collection.of((f"{i}", line) for i, line in enumerate(twice))
    apart = leave_one_out(twice, works, collection)
    together = leave_one_out(twice, [str(i) for i in range(16)], collection)
    assert together.excerpts(30).coverage.mean() > apart.excerpts(30).coverage.mean() + 0.5


def test_passages_are_note_names_in_bars():
    assert passage_text(melody([60, 62, 75, 61], [960, 960, 480]), 0, 4) == "C4 D4 | Eb5 C#4"
