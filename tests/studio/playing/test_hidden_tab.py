"""In a hidden tab it plays on, although the page's own timers and frames are held back there."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import are_in_time, late

SECONDS = 20

# What Chromium does with tabs that nobody sees: no frames, timers once a second. Of a page that is driven by a test it
# only stops the frames, since that page counts as visible.
HIDE = """() => {
  const { setTimeout: wait, setInterval: repeat } = window;
  window.requestAnimationFrame = () => 0;
  window.setTimeout = (callback, period, ...others) => wait(callback, Math.max(1000, period ?? 0), ...others);
  window.setInterval = (callback, period, ...others) => repeat(callback, Math.max(1000, period ?? 0), ...others);
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  Object.defineProperty(document, 'hidden', { get: () => true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_hidden_tab_plays_on_without_a_hole(player):
    piece = player.open_piece(bars=24, tempo_bpm=200)
    player.page.evaluate(HIDE)
    player.play()
    other = player.page.context.new_page()
    other.bring_to_front()
    start = player.page.evaluate("() => window.ears.contexts[0].currentTime")
    player.page.wait_for_function(
        "(end) => window.ears.contexts[0].currentTime > end", arg=start + SECONDS, polling=500
    )
    told = player.told()
    assert late(told) == []
    assert told[-1].at - told[0].at > SECONDS - 2
    # Timers of the page would be late by most of every second.
    assert are_in_time(piece.delays(told, piece.start(told)), SECONDS / 10)
