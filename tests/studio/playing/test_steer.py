"""Steering is heard: what was heard, the bar that plays and the next stay; later bars are new; undo goes back."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import are_in_time

FORM = {"bars": 24, "tempo_bpm": 120}


@pytest.fixture
def playing(player):
    """A piece that plays its second bar, with the panel of wishes open."""
    player.first = player.open_piece(**FORM)
    player.panel("Steer")
    player.play()
    player.wait_for_tick(player.first.bar_ticks)
    return player


def bar_of(player):
    """The bar that plays, from 1."""
    return 1 + int(player.position() // player.first.bar_ticks)


def test_bars_that_come_soon_stay_and_later_ones_are_new(playing):
    first, bar = playing.first, bar_of(playing)
    playing.page.get_by_role("slider", name="Density").fill("1")
    second = playing.wait_for_version(first)
    assert second.of_bars(1, bar + 1) == first.of_bars(1, bar + 1)
    assert second.of_bars(bar + 2, 24) != first.of_bars(bar + 2, 24)
    [asked, *_] = [own.post_data_json for own in playing.posts() if own.post_data_json["task"] == "infill"]
    # A bar may have ended before it was asked.
    assert bar + 2 <= asked["first_bar"] <= bar + 3
    assert second.head["bars"] == first.head["bars"]
    playing.button("Undo").click()
    playing.wait_for_other(second)
    assert playing.piece().notes == first.notes
    playing.button("Redo").click()
    playing.wait_for_other(first)
    assert playing.piece().notes == second.notes


def test_the_new_bars_are_heard_without_a_gap(playing):
    first = playing.first
    playing.page.get_by_role("slider", name="Density").fill("1")
    second = playing.wait_for_version(first)
    last = bar_of(playing) + 3
    playing.wait_for_tick(last * first.bar_ticks)
    told = sorted(playing.told(), key=lambda note: note.at)
    assert are_in_time(second.delays(told, second.start(told)), playing.patience())


@pytest.fixture
def resting(player):
    """A piece that rests at its third bar, with the panel of wishes open."""
    player.first = player.open_piece(**FORM)
    player.place.focus()
    for _ in range(2):
        player.page.keyboard.press("ArrowRight")
    player.panel("Steer")
    return player


def test_an_instrument_joins_in_from_here_on(resting):
    first = resting.first
    resting.panel("Steer").get_by_role("button", name="Trumpet", exact=True).click()
    second = resting.wait_for_version(first)
    assert second.of_bars(1, 2) == first.of_bars(1, 2)
    assert "trumpet" in {note.part for note in second.of_bars(3, 24)}


def test_quick_moves_are_one_change(resting):
    first, n_composed = resting.first, len(resting.posts())
    resting.page.get_by_role("slider", name="Density").evaluate(
        """async (slider) => {
          for (const value of ['0.2', '0.5', '0.8', '1']) {
            slider.value = value;
            for (const kind of ['input', 'change']) slider.dispatchEvent(new Event(kind, { bubbles: true }));
            await new Promise((done) => setTimeout(done, 20));
          }
        }"""
    )
    second = resting.wait_for_version(first)
    assert second.notes != first.notes
    assert resting.labels() == ["Opened", "Density"]
    assert [own.post_data_json["density"] for own in resting.posts()[n_composed:]] == [1]
