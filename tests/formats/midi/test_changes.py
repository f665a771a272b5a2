"""A score is written as the file that it was read from, with what has changed since."""

from dataclasses import replace

import numpy as np
import pytest
from fixtures.midi_files import bend, chunk, control, events_of, line, meta, midi_file, off, on, program
from hypothesis import given
from hypothesis import strategies as st

from componium.formats.midi import midi_bytes, read_midi
from componium.score import KeySignature, Tempo, TimeSignature, Track, excerpt, make_notes
from componium.score.notes import make_pedals

DATA = st.integers(0, 127)
CHANNEL = st.integers(0, 15)
TWO_DATA_BYTES = (0x80, 0x90, 0xA0, 0xB0, 0xE0)
MESSAGES = st.one_of(
    st.builds(lambda kind, c, a, b: bytes((kind | c, a, b)), st.sampled_from(TWO_DATA_BYTES), CHANNEL, DATA, DATA),
    st.builds(lambda kind, c, a: bytes((kind | c, a)), st.sampled_from((0xC0, 0xD0)), CHANNEL, DATA),
    st.builds(lambda kind, text: meta(kind, text)[1], st.integers(1, 9), st.binary(max_size=5)),
    st.builds(lambda text: b"\xf0" + bytes((len(text) + 1,)) + bytes(text) + b"\xf7", st.lists(DATA, max_size=4)),
    st.sampled_from([meta(0x51, b"\7\xa1\x20")[1], meta(0x58, b"\3\2\x18\x08")[1], meta(0x59, b"\xfd\1")[1]]),
)  # fmt: skip
CHUNKS = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 300), MESSAGES), max_size=25), st.integers(0, 200)),
    min_size=1,
    max_size=3,
)


@given(CHUNKS, st.sampled_from((1, 2)), st.sampled_from((1, 96, 480)))
def test_any_events_come_back_as_they_were(chunks, midi_type, division):
    data = midi_file(*(chunk(*events, end=end) for events, end in chunks), midi_type=midi_type, division=division)
    written = midi_bytes(read_midi(data))
    assert events_of(written) == events_of(data)
    assert midi_bytes(read_midi(written)) == written


@given(CHUNKS)
def test_notes_that_are_taken_out_and_put_back_are_the_same_notes(chunks):
    score = read_midi(midi_file(*(chunk(*events, end=end) for events, end in chunks)))
    fewer = replace(score, tracks=tuple(replace(track, notes=track.notes[::2]) for track in score.tracks))
    back = read_midi(midi_bytes(fewer))
    kept = [track.notes.tolist() for track in fewer.tracks if len(track.notes)]
    assert [track.notes.tolist() for track in back.tracks] == kept


SONG = midi_file(
    chunk(meta(3, b"Song"), meta(0x51, b"\x09\x27\xc0"), meta(6, b"verse"), meta(0x51, b"\7\xa1\x20", 960)),
    chunk(meta(3, b"Lead"), control(7, 40), program(73), meta(5, b"la"), *line([60, 62, 64])),
    chunk(
        meta(3, b"Bass"), program(38, 0, 1), bend(300, 0, 1), control(64, 50, 0, 1), *line([40, 41], channel=1), end=77
    ),
    chunk(meta(3, b"Kit"), *line([36, 38], 240, 9)),
)  # fmt: skip


def edited(edit, place=1):
    """The events of the song before and after one of its tracks is edited."""
    score = read_midi(SONG)
    tracks = list(score.tracks)
    tracks[place - 1] = edit(tracks[place - 1])
    return events_of(SONG)[2], events_of(midi_bytes(replace(score, tracks=tuple(tracks))))[2]


def only_new(before, after):
    return sorted(set(after) - set(before)), sorted(set(before) - set(after))


def test_type_and_chunks_of_one_chunk_stay():
    data = midi_file(chunk(program(3), *line([60]), program(4, 0, 1), *line([62], channel=1)), midi_type=0)
    assert events_of(midi_bytes(read_midi(data))) == events_of(data)
    assert midi_bytes(read_midi(data))[8:12] == b"\0\0\0\1"


