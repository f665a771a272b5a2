"""The page says all that report.json says, escaped, and needs nothing else."""

import copy
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from componium.evaluation.metrics import METRICS
from componium.evaluation.pieces.figures import measure_piece
from componium.evaluation.reports.card import in_words_of_pages
from componium.evaluation.reports.figure_words import words_of
from componium.evaluation.reports.set_report import set_report
from componium.evaluation.sets.measured_set import MeasuredSet
from componium.evaluation.sets.set_comparison import compare_sets
from componium.evaluation.sets.set_comparison_json import comparison_json
from componium.score import Score, Track, make_notes

VOID = {"meta", "br", "hr"}


def tune(seed, *, highest=80, n_notes=64):
    rng = np.random.default_rng(seed)
    pitches = rng.integers(60, highest, n_notes)
    return Score(480, (Track(make_notes(np.arange(n_notes) * 480, 400, pitches, 80)),))


def measured(scores, name="{}.mid", rejected=()):
    pieces = (measure_piece(name.format(index), score, METRICS) for index, score in enumerate(scores))
    return MeasuredSet(tuple(pieces), dict(rejected))


@pytest.fixture(scope="module")
def human():
    return measured(tune(seed) for seed in range(20))


@pytest.fixture(scope="module")
def report(human):
    made = measured(
        (tune(seed, highest=64) for seed in range(100, 120)),
        "{}<script>alert('&')</script>.mid",
        {"<img src=x onerror=alert(1)>.mid": 'not readable: "&<b>"'},
    )
    return comparison_json(compare_sets(human, made, METRICS))


