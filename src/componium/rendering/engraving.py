"""Scores as sheet music: MusicXML, engraved by verovio, as one SVG or as a PDF of A4 pages set by typst."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from componium.errors import FormatError, MissingExtraError
from componium.formats.musicxml_writing import musicxml_bytes
from componium.score import Score

# Verovio counts in tenths of a millimeter at a scale of 100; a staff of A4 is then 7.2 mm high.
_A4 = {"pageWidth": 2100, "pageHeight": 2970}


def engrave_svg(score: Score) -> str:
    """Returns a score as one SVG: all systems on a page as high as they need."""
    options = {"breaks": "auto", "adjustPageHeight": True, "pageHeight": 60000, "pageWidth": 2100, "svgViewBox": True}
    return _engraved(score, options)[0]


def _engraved(score: Score, options: dict[str, Any]) -> list[str]:
    try:
        import verovio  # noqa: PLC0415 - only where a score is engraved
    except ImportError as error:
        raise MissingExtraError("engraving", "score") from error
    if not score.n_notes:
        raise FormatError("a score without notes cannot be engraved")
    verovio.enableLog(verovio.LOG_OFF)
    toolkit: Any = verovio.toolkit()
    toolkit.setOptions({"footer": "none", "header": "auto", "xmlIdSeed": 1, **options})
    toolkit.loadData(musicxml_bytes(score).decode())
    return [toolkit.renderToSVG(page + 1) for page in range(toolkit.getPageCount())]
