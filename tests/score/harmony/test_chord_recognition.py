import dataclasses

import numpy as np
import pytest
from fixtures.music import tune

from componium.score import Score, TimeSignature, Track, make_notes
from componium.score.harmony.chord_recognition import recognize_chords
from componium.score.harmony.chord_symbols import parse_chord
from componium.score.harmony.chords import NO_CHORD, QUALITIES, Chord, transpose_chords

TICKS = 480
PROGRESSION = ("C", "Am7", "Dm", "G7")


def numbers(*symbols):
    return [parse_chord(symbol).number for symbol in symbols]


def track(rows, *, is_drum=False):
    """Rows of onset and duration in quarters, and pitch."""
    onset, duration, pitch = np.array(rows, float).T
    notes = make_notes((onset * TICKS).astype(int), (duration * TICKS).astype(int), pitch.astype(int), 80)
    return Track(notes, 0, is_drum)


def block(chord, bar, *, beats=4):
    """A chord over its root, held for a bar."""
    steps = QUALITIES[chord.quality][1]
    return [(bar * beats, beats, 36 + chord.root), *((bar * beats, beats, 60 + chord.root + step) for step in steps)]


def arpeggio(chord, bar):
    """Its root held, its notes broken in eighths."""
    steps = QUALITIES[chord.quality][1]
    broken = [(bar * 4 + i / 2, 0.5, 60 + chord.root + steps[i % len(steps)]) for i in range(8)]
    return [(bar * 4, 4, 36 + chord.root), *broken]


def laid(write, symbols):
    return Score(TICKS, (track([row for bar, s in enumerate(symbols) for row in write(parse_chord(s), bar)]),))


def bars(symbols):
    return np.repeat(numbers(*symbols), 4).tolist()


@pytest.mark.parametrize("quality", range(len(QUALITIES)), ids=[name for name, _, _ in QUALITIES])
def test_a_chord_over_its_root_is_found_in_every_key(quality):
    for root in range(12):
        chord = Chord(root, quality, QUALITIES[quality][1], root)
        score = Score(TICKS, (track([row for bar in range(2) for row in block(chord, bar)]),))
        assert recognize_chords(score).tolist() == [chord.number] * 8


@pytest.mark.parametrize("write", [block, arpeggio])
def test_a_progression_is_found_quarter_by_quarter(write):
    found = recognize_chords(laid(write, PROGRESSION))
    assert found.tolist() == bars(PROGRESSION)
    assert found.dtype == np.int16


def test_passing_notes_of_a_melody_change_nothing():
    score = laid(block, PROGRESSION)
    scale = [72, 74, 76, 77, 79, 81, 83, 84]
    melody = track([(i / 2, 0.5, scale[i % 8]) for i in range(32)])
    assert recognize_chords(dataclasses.replace(score, tracks=(*score.tracks, melody))).tolist() == bars(PROGRESSION)


def test_the_bass_tells_apart_what_the_same_notes_leave_open():
    # C E G A is Am7 over A and C with a sixth over C.
    notes = [(0, 4, pitch) for pitch in (60, 64, 67, 69)]
    over = [recognize_chords(Score(TICKS, (track([(0, 4, bass), *notes]),)))[0] for bass in (45, 48)]
    assert over[0] == numbers("Am7")[0]
    assert (over[1] - 1) % 12 == 0


def test_drums_do_not_count():
    score = laid(block, PROGRESSION)
    drums = track([(i / 2, 0.25, 42) for i in range(40)], is_drum=True)
    assert recognize_chords(dataclasses.replace(score, tracks=(*score.tracks, drums))).tolist() == bars(PROGRESSION)


def test_drums_only_and_nothing_have_no_quarters():
    drums = track([(0, 1, 36), (1, 1, 38)], is_drum=True)
    assert recognize_chords(Score(TICKS, (drums,))).shape == (0,)
    assert recognize_chords(Score(TICKS, ())).shape == (0,)
    assert recognize_chords(Score(TICKS, (Track(),))).shape == (0,)


def test_silence_takes_the_chord_beside_it():
    score = Score(TICKS, (track([*block(parse_chord("C"), 0), *block(parse_chord("F#m"), 3)]),))
    found = recognize_chords(score).tolist()
    c, other = numbers("C", "F#m")
    assert found[:4] == [c] * 4
    assert found[12:] == [other] * 4
    assert set(found[4:12]) <= {c, other}


def test_a_cluster_is_no_chord():
    rows = [(0, 8, 60 + step) for step in range(12)]
    assert recognize_chords(Score(TICKS, (track(rows),))).tolist() == [NO_CHORD] * 8


def test_a_quarter_counts_for_every_begun_one_of_the_piece():
    assert len(recognize_chords(Score(TICKS, (track([(0, 1, 60), (2, 0.25, 64)]),)))) == 3


def test_the_resolution_and_octaves_of_upper_voices_do_not_count():
    score = laid(arpeggio, PROGRESSION)
    notes = score.tracks[0].notes
    pitch = np.where(notes["pitch"] >= 60, notes["pitch"] + 12, notes["pitch"])
    finer = make_notes(notes["onset"] * 2, notes["duration"] * 2, pitch, 80)
    assert recognize_chords(Score(2 * TICKS, (Track(finer),))).tolist() == bars(PROGRESSION)


def test_changes_are_expected_on_bar_lines():
    def with_a_foreign_quarter(at):
        foreign = [(at, 1, pitch) for pitch in (36, 65, 69, 77, 81)]
        usual = [(quarter, 1, pitch) for quarter in range(9) if quarter != at for pitch in (36, 60, 64, 67)]
        waltz = (TimeSignature(0, 3, 4),)
        return recognize_chords(Score(TICKS, (track([*foreign, *usual]),), time_signatures=waltz)).tolist()

    c, f = numbers("C", "F")
    # F over C: as C it holds 0.2 - 0.8 + 0.5, as F 1, and the way there and back costs 1.05 with a bar line, else 1.5.
    assert with_a_foreign_quarter(3) == [c] * 3 + [f] + [c] * 5
    assert with_a_foreign_quarter(4) == [c] * 9


@pytest.mark.parametrize("seed", range(12))
def test_transposed_music_has_transposed_chords(seed):
    score = tune(seed)
    plain = recognize_chords(score)
    assert len(np.unique(plain)) > 2
    for semitones in (-5, 1, 4):
        moved = tuple(
            own
            if own.is_drum
            else dataclasses.replace(
                own, notes=make_notes(n["onset"], n["duration"], n["pitch"].astype(int) + semitones, n["velocity"])
            )
            for own in score.tracks
            for n in [own.notes]
        )
        found = recognize_chords(dataclasses.replace(score, tracks=moved))
        assert (found == transpose_chords(plain, semitones)).mean() > 0.97
