"""How a voice goes on is weighed from the note that it comes from, and only where a style says so."""

import numpy as np
import pytest

from componium.composing.door import compose
from componium.composing.lines import LEAP, STEP, line_weights
from componium.composing.requests import ComposeRequest
from componium.composing.styles import STYLES
from componium.features.part_history import COMES_FROM, voices
from componium.representations.columns import PART

REPEATED, STEPPING, LEAPING = -3.0, 2.0, -0.5


@pytest.mark.parametrize("pitch", [0, 1, 60, 127])
def test_each_size_has_its_weight(pitch):
    away = np.abs(np.arange(128) - pitch)
    expected = np.select([away == 0, away <= STEP, away <= LEAP], [REPEATED, STEPPING, 0.0], LEAPING)
    assert line_weights(REPEATED, STEPPING, LEAPING)[1 + pitch].tolist() == expected.tolist()


def test_who_comes_from_nowhere_goes_anywhere():
    assert not line_weights(REPEATED, STEPPING, LEAPING)[0].any()


def test_some_styles_let_them_be():
    assert line_weights(0.0, 0.0, 0.0) is None


def moves(band, style):
    """Semitones by which voices go on in a piece of one part that plays chords, before its ending."""
    request = ComposeRequest(bars=64, style=style, parts=("piano",), key="C major", seed=3)
    codec = band.codec
    encoded = codec.encode(compose(band, request)[0].score)
    own = voices(encoded.events, encoded.places, codec.durations)
    comes_from = own[:, COMES_FROM.start]
    in_time = np.cumsum(encoded.events[:, 0]) < 62 * 4 * codec.config.steps
    goes_on = (comes_from > 0) & in_time & (encoded.events[:, PART] >= 0)
    return np.abs(encoded.events[goes_on, 2] - (comes_from[goes_on] - 1))


def test_voices_go_on_as_they_are_weighed(band, monkeypatch):
    style = band.codec.config.guides.styles[0]
    shares = []
    for stepping in (0.0, 8.0):
        alone = {"groove": 0.0, "lengthening": 0.0, "top_p": 1.0}
        usual = STYLES[style]._replace(repeated=0.0, stepping=stepping, leaping=0.0, **alone)
        monkeypatch.setitem(STYLES, style, usual)
        found = moves(band, style)
        assert len(found) > 40
        shares.append(np.mean((found > 0) & (found <= STEP)))
    assert shares[1] > shares[0] + 0.2
