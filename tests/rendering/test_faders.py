"""What a MIDI file says of its channels is heard: volume, expression, place, the range of bends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fixtures.midi_files import bend, chunk, control, midi_file, off, on

from componium.formats.midi import read_midi
from componium.rendering.audio import SAMPLE_RATE, synthesize

# A quarter lasts half a second.
BEAT = SAMPLE_RATE // 2
BEND_RANGE = [(101, 0), (100, 0), (6, 12), (38, 0)]


def heard(*chunks, midi_type=1):
    return synthesize(read_midi(midi_file(*chunks, midi_type=midi_type)), dry=True)


def held(pitch=69, channel=0, *, before=(), during=()):
    """A chunk whose one note is held for four beats, with events before it and, each a beat after the last, in it."""
    within = [(480, message) for _, message in during]
    rest = 480 * (4 - len(within))
    return chunk(*before, on(pitch, channel=channel), *within, off(pitch, rest, channel))


def loudness(sound, beat):
    return float(np.sqrt((sound[beat * BEAT : (beat + 1) * BEAT] ** 2).mean()))


def frequency(sound):
    stretch = sound[BEAT // 2 : BEAT // 2 + 32768].mean(axis=1)
    return np.abs(np.fft.rfft(stretch * np.hanning(len(stretch)))).argmax() * SAMPLE_RATE / len(stretch)


def range_of_bends(channel=0):
    return [control(number, value, channel=channel) for number, value in BEND_RANGE]


class TestBends:
    def test_reach_as_far_as_their_range(self):
        sound = heard(held(57, before=[*range_of_bends(), bend(8191)]))
        assert frequency(sound) == pytest.approx(440, rel=0.005)

    def test_their_range_can_be_raised_by_steps(self):
        sound = heard(
            held(57, before=[*range_of_bends()[:2], control(96, 0), control(96, 0), control(97, 0), bend(8191)])
        )
        assert frequency(sound) == pytest.approx(220 * 2 ** (3 / 12), rel=0.005)

    def test_without_a_range_they_reach_two_semitones(self):
        sound = heard(held(69, before=[bend(-8192)]))
        assert frequency(sound) == pytest.approx(440 * 2 ** (-2 / 12), rel=0.005)

    def test_another_chunk_may_set_them(self):
        sound = heard(chunk(*range_of_bends(), bend(8191)), held(57))
        assert frequency(sound) == pytest.approx(440, rel=0.005)

    def test_of_another_channel_they_do_not_count(self):
        sound = heard(chunk(*range_of_bends(3), bend(8191, channel=3)), held(57))
        assert frequency(sound) == pytest.approx(220, rel=0.005)

    def test_a_parameter_that_is_not_registered_sets_no_range(self):
        other = [control(99, 0), control(98, 0), control(6, 12)]
        sound = heard(held(69, before=[*other, bend(-8192)]))
        assert frequency(sound) == pytest.approx(440 * 2 ** (-2 / 12), rel=0.005)

    def test_a_reset_ends_them(self):
        sound = heard(held(69, before=[bend(8191), control(121, 0)]))
        assert frequency(sound) == pytest.approx(440, rel=0.005)

    @pytest.mark.parametrize(("bends", "semitones"), [([], 0), ([(0, -8192)], -12), ([(1, -8192)], -12)])
    def test_of_a_track_that_was_changed_they_are_its_own(self, bends, semitones):
        score = read_midi(midi_file(held(69, before=[*range_of_bends(), bend(8191)])))
        [track] = score.tracks
        changed = np.array(bends, track.pitch_bends.dtype)
        sound = synthesize(replace(score, tracks=(replace(track, pitch_bends=changed),)), dry=True)
        assert frequency(sound) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.005)


class TestVolume:
    @pytest.mark.parametrize("number", [7, 11])
    def test_of_0_is_silence(self, number):
        assert not heard(held(before=[control(number, 0)])).any()

    @pytest.mark.parametrize(("number", "usual"), [(7, 100), (11, 127)])
    def test_counts_by_its_square(self, number, usual):
        # Two channels, since the whole is brought to one loudness: the second, an octave above, is as it was.
        def ratio(value):
            sound = heard(held(57, before=[control(number, value)]), held(69, 1)).mean(axis=1)[: 2 * BEAT]
            spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
            low, high = (round(hertz * len(sound) / SAMPLE_RATE) for hertz in (220, 1320))
            return spectrum[low - 4 : low + 5].max() / spectrum[high - 4 : high + 5].max()

        assert ratio(usual // 2) / ratio(usual) == pytest.approx((usual // 2 / usual) ** 2, rel=0.1)

    def test_that_is_usual_changes_nothing(self):
        plain, said = heard(held()), heard(held(before=[control(7, 100), control(11, 127)]))
        np.testing.assert_allclose(plain, said, atol=1e-6)

    def test_a_fade_is_heard_as_one(self):
        fade = [control(11, value) for value in (90, 45, 0)]
        sound = heard(held(during=fade))
        loud = [loudness(sound, beat) for beat in range(4)]
        assert loud == sorted(loud, reverse=True)
        assert loud[3] < 0.01 * loud[0]

    def test_a_change_does_not_click(self):
        sound = heard(held(36, during=[control(7, 10)]))[:, 0]
        steps = np.abs(np.diff(sound))
        change = slice(BEAT - 500, BEAT + 500)
        assert steps[change].max() <= 1.5 * steps[: BEAT - 500].max()


class TestPlace:
    @pytest.mark.parametrize(("value", "side"), [(0, 0), (127, 1)])
    def test_at_its_end_only_one_side_sounds(self, value, side):
        loud = np.abs(heard(held(before=[control(10, value)]))).max(axis=0)
        assert loud[1 - side] < 0.3 * loud[side]

    def test_may_move(self):
        sound = np.abs(heard(held(before=[control(10, 0)], during=[control(10, 127)])))
        first, second = sound[:BEAT].sum(axis=0), sound[BEAT + 500 : 2 * BEAT].sum(axis=0)
        assert first[0] > 3 * first[1]
        assert second[1] > 3 * second[0]
