"""What the tests of the page rely on: faults are found, sound is told from silence, colored pixels are counted."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_page import WITHIN
from fixtures.studio_server import file_server
from playwright.sync_api import TimeoutError as Late

PAGE = """<!doctype html><title>A page</title><link rel="icon" href="data:,">
<canvas width="200" height="100"></canvas><button>Play</button>
<script>
  const context = new AudioContext(), pan = new StereoPannerNode(context, { pan: 0 });
  const tone = new OscillatorNode(context, { frequency: 300 });
  tone.connect(pan).connect(context.destination);
  tone.start();
  document.querySelector('button').onclick = () => context.resume();
  const draw = (color, width) => {
    const drawing = document.querySelector('canvas').getContext('2d');
    drawing.fillStyle = color;
    drawing.fillRect(0, 0, width, 100);
  };
</script>"""


@pytest.fixture
def page(open_page, tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    with file_server(tmp_path) as address:
        own = open_page(address)
        own.page.goto(address)
        yield own


@pytest.fixture(scope="module")
def address():
    """No studio is needed."""
    return "http://127.0.0.1/"


def test_a_page_without_faults_has_none(page):
    assert page.faults.found == []


def test_a_request_to_another_host_is_a_fault(page):
    page.page.route("http://example.com/*", lambda route: route.fulfill(body=""))
    page.page.evaluate("fetch('http://example.com/font.woff2', { mode: 'no-cors' })")
    page.faults.forgive("request to another host: http://example.com/font.woff2")
    assert page.faults.found == []


def test_errors_on_the_console_and_uncaught_ones_are_faults(page):
    with page.page.expect_event("pageerror"):
        page.page.evaluate("setTimeout(() => { console.error('this is wrong'); throw new Error('nobody cares'); })")
    page.faults.forgive("console: this is wrong")
    page.faults.forgive("uncaught: nobody cares")
    assert page.faults.found == []


def test_sound_starts_with_a_click_and_not_before(page):
    assert page.context_states() == ["suspended"]
    assert page.loudness() == (0, 0)
    page.play_button.click()
    page.wait_for_sound()
    assert page.context_states() == ["running"]
    left, right = page.loudness()
    assert left == pytest.approx(right, rel=0.01)
    assert left > 0.01


def test_sides_are_told_apart(page):
    page.play_button.click()
    page.page.evaluate("pan.pan.value = -1")
    page.wait_for_sound()
    left, right = page.loudness()
    assert left > 0.01
    assert right < 1e-6


def test_silence_is_noticed(page):
    page.play_button.click()
    page.wait_for_sound()
    page.page.evaluate("tone.stop()")
    page.wait_for_silence()
    assert page.loudness() == (0, 0)


def test_gray_pixels_are_no_notes(page):
    page.page.evaluate("draw('#888', 200)")
    page.page.set_default_timeout(300)
    with pytest.raises(Late):
        page.wait_for_notes(pixels=1, within=300)
    page.page.evaluate("draw('#4a7bd0', 10)")
    page.wait_for_notes(pixels=1000, within=WITHIN)
    with pytest.raises(Late):
        page.wait_for_notes(pixels=1001, within=300)
