"""Scores as sheet music: MusicXML, engraved by verovio, as one SVG or as a PDF of A4 pages set by typst.

What one sees is what :mod:`componium.formats.musicxml_writing` writes. The SVG needs no font of music: verovio draws signs as
paths, but sets the note of a metronome mark in a font that few programs find; it is drawn here.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

from componium.errors import FormatError, MissingExtraError
from componium.formats.musicxml_writing import musicxml_bytes, printable
from componium.score import Score

# verovio counts in tenths of a millimeter; its pages are no higher than this.
_PAGE_WIDTH, _PAGE_HEIGHT, _TALLEST = 2100, 2970, 60_000
_MARGIN = 120
# What a staff takes of a page's height, with its share of the space around it.
_STAFF_HEIGHT = 210
_SMALLEST = 4.0

_METRONOME_NOTE = re.compile(
    r'<text x="(\d+)" y="(\d+)"([^>]*)>((?:\s*<tspan[^>]*>)*\s*)<tspan[^>]*font-family="Leipzig"[^>]*>[^<]*</tspan>'
)
_CENTERED = re.compile(r'<text font-size="0px">\s*<tspan([^>]*) x="(\d+)" y="(\d+)" text-anchor="middle">')
_NOTE_WIDTH = 190


def engrave_svg(score: Score) -> str:
    """Returns a score as one SVG: all its systems below each other.

    Raises:
        FormatError: it has no note, or too many bars to be printed.
        MissingExtraError: verovio is not installed.
    """
    pages = _engraved(score, {"pageHeight": _TALLEST, "adjustPageHeight": True, "pageWidth": _PAGE_WIDTH})
    return pages[0] if len(pages) == 1 else _stacked(pages)


def write_pdf(score: Score, path: str | os.PathLike[str]) -> None:
    """Writes a score as a PDF of A4 pages; the more staves it has, the smaller they are.

    Raises:
        FormatError: it has no note, too many bars to be printed, or the file cannot be written.
        MissingExtraError: verovio or typst is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - only where a PDF is asked for
    except ImportError as error:
        raise MissingExtraError("PDF", "score") from error
    n_staves = sum(1.4 for _ in score.tracks)
    size = min(max(1.15, n_staves * _STAFF_HEIGHT / (_PAGE_HEIGHT - 4 * _MARGIN)), _SMALLEST)
    page = {"pageWidth": round(_PAGE_WIDTH * size), "pageHeight": round(_PAGE_HEIGHT * size), "shrinkToFit": True}
    pages = _engraved(score, page)
    images = "\n#pagebreak()\n".join(f'#image("{number}.svg", width: 100%)' for number in range(len(pages)))
    with tempfile.TemporaryDirectory() as folder:
        for number, svg in enumerate(pages):
            (Path(folder) / f"{number}.svg").write_text(svg.replace("Times, serif", "Libertinus Serif"), encoding="utf-8")
        (Path(folder) / "title.txt").write_text(printable(score.title), encoding="utf-8")
        source = Path(folder) / "score.typ"
        source.write_text(
            '#set document(title: read("title.txt"), date: none)\n'
            f'#set page(paper: "a4", margin: 0pt)\n{images}\n',
            encoding="utf-8",
        )
        data = typst.compile(str(source), format="pdf")
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise FormatError(f"{path}: cannot be written ({error.strerror})") from error


def _engraved(score: Score, options: dict[str, Any]) -> list[str]:
    try:
        import verovio  # noqa: PLC0415 - only where a score is engraved
    except ImportError as error:
        raise MissingExtraError("engraving", "score") from error
    if not score.n_notes:
        raise FormatError("a score without notes cannot be engraved")
    verovio.enableLog(verovio.LOG_OFF)
    toolkit: Any = verovio.toolkit()
    margins = dict.fromkeys(["pageMarginTop", "pageMarginBottom", "pageMarginLeft", "pageMarginRight"], _MARGIN)
    # The seed makes the ids of equal scores equal.
    fixed = {"footer": "none", "header": "auto", "xmlIdSeed": 1, "smuflTextFont": "none", "svgViewBox": True}
    toolkit.setOptions({**margins, **fixed, **options})
    if not toolkit.loadData(musicxml_bytes(score).decode()):
        raise FormatError("verovio cannot engrave this score")
    return [_self_contained(toolkit.renderToSVG(page + 1)) for page in range(toolkit.getPageCount())]


def _self_contained(svg: str) -> str:
    """Draws metronome notes, and centers titles in a way that every SVG program understands."""
    svg = re.sub(r'\s*<title class="labelAttr">[^<]*</title>', "", svg)
    svg = _CENTERED.sub(r'<text x="\2" y="\3" text-anchor="middle" font-size="0px"><tspan\1>', svg)
    return _METRONOME_NOTE.sub(_with_note, svg)


def _with_note(match: re.Match[str]) -> str:
    x, y = int(match[1]), int(match[2])
    head = '<ellipse cx="82" cy="-42" rx="84" ry="56" transform="rotate(-28 82 -42)" stroke="none"/>'
    stem = '<rect x="138" y="-480" width="18" height="420" stroke="none"/>'
    return (
        f'<g transform="translate({x}, {y})">{head}{stem}</g><text x="{x + _NOTE_WIDTH}" y="{y}"{match[3]}>{match[4]}'
    )


def _stacked(pages: list[str]) -> str:
    """Puts pages below each other in one SVG."""
    placed: list[str] = []
    top = 0
    for number, page in enumerate(pages):
        match = re.search(r'viewBox="0 0 (\d+) (\d+)"', page)
        identity = re.search(r'<svg[^>]* id="(\w+)"', page)
        if match is None or identity is None:
            raise FormatError("verovio's SVG has another form than expected")
        # Ids must not occur twice.
        page = page.replace(identity[1], f"{identity[1]}p{number}")  # noqa: PLW2901
        size = f'y="{top}" width="{match[1]}" height="{match[2]}" '
        placed.append(page[page.index("<svg") :].replace("<svg ", f"<svg {size}", 1))
        top += int(match[2])
    body = "\n".join(placed)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_PAGE_WIDTH} {top}">\n{body}\n</svg>\n'
