import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.errors import ArtifactError
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.ngrams import (
    LADDERS,
    NgramModel,
    NgramReader,
    count_pieces,
    distributions,
    fit,
    load_ngrams,
    merge_counts,
    prune_counts,
    save_ngrams,
)
from componium.ngrams.columns import REACH, Columns, rows_of
from componium.ngrams.tables import count, merge, seen_before
from componium.representations.columns import PITCH, SHIFT
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.score import TimeSignature

METER = (TimeSignature(0, 4, 4),)
BAND = NoteCodec(
    NotesConfig(
        parts=(Part(name="melody"), Part(name="bass", program=32), Part(name="drums", is_drum=True)),
        max_shift=24, max_exact_duration=24, max_duration=48, velocity_bins=4,
    )
)  # fmt: skip
SOLO = NoteCodec(
    NotesConfig(parts=(Part(name="flute"),), max_shift=24, max_exact_duration=24, max_duration=48, velocity_bins=4)
)


def with_positions(codec, events):
    """Events, and their metric positions in a piece whose bars end with it."""
    events = np.asarray(events, np.int16)
    n_bars = int(events[:, SHIFT].sum()) // 48 + 1
    piece = EncodedNotes(events, METER, 120.0, n_bars)
    return events, FeatureSet(codec, FeatureConfig()).positions_of(piece)


def random_piece(seed, length, codec=BAND):
    rng = np.random.default_rng(seed)
    sizes = codec.sizes
    columns = (
        rng.choice([0, 0, 3, 6, 24], length),
        rng.integers(sizes.part, size=length),
        rng.choice([0, 36, 38, 60, 62, 64, 67, 127], length),
        rng.choice([0, 3, 6, 24], length),
        rng.integers(sizes.velocity, size=length),
    )
    return with_positions(codec, np.stack(columns, axis=1))


def melody(pitches):
    """A piece of eighth notes in one part, in which only the pitch is uncertain."""
    pitches = np.asarray(pitches)
    fixed = np.full(len(pitches), 6)
    return with_positions(SOLO, np.stack((fixed, 0 * fixed, pitches, fixed, 0 * fixed + 2), axis=1))


@pytest.fixture(scope="module")
def model():
    return fit([random_piece(seed, 60) for seed in range(20)], BAND)


def pitch_bits(model, pieces):
    """Bits per note of the pitch under each order."""
    scores = [model.log_probs_by_order(*piece)[PITCH] for piece in pieces]
    return -sum(s.sum(axis=1) for s in scores) / np.log(2) / sum(len(events) for events, _ in pieces)


