"""Batches of words: what they hold is what the representation gives, wherever an excerpt begins."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
import torch

from componium.errors import TrainingError
from componium.features.word_lookback import lookback
from componium.representations.words import DURATION, PART, PITCH, REST, SHAPE, SHIFT, WordsConfig
from componium.training.batches import BatchConfig, NoteBatches, WordBatches, batches_of

CONFIG = BatchConfig(batch_size=6, window=24, transpose=0, piece_notes=400)


@pytest.fixture(params=["parts", "merged"])
def viewed(request, dataset):
    return dataset.viewed_as(WordsConfig(lines=request.param))


def test_the_representation_says_which_batches_there_are(dataset, viewed):
    assert isinstance(batches_of(viewed, CONFIG, 1), WordBatches)
    assert isinstance(batches_of(dataset, CONFIG, 1), NoteBatches)


def test_shapes_are_those_of_the_training_pieces(dataset):
    viewed = dataset.viewed_as(WordsConfig(n_shapes=3))
    assert 0 < len(viewed.representation.shapes) - 1 <= 3


def test_lines_are_the_words_of_all_pieces_in_their_order(viewed):
    lines = WordBatches(viewed, CONFIG, 1).lines
    words = np.concatenate([viewed.representation.view(viewed.encoded(i))["words"] for i in range(len(viewed.records))])
    assert np.array_equal(lines.words, words)
    assert (np.diff(lines.edges) > 0).all()
    for line in range(len(lines.piece)):
        own = slice(*lines.edges[line : line + 2])
        assert np.array_equal(lines.followed[own], lookback(lines.words[own]))


def test_a_word_stands_on_its_step_of_its_bar(viewed):
    lines = WordBatches(viewed, CONFIG, 1).lines
    for line, index in enumerate(lines.piece.tolist()):
        own = slice(*lines.edges[line : line + 2])
        onset = np.cumsum(lines.words[own, 0], dtype=int)
        grid = viewed.codec.bar_grid(viewed.records[index].meter)
        assert lines.places[own].tolist() == [int(onset_ - grid.start_of(grid.locate(onset_).bar)) for onset_ in onset]


class TestExcerpts:
    def test_are_a_function_of_seed_and_step(self, viewed):
        one, again, other = (WordBatches(viewed, CONFIG, seed).excerpts(3) for seed in (1, 1, 2))
        assert all(one[name].equal(again[name]) for name in one)
        assert not one["words"].equal(other["words"])
        assert not one["words"].equal(WordBatches(viewed, CONFIG, 1).excerpts(4)["words"])

    def test_are_of_one_part_the_parts_in_turn_where_that_is_asked_for(self, dataset):
        viewed = dataset.viewed_as(WordsConfig())
        batches = WordBatches(viewed, CONFIG.model_copy(update={"by_part": True}), 1)
        parts = [set(batches.excerpts(step)["words"][:, 1, PART].tolist()) for step in range(8)]
        assert [len(own) for own in parts] == [1] * 8
        n_parts = len(set.union(*parts))
        assert n_parts > 2
        assert parts[n_parts:] == parts[: 8 - n_parts]
        assert WordBatches(viewed, CONFIG, 1).n_train_notes == batches.n_train_notes

    def test_say_whether_their_line_ends_with_them(self, viewed):
        whole = next(WordBatches(viewed, CONFIG, 1).single_pieces("train"))
        assert whole["ends"].all()
        ends = []
        for step in range(8):
            batch = WordBatches(viewed, CONFIG, 1).excerpts(step)
            # One that is shorter than the window ends with its line.
            is_short = ~batch["exists"].all(dim=1)
            assert batch["ends"][is_short].all()
            ends += batch["ends"][~is_short].tolist()
        # Of the others few end just there.
        assert 0 < sum(ends) < len(ends) / 2

    def test_are_stretches_of_training_lines(self, viewed):
        batches = WordBatches(viewed, CONFIG, 1)
        start = batches._view.sizes.shape
        training = [
            batches.lines.words[slice(*batches.lines.edges[line : line + 2])].tolist()
            for line in batches._train.tolist()
        ]
        n_starts = 0
        for step in range(8):
            batch = batches.excerpts(step)
            for words, exists in zip(batch["words"], batch["exists"], strict=True):
                count = int(exists.sum())
                assert exists.tolist() == [True] * count + [False] * (len(exists) - count)
                found = words[: count + 1].tolist()
                is_start = found[0][SHAPE] == start
                n_starts += is_start
                found = found[is_start:]
                assert any(found == own[at : at + len(found)] for own in training for at in range(len(own)))
                assert not is_start or any(found == own[: len(found)] for own in training)
        assert 0 < n_starts < 48

    def test_openings_begin_with_the_line(self, viewed):
        batches = WordBatches(viewed, CONFIG.model_copy(update={"openings": 1.0}), 1)
        assert (batches.excerpts(0)["words"][:, 0, SHAPE] == batches._view.sizes.shape).all()

    def test_what_followed_is_in_the_line_and_was_heard_before(self, viewed):
        batches = WordBatches(viewed, CONFIG, 1)
        seen = 0
        for batch in batches.pieces("train"):
            words, followed, there = batch["words"][:, 1:], batch["followed"], batch["is_followed"]
            for row, t, run in there.nonzero().tolist():
                own = followed[row, t, run]
                at = [i for i in range(t) if words[row, i].equal(own)]
                assert at
                seen += 1
        assert seen > 20

    def test_transposed_all_pitches_of_an_excerpt_move_alike_and_drums_stay(self, viewed):
        batches = WordBatches(viewed, CONFIG, 1)
        for line in range(6):
            plain, moved = (batches._stacked([(line, 2, semitones)], 20) for semitones in (0, 3))
            for name in ("words", "followed"):
                own = plain[name]
                is_drum = torch.from_numpy(viewed.codec.is_drum)[own[..., PART]]
                # Padding looks like a rest.
                moves = (own[..., SHAPE] != REST) & ~is_drum
                assert ((moved[name] - own)[..., PITCH] == 3 * moves).all()
                others = [SHIFT, PART, SHAPE, DURATION]
                assert moved[name][..., others].equal(own[..., others])

    def test_no_pitch_leaves_its_range(self, viewed):
        batches = WordBatches(viewed, CONFIG, 1)
        for semitones in (-11, 11):
            for line in range(4):
                assert batches._stacked([(line, 0, semitones)], 30)["words"][..., PITCH].min() >= 0
                assert batches._stacked([(line, 0, semitones)], 30)["words"][..., PITCH].max() < 128


class TestPieces:
    def test_every_word_of_a_split_comes_once(self, viewed):
        batches = WordBatches(viewed, CONFIG, 1)
        expected = sum(
            len(viewed.representation.view(viewed.encoded(index))["words"]) for index in viewed.of("validation")
        )
        assert sum(int(batch["exists"].sum()) for batch in batches.pieces("validation")) == expected
        singles = list(batches.single_pieces("validation"))
        assert len(singles) == len(viewed.of("validation"))
        assert sum(int(batch["exists"].sum()) for batch in singles) == expected

    def test_of_a_line_that_was_not_heard_before_nothing_followed(self, viewed):
        batches = WordBatches(viewed, CONFIG, 1)
        for batch in batches.pieces("validation"):
            assert not batch["is_followed"][:, :3].any()


def test_a_damaged_folder_is_one_line(viewed, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(viewed.folder, folder)
    copied = dataclasses.replace(viewed, folder=folder)
    WordBatches(copied, CONFIG, 1)
    for own in folder.glob("words-*/words.npy"):
        own.write_bytes(b"none")
    with pytest.raises(TrainingError, match="remove it"):
        WordBatches(copied, CONFIG, 1)
