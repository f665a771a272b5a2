"""The page in Firefox, where Playwright has it: it composes, is drawn, is heard, and rolls the dice."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_page import EARS, Faults, StudioPage
from fixtures.studio_player import Player
from playwright.sync_api import Error, sync_playwright


@pytest.fixture(scope="module")
def firefox():
    """The browser; nowhere else than in Playwright's own copy can it be driven."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.firefox.launch()
        except Error as error:
            pytest.skip(f"NOT TESTED: the page in Firefox; playwright install firefox: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


def test_it_composes_plays_and_rolls_the_dice(firefox, address):
    context = firefox.new_context()
    context.add_init_script(EARS)
    page = context.new_page()
    faults = Faults(page, address)
    player = Player(StudioPage(page, address, faults))
    first = player.open_piece(bars=8)
    player.play()
    player.wait_for_sound()
    player.button("Dice").click()
    second = player.wait_for_version(first)
    assert len(set(first.notes) & set(second.notes)) < len(first.notes) / 2
    player.pause_button.click()
    player.wait_for_silence()
    context.close()
    assert faults.found == []
