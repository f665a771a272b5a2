"""Sets of four voices that were spoiled in one respect: the metric that names it raises the alarm."""

from dataclasses import replace

import numpy as np
import pytest

from componium.evaluation.metrics import METRICS, SET_METRICS, measure
from componium.evaluation.pieces.figures import measure_piece
from componium.evaluation.pieces.reading import read
from componium.evaluation.sets import sample_comparison
from componium.evaluation.sets.measured_set import MeasuredSet
from componium.evaluation.sets.reference_copies import originals_of, reference_copies
from componium.evaluation.sets.set_comparison import ALARM, compare_sets
from componium.score import Score, Track, make_notes

N_PIECES, N_BARS = 30, 16
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])
BY_NAME = {metric.name: metric for metric in SET_METRICS}


def choir(seed):
    """Four voices of half notes as an array (voices, moments) of pitches; a phrase of eight bars, twice."""
    rng = np.random.default_rng(seed)
    key, degrees = int(rng.integers(-3, 4)), rng.choice([0, 1, 3, 4, 5], 2 * N_BARS // 2)
    degrees[-2:] = 4, 0
    voices = np.empty((4, len(degrees)), int)
    voices[0] = 43 + (key + SCALE[degrees] + 5) % 12
    places = np.array([55, 62, 69])
    for moment, degree in enumerate(degrees):
        chord = key + SCALE[(degree + np.array([0, 2, 4])) % 7]
        for voice in range(3):
            # To the nearest note of the chord that the voice may have: root, third and fifth in turn.
            wanted = chord[(voice + int(rng.integers(2))) % 3] if 0 < moment < len(degrees) - 1 else chord[voice]
            near = wanted + 12 * np.arange(0, 9)
            places[voice] = near[np.abs(near - (55, 62, 69)[voice]).argmin()]
        voices[1:, moment] = np.sort(places)
    whole = np.concatenate((voices, voices), axis=1)
    whole[3, rng.integers(0, whole.shape[1] - 2, 3)] += 2
    return whole


def score_of(voices, *, velocity=None, moved=0, seed=0):
    rng = np.random.default_rng(seed)
    loud = int(rng.integers(60, 100)) if velocity is None else velocity
    tracks = []
    for line in voices:
        sounds = line > 0
        onset = np.arange(len(line)) * 960
        tracks.append(Track(make_notes(onset[sounds], 960, line[sounds] + moved, loud)))
    return Score(480, tuple(tracks))


def parallel(voices):
    voices[2] = voices[3] - 7
    return voices


def hollow(voices):
    voices[1:, -1] = voices[0, -1] + np.array([12, 19, 24])
    return voices


def plagal(voices):
    voices[0, -2] = voices[0, -1] + 5
    return voices


def thin(voices):
    voices[1, ::3] = 0
    return voices


def leaping(voices):
    voices[0, 1::2] -= 12
    return voices


def wide(voices):
    voices[3, ::4] += 7
    return voices


def without_return(voices):
    half = voices.shape[1] // 2
    voices[:, half:-2] = voices[:, half:-2][:, ::-1]
    return voices


SPOILED = {
    "parallels": parallel,
    "last_chord_complete": hollow,
    "dominant_before_the_end": plagal,
    "all_voices_sounding": thin,
    "bass_leaps": leaping,
    "phrase_range": wide,
    "returns_8": without_return,
}


def set_of(scores, metrics=SET_METRICS):
    return MeasuredSet(tuple(measure_piece(f"{i:02}.mid", score, metrics) for i, score in enumerate(scores)), {})


def alarms(compared):
    found = {row.metric.name for row in compared.rows if row.p_holm < ALARM}
    return found | {figure.name for figure in compared.set_figures if figure.alarm}


@pytest.fixture(scope="module", autouse=True)
def no_intervals():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_comparison, "N_RESAMPLES", 2)
        yield


@pytest.fixture(scope="module")
def humans():
    return [score_of(choir(seed), seed=seed) for seed in range(N_PIECES)]


@pytest.fixture(scope="module")
def reference(humans):
    return set_of(humans)


def others():
    return [choir(1000 + seed) for seed in range(N_PIECES)]


