"""Charts are read as the XML that they are: what is drawn, where, and what is not."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from componium.evaluation.reports.charts import bar_chart, densities, figure_text, share_interval, value_text

DASH = "\N{EN DASH}"


def drawn(markup):
    """The chart as a tree; it must be well-formed without any browser's help."""
    return ElementTree.fromstring(str(markup))  # noqa: S314 - our own


def titles(markup):
    return [title.text for title in drawn(markup).iter("title")]


def widths(markup):
    return [float(bar.get("width")) for bar in drawn(markup).iter("rect") if bar.find("title") is not None]


def heights(markup):
    return [float(bar.get("height")) for bar in drawn(markup).iter("rect") if bar.find("title") is not None]


def normal(count, seed=0):
    return np.random.default_rng(seed).standard_normal(count)


class TestBars:
    def test_bars_are_as_high_as_their_values(self):
        upright = bar_chart({"a": {"x": 1.0, "y": 2.0}, "b": {"y": 4.0}}, unit="notes")
        # In the order of labels, then series: a and b at x, a and b at y.
        assert heights(upright) == pytest.approx([37.5, 0, 75, 150], abs=0.06)
        assert "b, y: 4 notes" in titles(upright)

    def test_an_empty_series_keeps_its_color_and_draws_nothing(self):
        for label in ("x", "acoustic grand piano " * 4):
            chart = bar_chart({"a": {label: 1.0}, "none": {}, "c": {label: 2.0}}, unit="notes")
            assert [chart.count(f'class="bar s{index}"') for index in range(3)] == [2, 1, 2]

    def test_long_labels_lie(self):
        lying = bar_chart({"a": {"acoustic grand piano": 3.0, "tenor saxophone": 6.0, "x" * 60: 0.0}}, unit="files")
        shown = widths(lying)
        assert shown[1] == pytest.approx(2 * shown[0], abs=0.11)
        assert shown[2] == 0
        assert "x" * 60 in titles(lying)
        assert any(text.text == "x" * 25 + "…" for text in drawn(lying).iter("text"))

    def test_what_is_not_finite_is_not_drawn(self):
        for chart in (
            bar_chart({"a": {"x": math.nan, "y": math.inf, "z": 0.0}}, unit=""),
            densities({"a": np.array([math.nan, math.inf]), "b": normal(30)}, unit="", low=-9, high=9),
            densities({"a": np.array([math.nan])}, unit="", low=0, high=1),
            bar_chart({}, unit="share"),
        ):
            drawn(chart)
            assert not re.search(r"\b(nan|inf|none)\b", str(chart), re.IGNORECASE)

    def test_names_are_escaped(self):
        chart = bar_chart({"<script>": {"a&b": 1.0}}, unit="<i>")
        assert "<script>" not in chart
        assert "<script>, a&b: 1 <i>" in titles(chart)


class TestDensities:
    def test_every_sample_has_a_curve_and_a_median(self):
        chart = densities({"a": normal(40), "b": normal(50, 1) + 3}, unit="bits", low=-math.inf, high=math.inf)
        assert len(list(drawn(chart).iter("polyline"))) == 2
        assert len({title for title in titles(chart) if "median" in title}) == 2
        marks = [float(line.get("x1")) for line in drawn(chart).iter("line") if "mark" in line.get("class")]
        assert marks[0] < marks[1]

    def test_a_curve_stays_within_what_figures_can_be(self):
        # Shares near 1: the axis must not go beyond it.
        sample = np.clip(1 - np.abs(normal(60)) / 20, 0, 1)
        chart = densities({"a": sample, "b": sample / 2}, unit="share", low=0, high=1)
        texts = [text.text for text in drawn(chart).iter("text")]
        assert "100%" in texts
        assert not any(text in texts for text in ("120%", "-20%"))

    def test_few_values_are_bars_of_shares(self):
        chart = densities({"a": np.array([0.0, 0, 0, 1]), "b": np.array([1.0, 1])}, unit="notes", low=0, high=9)
        assert not list(drawn(chart).iter("polyline"))
        assert {"a, 0 notes: 75%", "a, 1 notes: 25%", "b, 1 notes: 100%"} <= set(titles(chart))

    def test_one_value_is_a_mark(self):
        for reference in (normal(40), np.repeat([0.0, 1.0], 10)):
            chart = densities({"reference": reference, "this piece": np.array([1.0])}, unit="", low=-9, high=9)
            assert "this piece: 1" in titles(chart)

    def test_a_constant_beside_what_varies(self):
        chart = densities({"a": np.ones(30), "b": normal(30)}, unit="", low=-9, high=9)
        assert len(list(drawn(chart).iter("polyline"))) == 1


def test_a_share_lies_where_it_is_and_chance_is_shaded():
    tree = drawn(share_interval(0.5, (0.25, 0.75), (0.8, 0.9)))
    [dot] = tree.iter("circle")
    [band] = tree.iter("rect")
    assert float(dot.get("cx")) == pytest.approx(200)
    assert float(band.get("x")) == pytest.approx(8 + 0.8 * 384, abs=0.06)
    assert float(band.get("width")) == pytest.approx(0.1 * 384, abs=0.06)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, DASH), (math.nan, DASH), (math.inf, DASH), (0.0, "0"), (-0.00001, "0"), (0.25, "0.25"), (10.0, "10"),
        (123.4, "123"), (1440, "1,440"), (-2.5, "-2.5"), (0.0526, "0.053"), (100.0, "100"),
    ],
)  # fmt: skip
def test_figures_have_three_digits(value, text):
    assert figure_text(value) == text


def test_shares_are_told_as_percentages():
    assert value_text(0.125, "share") == "12.5%"
    assert value_text(2.0, "notes") == "2 notes"
    assert value_text(None, "notes") == value_text(None, "share") == DASH
