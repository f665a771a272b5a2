import pytest
from fixtures.comparisons import SIZES, counted, whole
from fixtures.music import write_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """A folder with ten pieces or more in every split."""
    return write_corpus(tmp_path_factory.mktemp("comparing") / "corpus", SIZES)


@pytest.fixture(scope="session")
def held_out(corpus):
    return whole(corpus)


@pytest.fixture(scope="session")
def artifact(corpus, tmp_path_factory):
    """An n-gram artifact of that corpus."""
    return counted(corpus, tmp_path_factory.mktemp("artifacts") / "counted", "counted")
