"""Engraves scores: one long page of SVG, or pages of A4 as PDF, by verovio and typst (the extra ``score``).

The way is score, MusicXML, verovio's SVG, PDF. Parts that are not on the sheet's grid, or need more voices than one
reads, are made legible first; parts without notes are left out. Where a system would be too high for a page, staves get
smaller. Equal scores give equal files.

What verovio draws as text in a music font (the note of a metronome mark) becomes outlines here, and its page header
becomes a plain line of text: programs that show SVG or make PDF of it would not draw them as they are.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from componium.errors import FormatError, MissingExtraError
from componium.formats.loading import Target, name_of, store
from componium.formats.musicxml.names import printable
from componium.formats.musicxml.writing import musicxml_bytes
from componium.rendering.legibility import STEPS, legible
from componium.rendering.lettering import drawable
from componium.score import Score, Track, make_notes, n_bars

# Tenths of a millimeter, as verovio counts; a staff that is not reduced is 7.2 mm high.
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 2100, 2970, 120
MAX_BARS = 2000
_LARGEST_PAGE = 60_000
# With the distance to the next, a staff takes about this much; a system of more than fit on a page is reduced.
_STAFF = 230
# Reductions that one is used to, that can be read with ease, and at all.
_USUAL, _SMALL, _SMALLEST = 0.9, 0.7, 0.1
_MANY_STAVES = 5
# Sixteenths and triplet eighths of a quarter, in steps.
_PLACES = (0, 3, 4, 6, 8, 9)
_MOST_VOICES = 3
_PIXELS_PER_UNIT = 0.4

_TITLE_SIZE, _LONGEST_TITLE, _LONGEST_NAME = 600, 70, 28

_VIEW = re.compile(r'<svg viewBox="0 0 (\d+) (\d+)"')
_NAME = re.compile(r'<svg [^>]*\bid="(\w+)"')
_FONTS = 'font-family="Times, serif"'
_SHEET_FONTS = "font-family=\"'Libertinus Serif', 'Times New Roman', Times, serif\""
_HEADER = re.compile(r'(<g [^>]*class="pgHead[^>]*>)<text.*?\bx="(\d+)" y="(\d+)".*?</text>(?=</g>)', re.DOTALL)
_TEXT = re.compile(r'<text x="(-?\d+)" y="(-?\d+)"([^>]*)>((?:(?!</text>).)*?"Leipzig".*?)</text>', re.DOTALL)
_RUN = re.compile(r'<tspan (?:font-family="(?P<font>[^"]*)" )?font-size="(?P<size>\d+)px"[^>]*>(?P<text>[^<]*)</tspan>')
_OUTLINE = re.compile(r'\bd="([^"]*)"')
_ADVANCE = re.compile(r'c="([0-9A-F]+)"[^>]* h-a-x="([\d.]+)"')
_EM, _BLANK = 1000, 100
# Where a sign of the music font stands within words: what fonts of letters have for it.
_LETTERS = {
    "\ue260": "♭", "\ue261": "♮", "\ue262": "♯", "\uea64": "♭", "\uea65": "♮", "\uea66": "♯",
    "\ued60": "♭", "\ued61": "♮", "\ued62": "♯", "\ueca3": "𝅗𝅥", "\ueca5": "♩", "\ueca7": "♪", "\uecb7": ".",
}  # fmt: skip


def engrave_svg(score: Score) -> str:
    """Returns a score as SVG, all systems below each other on one page as high as they need.

    Raises:
        FormatError: there is no note to print, or there are more than ``MAX_BARS`` bars.
        MissingExtraError: verovio is not installed.
    """
    pages = _pages(score, _LARGEST_PAGE)
    sizes = [_size(page) for page in pages]
    width, height = max(size[0] for size in sizes), sum(size[1] for size in sizes)
    if len(pages) == 1:
        return _placed(pages[0], f'width="{width}" height="{height}"') + "\n"
    view = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {view}>']
    top = 0
    for number, (page, (own_width, own_height)) in enumerate(zip(pages, sizes, strict=True)):
        # verovio gives all pages, and the outlines on them, one name; no name may occur twice.
        page = page.replace(_NAME.findall(page)[0], f"page{number}")  # noqa: PLW2901
        lines.append(_placed(page, f'y="{top}" width="{own_width}" height="{own_height}"'))
        top += own_height
    return "\n".join((*lines, "</svg>\n"))


def write_pdf(score: Score, target: Target) -> None:
    """Writes a score as pages of A4, to a path or a file object.

    Raises:
        FormatError: as for :func:`engrave_svg`, or the file cannot be written.
        MissingExtraError: verovio or typst is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("Sheet music", "score") from error
    pages = _pages(_in_known_letters(score), PAGE_HEIGHT)
    with tempfile.TemporaryDirectory(prefix="componium-") as folder:
        for number, page in enumerate(pages):
            Path(folder, f"{number}.svg").write_text(page, encoding="utf-8")
        sheet = Path(folder, "sheet.typ")
        sheet.write_text(_typst_source(score.title, len(pages)), encoding="utf-8")
        try:
            data: bytes = typst.compile(sheet, root=Path(folder), format="pdf")
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise FormatError(f"{name_of(target)}: typst cannot set these pages ({reason})") from error
    store(data, target)


