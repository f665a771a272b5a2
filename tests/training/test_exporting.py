import csv
import dataclasses

import onnx
import pytest
from fixtures.mixtures import SOURCES
from fixtures.trainings import tiny_recipe, train_tiny

from componium import likelihood
from componium.artifacts import load_artifact
from componium.corpora import CORPORA, corpus_named
from componium.features.columns import N_EARLIER_COLUMNS, N_METRIC, N_RECALLED
from componium.features.feature_set import FeatureConfig
from componium.formats.midi import read_midi
from componium.models import FAMILIES
from componium.training.experiment import Experiment
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig
from componium.training.trainer import Run, Silent


def test_an_artifact_carries_the_labels_of_its_training_pieces(corpus_folder, tmp_path):
    def find(folder):
        found = enumerate(CORPORA["folder"].find(folder))
        return [dataclasses.replace(piece, labels={"genre": ("jig", "reel")[place % 2]}) for place, piece in found]

    corpus = dataclasses.replace(CORPORA["folder"], find=find)
    dataset = prepare(corpus, corpus_folder, PreparationConfig(label="genre"), tmp_path / "cache")
    artifact = train_tiny(FAMILIES["markov"], dataset, tmp_path).artifact
    assert load_artifact(artifact.folder).manifest.labels == dataset.label_names == ("jig", "reel")


@pytest.mark.parametrize(
    ("features", "n_harmony", "n_pointers", "n_lengths"),
    [
        (FeatureConfig(), 0, N_RECALLED, 17),
        (FeatureConfig(harmony=True, earlier_bars=True), 26, N_RECALLED + N_EARLIER_COLUMNS, 17),
        (FeatureConfig(compound_meters=True, form_pointer=True, part_history=True), 0, 2 * N_RECALLED, 34),
    ],
)
def test_the_features_of_a_recipe_reach_dataset_artifact_and_graphs(
    corpus_folder, tmp_path, features, n_harmony, n_pointers, n_lengths
):
    family = FAMILIES["recurrent"]
    recipe = tiny_recipe(family, features)
    dataset = prepare(CORPORA["folder"], corpus_folder, recipe.preparation, tmp_path / "cache")
    assert dataset.features.config == features
    artifact = load_artifact(train_tiny(family, dataset, tmp_path).artifact.folder)
    assert artifact.manifest.features == artifact.features.config == features
    assert FeatureConfig.model_validate(artifact.manifest.recipe["features"]) == features
    assert artifact.features.context_sizes == dataset.features.context_sizes
    assert artifact.features.context_sizes[1] == n_lengths
    assert artifact.features.pointer_sizes == dataset.features.pointer_sizes
    graph = onnx.load(str(artifact.file("score")), load_external_data=False).graph
    widths = {own.name: own.type.tensor_type.shape.dim[-1].dim_value for own in graph.input}
    assert (widths["places"], widths["recalled"]) == (N_METRIC + n_harmony, n_pointers)
    assert ("voices" in widths) == features.part_history
    # A piece goes through the graph, of which each log-probability is one.
    piece = dataset.encoded(0)
    found = likelihood.scorer_of(artifact)(piece)
    assert found.shape == (len(piece.events) + 1, 5)
    assert (found <= 0).all()


def test_fingerprints_are_of_training_pieces_as_they_are_and_not_as_they_were_orchestrated(
    mixture, mixture_folder, tmp_path
):
    corpora = [corpus_named(source.corpus) for source in SOURCES]
    artifact = load_artifact(train_tiny(FAMILIES["recurrent"], mixture, tmp_path, corpora).artifact.folder)
    training = artifact.fingerprints
    names = [mixture.records[index].name for index in mixture.distinct("train")]
    assert list(training.names) == names
    assert set(training.styles) == {"folk", "piano", "rock"}
    for place, name in enumerate(names):
        lines = training.lines_of(read_midi(mixture_folder / name))
        assert training.duplicate_of(lines) == name
        match = training.longest_match(lines)
        assert (match.n_notes, match.piece) == (lines.n_notes, place)
    held_out = [mixture.style_of(index) for split in ("validation", "test") for index in mixture.distinct(split)]
    assert set(artifact.contrast.styles) == set(held_out)


def test_an_artifact_carries_the_curve_of_its_training(dataset, tmp_path):
    recipe = tiny_recipe(FAMILIES["recurrent"], dataset.features.config)
    artifact = Experiment(recipe, dataset, Run(tmp_path / "run")).train(Silent())
    curve = load_artifact(artifact.folder).manifest.learning_curve
    rows = list(csv.DictReader((tmp_path / "run" / "history.csv").read_text().splitlines()))
    assert curve.figure == "bits_per_note"
    assert len(rows) > 1
    assert [(point.step, f"{point.training:.6g}", f"{point.validation:.6g}") for point in curve.points] == [
        (int(row["step"]), row["train_bits_per_note"], row["validation_bits_per_note"]) for row in rows
    ]
