import dataclasses
import shutil

import pytest
from fixtures.mixtures import SOURCES

from componium.corpora import CORPORA
from componium.corpora.splits import split_of
from componium.training.dataset import load
from componium.training.experiment import unread_files
from componium.training.preparation.prepare import prepare, prepare_mixture
from componium.training.preparation.sources import PreparationConfig
from componium.training.recipes import Recipe


def labelled(corpus):
    """The corpus, knowing a composer of two files in three; training pieces are of the first alone."""

    def find(folder):
        pieces = []
        for place, piece in enumerate(corpus.find(folder)):
            composer = "bach" if split_of(piece.work) == "train" else "clara"
            pieces.append(dataclasses.replace(piece, labels={"composer": composer} if place % 3 else {}))
        return pieces

    return dataclasses.replace(corpus, find=find)


def test_files_that_are_no_music_are_counted_in_the_folders_of_the_sources(mixture_folder, tmp_path):
    data = shutil.copytree(mixture_folder, tmp_path / "data")
    for source in SOURCES:
        (data / source.place / "about.md").write_text("words")
    (data / "beside.md").write_text("words")
    recipe = Recipe(name="mixture", sources=SOURCES, family="markov")
    assert unread_files(recipe, data) == {".md": len(SOURCES)}


class TestLabels:
    def test_none_is_asked_for(self, dataset):
        assert dataset.label_names == ()
        assert not dataset.labels.any()
        assert {record.label for record in dataset.records} == {""}

    def test_are_those_of_the_corpus_and_a_vocabulary_of_the_training_pieces(self, corpus_folder, tmp_path):
        corpus = labelled(CORPORA["folder"])
        dataset = prepare(corpus, corpus_folder, PreparationConfig(label="composer"), tmp_path)
        said = {piece.name: piece.labels.get("composer", "") for piece in corpus.find(corpus_folder)}
        assert {record.name: record.label for record in dataset.records} == said
        assert dataset.label_names == ("bach",)
        assert dataset.labels.tolist() == [int(record.label == "bach") for record in dataset.records]
        assert {record.label for record in dataset.records} == {"", "bach", "clara"}
        assert load(dataset.folder).labels.tolist() == dataset.labels.tolist()

    def test_a_folder_is_a_label_where_that_is_asked_for(self, corpus_folder, tmp_path):
        data = tmp_path / "data"
        for place, path in enumerate(sorted(corpus_folder.iterdir())):
            folder = data / ("odd", "even")[place % 2]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder)
        shutil.move(min((data / "odd").iterdir()), data)
        dataset = prepare(CORPORA["folder"], data, PreparationConfig(label="folder"), tmp_path / "cache")
        assert dataset.label_names == ("even", "odd")
        for record, label in zip(dataset.records, dataset.labels.tolist(), strict=True):
            place = record.name.rpartition("/")[0]
            assert ("", *dataset.label_names)[label] == record.label == place

    def test_of_a_mixture_the_style_is_that_of_the_source_and_the_folder_its_place(self, mixture_folder, tmp_path):
        for kind in ("style", "folder"):
            dataset = prepare_mixture(SOURCES, mixture_folder, PreparationConfig(label=kind), tmp_path)
            for record, controls in zip(dataset.records, dataset.conditions.controls, strict=True):
                source = SOURCES[int(controls[2])]
                assert record.label == (source.style if kind == "style" else source.place)

    @pytest.mark.parametrize("kind", ["composer", "folder"])
    def test_other_labels_are_another_dataset(self, corpus_folder, tmp_path, kind):
        labels = PreparationConfig(label=kind)
        folders = {
            prepare(CORPORA["folder"], corpus_folder, config, tmp_path).folder
            for config in (PreparationConfig(), labels)
        }
        assert len(folders) == 2
