"""A piece comes as it is composed, is found again by its address, ends when it is not wanted; others follow."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_page import COLORED
from fixtures.studio_player import Player, entry_of
from playwright.sync_api import expect

LONG = 300


def test_the_roll_grows_while_the_piece_is_composed(distant_player, proxy):
    # A connection that brings no more than the first notes makes the moment last in which a part of them is there.
    player = distant_player
    path = player.compose(bars=32)
    proxy.hold_at(b"id: 5\n")
    player.page.goto(player.address + path)
    player.page.wait_for_function("() => window.componium.composedTo > 0")
    # All of the piece has room then; its second half is empty.
    player.page.keyboard.press("0")
    early = player.piece()
    assert not early.is_whole
    player.page.wait_for_function(f"() => ({COLORED})(0.5) === 0")
    proxy.release()
    whole = player.wait_for_whole()
    known = early.strokes(0, early.composed_to)
    assert known
    assert len(whole.notes) > len(early.notes)
    assert whole.strokes(0, early.composed_to) == known
    player.page.wait_for_function(f"() => ({COLORED})(0.5) >= 300")


def test_a_piece_is_the_same_at_its_address(player, open_page):
    player.open()
    piece = player.wait_for_whole()
    assert player.page.url == f"{player.address}p/{piece.id}"
    other = Player(open_page())
    other.open(f"p/{piece.id}")
    same = other.wait_for_whole()
    assert (same.notes, same.head) == (piece.notes, piece.head)
    assert other.page.title() == player.page.title()


def test_every_visit_has_a_piece_of_its_own(player, open_page):
    player.open()
    other = Player(open_page())
    other.open()
    first, second = player.wait_for_whole(), other.wait_for_whole()
    assert first.id != second.id
    assert first.notes != second.notes


def test_a_piece_that_is_not_wanted_any_more_is_not_composed_to_its_end(player):
    # One that was opened by its address may have other listeners; the next one, as long, is the page's own.
    opened = player.open_piece(bars=1)
    player.panel("Steer").get_by_label("Length", exact=True).fill(str(LONG))
    player.page.keyboard.press("Tab")
    player.button("Another").click()
    player.wait_for_other(opened)
    player.page.wait_for_function("() => window.componium.composedTo > 0")
    unwanted = player.piece()
    assert not unwanted.is_whole
    player.button("Another").click()
    player.wait_for_other(unwanted)
    # Its file is there when it has ended.
    assert player.page.request.get(f"{player.address}api/pieces/{unwanted.id}.mid").ok
    left = player.page.request.get(f"{player.address}api/pieces/{unwanted.id}").json()
    assert left["is_whole"]
    assert max(note[1] for note in left["notes"]) < 0.9 * unwanted.end


def test_another_piece_enters_on_a_bar_line(player):
    first = player.open_piece(bars=16)
    player.play()
    player.wait_for_told(10)
    player.wait_for_next()
    player.button("Another").click()
    player.wait_for_other(first)
    told = player.wait_for_told(len(player.told()) + 20)
    assert entry_of(first, player.wait_for_whole(), told, player.patience()) is not None
    expect(player.pause_button).to_be_visible()
