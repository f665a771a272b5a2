"""The F-measure of the benchmark, and what the tracker finds, beside mir_eval, which judges beats independently."""

import importlib
from pathlib import Path

import mir_eval
import numpy as np
import pytest
from fixtures.played import played

from componium.score import TempoMap
from componium.score.beat_tracking import track_beats

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def f_measure(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("beat_tracking").f_measure


@pytest.mark.parametrize("seed", range(60))
def test_the_f_measure_is_that_of_mir_eval(f_measure, seed):
    """Of beats that were moved, left out, doubled, and shifted to beside the limit of 70 ms."""
    rng = np.random.default_rng(seed)
    reference = np.cumsum(rng.uniform(0.04, 0.9, rng.integers(1, 60)))
    found = reference + rng.normal(0, rng.choice([0.01, 0.06, 0.2]), len(reference))
    found = np.concatenate((found[rng.random(len(found)) < 0.8], rng.uniform(0, 40, rng.integers(0, 12))))
    found = np.sort(np.append(found, reference[: len(reference) // 3] + rng.choice([0.0699, 0.0701])))
    expected = mir_eval.beat.f_measure(reference, found, f_measure_threshold=0.07)
    assert f_measure(reference, found) == pytest.approx(expected, abs=1e-12)
    assert f_measure(reference, reference[:0]) == 0


@pytest.mark.parametrize("seed", range(6))
def test_tracked_beats_of_a_performance_are_right_by_mir_eval(seed):
    score = played(seed, 96)
    # A beat is where the bass, or else the chord, begins: three notes at once.
    onset = TempoMap(score).seconds(score.tracks[0].notes["onset"])
    gaps = np.append(np.inf, np.diff(onset))
    starts = np.flatnonzero(gaps > 0.03)
    sizes = np.diff(np.append(starts, len(onset)))
    beats = np.array(
        [onset[start : start + size].mean() for start, size in zip(starts, sizes, strict=True) if size > 2]
    )
    assert len(beats) == 96
    track = track_beats(score)
    assert mir_eval.beat.f_measure(beats, track.beats) > 0.97
    assert mir_eval.beat.cemgil(beats, track.beats)[0] > 0.9
    assert mir_eval.beat.f_measure(beats[::4], track.downbeats) > 0.9
