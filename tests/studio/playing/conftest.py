"""A page of the studio that plays."""

import pytest


@pytest.fixture
def player(open_page):
    """A page, not yet opened, whose notes and messages to the synthesizer can be read."""
    from fixtures.studio_player import Player  # noqa: PLC0415 - Playwright may not be installed

    return Player(open_page())
