"""What files in the wild hold: time bases, impossible values, hanging notes, damaged bytes, texts of all encodings."""

import re

import numpy as np
import pytest
from fixtures.midi_files import bend, chunk, control, line, meta, midi_file, off, on, program
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import FormatError
from componium.formats.midi import events, midi_bytes, read_midi
from componium.score import Score, TempoMap


def notes_of(data):
    return [track.notes.tolist() for track in read_midi(data).tracks]


def seconds_of(score):
    notes = score.tracks[0].notes
    ends = notes["onset"].astype(np.int64) + notes["duration"]
    return TempoMap(score).seconds(notes["onset"]).tolist(), TempoMap(score).seconds(ends).tolist()


@pytest.mark.parametrize("frames", [24, 25, 29, 30])
@pytest.mark.parametrize("ticks", [4, 40, 81, 100])
def test_ticks_of_smpte_are_time(frames, ticks):
    rate = 30_000 / 1001 if frames == 29 else frames
    division = (256 - frames) << 8 | ticks
    data = midi_file(chunk(meta(0x51, b"\x01\x00\x00"), on(60), off(60, 3 * ticks)), division=division)
    score = read_midi(data)
    _, [end] = seconds_of(score)
    assert end == pytest.approx(3 * ticks / (rate * ticks), rel=1e-9)
    assert not score.has_grid
    # Written again it is the same file.
    assert seconds_of(read_midi(midi_bytes(score))) == seconds_of(score)
    assert midi_bytes(score)[12:14] == division.to_bytes(2, "big")


@pytest.mark.parametrize("division", [0, 0x8000, 0xE700])
def test_a_time_base_without_ticks_is_refused(division):
    with pytest.raises(FormatError, match="time base"):
        read_midi(midi_file(chunk(on(60), off(60, 9)), division=division))


@pytest.mark.parametrize(
    ("kind", "payload", "remark"),
    [
        (0x51, b"\0\0\0", "tempo of 0 at tick 7 ignored"),
        (0x51, b"\0\0\1", "tempo of 6e+07 bpm at tick 7 ignored"),
        (0x51, b"\1", "damaged tempo at tick 7 ignored"),
        (0x58, b"\0\2\x18\x08", "time signature 0/4 at tick 7 ignored"),
        (0x58, b"\4\7\x18\x08", "time signature 4/128 at tick 7 ignored"),
        (0x58, b"\4\xff\x18\x08", "time signature 4/2^255 at tick 7 ignored"),
        (0x59, b"\x80\0", "key signature of 128 flats, mode 0, at tick 7 ignored"),
        (0x59, b"\x08\0", "key signature of 8 sharps, mode 0, at tick 7 ignored"),
        (0x59, b"\0\2", "key signature of 0 sharps, mode 2, at tick 7 ignored"),
        (0x59, b"", "damaged key signature at tick 7 ignored"),
    ],
)
def test_an_impossible_value_is_ignored_alone_and_named(kind, payload, remark):
    sound = {0x51: b"\x0f\x42\x40", 0x58: b"\3\2\x18\x08", 0x59: b"\2\0"}[kind]
    score = read_midi(midi_file(chunk(meta(kind, sound), meta(kind, payload, 7), on(60), off(60, 9))))
    assert score.remarks == (remark,)
    assert notes_of(midi_bytes(score)) == [[(7, 9, 60, 80)]]
    values = {0x51: score.tempos, 0x58: score.time_signatures, 0x59: score.key_signatures}[kind]
    assert [tuple(value)[1:] for value in values] == [{0x51: (60.0,), 0x58: (3, 4), 0x59: (2, False)}[kind]]


def test_sound_files_have_no_remarks():
    assert read_midi(midi_file(chunk(meta(0x59, b"\xf9\1"), *line([60, 62])))).remarks == ()


