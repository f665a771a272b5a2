import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.errors import ArtifactError
from componium.fingerprints import NGRAM_NOTES, Collection, Match, line_of
from componium.fingerprints.collection import LEAST_INTERVALS, LONGEST_PERIOD
from componium.score import Score, Track, make_notes


def melody(pitches, gaps=480, *, is_drum=False):
    onsets = np.concatenate(([0], np.cumsum(np.broadcast_to(gaps, len(pitches)))))[: len(pitches)]
    return Score(480, (Track(make_notes(onsets, 60, pitches, 80), is_drum=is_drum),))


def random_melody(seed, n=300):
    random = np.random.default_rng(seed)
    return random.integers(40, 90, n), random.choice([120, 240, 360, 480, 960], n)


def collection(*scores):
    return Collection.of((f"piece {i}", line_of(score)) for i, score in enumerate(scores))


def is_varied(intervals):
    repeats = any(intervals[period:] == intervals[:-period] for period in range(1, LONGEST_PERIOD + 1))
    return len(set(intervals)) >= LEAST_INTERVALS and not repeats


def exhaustive(query, others):
    """The longest match by comparing every place of every piece with every other, n-gram by n-gram."""
    best = Match()
    for piece, other in enumerate(others):
        for i in range(len(query.hashes)):
            for j in range(len(other.hashes)):
                length = 0
                while (
                    i + length < len(query.hashes)
                    and j + length < len(other.hashes)
                    and query.hashes[i + length] == other.hashes[j + length]
                ):
                    length += 1
                counts = any(is_varied(query.intervals[k : k + NGRAM_NOTES - 1].tolist()) for k in range(i, i + length))
                if counts and (length + NGRAM_NOTES - 1, -i) > (best.n_notes, -best.start):
                    best = Match(length + NGRAM_NOTES - 1, i, piece, j)
    return best


@st.composite
def quoting_lines(draw):
    """Lines of pitches put together from the same few fragments."""
    fragments = draw(st.lists(st.lists(st.integers(60, 65), min_size=6, max_size=16), min_size=1, max_size=3))
    line = st.lists(st.sampled_from(fragments), max_size=4).map(lambda chosen: [pitch for f in chosen for pitch in f])
    return draw(st.lists(line, min_size=2, max_size=4))


@settings(deadline=None, max_examples=150)
@given(quoting_lines())
def test_the_longest_match_is_that_of_an_exhaustive_search(lines):
    query, *others = [line_of(melody(pitches)) for pitches in lines]
    found = Collection.of((str(i), line) for i, line in enumerate(others)).longest_match(query)
    expected = exhaustive(query, others)
    assert (found.n_notes, found.start) == (expected.n_notes, expected.start)
    if found.n_notes:
        other = others[found.piece]
        length = found.n_notes - NGRAM_NOTES + 1
        assert (
            other.hashes[found.other_start : found.other_start + length].tolist()
            == query.hashes[found.start : found.start + length].tolist()
        )


