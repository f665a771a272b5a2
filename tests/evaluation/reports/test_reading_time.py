"""The pages of what a composer made: read in three minutes, in musicians' words, and one remark about few pieces."""

import re

import pytest
from fixtures.pages import MOST_WORDS, check_that_all_can_read, n_words, remarks, unfolded_text

from componium import compose, load_artifact, make_request
from componium.evaluation.metrics import METRICS, SET_METRICS
from componium.evaluation.metrics.histograms import HISTOGRAMS
from componium.evaluation.pieces.description import describe_piece
from componium.evaluation.pieces.figures import measure_piece
from componium.evaluation.reports.figure_words import FIGURE_WORDS, words_of
from componium.evaluation.reports.piece_report import piece_report
from componium.evaluation.reports.set_report import set_report
from componium.evaluation.sets.measured_set import MeasuredSet
from componium.evaluation.sets.set_comparison import compare_sets
from componium.evaluation.sets.set_comparison_json import comparison_json

COUNT = 12


@pytest.fixture(scope="module")
def sets():
    """Composed pieces of each style, as many as are compared."""
    band = load_artifact("band")

    def composed(style):
        pieces = compose(band, make_request(style=style, count=COUNT, bars=8, seed=1, best_of=1))
        figures = (measure_piece(f"{style}-{index}.mid", own.score, SET_METRICS) for index, own in enumerate(pieces))
        return MeasuredSet(tuple(figures), {})

    return {style: composed(style) for style in ("chorale", "string-quartet", "folk")}


def first(own, count):
    return MeasuredSet(own.pieces[:count], {})


def page_of(human, made):
    return set_report(comparison_json(compare_sets(human, made, SET_METRICS)))


@pytest.fixture(scope="module")
def pages(sets):
    """Pages of each style beside chorales."""
    return {style: page_of(sets["chorale"], own) for style, own in sets.items()}


@pytest.mark.parametrize("made", ["string-quartet", "folk", "chorale"])
def test_what_is_not_folded_is_read_in_three_minutes(pages, made):
    page = pages[made]
    text = unfolded_text(page)
    assert n_words(text) <= MOST_WORDS
    assert remarks(page) == []
    check_that_all_can_read(page)
    # Everything else is there, folded.
    assert "Jensen-Shannon divergence" in page
    assert not re.search(r"Jensen-Shannon|Wasserstein|Holm|Cliff|overlap|median|entropy|p 0\.", text)


def test_sets_with_voices_are_told_in_figures_of_voices_first(pages):
    text = unfolded_text(pages["string-quartet"])
    labels = [words_of(name).label for name in ("parallels", "bass_leaps", "last_chord_complete", "phrase_range")]
    places = [text.index(label) for label in labels]
    assert places == sorted(places)
    assert text.index("Voices, endings and tunes") < places[0] < text.index("All that was measured")
    assert "Parallel fifths" not in unfolded_text(pages["folk"])


def test_the_answer_is_five_sentences_at_most_and_comes_first(pages):
    page = pages["string-quartet"]
    answer = re.search(r'<p class="lead">(.*?)</p>\s*<p>(.*?)</p>', page, flags=re.DOTALL)
    assert answer
    assert len(re.findall(r"\.(?=\s|$)", " ".join(answer.groups()))) <= 5
    assert "differ from the 12 human ones in" in answer[1]
    assert page.index('class="lead"') < page.index("<svg")


@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("side", ["human", "composed", "both"])
def test_of_few_pieces_one_sentence_says_what_cannot_be_said(sets, count, side):
    human, made = (
        first(own, count) if side in (name, "both") else own
        for name, own in (("human", sets["chorale"]), ("composed", sets["string-quartet"]))
    )
    page = page_of(human, made)
    text = unfolded_text(page)
    assert len(remarks(page)) == 1
    assert "at least 10 pieces of each" in remarks(page)[0]
    assert len(re.findall(r"too few|care", text)) == 1
    assert "difference" not in text
    assert n_words(text) <= MOST_WORDS
    # What can be shown is: each piece, where it lies.
    assert "Parallel fifths and octaves" in text
    assert page.count("<circle") >= count


@pytest.mark.parametrize("count", [1, 5, COUNT])
def test_a_piece_is_read_in_three_minutes_and_few_human_ones_are_remarked_on_once(sets, count):
    page = piece_report(describe_piece(sets["folk"].pieces[0], first(sets["chorale"], count), METRICS))
    text = unfolded_text(page)
    assert n_words(text) <= MOST_WORDS
    assert len(remarks(page)) == (count < 10)
    assert text.count("too few") == (count < 10)


def test_every_figure_of_sets_has_words_of_its_own():
    named = [own.name for own in (*SET_METRICS, *HISTOGRAMS) if not own.name.startswith("similarity_")]
    assert set(named) <= set(FIGURE_WORDS)
    labels = [words_of(own.name).label for own in (*SET_METRICS, *HISTOGRAMS)]
    assert len(set(labels)) == len(labels)
