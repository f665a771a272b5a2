"""Studios for the tests of their server."""

import pytest

pytest.importorskip("fastapi", reason="the extra studio is not installed: pip install -e '.[all,dev]'")

from fixtures.studio_client import running


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A client of a studio that all tests share, each with pieces of its own."""
    with running(tmp_path_factory.mktemp("studio")) as client:
        yield client


@pytest.fixture
def run_studio(tmp_path):
    """Starts a studio with settings of one's own."""
    opened = []

    def start(**settings):
        own = running(tmp_path / "data", **settings)
        opened.append(own)
        return own.__enter__()

    yield start
    for own in opened:
        own.__exit__(None, None, None)