class TestDistributions:
    @given(seed=st.integers(0, 2**32), length=st.integers(1, 40))
    @settings(max_examples=15, deadline=None)
    def test_sum_to_one_and_leave_nothing_impossible(self, model, seed, length):
        events, positions = random_piece(seed, length)
        reader = NgramReader(model, positions[0])
        for row, position in zip(events.tolist(), positions[1:], strict=True):
            for attribute, value in enumerate(row):
                chances = reader.distribution(attribute)
                assert chances.sum() == pytest.approx(1, abs=1e-12)
                assert chances.min() > 0
                reader.tell(attribute, value, position if attribute == SHIFT else None)
            reader.close()

    def test_are_those_of_the_score_beyond_the_reach_as_well(self, model):
        events, positions = random_piece(5, REACH + 40)
        expected = model.log_probs(events, positions)
        reader = NgramReader(model, positions[0])
        for t, row in enumerate(events.tolist()):
            for attribute, value in enumerate(row):
                assert np.log(reader.distribution(attribute)[value]) == pytest.approx(expected[t, attribute], abs=1e-9)
                reader.tell(attribute, value, positions[t + 1] if attribute == SHIFT else None)
            reader.close()
        assert np.log(reader.distribution(SHIFT)[BAND.end]) == pytest.approx(expected[-1, SHIFT], abs=1e-9)

    def test_are_those_of_all_rows_at_once(self, model):
        events, positions = random_piece(8, REACH + 20)
        at_once = distributions(model, events, positions)
        reader = NgramReader(model, positions[0])
        for t, row in enumerate(events.tolist()):
            for attribute, value in enumerate(row):
                np.testing.assert_allclose(at_once[attribute][t], reader.distribution(attribute), rtol=1e-9)
                reader.tell(attribute, value, positions[t + 1] if attribute == SHIFT else None)
            reader.close()

    def test_are_the_same_after_a_prompt_read_at_once_and_notes_given_one_by_one(self, model):
        events, positions = random_piece(6, 50)
        at_once, one_by_one = (NgramReader(model, positions[0]) for _ in range(2))
        at_once.read(events, positions[1:])
        for row, position in zip(events.tolist(), positions[1:], strict=True):
            for attribute, value in enumerate(row):
                one_by_one.tell(attribute, value, position if attribute == SHIFT else None)
            one_by_one.close()
        np.testing.assert_allclose(at_once.distribution(SHIFT), one_by_one.distribution(SHIFT), rtol=1e-12)

    def test_follow_what_is_left_of_a_model_cut_to_orders(self, model):
        events, positions = random_piece(7, 30)
        by_order = model.log_probs_by_order(events, positions)
        cut = model.with_orders((0, 1, 4, 2, 0))
        expected = np.stack([by_order[i][order] for i, order in enumerate(cut.orders)], axis=1)
        np.testing.assert_array_equal(cut.log_probs(events, positions), expected)
        reader = NgramReader(cut, positions[0])
        assert np.log(reader.distribution(SHIFT)[events[0, SHIFT]]) == pytest.approx(expected[0, SHIFT])


class TestComposing:
    def test_a_loop_does_not_feed_itself(self):
        rng = np.random.default_rng(3)
        model = fit([melody(np.tile(60 + rng.integers(12, size=16), 3)) for _ in range(40)], SOLO)
        loop = np.array([60, 65, 61, 70])

        def surest(trust, rounds):
            events, positions = melody(np.tile(loop, rounds))
            reader = NgramReader(model, positions[0], trust=trust)
            reader.read(events, positions[1:])
            for attribute, value in enumerate((6, 0)):
                reader.distribution(attribute)
                reader.tell(attribute, value, positions[-1] if attribute == SHIFT else None)
            return reader.distribution(PITCH)[loop[0]]

        # Heard as a given piece, the loop is believed ever more; composed, hardly more than after the third round.
        assert surest(None, 20) > surest(None, 3)
        assert surest(2, 20) < surest(None, 20)
        assert surest(2, 20) == pytest.approx(surest(2, 6), abs=0.05)


class TestScores:
    def test_order_zero_is_uniform(self, model):
        for size, scores in zip(BAND.sizes, model.log_probs_by_order(*random_piece(1, 20)), strict=True):
            np.testing.assert_allclose(scores[0, :-1], -np.log(size))

    def test_order_one_is_the_unigram_smoothed_by_the_uniform(self):
        pieces = [melody([60, 60, 60, 72])]
        # One piece leaves none held out, so that the weight is Witten and Bell's, of the bucket of n = 4 and d = 2.
        model = fit(pieces, SOLO)
        unigram = np.exp(model.log_probs_by_order(*melody([60, 72, 61]))[PITCH][1, :3])
        weight = (unigram[0] - 1 / 128) / (3 / 4 - 1 / 128)
        np.testing.assert_allclose(unigram, weight * np.array([3 / 4, 1 / 4, 0]) + (1 - weight) / 128)
        assert weight == pytest.approx(4 / (4 + 2), abs=0.05)

    def test_the_end_charges_the_shift_alone(self, model):
        scores = model.log_probs(*random_piece(2, 20))
        assert scores.shape == (21, 5)
        assert (scores[:, SHIFT] < 0).all()
        assert (scores[-1, 1:] == 0).all()
        assert (scores[:-1] < 0).all()

    def test_a_piece_is_judged_by_itself_wherever_it_stands(self, model):
        one, other = random_piece(3, 30), random_piece(4, 25)
        rows = rows_of([one, other], BAND.end)
        together = Columns(rows, BAND.is_drum)
        alone = Columns(rows_of([other], BAND.end), BAND.is_drum)
        for ladder in LADDERS:
            for level in ladder:
                np.testing.assert_array_equal(together.contexts(level, 0)[31:], alone.contexts(level, 0))
                assert alone.last_context(level, 0) == alone.contexts(level, 0)[-1]

    def test_the_future_does_not_change_the_past(self, model):
        events, positions = random_piece(8, 40)
        changed = events.copy()
        changed[30:, 2:] = 1
        before, after = (model.log_probs(e, positions)[:30] for e in (events, changed))
        np.testing.assert_array_equal(before, after)


