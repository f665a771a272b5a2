"""What all tests share: a corpus written for them, prepared once a session."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# One thread a process, which its children inherit: networks this small gain nothing by a second one, and two workers of
# pytest-xdist would fight over the cores. To be set before numpy or torch comes in.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The families and fixtures of the tests are modules beside them; pytest's importlib mode adds no folder by itself.
sys.path.insert(0, str(Path(__file__).parent))

from fixtures.music import write_corpus

import componium.representations  # noqa: F401 - until positions are features, the two packages import each other

# The same examples on every machine, however busy it is.
settings.register_profile("componium", deadline=None, derandomize=True)
settings.load_profile("componium")


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory):
    """A folder of 22 MIDI files, some in every split."""
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def dataset(corpus_folder, tmp_path_factory):
    """The corpus in the default representation, its parts taken from the training pieces."""
    from componium.corpora import CORPORA  # noqa: PLC0415
    from componium.training.preparation.prepare import prepare  # noqa: PLC0415
    from componium.training.preparation.sources import PreparationConfig  # noqa: PLC0415

    return prepare(CORPORA["folder"], corpus_folder, PreparationConfig(), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def mixture_folder(tmp_path_factory):
    """A folder of four sources: tunes alone, duets, bands, and a drummer's loops."""
    from fixtures.mixtures import write_mixture  # noqa: PLC0415

    return write_mixture(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def mixture(mixture_folder, tmp_path_factory):
    """The sources as a dataset with conditions and all features."""
    from fixtures.mixtures import SOURCES  # noqa: PLC0415

    from componium.features.feature_set import ALL_FEATURES  # noqa: PLC0415
    from componium.training.preparation.prepare import prepare_mixture  # noqa: PLC0415
    from componium.training.preparation.sources import PreparationConfig  # noqa: PLC0415

    config = PreparationConfig(features=ALL_FEATURES)
    return prepare_mixture(SOURCES, mixture_folder, config, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def exports_once(tmp_path_factory):
    """Networks are traced once a session, by whichever worker comes first; all that is done with a graph is done."""
    import torch  # noqa: PLC0415 - takes seconds
    from fixtures.exports import ExportOnce  # noqa: PLC0415

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "graphs"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.onnx, "export", ExportOnce(torch.onnx.export, folder))
        yield


@pytest.fixture(scope="session")
def train_once(dataset, mixture, exports_once, tmp_path_factory):
    """A function that gives a family's tiny training, done the first time it is asked for."""
    from families.every import CONDITIONED, GUIDED, VARIANTS  # noqa: PLC0415 - torch takes seconds
    from fixtures.mixtures import SOURCES  # noqa: PLC0415
    from fixtures.trainings import Trained, train_tiny  # noqa: PLC0415

    from componium.corpora import corpus_named  # noqa: PLC0415

    done: dict[str, Trained] = {}

    def trained(name: str) -> Trained:
        if name not in done:
            family, folder = {**VARIANTS, **CONDITIONED, **GUIDED}[name], tmp_path_factory.mktemp(name)
            if name in CONDITIONED:
                corpora = [corpus_named(source.corpus) for source in SOURCES]
                done[name] = train_tiny(family, mixture, folder, corpora)
            else:
                done[name] = train_tiny(family, dataset, folder)
        return done[name]

    return trained


@pytest.fixture(scope="session")
def band(exports_once, tmp_path_factory):
    """A guided composer of the usual instruments and two styles, hardly trained."""
    from fixtures.bands import train_band  # noqa: PLC0415 - torch takes seconds

    return train_band(tmp_path_factory.mktemp("band"))


@pytest.fixture(scope="session")
def voices(exports_once, tmp_path_factory):
    """A composer of four voices, hardly trained."""
    from fixtures.chorales import chorale_recipe, prepare_chorales, train_chorales  # noqa: PLC0415 - torch takes seconds

    folder = tmp_path_factory.mktemp("voices")
    return train_chorales(prepare_chorales(folder), folder, chorale_recipe())[1]
