"""An exported site under a path of a plain file server: it opens, plays, draws another piece, and asks for no API."""

import re

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
import soundfile
from fixtures.studio_music import downloaded, held, link_of, playing, rows_of
from fixtures.studio_page import WITHIN
from fixtures.studio_server import file_server
from playwright.sync_api import expect

from componium.formats.midi import read_midi
from componium.score import duration_seconds
from componium.web.site import Site, export_site

PREFIX = "music/of/ours/"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of an exported site, below a path."""
    root = tmp_path_factory.mktemp("host")
    export_site(root / PREFIX, Site(4), lambda _: None)
    with file_server(root) as host:
        yield f"{host}{PREFIX}"


def test_it_opens_and_plays(studio):
    asked = []
    studio.page.on("request", lambda request: asked.append(request.url))
    studio.open()
    studio.play()
    studio.wait_for_sound()
    assert [url for url in asked if not url.startswith((studio.address, "blob:", "data:"))] == []
    assert [url for url in asked if "/api/" in url] == []


def test_the_next_piece_is_another(studio):
    studio.open()
    title = studio.page.title()
    shown = studio.page.locator("[role=status]").first
    studio.page.get_by_role("button", name="Another").click()
    studio.wait_for_notes()
    studio.page.wait_for_function("was => document.title !== was", arg=title, timeout=WITHIN)
    expect(shown).not_to_be_empty()


def test_nothing_that_needs_a_composer_is_offered(studio):
    studio.open()
    for name in ("Dice", "Steer"):
        expect(studio.page.get_by_role("button", name=name)).to_have_count(0)


def test_it_says_that_its_pieces_were_composed_beforehand(studio):
    studio.open()
    expect(studio.page.get_by_text("composed beforehand")).to_be_visible()


def test_recorded_music_plays(studio):
    studio.open()
    studio.page.get_by_role("button", name="Library").click()
    studio.page.get_by_role("button", name="Heidenröslein").click()
    studio.page.wait_for_function("() => document.title.includes('Heidenröslein')", timeout=WITHIN)
    if studio.play_button.is_visible():
        studio.play()
    studio.wait_for_sound()


def test_midi_and_wav_are_made_in_the_browser(studio, tmp_path):
    studio.open()
    music = held(studio)
    score = read_midi(downloaded(studio, "MIDI", tmp_path).read_bytes())
    assert rows_of(score, playing(music)) == music.notes
    sound, rate = soundfile.read(downloaded(studio, "WAV", tmp_path))
    assert len(sound) / rate >= duration_seconds(score)
    assert float((sound**2).mean()) > 1e-5
    for name in ("PDF", "MP3", "MusicXML"):
        expect(studio.page.get_by_role("button", name=name)).to_have_count(0)


def test_where_all_parts_are_muted_the_wav_is_silent(studio, tmp_path):
    studio.open()
    for card in studio.page.get_by_role("button", name=re.compile("^Mute ")).all():
        card.click()
    sound, _ = soundfile.read(downloaded(studio, "WAV", tmp_path))
    assert len(sound)
    assert float((sound**2).mean()) < 1e-9


def test_links_and_numbered_addresses_open(open_page):
    first = open_page()
    first.open()
    music, link, numbered = held(first), link_of(first), first.page.url
    for address in (link, numbered):
        other = open_page()
        other.open(address.removeprefix(other.address))
        assert held(other).notes == music.notes
