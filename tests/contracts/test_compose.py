"""What composing owes to any family, shown on the one that is trained soonest and can infill."""

import dataclasses
import json
import shutil

import pytest
from families.composing import as_data, composed
from fixtures.music import tune
from fixtures.trainings import train_tiny

from componium.artifacts import MANIFEST, load_artifact
from componium.corpora import CORPORA
from componium.errors import ArtifactError, RequestError
from componium.models import FAMILIES
from componium.representations.config import NotesConfig
from componium.score import Tempo, duration_seconds
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig

PROMPT = tune(1, n_bars=6)


@pytest.fixture
def brnn(train_once):
    return train_once("brnn").artifact


def test_an_infill_has_no_length_of_its_own(brnn):
    with pytest.raises(RequestError, match="bars"):
        composed(brnn, task="infill", bars=9, first_bar=3, last_bar=4, prompt=as_data(PROMPT))


def test_the_prompts_other_instruments_stay(brnn):
    organ = dataclasses.replace(PROMPT.tracks[0], program=19, name="organ")
    prompt = dataclasses.replace(PROMPT, tracks=(*PROMPT.tracks, organ))
    (score,) = composed(brnn, task="infill", first_bar=3, last_bar=4, prompt=as_data(prompt))
    assert 19 in {track.program for track in score.tracks}


def test_the_prompts_tempos_stay(brnn):
    prompt = dataclasses.replace(PROMPT, tempos=(Tempo(0, 75.0), Tempo(3840, 150.0)))
    (score,) = composed(brnn, task="infill", first_bar=3, last_bar=4, prompt=as_data(prompt))
    assert duration_seconds(score) == pytest.approx(duration_seconds(prompt), rel=0.1)


def test_a_signature_that_lacks_a_graph_is_one_line(brnn, tmp_path):
    folder = tmp_path / "lacking"
    shutil.copytree(brnn.folder, folder)
    content = json.loads((folder / MANIFEST).read_text())
    content["signature"].clear()
    (folder / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(ArtifactError):
        composed(load_artifact(folder), bars=1)


@pytest.mark.parametrize(("length", "seconds"), [({"seconds": 9.0}, 9.0), ({"bars": 3}, 3 * 4 * 60 / 80)])
def test_without_a_beat_time_is_exact_too(corpus_folder, tmp_path, length, seconds):
    config = NotesConfig(unit="second", steps=100, max_shift=200)
    beatless = prepare(CORPORA["folder"], corpus_folder, PreparationConfig(notes=config), tmp_path / "cache")
    artifact = train_tiny(FAMILIES["brnn"], beatless, tmp_path).artifact
    for score in composed(artifact, count=3, tempo_bpm=80, **length):
        assert seconds - 1.5 < duration_seconds(score) <= seconds + 0.01
