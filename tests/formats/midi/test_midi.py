import io

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import scores

from componium.errors import FormatError
from componium.formats.midi import midi_bytes, read_midi, write_midi
from componium.score import Score, Track, make_notes
from componium.score.notes import make_pedals, sustained
from componium.score.score import PITCH_BEND_DTYPE


def _file(*messages, ticks_per_beat=480, midi_type=1):
    file = mido.MidiFile(type=midi_type, ticks_per_beat=ticks_per_beat)
    track = mido.MidiTrack(messages)
    file.tracks.append(track)
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


@given(scores())
def test_writing_then_reading_keeps_every_note(score):
    back = read_midi(midi_bytes(score))
    assert back.ticks_per_quarter == score.ticks_per_quarter
    assert len(back.tracks) == len(score.tracks)
    for got, track in zip(back.tracks, score.tracks, strict=True):
        assert got.notes.tolist() == track.notes.tolist()
        assert got.is_drum == track.is_drum
        assert got.is_drum or got.program == track.program
    assert back.time_signatures == score.time_signatures
    assert back.key_signatures == score.key_signatures
    assert [t.onset for t in back.tempos] == [t.onset for t in score.tempos]
    assert np.allclose([t.tempo_bpm for t in back.tempos], [t.tempo_bpm for t in score.tempos], rtol=1e-4)


@given(scores())
def test_equal_scores_give_equal_bytes_and_another_library_reads_them(score):
    data = midi_bytes(score)
    assert data == midi_bytes(score)
    messages = [m for track in mido.MidiFile(file=io.BytesIO(data)).tracks for m in track]
    assert sum(m.type == "note_on" and m.velocity > 0 for m in messages) == score.n_notes


def test_pitch_bends_and_texts_are_kept():
    bends = np.array([(0, -8192), (10, 0), (20, 8191)], PITCH_BEND_DTYPE)
    score = Score(480, (Track(make_notes([0], 30, 60, 64), 40, pitch_bends=bends),), texts=('{"a": "ä"}',))
    back = read_midi(midi_bytes(score))
    assert back.tracks[0].pitch_bends.tolist() == bends.tolist()
    assert back.texts == score.texts


@given(st.binary(max_size=200))
def test_any_bytes_give_a_score_or_a_format_error(data):
    for attempt in (data, b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk" + data):
        try:
            assert isinstance(read_midi(attempt), Score)
        except FormatError as error:
            assert "\n" not in str(error)


@given(scores(), st.data())
def test_a_damaged_file_gives_a_score_or_a_format_error(score, data):
    content = bytearray(midi_bytes(score))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        assert isinstance(read_midi(bytes(content[:cut])), Score)
    except FormatError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "the file is empty"), (b"hello, I am text", "does not begin with MThd"), (b"MThd\0\0", "not a readable")],
)
def test_what_is_no_midi_file_is_said(data, reason, tmp_path):
    with pytest.raises(FormatError, match=reason):
        read_midi(data)
    path = tmp_path / "x.mid"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=f"x.mid: .*{reason}"):
        read_midi(path)


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    with pytest.raises(FormatError, match=r"nothing\.mid: cannot be read \(No such file"):
        read_midi(tmp_path / "nothing.mid")
    with pytest.raises(FormatError, match="cannot be read"):
        read_midi(tmp_path)
    with pytest.raises(FormatError, match="cannot be written"):
        write_midi(Score(480), tmp_path / "no" / "x.mid")


@pytest.mark.parametrize("midi_type", [0, 1, 2])
def test_all_types_of_file(midi_type):
    data = _file(
        mido.Message("note_on", note=60, velocity=70, time=10),
        mido.Message("note_on", note=60, velocity=0, time=20),
        midi_type=midi_type,
    )
    assert read_midi(data).tracks[0].notes.tolist() == [(10, 20, 60, 70)]


def test_defaults_are_120_bpm_and_4_4():
    score = read_midi(_file(mido.Message("note_on", note=60, time=0), mido.Message("note_off", note=60, time=5)))
    assert (score.tempos[0].tempo_bpm, score.time_signatures[0][1:]) == (120.0, (4, 4))


def test_of_two_tempos_on_one_tick_the_last_counts():
    data = _file(
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(60)),
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90)),
        mido.Message("note_on", note=60),
        mido.Message("note_off", note=60, time=5),
    )
    assert [round(t.tempo_bpm) for t in read_midi(data).tempos] == [90]


def test_drums_are_channel_ten():
    data = _file(mido.Message("note_on", channel=9, note=36), mido.Message("note_off", channel=9, note=36, time=5))
    assert read_midi(data).tracks[0].is_drum


def test_the_pedal_holds_notes_until_it_is_lifted_or_the_key_is_struck_again():
    pedal = lambda value, time: mido.Message("control_change", control=64, value=value, time=time)  # noqa: E731
    on = lambda note, time: mido.Message("note_on", note=note, time=time)  # noqa: E731
    off = lambda note, time: mido.Message("note_off", note=note, time=time)  # noqa: E731
    data = _file(
        on(60, 0), pedal(127, 50), off(60, 50),  # held, until struck again at 200
        on(60, 100), off(60, 100),  # held, until the pedal is lifted at 400
        pedal(0, 100), on(72, 0), off(72, 30),  # not held
    )  # fmt: skip
    dry, held = (read_midi(data, sustain=sustain).tracks[0].notes for sustain in (False, True))
    assert dry["duration"].tolist() == [100, 100, 30]
    assert held["onset"].tolist() == [0, 200, 400]
    assert held["duration"].tolist() == [200, 200, 30]


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 200), st.integers(60, 62)), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 200)), max_size=5),
)
def test_the_pedal_never_shortens(notes, pedals):
    onset, duration, pitch = np.array(notes).T
    pedal = np.array(pedals, np.int64).reshape(-1, 2)
    held = sustained(onset, duration, pitch, pedal[:, 0], pedal[:, 1])
    assert (held >= duration).all()
    ends = [o + d for o, d in pedals]
    assert (onset + held <= np.maximum(onset + duration, max(ends, default=0))).all()


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 900)), max_size=12))
def test_the_pedal_is_written_as_its_controller_and_comes_back(pressed):
    pedals = make_pedals(*np.array(pressed, np.int64).reshape(-1, 2).T)
    data = midi_bytes(Score(480, (Track(make_notes([0], [4000], [60], [64]), pedals=pedals),)))
    assert read_midi(data).tracks[0].pedals.tolist() == pedals.tolist()
    sent = [m for m in mido.MidiFile(file=io.BytesIO(data)).tracks[-1] if m.type == "control_change"]
    assert [(m.control, m.value) for m in sent] == [(64, 127), (64, 0)] * len(pedals)