def _in_known_letters(score: Score) -> Score:
    """The score with its title and names in letters that typst's own font has; SVG leaves fonts to who shows it."""
    tracks = tuple(replace(track, name=drawable(track.name)) for track in score.tracks)
    return replace(score, title=drawable(score.title), tracks=tracks)


def _typst_source(title: str, n_pages: int) -> str:
    # A date would make equal scores unequal files.
    quoted = '"' + _clipped(title, 200).replace("\\", "\\\\").replace('"', '\\"') + '"'
    numbered = "[#set align(center); #set text(size: 9pt); #context counter(page).display()]" if n_pages > 1 else "none"
    return "\n".join(
        (
            f"#set document(title: {quoted}, date: none)",
            f'#set page(paper: "a4", margin: 0mm, footer: {numbered}, footer-descent: -8mm)',
            f'#for number in range({n_pages}) {{ image(str(number) + ".svg", width: 210mm, height: 297mm) }}',
        )
    )


def _pages(score: Score, page_height: int) -> list[str]:
    """Returns the SVG of pages of ``page_height`` units, or, if that is the most there is, as high as they need."""
    try:
        import verovio  # noqa: PLC0415 - large, and needed here alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("Sheet music", "score") from error
    data = musicxml_bytes(_written_down(score))
    n_staves = data.count(b"<score-part ") + data.count(b"<staves>2</staves>")
    # Two systems a page if that leaves staves large enough; one at any price.
    room = (PAGE_HEIGHT - 3 * MARGIN) / (n_staves * _STAFF)
    scale = max(min(_USUAL, max(room / 2, _SMALL), room), _SMALLEST)
    is_endless = page_height == _LARGEST_PAGE
    # verovio writes what it thinks to the standard error of the process.
    verovio.enableLog(verovio.LOG_OFF)
    toolkit: Any = verovio.toolkit()
    toolkit.setOptions(
        {
            "pageWidth": round(PAGE_WIDTH / scale),
            "pageHeight": _LARGEST_PAGE if is_endless else round(page_height / scale),
            "adjustPageHeight": is_endless,
            **{f"pageMargin{side}": min(round(MARGIN / scale), 500) for side in ("Top", "Bottom", "Left", "Right")},
            "scale": round(100 * _PIXELS_PER_UNIT * scale),
            "header": "auto",
            "footer": "none",
            "justifyVertically": not is_endless,
            "shrinkToFit": not is_endless,
            "systemDivider": "none",
            "smuflTextFont": "none",
            "svgFormatRaw": True,
            "svgRemoveXlink": True,
            "svgViewBox": True,
            "xmlIdSeed": 1,
        }
    )
    is_laid_out = toolkit.loadData(data.decode("utf-8"))
    if is_laid_out and n_staves > _MANY_STAVES:
        # From the second system on, staves that rest throughout a system are left out.
        encoded: str = toolkit.getMEI()
        is_laid_out = toolkit.loadData(encoded.replace("<scoreDef ", '<scoreDef optimize="true" ', 1))
    if not is_laid_out:
        raise FormatError("verovio cannot lay this score out")
    first, *others = (toolkit.renderToSVG(number) for number in range(1, toolkit.getPageCount() + 1))
    return [_plain(first, _clipped(score.title or "Untitled", _LONGEST_TITLE)), *(_plain(page, "") for page in others)]


