"""The first seconds: the page opens, a piece is there, play is heard, the space bar pauses; and no fault of access."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from axe_playwright_python.sync_playwright import Axe
from fixtures.studio_page import WITHIN
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_a_piece_is_composed_and_drawn(studio):
    studio.page.goto(studio.address)
    studio.wait_for_notes()
    expect(studio.play_button).to_be_visible()


def test_nothing_sounds_before_play_is_pressed_and_the_press_is_heard(studio):
    x, y = studio.open_untouched()
    studio.page.mouse.click(x, y)
    studio.wait_for_sound()
    before, after = studio.states_before_and_after_the_first_press()
    assert before == {"suspended"}
    assert "running" in after


def test_play_is_heard_and_the_space_bar_pauses(studio):
    studio.open()
    studio.play()
    studio.wait_for_sound()
    assert "running" in studio.context_states()
    assert min(studio.loudness(2)) > 1e-7
    studio.page.keyboard.press("Space")
    expect(studio.play_button).to_be_visible(timeout=WITHIN)
    studio.wait_for_silence()
    studio.page.keyboard.press("Space")
    expect(studio.pause_button).to_be_visible(timeout=WITHIN)
    studio.wait_for_sound()


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_no_serious_fault(open_page, options):
    studio = open_page(**options)
    studio.open()
    found = Axe().run(studio.page).response["violations"]
    serious = [own for own in found if own["impact"] in ("serious", "critical")]
    assert [(own["id"], [node["target"] for node in own["nodes"]]) for own in serious] == []


@pytest.mark.parametrize("name", ["Steer", "Dice"])
def test_what_needs_a_composer_is_offered(studio, name):
    studio.open()
    expect(studio.page.get_by_role("button", name=name)).to_be_visible()