def test_more_of_the_same_raises_no_alarm(reference):
    made = set_of([score_of(own, seed=99 + seed) for seed, own in enumerate(others())])
    compared = compare_sets(reference, made, SET_METRICS)
    assert not alarms(compared)
    assert not any("copies" in warning for warning in compared.warnings)


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_is_named(reference, name):
    made = set_of([score_of(SPOILED[name](own), seed=99 + seed) for seed, own in enumerate(others())])
    assert name in alarms(compare_sets(reference, made, SET_METRICS))


@pytest.mark.parametrize(("name", "change"), [("pitch_height", {"moved": 7}), ("velocity", {"velocity": 64})])
def test_height_and_loudness_are_seen(reference, name, change):
    made = set_of([score_of(own, **({"seed": 99 + seed} | change)) for seed, own in enumerate(others())])
    assert alarms(compare_sets(reference, made, SET_METRICS)) == {name}


def test_a_copy_of_the_reference_is_named_whatever_its_key(humans, reference):
    copied = [
        replace(
            score,
            tracks=tuple(
                Track(make_notes(own.notes["onset"], own.notes["duration"], own.notes["pitch"].astype(int) + 7, 64))
                for own in score.tracks
            ),
        )
        for score in humans
    ]
    compared = compare_sets(reference, set_of(copied), SET_METRICS)
    assert {"reference_copies", "pitch_height", "velocity"} <= alarms(compared)
    assert "30 generated pieces are copies of reference pieces: 00.mid of 00.mid, 01.mid of 01.mid" in " ".join(
        compared.warnings
    )
    # By the metrics of single pieces alone nothing was to be seen.
    assert not alarms(compare_sets(set_of(humans, METRICS), set_of(copied, METRICS), METRICS)) - {"reference_copies"}


def test_one_copy_is_named_and_raises_no_alarm_alone(reference):
    made = set_of([score_of(choir(3), moved=-2), *(score_of(own) for own in others()[1:])])
    compared = compare_sets(reference, made, METRICS)
    assert "1 generated pieces are copies of reference pieces: 00.mid of 03.mid" in compared.warnings
    assert "reference_copies" not in alarms(compared)


def test_sets_that_hold_tunes_twice_are_no_copies_of_each_other():
    rng = np.random.default_rng(0)
    tunes = [rng.integers(0, 2**32, 40, np.uint64) for _ in range(60)]

    class Points:
        def __init__(self, chosen):
            self.fingerprints = [tunes[i] for i in chosen]

    # Every tune is there twice; each half has copies within, and as many in the other.
    order = rng.permutation(np.repeat(np.arange(60), 2))
    halves = Points(order[:60]), Points(order[60:])
    assert len(originals_of(*(own.fingerprints for own in halves))) > 15
    assert reference_copies(*halves).p > 0.05
    fresh = Points(np.arange(30)), Points(np.arange(30))
    assert reference_copies(*fresh).p < 0.001


class TestValues:
    def test_by_hand(self):
        # I V I in four voices, the fifth between bass and tenor moving in parallel once.
        voices = np.array([[48, 55, 48, 48], [55, 62, 55, 55], [64, 59, 64, 64], [72, 71, 72, 72]])
        found = {name: measure(own, read(score_of(voices, velocity=70))) for name, own in BY_NAME.items()}
        assert found["bass_leaps"].value == 1
        assert found["last_chord_complete"].value == 1
        assert found["dominant_before_the_end"].value == 1
        assert found["all_voices_sounding"].value == 1
        assert found["phrase_range"].value == 1
        assert found["velocity"].value == 70
        assert found["parallels"].value == pytest.approx(100 * 2 / 12)
        assert found["returns_8"].reason == "no two bars 8 bars apart"

    def test_a_single_line_has_no_voices(self):
        tune = read(score_of(np.array([[60, 62, 64, 65]])))
        for name in ("parallels", "last_chord_complete", "all_voices_sounding"):
            assert measure(BY_NAME[name], tune).reason
        assert measure(BY_NAME["pitch_height"], tune).value == 62.75

    def test_silence_has_none_of_them(self):
        for metric in SET_METRICS:
            assert measure(metric, read(Score(480))).reason
