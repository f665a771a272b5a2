import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.errors import ArtifactError
from componium.fingerprints import NGRAM_NOTES, Collection, Match, Piece, Stretch, lines_of
from componium.fingerprints.collection import Own
from componium.score import Score, Track, make_notes


def melody(pitches, gaps=480, *, is_drum=False):
    onsets = np.concatenate(([0], np.cumsum(np.broadcast_to(gaps, len(pitches)))))[: len(pitches)]
    return Score(480, (Track(make_notes(onsets, 60, pitches, 80), is_drum=is_drum),))


def random_melody(seed, n=300):
    random = np.random.default_rng(seed)
    return random.integers(40, 90, n), random.choice([120, 240, 360, 480, 960], n)


def collection(*scores):
    return Collection.of(Piece(f"piece {i}", "", lines_of(score)) for i, score in enumerate(scores))


def exhaustive(query, others):
    """The longest run by comparing every place of every line with every other, n-gram by n-gram."""
    best = 0
    for other in others:
        for i in range(len(query.hashes)):
            for j in range(len(other.hashes)):
                length = 0
                while (
                    i + length < len(query.hashes)
                    and j + length < len(other.hashes)
                    and query.hashes[i + length] == other.hashes[j + length]
                ):
                    length += 1
                if query.varied[i : i + length].any():
                    best = max(best, length + NGRAM_NOTES - 1)
    return best


@st.composite
def quoting_lines(draw):
    """Lines of pitches put together from the same few fragments."""
    fragments = draw(st.lists(st.lists(st.integers(60, 65), min_size=6, max_size=16), min_size=1, max_size=3))
    line = st.lists(st.sampled_from(fragments), max_size=4).map(lambda chosen: [pitch for f in chosen for pitch in f])
    return draw(st.lists(line, min_size=2, max_size=4))


@settings(deadline=None, max_examples=150)
@given(quoting_lines())
def test_the_longest_run_is_that_of_an_exhaustive_search(lines):
    query, *others = [lines_of(melody(pitches)) for pitches in lines]
    training = Collection.of(Piece(str(i), "", line) for i, line in enumerate(others))
    runs = training.runs(Own.of(query))
    longest = int((runs.last - runs.first).max()) + NGRAM_NOTES if len(runs.first) else 0
    assert longest == exhaustive(query.top, [other.top for other in others])
    assert training.longest_match(query).n_notes >= longest


def test_a_quotation_is_found_in_another_key_and_tempo_with_its_bars():
    pitches, gaps = random_melody(1)
    quoting, quoting_gaps = random_melody(2)
    quoting[100:125], quoting_gaps[100:125] = pitches[40:65] + 5, gaps[40:65] * 2
    # A gap belongs to the note before it: the last one is of the music that follows.
    quoting_gaps[124] = 77
    source = melody(pitches, gaps)
    others = collection(melody(*random_melody(3)), source, melody(*random_melody(4)))
    found = others.longest_match(lines_of(melody(quoting, quoting_gaps)))
    onsets = np.cumsum(gaps)
    bars = onsets[39] // 1920, onsets[63] // 1920
    assert found == Match(25, Stretch(0, 100, 124), 1, Stretch(0, 40, 64), bars)


def test_a_quotation_with_another_rhythm_is_none():
    pitches, gaps = random_melody(1)
    assert collection(melody(pitches, gaps)).longest_match(lines_of(melody(pitches, random_melody(5)[1]))).n_notes < 12


@pytest.mark.parametrize(
    "pitches",
    [[60] * 80, list(range(30, 100)), [60, 64, 67, 64] * 20, [60, 62, 64, 62] * 20],
    ids=["one note", "scale", "broken chord", "turn"],
)
def test_what_everyone_plays_is_no_match(pitches):
    shared = collection(melody(pitches)).shared(lines_of(melody(pitches)))
    assert shared.longest == Match()
    assert not shared.left.any()


def test_a_match_may_pass_through_a_repeated_note():
    pitches, gaps = random_melody(1, 60)
    pitches[20:40], gaps[20:40] = 60, 240
    assert collection(melody(pitches, gaps)).longest_match(lines_of(melody(pitches, gaps))).n_notes == 60


