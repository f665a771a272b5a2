"""What a band is in each style: its usual tempo, ensembles to choose from, and the full band.

What a request leaves open is drawn from here; nothing of it limits what can be asked for.
"""

from __future__ import annotations

from typing import NamedTuple


class Style(NamedTuple):
    """Usual tempo in quarters a minute, ensembles that are drawn alike often, and all who may play."""

    tempo_bpm: float
    ensembles: tuple[tuple[str, ...], ...]
    full_band: tuple[str, ...]


# Of a style that is none of these.
ANY = Style(100.0, (("piano",),), ("piano", "acoustic bass", "drums"))

_QUARTET = ("violin", "viola", "cello")

STYLES: dict[str, Style] = {
    "pop": Style(
        96.0,
        (
            ("piano",),
            ("piano", "violin"),
            ("piano", "flute", "strings"),
            ("nylon guitar", "clarinet", "acoustic bass"),
            ("electric piano", "alto sax", "electric bass", "drums"),
        ),
        ("piano", "alto sax", "strings", "electric bass", "drums"),
    ),
    "folk": Style(
        110.0,
        (("violin",), ("flute",), ("accordion",), ("recorder",)),
        ("violin",),
    ),
    "chorale": Style(80.0, (("choir",), ("church organ",), ("oboe", "clarinet", "horn", "bassoon")), ("choir",)),
    "string-quartet": Style(100.0, (_QUARTET,), (*_QUARTET, "contrabass")),
    "renaissance": Style(100.0, (("choir",), ("recorder", "viola", "cello"), ("church organ",)), ("choir",)),
    "classical-piano": Style(104.0, (("piano",), ("harpsichord",)), ("piano",)),
    "game-rock": Style(
        126.0,
        (("overdriven guitar", "electric bass", "drums"), ("overdriven guitar", "lead", "electric bass", "drums")),
        ("overdriven guitar", "electric guitar", "lead", "pad", "electric bass", "drums"),
    ),
}
