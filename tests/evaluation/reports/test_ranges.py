"""Rows of pieces on a common axis: where they are drawn, and what is said to those who do not see them."""

from xml.etree import ElementTree

import numpy as np
import pytest

from componium.evaluation.reports.ranges import ranges


def drawn(samples, *, unit="notes", low=0.0, high=np.inf):
    markup = ranges({name: np.array(own, np.float64) for name, own in samples.items()}, unit=unit, low=low, high=high)
    return ElementTree.fromstring(str(markup))  # noqa: S314 - our own


def test_the_bar_holds_the_middle_half_and_the_line_all_but_the_outermost_tenths():
    chart = drawn({"human": np.arange(101.0), "composed": [0.0] * 5 + [100.0] * 5})
    title = chart.find("title").text
    assert "human: 50 notes" not in title
    assert (
        "human: 50 on average, the middle half of the pieces 25 to 75, all but the outermost tenths 10 to 90" in title
    )
    line = next(own for own in chart.iter("line") if "s0" in own.get("class"))
    bar = next(own for own in chart.iter("rect") if own.get("class") == "bar s0 soft")
    assert (float(line.get("x2")) - float(line.get("x1"))) / float(bar.get("width")) == pytest.approx(80 / 50, abs=0.01)


def test_few_pieces_are_dots():
    chart = drawn({"human": np.arange(20.0), "composed": [3.0, 7.0]})
    assert len(list(chart.iter("circle"))) == 2
    assert "composed: 5 on average, piece by piece 3, 7" in chart.find("title").text


def test_what_a_piece_has_or_has_not_is_a_share_of_the_pieces():
    chart = drawn({"human": [1.0] * 15 + [0.0] * 5, "composed": [0.0] * 20}, unit="share", high=1.0)
    places = {own.text: float(own.get("x")) for own in chart.iter("text") if own.get("text-anchor") == "middle"}
    bar = next(own for own in chart.iter("rect") if own.get("class") == "bar s0 soft")
    assert float(bar.get("x")) == pytest.approx(places["0%"], abs=0.1)
    # The labels at the right stand beyond the axis, which holds all of 0 to 100%.
    assert float(bar.get("width")) == pytest.approx(0.75 * (places["100%"] - places["0%"]), abs=0.2)
    assert "human: 75% on average" in chart.find("title").text


@pytest.mark.parametrize(
    "samples", [{"human": [], "composed": [1.0]}, {"human": [np.nan], "composed": []}, {"a": [2.0] * 20}]
)
def test_what_is_missing_or_constant_has_a_chart(samples):
    chart = drawn(samples)
    assert all("nan" not in str(value).lower() for own in chart.iter() for value in own.attrib.values())
    assert ("no figure" in chart.find("title").text) == ("human" in samples)


def test_names_are_text():
    assert "<script" not in str(ranges({"<script>": np.arange(12.0)}, unit="", low=0, high=99))
