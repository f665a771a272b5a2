import re
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from fixtures.music import tune
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.errors import FormatError, MissingExtraError
from componium.rendering import engraving
from componium.rendering.engraving import engrave_svg, write_pdf
from componium.score import ChordSpan, KeySignature, Score, Tempo, TimeSignature, Track, make_notes

pytest.importorskip("verovio")
pytest.importorskip("typst")

SVG = "{http://www.w3.org/2000/svg}"


def quarters(n, program=40, name="part", **fields):
    """One part of n quarter notes, four a bar."""
    pitches = 60 + np.arange(n) * 7 % 13
    return Score(480, (Track(make_notes(np.arange(n) * 480, 480, pitches, 80), program, name=name),), **fields)


def counted(svg, name):
    return len(re.findall(rf'class="{name}"', svg))


def size_of(svg):
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    return float(root.get("width")), float(root.get("height"))


def n_pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("n_bars", [1, 7, 40])
def test_every_note_and_every_bar_is_on_the_sheet(n_bars):
    svg = engrave_svg(quarters(4 * n_bars))
    assert counted(svg, "note") == 4 * n_bars
    assert counted(svg, "measure") == n_bars
    assert counted(svg, "rest") == counted(svg, "mRest") == 0


def test_the_sheet_is_as_high_as_its_systems_need():
    widths, heights = zip(*(size_of(engrave_svg(quarters(4 * n_bars))) for n_bars in (1, 20, 40, 80)), strict=True)
    assert len(set(widths)) == 1
    assert list(heights) == sorted(set(heights))
    # Twice the bars, about twice the systems.
    assert heights[3] - heights[2] == pytest.approx(2 * (heights[2] - heights[1]), rel=0.3)


def test_what_is_higher_than_one_drawing_is_stacked(monkeypatch):
    score = quarters(4 * 60)
    whole = engrave_svg(score)
    monkeypatch.setattr(engraving, "_LARGEST_PAGE", 1500)
    stacked = engrave_svg(score)
    assert counted(stacked, "note") == counted(whole, "note")
    pages = ElementTree.fromstring(stacked).findall(f"{SVG}svg")  # noqa: S314 - our own drawing
    assert len(pages) > 1
    bottoms = [float(page.get("y")) + float(page.get("height")) for page in pages]
    assert [float(page.get("y")) for page in pages] == [0, *bottoms[:-1]]
    assert size_of(stacked)[1] == bottoms[-1]
    names = re.findall(r' id="([^"]*)"', stacked)
    used = set(re.findall(r'href="#([^"]*)"', stacked))
    assert used
    assert all(names.count(name) == 1 for name in used)


