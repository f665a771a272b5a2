"""The networks of words: what is charged, by the network and by its graph, and how a flat vocabulary spells."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from fixtures.trainings import tiny_recipe
from torch import nn

from componium.errors import TrainingError
from componium.models.networks.word_network import (
    CHOICES,
    FlatVocabulary,
    charged,
    lines_of,
    tables_of,
)
from componium.models.note_chord import NOTE_CHORD
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.representations.words import PART, REST, SHAPE, SHIFT, SINGLE, WordsConfig, WordsRepresentation
from componium.training.batches import BatchConfig, WordBatches
from componium.training.judging import judge

TRIAD = (4, 7)
VIEW = WordsRepresentation(WordsConfig(notes=NotesConfig(parts=(Part(name="piano"),)), shapes=(TRIAD,)))
TABLES = tables_of(VIEW)


@pytest.fixture
def viewed(dataset):
    return dataset.viewed_as(WordsConfig())


class TestLines:
    """Of whole lines every word, every gap, and the end are charged once; of excerpts what lies in them."""

    def test_a_whole_line_is_charged_whole(self, viewed):
        batches, tables = WordBatches(viewed, BatchConfig(), 1), tables_of(viewed.representation)
        for batch in batches.single_pieces("test"):
            line = lines_of(batch, tables)
            assert line.is_word.sum(dim=0).tolist() == batch["exists"].sum(dim=1).tolist()
            # One gap before each word, and the end.
            assert line.is_gap.sum(dim=0).tolist() == (batch["exists"].sum(dim=1) + 1).tolist()
            for row, (words, exists) in enumerate(zip(batch["words"], batch["exists"], strict=True)):
                count = int(exists.sum())
                gaps = line.targets[:, row, 3][line.is_gap[:, row]]
                assert gaps.tolist() == [*words[1 : count + 1, SHIFT].tolist(), tables.end]

    def test_an_excerpt_is_charged_for_what_lies_in_it(self, viewed):
        batches, tables = WordBatches(viewed, BatchConfig(batch_size=64, window=8), 1), tables_of(viewed.representation)
        batch = batches.excerpts(0)
        line, count = lines_of(batch, tables), batch["exists"].sum(dim=1)
        starts = batch["words"][:, 0, SHAPE] == tables.begin
        assert 0 < starts.sum() < 64
        assert 0 < batch["ends"].sum() < 64
        assert line.is_gap.sum(dim=0).tolist() == (count - 1 + starts.long() + batch["ends"].long()).tolist()

    def test_of_a_rest_only_its_shape_and_the_gap_are_charged(self, viewed):
        tables = tables_of(viewed.representation)
        batch = next(WordBatches(viewed, BatchConfig(), 1).single_pieces("test"))
        batch["words"][0, 3, SHAPE] = REST
        line = lines_of(batch, tables)
        found = charged(torch.full((*line.is_word.shape, 4), -1.0), line)
        assert found[3, 0].tolist() == [1, 0, 0, 1]
        assert found[4, 0].tolist() == [1, 1, 1, 1]

    def test_what_is_read_was_heard_before(self, viewed):
        """The gap and the place before a word are read with the word before it; its own pitch is not."""
        tables = tables_of(viewed.representation)
        batch = next(WordBatches(viewed, BatchConfig(), 1).single_pieces("test"))
        line = lines_of(batch, tables)
        assert line.columns[0, :, 0].tolist() == [tables.begin + 1] * line.columns.shape[1]
        assert torch.equal(line.columns[1:, 0, :3], line.targets[:-1, 0, :3])
        assert torch.equal(line.columns[1:, 0, 3], line.targets[:-1, 0, 3].where(line.is_word[1:, 0], 0))


class TestModule:
    @torch.no_grad()
    def test_a_chord_that_is_spelled_counts_as_many_notes(self, dataset):
        """Notes are those of the pieces, whatever has a number."""
        notes = []
        for n_shapes in (0, 500):
            viewed = dataset.viewed_as(WordsConfig(n_shapes=n_shapes))
            module = NOTE_CHORD.make(NOTE_CHORD.tiny, viewed)
            batches = WordBatches(viewed, BatchConfig(), 1).pieces("test")
            notes.append(sum(module.validation_step(batch)["bits_per_note"][1] for batch in batches))
        assert notes[0] == notes[1] == sum(dataset.encoded(index).n_notes for index in dataset.of("test"))

    @torch.no_grad()
    def test_the_bits_of_the_parts_are_those_of_the_whole(self, viewed):
        module = NOTE_CHORD.make(NOTE_CHORD.tiny, viewed)
        batches = WordBatches(viewed, BatchConfig(), 1)
        tallies = [module.validation_step(batch) for batch in batches.single_pieces("test")]
        whole = sum(tally["bits_per_note"][0] for tally in tallies)
        parts = [name for name in tallies[0] if name.endswith("_bits_per_note")]
        assert len(parts) > 1
        every = {name for tally in tallies for name in tally if name.endswith("_bits_per_note")}
        assert sum(tally.get(name, (0.0,))[0] for tally in tallies for name in every) == pytest.approx(whole)
        choices = [f"{choice}_bits" for choice in CHOICES]
        assert sum(tally[name][0] for tally in tallies for name in choices) == pytest.approx(whole)

    def test_a_batch_trains_the_networks_of_its_parts_alone(self, viewed):
        module = NOTE_CHORD.make(NOTE_CHORD.tiny, viewed)
        batches = WordBatches(viewed, BatchConfig(batch_size=4, window=16, by_part=True), 1)
        before = {name: own.clone() for name, own in module.networks.state_dict().items()}
        batch = batches.excerpts(1)
        [part] = torch.unique(batch["words"][:, 1, PART]).tolist()
        module.training_step(batch, 0.1, lambda loss: loss.backward())
        after = module.networks.state_dict()
        changed = {name.split(".")[0] for name, own in after.items() if not own.equal(before[name])}
        assert changed == {str(part)}

    def test_words_of_merged_parts_are_refused(self, dataset):
        with pytest.raises(TrainingError, match="lines = 'parts'"):
            NOTE_CHORD.make(NOTE_CHORD.tiny, dataset.viewed_as(WordsConfig(lines="merged")))

    @pytest.mark.parametrize("vocabulary", ["shapes", "flat"])
    @pytest.mark.parametrize(("precision", "most"), [("fp32", 1e-5), ("int8", 0.1)])
    def test_its_graphs_charge_what_it_charges(self, viewed, tmp_path, exports_once, vocabulary, precision, most):
        from componium.corpora import CORPORA  # noqa: PLC0415
        from componium.training.exporting import Exporter  # noqa: PLC0415

        settings = NOTE_CHORD.tiny.model_copy(update={"vocabulary": vocabulary})
        module = NOTE_CHORD.make(settings, viewed)
        recipe = tiny_recipe(NOTE_CHORD, precision=precision)
        artifact = Exporter(recipe, NOTE_CHORD, viewed, (CORPORA["folder"],)).export(module.eval(), tmp_path / "own")
        batches = WordBatches(viewed, BatchConfig(), 1)
        own, through = (
            judge(judged, batches.pieces("validation")) for judged in (module, module.judged_through(artifact))
        )
        assert own.keys() == through.keys()
        assert all(through[name] == pytest.approx(own[name], rel=most, abs=most) for name in own)


class TestFlatVocabulary:
    """Of three words, all single notes, and an escape."""

    KNOWN = np.array([(SINGLE + 1, 60), (REST, 0), (SINGLE + 1, 62)])

    @pytest.fixture
    def flat(self):
        vocabulary = FlatVocabulary(8, self.KNOWN, TABLES)
        torch.manual_seed(3)
        for own in vocabulary.parameters():
            nn.init.normal_(own)
        return vocabulary

    def bits(self, flat, shape, pitch):
        known = torch.ones(1, 8)
        found = flat.log_prob(known, torch.tensor([[shape]]), torch.tensor([[pitch]]))
        return found.item(), torch.log_softmax(flat.head(known), dim=-1)[0].tolist()

    def test_a_known_word_is_one_choice(self, flat):
        found, every = self.bits(flat, SINGLE + 1, 60)
        assert found == pytest.approx(every[128])
        assert self.bits(flat, SINGLE, 71)[0] == pytest.approx(every[71])
        assert self.bits(flat, REST, 0)[0] == pytest.approx(every[129])

    def test_an_unknown_word_is_spelled_between_escapes(self, flat):
        found, every = self.bits(flat, SINGLE + 1, 61)
        assert found == pytest.approx(2 * every[-1] + every[61] + every[65] + every[68])

    def test_nothing_is_free(self, flat):
        """What words are charged is a code: their probabilities sum to no more than one."""
        _, every = self.bits(flat, SINGLE, 0)
        total = sum(
            math.exp(self.bits(flat, shape, pitch)[0])
            for shape in range(TABLES.begin)
            for pitch in range(128 - 7 if shape > SINGLE else 128)
        )
        assert total < 1
        assert len(every) == 128 + 3 + 1


def test_words_seen_too_seldom_are_not_in_a_flat_vocabulary(viewed):
    def n_words(least):
        settings = NOTE_CHORD.tiny.model_copy(update={"vocabulary": "flat", "least_count": least})
        network = next(iter(NOTE_CHORD.make(settings, viewed).networks.values()))
        return len(network.flat.get_buffer("words"))

    sizes = [n_words(least) for least in (1, 2, 1000)]
    assert sizes[0] > sizes[1] > sizes[2] == 128
