"""The tree of versions: back, another branch, and every branch can be reached and compared."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from playwright.sync_api import expect


def test_every_branch_can_be_reached(player):
    first = player.open_piece(bars=4)
    player.button("Dice").click()
    second = player.wait_for_version(first)
    player.button("Undo").click()
    player.wait_for_other(second)
    player.button("Dice").click()
    player.page.wait_for_function("() => window.componium.versions.all.length === 3 && window.componium.canUndo")
    third = player.wait_for_whole()
    assert third.notes not in (first.notes, second.notes)

    player.page.keyboard.press("Control+z")
    player.wait_for_other(third)
    assert player.piece().notes == first.notes
    player.page.keyboard.press("Control+Shift+z")
    player.wait_for_other(first)
    assert player.piece().notes == third.notes

    player.panel("More").get_by_role("button", name="All that this piece has been").click()
    versions = player.page.get_by_role("region", name="Versions").get_by_role("listitem")
    expect(versions).to_have_count(3)
    versions.nth(1).get_by_role("button", name="Dice", exact=True).click()
    player.wait_for_other(third)
    assert player.piece().notes == second.notes


def test_two_versions_are_compared_in_place(player):
    first = player.open_piece(bars=8)
    player.button("Dice").click()
    second = player.wait_for_version(first)
    player.panel("More").get_by_role("button", name="All that this piece has been").click()
    player.button("Compare with Opened").click()
    player.play()
    player.wait_for_tick(second.bar_ticks)
    for expected in (first, second, first):
        before = player.position()
        player.page.keyboard.press("x")
        player.page.wait_for_function("(id) => window.componium.piece.id === id", arg=expected.id)
        assert player.piece().notes == expected.notes
        assert before <= player.position() < before + 2 * first.bar_ticks
    player.button("Done").click()
    expect(player.button("Hear the other")).to_be_hidden()
