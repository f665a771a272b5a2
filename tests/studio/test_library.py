"""The library: pieces are kept, found, loved, removed; recorded music plays and is begun from; composers compared."""

import re

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_music import composed, held, panel
from fixtures.studio_page import WITHIN
from playwright.sync_api import expect

from componium.artifacts.at_hand import EMBEDDED

SCRIPT = "<script>alert(1)</script>"


def keep(studio, title, notes=""):
    library = panel(studio, "Library")
    library.get_by_role("button", name="Kept", exact=True).click()
    library.get_by_label("Title of this piece").fill(title)
    library.get_by_label("Notes on this piece").fill(notes)
    library.get_by_role("button", name=re.compile("Keep this piece|Save")).click()
    expect(studio.page.get_by_role("button", name=f"Remove {title}", exact=True)).to_be_visible(timeout=WITHIN)
    return library


def listed(library, title):
    return library.get_by_role("button", name=f"Favorite: {title}", exact=True)


def test_pieces_are_kept_found_loved_opened_and_removed(open_page, address):
    first, second = composed(address, seed=11), composed(address, seed=12)
    studio = open_page()
    dialogs = []
    studio.page.on("dialog", lambda own: (dialogs.append(own.message), own.dismiss()))
    studio.open(f"p/{second}")
    keep(studio, "Evening", "quiet")
    expect(studio.page.get_by_role("heading", level=1)).to_have_text("Evening")
    studio.open(f"p/{first}")
    library = keep(studio, f"Morning {SCRIPT}", f"loud {SCRIPT}")
    kept = held(studio)
    # What is written is text.
    library = panel(studio, "Library")
    expect(library.get_by_text(f"loud {SCRIPT}").first).to_be_visible(timeout=WITHIN)
    assert (
        studio.page.evaluate("() => [...document.scripts].filter((own) => own.textContent.includes('alert')).length")
        == 0
    )
    search = library.get_by_label("Search the library")
    search.fill("LOUD")
    expect(listed(library, "Evening")).to_have_count(0, timeout=WITHIN)
    expect(listed(library, f"Morning {SCRIPT}")).to_be_visible()
    search.fill("nothing of the kind")
    expect(library.get_by_text("Nothing kept fits that.")).to_be_visible(timeout=WITHIN)
    search.fill("")
    expect(listed(library, "Evening")).to_be_visible(timeout=WITHIN)
    # A favorite stays one, also for who comes later.
    listed(library, "Evening").click()
    expect(listed(library, "Evening")).to_have_attribute("aria-pressed", "true")
    other = open_page()
    other.open()
    elsewhere = panel(other, "Library")
    elsewhere.get_by_role("button", name="Only favorites").click()
    expect(listed(elsewhere, f"Morning {SCRIPT}")).to_have_count(0, timeout=WITHIN)
    expect(listed(elsewhere, "Evening")).to_have_attribute("aria-pressed", "true", timeout=WITHIN)
    elsewhere.get_by_role("button", name="Only favorites").click()
    elsewhere.get_by_role("button").filter(has_text=f"Morning {SCRIPT}").click()
    other.page.wait_for_url(f"**/p/{first}")
    assert held(other).notes == kept.notes
    # Removing asks once more.
    remove = panel(other, "Library").get_by_role("button", name="Remove Evening", exact=True)
    remove.click()
    expect(listed(panel(other, "Library"), "Evening")).to_be_visible()
    other.page.get_by_role("button", name="Press again to remove Evening").click()
    expect(listed(panel(other, "Library"), "Evening")).to_have_count(0, timeout=WITHIN)
    assert dialogs == []


def test_what_is_removed_is_gone_and_said_so(open_page, address):
    key = composed(address, seed=13)
    studio = open_page()
    studio.open(f"p/{key}")
    library = keep(studio, "Gone soon")
    for name in ("Remove Gone soon", "Press again to remove Gone soon"):
        library.get_by_role("button", name=name, exact=True).click()
    expect(listed(library, "Gone soon")).to_have_count(0, timeout=WITHIN)
    studio.open(f"p/{key}")
    expect(studio.page.get_by_role("alert")).to_contain_text("never composed here, or nobody kept it", timeout=WITHIN)
    studio.faults.forgive("status of 404")


