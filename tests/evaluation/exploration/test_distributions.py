"""Counts that can be worked out by hand."""

import numpy as np
import pytest

from componium.corpora.corpus import Piece
from componium.corpora.folder import FOLDER
from componium.corpora.inspection import Inspector
from componium.evaluation.exploration.distributions import DISTRIBUTIONS, AnalyzedPiece
from componium.evaluation.exploration.musical_names import NOTE_VALUES, chord_name, note_value_classes, pitch_name
from componium.evaluation.metrics.metric import Undefined
from componium.evaluation.pieces.reading import read
from componium.formats.midi import write_midi
from componium.score import Score, Tempo, Track, make_notes

BY_NAME = {own.name: own for own in DISTRIBUTIONS}


@pytest.fixture
def piece(tmp_path):
    def of(score):
        path = tmp_path / "x.mid"
        write_midi(score, path)
        [found] = Inspector(FOLDER, tmp_path).add(Piece("x.mid", "x", path))
        return AnalyzedPiece(read(found.score), found.key, found.tempo_bpm)

    return of


def counts(name, piece):
    own = BY_NAME[name]
    values = own.count(piece)
    assert values.shape == (len(own.labels),)
    return {label: value for label, value in zip(own.labels, values.tolist(), strict=True) if value}


def two_voices():
    """Three quarters of C4, then a half of E4 over a whole C3; a stroke of the drums; twice as loud at the end."""
    notes = make_notes(
        [0, 480, 960, 1440, 1440], [480, 480, 480, 960, 1920], [60, 60, 60, 64, 48], [50, 50, 50, 100, 100]
    )
    drums = make_notes([0], [60], [38], [127])
    return Score(480, (Track(notes, 40), Track(drums, is_drum=True)), (Tempo(0, 60.0), Tempo(480, 139.5)))


def test_counts_by_hand(piece):
    piece = piece(two_voices())
    assert counts("pitch", piece) == {"C3": 1, "C4": 3, "E4": 1}
    assert counts("pitch_class", piece) == {"C": 4, "E": 1}
    assert counts("duration", piece) == {"quarter": 3, "half": 1, "whole": 1}
    assert counts("velocity", piece) == {"mp (48-63)": 3, "ff (96-111)": 2, "fff (112-127)": 1}
    # Three quarters of one voice, two of both, two of the bass alone.
    assert counts("voices", piece) == {"1": 5, "2": 2}
    assert counts("instrument", piece) == {"violin": 5, "drums": 1}
    assert counts("tempo", piece) == {"120 to 139 bpm": 1}
    assert sum(counts("key", piece).values()) == 1


def test_drums_alone_have_loudness_and_tempo_but_no_pitch(piece):
    piece = piece(Score(480, (Track(make_notes([0, 480], 60, 38, 80), is_drum=True),)))
    assert counts("velocity", piece) == {"f (80-95)": 2}
    for name in ("pitch", "pitch_class", "duration", "voices", "key"):
        with pytest.raises(Undefined, match="no pitched notes"):
            counts(name, piece)


def test_music_without_beats_has_no_note_lengths_and_no_tempo(piece):
    onsets = np.cumsum(np.random.default_rng(1).integers(50, 400, 64))
    piece = piece(Score(480, (Track(make_notes(onsets, 200, 60, 80)),)))
    for name in ("duration", "tempo"):
        with pytest.raises(Undefined, match="no reliable grid"):
            counts(name, piece)
    assert counts("pitch", piece) == {"C4": 64}


def test_transposing_rolls_the_note_names_and_nothing_else(piece):
    rng = np.random.default_rng(2)
    pitch = rng.integers(40, 80, 64)
    scores = [Score(480, (Track(make_notes(np.arange(64) * 240, 240, pitch + shift, 80)),)) for shift in (0, 5)]
    low, high = (piece(score) for score in scores)
    for name in ("duration", "velocity", "voices", "instrument", "tempo"):
        assert counts(name, low) == counts(name, high)
    for name, shift in (("pitch", 5), ("pitch_class", 5)):
        assert np.array_equal(np.roll(BY_NAME[name].count(low), shift), BY_NAME[name].count(high))


def test_names():
    assert [pitch_name(pitch) for pitch in (0, 21, 60, 61, 127)] == ["C-1", "A0", "C4", "C#4", "G9"]
    assert [chord_name(chord) for chord in (0, 9, 21, 13)] == ["C", "A", "Am", "C#m"]


def test_a_note_value_is_its_own_class_also_when_played_a_little_shorter():
    quarters = np.array([quarters for quarters, _ in NOTE_VALUES])
    assert note_value_classes(quarters).tolist() == list(range(len(NOTE_VALUES)))
    assert note_value_classes(0.95 * quarters).tolist() == list(range(len(NOTE_VALUES)))
    assert note_value_classes(np.array([0.0, 100.0])).tolist() == [0, len(NOTE_VALUES) - 1]
