import dataclasses

from fixtures.trainings import train_tiny

from componium.artifacts import load_artifact
from componium.corpora import CORPORA
from componium.models import FAMILIES
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig


def test_an_artifact_carries_the_labels_of_its_training_pieces(corpus_folder, tmp_path):
    def find(folder):
        found = enumerate(CORPORA["folder"].find(folder))
        return [dataclasses.replace(piece, labels={"genre": ("jig", "reel")[place % 2]}) for place, piece in found]

    corpus = dataclasses.replace(CORPORA["folder"], find=find)
    dataset = prepare(corpus, corpus_folder, PreparationConfig(label="genre"), tmp_path / "cache")
    artifact = train_tiny(FAMILIES["markov"], dataset, tmp_path).artifact
    assert load_artifact(artifact.folder).manifest.labels == dataset.label_names == ("jig", "reel")