class TestPairs:
    def test_a_key_struck_again_while_it_is_held_ends_its_note(self):
        data = midi_file(chunk(on(60), on(60, 100), off(60, 50), on(62), off(62, 10)))
        assert notes_of(data) == [[(0, 100, 60, 80), (100, 50, 60, 80), (150, 10, 62, 80)]]

    def test_a_missing_note_off_costs_no_note_behind_it(self):
        data = midi_file(chunk(on(60), on(60, 100), off(60, 50), on(60, 50), off(60, 20), end=5))
        assert notes_of(data) == [[(0, 100, 60, 80), (100, 50, 60, 80), (200, 20, 60, 80)]]

    def test_overlapping_notes_that_all_end_are_kept(self):
        assert notes_of(midi_file(chunk(on(60), on(60, 10), off(60, 10), off(60, 10)))) == [
            [(0, 20, 60, 80), (10, 20, 60, 80)]
        ]

    @pytest.mark.parametrize("velocity", [0, 1])
    def test_a_note_that_nothing_ends_lasts_to_the_end_of_its_track(self, velocity):
        data = midi_file(chunk(on(60), on(60, 10, velocity=velocity), end=90), chunk(on(70), end=300))
        # Velocity 0 is a note-off.
        first = [(0, 10, 60, 80)] + [(10, 90, 60, 1)] * velocity
        assert notes_of(data) == [first, [(0, 300, 70, 80)]]

    def test_a_note_off_of_a_silent_key_means_nothing(self):
        assert notes_of(midi_file(chunk(off(60), on(60, 5), off(60, 5), off(60, 5), off(61, 5)))) == [[(5, 5, 60, 80)]]

    def test_channels_and_chunks_are_apart(self):
        data = midi_file(chunk(on(60), on(60, 10, 1), off(60, 10), off(60, 10, 1)), chunk(on(60, 5), off(60, 5)))
        assert notes_of(data) == [[(0, 20, 60, 80)], [(10, 20, 60, 80)], [(5, 5, 60, 80)]]

    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(60, 61)), max_size=40))
    def test_every_struck_key_is_a_note(self, rows):
        events = [(on if strikes else off)(pitch, delta) for strikes, delta, pitch in rows]
        score = read_midi(midi_file(chunk(*events, end=3)))
        ticks = np.cumsum([delta for _, delta, _ in rows]).tolist()
        struck = sorted((tick, pitch) for tick, (strikes, _, pitch) in zip(ticks, rows, strict=True) if strikes)
        notes = [note for track in score.tracks for note in track.notes.tolist()]
        assert sorted((onset, pitch) for onset, _, pitch, _ in notes) == struck
        end = (ticks[-1] if ticks else 0) + 3
        assert all(onset + duration <= end for onset, duration, _, _ in notes)


def test_one_channel_with_several_programs_is_several_tracks():
    events = [program(5), on(60), program(3, 5), off(60, 5), on(62), off(62, 10), program(5), on(64), off(64, 10)]
    tracks = read_midi(midi_file(chunk(*events))).tracks
    assert [(track.program, track.notes["pitch"].tolist()) for track in tracks] == [(3, [62]), (5, [60, 64])]


def test_a_pedal_is_down_from_the_first_press_and_one_that_is_never_lifted_is_none():
    pedal = [control(64, value, 5) for value in (64, 127, 63, 0, 90)]
    [track] = read_midi(midi_file(chunk(*line([60]), *pedal, end=20))).tracks
    assert track.pedals.tolist() == [(485, 10)]


def test_of_two_keys_on_one_tick_the_last_of_the_first_chunk_counts():
    chunks = [chunk(*(meta(0x59, bytes((sharps, 0))) for sharps in own), *line([60])) for own in ((1, 2), (3,))]
    assert [key.tonic for key in read_midi(midi_file(*chunks)).key_signatures] == [2]