class TestWhatIsLearned:
    def test_a_planted_chain_of_order_two_to_its_entropy(self):
        rng = np.random.default_rng(0)
        pitches = np.array([60, 62, 64, 67])
        chain = rng.dirichlet(np.full(4, 0.3), size=(4, 4))

        def piece():
            states = [0, 1]
            while len(states) < 100:
                states.append(int(rng.choice(4, p=chain[states[-2], states[-1]])))
            return np.array(states)

        training, judged = [piece() for _ in range(300)], [piece() for _ in range(40)]
        truth = -np.mean([np.log2(chain[s[:-2], s[1:-1], s[2:]]).mean() for s in judged])
        bits = pitch_bits(fit([melody(pitches[s]) for s in training], SOLO), [melody(pitches[s]) for s in judged])
        # 98 of 100 notes follow the chain, the two before are certain; the rest is what estimating costs.
        assert bits[-1] == pytest.approx(truth, abs=0.06)
        assert bits[1] > truth + 0.5

    def test_of_noise_no_more_than_the_unigram(self):
        rng = np.random.default_rng(1)
        noise = [melody(60 + rng.integers(8, size=100)) for _ in range(200)]
        bits = pitch_bits(fit(noise[:160], SOLO), noise[160:])
        assert bits[1] == pytest.approx(3, abs=0.02)
        assert bits[-1] < 3.05

    def test_a_piece_that_repeats_itself_is_heard_to(self):
        rng = np.random.default_rng(2)
        pieces = [melody(np.tile(60 + rng.integers(12, size=25), 4)) for _ in range(60)]
        bits = pitch_bits(fit(pieces[:50], SOLO), pieces[50:])
        in_corpus = sum(level.memory == "corpus" for level in LADDERS[PITCH])
        # A quarter of the notes is new, log2(12) bits each; the rest is copied.
        assert bits[-1] < np.log2(12) / 4 + 0.35
        assert bits[in_corpus] > 2

    def test_what_was_never_seen_backs_off(self):
        model = fit([melody([60, 62, 64, 62] * 8) for _ in range(12)], SOLO)
        events, positions = melody([100, 30])
        by_order = model.log_probs_by_order(events, positions)[PITCH]
        assert np.isfinite(by_order).all()
        # The last contexts of the corpus hold the pitches before, of which none was seen.
        np.testing.assert_array_equal(by_order[-1, 1], by_order[-2, 1])

    def test_intervals_are_those_of_the_transposed_piece(self):
        tune = np.array([60, 64, 67, 65, 62, 60])
        level = next(level for level in LADDERS[PITCH] if level.relative_to == "pitch~1")
        intervals, contexts = [], []
        for up in (0, 7):
            columns = Columns(rows_of([melody(tune + up)], SOLO.end), SOLO.is_drum)
            # The first note has none before it, the last row is the end.
            intervals.append((columns["pitch"] - columns.reference(level))[1:-1])
            contexts.append(columns.contexts(level, 0))
        np.testing.assert_array_equal(intervals[0], np.diff(tune))
        np.testing.assert_array_equal(*intervals)
        np.testing.assert_array_equal(*contexts)


