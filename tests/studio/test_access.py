"""On a phone and a desk, light and dark: nothing overflows, targets are large, all has names, little moves."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from axe_playwright_python.sync_playwright import Axe
from fixtures.studio_music import panel
from fixtures.studio_page import WITHIN
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SIDEWAYS = {**PHONE, "viewport": {"width": 844, "height": 390}}
LEAST = 44

# What can be pressed and is smaller than a finger, or outside of the window although nothing around it scrolls there.
MISFITS = """(least) => {
  const all = [...document.querySelectorAll('button, a[href], input, select, textarea, [role=slider]')];
  const found = [];
  const scrolls = (own) => {
    for (let each = own.parentElement; each; each = each.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth) return true;
    }
    return false;
  };
  if (document.documentElement.scrollWidth > innerWidth) found.push(`page: ${document.documentElement.scrollWidth}`);
  for (const own of all) {
    if (!own.checkVisibility({ visibilityProperty: true }) || own.closest('[aria-label=Keyboard]')) continue;
    // A label that is pressed with its control is as large as both.
    const { width, height, left, right } = (own.closest('label') ?? own).getBoundingClientRect();
    const name = own.ariaLabel || own.labels?.[0]?.textContent || own.textContent.trim() || own.outerHTML.slice(0, 80);
    if (width < least - 0.5 || height < least - 0.5) found.push(`${name}: ${width} x ${height}`);
    if ((left < -1 || right > innerWidth + 1) && !scrolls(own)) found.push(`${name}: from ${left} to ${right}`);
  }
  return found;
}"""


def open_more(studio, name):
    """Opens a page of the panel More."""
    if studio.page.get_by_role("button", name="Back").count():
        studio.page.get_by_role("button", name="Back").click()
    panel(studio, "More").get_by_role("button", name=name).click()
    expect(studio.page.get_by_role("heading", name=name)).to_be_visible()


def sheets(studio):
    """Opens one panel after the other, and all that is behind them; yields the name of each."""
    yield "nothing"
    steer = panel(studio, "Steer")
    steer.get_by_role("button", name="More", exact=True).click()
    yield "Steer"
    panel(studio, "Mixer")
    yield "Mixer"
    panel(studio, "Take away").get_by_role("button", name="Copy a link").click()
    expect(studio.page.get_by_label("Link to this piece")).to_be_visible(timeout=WITHIN)
    yield "Take away"
    library = panel(studio, "Library")
    library.get_by_role("button", name="Keep this piece").click()
    expect(library.get_by_role("button", name="Only favorites")).to_be_visible(timeout=WITHIN)
    yield "Library"
    library.get_by_role("button", name="Recorded music").click()
    expect(library.get_by_role("heading", level=3).first).to_be_visible(timeout=WITHIN)
    yield "Recorded music"
    panel(studio, "More")
    yield "More"
    for name in ("Go on", "Play along", "Originality", "Composers", "Keys"):
        open_more(studio, name)
        if name in ("Originality", "Composers"):
            studio.page.wait_for_load_state("networkidle")
        yield name
    studio.page.keyboard.press("Escape")
    for name in ("Falling notes", "Score"):
        studio.page.get_by_role("button", name=name).click()
        if name == "Score":
            expect(studio.page.locator("main svg").first).to_be_visible(timeout=WITHIN)
        yield name


def rested(studio):
    """Waits until what slides has come to rest."""
    studio.page.wait_for_function("() => document.getAnimations().every((own) => own.playState !== 'running')")


def is_on_top(studio, button):
    """Whether nothing lies over a button."""
    script = """(own) => {
      const { x, y, width, height } = own.getBoundingClientRect();
      return own.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    }"""
    return button.evaluate(script)


@pytest.mark.parametrize("options", [PHONE, SIDEWAYS], ids=["upright", "sideways"])
def test_on_a_phone_all_fits_and_panels_are_sheets_with_a_way_out(open_page, options):
    studio = open_page(**options)
    studio.open()
    found = {}
    for name in sheets(studio):
        rested(studio)
        found[name] = studio.page.evaluate(MISFITS, LEAST)
        close = studio.page.get_by_role("button", name="Close ")
        if close.count():
            sheet = studio.page.locator("section", has=close).last.bounding_box()
            assert sheet["width"] >= 360, name
            assert is_on_top(studio, close), name
    assert {name: own for name, own in found.items() if own} == {}


def serious(studio, options=None):
    """The serious faults that axe finds: rule, and where."""
    found = Axe().run(studio.page, options=options).response["violations"]
    return [
        (own["id"], [node["html"][:100] for node in own["nodes"]])
        for own in found
        if own["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious_on_any_panel_light_or_dark(open_page):
    studio = open_page()
    studio.open()
    found = {}
    for name in sheets(studio):
        rested(studio)
        found[name] = serious(studio)
        studio.page.emulate_media(color_scheme="dark")
        rested(studio)
        # Of colors alone dark differs.
        found[f"{name}, dark"] = serious(studio, {"runOnly": ["color-contrast"]})
        studio.page.emulate_media(color_scheme="light")
    assert {name: own for name, own in found.items() if own} == {}


def test_who_wants_no_motion_gets_none(open_page):
    moving, calm = open_page(), open_page(reduced_motion="reduce")
    for studio, is_calm in ((moving, False), (calm, True)):
        studio.open()
        script = """async () => {
          let most = 0;
          document.querySelector('nav button').click();
          const until = performance.now() + 200;
          while (performance.now() < until) {
            await new Promise(requestAnimationFrame);
            const own = document.getAnimations().filter(({ playState, effect }) => playState === 'running' &&
              effect.getComputedTiming().duration > 1);
            most = Math.max(most, own.length);
          }
          return most;
        }"""
        assert (studio.page.evaluate(script) == 0) == is_calm
