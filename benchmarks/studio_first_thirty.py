"""Walks through a stranger's first thirty seconds in the studio's page, and measures how long each answer takes.

Starts a studio of its own on 127.0.0.1 with an empty folder, and opens its page in headless Chromium, each time in a
fresh profile, on whatever piece is composed there. The stranger opens it, plays, mutes a part, asks for another piece,
steers the density, rolls the dice around a part that is pinned, asks for variations, copies a link. Prints for each
step when it is done and when it is answered (medians over the visits), in seconds.

    python benchmarks/studio_first_thirty.py             # 5 visits of 30 s, after one that warms the studio up

Sound is listened for twenty times a second: what is heard may be .05 s sooner. For the press on play under a browser's
everyday rules for sound, see studio_latency.py: here the page may play from the start.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from fixtures.studio_page import EARS, Faults, StudioPage
from fixtures.studio_player import Player
from fixtures.studio_server import studio_and_chromium

Answers = dict[str, float]


class Visit:
    """A visit: what is done, at which second of it, and after how many seconds it is answered."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.begun = time.monotonic()
        self.rows: dict[str, tuple[float, Answers]] = {}

    def step(self, at: float, name: str, act: Callable[[], object], **answers: Callable[[], object]) -> None:
        """Waits until a second of the visit, acts, and waits for each answer."""
        time.sleep(max(0.0, self.begun + at - time.monotonic()))
        acted = time.monotonic()
        act()
        found: Answers = {}
        for answer, wait in answers.items():
            wait()
            found[answer.replace("_", " ")] = time.monotonic() - acted
        self.rows[name] = (acted - self.begun, found)


def visit(browser: Browser, address: str) -> tuple[dict[str, tuple[float, Answers]], int]:
    """One visit, in a fresh profile; returns its steps, and how often notes came too late to sound in time."""
    context = browser.new_context()
    context.add_init_script(EARS)
    page = context.new_page()
    player = Player(StudioPage(page, address, Faults(page, address)))
    own = Visit(player)

    def until(condition: str, argument: object = None) -> Callable[[], object]:
        return lambda: page.wait_for_function(condition, arg=argument)

    def other_than(piece: str, condition: str = "true") -> Callable[[], object]:
        return until(f"(id) => window.componium.piece.id !== id && {condition}", piece)

    own.step(
        0,
        "opens the page",
        lambda: page.goto(address),
        notes_on_the_roll=until("() => window.componium?.piece?.notes.length > 0"),
        sound_loaded=until("() => window.componium.isReady"),
    )
    own.step(2, "presses play", player.play_button.click, heard=player.wait_for_sound)
    mute = page.get_by_role("button", name="Mute ").first
    silent = until("() => Object.values(window.messages.channels).some(({ isMuted }) => isMuted)")
    own.step(5, "taps a part", mute.click, silent=silent)
    mute.click()
    piece = player.piece().id
    own.step(8, "asks for another piece", player.button("Another").click, it_plays=other_than(piece))
    player.wait_for_whole()
    piece = player.piece().id
    density = player.panel("Steer").get_by_role("slider", name="Density")
    is_whole = "window.componium.piece.isWhole"
    own.step(
        14,
        "moves the density",
        lambda: density.fill("1"),
        first_new_bars=other_than(piece),
        all_new_bars=other_than(piece, is_whole),
    )
    piece = player.piece().id
    pins = page.get_by_role("button", name="Pin ")
    if pins.count() > 1:
        pins.first.click()
    own.step(20, "rolls the dice", player.button("Dice").click, new_notes=other_than(piece, is_whole))
    ways = page.get_by_role("list", name="Variations").get_by_role("button")
    enabled = """(number) => [...document.querySelectorAll('[aria-label="Variations"] button')]
        .filter((way) => !way.disabled).length >= number"""
    own.step(
        25, "asks for variations", player.button("Vary").click, the_first=until(enabled, 2), all_three=until(enabled, 4)
    )
    assert ways.count() == 4
    panel = player.panel("Take away")
    link = until("() => document.querySelector('[aria-label=\"Link to this piece\"]')?.value.startsWith('http')")
    own.step(30, "copies a link", panel.get_by_role("button", name="Copy a link").click, it_is_there=link)
    underruns = page.evaluate("() => window.componium.underruns")
    context.close()
    return own.rows, underruns


def main() -> None:
    """Runs the studio and the visits."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    acted: dict[str, list[float]] = defaultdict(list)
    answered: dict[tuple[str, str], list[float]] = defaultdict(list)
    with studio_and_chromium() as (address, browser):
        visit(browser, address)
        late = 0
        for _ in range(options.visits):
            rows, underruns = visit(browser, address)
            late += underruns
            for name, (at, answers) in rows.items():
                acted[name].append(at)
                for answer, seconds in answers.items():
                    answered[name, answer].append(seconds)
    print(f"{options.visits} visits, seconds, medians")
    for (name, answer), values in answered.items():
        print(f"  {np.median(acted[name]):5.1f}  {name:24} {answer:20} after {np.median(values):.2f}")
    print(f"underruns: {late}")


if __name__ == "__main__":
    main()