def test_new_notes_are_added_and_all_else_stays():
    new = make_notes([100], [50], [90], [33])

    def edit(track):
        columns = (
            np.concatenate((track.notes[name], new[name])) for name in ("onset", "duration", "pitch", "velocity")
        )
        return replace(track, notes=make_notes(*columns))

    before, after = edited(edit)
    assert after[:1] + after[2:] == before[:1] + before[2:]
    assert only_new(before[1], after[1]) == ([(100, b"\x90\x5a\x21"), (150, b"\x80\x5a\x21")], [])


def test_notes_that_are_gone_take_their_events_along():
    before, after = edited(lambda track: replace(track, notes=track.notes[1:]))
    assert only_new(before[1], after[1]) == ([], [(0, b"\x90\x3c\x50"), (480, b"\x80\x3c\x11")])


@pytest.mark.parametrize(
    ("change", "new", "gone"),
    [
        ({"name": "Flöte"}, [(0, meta(3, "Flöte".encode())[1])], [(0, meta(3, b"Lead")[1])]),
        ({"program": 5}, [(0, b"\xc0\x05")], [(0, b"\xc0\x49")]),
        ({"pedals": make_pedals([10], [20])}, [(10, b"\xb0\x40\x7f"), (30, b"\xb0\x40\x00")], []),
    ],
)
def test_what_is_replaced_is_written_alone(change, new, gone):
    before, after = edited(lambda track: replace(track, **change))
    assert after[:1] + after[2:] == before[:1] + before[2:]
    assert only_new(before[1], after[1]) == (new, gone)


def test_bends_are_replaced_as_a_whole():
    before, after = edited(lambda track: replace(track, pitch_bends=track.pitch_bends[:0]), 2)
    assert only_new(before[2], after[2]) == ([], [(0, bend(300, 0, 1)[1])])


def test_pedals_of_the_file_keep_their_values_beside_new_ones():
    data = midi_file(chunk(control(64, 80), control(64, 3, 100), *line([60, 62])))
    score = read_midi(data)
    [track] = score.tracks
    more = replace(track, pedals=make_pedals([0, 200], [100, 50]))
    events = events_of(midi_bytes(replace(score, tracks=(more,))))[2][0]
    assert [event for event in events if event[1][:2] == b"\xb0\x40"] == [
        (0, b"\xb0\x40\x50"), (100, b"\xb0\x40\x03"), (200, b"\xb0\x40\x7f"), (250, b"\xb0\x40\x00")
    ]  # fmt: skip


def test_a_track_that_is_gone_takes_its_channel_along():
    score = read_midi(SONG)
    _, _, tracks = events_of(midi_bytes(replace(score, tracks=score.tracks[1:])))
    before = events_of(SONG)[2]
    assert tracks == [before[0], *before[2:]]


def test_a_track_that_conducts_leaves_that_behind():
    data = midi_file(chunk(meta(3, b"a"), meta(0x51, b"\7\0\0"), *line([60])), chunk(*line([62], channel=1)))
    score = read_midi(data)
    _, _, [first, second] = events_of(midi_bytes(replace(score, tracks=score.tracks[1:])))
    assert [content for _, content in first] == [meta(0x51, b"\7\0\0")[1], b"\xff\x2f\0"]
    assert second == events_of(data)[2][1]


def test_a_new_track_gets_a_chunk_and_a_channel_of_its_own():
    score = read_midi(SONG)
    new = Track(make_notes([0], [9], [70], [64]), 12, name="bells")
    written = midi_bytes(replace(score, tracks=(*score.tracks, new)))
    _, _, tracks = events_of(written)
    assert tracks[:4] == events_of(SONG)[2]
    assert (0, b"\xc2\x0c") in tracks[4]
    assert [track.name for track in read_midi(written).tracks] == ["Lead", "Bass", "Kit", "bells"]


