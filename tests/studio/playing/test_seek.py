"""Places in the piece: by a click on the ruler, by keys, in loops, and faster."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import are_in_time, onset_of, without_first
from playwright.sync_api import expect

RULER = 20
"""Pixels from the top of the stage to the middle of its ruler."""


def test_a_click_on_the_ruler_plays_from_there(player):
    # So slow that it does not get there by itself.
    piece = player.open_piece(bars=16, tempo_bpm=60)
    player.play()
    player.wait_for_told(5)
    box = player.place.bounding_box()
    player.place.click(position={"x": box["width"] * 0.8, "y": RULER})
    here = player.position()
    assert here > 3 * piece.bar_ticks
    onset = onset_of(piece, player.wait_for_told(12, player.n_messages()))
    assert onset is not None
    assert 0 <= onset - here < 4 * piece.bar_ticks
    bar = int(player.place.get_attribute("aria-valuenow"))
    assert abs(bar - (1 + here / piece.bar_ticks)) < 2


def test_a_click_goes_to_the_place_that_is_shown_there(player):
    piece = player.open_piece(bars=4)
    box = player.place.bounding_box()
    for share in (0.3, 0.6, 0.9):
        # All of the piece is shown, between the keyboard and some room at the end.
        player.page.keyboard.press("0")
        player.place.click(position={"x": box["width"] * share, "y": RULER})
        assert abs(player.position() / piece.end - share) < 0.1


def test_keys_move_by_bars(player):
    piece = player.open_piece(bars=12)
    player.place.focus()
    for key, bar in (
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("PageDown", 10),
        ("End", 12),
        ("Home", 1),
    ):
        player.page.keyboard.press(key)
        expect(player.place).to_have_attribute("aria-valuenow", str(bar))
        assert player.position() == (bar - 1) * piece.bar_ticks
    player.page.keyboard.press("PageDown")
    player.play()
    told = without_first(player.wait_for_told(12))
    first = onset_of(piece, told)
    assert first is not None
    assert 0 <= first - 8 * piece.bar_ticks < piece.bar_ticks


def test_marked_bars_are_played_again_and_again(player):
    piece = player.open_piece(bars=16)
    box = player.place.bounding_box()
    player.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + RULER)
    player.page.mouse.down()
    player.page.mouse.move(box["x"] + box["width"] * 0.35, box["y"] + RULER, steps=4)
    player.page.mouse.up()
    marked = player.page.get_by_role("group", name="Marked bars")
    marks = player.page.evaluate("() => window.componium.marks")
    words = f"Bar{'' if marks['first'] == marks['last'] else 's'} {marks['first']}"
    expect(marked).to_contain_text(words)
    marked.get_by_role("button", name="Loop").click()
    expect(marked.get_by_role("button", name="Looping")).to_be_visible()
    player.place.focus()
    for _ in range(marks["first"] - 1):
        player.page.keyboard.press("ArrowRight")
    bars = piece.of_bars(marks["first"], marks["last"])
    player.play()
    told = player.wait_for_told(3 * len(bars))[: 3 * len(bars)]
    rounds = [sorted(told, key=lambda note: note.at)[len(bars) * own : len(bars) * (own + 1)] for own in range(3)]
    first = (marks["first"] - 1) * piece.bar_ticks
    length = piece.seconds(marks["last"] * piece.bar_ticks - first)
    # One after the other: each begins as late after the first as the bars are long.
    delays = [piece.delays(own, piece.start_at(rounds[0], first) + at * length, first) for at, own in enumerate(rounds)]
    assert None not in delays
    assert are_in_time([delay for own in delays for delay in own], player.patience())
    player.page.keyboard.press("Escape")
    expect(marked).to_be_hidden()
    player.wait_for_tick(marks["last"] * piece.bar_ticks + 1)


def test_speed_changes_the_time_between_notes_alone(player):
    piece = player.open_piece(bars=8)
    player.panel("More").get_by_role("button", name="Continue, accompany, play faster or slower").click()
    player.page.get_by_role("slider", name="Speed").fill("1.5")
    player.play()
    slow = [note._replace(at=1.5 * note.at) for note in player.wait_for_told(24)]
    assert are_in_time(piece.delays(slow, piece.start(slow)), player.patience())
