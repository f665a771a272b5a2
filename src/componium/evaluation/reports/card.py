"""Makes the cards of a page of sets, one a figure.

``report.json`` calls the two sets *reference* and *generated*; pages call them *human* and *composed*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

SIDES = ("reference", "generated")
SIDE_WORDS = {"reference": "human", "generated": "composed"}

BADGES: Mapping[str, str] = {
    "alarm": "differs",
    "calm": "no difference shown",
    "none": "too few have it",
}

State = Literal["alarm", "calm", "none", "untested"]
Json = Mapping[str, Any]

_WORDS = (
    ("of the reference has drums", "of the human pieces have drums"),
    ("a piece of the reference", "a human piece"),
    ("of the reference", "of the human pieces"),
    ("the reference", "the human pieces"),
    ("reference piece", "human piece"),
    ("reference files", "human files"),
    ("generated", "composed"),
)


class Card(NamedTuple):
    """One figure on the page.

    Attributes:
        anchor: unique on the page; the name of the figure.
        finding: what differs; empty where nothing does.
        table: rows of cells, the first of them its head; may be empty.
        facts: one line each.
    """

    anchor: str
    title: str
    group: str
    meaning: str
    state: State
    badge: str
    finding: str
    charts: tuple[Markup, ...]
    table: tuple[tuple[str, ...], ...]
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    overview: tuple[str, ...]


class Shown(NamedTuple):
    """A figure that is not folded: what it is, how its numbers are read, and where the pieces lie.

    Attributes:
        badge: what was found; empty where nothing is judged.
    """

    label: str
    unit: str
    state: State
    badge: str
    chart: Markup


def in_words_of_pages(text: str) -> str:
    """Returns a text of ``report.json`` with the two sets called as pages call them."""
    for own, other in _WORDS:
        text = text.replace(own, other)
    return text