def test_recorded_music_plays_and_is_begun_from(studio):
    studio.open()
    library = panel(studio, "Library")
    library.get_by_role("button", name="Recorded music").click()
    tunes = library.get_by_role("listitem")
    expect(tunes.nth(20)).to_be_attached(timeout=WITHIN)
    for licence in ("CC0", "CC BY"):
        expect(tunes.filter(has_text=re.compile(licence)).first).to_be_visible()
    tunes.first.get_by_role("button").click()
    heading = studio.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(":", timeout=WITHIN)
    studio.wait_for_notes()
    studio.play()
    studio.wait_for_sound()
    studio.page.keyboard.press("Space")
    title = heading.inner_text()
    keep(studio, title)


@pytest.mark.parametrize("task", ["Continue", "Accompany"])
def test_recorded_music_is_a_prompt(studio, task):
    studio.open()
    library = panel(studio, "Library")
    library.get_by_role("button", name="Recorded music").click()
    library.locator("h3:text-is('Irish tunes') + ul").get_by_role("button").first.click()
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    expect(studio.page.get_by_role("heading", level=1)).to_contain_text(":", timeout=WITHIN)
    before = held(studio)
    panel(studio, "More").get_by_role("button", name="Go on").click()
    own = studio.page.get_by_role("region", name="Go on")
    if task == "Continue":
        own.get_by_label("Continue").fill("2")
    own.get_by_role("button", name=task).click()
    expect(studio.page.get_by_role("button", name="Undo")).to_be_enabled(timeout=WITHIN)
    expect(studio.page.locator(".is-busy")).to_have_count(0, timeout=WITHIN)
    if task == "Continue":
        expect(stage).to_have_attribute("aria-valuemax", str(before.head["bars"] + 2), timeout=WITHIN)
    else:
        expect(studio.page.get_by_role("list", name="Parts").get_by_role("listitem").nth(1)).to_be_visible(
            timeout=WITHIN
        )
    after = held(studio)
    # What people wrote is still in it.
    assert {note[1:2] + note[3:4] for note in before.notes} <= {note[1:2] + note[3:4] for note in after.notes}
    assert len(after.notes) > len(before.notes)


def test_composers_have_cards_and_are_compared(open_page, address):
    studio = open_page()
    studio.open(f"p/{composed(address, style='classical-piano', bars=4)}")
    panel(studio, "More").get_by_role("button", name="Composers").click()
    band = studio.page.get_by_role("region", name="Band")
    expect(band.get_by_text("Learned from")).to_be_visible(timeout=WITHIN)
    expect(band.get_by_text(re.compile(r"pieces · .*CC", re.IGNORECASE)).first).to_be_visible()
    expect(band.get_by_text("on pieces that it never saw")).to_be_visible()
    expect(band.get_by_role("img")).to_have_count(1)
    studio.page.get_by_role("button", name="Give this request to the others too").click()
    ways = studio.page.get_by_role("list", name="Variations").get_by_role("button")
    n_composers = len(list(EMBEDDED.iterdir()))
    expect(ways).to_have_count(n_composers, timeout=WITHIN)
    for place in range(n_composers):
        expect(ways.nth(place)).to_be_enabled(timeout=WITHIN)
    original = held(studio)
    studio.page.get_by_role("button", name="Close Take away").click()
    studio.page.keyboard.press("2")
    expect(ways.nth(1)).to_have_attribute("aria-pressed", "true", timeout=WITHIN)
    other = held(studio)
    assert other.notes != original.notes
    assert other.head["model"] != original.head["model"]
    assert other.head["bars"] == original.head["bars"]


def test_originality_is_told_with_bars(open_page, address):
    studio = open_page()
    studio.open(f"p/{composed(address, style='folk', bars=16)}")
    panel(studio, "More").get_by_role("button", name="Originality").click()
    own = studio.page.get_by_role("region", name="Originality")
    told = own.get_by_text(re.compile("notes in a row, the longest run|shares nothing with the training music"))
    expect(told).to_be_visible(timeout=WITHIN)
    if own.get_by_role("button", name="Mark these bars").count():
        own.get_by_role("button", name="Mark these bars").click()
        expect(studio.page.get_by_role("group", name="Marked bars")).to_be_visible()