class TestCounts:
    @pytest.mark.parametrize("portion", [1, 45, 1000])
    def test_in_pieces_are_those_at_once(self, monkeypatch, portion):
        pieces = [random_piece(seed, 30) for seed in range(6)]
        at_once = count_pieces(pieces, BAND)
        monkeypatch.setattr("componium.ngrams.model._PORTION_ROWS", portion)
        merged = merge_counts(count_pieces(pieces[:2], BAND), count_pieces(pieces[2:], BAND))
        for one, other in zip(sum(at_once, ()), sum(merged, ()), strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                for field in ("contexts", "distinct", "values", "counts"):
                    np.testing.assert_array_equal(getattr(one, field), getattr(other, field))

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=30), st.integers(0, 5), st.integers(0, 5))
    def test_of_a_table_are_those_of_a_loop(self, pairs, low, high):
        contexts, values = np.array(pairs, np.int64).reshape(-1, 2).T
        half = len(pairs) // 2
        table = merge(
            count(contexts[:half].astype(np.uint64), values[:half]),
            count(contexts[half:].astype(np.uint64), values[half:]),
        )
        low, high = min(low, high), max(low, high)
        for context in range(5):
            inside = [v for c, v in pairs if c == context and low <= v <= high]
            for value in range(low, high + 1):
                seen = table.seen(np.array([context], np.uint64), np.array([value]), np.array([low]), np.array([high]))
                assert [int(n[0]) for n in seen] == [len(inside), len(set(inside)), inside.count(value)]
            histogram = table.histogram(np.uint64(context), 6)
            assert histogram.tolist() == [pairs.count((context, value)) for value in range(6)]

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
    def test_of_the_piece_so_far_are_those_of_a_loop(self, pairs):
        contexts, values = np.array(pairs, np.int64).reshape(-1, 2).T
        seen = seen_before(contexts.astype(np.uint64), values)
        for t, (context, value) in enumerate(pairs):
            heard = [v for c, v in pairs[:t] if c == context]
            assert [int(n[t]) for n in seen] == [len(heard), len(set(heard)), heard.count(value)]

    def test_pruning_forgets_rare_contexts_alone(self):
        tables = count_pieces([random_piece(seed, 60) for seed in range(3)], BAND)
        pruned = prune_counts(tables, 2)
        for full, kept in zip(sum(tables, ()), sum(pruned, ()), strict=True):
            if full is not None:
                totals = np.add.reduceat(full.counts.astype(int), full.starts[:-1])
                np.testing.assert_array_equal(kept.contexts, full.contexts[totals >= 2])
                assert int(kept.counts.sum()) == int(totals[totals >= 2].sum())


class TestNothing:
    def test_learned_is_the_uniform_model(self):
        events, positions = melody([60, 62])
        for size, scores in zip(SOLO.sizes, fit([], SOLO).log_probs_by_order(events, positions), strict=True):
            in_corpus = scores[:2, :2]
            np.testing.assert_allclose(in_corpus, -np.log(size))


class TestFiles:
    def test_a_model_read_back_scores_alike(self, model, tmp_path):
        cut = model.with_orders((3, 2, 20, 4, 18))
        save_ngrams(cut, tmp_path / "ngrams.npz")
        read = load_ngrams(tmp_path / "ngrams.npz", BAND)
        assert isinstance(read, NgramModel)
        assert read.orders == cut.orders
        piece = random_piece(9, 40)
        np.testing.assert_array_equal(read.log_probs(*piece), cut.log_probs(*piece))

    @pytest.mark.parametrize("content", [b"", b"no archive", None])
    def test_another_file_is_refused(self, tmp_path, content):
        path = tmp_path / "ngrams.npz"
        if content is None:
            np.savez(path, other=np.zeros(3))
        else:
            path.write_bytes(content)
        with pytest.raises(ArtifactError, match="n-gram"):
            load_ngrams(path, BAND)