def test_a_quotation_is_found_in_another_key_and_tempo_with_its_bars():
    pitches, gaps = random_melody(1)
    quoting, quoting_gaps = random_melody(2)
    quoting[100:125], quoting_gaps[100:125] = pitches[40:65] + 5, gaps[40:65] * 2
    # A gap belongs to the note before it: the last one is of the music that follows.
    quoting_gaps[124] = 77
    source = melody(pitches, gaps)
    others = collection(melody(*random_melody(3)), source, melody(*random_melody(4)))
    found = others.longest_match(line_of(melody(quoting, quoting_gaps)))
    assert found == Match(25, 100, 1, 40)
    onsets = np.cumsum(gaps)
    assert others.bars_of(found) == (onsets[39] // 1920, onsets[63] // 1920)


def test_a_quotation_with_another_rhythm_is_none():
    pitches, gaps = random_melody(1)
    assert collection(melody(pitches, gaps)).longest_match(line_of(melody(pitches, random_melody(5)[1]))).n_notes < 12


@pytest.mark.parametrize(
    "pitches",
    [[60] * 80, list(range(30, 100)), [60, 64, 67, 64] * 20, [60, 62, 64, 62] * 20],
    ids=["one note", "scale", "broken chord", "turn"],
)
def test_what_everyone_plays_is_no_match(pitches):
    line = line_of(melody(pitches))
    assert collection(melody(pitches)).longest_match(line) == Match()
    assert not collection(melody(pitches)).run_lengths(line).any()


def test_a_match_may_pass_through_a_repeated_note():
    pitches, gaps = random_melody(1, 60)
    pitches[20:40], gaps[20:40] = 60, 240
    assert collection(melody(pitches, gaps)).longest_match(line_of(melody(pitches, gaps))) == Match(60, 0, 0, 0)


def test_matches_stay_within_one_piece():
    pitches, gaps = random_melody(1, 40)
    halves = melody(pitches[:20], gaps[:20]), melody(pitches[20:], gaps[20:])
    assert collection(*halves).longest_match(line_of(melody(pitches, gaps))).n_notes == 20


def test_run_lengths_count_down_along_a_match():
    pitches, gaps = random_melody(1, 40)
    quoting, quoting_gaps = random_melody(2, 40)
    quoting[10:30], quoting_gaps[10:30] = pitches[10:30], gaps[10:30]
    quoting_gaps[29] = 77
    lengths = collection(melody(pitches, gaps)).run_lengths(line_of(melody(quoting, quoting_gaps)))
    assert lengths.tolist() == [0] * 10 + list(range(20, 7, -1)) + [0] * (33 - 23)


def test_pieces_can_be_left_out():
    piece, other = melody(*random_melody(1)), melody(*random_melody(2))
    both = collection(piece, other)
    assert both.longest_match(line_of(piece)).piece == 0
    assert both.longest_match(line_of(piece), without=np.array([True, False])).n_notes < 12


def test_duplicates_are_named():
    pitches, gaps = random_melody(1)
    of = collection(melody(*random_melody(2)), melody(pitches, gaps))
    pitches = pitches + 3
    pitches[150] += 1
    assert of.duplicate_of(line_of(melody(pitches, gaps))) == "piece 1"
    assert of.duplicate_of(line_of(melody(*random_melody(3)))) is None
    assert of.duplicate_of(line_of(Score(480, ()))) is None


@pytest.mark.parametrize("n", [0, 1, 7, 8])
def test_short_and_empty_pieces_match_nothing_and_are_kept(n):
    short = Score(480, ()) if n == 0 else melody(*random_melody(1, n))
    of = collection(short, melody(*random_melody(1)))
    assert of.longest_match(line_of(short)).n_notes == (8 if n == 8 else 0)
    assert len(of.run_lengths(line_of(short))) == max(n - 7, 0)


def test_written_and_read_collections_are_equal(tmp_path):
    of = collection(melody(*random_melody(1)), Score(480, ()), melody(*random_melody(2, 50), is_drum=True))
    path = tmp_path / "of.npz"
    path.write_bytes(of.to_bytes())
    loaded = Collection.load(path)
    assert loaded.names == of.names
    for field in ("sizes", "hashes", "bars"):
        assert getattr(loaded, field).tolist() == getattr(of, field).tolist()


def test_files_that_hold_something_else_are_refused(tmp_path):
    path = tmp_path / "of.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match=r"of\.npz: no collection of fingerprints"):
        Collection.load(path)
    of = collection(melody(*random_melody(1)))
    path.write_bytes(Collection(of.names, of.sizes - 1, of.hashes, of.bars).to_bytes())
    with pytest.raises(ArtifactError, match="do not fit together"):
        Collection.load(path)


def test_joined_collections_match_the_pieces_of_both():
    own, other, third = (melody(*random_melody(seed)) for seed in (1, 2, 3))
    left = collection(own, other)
    right = Collection.of([("piece 1", line_of(own)), ("another", line_of(third))])
    both = left.joined(right)
    assert both.names == ("piece 0", "piece 1", "another")
    for place, score in enumerate((own, other, third)):
        line = line_of(score)
        # Of a name that is there already the piece stays that it was.
        assert both.longest_match(line) == Match(line.n_notes, 0, place, 0)
