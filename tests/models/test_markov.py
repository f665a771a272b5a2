import base64

import numpy as np
import pytest
import torch
from fixtures.trainings import tiny_recipe, tiny_trainer, train_tiny

from componium.composing.compose import compose
from componium.composing.procedures.ngram import draw
from componium.composing.requests import make_request
from componium.errors import RequestError
from componium.formats.midi import write_midi
from componium.models.markov import MARKOV
from componium.ngrams import load_ngrams
from componium.representations.columns import ATTRIBUTES
from componium.training.judging import judge_split


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    return train_tiny(MARKOV, dataset, tmp_path_factory.mktemp("markov"))


def composed(artifact, **fields):
    return compose(artifact, make_request(**fields))


def rows(score):
    """All notes as (onset, part, pitch, duration, velocity), sorted."""
    return sorted(
        (int(n["onset"]), track.name, int(n["pitch"]), int(n["duration"]), int(n["velocity"]))
        for track in score.tracks
        for n in track.notes
    )


def judged(trainer, split):
    return judge_split(trainer.module, trainer.batches, trainer.dataset, split)


class TestTraining:
    def test_beats_the_unigram_and_that_the_uniform(self, trained):
        figures = judged(trained.trainer, "validation")
        uniform = sum(np.log2(size) for size in trained.trainer.dataset.codec.sizes)
        # The ends of the pieces are charged one shift each.
        assert uniform < figures["uniform_bits_per_note"] < uniform + 0.2
        assert figures["unigram_bits_per_note"] < figures["uniform_bits_per_note"] / 1.5
        assert figures["corpus_bits_per_note"] < figures["unigram_bits_per_note"]
        assert figures["bits_per_note"] < figures["corpus_bits_per_note"]
        parts = sum(figures[f"{name}_bits"] for name in ATTRIBUTES)
        assert figures["bits_per_note"] == pytest.approx(parts)

    def test_orders_are_the_best_on_the_validation_pieces_and_stay(self, trained):
        module = trained.module
        chosen = module.model().orders
        for split in ("validation", "test"):
            figures = judged(trained.trainer, split)
            assert module.model().orders == chosen
            assert chosen == tuple(figures[f"{name}_order"] for name in ATTRIBUTES)

    def test_orders_are_chosen_anew_for_other_pieces(self, dataset, tmp_path):
        trainer = tiny_trainer(tiny_recipe(MARKOV), dataset, tmp_path / "run", {"markov": MARKOV})
        module = trainer.module
        module.training_step(trainer._whole[0], 0.0, lambda _: None)
        figures = {f"{name}_bits_{order}": abs(order - 2.0) for name in ATTRIBUTES for order in range(40)}
        module.settle(figures)
        assert module.model().orders == (2, 2, 2, 2, 2)
        module.training_step(trainer._whole[1], 0.5, lambda _: None)
        module.settle({name: -value for name, value in figures.items()})
        assert module.model().orders != (2, 2, 2, 2, 2)

    def test_without_memory_no_level_counts_in_the_piece(self, dataset, tmp_path):
        settings = MARKOV.config(memory=False)
        module = MARKOV.make(settings, dataset)
        trainer = tiny_trainer(tiny_recipe(MARKOV), dataset, tmp_path / "run", {"markov": MARKOV})
        for batch in trainer._whole:
            module.training_step(batch, 0.0, lambda _: None)
        trainer.module = module
        figures = judged(trainer, "validation")
        assert figures["bits_per_note"] == figures["corpus_bits_per_note"]
        model = module.model()
        used = [table for own, order in zip(model.tables, model.orders, strict=True) for table in own[:order]]
        assert used
        assert all(table is not None for table in used)

    def test_goes_on_from_its_state_as_if_never_stopped(self, trained, dataset):
        first, *others = trained.trainer._whole
        whole, stopped, resumed = (MARKOV.make(MARKOV.tiny, dataset) for _ in range(3))
        for batch in (first, *others):
            whole.training_step(batch, 0.0, lambda _: None)
        stopped.training_step(first, 0.0, lambda _: None)
        resumed.load_training_state(stopped.training_state())
        for batch in others:
            resumed.training_step(batch, 0.5, lambda _: None)
        expected, state = whole.training_state(), resumed.training_state()
        assert expected.keys() == state.keys()
        assert all(torch.equal(expected[name], state[name]) for name in expected)
        one, other = whole.model().arrays(), resumed.model().arrays()
        assert all(np.array_equal(one[name], other[name]) for name in one)


