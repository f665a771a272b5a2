"""Beside other programs, run here and now, where they compute what we do.

* MusPy 0.5.0: what ``fixtures/muspy_metrics.py`` says it computes, and our own figures where its definition is
  the same. Not the same:
  its groove counts ticks, not sixteenths, its empty measures one behind the last, its pitch range is that of the whole
  piece and not of 8 bars (so both agree up to there).
* pypianoroll 1.0.4: pitches, their range, the share of steps with many of them. Its chroma groups ten neighboring
  pitches, so that all that stands on it (pitch classes, rate in scale, tonal distance) is wrong; its qualified notes
  pair beginnings and ends of different pitches; its empty beats are the others.
* music21: the key by the profiles of Krumhansl and Kessler, which we use. Its usual method has other weights.

mir_eval compares estimates with annotations; it judges beats in ``tests/score/beat_tracking``.
"""

import muspy
import numpy as np
import pypianoroll
import pytest
from fixtures.music import tune
from fixtures.muspy_metrics import muspy_groove_consistency, muspy_polyphony_rate, muspy_scale_consistency
from music21 import note, stream
from music21.analysis import discrete

from componium.evaluation.metrics import METRICS, measure
from componium.evaluation.metrics.melody import entropy_bits
from componium.evaluation.pieces.reading import read
from componium.formats.midi import write_midi
from componium.score import Score, Track, excerpt, make_notes
from componium.score.harmony.keys import Key, estimate_key

METRIC = {metric.name: metric for metric in METRICS}


def chromatic(seed):
    """Overlapping notes of any pitch in eight bars of 4/4, no two on one pitch at once, at 24 ticks a quarter."""
    rng = np.random.default_rng(seed)
    pitches = rng.choice(np.arange(30, 100), 120)
    free = dict.fromkeys(pitches.tolist(), 0)
    rows = []
    for onset, pitch in zip(np.sort(rng.integers(0, 128, 120) * 6).tolist(), pitches.tolist(), strict=True):
        if onset >= free[pitch]:
            duration = int(rng.integers(1, 12)) * 6
            free[pitch] = onset + duration
            rows.append((onset, duration, pitch))
    return Score(24, (Track(make_notes(*np.array(rows).T, 80)),))


PIECES = {
    **{f"tune {seed}": excerpt(tune(seed), 0, 8) for seed in range(6)},
    **{f"chromatic {seed}": chromatic(seed) for seed in range(3)},
}
over_pieces = pytest.mark.parametrize("score", PIECES.values(), ids=PIECES)


def own(name, score):
    return measure(METRIC[name], read(score)).value


def pitched(score):
    return np.concatenate([track.notes for track in score.tracks if not track.is_drum])


@pytest.fixture
def muspys(score, tmp_path):
    write_midi(score, tmp_path / "x.mid")
    return muspy.read_midi(tmp_path / "x.mid")


@over_pieces
class TestMusPy:
    def test_what_it_computes_in_its_own_way(self, score, muspys):
        bar = score.ticks_per_quarter * score.time_signatures[0].numerator
        assert muspys.resolution == score.ticks_per_quarter
        for threshold in (1, 2, 3):
            rate = muspy.polyphony_rate(muspys, threshold)
            assert muspy_polyphony_rate(score, threshold) == pytest.approx(rate, abs=1e-12)
        assert muspy_scale_consistency(score) == pytest.approx(muspy.scale_consistency(muspys), abs=1e-12)
        groove = muspy.groove_consistency(muspys, bar)
        assert muspy_groove_consistency(score, bar) == pytest.approx(groove, abs=1e-12)

    def test_what_it_computes_as_we_do(self, score, muspys):
        assert own("polyphony", score) == pytest.approx(muspy.polyphony(muspys), abs=1e-12)
        assert own("pitch_range", score) == muspy.pitch_range(muspys)
        counts = np.bincount(pitched(score)["pitch"] % 12, minlength=12).astype(float)
        assert entropy_bits(counts) == pytest.approx(muspy.pitch_class_entropy(muspys), abs=1e-12)

    def test_a_harmonic_minor_scale_is_all_that_it_lacks(self, score, muspys):
        theirs = muspy.scale_consistency(muspys)
        assert own("scale_consistency", score) >= theirs - 1e-12
        counts = np.bincount(pitched(score)["pitch"] % 12, minlength=12)
        harmonic = max(counts[[(root + step) % 12 for step in (0, 2, 3, 5, 7, 8, 11)]].sum() for root in range(12))
        assert own("scale_consistency", score) == pytest.approx(max(theirs, harmonic / counts.sum()), abs=1e-12)


def roll_of(score, steps_per_quarter=24):
    notes = pitched(score)
    onset, end = (
        np.rint(ticks * steps_per_quarter / score.ticks_per_quarter).astype(int)
        for ticks in (notes["onset"], notes["onset"] + notes["duration"])
    )
    roll = np.zeros((end.max(), 128), bool)
    for first, last, pitch in zip(onset, end, notes["pitch"], strict=True):
        roll[first:last, pitch] = True
    return roll


@over_pieces
def test_pypianorolls_figures(score):
    without_drums = Score(
        score.ticks_per_quarter, tuple(track for track in score.tracks if not track.is_drum), score.tempos
    )
    roll = roll_of(score)
    assert pypianoroll.n_pitches_used(roll) == len(np.unique(pitched(score)["pitch"]))
    assert pypianoroll.pitch_range(roll) == own("pitch_range", score)
    for threshold in (1, 2, 3):
        rate = pypianoroll.polyphonic_rate(roll, threshold)
        assert muspy_polyphony_rate(without_drums, threshold) == pytest.approx(rate, abs=1e-12)


def test_pypianorolls_chroma_is_none():
    # One pitch class in three octaves; and twelve pitch classes of which it sees the tens alone.
    octaves = Score(24, (Track(make_notes([0, 24, 48], 24, [60, 72, 84], 80)),))
    assert own("pitch_class_entropy", octaves) == 0.0
    assert pypianoroll.n_pitch_classes_used(roll_of(octaves).astype(np.uint8)) == 3


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("semitones", [0, 5])
def test_keys_are_music21s(seed, semitones):
    notes, music = [], stream.Stream()
    for onset, duration, pitch, _ in pitched(tune(seed)).tolist():
        notes.append((onset, duration, pitch + semitones))
        music.insert(onset / 480, note.Note(pitch + semitones, quarterLength=duration / 480))
    theirs = discrete.KrumhanslKessler().getSolution(music)
    score = Score(480, (Track(make_notes(*np.array(notes).T, 80)),))
    assert estimate_key(score) == Key(theirs.tonic.pitchClass, theirs.mode == "minor")
