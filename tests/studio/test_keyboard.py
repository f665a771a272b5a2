"""Without a pointer: a piece is steered, diced, kept and taken away; the focus is always seen and never lost."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_music import composed
from fixtures.studio_page import WITHIN
from playwright.sync_api import expect

from componium.formats.midi import read_midi

MOST_TABS = 150
# Name, role and look of what has the focus; sliders show it on their thumb, which no script can read.
FOCUS = """() => {
  const own = document.activeElement;
  if (!own || own === document.body) return null;
  const labels = own.labels?.length ? own.labels[0].textContent : '';
  const name = (own.ariaLabel || labels || own.textContent || own.placeholder || '').replace(/\\s+/g, ' ').trim();
  const looks = [own, own.parentElement].map((each) => getComputedStyle(each));
  const isMarked = looks.some(({ outlineStyle, outlineWidth, boxShadow }) =>
    (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none');
  const { top, bottom, left, right, width, height } = own.getBoundingClientRect();
  const isInside = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && width * height > 0;
  return { name, kind: own.tagName, isSeen: isInside && own.matches(':focus-visible') &&
    (isMarked || own.type === 'range') };
}"""


def focus(studio):
    return studio.page.evaluate(FOCUS)


def tab_to(studio, name, kind=None, key="Tab"):
    """Goes from one control to the next until one of a name; on the way there, every one of them shows it."""
    for _ in range(MOST_TABS):
        studio.page.keyboard.press(key)
        found = focus(studio)
        # Behind the last control is the browser itself.
        if found is None:
            continue
        assert found["isSeen"], found
        if found["name"].startswith(name) and kind in (None, found["kind"]):
            return
    raise AssertionError(f"no way leads to {name}")


def rest(studio):
    """Waits until nothing is composed."""
    expect(studio.page.locator(".is-busy")).to_have_count(0, timeout=WITHIN)


def undo(studio):
    return studio.page.get_by_role("button", name="Undo")


def test_every_control_is_reached_and_shows_it(studio):
    studio.open()
    expect(studio.page.get_by_role("button", name="Steer")).to_be_visible()
    found = []
    for _ in range(MOST_TABS):
        studio.page.keyboard.press("Tab")
        own = focus(studio)
        if own is None:
            break
        assert own["isSeen"], own
        found.append(own["name"])
    buttons = studio.page.get_by_role("button", disabled=False)
    names = [button.get_attribute("aria-label") or button.inner_text() for button in buttons.all()]
    assert {"Place in the piece", "Play", *names} - set(found) == set()


def test_from_opening_to_a_piece_that_is_kept_and_taken_away(studio, address, tmp_path):
    keyboard = studio.page.keyboard
    studio.open(f"p/{composed(address, bars=4)}")
    tab_to(studio, "Steer")
    keyboard.press("Enter")
    expect(studio.page.get_by_role("region", name="Steer")).to_be_visible()
    expect(studio.page.get_by_role("heading", name="Steer")).to_be_focused()
    tab_to(studio, "Density")
    with studio.page.expect_request(lambda own: own.method == "POST" and "api/pieces" in own.url) as asked:
        keyboard.press("End")
    assert asked.value.post_data_json["density"] == 1
    expect(studio.page.get_by_role("slider", name="Density")).to_be_focused()
    keyboard.press("Escape")
    expect(studio.page.get_by_role("region", name="Steer")).to_have_count(0)
    expect(studio.page.get_by_role("button", name="Steer")).to_be_focused()
    studio.wait_for_notes()

    tab_to(studio, "Dice")
    keyboard.press("Enter")
    expect(undo(studio)).to_be_enabled(timeout=WITHIN)
    rest(studio)
    assert focus(studio)["name"] == "Dice"
    keyboard.press("Control+z")
    expect(studio.page.get_by_role("button", name="Redo")).to_be_enabled()
    keyboard.press("Control+Shift+z")
    expect(studio.page.get_by_role("button", name="Redo")).to_be_disabled()

    tab_to(studio, "Library", key="Shift+Tab")
    keyboard.press("Enter")
    tab_to(studio, "Title of this piece")
    keyboard.press("Control+a")
    keyboard.type("No end, next 1 2 3")
    keyboard.press("Enter")
    expect(studio.page.get_by_text("Kept in the library")).to_be_visible(timeout=WITHIN)
    expect(studio.page.get_by_role("button", name="Remove No end, next 1 2 3")).to_be_visible(timeout=WITHIN)
    keyboard.press("Escape")

    tab_to(studio, "Take away")
    keyboard.press("Enter")
    tab_to(studio, "MIDI", kind="BUTTON")
    with studio.page.expect_download() as download:
        keyboard.press("Enter")
    download.value.save_as(tmp_path / "piece.mid")
    assert len(read_midi((tmp_path / "piece.mid").read_bytes()).tracks) > 0
    assert focus(studio)["name"].startswith("MIDI")


def test_letters_in_fields_of_text_are_letters(studio):
    studio.open()
    studio.page.get_by_role("button", name="Library").click()
    title = studio.page.get_by_label("Title of this piece")
    heading = studio.page.get_by_role("heading", level=1).inner_text()
    asked = []
    studio.page.on("request", lambda own: own.method == "POST" and asked.append(own.url))
    for field, label in ((title, "title"), (studio.page.get_by_label("Notes on this piece"), "notes")):
        field.fill("")
        field.press_sequentially("vned x1234 ")
        assert field.input_value() == "vned x1234 ", label
    assert asked == []
    expect(studio.play_button).to_be_visible()
    assert studio.page.get_by_role("heading", level=1).inner_text() == heading
    expect(studio.page.get_by_role("button", name="Endless")).to_have_attribute("aria-pressed", "false")
    # The same letters elsewhere are not.
    title.press("Escape")
    studio.page.get_by_role("slider", name="Place in the piece").focus()
    studio.page.keyboard.press("e")
    expect(studio.page.get_by_role("button", name="Endless")).to_have_attribute("aria-pressed", "true")


def test_escape_closes_one_thing_after_the_other(studio):
    studio.open()
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    stage.press("ArrowRight")
    stage.press("Shift+ArrowRight")
    marked = studio.page.get_by_text("Bars 2 to 3").first
    expect(marked).to_be_visible(timeout=WITHIN)
    studio.page.get_by_role("button", name="Mixer").press("Enter")
    expect(studio.page.get_by_role("region", name="Mixer")).to_be_visible()
    studio.page.keyboard.press("Escape")
    expect(studio.page.get_by_role("region", name="Mixer")).to_have_count(0)
    expect(marked).to_be_visible()
    studio.page.keyboard.press("Escape")
    expect(marked).to_have_count(0)
    assert focus(studio)["name"] == "Mixer"


def test_marks_grow_with_every_step(studio):
    studio.open()
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    for _ in range(3):
        stage.press("Shift+ArrowRight")
    expect(studio.page.get_by_text("Bars 1 to 4").first).to_be_visible(timeout=WITHIN)


def test_inside_of_more_the_focus_goes_along(studio):
    studio.open()
    tab_to(studio, "More")
    studio.page.keyboard.press("Enter")
    for name in ("Go on", "Play along", "Composers", "Keys"):
        tab_to(studio, name, kind="BUTTON")
        studio.page.keyboard.press("Enter")
        expect(studio.page.get_by_role("heading", name=name)).to_be_focused()
        studio.page.keyboard.press("Shift+Tab")
        assert focus(studio)["name"] == "Back"
        studio.page.keyboard.press("Enter")
        expect(studio.page.get_by_role("heading", name="More")).to_be_focused()
