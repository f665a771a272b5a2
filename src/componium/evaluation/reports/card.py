"""Makes the cards of a page of sets, one a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

SIDES = ("reference", "generated")

State = Literal["alarm", "calm", "none", "untested"]
Json = Mapping[str, Any]


class Card(NamedTuple):
    """One figure on the page.

    Attributes:
        anchor: unique on the page.
        finding: what differs, as the summary says it; empty where nothing does.
        size: by which findings are put in order, largest first.
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
    size: float
    charts: tuple[Markup, ...]
    table: tuple[tuple[str, ...], ...]
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    overview: tuple[str, ...]
