import numpy as np
from fixtures.music import tune

from componium.evaluation.pieces.originality import COVERAGES, leave_one_out, originality, passage_of
from componium.fingerprints import Collection, HumanPiece, Piece, Stretch, contrast_of, lines_of
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


def collection(**pieces):
    return Collection.of(Piece(name, "", lines) for name, lines in pieces.items())


def humans(training, pieces):
    return contrast_of((HumanPiece("", lines) for lines in pieces), training)


NO_HUMANS = humans(collection(), [])


def unrelated(count):
    return [lines_of(melody(*random_melody(100 + seed))) for seed in range(count)]


def test_a_quotation_is_near_and_named_with_its_bars():
    piece, source = quoting(20)
    training = collection(other=unrelated(1)[0], source=lines_of(source))
    contrast = humans(training, unrelated(151)[1:])
    found = originality(lines_of(piece), training, contrast)
    assert (found.longest, found.piece) == (20, "source")
    assert (found.here, found.there) == (Stretch(0, 50, 69), Stretch(0, 30, 49))
    onsets = [np.cumsum(random_melody(1)[1])[i] // 1920 + 1 for i in (29, 48)]
    assert found.piece_bars == tuple(onsets)
    assert found.is_near
    assert found.human_longest == 0
    # 193 n-grams, 13 of them in the quotation.
    assert found.coverage[8] == 13 / 193
    assert found.coverage[12] == 9 / 189
    texts = [passage_of(*own).text.replace(" |", "").split() for own in ((piece, found.here), (source, found.there))]
    assert len(texts[0]) == len(texts[1]) == 20
    assert texts[0] != texts[1]


def test_a_quotation_is_not_near_where_human_music_quotes_as_much():
    piece, source = quoting(20)
    training = collection(source=lines_of(source))
    quotes = humans(training, [lines_of(quoting(20)[0])] * 3)
    assert not originality(lines_of(piece), training, quotes).is_near


def test_short_matches_are_never_near():
    piece, source = quoting(NEAR_NOTES - 1)
    training = collection(source=lines_of(source))
    found = originality(lines_of(piece), training, humans(training, unrelated(150)))
    assert found.longest == NEAR_NOTES - 1
    assert not found.is_near


def test_without_human_music_the_contrast_is_nan_and_length_decides():
    piece, source = quoting(20)
    found = originality(lines_of(piece), collection(source=lines_of(source)), NO_HUMANS)
    assert np.isnan(found.human_longest)
    assert found.is_near


def test_nothing_shared():
    found = originality(unrelated(1)[0], collection(other=unrelated(2)[1]), NO_HUMANS)
    assert (found.longest, found.bars, found.piece, found.is_near) == (0, (), "", False)
    assert found.coverage == dict.fromkeys(COVERAGES, 0.0)


def test_too_short_to_tell():
    training = collection(other=unrelated(1)[0])
    assert originality(lines_of(melody(*random_melody(1, 7))), training, NO_HUMANS) is None
    assert originality(lines_of(Score(480, ())), training, NO_HUMANS) is None


def test_left_out_with_their_work_pieces_do_not_find_themselves():
    lines = [lines_of(tune(seed)) for seed in range(8)]
    twice = lines + lines
    works = [f"work {i}" for i in range(8)] * 2
    training = Collection.of(Piece(f"{i}", "", own) for i, own in enumerate(twice))
    apart = leave_one_out(twice, works, training)
    together = leave_one_out(twice, [str(i) for i in range(16)], training)
    assert together.excerpts(30).coverage.mean() > apart.excerpts(30).coverage.mean() + 0.5


def test_passages_are_note_names_in_bars():
    assert passage_of(melody([60, 62, 75, 61], [960, 960, 480]), Stretch(0, 0, 3)).text == "C4 D4 | Eb5 C#4"


def test_the_passage_of_a_voice_has_its_notes():
    top, low = melody(*random_melody(1)), melody(np.array([40, 42, 41, 45, 40, 48, 47, 43] * 2), np.full(16, 480))
    both = Score(480, (top.tracks[0], low.tracks[0]))
    assert lines_of(both).voices[-1].track == 1
    found = passage_of(both, Stretch(len(lines_of(both).voices), 0, 7))
    assert found.text == "E2 F#2 F2 A2 | E2 C3 B2 G2"
    assert found.notes.pitch[found.matched].tolist() == [40, 42, 41, 45, 40, 48, 47, 43]
