from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from componium.corpora import CORPORA
from componium.corpora.splits import SPLITS
from componium.features.columns import POSITION
from componium.formats.midi import write_midi
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.score import Score, Track, make_notes
from componium.training.batches import BatchConfig, NoteBatches
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig

# The first shift of an excerpt is not that of the piece.
BUT_SHIFT = [PART, PITCH, DURATION, VELOCITY]


def batches(dataset, seed=3, **config):
    return NoteBatches(dataset, BatchConfig(**{"batch_size": 4, "window": 24, **config}), seed)


def equal(left, right):
    return list(left) == list(right) and all(torch.equal(left[name], right[name]) for name in left)


def rows_of(batch):
    """One dictionary of arrays for each piece or excerpt of a batch."""
    arrays = {name: tensor.numpy() for name, tensor in batch.items()}
    return [{name: array[i] for name, array in arrays.items()} for i in range(len(arrays["rows"]))]


def found_in(dataset, excerpt, columns):
    """Index of the note in the dataset at which an excerpt begins, by the given columns of all its notes."""
    notes = excerpt["targets"][excerpt["is_note"]][:, columns]
    events = np.array(dataset.events)[:, columns]
    starts = [
        record.start + i
        for record in dataset.records
        for i in range(record.stop - record.start - len(notes) + 1)
        if np.array_equal(events[record.start + i : record.start + i + len(notes)], notes)
    ]
    assert len(starts) == 1
    return starts[0]


def positions_of_events(dataset):
    """Metric positions of all events of a dataset, shape (N, 3)."""
    pieces = (dataset.encoded(index) for index in range(len(dataset.records)))
    return np.concatenate([dataset.features.positions_of(piece)[1:] for piece in pieces])


class TestExcerpts:
    def test_are_a_function_of_seed_and_step(self, dataset):
        one, other = batches(dataset), batches(dataset)
        forward = [one.excerpts(step) for step in range(6)]
        backward = [other.excerpts(step) for step in reversed(range(6))][::-1]
        assert all(equal(*pair) for pair in zip(forward, backward, strict=True))
        assert not equal(forward[0], forward[1])
        assert not equal(forward[0], batches(dataset, seed=4).excerpts(0))

    def test_come_from_training_pieces(self, dataset):
        train = {
            index for i in dataset.of("train") for index in range(dataset.records[i].start, dataset.records[i].stop)
        }
        source = batches(dataset, transpose=0)
        for excerpt in (excerpt for step in range(10) for excerpt in rows_of(source.excerpts(step))):
            assert found_in(dataset, excerpt, BUT_SHIFT) in train

    def test_begin_at_a_bar_line_with_all_of_the_bar(self, dataset):
        positions = positions_of_events(dataset)
        source = batches(dataset, transpose=0, openings=0.0)
        opening = 0
        for excerpt in (excerpt for step in range(20) for excerpt in rows_of(source.excerpts(step))):
            first = found_in(dataset, excerpt, BUT_SHIFT)
            assert excerpt["places"][0, POSITION] == 0
            assert excerpt["targets"][0, SHIFT] == positions[first, POSITION]
            if first in {record.start for record in dataset.records}:
                opening += 1
                continue
            # The note before lies in another bar: within a bar the position moves on by the shift.
            moved = positions[first, POSITION] - positions[first - 1, POSITION]
            assert moved != dataset.events[first, SHIFT]
        assert opening < 40

    def test_begin_at_a_bar_line_of_a_piece_of_more_bars_than_positions_count(self, tmp_path):
        # One note a bar, most of them later in the bar than the one before.
        dataset = dataset_of([bar * 1920 + (bar % 16) * 120 for bar in range(200)], tmp_path)
        source = batches(dataset, transpose=0, openings=0.0, window=8)
        for excerpt in (excerpt for step in range(20) for excerpt in rows_of(source.excerpts(step))):
            first = found_in(dataset, excerpt, BUT_SHIFT)
            assert excerpt["places"][0, POSITION] == 0
            assert excerpt["targets"][0, SHIFT] == excerpt["places"][1, POSITION] == first % 16 * 3

    @pytest.mark.parametrize("bars", [1, 4])
    def test_of_bars_are_as_long_as_the_longest_of_a_batch(self, dataset, bars):
        for step in range(10):
            batch = batches(dataset, bars=bars).excerpts(step)
            assert batch["rows"].shape[1] == 1 + int(batch["is_note"].sum(dim=1).max())
            assert (batch["places"][:, 0, POSITION] == 0).all()

    def test_share_of_openings(self, dataset):
        starts = {tuple(dataset.events[record.start, [PART, DURATION]]) for record in dataset.records}
        source = batches(dataset, openings=1.0)
        for excerpt in (excerpt for step in range(5) for excerpt in rows_of(source.excerpts(step))):
            assert tuple(excerpt["targets"][0, [PART, DURATION]]) in starts

    def test_are_transposed_as_a_whole_drums_apart(self, dataset):
        seen = set()
        for step in range(120):
            (moved,) = rows_of(batches(dataset, batch_size=1, transpose=6).excerpts(step))
            (plain,) = rows_of(batches(dataset, batch_size=1, transpose=0).excerpts(step))
            drums = dataset.codec.is_drum[plain["targets"][:, PART]] | ~plain["is_note"]
            interval = (moved["targets"] - plain["targets"])[:, PITCH]
            assert (interval[drums] == 0).all()
            assert len(set(interval[~drums].tolist())) <= 1
            seen |= set(interval[~drums].tolist())
            others = [SHIFT, PART, DURATION, VELOCITY]
            assert np.array_equal(moved["targets"][:, others], plain["targets"][:, others])
        assert seen == set(range(-5, 7))

    def test_rows_are_the_targets_one_step_later(self, dataset):
        for excerpt in rows_of(batches(dataset).excerpts(0)):
            assert excerpt["rows"][0, 1:].tolist() == [0, 0, 0, 0]
            n_events = int(excerpt["is_event"].sum())
            assert np.array_equal(excerpt["rows"][1:n_events], excerpt["targets"][: n_events - 1])

    def test_the_start_of_a_piece_is_told_from_that_of_an_excerpt(self, dataset):
        starts = {record.start for record in dataset.records}
        seen = set()
        for excerpt in (
            excerpt for step in range(20) for excerpt in rows_of(batches(dataset, transpose=0).excerpts(step))
        ):
            begins = found_in(dataset, excerpt, BUT_SHIFT) in starts
            assert excerpt["rows"][0, SHIFT] == dataset.codec.end + (1 if begins else 2)
            seen.add(begins)
        assert seen == {True, False}