def test_matches_stay_within_one_piece():
    pitches, gaps = random_melody(1, 40)
    halves = melody(pitches[:20], gaps[:20]), melody(pitches[20:], gaps[20:])
    assert collection(*halves).longest_match(lines_of(melody(pitches, gaps))).n_notes == 20


class TestACopyWithChangedNotes:
    """A match goes on behind a few notes that were moved, dropped or put in."""

    pitches, gaps = random_melody(1, 200)

    def match(self, pitches, onsets):
        changed = Score(480, (Track(make_notes(onsets, 60, pitches, 80)),))
        return collection(melody(*random_melody(3)), melody(self.pitches, self.gaps)).longest_match(lines_of(changed))

    @property
    def onsets(self):
        return np.concatenate(([0], np.cumsum(self.gaps)))[:200]

    def test_moved(self):
        pitches = self.pitches.copy()
        pitches[10::20] += 1
        found = self.match(pitches, self.onsets)
        assert found.piece == 1
        assert (found.here.first, found.here.last) == (0, 199)
        assert 150 < found.n_notes < 195

    def test_dropped(self):
        kept = np.arange(200) % 20 != 10
        found = self.match(self.pitches[kept], self.onsets[kept])
        assert (found.here.first, found.here.last, found.there.last) == (0, 189, 199)
        assert found.n_notes > 130

    def test_not_when_much_lies_between(self):
        pitches, gaps = (
            np.concatenate((own[:60], other, own[60:120]))
            for own, other in zip((self.pitches, self.gaps), random_melody(9, 40), strict=True)
        )
        onsets = np.concatenate(([0], np.cumsum(gaps)))[:160]
        assert self.match(pitches, onsets).n_notes <= 62

    def test_a_short_match_stays_short(self):
        # One quotation of 20 notes, and the same again far behind: not one of 40.
        pitches, gaps = random_melody(2, 300)
        for start in (50, 200):
            pitches[start : start + 20], gaps[start : start + 20] = self.pitches[30:50], self.gaps[30:50]
            gaps[start + 19] = 77
        onsets = np.concatenate(([0], np.cumsum(gaps)))[:300]
        assert self.match(pitches, onsets).n_notes == 20


class TestVoices:
    """A voice below the top line is a line of its own."""

    def in_two_voices(self, top, below):
        (high, high_gaps), (low, low_gaps) = top, below
        tracks = [melody(high % 12 + 80, high_gaps).tracks[0], melody(low % 20 + 40, low_gaps).tracks[0]]
        return Score(480, tuple(tracks))

    def test_a_copied_inner_voice_is_found(self):
        source = self.in_two_voices(random_melody(1), random_melody(2))
        copied = self.in_two_voices(random_melody(5), random_melody(2))
        found = collection(source).longest_match(lines_of(copied))
        assert found.n_notes == 300
        assert found.here.line == found.there.line == 2

    def test_a_voice_that_becomes_the_melody_is_found(self):
        source = self.in_two_voices(random_melody(1), random_melody(2))
        low, gaps = random_melody(2)
        found = collection(source).longest_match(lines_of(melody(low % 20 + 60, gaps)))
        assert (found.n_notes, found.here.line, found.there.line) == (300, 0, 2)

    def test_a_part_that_is_the_top_line_is_not_kept_twice(self):
        top, _ = random_melody(1)
        score = self.in_two_voices((top, 480), (np.full(300, 1), 480))
        assert [voice.track for voice in lines_of(score).voices] == [1]


def test_what_is_left_of_a_run_counts_down_along_it():
    pitches, gaps = random_melody(1, 40)
    quoting, quoting_gaps = random_melody(2, 40)
    quoting[10:30], quoting_gaps[10:30] = pitches[10:30], gaps[10:30]
    quoting_gaps[29] = 77
    left = collection(melody(pitches, gaps)).shared(lines_of(melody(quoting, quoting_gaps))).left
    assert left.tolist() == [0] * 10 + list(range(20, 7, -1)) + [0] * (33 - 23)