class TestDamage:
    def test_a_data_byte_above_127_counts_as_127(self):
        data = midi_file(chunk((0, b"\x9f\x80\x40"), (96, b"\x8f\x80\x40")))
        score = read_midi(data)
        assert notes_of(data) == [[(0, 96, 127, 64)]]
        assert score.remarks == ("2 data bytes above 127 taken as 127",)

    def test_a_running_status_holds_over_meta_events(self):
        data = midi_file(chunk(on(60), (10, b"\x3c\0"), meta(1, b"x", 5), (5, b"\x40\x50"), (5, b"\x40\0")))
        assert notes_of(data) == [[(0, 10, 60, 80), (20, 5, 64, 80)]]

    def test_a_track_that_is_cut_short_is_read_as_far_as_it_goes(self):
        whole = midi_file(chunk(*line([60, 62, 64])))
        for size in range(22, len(whole)):
            score = read_midi(whole[:size])
            assert [note[2] for track in score.tracks for note in track.notes.tolist()] == [60, 62, 64][: score.n_notes]

    def test_what_stands_between_and_behind_the_chunks_is_passed_over(self):
        data = midi_file(b"XFIH\0\0\0\3abc", chunk(*line([60])), b"MTrq\0\0\0\1a", chunk(*line([62])))
        assert notes_of(data + b"\0\0garbage") == [[(0, 480, 60, 80)], [(0, 480, 62, 80)]]

    @given(
        st.lists(st.sampled_from([b"\0", b"\x90", b"\x3c", b"\xff", b"\x80", b"\xc5", b"\xf0", b"\x7f"]), max_size=60)
    )
    def test_any_events_give_a_score_or_a_format_error(self, pieces):
        body = b"".join(pieces)
        data = midi_file(b"MTrk" + len(body).to_bytes(4, "big") + body, chunk(on(60), off(60, 9)))
        try:
            score = read_midi(data)
        except FormatError as error:
            assert "\n" not in str(error)
        else:
            # What was read once is read alike when it was written.
            again = read_midi(midi_bytes(score))
            assert [track.notes.tolist() for track in again.tracks] == [track.notes.tolist() for track in score.tracks]

    def test_absurd_delta_times_come_to_a_limit(self):
        far = b"\xff\xff\xff\x7f\x90\x3c\x50" * 20
        with pytest.raises(FormatError, match="hours of music"):
            read_midi(midi_file(b"MTrk" + len(far).to_bytes(4, "big") + far))


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("Café", "latin-1"),
            ("© 1999 Jörg", "latin-1"),
            ("Größe", "cp1252"),
            ("Nº 1", "latin-1"),
            ("piano \N{EN DASH} left hand\N{RIGHT SINGLE QUOTATION MARK}s", "cp1252"),
            ("ピアノ", "shift-jis"),
            ("主旋律", "shift-jis"),
            ("ドラム 2", "shift-jis"),
            ("钢琴", "gbk"),
            ("小提琴 1", "gbk"),
            ("пианино", "cp1251"),
            ("Flöte", "utf-8"),
            ("Flöte", "utf-16"),
            ("Flöte", "utf-16-be"),
            ("琴", "utf-16"),
        ],
    )
    def test_names_and_markers_are_readable_and_keep_their_bytes(self, text, encoding):
        raw = text.encode(encoding)
        data = midi_file(chunk(meta(3, raw), meta(6, raw), *line([60])))
        score = read_midi(data)
        assert score.tracks[0].name == text
        assert score.texts == (text,)
        assert midi_bytes(score).count(raw) == 2

    @given(st.binary(max_size=30))
    def test_any_bytes_are_a_text(self, raw):
        score = read_midi(midi_file(chunk(meta(3, raw), *line([60]))))
        assert isinstance(score.tracks[0].name, str)
        assert isinstance(score, Score)


def test_bends_of_a_channel_count_for_all_its_tracks():
    data = midi_file(chunk(bend(100), *line([60]), program(9), bend(-100, 3), *line([62])))
    for track in read_midi(data).tracks:
        assert track.pitch_bends.tolist() == [(0, 100), (483, -100)]


def test_without_its_source_a_score_is_the_same():
    data = midi_file(chunk(meta(3, b"a"), *line([60, 62])))
    kept, bare = read_midi(data), read_midi(data, keep_source=False)
    assert bare.source is None
    assert [track.source for track in bare.tracks] == [None]
    assert [track.notes.tolist() for track in bare.tracks] == [track.notes.tolist() for track in kept.tracks]


class TestProgramsOfOtherChunks:
    def test_count_where_the_chunk_sets_none(self):
        data = midi_file(chunk(program(19), program(7, channel=3)), chunk(*line([60])), chunk(*line([62], channel=3)))
        assert [track.program for track in read_midi(data).tracks] == [19, 7]

    def test_count_from_when_they_are_set(self):
        data = midi_file(chunk(program(19), program(40, 480)), chunk(*line([60, 62])))
        assert [(track.program, len(track.notes)) for track in read_midi(data).tracks] == [(19, 1), (40, 1)]

    def test_set_later_they_count_from_the_start_as_well(self):
        data = midi_file(chunk(program(19, 5)), chunk(*line([60])))
        assert [track.program for track in read_midi(data).tracks] == [19]

    def test_of_another_channel_they_do_not(self):
        data = midi_file(chunk(program(19, channel=2)), chunk(*line([60])))
        assert [track.program for track in read_midi(data).tracks] == [0]

    def test_do_not_count_where_the_chunk_sets_its_own(self):
        data = midi_file(chunk(program(19)), chunk(program(40), *line([60])))
        assert [track.program for track in read_midi(data).tracks] == [40]


