import numpy as np
import pytest

from componium.corpora.catalogue.piano.pop909 import POP909, TICKS_PER_QUARTER
from componium.errors import FormatError
from componium.formats.midi import write_midi
from componium.score import Score, Tempo, TempoMap, Track, make_notes

# A song at 100 bpm whose beats fall 0.37 s after its ticks' beats, with a pickup of one beat and a bar of 2/4.
BEAT = 0.6
FIRST = 0.37
DOWNBEATS = (1, 5, 7, 11)
N_BEATS = 16


def _song(folder, name="001", beats=None, chords="0.97\t3.37\tC:maj\n3.37\t4.57\tG:7\n"):
    performed = Score(480, tempos=(Tempo(0, 120.0),))
    tempo_map = TempoMap(performed)
    # One note on each beat, and one on the sixteenth after it.
    seconds = np.repeat(FIRST + BEAT * np.arange(N_BEATS), 2) + np.tile([0, BEAT / 4], N_BEATS)
    onset = np.rint(tempo_map.ticks(seconds)).astype(int)
    notes = make_notes(onset, 100, 60 + np.arange(len(onset)) % 12, 80)
    folder.mkdir(parents=True, exist_ok=True)
    write_midi(Score(480, (Track(notes, name="MELODY"),)), folder / f"{name}.mid")
    beside = folder / "annotations" / name
    beside.mkdir(parents=True, exist_ok=True)
    if beats is None:
        rows = [(FIRST + BEAT * i, i % 2 == 0, i in DOWNBEATS) for i in range(N_BEATS)]
        beats = "\n".join(f"{time} {float(even)} {float(down)}" for time, even, down in rows)
    (beside / "beat_midi.txt").write_text(beats)
    (beside / "chord_midi.txt").write_text(chords)
    return folder


def test_notes_are_put_on_the_annotated_beats(tmp_path):
    [piece] = POP909.find(_song(tmp_path / "pop"))
    score = POP909.read(piece)
    melody = score.tracks[0]
    # The pickup beat is the last of a bar, so that the first note stands on beat 4 of bar 1.
    beats = melody.notes["onset"] / TICKS_PER_QUARTER
    assert np.allclose(beats[::2], 3 + np.arange(N_BEATS), atol=0.01)
    assert np.allclose(beats[1::2], 3.25 + np.arange(N_BEATS), atol=0.01)
    assert [track.name for track in score.tracks] == ["melody"]


def test_meter_tempo_and_chords_follow_the_annotations(tmp_path):
    [piece] = POP909.find(_song(tmp_path / "pop"))
    score = POP909.read(piece)
    quarters = [(m.onset // TICKS_PER_QUARTER, m.numerator) for m in score.time_signatures]
    assert quarters == [(0, 4), (8, 2), (10, 4)]
    assert [round(tempo.tempo_bpm, 3) for tempo in score.tempos] == [100.0]
    assert [(c.onset / TICKS_PER_QUARTER, c.duration / TICKS_PER_QUARTER, c.label) for c in score.chords] == [
        (4.0, 4.0, "C:maj"),
        (8.0, 2.0, "G:7"),
    ]


def test_the_distributed_layout_and_a_flat_one_name_equal_works(tmp_path):
    _song(tmp_path / "flat")
    nested = tmp_path / "nested" / "001"
    _song(nested)
    for path in (nested / "annotations" / "001").iterdir():
        path.rename(nested / path.name)
    (nested / "versions").mkdir()
    (nested / "versions" / "001-v1.mid").write_bytes(b"")
    flat, distributed = (POP909.find(tmp_path / name) for name in ("flat", "nested"))
    assert [piece.work for piece in flat] == [piece.work for piece in distributed] == ["pop909/001"]
    first, second = (POP909.read(pieces[0]).tracks[0].notes.tolist() for pieces in (flat, distributed))
    assert first == second


@pytest.mark.parametrize(
    ("beats", "chords", "complaint"),
    [
        ("0.5 1 1\n", None, "two or more rising beats"),
        ("0.5 1 1\n0.4 0 0\n", None, "two or more rising beats"),
        ("0.5 1\n0.6 1\n", None, "beat_midi.txt"),
        ("once upon a time\n", None, "not a table of numbers"),
        (None, "1.0\tC:maj\n", "not a list of 'start end label'"),
        (None, "a\tb\tC:maj\n", "not a list of 'start end label'"),
    ],
)
def test_damaged_annotations_are_said(tmp_path, beats, chords, complaint):
    extra = {} if chords is None else {"chords": chords}
    [piece] = POP909.find(_song(tmp_path, beats=beats, **extra))
    with pytest.raises(FormatError, match=complaint):
        POP909.read(piece)


def test_a_missing_annotation_is_said(tmp_path):
    _song(tmp_path)
    (tmp_path / "annotations" / "001" / "beat_midi.txt").unlink()
    [piece] = POP909.find(tmp_path)
    with pytest.raises(FormatError, match=r"beat_midi\.txt is missing"):
        POP909.read(piece)
