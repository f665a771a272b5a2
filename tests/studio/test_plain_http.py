"""Plain http from another machine gives the page no AudioWorklet: the server's audio plays, and a word says why."""

import os
import shutil
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.midi_files import chunk, line, midi_file
from fixtures.studio_music import composed, panel
from fixtures.studio_page import WITHIN
from fixtures.studio_server import running_studio
from playwright.sync_api import expect

NAME = "studio.test"
# Keeps every audio element that the page makes.
ELEMENTS = """(() => {
  const Made = window.Audio;
  window.made = [];
  window.Audio = function (...own) { const audio = new Made(...own); window.made.push(audio); return audio; };
})()"""
HEARD = "() => window.made.some((own) => !own.paused && own.currentTime > 0.3 && own.volume > 0)"


@pytest.fixture(scope="module")
def chromium(chromium):
    """The browser, for which a name leads to this machine."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    options.append(f"--host-resolver-rules=MAP {NAME} 127.0.0.1")
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=options)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a studio, by a name that browsers do not trust."""
    with running_studio(tmp_path_factory.mktemp("studio"), "--name", NAME) as running:
        yield f"http://{NAME}:{urlsplit(running).port}/"


@pytest.fixture
def studio(open_page):
    own = open_page()
    own.page.add_init_script(ELEMENTS)
    yield own
    # It says of one of our headers that it is for https alone.
    own.faults.forgive("Cross-Origin-Opener-Policy")


@pytest.fixture(scope="module")
def key(address):
    """A short piece: its audio is soon made."""
    return composed(f"http://127.0.0.1:{urlsplit(address).port}/", bars=4, style="folk", tempo_bpm=60)


def test_it_says_why_and_the_server_is_heard(studio, key):
    studio.open(f"p/{key}")
    assert studio.page.evaluate("() => isSecureContext") is False
    expect(studio.page.get_by_text("The browser plays by itself only over https or from localhost.")).to_be_visible()
    with studio.page.expect_response(lambda own: own.url.endswith(".mp3") and own.ok):
        studio.play()
    studio.page.wait_for_function(HEARD)
    studio.pause_button.click()
    studio.page.wait_for_function("() => window.made.every((own) => own.paused)")


def test_where_it_plays_is_seen_and_chosen(studio, key):
    studio.open(f"p/{key}")
    studio.play()
    studio.page.wait_for_function(HEARD)
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    stage.press("End")
    studio.page.wait_for_function("() => window.made.some((own) => own.currentTime > 8)")
    expect(stage).to_have_attribute("aria-valuenow", "4")


def test_files_of_the_user_are_heard_as_well(studio):
    studio.open()
    more = panel(studio, "More")
    with studio.page.expect_file_chooser() as chooser:
        more.get_by_role("button", name="Open a file").click()
    data = midi_file(chunk(*line([60, 64, 67, 72] * 2)))
    chooser.value.set_files({"name": "own tune.mid", "mimeType": "audio/midi", "buffer": data})
    expect(studio.page.get_by_role("heading", level=1)).to_have_text("own tune", timeout=WITHIN)
    studio.play()
    studio.page.wait_for_function(HEARD)
    expect(studio.page.get_by_role("alert")).to_be_empty()


def test_all_else_works(studio, tmp_path):
    studio.open()
    studio.page.get_by_role("button", name="Dice").click()
    expect(studio.page.get_by_role("button", name="Undo")).to_be_enabled(timeout=WITHIN)
    take = panel(studio, "Take away")
    take.get_by_role("button", name="Copy a link").click()
    # Nothing may be copied here without being asked: it is shown.
    expect(take.get_by_label("Link to this piece")).to_be_visible(timeout=WITHIN)
    with studio.page.expect_download() as download:
        take.get_by_role("button", name="MIDI").click()
    assert download.value.suggested_filename.endswith(".mid")