class TestWrongLengths:
    BODY = chunk(*line([60, 62]))[8:]

    @pytest.mark.parametrize("size", [0, 1, len(BODY) - 9, len(BODY) + 9, 2**31, 2**32 - 1])
    @pytest.mark.parametrize("others", [0, 1, 3])
    def test_of_a_track_cost_no_notes(self, size, others):
        first = b"MTrk" + size.to_bytes(4, "big") + self.BODY
        score = read_midi(midi_file(first, *[chunk(*line([64]))] * others))
        assert [track.notes["pitch"].tolist() for track in score.tracks] == [[60, 62]] + [[64]] * others
        assert len(score.remarks) == 1
        assert midi_bytes(score) == midi_file(chunk(*line([60, 62])), *[chunk(*line([64]))] * others)

    @pytest.mark.parametrize("size", [0, 7, 255, 2**32 - 1])
    def test_of_the_header_cost_no_notes(self, size):
        data = midi_file(chunk(*line([60])))
        assert notes_of(data[:4] + size.to_bytes(4, "big") + data[8:]) == notes_of(data)

    @pytest.mark.parametrize("kind", [b"XFIH", b"\0\xff\0\xff"])
    @pytest.mark.parametrize("size", [2**32 - 1, 2**16])
    def test_of_other_chunks_cost_no_notes(self, kind, size):
        data = midi_file(chunk(*line([60])), kind + size.to_bytes(4, "big") + b"abc", chunk(*line([62])))
        assert notes_of(data) == [[(0, 480, 60, 80)], [(0, 480, 62, 80)]]

    @pytest.mark.parametrize("behind", [b"\0", bytes(200), b"TAG\0" + bytes(124), b"MTrk", b"\xff\x2f\0"])
    def test_junk_behind_the_last_track_is_no_wrong_length(self, behind):
        score = read_midi(midi_file(chunk(*line([60]))) + behind)
        assert (score.n_notes, score.remarks) == (1, ())


@pytest.mark.parametrize("before", [b"\r\n", bytes(128), b"x" * 4000])
def test_what_stands_before_the_header_is_passed_over_and_named(before):
    data = midi_file(chunk(*line([60])))
    score = read_midi(before + data)
    assert (score.n_notes, score.remarks) == (1, (f"{len(before)} bytes before the header passed over",))
    with pytest.raises(FormatError, match="does not begin with MThd"):
        read_midi(bytes(5000) + data)


@pytest.mark.parametrize("first", [b"", b"LIST\x0c\0\0\0INFOINAM\0\0\0\0", b"DISP\x05\0\0\0\1\0\0\0a\0"])
def test_the_data_of_a_riff_file_may_stand_anywhere_in_it(first):
    data = midi_file(chunk(*line([60])))
    inside = b"RMID" + first + b"data" + len(data).to_bytes(4, "little") + data
    score = read_midi(b"RIFF" + len(inside).to_bytes(4, "little") + inside)
    assert (score.n_notes, score.remarks) == (1, ())


def test_no_group_is_repeated_possessively():
    # Python 3.11.0 to 3.11.4 match such a group wrongly, and read hardly any file.
    patterns = [own.pattern for own in vars(events).values() if isinstance(own, re.Pattern)]
    assert len(patterns) > 3
    assert not [own for own in patterns if re.search(rb"\)(?:[*+?]|\{[\d,]*\})\+|\(\?>", own)]


def test_runs_of_any_length_are_read():
    pitches = [60 + place % 12 for place in range(9000)]
    data = midi_file(chunk(*line(pitches, 7)))
    assert read_midi(data).tracks[0].notes["pitch"].tolist() == pitches
    assert midi_bytes(read_midi(data)) == data
