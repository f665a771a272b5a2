"""Plain http from another machine gives the page no AudioWorklet: the server renders each part, and a word says why."""

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
    yield own
    # It says of one of our headers that it is for https alone.
    own.faults.forgive("Cross-Origin-Opener-Policy")


@pytest.fixture(scope="module")
def key(address):
    """A short piece of two parts: it is soon rendered."""
    at = f"http://127.0.0.1:{urlsplit(address).port}/"
    return composed(at, bars=6, style="pop", parts=["flute", "bass"], tempo_bpm=60)


def test_it_says_why_and_the_server_is_heard(studio, key):
    studio.open(f"p/{key}")
    assert studio.page.evaluate("() => isSecureContext") is False
    expect(
        studio.page.get_by_text("The browser makes music by itself only over https or from localhost.")
    ).to_be_visible()
    with studio.page.expect_response(lambda own: "stems.zip" in own.url and own.ok):
        studio.play()
    studio.wait_for_sound()
    studio.pause_button.click()
    studio.wait_for_silence()


def test_the_mixer_is_heard_at_once(studio, key):
    studio.open(f"p/{key}")
    studio.play()
    studio.wait_for_sound()
    asked = []
    studio.page.on("request", lambda own: asked.append(own.url))
    mixer = panel(studio, "Mixer")
    mixer.get_by_role("button", name="Solo Flute").click()
    for value, louder in (("-1", 0), ("1", 1)):
        mixer.get_by_role("slider", name="Pan of Flute").fill(value)
        sides = [0.0, 0.0]
        while sides[louder] < 1e-7:
            sides = studio.loudness()
        assert sides[louder] > 3 * sides[1 - louder]
    for name in ("Flute", "Acoustic bass"):
        mixer.get_by_role("button", name=f"Mute {name}").click()
    studio.wait_for_silence()
    assert asked == []


def test_another_instrument_is_rendered(studio, key):
    studio.open(f"p/{key}")
    studio.play()
    studio.wait_for_sound()
    with studio.page.expect_response(lambda own: "stems.zip" in own.url and own.ok):
        panel(studio, "Mixer").get_by_label("Instrument of Flute").select_option(label="Violin")
    studio.wait_for_sound()


def test_where_it_plays_is_seen_and_chosen(studio, key):
    studio.open(f"p/{key}")
    studio.play()
    studio.wait_for_sound()
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    stage.press("End")
    expect(stage).to_have_attribute("aria-valuenow", "6")
    studio.page.wait_for_function("(tick) => window.componium.position() > tick", arg=5 * 4 * 480)
    studio.wait_for_sound()
    expect(studio.play_button).to_be_visible(timeout=WITHIN)


def test_a_version_goes_on_where_the_one_before_was(studio, key):
    studio.open(f"p/{key}")
    studio.play()
    studio.wait_for_sound()
    studio.page.wait_for_function("(tick) => window.componium.position() > tick", arg=4 * 480)
    before = studio.page.evaluate("() => window.componium.piece.id")
    studio.page.get_by_role("button", name="Dice").click()
    studio.page.wait_for_function("(id) => window.componium.piece.id !== id", arg=before)
    assert studio.page.evaluate("() => window.componium.position()") > 4 * 480
    studio.wait_for_sound()


def test_files_of_the_user_are_heard_as_well(studio):
    studio.open()
    more = panel(studio, "More")
    with studio.page.expect_file_chooser() as chooser:
        more.get_by_role("button", name="Open a file").click()
    data = midi_file(chunk(*line([60, 64, 67, 72] * 2)))
    chooser.value.set_files({"name": "own tune.mid", "mimeType": "audio/midi", "buffer": data})
    expect(studio.page.get_by_role("heading", level=1)).to_have_text("own tune", timeout=WITHIN)
    studio.play()
    studio.wait_for_sound()
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