def test_pieces_can_be_left_out():
    piece, other = lines_of(melody(*random_melody(1))), melody(*random_melody(2))
    both = collection(melody(*random_melody(1)), other)
    assert both.shared(piece).longest.piece == 0
    assert both.shared(piece, without=np.array([True, False])).longest.n_notes < 12


def test_duplicates_are_named():
    pitches, gaps = random_melody(1)
    of = collection(melody(*random_melody(2)), melody(pitches, gaps))
    pitches = pitches + 3
    pitches[150] += 1
    assert of.duplicate_of(lines_of(melody(pitches, gaps))) == "piece 1"
    assert of.duplicate_of(lines_of(melody(*random_melody(3)))) is None
    assert of.duplicate_of(lines_of(Score(480, ()))) is None


@pytest.mark.parametrize("n", [0, 1, 7, 8])
def test_short_and_empty_pieces_match_nothing_and_are_kept(n):
    short = Score(480, ()) if n == 0 else melody(*random_melody(1, n))
    shared = collection(short, melody(*random_melody(1))).shared(lines_of(short))
    assert shared.longest.n_notes == (8 if n == 8 else 0)
    assert len(shared.left) == max(n - 7, 0)


def test_onsets_are_moved_to_steps_as_those_of_the_pieces_were():
    pitches, gaps = random_melody(1)
    played = melody(pitches, gaps + np.tile([19, -19], 150))
    of = Collection.of([Piece("a", "", lines_of(melody(pitches, gaps), 12))], 12)
    assert of.longest_match(of.lines_of(played)).n_notes == 300
    assert of.longest_match(lines_of(played)).n_notes < 300


def two_voices(seed):
    tracks = [melody(pitches, gaps).tracks[0] for pitches, gaps in (random_melody(seed), random_melody(seed + 1))]
    return Score(480, tuple(tracks))


def test_written_and_read_collections_are_equal(tmp_path):
    scores = [two_voices(1), Score(480, ()), melody(*random_melody(2, 50), is_drum=True)]
    of = Collection.of(
        (
            Piece(f"piece {i}", style, lines_of(score, 12))
            for i, (style, score) in enumerate(zip("bab", scores, strict=True))
        ),
        12,
    )
    path = tmp_path / "of.npz"
    path.write_bytes(of.to_bytes())
    loaded = Collection.load(path)
    assert (loaded.names, loaded.styles, loaded.steps_per_quarter) == (of.names, ("b", "a", "b"), 12)
    for field in ("n_lines", "sizes", "hashes", "bars"):
        assert getattr(loaded, field).tolist() == getattr(of, field).tolist()


@pytest.mark.parametrize("damage", ["sizes", "n_lines", "styles"])
def test_files_that_hold_something_else_are_refused(damage, tmp_path):
    path = tmp_path / "of.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match=r"of\.npz: no collection of fingerprints"):
        Collection.load(path)
    of = collection(melody(*random_melody(1)))
    fields = {"names": of.names, "styles": of.styles, "n_lines": of.n_lines, "sizes": of.sizes,
              "hashes": of.hashes, "bars": of.bars}  # fmt: skip
    changed = {"sizes": of.sizes - 1, "n_lines": of.n_lines + 1, "styles": ("", "")}
    path.write_bytes(Collection(**fields | {damage: changed[damage]}).to_bytes())
    with pytest.raises(ArtifactError, match="do not fit together"):
        Collection.load(path)


def test_joined_collections_match_the_pieces_of_both():
    own, other, third = two_voices(1), melody(*random_melody(4)), two_voices(7)
    left = collection(own, other)
    right = Collection.of([Piece("piece 1", "", lines_of(own)), Piece("another", "folk", lines_of(third))])
    both = left.joined(right)
    assert (both.names, both.styles) == (("piece 0", "piece 1", "another"), ("", "", "folk"))
    for place, score in enumerate((own, other, third)):
        lines = lines_of(score)
        found = both.longest_match(lines)
        # Of a name that is there already the piece stays that it was.
        assert (found.n_notes, found.piece, found.there) == (lines.n_notes, place, found.here)
