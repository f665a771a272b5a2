"""How a voice goes on is weighed from the note that it comes from, and only where a style says so."""

import numpy as np
import pytest

from componium.composing.door import compose
from componium.composing.interval_weights import INTERVAL_WEIGHTS
from componium.composing.lines import N_INTERVALS, WIDEST, line_weights, number_of
from componium.composing.requests import ComposeRequest
from componium.composing.styles import STYLES
from componium.representations.columns import PART
from componium.representations.voices import COMES_FROM, voices

WEIGHTS = tuple(float(number) for number in range(N_INTERVALS))


@pytest.mark.parametrize(
    ("interval", "number"), [(-40, 0), (-WIDEST, 0), (-2, WIDEST - 2), (0, WIDEST), (1, WIDEST + 1), (99, 2 * WIDEST)]
)
def test_intervals_are_numbered_from_the_widest_downwards(interval, number):
    assert number_of(np.array([interval])).tolist() == [number]


@pytest.mark.parametrize("pitch", [0, 1, 60, 127])
def test_each_interval_has_its_weight(pitch):
    found = line_weights(WEIGHTS)[1 + pitch]
    assert found.tolist() == [float(max(-WIDEST, min(WIDEST, to - pitch)) + WIDEST) for to in range(128)]


def test_who_comes_from_nowhere_goes_anywhere():
    assert not line_weights(WEIGHTS)[0].any()


def test_some_styles_let_them_be():
    assert line_weights(()) is None


def test_the_table_weighs_every_interval():
    assert INTERVAL_WEIGHTS
    for style, weights in INTERVAL_WEIGHTS.items():
        assert len(weights) == N_INTERVALS
        assert STYLES[style].intervals == weights


def moves(band, style):
    """Semitones by which voices go on in a piece of one part that plays chords, before its ending."""
    request = ComposeRequest(bars=16, style=style, parts=("piano",), key="C major", seed=3)
    representation = band.representation
    encoded = representation.encode(compose(band, request)[0].score)
    own = voices(encoded.events, encoded.places, representation.durations)
    comes_from = own[:, COMES_FROM.start]
    in_time = np.cumsum(encoded.events[:, 0]) < 14 * 4 * representation.config.steps
    goes_on = (comes_from > 0) & in_time & (encoded.events[:, PART] >= 0)
    return np.abs(encoded.events[goes_on, 2] - (comes_from[goes_on] - 1))


def test_voices_go_on_as_they_are_weighed(band, monkeypatch):
    style = band.representation.config.guides.styles[0]
    shares = []
    for step in (0.0, 8.0):
        weights = np.zeros(N_INTERVALS)
        weights[[WIDEST - 2, WIDEST - 1, WIDEST + 1, WIDEST + 2]] = step
        monkeypatch.setitem(STYLES, style, STYLES[style]._replace(intervals=tuple(weights.tolist())))
        found = moves(band, style)
        assert len(found) > 10
        shares.append(np.mean((found > 0) & (found <= 2)))
    assert shares[1] > shares[0] + 0.5