def test_a_track_that_shares_its_chunk_can_be_renamed():
    data = midi_file(chunk(meta(3, b"all"), *line([60]), *line([62], channel=1)), midi_type=0)
    score = read_midi(data)
    renamed = replace(score, tracks=(score.tracks[0], replace(score.tracks[1], name="mine")))
    back = read_midi(midi_bytes(renamed))
    assert [(track.name, track.notes.tolist()) for track in back.tracks] == [
        ("all", score.tracks[0].notes.tolist()), ("mine", score.tracks[1].notes.tolist())
    ]  # fmt: skip


def test_new_notes_sound_with_the_program_of_their_track():
    # One channel changes its program; the note of the first program is struck when the second is in force.
    data = midi_file(chunk(program(5), *line([60]), program(7), *line([62]), *line([64], 480)))
    score = read_midi(data)
    first, second = score.tracks
    late = make_notes([0, 480], [480, 100], [60, 70], [80, 64])
    back = read_midi(midi_bytes(replace(score, tracks=(replace(first, notes=late), second))))
    assert [(track.program, track.notes.tolist()) for track in back.tracks] == [
        (5, late.tolist()), (7, second.notes.tolist())
    ]  # fmt: skip


def test_hanging_notes_keep_their_length_when_notes_join_them():
    score = read_midi(midi_file(chunk(on(60), end=100)))
    [track] = score.tracks
    longer = replace(track, notes=make_notes([0, 50], [100, 400], [60, 62], [80, 80]))
    [back] = read_midi(midi_bytes(replace(score, tracks=(longer,)))).tracks
    assert back.notes.tolist() == longer.notes.tolist()


def test_a_stray_note_off_cuts_no_new_note():
    score = read_midi(midi_file(chunk(off(62, 50), *line([60]))))
    [track] = score.tracks
    longer = replace(track, notes=make_notes([0, 50], [100, 480], [62, 60], [64, 80]))
    [back] = read_midi(midi_bytes(replace(score, tracks=(longer,)))).tracks
    assert back.notes.tolist() == longer.notes.tolist()


def test_maps_of_the_piece_are_replaced_each_alone():
    score = read_midi(SONG)
    changed = replace(
        score, tempos=(Tempo(0, 60.0), Tempo(7, 80.0)), time_signatures=(TimeSignature(0, 3, 4),),
        key_signatures=(KeySignature(0, 2, is_minor=False),),
    )  # fmt: skip
    _, _, tracks = events_of(midi_bytes(changed))
    assert tracks[1:] == events_of(SONG)[2][1:]
    back = read_midi(midi_bytes(changed))
    assert (back.tempos, back.time_signatures, back.key_signatures) == (
        changed.tempos, changed.time_signatures, changed.key_signatures,
    )  # fmt: skip
    assert back.texts == ("verse",)


def test_texts_come_and_go():
    score = read_midi(SONG)
    assert read_midi(midi_bytes(replace(score, texts=("mine",)))).texts == ("mine",)
    assert read_midi(midi_bytes(replace(score, texts=()))).texts == ()
    plays_first = midi_file(chunk(*line([60])))
    written = midi_bytes(replace(read_midi(plays_first), texts=("mine",)))
    # The chunk of a track that plays stays as it is.
    assert events_of(written)[2][0] == events_of(plays_first)[2][0]
    assert read_midi(written).texts == ("mine",)


def test_other_ticks_leave_the_source_behind():
    score = read_midi(SONG)
    other = replace(score, ticks_per_quarter=960)
    assert [track.notes.tolist() for track in read_midi(midi_bytes(other)).tracks] == [
        track.notes.tolist() for track in score.tracks
    ]
    cut = excerpt(read_midi(midi_file(chunk(*line([60] * 8)))), 1, 1)
    assert read_midi(midi_bytes(cut)).tracks[0].notes.tolist() == cut.tracks[0].notes.tolist()


def test_a_track_of_another_file_is_a_new_track():
    score, other = read_midi(SONG), read_midi(midi_file(chunk(program(9), *line([50]))))
    back = read_midi(midi_bytes(replace(score, tracks=(*score.tracks[:1], *other.tracks))))
    assert [(track.program, len(track.notes)) for track in back.tracks] == [(73, 3), (9, 1)]
