"""A bad connection: what was lost is fetched, a busy server is asked again, and without one the music goes on."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from playwright.sync_api import expect


def test_a_stream_that_was_cut_goes_on_and_no_note_comes_twice(distant_player, proxy):
    player = distant_player
    path = player.compose(bars=32)
    proxy.hold_at(b"id: 5\n")
    player.open(path)
    player.page.wait_for_function("() => window.componium.composedTo > 0")
    assert not player.piece().is_whole
    proxy.cut()
    proxy.release()
    piece = player.wait_for_whole()
    stored = player.page.request.get(f"{player.address}api/pieces/{piece.id}").json()
    names = [part["name"] for part in stored["head"]["parts"]]
    assert piece.notes == sorted(((names[note[0]], *note[1:5]) for note in stored["notes"]), key=lambda note: note[1:])
    streams = [own for own in player.requests if "/events" in own.url]
    assert len(streams) == 2
    player.faults.forgive("net::ERR_")


def test_a_busy_server_is_asked_again_when_it_says(player):
    answers = []

    def answer(route):
        if route.request.method != "POST" or answers:
            return route.fallback()
        answers.append(route)
        return route.fulfill(
            status=503, headers={"Retry-After": "1"}, body="{}", content_type="application/problem+json"
        )

    player.page.route("**/api/pieces*", answer)
    player.open()
    player.wait_for_whole()
    assert len(answers) == 1
    assert len(player.posts()) == 2
    expect(player.alert).to_be_empty()
    player.faults.forgive("503")


def test_without_a_server_the_page_says_so_and_plays_on(distant_player, proxy):
    player = distant_player
    piece = player.open_piece(bars=12, tempo_bpm=100)
    player.play()
    player.wait_for_sound()
    proxy.close()
    player.button("Dice").click()
    expect(player.alert).to_contain_text("The studio does not answer")
    since = player.n_messages()
    player.wait_for_told(10, since)
    player.wait_for_sound()
    expect(player.pause_button).to_be_visible()
    player.pause_button.click()
    proxy.open()
    player.alert.get_by_role("button", name="Try again").click()
    assert player.wait_for_version(piece).notes != piece.notes
    player.faults.forgive("net::ERR_")
