"""Decodes the texts of MIDI files, which do not say how they are encoded.

In this order: UTF-16 by its byte order mark or its zeros, UTF-8, then the most plausible one of Windows-1252 (Latin-1),
Shift-JIS, GBK and Windows-1251. Plausible are words of one script, and characters that are common in it: names of
tracks are too short for statistics of languages.
"""

from __future__ import annotations

import codecs
import re

_CANDIDATES = ("cp1252", "cp932", "gbk", "cp1251")
# By so many bytes a long text is judged.
_SAMPLE_BYTES = 4096
_WORD = re.compile(r"[^\W\d_]+")
_SIGN = re.compile(r"[^\x00-\x7f]")
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_USUAL_SIGNS = frozenset(
    "\N{EN DASH}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}©®°§«»“”—…·•™€£¿¡½¼²³、。「」・《》"
    "\N{FULLWIDTH LEFT PARENTHESIS}\N{FULLWIDTH RIGHT PARENTHESIS}\N{FULLWIDTH COLON}\N{FULLWIDTH COMMA}"
    "\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}"
)
# Letters of Windows-1252 whose bytes are, or begin, characters of Shift-JIS.
_FURTHER_LETTERS = frozenset("ŠšŽžŒœŸªº")
_RARE, _UNLIKELY = 0.4, 0.1


def decode_text(data: bytes) -> str:
    """Returns the text that bytes stand for; never fails, and loses nothing that can be read."""
    if data.isascii() and b"\0" not in data:
        return data.decode("ascii")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if (endian := _utf_16(data)) is not None:
        return data.decode(endian, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    found: list[tuple[float, str]] = []
    for encoding in _CANDIDATES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        found.append((_plausibility(text[:_SAMPLE_BYTES], encoding), text))
    # Of equally plausible ones the first counts.
    return max(found, key=lambda own: own[0])[1] if found else data.decode("latin-1")


def _utf_16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, if every second byte of most characters is zero."""
    half = len(data) // 2
    if len(data) % 2 or half < 2:
        return None
    if data[1::2].count(0) > half * 0.7 and not data[::2].count(0):
        return "utf-16-le"
    return "utf-16-be" if data[::2].count(0) > half * 0.7 and not data[1::2].count(0) else None


def _plausibility(text: str, encoding: str) -> float:
    """From 0 to 1: how likely the characters beyond ASCII are, on average of the bytes that they take."""
    weights: list[tuple[float, int]] = []
    for matched in _WORD.finditer(text):
        word = matched[0]
        share = sum(own.isascii() for own in word) / len(word)
        letters = [(own, own.encode(encoding)) for own in word if not own.isascii()]
        weights += [(_weight_of_letter(own, encoded, word, share), len(encoded)) for own, encoded in letters]
    for matched in _SIGN.finditer(text):
        if not matched[0].isalpha():
            weights.append((_weight_of_sign(text, matched.start()), len(matched[0].encode(encoding))))
    return sum(weight * size for weight, size in weights) / max(sum(size for _, size in weights), 1)


def _weight_of_sign(text: str, place: int) -> float:
    if text[place] == _APOSTROPHE and text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha():
        return 1.0
    return 0.9 if text[place] in _USUAL_SIGNS else _UNLIKELY


def _weight_of_letter(letter: str, encoded: bytes, word: str, ascii_share: float) -> float:
    """How likely a letter beyond ASCII is, by its script, by its place in its encoding, and by the word around it."""
    if "\u0400" <= letter <= "\u04ff" and len(encoded) == 1:
        is_usual = not ascii_share and len(word) > 2 and (word[1:].islower() or word.isupper())
        return 0.8 if is_usual else _UNLIKELY
    if letter <= "\u02ff":
        weight = 1.0 if "\xc0" <= letter <= "\xff" else 0.75 if letter in _FURTHER_LETTERS else _UNLIKELY
        return weight if ascii_share >= 0.5 else min(weight, _RARE if ascii_share else _UNLIKELY)
    if len(encoded) == 1:
        # Katakana of half width.
        return _RARE if "\uff66" <= letter <= "\uff9f" and len(word) > 1 and not ascii_share else _UNLIKELY
    # A sign among letters of the alphabet is none.
    share = 0.5 if word[0].isascii() and word[-1].isascii() else 1.0
    return share * _weight_of_pair(letter, encoded)


def _weight_of_pair(letter: str, encoded: bytes) -> float:
    """Likewise of a letter of two bytes: both encodings have the common signs in a block of their own."""
    if "\u3040" <= letter <= "\u30ff":
        return 1.0
    if letter.encode("gbk", "ignore") == encoded:
        is_simplified = encoded[1] >= 0xA1 and 0xB0 <= encoded[0] <= 0xF7
        return (1.0 if encoded[0] <= 0xD7 else 0.5) if is_simplified else _UNLIKELY
    return 1.0 if 0x88 <= encoded[0] <= 0x98 else _RARE