def _written_down(score: Score) -> Score:
    """Returns what is printed: parts that are neat as they are, the others made legible."""
    sounding = replace(score, tracks=tuple(track for track in score.tracks if len(track.notes)))
    if not sounding.tracks:
        raise FormatError("there is no note to print")
    if (bars := n_bars(sounding)) > MAX_BARS:
        raise FormatError(f"{bars} bars are more than the limit of {MAX_BARS} for sheet music")
    sheet = legible(sounding)
    tracks = (
        _on_steps(track, score.ticks_per_quarter) if _is_neat(track, score.ticks_per_quarter) else plain
        for track, plain in zip(sounding.tracks, sheet.tracks, strict=True)
    )
    return replace(sheet, tracks=tuple(replace(track, name=_clipped(track.name, _LONGEST_NAME)) for track in tracks))


def _is_neat(track: Track, ticks_per_quarter: int) -> bool:
    """Whether notes begin and end on sixteenths or triplets, in few voices; of drums the durations mean nothing."""
    onset, duration = track.notes["onset"].astype(np.int64), track.notes["duration"].astype(np.int64)
    spans = np.unique(np.stack((onset, onset + duration)), axis=1)
    steps, rest = np.divmod(spans * STEPS, ticks_per_quarter)
    if track.is_drum or not duration.all() or rest.any() or not np.isin(steps % STEPS, _PLACES).all():
        return False
    # Of chords that end where others begin, those that end come first.
    order = np.lexsort((np.repeat((1, 0), spans.shape[1]), spans.ravel()))
    sounding = np.cumsum(np.repeat((1, -1), spans.shape[1])[order])
    return int(sounding.max()) <= _MOST_VOICES


def _on_steps(track: Track, ticks_per_quarter: int) -> Track:
    notes = track.notes
    onset, duration = (notes[field].astype(np.int64) * STEPS // ticks_per_quarter for field in ("onset", "duration"))
    return replace(track, notes=make_notes(onset, duration, notes["pitch"], notes["velocity"]))


def _plain(page: str, title: str) -> str:
    """Replaces what needs verovio's music font, or a browser's reading of nested text."""

    def header(match: re.Match[str]) -> str:
        place = f'x="{match[2]}" y="{match[3]}" text-anchor="middle"'
        return f'{match[1]}<text {place} font-size="{_TITLE_SIZE}px">{escape(title)}</text>'

    return _TEXT.sub(_without_music_font, _HEADER.sub(header, page)).replace(_FONTS, _SHEET_FONTS)


def _without_music_font(match: re.Match[str]) -> str:
    """A line of text whose leading signs are drawn, and whose others are letters."""
    x, y, attributes, content = int(match[1]), int(match[2]), match[3], match[4]
    drawn: list[str] = []
    words: list[str] = []
    size = 0
    for run in _RUN.finditer(content):
        if run["font"] is None:
            size = int(run["size"])
            words.append(f'<tspan font-size="{size}px">{run["text"]}</tspan>')
        elif words:
            letters = "".join(_LETTERS.get(sign, sign) for sign in run["text"])
            words.append(f'<tspan font-size="{size}px">{letters}</tspan>')
        else:
            em = int(run["size"]) / _EM
            for sign in run["text"]:
                outline, advance = _sign(sign)
                drawn.append(f'<path transform="translate({x}, {y}) scale({em:g}, {-em:g})" d="{outline}"/>')
                x += round(advance * em)
    return f'{"".join(drawn)}<text x="{x}" y="{y}"{attributes}>{"".join(words)}</text>'


@cache
def _sign(sign: str) -> tuple[str, float]:
    """Outline and width of a sign of the music font, in thousandths of the font's size; a blank if there is none."""
    import verovio  # noqa: PLC0415 - see _pages

    data = Path(verovio.__file__).parent / "data"
    code = f"{ord(sign):04X}"
    try:
        outline = _OUTLINE.search((data / "Leipzig" / f"{code}.xml").read_text(encoding="utf-8"))
        widths = dict(_ADVANCE.findall((data / "Leipzig.xml").read_text(encoding="utf-8")))
    except OSError:
        return "", _BLANK
    return (outline[1] if outline else ""), float(widths.get(code, _BLANK))


def _size(page: str) -> tuple[int, int]:
    """Width and height of a page in pixels."""
    width, height = _VIEW.findall(page[:200])[0]
    return int(width), int(height)


def _placed(page: str, attributes: str) -> str:
    return page.replace("<svg ", f"<svg {attributes} ", 1)


def _clipped(text: str, length: int) -> str:
    """One line of text that is not too long, of what can be printed."""
    line = printable(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
