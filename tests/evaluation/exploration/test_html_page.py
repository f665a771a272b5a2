"""The page says what was found, needs nothing from elsewhere, and shows names from anywhere as they are."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from fixtures.pages import MOST_WORDS, check_that_all_can_read, n_words, remarks, unfolded_text

from componium.corpora import CORPORA
from componium.evaluation.exploration.corpus_contents import explore
from componium.evaluation.exploration.html_page import exploration_page
from componium.formats.midi import write_midi
from componium.score import Score, Track, make_notes

FOLDER = CORPORA["folder"]
EVIL = "<script>alert(1)"


class Balanced(HTMLParser):
    """Fails where elements are not closed in the order in which they were opened."""

    VOID = frozenset({"meta", "br", "line", "rect", "circle", "polygon", "polyline", "path", "link"})

    def __init__(self):
        super().__init__()
        self.opened = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.opened.pop() == tag


@pytest.fixture
def folder(tmp_path):
    for name, program, lengths in (("slow & soft", 40, [480, 960]), ("fast", 73, [120, 240])):
        (tmp_path / name).mkdir()
        for seed in range(6):
            rng = np.random.default_rng((program, seed))
            duration = rng.choice(lengths, 64)
            onset = np.cumsum(duration) - duration
            score = Score(480, (Track(make_notes(onset, duration, rng.integers(50, 80, 64), 80), program),))
            write_midi(score, tmp_path / name / f"{seed}.mid")
    (tmp_path / "fast" / f"{EVIL}.mid").write_bytes(b"no music")
    return tmp_path


def without_tags(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


def test_the_page_says_what_was_found(folder):
    page = exploration_page(explore(folder, FOLDER, "folder"))
    text = without_tags(page)
    for said in (
        "The works of fast (6) and slow &amp; soft (6) differ in",
        "1 of 13 files cannot be used",
        "Grouped by folder: fast (6 works), slow &amp; soft (6 works)",
        "not a readable MIDI file",
        "violin 6",
        "the groups differ",
        "no more than chance",
        "F#4 to B4",
        "dotted 8th",
        "Held-out works are predicted best from",
    ):
        assert said in text


def test_it_needs_nothing_and_is_whole(folder):
    page = exploration_page(explore(folder, FOLDER, "folder"))
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    parser = Balanced()
    parser.feed(page)
    assert parser.opened == []
    assert "nan" not in without_tags(page).lower().split()
    assert str(folder) not in page


def test_equal_corpora_give_equal_pages(folder):
    assert exploration_page(explore(folder, FOLDER)) == exploration_page(explore(folder, FOLDER))


def test_groups_keep_their_colors_where_one_has_nothing_to_show(folder):
    for seed in range(6):
        onset = np.cumsum(np.random.default_rng(seed).integers(50, 400, 64))
        path = folder / "a free one" / f"{seed}.mid"
        path.parent.mkdir(exist_ok=True)
        write_midi(Score(480, (Track(make_notes(onset, 200, 60 + seed, 80)),)), path)
    page = exploration_page(explore(folder, FOLDER, "folder"))
    chart = page[page.index("<h3>Note lengths</h3>") :]
    chart = chart[: chart.index("</svg>")]
    # Free playing has no note lengths, and is the first group: the legend alone shows its color.
    assert chart.count('class="bar s0"') == 1
    assert chart.count('class="bar s1"') > 1
    assert "a free one, 8th" not in chart
    assert "fast, 8th" in chart


@pytest.mark.parametrize("drums", [True, False])
def test_a_single_note_has_a_page(tmp_path, drums):
    write_midi(Score(480, (Track(make_notes([0], 480, 40, 80), is_drum=drums),)), tmp_path / "x.mid")
    text = without_tags(exploration_page(explore(tmp_path, FOLDER)))
    assert "1, of which 1 can be used" in text
    assert "No piece is long enough" in text


def varied(seed):
    """Four voices in any key, with notes of every length from a 32nd to two whole ones."""
    rng = np.random.default_rng(seed)
    tracks = []
    for program, low in ((40, 62), (41, 55), (42, 48), (43, 36)):
        duration = rng.choice([60, 80, 120, 160, 240, 320, 360, 480, 640, 720, 960, 1440, 1920, 2880, 3840], 48)
        steps = rng.choice([0, 2, 4, 5, 7, 9, 11], 48) + 12 * rng.integers(0, 3, 48)
        tracks.append(Track(make_notes(np.cumsum(duration) - duration, duration, low + seed % 12 + steps, 80), program))
    return Score(480, tuple(tracks))


@pytest.mark.parametrize("by", [None, "folder"])
def test_what_is_not_folded_is_read_in_three_minutes(folder, by):
    for seed in range(24):
        path = folder / f"varied {seed % 4}" / f"{seed}.mid"
        path.parent.mkdir(exist_ok=True)
        write_midi(varied(seed), path)
    page = exploration_page(explore(folder, FOLDER, by))
    assert n_words(unfolded_text(page)) <= MOST_WORDS
    assert remarks(page) == []
    check_that_all_can_read(page)
    # Folded, but there.
    assert "Files that cannot be used, and why" in page
    assert "Files that cannot be used, and why" not in unfolded_text(page)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_of_few_pieces_one_sentence_says_what_cannot_be_said(folder, tmp_path_factory, count):
    few = tmp_path_factory.mktemp("few")
    for seed in range(count):
        (few / f"{seed}.mid").write_bytes((folder / "fast" / f"{seed}.mid").read_bytes())
    page = exploration_page(explore(few, FOLDER))
    text = unfolded_text(page)
    assert len(remarks(page)) == 1
    assert "takes at least 10" in remarks(page)[0]
    assert text.count("too few") == 1
    assert n_words(text) <= MOST_WORDS
    # What can be said is: the music itself.
    assert "Note lengths" in text
