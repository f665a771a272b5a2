"""Decodes the texts of MIDI files, which do not say how they are encoded.

In this order: UTF-16 by its byte order mark or its zeros, UTF-8, then the most plausible one of Windows-1252 (Latin-1),
Shift-JIS, GBK and Windows-1251. Plausible are words of one script, and characters that are common in it: names of tracks
are too short for statistics of languages.
"""

from __future__ import annotations

import codecs
import re

_CANDIDATES = ("cp1252", "cp932", "gbk", "cp1251")
_WORD = re.compile(r"[^\W\d_]+")
_SIGN = re.compile(r"[^\x00-\x7f]", re.ASCII)
_USUAL_SIGNS = frozenset("©®°§«»“”‘’–—…·•™€£¿¡ªº½¼²³、。「」・ー（）《》：，！？")
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
        found.append((_plausibility(text, encoding), text))
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
        weights += [
            (_weight_of_letter(own, word, encoding), len(own.encode(encoding))) for own in word if not own.isascii()
        ]
    for matched in _SIGN.finditer(text):
        if matched[0].isalpha():
            continue
        joined = text[matched.start() - 1 : matched.start()].isalpha() and text[matched.end() :][:1].isalpha()
        weight = 1.0 if joined and matched[0] == "’" else 0.9 if matched[0] in _USUAL_SIGNS else _UNLIKELY
        weights.append((weight, len(matched[0].encode(encoding))))
    return sum(weight * size for weight, size in weights) / max(sum(size for _, size in weights), 1)


def _weight_of_letter(letter: str, word: str, encoding: str) -> float:
    n_ascii = sum(own.isascii() for own in word)
    if encoding == "cp1252":
        weight = 1.0 if letter >= "\xc0" and letter <= "\xff" else 0.75 if letter in _FURTHER_LETTERS else _UNLIKELY
        return weight if 2 * n_ascii >= len(word) else min(weight, _RARE if n_ascii else _UNLIKELY)
    if encoding == "cp1251":
        is_usual = n_ascii == 0 and len(word) > 2 and (word[1:].islower() or word.isupper())
        return 0.8 if is_usual else _UNLIKELY
    # A sign among letters of the alphabet is none.
    share = 0.5 if word[0].isascii() and word[-1].isascii() else 1.0
    lead, *trail = letter.encode(encoding)
    if encoding == "cp932":
        if not trail:
            return _RARE if len(word) > 1 and not n_ascii else _UNLIKELY
        return share * (1.0 if "\u3040" <= letter <= "\u30ff" or 0x88 <= lead <= 0x98 else _RARE)
    if trail and trail[0] >= 0xA1 and 0xB0 <= lead <= 0xF7:
        return share * (1.0 if lead <= 0xD7 else 0.5)
    return _UNLIKELY
