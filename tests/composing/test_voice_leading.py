"""How a voice goes on is weighed from the note that it comes from, and only where a style says so."""

import numpy as np
import pytest
from fixtures.pieces import CODEC, conditions_of, plan_of, state_of, with_profile

from componium.composing.compose import compose
from componium.composing.constraints.voice_leading import LEAP, STEP, VoiceLeading, interval_weights
from componium.composing.procedures.constrained import weights_for
from componium.composing.requests import ComposeRequest
from componium.features.part_history import COMES_FROM
from componium.representations.columns import PART

REPEATED, STEPPING, LEAPING = -3.0, 2.0, -0.5


@pytest.mark.parametrize("pitch", [0, 1, 60, 127])
def test_each_size_has_its_weight(pitch):
    away = np.abs(np.arange(128) - pitch)
    expected = np.select([away == 0, away <= STEP, away <= LEAP], [REPEATED, STEPPING, 0.0], LEAPING)
    assert interval_weights(REPEATED, STEPPING, LEAPING)[1 + pitch].tolist() == expected.tolist()


def test_who_comes_from_nowhere_goes_anywhere():
    assert not interval_weights(REPEATED, STEPPING, LEAPING)[0].any()


def test_some_styles_leave_them_free():
    assert interval_weights(0.0, 0.0, 0.0) is None


def test_each_part_goes_on_from_its_own_voice_until_the_piece_is_led_home():
    own, out = VoiceLeading(CODEC), weights_for(CODEC, 1)
    state = state_of(conditions_of(plan_of(4, style={"stepping": 1.5}), 0, 1, 3))
    # The piano's voice comes from E, the flute's from nowhere; drums have no lines.
    state.histories[[0, 3], COMES_FROM.start] = 1 + 64
    own.begin(0, state)
    own.weigh_note(out)
    assert np.flatnonzero(out.pitch[0, 0]).tolist() == [62, 63, 65, 66]
    assert not out.pitch[0, 1:].any()
    state.is_led_home = True
    out.pitch[:] = 0
    own.weigh_note(out)
    assert not out.pitch.any()


def moves(band, style):
    """Semitones by which voices go on in a piece of one part that plays chords, before its ending."""
    request = ComposeRequest(bars=64, style=style, parts=("piano",), key="C major", seed=3)
    codec = band.codec
    encoded = codec.encode(compose(band, request)[0].score)
    own = band.features.histories(encoded.events, band.features.positions_of(encoded))
    comes_from = own[:, COMES_FROM.start]
    in_time = np.cumsum(encoded.events[:, 0]) < 62 * 4 * codec.config.steps
    goes_on = (comes_from > 0) & in_time & (encoded.events[:, PART] >= 0)
    return np.abs(encoded.events[goes_on, 2] - (comes_from[goes_on] - 1))


def test_voices_go_on_as_they_are_weighed(band):
    style = band.manifest.conditioning.styles[0]
    shares = []
    for stepping in (0.0, 8.0):
        alone = {"rhythm": 0.0, "lengthening": 0.0, "top_p": 1.0}
        usual = {"repeated": 0.0, "stepping": stepping, "leaping": 0.0, **alone}
        found = moves(with_profile(band, styles={style: usual}), style)
        assert len(found) > 40
        shares.append(np.mean((found > 0) & (found <= STEP)))
    assert shares[1] > shares[0] + 0.2
