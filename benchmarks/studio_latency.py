"""Measures how soon the studio's page can be used and heard, in headless Chromium under its everyday rules for sound.

Starts a studio of its own on 127.0.0.1 with an empty folder, warms it up with two pieces, and opens its page again and
again, each time in a fresh profile. Prints medians and 95th percentiles of:

* interactive: from the navigation until the play button answers, with the roll showing notes;
* click to sound: from the press on play, as soon as the page says that worklet and SoundFont are loaded, until an
  AnalyserNode before the loudspeakers hears something (polled every 2 ms);
* first notes: from the request that begins a piece until its first notes, as the page's own client gets them.

    python benchmarks/studio_latency.py                  # 20 openings

Page, browser and studio share the cores: on a busy machine the figures are those of the machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from fixtures.studio_server import studio_and_chromium

# Notes when the page could be used, play was pressed and sound was heard, in milliseconds of the page's clock.
WATCH = """
(() => {
  const seen = (window.seen = { interactive: 0, ready: 0, pressed: 0, heard: 0 });
  const connect = AudioNode.prototype.connect, ears = [];
  AudioNode.prototype.connect = function (target, ...others) {
    if (target instanceof AudioDestinationNode) {
      const ear = new AnalyserNode(target.context, { fftSize: 256 });
      connect.call(this, ear);
      ears.push(ear);
    }
    return connect.call(this, target, ...others);
  };
  addEventListener('pointerdown', () => (seen.pressed = performance.now()), { once: true, capture: true });
  const samples = new Float32Array(256);
  const timer = setInterval(() => {
    const { componium } = window, now = performance.now();
    if (!seen.interactive && componium?.piece?.notes.length && document.querySelector('button[aria-label="Play"]')) {
      seen.interactive = now;
    }
    if (!seen.ready && seen.interactive && componium.isReady) {
      seen.ready = now;
      const place = document.querySelector('button[aria-label="Play"]').getBoundingClientRect();
      console.debug('ready', place.x + place.width / 2, place.y + place.height / 2);
    }
    for (const ear of ears) {
      ear.getFloatTimeDomainData(samples);
      if (seen.pressed && samples.some((sample) => Math.abs(sample) > 1e-4)) {
        seen.heard = now;
        clearInterval(timer);
        console.debug('heard');
      }
    }
  }, 2);
})();
"""

# Seconds from a request until its first notes.
FIRST_NOTES = """async () => {
  const begun = performance.now();
  const body = JSON.stringify({ task: 'compose', seed: Math.floor(Math.random() * 1e9) });
  const headers = { 'Content-Type': 'application/json' };
  const { id } = await (await fetch('/api/pieces', { method: 'POST', body, headers })).json();
  return await new Promise((done) => {
    const events = new EventSource(`/api/pieces/${id}/events`);
    events.addEventListener('notes', () => {
      done((performance.now() - begun) / 1000);
      events.close();
      fetch(`/api/pieces/${id}`, { method: 'DELETE' });
    });
  });
}"""


def opening(browser: Browser, address: str) -> dict[str, float]:
    """Opens the page in a fresh profile and presses play; returns what was measured, in seconds."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    context.set_default_timeout(120_000)
    page = context.new_page()
    # Before the press nothing is evaluated in the page: a browser would take it for an act of its user.
    with page.expect_console_message(lambda said: said.text.startswith("ready")) as ready:
        page.goto(address)
    x, y = (float(word) for word in ready.value.text.split()[1:])
    with page.expect_console_message(lambda said: said.text == "heard"):
        page.mouse.click(x, y)
    seen = page.evaluate("() => window.seen")
    found = {
        "interactive": seen["interactive"] / 1000,
        "sound loaded": seen["ready"] / 1000,
        "click to sound": (seen["heard"] - seen["pressed"]) / 1000,
    }
    page.keyboard.press("Space")
    found["first notes"] = settled(page).evaluate(FIRST_NOTES)
    context.close()
    return found


def settled(page: Page) -> Page:
    """Waits until the page composes nothing any more, so that a request is the only one."""
    page.wait_for_function(
        "() => window.componium.piece.isWhole && (!window.componium.next || window.componium.next.isWhole)"
    )
    return page


def main() -> None:
    """Runs the studio and opens its page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--openings", type=int, default=20)
    options = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    with studio_and_chromium() as (address, browser):
        for _ in range(2):
            opening(browser, address)
        rows = []
        for _ in range(options.openings):
            rows.append(opening(browser, address))
            time.sleep(0.5)
    print(f"{len(rows)} openings, seconds")
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(
            f"  {name:15} median {np.median(values):.3f}   95th percentile {np.percentile(values, 95):.3f}   "
            f"worst {max(values):.3f}"
        )


if __name__ == "__main__":
    main()
