"""A link carries the music to any studio, also to one that has never seen it; a damaged one is told in a sentence."""

import re
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.page_links import fragment_of
from fixtures.studio_music import carried, composed, held, link_of, panel, stored
from fixtures.studio_page import WITHIN
from fixtures.studio_server import running_studio
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """The address of a second studio, whose database is empty."""
    with running_studio(tmp_path_factory.mktemp("other")) as running:
        yield running


@pytest.fixture(scope="module")
def key(address):
    """A piece that the first studio has."""
    return composed(address, style="pop", parts=["all"], bars=8, seed=3)


@pytest.fixture
def link(open_page, address, key):
    """The link to it."""
    studio = open_page()
    studio.open(f"p/{key}")
    return link_of(studio)


@pytest.mark.parametrize("where", ["address", "other"])
def test_it_opens_in_a_fresh_profile_with_equal_music(open_page, request, address, key, link, where):
    studio = open_page(request.getfixturevalue(where))
    fragment = urlsplit(link).fragment
    asked = []
    studio.page.on("request", lambda own: asked.append((own.method, own.url)))
    studio.open(f"#{fragment}")
    found, sent = held(studio), stored(address, key)
    assert found.notes == sent.notes
    assert found.pedals == sent.pedals
    for name in ("title", "style", "ticks_per_quarter", "tempos", "meters", "key", "chords", "parts", "bars", "end"):
        assert found.head[name] == sent.head[name], name
    assert found.head["request"]["seed"] == 3
    # It needs nobody to compose, and no database.
    assert [own for own in asked if own[0] == "POST" or "/api/pieces/" in own[1]] == []
    # Loaded again it is still there.
    assert studio.page.url == studio.address + f"#{fragment}"


def test_it_is_heard(open_page, other, link):
    studio = open_page(other)
    studio.open(f"#{urlsplit(link).fragment}")
    studio.play()
    studio.wait_for_sound()


def number(value):
    """As numbers are in links."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def text(value):
    """As texts are in links."""
    return number(len(value.encode())) + value.encode()


def inside(*, request="", ticks=480, bars=4, end=7680, meter=(4, 2), notes=b"\1\0\4\0\0", title=""):
    """The inside of a link: one part with one note of a quarter, unless it is told otherwise."""
    head = text(title) + text("") + text("") + text(request) + number(ticks) + b"\1" + number(bars) + number(end)
    times = number(1) + b"\0" + number(120_000) + number(1) + b"\0" + bytes(meter)
    return head + number(120) + times + b"\0\0\0" + number(1) + text("piano") + b"\0\0" + notes + b"\0"


ENDLESS = b"\2" + number(2**29) * 2 + b"\1\1" + b"\0" * 4
DAMAGED = {
    "nothing": "A",
    "no base64": "!!!",
    "another version": fragment_of(inside(), version=9),
    "cut off": fragment_of(inside())[:-6],
    "cut off inside": fragment_of(inside()[:-3]),
    "a count that lies": fragment_of(inside(notes=number(2**50))),
    "a length that lies": fragment_of(number(10**9) + b"title"),
    "a number without end": fragment_of(b"\xff" * 100),
    "notes that last for ever": fragment_of(inside(notes=ENDLESS)),
    "a pitch that none has": fragment_of(inside(notes=b"\1\0\4" + number(250) + b"\0")),
    "no ticks": fragment_of(inside(ticks=0)),
    "a bomb": fragment_of(bytes(20_000_000)),
    "noise": fragment_of(bytes(range(256)) * 4),
    "more after its end": fragment_of(inside() + b"\0"),
    "a request that is none": fragment_of(inside(request="[1]")),
}
# These can be read: who made them wants the page to stand still, or to trip over them later.
ODD = {
    "more bars than anybody could draw": inside(ticks=1, bars=2**30, end=2**30, meter=(1, 6)),
    "a title without end": inside(title="<b>x</b>" * 2000),
    "wishes of other kinds": inside(
        request='{"task": "compose", "parts": "all", "temperature": "hot", "density": [1], "style": 3, "key": {}, '
        '"chords": 7, "tempo_bpm": "fast", "bars": "many", "time_signature": 4, "top_p": null, "complexity": "x"}'
    ),
    "no notes": inside(notes=b"\0"),
    "one note of no length": inside(notes=b"\1\0\0\0\0"),
}


def test_a_whole_one_of_our_making_is_read():
    assert carried(fragment_of(inside())).notes == [(0, 0, 480, 60, 80)]


def test_damaged_ones_are_told_and_the_page_goes_on(open_page):
    studio = open_page()
    told = {}
    for kind, fragment in DAMAGED.items():
        studio.page.goto("about:blank")
        studio.open(f"#m={fragment}")
        told[kind] = studio.page.get_by_role("alert").inner_text()
    assert [
        kind
        for kind, words in told.items()
        if not re.match("This link is damaged.? It was cut or changed on its way: ", words)
    ] == []
    studio.play()
    studio.wait_for_sound()


@pytest.mark.parametrize("kind", ODD)
def test_odd_ones_do_not_stop_the_page(open_page, kind):
    studio = open_page()
    studio.page.goto(f"{studio.address}#m={fragment_of(ODD[kind])}")
    expect(studio.play_button).to_be_visible(timeout=WITHIN)
    expect(studio.page.get_by_role("button", name="Another")).to_be_enabled(timeout=WITHIN)
    # It is read; what it says is text and nothing else; and it can be played.
    expect(studio.page.get_by_role("alert")).to_be_empty()
    expect(studio.page.locator("h1 *")).to_have_count(0)
    studio.play()
    studio.pause_button.click()
    steer = panel(studio, "Steer")
    expect(steer.get_by_label("Density")).to_be_visible(timeout=WITHIN)
    steer.get_by_role("button", name="Another like this").click()
    studio.wait_for_notes()
    studio.play()
    studio.wait_for_sound()
