"""Keep this, change that: the dice leaves what is pinned or not marked as it is, and composes the rest anew."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from playwright.sync_api import expect


def test_pinned_parts_and_unmarked_bars_stay(player):
    first = player.open_piece(bars=8)
    player.button("Pin Piano").click()
    player.place.focus()
    player.page.keyboard.press("ArrowRight")
    player.page.keyboard.press("Shift+ArrowRight")
    player.page.keyboard.press("d")
    second = player.wait_for_version(first)
    assert second.of_parts("piano") == first.of_parts("piano")
    assert second.of_bars(1, 1) == first.of_bars(1, 1)
    assert second.of_bars(4, 8) == first.of_bars(4, 8)
    assert second.of_bars(2, 3) != first.of_bars(2, 3)
    expect(player.button("Pin Piano")).to_have_attribute("aria-pressed", "true")


def test_around_a_pinned_part_everything_is_new(player):
    first = player.open_piece(bars=8)
    player.button("Pin Drums").click()
    player.button("Dice").click()
    second = player.wait_for_version(first)
    assert second.of_parts("drums") == first.of_parts("drums")
    for name in ("piano", "acoustic bass"):
        old, new = set(first.of_parts(name)), set(second.of_parts(name))
        assert new
        assert len(old & new) < len(old) / 2


def test_without_pins_and_marks_all_is_new(player):
    first = player.open_piece(bars=8)
    player.button("Dice").click()
    second = player.wait_for_version(first)
    assert len(set(first.notes) & set(second.notes)) < len(first.notes) / 2
    assert (second.head["bars"], second.head["tempos"]) == (first.head["bars"], first.head["tempos"])
    assert player.labels() == ["Opened", "Dice"]


def test_where_all_is_pinned_nothing_is_composed(player):
    first = player.open_piece(bars=4)
    n_composed = len(player.posts())
    for name in ("Piano", "Acoustic bass", "Drums"):
        player.button(f"Pin {name}").click()
    player.button("Dice").click()
    expect(player.page.get_by_text("Every part is pinned")).to_be_visible()
    assert player.piece().id == first.id
    assert len(player.posts()) == n_composed
