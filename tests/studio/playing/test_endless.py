"""Endless: the next piece enters where this one ends, without a gap; one is composed ahead and no more."""

import itertools

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import entry_of
from playwright.sync_api import expect


def test_the_next_pieces_enter_without_a_gap(player):
    pieces = [player.open_piece(bars=4)]
    player.page.keyboard.press("e")
    expect(player.button("Endless")).to_have_attribute("aria-pressed", "true")
    player.play()
    for _ in range(2):
        player.wait_for_other(pieces[-1])
        pieces.append(player.wait_for_whole())
        # What plays was asked for, and at most what follows it.
        assert len(player.posts()) <= len(pieces)
    player.wait_for_tick(pieces[-1].bar_ticks)
    told = sorted(player.told(), key=lambda note: note.at)
    for first, second in itertools.pairwise(pieces):
        n_first = len(first.notes)
        assert entry_of(first, second, told[: n_first + len(second.notes)], player.patience()) == first.end
        told = told[n_first:]
    expect(player.pause_button).to_be_visible()
    assert len({tuple(piece.notes) for piece in pieces}) == 3


def test_it_ends_where_it_is_switched_off(player):
    first = player.open_piece(bars=4)
    player.button("Endless").click()
    player.play()
    player.wait_for_tick(first.bar_ticks)
    player.button("Endless").click()
    player.wait_for_end()
    assert player.piece().id == first.id
