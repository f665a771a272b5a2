"""Room is made for new music: what a file holds there goes, and all else of it stays."""

import pytest
from fixtures.midi_files import bend, chunk, control, events_of, line, meta, midi_file, off, on, program

from componium.formats.midi import midi_bytes, read_midi, until, without_controllers
from componium.score import Score, Tempo, Track, make_notes

VOLUME, EXPRESSION, PAN, PEDAL, MODULATION = 7, 11, 10, 64, 1


def controls_of(score, place=0):
    """Tick and bytes of controllers, bends and pressure of a chunk."""
    return [event for event in events_of(midi_bytes(score))[2][place] if event[1][0] & 0xF0 in (0xB0, 0xD0, 0xE0)]


def a_file(*events, end=0):
    """Eight quarters, with events of their own time before each: pairs of the quarter and an event without a delta."""
    quarters = []
    for quarter in range(8):
        quarters += [event for place, event in events if place == quarter]
        quarters += line([60 + quarter])
    return midi_file(chunk(*quarters, *(event for place, event in events if place == 8), end=end))


class TestUntil:
    def test_nothing_of_the_file_is_left_from_there_on(self):
        late = [(8, event) for event in (meta(0x51, b"\1\0\0", 9000), meta(6, b"late"), meta(5, b"la"), control(10, 3))]
        cut = until(read_midi(a_file((0, control(10, 9)), *late, end=5000)), 8 * 480, {0})
        [events] = events_of(midi_bytes(cut))[2]
        assert events[-1] == (8 * 480, b"\xff\x2f\0")
        assert cut.tempos == (Tempo(0, 120.0),)
        assert cut.texts == ()
        assert cut.n_notes == 8
        assert controls_of(cut) == [(0, b"\xb0\x0a\x09")]

    def test_pedals_bends_and_modulation_are_set_back(self):
        gestures = [(6, control(PEDAL, 100)), (6, control(MODULATION, 40)), (6, bend(500)), (6, (0, b"\xd0\x22"))]
        cut = until(read_midi(a_file(*gestures)), 8 * 480, {0})
        neutral = [b"\xb0\x40\0", b"\xb0\x01\0", b"\xe0\0\x40", b"\xd0\0"]
        assert [content for tick, content in controls_of(cut) if tick == 8 * 480] == neutral
        assert cut.tracks[0].pedals.tolist() == [(6 * 480, 2 * 480)]

    def test_what_is_neutral_stays_as_it_is(self):
        score = read_midi(a_file((0, control(PEDAL, 100)), (1, control(PEDAL, 0)), (1, bend(0)), (2, control(PAN, 7))))
        assert controls_of(until(score, 8 * 480, {0})) == controls_of(score)

    def test_tracks_that_do_not_go_on_are_not_set_back(self):
        score = read_midi(a_file((1, control(PEDAL, 100))))
        assert controls_of(until(score, 8 * 480, set())) == controls_of(score)

    @pytest.mark.parametrize("number", [VOLUME, EXPRESSION])
    @pytest.mark.parametrize("usual", [None, 90])
    def test_a_fade_out_does_not_silence_what_follows(self, number, usual):
        fade = [(quarter, control(number, 120 - 20 * quarter)) for quarter in (4, 5, 6)]
        set_up = [] if usual is None else [(0, control(number, usual))]
        cut = until(read_midi(a_file(*set_up, *fade)), 8 * 480, {0})
        default = 100 if number == VOLUME else 127
        assert controls_of(cut)[-1] == (8 * 480, bytes((0xB0, number, usual or default)))

    def test_music_that_is_silent_throughout_stays_so(self):
        score = read_midi(a_file((0, control(VOLUME, 0))))
        assert controls_of(until(score, 8 * 480, {0})) == [(0, b"\xb0\x07\0")]

    def test_notes_that_sound_on_are_kept_whole(self):
        score = read_midi(midi_file(chunk(on(60), off(60, 2000))))
        assert until(score, 960, {0}).tracks[0].notes.tolist() == [(0, 2000, 60, 80)]


class TestWithoutControllers:
    def test_gestures_go_and_come_back_behind_the_stretch(self):
        gestures = [(1, control(PEDAL, 70)), (3, control(PEDAL, 0)), (3, bend(800)), (4, control(VOLUME, 50))]
        score = read_midi(a_file((0, control(VOLUME, 90)), (0, control(PAN, 20)), *gestures))
        cleared = without_controllers(score, {0}, 960, 5 * 480)
        assert controls_of(cleared) == [
            (0, b"\xb0\x07\x5a"), (0, b"\xb0\x0a\x14"), (480, b"\xb0\x40\x46"),
            (960, b"\xb0\x40\0"), (2400, b"\xb0\x07\x32"), (2400, b"\xe0" + bytes((8992 & 127, 8992 >> 7))),
        ]  # fmt: skip

    def test_what_sets_the_instrument_up_stays_in_the_first_bar(self):
        set_up = [
            control(0, 3),
            control(101, 0),
            control(100, 0),
            control(6, 12),
            control(VOLUME, 40),
            control(PAN, 20),
        ]
        score = read_midi(a_file(*((0, event) for event in set_up), (0, control(PEDAL, 127)), (1, control(PAN, 90))))
        cleared = without_controllers(score, {0}, 0, 960)
        assert [content for tick, content in controls_of(cleared) if tick == 0] == [content for _, content in set_up]
        behind = [content for tick, content in controls_of(cleared) if tick == 960]
        assert sorted(behind) == [b"\xb0\x0a\x5a", b"\xb0\x40\x7f"]

    def test_other_channels_and_shared_ones_stay(self):
        data = midi_file(
            chunk(program(1), bend(9), *line([60]), program(2), bend(99), *line([62])),
            chunk(bend(7, channel=1), *line([64], channel=1)),
        )
        score = read_midi(data)
        for composed in ({0}, {1}, set()):
            assert events_of(midi_bytes(without_controllers(score, composed, 0, 960))) == events_of(data)
        both = without_controllers(score, {0, 1}, 0, 960)
        assert events_of(midi_bytes(both))[2][1] == events_of(data)[2][1]
        assert (0, bend(9)[1]) not in controls_of(both)

    def test_lyrics_go_with_the_notes_that_they_were_sung_to(self):
        data = midi_file(
            chunk(meta(5, b"a"), *line([60]), meta(5, b"b"), *line([62]), meta(6, b"m")),
            chunk(meta(5, b"c"), *line([64], channel=1)),
        )
        cleared = events_of(midi_bytes(without_controllers(read_midi(data), {0}, 0, 480)))[2]
        lyrics = [[content for _, content in events if content[:2] == b"\xff\x05"] for events in cleared]
        assert lyrics == [[meta(5, b"b")[1]], [meta(5, b"c")[1]]]
        assert (960, meta(6, b"m")[1]) in cleared[0]


def test_a_score_without_a_source_is_as_it_was():
    score = Score(480, (Track(make_notes([0], [9], [60], [64])),))
    assert until(score, 4, {0}) is score
    assert without_controllers(score, {0}, 0, 4) is score
