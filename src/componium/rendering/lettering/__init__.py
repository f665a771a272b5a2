"""Letters for pictures: a font for the text at hand, and what stands for signs that it lacks.

Plain texts are set in Pillow's own font. It has ASCII alone; all others are set in a part of DejaVu Sans: Latin, Greek
and Cyrillic, punctuation and the signs of music. What that lacks is transliterated, and what cannot be is left out.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from PIL import ImageFont

from componium.errors import FormatError

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_DEJAVU = Path(__file__).parent / "DejaVuSans.ttf"
# What Pillow's own font has beside ASCII.
_PLAIN = frozenset("…·")
# A sign that no font has: its picture is that of all that are missing.
_MISSING = "\uffff"


def font_for(text: str, size: float) -> Font:
    """Returns a font that has all letters of a text which :func:`drawable` returned."""
    return _font(size, is_plain=all(letter.isascii() or letter in _PLAIN for letter in text))


def drawable(text: str) -> str:
    """Returns a text on one line in letters that pictures can show."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(_drawable(letter) for letter in text).split())


@cache
def _font(size: float, *, is_plain: bool) -> Font:
    if is_plain:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(str(_DEJAVU), size)
    except OSError as error:
        raise FormatError(f"{_DEJAVU}: cannot be read ({error}); install Componium again") from error


@cache
def _drawable(letter: str) -> str:
    if letter.isspace():
        return " "
    if letter.isascii() or letter in _PLAIN or _is_in_font(letter):
        return letter if letter.isprintable() else ""
    from anyascii import anyascii  # noqa: PLC0415 - only few texts need it

    latin = anyascii(letter)
    # Pictures have names between colons.
    return "" if latin.startswith(":") else latin


def _is_in_font(letter: str) -> bool:
    font = _font(16, is_plain=False)
    return _shape(font, letter) != _shape(font, _MISSING)


def _shape(font: Font, letter: str) -> tuple[tuple[int, ...], bytes]:
    # The picture of the letter, as Pillow keeps it: a sequence of bytes in all but its type.
    mask: Any = font.getmask(letter)
    return mask.size, bytes(mask)