class TestArtifact:
    def test_holds_arrays_that_score_like_the_module(self, trained):
        path = trained.artifact.file("ngrams")
        with np.load(path, allow_pickle=False) as stored:
            assert {array.dtype.kind for array in stored.values()} <= {"u", "i", "f"}
        model = load_ngrams(path, trained.artifact.codec)
        piece = trained.trainer.dataset.encoded(0)
        positions = trained.artifact.features.positions_of(piece)
        expected = trained.module.model().log_probs(piece.events, positions)
        np.testing.assert_array_equal(model.log_probs(piece.events, positions), expected)

    def test_is_the_same_file_from_equal_pieces(self, trained, tmp_path):
        again = trained.exporter.export(trained.module, tmp_path / "again")
        assert again.manifest.files == trained.artifact.manifest.files


class TestComposing:
    @pytest.mark.parametrize("fields", [{"bars": 1}, {"bars": 6}, {"seconds": 5.5, "tempo_bpm": 133.0}])
    def test_fills_what_was_asked_and_no_more(self, trained, fields):
        for composition in composed(trained.artifact, count=3, **fields):
            score = composition.score
            per_second = score.ticks_per_quarter * score.tempos[0].tempo_bpm / 60
            asked = fields["bars"] * 4 * score.ticks_per_quarter if "bars" in fields else 5.5 * per_second
            assert 0 < score.end <= asked + score.ticks_per_quarter / 12
            assert score.end > asked - 4 * score.ticks_per_quarter

    def test_no_two_notes_of_a_part_begin_on_one_key_at_once(self, trained):
        for composition in composed(trained.artifact, bars=12, count=4, temperature=1.5, top_p=1.0):
            keys = [(onset, part, pitch) for onset, part, pitch, *_ in rows(composition.score)]
            assert len(keys) == len(set(keys))

    def test_comes_to_an_end_without_any_chance(self, trained):
        (composition,) = composed(trained.artifact, bars=8, temperature=0.0)
        assert composition.score.n_notes > 0

    def test_equal_requests_give_equal_music_and_seeds_differ(self, trained):
        one, again, other = (
            [rows(c.score) for c in composed(trained.artifact, bars=4, count=2, seed=seed)] for seed in (1, 1, 2)
        )
        assert one == again
        assert one != other
        assert one[0] != one[1]

    def test_notes_outside_the_key_are_rare(self, trained):
        (free,) = composed(trained.artifact, bars=24, top_p=1.0)
        (inside,) = composed(trained.artifact, bars=24, top_p=1.0, key="F# major")
        scale = {(6 + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
        outside = [
            np.mean([n["pitch"] % 12 not in scale for t in c.score.tracks if not t.is_drum for n in t.notes])
            for c in (free, inside)
        ]
        assert outside[0] > 0.2
        assert outside[1] < 0.1

    def test_continues_a_prompt_after_its_last_bar(self, trained, tmp_path):
        (prompt,) = composed(trained.artifact, bars=4, seed=5)
        write_midi(prompt.score, tmp_path / "prompt.mid")
        content = base64.b64encode((tmp_path / "prompt.mid").read_bytes())
        (longer,) = composed(trained.artifact, task="continue", prompt=content, bars=2)
        ticks = longer.score.ticks_per_quarter
        n_bars = -(-prompt.score.end // (4 * ticks))
        onsets = np.array([row[0] for row in rows(longer.score)])
        assert (onsets < n_bars * 4 * ticks).sum() == prompt.score.n_notes
        assert (onsets >= n_bars * 4 * ticks).any()
        assert longer.score.end <= (n_bars + 2) * 4 * ticks

    def test_refuses_a_control_that_it_lacks(self, trained):
        with pytest.raises(RequestError, match="infill"):
            composed(trained.artifact, task="infill", prompt=b"TVRoZA==", first_bar=1, last_bar=1)


class TestDraw:
    def test_follows_the_chances(self):
        chances = np.array([0.5, 0.3, 0.2])
        grid = (np.arange(1000) + 0.5) / 1000
        drawn = np.bincount([draw(np.log(chances), 1.0, u) for u in grid], minlength=3)
        np.testing.assert_allclose(drawn / 1000, chances, atol=0.002)

    def test_keeps_to_the_nucleus(self):
        logits = np.log([0.1, 0.5, 0.3, 0.1])
        assert {draw(logits, 0.7, u) for u in np.linspace(0, 0.999, 50)} == {1, 2}
        assert {draw(logits, 0.0, u) for u in np.linspace(0, 0.999, 50)} == {1}

    def test_never_draws_what_is_forbidden(self):
        logits = np.array([-1e9, 0.0, -1e9])
        assert {draw(logits / 1e-3, 1.0, u) for u in np.linspace(0, 1 - 1e-9, 50)} == {1}
