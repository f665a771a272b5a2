"""Behind a proxy, under a path: the page composes, plays, is loaded again, and gives files and links, all below it."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.prefix_proxy import proxied
from fixtures.studio_music import downloaded, held, link_of, panel
from fixtures.studio_page import WITHIN
from fixtures.studio_server import running_studio
from playwright.sync_api import expect

from componium.formats.midi import read_midi

PREFIX = "/our/music"


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The address of a studio that knows that it is served under a path."""
    with running_studio(tmp_path_factory.mktemp("studio"), "--prefix", PREFIX) as running:
        yield running


@pytest.fixture(scope="module", params=[True, False], ids=["taken away", "left on"])
def address(behind, request):
    """Its address behind a proxy, which takes the path away or leaves it on."""
    with proxied(behind, PREFIX, takes_away=request.param) as own:
        yield own


def test_all_is_below_the_path(studio, tmp_path):
    asked = []
    studio.page.on("request", lambda own: asked.append(own.url))
    studio.open()
    studio.page.wait_for_url(f"{studio.address}p/*")
    studio.play()
    studio.wait_for_sound()
    studio.page.get_by_role("button", name="Dice").click()
    expect(studio.page.get_by_role("button", name="Undo")).to_be_enabled(timeout=WITHIN)
    expect(studio.page.locator(".is-busy")).to_have_count(0, timeout=WITHIN)
    assert link_of(studio).startswith(f"{studio.address}#m=")
    music = held(studio)
    midi = downloaded(studio, "MIDI", tmp_path)
    assert sum(len(track.notes) for track in read_midi(midi.read_bytes()).tracks) == len(music.notes)
    panel(studio, "Library").get_by_role("button", name="Keep this piece").click()
    expect(studio.page.get_by_text("Kept in the library")).to_be_visible(timeout=WITHIN)
    studio.page.reload()
    studio.wait_for_notes()
    assert held(studio).notes == music.notes
    assert [url for url in asked if not url.startswith((studio.address, "blob:", "data:"))] == []
