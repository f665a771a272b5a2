"""A page of the studio that plays."""

import pytest


@pytest.fixture
def player(open_page):
    """A page, not yet opened, whose notes and messages to the synthesizer can be read."""
    from fixtures.studio_player import Player  # noqa: PLC0415 - Playwright may not be installed

    return Player(open_page())


@pytest.fixture
def proxy(address):
    """Stands between a page and the studio."""
    from fixtures.studio_proxy import proxy_of  # noqa: PLC0415

    with proxy_of(address) as running:
        yield running


@pytest.fixture
def distant_player(open_page, proxy):
    """A page like ``player`` that reaches the studio through the proxy."""
    from fixtures.studio_player import Player  # noqa: PLC0415

    return Player(open_page(proxy.address))
