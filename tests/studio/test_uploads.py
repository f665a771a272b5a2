"""Files from elsewhere: good ones are shown as they are, bad ones told in a sentence, and the page goes on."""

import base64
import io
import json

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
import httpx
from fixtures.midi_files import bend, chunk, line, meta, midi_file, off, on, program
from fixtures.studio_music import held, panel
from fixtures.studio_page import WITHIN
from playwright.sync_api import expect

from componium.formats.midi import midi_bytes
from componium.rendering.files import write_score
from componium.score import Score, Tempo, TimeSignature, Track, make_notes

HTML = "<img src=x onerror=alert(1)>"


def tune(pitches, length=480):
    return make_notes([length * i for i in range(len(pitches))], length, pitches, 80)


def band(n_notes=24):
    """A melody, a bass and drums, from three quarters to six eighths."""
    pitches = [60 + i % 12 for i in range(n_notes)]
    tracks = (
        Track(tune(pitches), 73, name="flute"),
        Track(tune([pitch - 24 for pitch in pitches]), 33, name="bass"),
        Track(tune([36, 42] * (n_notes // 2)), is_drum=True, name="drums"),
    )
    meters = (TimeSignature(0, 3, 4), TimeSignature(12 * 480, 6, 8))
    return Score(480, tracks, tempos=(Tempo(0, 90.0), Tempo(12 * 480, 140.0)), time_signatures=meters, title="A band")


def written(score, ending):
    target = io.BytesIO()
    write_score(score, target, file_format=ending)
    return target.getvalue()


GOOD = {
    "several parts, drums, meters": ("band.mid", midi_bytes(band())),
    "MusicXML": ("band.musicxml", written(band(), "musicxml")),
    "compressed MusicXML": ("band.mxl", written(band(), "mxl")),
    "pitch bends": ("bends.mid", midi_file(chunk(program(40), on(60), bend(4000, 240), bend(0, 120), off(60, 120)))),
    "no grid": ("played.mid", midi_bytes(Score(480, (Track(tune([60, 64, 67] * 9, 317)),), has_grid=False))),
    "one channel of many instruments": (
        "type 0.mid",
        midi_file(chunk(*line([60, 62]), *line([48, 50], 240, 3)), midi_type=0),
    ),
}
MANY = make_notes([i // 10 for i in range(10**6)], 10, [i % 128 for i in range(10**6)], 64)
BAD = {
    "no MIDI": ("picture.mid", b"GIF89a" + bytes(100), "neither MIDI nor MusicXML"),
    "an ending that lies": ("tune.musicxml", b"\0\1\2\3" * 50, ""),
    "cut short": ("cut.mid", b"MThd\0\0", "cut short"),
    "no bytes": ("empty.mid", b"", "empty"),
    "no notes": ("rest.mid", midi_file(chunk(program(3))), "no notes"),
    "a million notes": ("many.mid", midi_bytes(Score(480, (Track(MANY),))), "100,000"),
    "half a page of XML": ("half.xml", b"<score-partwise><part", ""),
}


def choose(studio, name, data):
    """Opens a file by the file picker."""
    more = panel(studio, "More")
    with studio.page.expect_file_chooser() as chooser:
        more.get_by_role("button", name="Open a file").click()
    chooser.value.set_files({"name": name, "mimeType": "", "buffer": data})


def drop(studio, name, data):
    """Drops a file on the page."""
    script = """([name, data]) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      const tell = (kind) => document.querySelector('main').dispatchEvent(
        new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      ['dragenter', 'dragover', 'drop'].forEach(tell);
    }"""
    studio.page.evaluate(script, [name, base64.b64encode(data).decode()])


def read_by_the_server(address, name, data):
    piece = (
        httpx.post(f"{address}api/scores", params={"name": name}, content=data, timeout=60).raise_for_status().json()
    )
    return piece["head"], sorted(tuple(note[:5]) for note in piece["notes"])


def heading(studio):
    return studio.page.get_by_role("heading", level=1)


@pytest.fixture(scope="module")
def errors(address):
    """How many errors of its own the server has made so far."""

    def count():
        lines = httpx.get(f"{address}metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if "_count" in line and 'status="500"' in line)

    return count


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_is_shown_and_heard_with_its_notes(studio, kind):
    name, data = GOOD[kind]
    studio.open()
    (choose if "MusicXML" in kind else drop)(studio, name, data)
    head, notes = read_by_the_server(studio.address, name, data)
    expect(heading(studio)).to_have_text(head["title"], timeout=WITHIN)
    studio.wait_for_notes()
    found = held(studio)
    assert found.notes == notes
    for field in ("parts", "meters", "has_grid"):
        assert found.head[field] == head[field]
    tempos = [number for tempo in head["tempos"] for number in tempo]
    assert [number for tempo in found.head["tempos"] for number in tempo] == pytest.approx(tempos)
    studio.play()
    studio.wait_for_sound()


def test_changes_of_meter_are_bars_of_their_own(studio):
    studio.open()
    drop(studio, *GOOD["several parts, drums, meters"])
    expect(heading(studio)).to_have_text("band", timeout=WITHIN)
    # Four bars of three quarters, then four of six eighths.
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    expect(stage).to_have_attribute("aria-valuemax", "8")
    stage.press("End")
    # Twelve quarters at 90, nine at 140.
    expect(stage).to_have_attribute("aria-valuetext", f"Bar 8 of 8, 0:{int(12 * 60 / 90 + 9 * 60 / 140):02d}")
    expect(studio.page.get_by_role("list", name="Parts").get_by_role("listitem")).to_have_count(3)


def test_a_file_is_begun_from(studio):
    studio.open()
    drop(studio, *GOOD["several parts, drums, meters"])
    expect(heading(studio)).to_have_text("band", timeout=WITHIN)
    before = held(studio)
    panel(studio, "More").get_by_role("button", name="Go on").click()
    own = studio.page.get_by_role("region", name="Go on")
    own.get_by_label("Continue").fill("2")
    own.get_by_role("button", name="Continue").click()
    expect(studio.page.get_by_role("button", name="Undo")).to_be_enabled(timeout=WITHIN)
    expect(studio.page.locator("[aria-valuemax='10']")).to_be_visible(timeout=WITHIN)
    after = held(studio)
    assert [note[:4] for note in after.notes if note[1] < 24 * 480 * 7 / 8 and note[0] < 3][:10] == [
        note[:4] for note in before.notes
    ][:10]
    assert max(note[1] for note in after.notes) >= before.head["end"]


def test_bad_files_are_told_in_a_sentence_and_the_page_goes_on(studio, errors):
    studio.open()
    title, before = heading(studio).inner_text(), errors()
    alert = studio.page.get_by_role("alert")
    for number, (kind, (name, data, words)) in enumerate(BAD.items()):
        (choose if number % 2 else drop)(studio, name, data)
        expect(alert, kind).not_to_be_empty(timeout=WITHIN)
        expect(alert, kind).to_contain_text(words)
        assert "\n\n" not in alert.inner_text()
        alert.get_by_role("button", name="Dismiss").click()
        expect(alert).to_be_empty()
    studio.faults.forgive("status of 422")
    assert heading(studio).inner_text() == title
    assert errors() == before
    studio.play()
    studio.wait_for_sound()


def test_a_hundred_megabytes_are_refused_before_they_are_sent(studio):
    studio.open()
    asked = []
    studio.page.on("request", lambda own: asked.append(own.url))
    script = """() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(1e8)], 'large.mid'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }"""
    studio.page.evaluate(script)
    expect(studio.page.get_by_role("alert")).to_contain_text("large.mid is too large", timeout=WITHIN)
    assert [url for url in asked if "api/scores" in url] == []


def test_html_in_names_is_text_everywhere(studio):
    data = midi_file(
        chunk(meta(3, HTML.encode()), *line([60, 62, 64])), chunk(meta(3, b"<b>b</b>"), *line([48], 480, 1))
    )
    studio.open()
    dialogs = []
    studio.page.on("dialog", lambda own: (dialogs.append(own.message), own.dismiss()))
    drop(studio, f"{HTML}.mid", data)
    expect(heading(studio)).to_have_text(HTML, timeout=WITHIN)
    for name in ("Mixer", "Take away", "Library"):
        panel(studio, name)
    studio.page.get_by_role("button", name="Score", exact=True).click()
    expect(studio.page.locator("main svg").first).to_be_visible(timeout=WITHIN)
    assert studio.page.locator("img, b").count() == 0
    assert dialogs == []
    assert json.dumps(held(studio).head["parts"]).count(HTML) == 1


def test_of_several_files_and_of_text_that_is_dropped_nothing_breaks(studio):
    studio.open()
    title = heading(studio).inner_text()
    script = """() => {
      const transfer = new DataTransfer();
      transfer.setData('text/plain', 'no file');
      ['dragenter', 'drop'].forEach((kind) => document.body.dispatchEvent(
        new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true })));
    }"""
    studio.page.evaluate(script)
    assert heading(studio).inner_text() == title
    expect(studio.page.get_by_text("Drop a MIDI or MusicXML file")).to_have_count(0)