class TestLabels:
    @pytest.fixture
    def labelled(self, dataset):
        """The dataset, of whose pieces every third has no label that networks know."""
        names = ("jig", "reel", "")
        records = tuple(own._replace(label=names[i % 3]) for i, own in enumerate(dataset.records))
        return dataclasses.replace(dataset, records=records, label_names=("jig", "reel"))

    def test_of_excerpts_are_those_of_their_pieces(self, labelled):
        stops = [record.stop for record in labelled.records]
        seen = set()
        for step in range(10):
            batch = batches(labelled, transpose=0).excerpts(step)
            for excerpt, label in zip(rows_of(batch), batch["label"].tolist(), strict=True):
                piece = int(np.searchsorted(stops, found_in(labelled, excerpt, BUT_SHIFT), side="right"))
                assert label == (1, 2, 0)[piece % 3]
                seen.add(label)
        assert seen == {0, 1, 2}

    @pytest.mark.parametrize("batch_notes", [1, 700])
    def test_of_whole_pieces_are_theirs(self, labelled, batch_notes):
        found = []
        for batch in batches(labelled, piece_notes=batch_notes).pieces("train"):
            found += [(own["targets"][own["is_note"]].tolist(), int(own["label"])) for own in rows_of(batch)]
        expected = [(labelled.encoded(index).events.tolist(), (1, 2, 0)[index % 3]) for index in labelled.of("train")]
        assert sorted(found) == sorted(expected)