def test_equal_scores_give_equal_files(tmp_path):
    assert engrave_svg(tune(1)) == engrave_svg(tune(1)) != engrave_svg(tune(2))
    for name in ("a.pdf", "b.pdf"):
        write_pdf(tune(1), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_pages_of_a_pdf_are_a4_and_as_many_as_it_needs(tmp_path):
    sizes = []
    for n_bars in (4, 160):
        path = tmp_path / f"{n_bars}.pdf"
        write_pdf(quarters(4 * n_bars), path)
        data = path.read_bytes()
        assert data.startswith(b"%PDF")
        [box] = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", data))
        assert [float(edge) for edge in box.split()] == pytest.approx([0, 0, 595.28, 841.89], abs=0.1)
        sizes.append(n_pages(data))
    assert sizes[0] == 1
    assert 2 <= sizes[1] <= 6


def test_the_title_is_printed_once_whatever_it_holds(tmp_path, monkeypatch):
    title = 'Air & "Variations" <5> \\ $x$ #1 音樂'
    score = quarters(160, title=title)
    monkeypatch.setattr(engraving, "_LARGEST_PAGE", 1500)
    texts = ["".join(text.itertext()) for text in ElementTree.fromstring(engrave_svg(score)).iter(f"{SVG}text")]  # noqa: S314
    assert texts.count(title) == 1
    write_pdf(score, tmp_path / "x.pdf")
    assert n_pages((tmp_path / "x.pdf").read_bytes()) >= 1


def test_nothing_needs_a_music_font():
    score = quarters(8, chords=(ChordSpan(0, 1920, "Bb:maj7"), ChordSpan(1920, 1920, "F#:min")))
    svg = engrave_svg(replace(score, tempos=(Tempo(0, 96.0),)))
    assert not re.search("Leipzig|[\ue000-\uf8ff]|@font-face", svg)
    assert "96" in svg
    # The note of the metronome mark is an outline to the left of its text.
    [mark] = re.findall(r'class="tempo">(.*?)</text>', svg, re.DOTALL)
    sign, words = re.search(r"translate\((\d+)", mark), re.search(r'<text x="(\d+)"', mark)
    assert 0 < int(words[1]) - int(sign[1]) < 400
    assert len(re.search(r' d="([^"]*)"', mark)[1]) > 50


def test_names_and_keys_are_there():
    svg = engrave_svg(quarters(4, name="Kazoo & Co", key_signatures=(KeySignature(0, 3, False),)))
    assert "Kazoo &amp; Co" in svg
    assert counted(svg, "keyAccid") == 3


def test_empty_parts_are_left_out_and_an_empty_score_is_an_error(tmp_path):
    score = quarters(4)
    more = replace(score, tracks=(Track(), *score.tracks, Track(name="nobody")))
    assert engrave_svg(more) == engrave_svg(score)
    for nothing in (Score(480), Score(480, (Track(), Track(is_drum=True)))):
        with pytest.raises(FormatError, match="no note"):
            engrave_svg(nothing)
        with pytest.raises(FormatError, match="no note"):
            write_pdf(nothing, tmp_path / "x.pdf")


def test_more_bars_than_anybody_prints_are_an_error():
    with pytest.raises(FormatError, match="2001 bars are more than the limit of 2000"):
        engrave_svg(Score(480, (strange((0, 480, 60), (2000 * 1920, 480, 60)),)))


def test_a_system_of_many_parts_fits_on_a_page(monkeypatch):
    one = quarters(8).tracks[0]
    pages = engraving._pages(Score(480, tuple(replace(one, name=str(part)) for part in range(24))), 2970)
    lines = [int(y) for page in pages for y in re.findall(r'<path d="M\d+ (\d+) L\d+ \1" stroke-width="\d+"', page)]
    heights = [int(box) for page in pages for box in re.findall(r'class="definition-scale".*?0 0 \d+ (\d+)', page)]
    assert sum(counted(page, "staff") for page in pages) == 24 * 2
    assert max(lines) < min(heights)


def test_of_many_parts_those_that_rest_are_left_out_after_the_first_system():
    one = quarters(4 * 40).tracks[0]
    short = replace(one, notes=one.notes[:4])
    parts = tuple(replace(short if part else one, name=str(part)) for part in range(8))
    svg = engrave_svg(Score(480, parts))
    assert counted(svg, "note") == 4 * 40 + 7 * 4
    assert counted(svg, "staff") < 8 * 40 / 2


STEP = st.integers(0, 60)


@settings(max_examples=40)
@given(st.lists(st.tuples(STEP, st.integers(1, 20), st.integers(40, 80)), min_size=1, max_size=12), st.integers(0, 39))
def test_parts_are_neat_where_they_lie_on_the_grid_and_stay_as_they_are(rows, shift):
    onset, duration, pitch = np.array(rows).T
    # Sixteenths, one after the other, and then moved off the grid by less than a step.
    onset, duration = np.sort(onset) * 120 + shift, np.minimum(duration * 120, 480)
    track = Track(make_notes(onset, duration, pitch, 80))
    busiest = max(len({(o, d) for o, d in zip(onset, duration, strict=True) if o <= at < o + d}) for at in onset)
    assert engraving._is_neat(track, 480) == (shift == 0 and busiest <= 3)
    if shift == 0 and busiest <= 3:
        [written] = engraving._written_down(Score(480, (track,))).tracks
        assert (written.notes["onset"] * 40).tolist() == track.notes["onset"].tolist()
        assert (written.notes["duration"] * 40).tolist() == track.notes["duration"].tolist()


def strange(*rows, **fields):
    onset, duration, pitch = np.array(rows).T
    return Track(make_notes(onset, duration, pitch, 80), **fields)


@pytest.mark.parametrize(
    "score",
    [
        Score(480, (strange((0, 0, 0)),)),
        Score(480, (strange((0, 10, 127), (0, 9000, 0)),)),
        Score(480, (strange((0, 10, 36), (3, 5, 127), (3, 5, 0), is_drum=True),)),
        Score(480, (strange((0, 10, 60), name="\0\n\x1b" * 300),), title="long \n\ud800\0" * 100),
        Score(1, (strange((0, 30, 0), (1, 5, 127)),), time_signatures=(TimeSignature(0, 1, 64),)),
        Score(480, (strange((5, 99, 60)),), time_signatures=(TimeSignature(0, 6, 8), TimeSignature(50, 3, 4))),
        Score(480, (strange((7, 900, 60), (1900, 99, 61)),), time_signatures=(TimeSignature(0, 13, 16),)),
        Score(480, tuple(strange((0, 480, pitch)) for pitch in range(0, 128, 4))),
        Score(480, (strange((0, 480, 60), (200_000, 480, 60)),)),
        Score(32767, (strange(*((i * 1000, 50_000, 40 + i) for i in range(40))),)),
    ],
)
def test_any_score_becomes_a_sheet(score):
    svg = engrave_svg(score)
    ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    assert counted(svg, "note") >= 1


def test_nothing_is_printed_elsewhere(capfd, tmp_path):
    engrave_svg(tune(0))
    write_pdf(tune(0), tmp_path / "x.pdf")
    assert capfd.readouterr() == ("", "")


def test_a_pdf_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(FormatError, match=r"x\.pdf: cannot be written \(No such file"):
        write_pdf(quarters(4), tmp_path / "no" / "x.pdf")


@pytest.mark.parametrize("missing", ["verovio", "typst"])
def test_a_missing_library_names_the_extra(missing, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"the extra 'score': .* -m pip install .*verovio"):
        write_pdf(quarters(4), tmp_path / "x.pdf")