class Reader(HTMLParser):
    """Elements opened and closed, text that is shown, and attributes."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.links, self.tags, self.ids = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "srcset", "xlink:href", "data"):
                self.links.append(value)
            if name == "id":
                self.ids.append(value)
            assert not name.startswith("on")

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.texts))


def test_every_metric_is_there_and_every_link_leads_somewhere_on_the_page(report):
    read = Reader(set_report(report))
    assert read.open == []
    for metric in METRICS:
        assert words_of(metric.name).label in read.text
        assert in_words_of_pages(metric.meaning[1:]) in read.text
        assert metric.name in read.ids
    assert len(read.ids) == len(set(read.ids))
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert not {"script", "img", "link", "iframe", "object"} & set(read.tags)


def test_names_of_files_are_text(report):
    page = set_report(report)
    assert "<script" not in page
    assert "<img" not in page
    read = Reader(page)
    assert '<img src=x onerror=alert(1)>.mid: not readable: "&<b>"' in read.text
    assert "<script>alert('&')</script>.mid" in read.text


def test_nothing_undefined_is_shown_as_a_word(report):
    assert not re.search(r"\b(nan|inf|none)\b(?! is a copy)", Reader(set_report(report)).text, re.IGNORECASE)


def test_a_report_is_drawn_again_from_its_file_to_the_same_bytes(report):
    assert set_report(json.loads(json.dumps(report, allow_nan=False))) == set_report(report)


def test_what_differs_is_said_with_its_direction(report):
    rows = {row["name"]: row for row in report["metrics"]}
    assert rows["mean_interval"]["p_holm"] < 0.05
    read = Reader(set_report(report))
    # 16 beats a bar of chance over four semitones instead of twenty: every generated piece moves less.
    assert re.search(
        r"Steps of the top line is much lower: \S+ semitones, human \S+ semitones; lower in 100 of 100", read.text
    )
    assert re.search(r"they have, the largest difference first, .*smaller steps in the top line \(", read.text)
    assert "there is no total score" in read.text
    assert "no difference found at this size" in read.text
    assert not re.search(r"\bgood\b", read.text)


def test_equal_sets_differ_in_nothing_but_that_they_are_copies(human):
    report = comparison_json(compare_sets(human, human, METRICS))
    text = Reader(set_report(report)).text
    assert "No difference was found between the 20 composed pieces and the 20 human ones in any of" in text
    assert "some are copies of human pieces" in text
    assert "composed pieces are copies of human pieces" in text
    report["sets_of_pieces"] = [own for own in report["sets_of_pieces"] if own["name"] != "reference_copies"]
    text = Reader(set_report(report)).text
    assert "some are copies of human pieces" not in text
    assert "differs, p" not in text


def test_a_wider_spread_is_no_direction(human):
    report = comparison_json(compare_sets(human, human, METRICS))
    row = next(row for row in report["metrics"] if row["name"] == "polyphony")
    row["beside"] |= {"delta": 0.05, "distance": 1.0}
    row["p_holm"] = 0.001
    row["values"] = {"reference": [2.0] * 19 + [2.5], "generated": [1.0, 3.0] * 10}
    row["generated"]["sd"] = 10 * row["reference"]["sd"] + 1
    assert (
        "Notes at once varies more from piece to piece around much the same middle" in Reader(set_report(report)).text
    )
    assert "more variety in “notes at once”" in Reader(set_report(report)).text


def test_silent_or_drummed_pieces_are_not_compared(human):
    drums = Score(480, (Track(make_notes([0, 480], 240, 36, 80), is_drum=True),))
    for scores in ([Score(480)] * 12, [drums] * 12, [tune(1, n_notes=1)] * 12):
        report = comparison_json(compare_sets(human, measured(scores), METRICS))
        for side in (report, comparison_json(compare_sets(measured(scores), measured(scores), METRICS))):
            assert "not comparable" in Reader(set_report(side)).text
    assert (
        "Undefined in 12 composed pieces: no pitched notes (12)"
        in Reader(set_report(comparison_json(compare_sets(human, measured([drums] * 12), METRICS)))).text
    )


def test_a_constant_reference_has_no_distance_in_deviations():
    constant, other = measured([tune(1)] * 12), measured([tune(2)] * 12)
    read = Reader(set_report(comparison_json(compare_sets(constant, other, METRICS))))
    assert "no figure in SDs, the human pieces have one value only" in read.text


def test_histograms_and_figures_of_sets_are_drawn_where_they_are(report):
    more = copy.deepcopy(report)
    more["histograms"] = [
        {
            "name": "onset_gaps", "group": "rhythm", "meaning": "how long from note to note",
            "labels": ["<1/16>", "1/8", "1/4"], "reference": [0.5, 0.25, 0.25], "generated": [0.25, 0.5, 0.25],
            "jsd": 0.05, "jsd_low": 0.02, "jsd_high": 0.08, "null_low": 0.001, "null_high": 0.01,
            "p": 0.001, "p_holm": 0.02, "warnings": ["counted by hand"],
        },
        {
            "name": "gaps_again", "group": "rhythm", "meaning": "the same", "labels": ["a"], "reference": [1.0],
            "generated": None, "jsd": None, "jsd_low": None, "jsd_high": None, "null_low": None, "null_high": None,
            "p": None, "p_holm": None, "warnings": [],
        },
    ]  # fmt: skip
    more["sets_of_pieces"] = [
        {
            "name": "longest_copy", "group": "originality", "unit": "notes", "meaning": "how long the longest copy is",
            "value": 120.0, "null_low": 8.0, "null_high": 30.0, "p_holm": 0.01, "alarm": True,
            "detail": "gen-1.mid copies <b>.mid",
        },
        {
            "name": "bits_per_note", "group": "likelihood", "unit": "bits", "meaning": "how unexpected notes are",
            "value": None, "null_low": None, "null_high": None, "alarm": False, "detail": "no model was named",
        },
    ]  # fmt: skip
    read = Reader(set_report(more))
    assert "Onset gaps has less <1/16> (25% beside 50%), more 1/8 (50% beside 25%)." in read.text
    assert "Longest copy is 120 notes, where chance gives 8 notes to 30 notes." in read.text
    for text in (
        "gen-1.mid copies <b>.mid",
        "p after Holm 0.010",
        "counted by hand",
        "no model was named",
        "Originality",
        "Likelihood",
        "not comparable",
        "no figure",
    ):
        assert text in read.text
    assert not re.search(r"\b(nan|none)\b(?! found)", read.text, re.IGNORECASE)