class TestPieces:
    @pytest.mark.parametrize("split", SPLITS)
    @pytest.mark.parametrize("batch_notes", [1, 400, 16_384])
    def test_are_all_there_once_and_as_they_are(self, dataset, split, batch_notes):
        pieces = [
            piece for batch in batches(dataset, piece_notes=batch_notes).pieces(split) for piece in rows_of(batch)
        ]
        found = sorted(piece["targets"][piece["is_note"]].tolist() for piece in pieces)
        assert found == sorted(dataset.encoded(index).events.tolist() for index in dataset.of(split))

    @pytest.mark.parametrize("split", SPLITS)
    def test_end_is_charged_once_a_piece_behind_its_last_note(self, dataset, split):
        end = dataset.codec.end
        for batch in batches(dataset, piece_notes=700).pieces(split):
            for piece in rows_of(batch):
                n_notes = int(piece["is_note"].sum())
                assert piece["is_note"][:n_notes].all()
                assert piece["is_event"].sum() == n_notes + 1
                assert piece["is_event"][: n_notes + 1].all()
                assert piece["targets"][n_notes, SHIFT] == end
                assert (piece["targets"][:n_notes, SHIFT] < end).all()
                assert np.array_equal(piece["rows"][1 : n_notes + 1], piece["targets"][:n_notes])

    def test_an_excerpt_is_charged_an_end_only_where_its_piece_ends(self, dataset):
        ends = {record.stop for record in dataset.records}
        charged = 0
        source = batches(dataset, transpose=0, window=40)
        for excerpt in (excerpt for step in range(30) for excerpt in rows_of(source.excerpts(step))):
            n_notes, n_events = int(excerpt["is_note"].sum()), int(excerpt["is_event"].sum())
            stop = found_in(dataset, excerpt, BUT_SHIFT) + n_notes
            assert n_events - n_notes == (stop in ends and n_notes < 40)
            charged += n_events - n_notes
        assert charged > 5

    def test_positions_are_those_of_the_piece(self, dataset):
        batch = next(batches(dataset, piece_notes=1).pieces("test"))
        index = min(dataset.of("test"), key=lambda i: dataset.records[i].stop - dataset.records[i].start)
        assert np.array_equal(batch["places"][0, :-1].numpy(), dataset.features.positions_of(dataset.encoded(index)))


# By the hashes of their names for test and validation.
HELD_OUT = ("b7", "b11", "b26", "b27")


def dataset_of(onsets, folder):
    """A dataset whose one training piece is a line of notes, with other pieces for the other splits."""
    corpus = folder / "corpus"
    corpus.mkdir()
    rng = np.random.default_rng(0)
    for name, own in (
        ("a", np.array(onsets)),
        *((name, np.arange(40) * 480 + 40 * place) for place, name in enumerate(HELD_OUT)),
    ):
        notes = make_notes(own, 120, rng.integers(40, 90, len(own)), 64)
        write_midi(Score(480, (Track(notes, 0),)), corpus / f"{name}.mid")
    config = PreparationConfig(notes=NotesConfig(parts=(Part(name="piano"),)))
    return prepare(CORPORA["folder"], corpus, config, folder / "cache")


@pytest.fixture(scope="module")
def beatless(corpus_folder, tmp_path_factory):
    config = NotesConfig(unit="second", steps=100, max_shift=100, max_duration=2000)
    asked = PreparationConfig(notes=config)
    return prepare(CORPORA["folder"], corpus_folder, asked, tmp_path_factory.mktemp("cache"))


class TestStretching:
    def test_excerpts_are_the_same_music_at_other_tempos(self, beatless):
        plain, stretched = (batches(beatless, stretch=share, transpose=0) for share in (0.0, 0.1))
        ratios = []
        for step in range(32):
            # Of each batch the first: what is drawn for it follows on what the two have in common.
            before, after = (rows_of(own.excerpts(step))[0] for own in (plain, stretched))
            is_note, columns = before["is_note"], [PART, PITCH, VELOCITY]
            assert np.array_equal(is_note, after["is_note"])
            assert np.array_equal(before["targets"][is_note][:, columns], after["targets"][is_note][:, columns])
            steps = [own["targets"][is_note][:, SHIFT].sum() for own in (before, after)]
            ratios.append(steps[1] / max(steps[0], 1))
        # A shift at its limit stays there, and short ones are whole steps.
        assert 0.85 < min(ratios) < 0.99
        assert 1.01 < max(ratios) < 1.15

    def test_music_in_beats_is_not_stretched(self, dataset):
        assert equal(batches(dataset).excerpts(3), batches(dataset, stretch=0.1).excerpts(3))
