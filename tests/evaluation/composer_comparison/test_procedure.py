"""The whole comparison: made again it is the same but for timings, and all its files hold the same figures."""

import csv
import io
import itertools
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fixtures.comparisons import DRUMS, FOLDER, counted, human_door, that_knows
from fixtures.pages import MOST_WORDS, check_that_all_can_read, n_words, remarks, unfolded_text

from componium.evaluation.composer_comparison.procedure import compare_composers
from componium.evaluation.composer_comparison.report import report_files
from componium.evaluation.composer_comparison.rows.set_rows import GenerationSettings
from componium.evaluation.composer_comparison.tables import figure_text

ASKED = GenerationSettings(count=0, bars=8, seeds=2)


@pytest.fixture(scope="module")
def artifacts(artifact, corpus, tmp_path_factory):
    drums = counted(corpus, tmp_path_factory.mktemp("all") / "drums", "<drums>|*", DRUMS, tasks=("continue",))
    return [artifact, drums]


@pytest.fixture(scope="module")
def found(artifacts, corpus):
    return compare_composers(artifacts, FOLDER, corpus, ASKED, human_door(), lambda _: None)


def test_equal_requests_give_equal_tables_but_for_timings(found, artifacts, corpus):
    again = compare_composers(artifacts, FOLDER, corpus, ASKED, human_door(), lambda _: None)
    timeless = [[row for row in one.rows if "timing" not in row.unit] for one in (found, again)]
    assert repr(timeless[0]) == repr(timeless[1])
    assert replace(found, rows=()) == replace(again, rows=())


def test_it_says_what_it_takes_to_make_it_again(found, artifacts):
    assert found.command == (
        "componium compare counted '<drums>|*' --data DIR --corpus folder --count 10 --bars 8 --seeds 2 -o DIR"
    )
    assert [own.digest for own in found.entries] == [artifact.digest for artifact in artifacts]
    assert found.settings["seeds"] == "1, 2"


def test_without_an_ngram_at_hand_one_is_counted(artifact, corpus):
    # As a network without graphs would look: nothing of it can be scored.
    network = replace(artifact, manifest=artifact.manifest.model_copy(update={"procedure": "gibbs"}))
    found = compare_composers([network], FOLDER, corpus, replace(ASKED, seeds=1), human_door(), lambda _: None)
    assert [(own.name, own.kind) for own in found.entries] == [("counted", "composer"), ("n-gram", "baseline")]
    rows = {row.composer: row for row in found.rows if row.section == "bits per note" and row.figure == "whole"}
    assert math.isfinite(rows["n-gram"].value)
    assert rows["n-gram"].value < rows["unigram"].value < rows["uniform"].value
    composed = [row for row in found.rows if row.composer == "n-gram" and row.section == "distances"]
    assert composed
    assert all(row.kind == "baseline" for row in composed)


def test_a_refused_piece_is_named_in_every_text(artifact, corpus, held_out):
    leaked = held_out.pieces["test"][0]
    knowing = that_knows(artifact, {"theirs": leaked.score}, "knows-one")
    found = compare_composers(
        [artifact, knowing], FOLDER, corpus, replace(ASKED, seeds=1), human_door(), lambda _: None
    )
    assert [own.name for own in found.known_test] == [leaked.name]
    assert any(leaked.name in warning and "theirs" in warning for warning in found.warnings)
    written = report_files(found)
    for name in ("compare.md", "compare.html"):
        assert leaked.name in written[name].replace("\\", "")
    assert {row.n for row in found.rows if row.section == "bits per note" and row.interval} == {9}


class Tables(HTMLParser):
    """The figures of the cells of a page's folded tables: what comes before the interval."""

    def __init__(self):
        super().__init__()
        self.figures, self._inside, self._deep, self._folded = [], False, False, False

    def handle_starttag(self, tag, attrs):
        self._folded = self._folded or tag == "details"
        self._inside = (self._folded and tag == "td") or (self._inside and tag == "span")
        if self._folded and tag == "td":
            self.figures.append("")
        self._deep = tag == "span"

    def handle_endtag(self, tag):
        self._folded = self._folded and tag != "details"
        self._inside = self._inside and tag == "span"
        self._deep = False

    def handle_data(self, data):
        if self._inside and not self._deep:
            self.figures[-1] += data.strip()


def test_csv_markdown_and_page_hold_the_same_figures(found):
    written = report_files(found)
    table = list(csv.DictReader(io.StringIO(written["compare.csv"])))
    assert len(table) == len(found.rows)
    for row, own in zip(table, found.rows, strict=True):
        assert (row["section"], row["composer"], row["note"]) == (own.section, own.composer, own.note)
        assert (float(row["value"]) if row["value"] else None) == (own.value if math.isfinite(own.value) else None)
    expected = sorted(figure_text(float(row["value"])) for row in table if row["value"])
    assert len(expected) > 150
    is_figure = re.compile(r"-?[\d,]+(\.\d+)?(e-\d+)?$").match
    lines = [line for line in written["compare.md"].split("\n## ", 1)[1].splitlines() if line.startswith("| ")]
    cells = [
        cell.split()[0].strip("*;") for line in lines for cell in re.split(r"(?<!\\)\|", line)[2:-1] if cell.strip()
    ]
    ranges = sum(row["interval"] == "chance" and row["value"] == "" for row in table)
    in_markdown = sorted(filter(is_figure, cells))
    html_page = Tables()
    html_page.feed(written["compare.html"])
    in_page = sorted(filter(is_figure, html_page.figures))
    assert in_page == expected
    assert len(in_markdown) == len(expected) + ranges
    for text in set(expected):
        assert in_markdown.count(text) >= expected.count(text)


def test_names_from_anywhere_do_no_harm(found):
    written = report_files(found)
    assert "<drums>" not in written["compare.html"]
    assert "&lt;drums&gt;|*" in written["compare.html"]
    assert r"\<drums\>\|\*" in written["compare.md"]
    tables = [line for line in written["compare.md"].splitlines() if line.startswith("|")]
    for line, after in itertools.pairwise(tables):
        if set(after) <= set("| -"):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"\|", after))


def test_a_composer_that_only_continues_is_scored_and_does_not_compose(found):
    own = [row for row in found.rows if row.composer == "<drums>|*"]
    scored = [row for row in own if row.section.startswith("bits per note") and math.isfinite(row.value)]
    assert scored
    assert all(math.isnan(row.value) for row in own if row.section in ("distances", "histograms", "diversity"))
    size = next(row for row in own if row.figure == "size")
    assert size.value > 0


def test_what_is_not_folded_is_read_in_three_minutes(found):
    page = report_files(found)["compare.html"]
    text = unfolded_text(page)
    assert n_words(text) <= MOST_WORDS
    assert remarks(page) == []
    assert "Beside 10 human pieces that no composer learned from, what counted composes differs in" in text
    check_that_all_can_read(page)
    # The tables are there, but folded.
    assert "The same metrics as they are: means over pieces." in page
    assert "The same metrics as they are: means over pieces." not in text


def test_of_few_pieces_one_sentence_says_what_cannot_be_said(artifact, corpus):
    found = compare_composers(
        [artifact], FOLDER, corpus, replace(ASKED, count=3, seeds=1), human_door(), lambda _: None
    )
    page = report_files(found)["compare.html"]
    text = unfolded_text(page)
    assert len(remarks(page)) == 1
    assert remarks(page)[0].startswith("3 composed pieces are too few")
    assert text.count("too few") == 1
    assert "differs in" not in text
    # What can be said is: guesses of the test pieces, and how the music is on average.
    assert "counted is right in" in text
    assert "Steps of the top line" in text
