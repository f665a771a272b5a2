"""Takes the pictures of the studio in ``docs/images/`` again, in headless Chromium.

    python docs/studio_pictures.py [FOLDER]

The piece is one seed of a band of four, not chosen; the studio keeps its data in a folder that is deleted afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fixtures.studio_page import EARS, Faults, StudioPage
from fixtures.studio_player import Player
from fixtures.studio_server import studio_and_chromium

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images"
PIECE = {
    "style": "pop",
    "parts": ["piano", "strings", "electric bass", "drums"],
    "tempo_bpm": 96,
    "bars": 32,
    "seed": 1,
}
LAPTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
SIDEWAYS = {**PHONE, "viewport": {"width": 844, "height": 390}}
# So that the playhead is in the music, and all that moves in has arrived.
BAR, MOMENT = 6, 900


@contextmanager
def page(browser: Browser, address: str, options: dict[str, object]) -> Iterator[Player]:
    """A page in a fresh profile, with the piece."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.add_init_script(EARS)
    own = context.new_page()
    player = Player(StudioPage(own, address, Faults(own, address)))
    player.open_piece(**PIECE)
    yield player
    context.close()


def take(player: Player, name: str) -> None:
    """Writes what is seen."""
    player.page.wait_for_timeout(MOMENT)
    player.screenshot(FOLDER / f"studio-{name}.png")


def play(player: Player) -> None:
    """Plays from some bars on."""
    player.place.focus()
    for _ in range(BAR - 1):
        player.page.keyboard.press("ArrowRight")
    player.play()
    player.wait_for_sound()


def laptop(browser: Browser, address: str) -> None:
    """In the light, on a laptop."""
    with page(browser, address, LAPTOP) as player:
        take(player, "opening-light")
        play(player)
        take(player, "playing-light")
        player.panel("Steer")
        take(player, "steering-light")
        player.panel("Library").get_by_role("button", name="Recorded music").click()
        take(player, "library-light")
        player.button("Close Library").click()
        player.button("Vary").click()
        ways = player.page.get_by_role("list", name="Variations").get_by_role("button")
        for place in range(4):
            ways.nth(place).and_(player.page.locator(":enabled")).wait_for()
        take(player, "variations-light")
        player.button("Score").click()
        player.page.locator("main svg").first.wait_for()
        take(player, "score-light")


def dark(browser: Browser, address: str) -> None:
    """In the dark."""
    with page(browser, address, {**LAPTOP, "color_scheme": "dark"}) as player:
        play(player)
        player.panel("Mixer")
        take(player, "mixer-dark")
        player.button("Close Mixer").click()
        player.button("Falling notes").click()
        take(player, "falling-dark")


def phones(browser: Browser, address: str) -> None:
    """On a phone, upright and sideways."""
    with page(browser, address, PHONE) as player:
        play(player)
        take(player, "phone-playing")
        player.panel("Steer")
        take(player, "phone-steering")
    with page(browser, address, SIDEWAYS) as player:
        play(player)
        take(player, "phone-sideways")


def main() -> None:
    """Takes all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with studio_and_chromium() as (address, browser):
        for pictures in (laptop, dark, phones):
            pictures(browser, address)


if __name__ == "__main__":
    main()
