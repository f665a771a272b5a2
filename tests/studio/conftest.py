"""A studio, a browser, and pages that fail on what must not happen there.

The browser is Debian's Chromium where it is installed, else Playwright's own; without any the tests are skipped, and
fail where ``COMPONIUM_REQUIRE_BROWSER`` is set. Its rules for sound that nobody asked for are those of every day. All
of this lasts as long as a module: an event loop of Playwright that outlived its tests would be in the way of others.
"""

import os
import shutil
from pathlib import Path

import pytest

import componium

BUILT = Path(componium.__file__).parent / "web" / "built"


def pytest_collection_modifyitems(items):
    """Tests in a browser wait for sound and pictures, which may come too late on a machine that does other work."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=2))


def missing(reason):
    """Skips, or fails where nothing may be missing."""
    if os.environ.get("COMPONIUM_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def chromium():
    """The browser."""
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - it may not be installed

    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        except Error as error:
            missing(f"NOT TESTED: the studio's page; no Chromium starts: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a studio that runs, with a slash at its end."""
    from fixtures.studio_server import running_studio  # noqa: PLC0415

    if not (BUILT / "index.html").is_file():
        missing("NOT TESTED: the studio's page; it is not built: pip install -e .")
    with running_studio(tmp_path_factory.mktemp("studio")) as running:
        yield running


@pytest.fixture
def open_page(chromium, address):
    """Makes pages, each in a fresh profile; at the end none of them may have faults."""
    from fixtures.studio_page import EARS, Faults, StudioPage  # noqa: PLC0415

    contexts, pages = [], []

    def make(at=address, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.add_init_script(EARS)
        page = context.new_page()
        pages.append(StudioPage(page, at, Faults(page, at)))
        return pages[-1]

    yield make
    found = [fault for page in pages for fault in page.faults.found]
    for context in contexts:
        context.close()
    assert found == []


@pytest.fixture
def studio(open_page):
    """A page of the studio, not yet opened."""
    return open_page()
