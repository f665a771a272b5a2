"""Three ways on: they appear as they become whole, and keys switch between them in place, about as loud."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import onset_of
from playwright.sync_api import expect


def test_keys_switch_between_variations_in_place(player):
    first = player.open_piece(bars=16)
    player.page.keyboard.press("v")
    ways = player.page.get_by_role("list", name="Variations").get_by_role("button")
    expect(ways).to_have_count(4)
    for index in range(4):
        expect(ways.nth(index)).to_be_enabled()
    # So soft that the limiter leaves it as it is: it would hide what is too loud.
    for part in range(len(first.parts)):
        player.page.evaluate("(part) => window.componium.mixer.set(part, { volume: 0.1 })", part)
    player.play()
    loudness, pieces, place = [], [], 0.0
    for key in "1234":
        player.page.keyboard.press(key)
        expect(ways.nth(int(key) - 1)).to_have_attribute("aria-pressed", "true")
        here = player.position() / player.piece().bar_ticks
        assert place <= here < place + 3
        pieces.append(player.piece())
        loudness.append(sum(player.settled_loudness(1.5)))
        place = player.position() / pieces[-1].bar_ticks
    assert pieces[0].notes == first.notes
    assert len({tuple(piece.notes) for piece in pieces}) == 4
    assert {piece.bar_ticks for piece in pieces} == {first.bar_ticks}
    assert max(loudness) < 6 * min(loudness)
    player.page.keyboard.press("1")
    player.page.wait_for_function("(id) => window.componium.piece.id === id", arg=first.id)


def test_a_variation_sounds_from_the_bar_where_the_other_one_was(player):
    player.open_piece(bars=16)
    player.button("Vary").click()
    second = player.page.get_by_role("list", name="Variations").get_by_role("button").nth(1)
    expect(second).to_be_enabled()
    player.play()
    player.wait_for_tick(6 * player.piece().bar_ticks)
    player.page.keyboard.press("2")
    expect(second).to_have_attribute("aria-pressed", "true")
    variation = player.piece()
    onset = onset_of(variation, player.wait_for_told(12, player.n_messages()))
    assert onset is not None
    # Notes that sound across the place begin there.
    assert onset >= 4 * variation.bar_ticks
