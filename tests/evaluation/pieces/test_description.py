"""Words follow from places, and places are counted."""

import json
import re

import numpy as np
import pytest

from componium.evaluation.metrics import METRICS, Measured
from componium.evaluation.pieces.description import PARAGRAPHS, describe_piece, rank_figures, rank_text
from componium.evaluation.pieces.figures import PieceFigures, measure_piece
from componium.evaluation.reports.figure_words import words_of
from componium.evaluation.reports.piece_report import piece_report
from componium.evaluation.sets.measured_set import MeasuredSet
from componium.fingerprints import lines_of
from componium.score import Score, Track, make_notes

BY_NAME = {metric.name: metric for metric in METRICS}
INTERVAL = BY_NAME["mean_interval"]


def figures(value, name="x", reason=""):
    """A piece that has the same figure of everything, within its range."""
    own = {metric.name: Measured(value, reason) for metric in METRICS}
    return PieceFigures(
        name=name,
        figures=own,
        histograms={},
        fingerprint=np.empty(0, np.uint64),
        lines=lines_of(Score(480, ())),
        n_bars=32,
        has_bars=True,
        programs=frozenset({0}),
        has_drums=False,
    )


def reference_of(values):
    return MeasuredSet(tuple(figures(value) for value in values), {})


def interval_at(value, values):
    [ranked] = rank_figures(figures(value), reference_of(values), [INTERVAL])
    return ranked


def tune(seed, n_notes=64):
    pitches = np.random.default_rng(seed).integers(60, 80, n_notes)
    return Score(480, (Track(make_notes(np.arange(n_notes) * 480, 400, pitches, 80)),))


class TestPlaces:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (-1, "lower than all 100"),
            (2, "lower than 97 of 100"),
            (24, "lower than 75 of 100"),
            (25, "among the middle half"),
            (74, "among the middle half"),
            (75, "higher than 75 of 100"),
            (97, "higher than 97 of 100"),
            (100, "higher than all 100"),
        ],
    )
    def test_by_hand(self, value, words):
        # The reference has 0 to 99, one piece each.
        assert rank_text(interval_at(value, range(100))) == words

    def test_few_pieces_are_told_as_they_are(self):
        assert rank_text(interval_at(18.5, range(20))) == "higher than 19 of 20"
        assert rank_text(interval_at(299, range(300))) == "higher than 99 of 100"
        assert "9 pieces of the reference" in rank_text(interval_at(5, range(9)))

    def test_what_is_level_counts_half(self):
        ranked = interval_at(0, [0.0] * 8 + [1.0] * 4)
        assert (ranked.below, ranked.level, ranked.among) == (0, 8, 12)
        assert ranked.percentile == pytest.approx(4 / 12)
        assert rank_text(ranked) == "among the middle half"

    def test_the_last_bit_makes_no_difference(self):
        assert interval_at(0.1 + 0.2, [0.3] * 10).level == 10


class TestWords:
    @pytest.mark.parametrize("name", BY_NAME)
    def test_every_metric_has_its_words_once(self, name):
        assert sum(name in words for words in PARAGRAPHS.values()) == 1

    @pytest.mark.parametrize(
        ("value", "degree", "direction"),
        [(-1, "unusually", "low"), (10, "rather", "low"), (85, "rather", "high"), (99.5, "unusually", "high")],
    )
    def test_degree_and_direction_follow_the_place(self, value, degree, direction):
        report = describe_piece(figures(value), reference_of(range(100)), METRICS)
        for paragraph in report["paragraphs"]:
            for words in PARAGRAPHS[paragraph["title"]].values():
                sentence = getattr(words, direction).replace("{degree}", degree).split("{subjects}")[-1]
                assert sentence[1:] in paragraph["text"]
        assert "1 bar, 2 bars, 4 bars, 8 bars and 16 bars apart" in report["paragraphs"][2]["text"]

    def test_the_usual_is_only_named(self):
        report = describe_piece(figures(50), reference_of(range(100)), METRICS)
        for paragraph in report["paragraphs"]:
            assert paragraph["text"].startswith("Among the middle half: ")
        assert f"Of its {len(METRICS)} figures 0 lie outside" in report["calibration"]

    def test_what_is_undefined_is_told_with_its_reason(self):
        report = describe_piece(figures(float("nan"), reason="no pitched notes"), reference_of(range(100)), METRICS)
        assert report["paragraphs"][0]["text"].startswith("Without a rank: pitch class entropy (no pitched notes), ")
        assert report["calibration"] == "Nothing of this piece can be compared."

    def test_no_place_is_left_unfilled(self):
        for value in (-1, 10, 50, 90, 101):
            text = json.dumps(describe_piece(figures(value), reference_of(range(100)), METRICS))
            assert not re.search(r"{(degree|subjects)}", text)


def test_any_piece_can_be_read():
    drums = Track(make_notes([0, 480], 240, 36, 80), is_drum=True)
    reference = MeasuredSet(
        tuple(measure_piece(f"{seed}.mid", tune(seed), METRICS) for seed in range(12)), {"a": "bad"}
    )
    for score, warning in (
        (Score(480), "no notes"),
        (Score(480, (drums,)), "drums only"),
        (tune(1, n_notes=1), "32 bars|16 bars|1 bars"),
        (tune(1), "12 reference pieces: places are rough"),
    ):
        report = describe_piece(measure_piece("<script>&.mid", score, METRICS), reference, METRICS)
        assert any(re.search(warning, said) for said in report["warnings"])
        again = json.loads(json.dumps(report, allow_nan=False))
        page = piece_report(again)
        assert page == piece_report(report)
        assert "<script" not in page
        assert "&lt;script&gt;&amp;.mid" in page
        assert not re.search(r"\b(nan|none|inf)\b", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL).lower())
        for metric in METRICS:
            assert words_of(metric.name).label in page


def test_few_reference_pieces_tell_nothing():
    report = describe_piece(figures(3), reference_of(range(3)), METRICS)
    assert "nothing is compared" in report["warnings"][0]
    assert all(metric["place"] is None for metric in report["metrics"])
