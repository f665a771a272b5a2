"""Answers in a few sentences how two sets differ, from their ``report.json``, and chooses the figures that say most.

Differences are put in order of their distance in standard deviations of the reference, histograms after them. Bars
alike 1, 2, 4, ... apart are one thing heard: the largest of their differences stands for all. Sets whose pieces have
voices are told first in figures of voices.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from componium.evaluation.reports.card import SIDES, Json, State, in_words_of_pages
from componium.evaluation.reports.charts import share_text
from componium.evaluation.reports.figure_words import (
    SET_FIGURE_WORDS,
    class_words,
    listed,
    lower_first,
    spoken,
    words_of,
)
from componium.evaluation.sets.measured_set import LEAST_PIECES, WIDE_PIECES

ALARM_P = 0.05
NEGLIGIBLE_DELTA = 0.147
"""Cliff's deltas nearer to 0 are no direction: the pieces vary more, or less."""

VOICES = (
    "parallels",
    "all_voices_sounding",
    "bass_leaps",
    "last_chord_complete",
    "dominant_before_the_end",
    "phrase_range",
    "returns_8",
)
TUNES = ("phrase_range", "mean_interval", "returns_8", "repeated_share")
OTHERS = ("polyphony", "chords_in_8_bars", "notes_per_bar", "offbeat_rate")
"""What is shown beside them where nothing can be compared."""

_MOST_NAMED = 5
_MOST_CALM = 4
_MOST_OTHERS = 4
_MOST_CARES = 3
_SAID_ELSEWHERE = ("too few pieces to compare", "intervals are wide", "no reliable grid of beats")


class SetSummary(NamedTuple):
    """What a reader sees first.

    Attributes:
        too_few: the one remark where a set has too few pieces to be compared; else empty, and then there are sentences.
        sentences: the answer, five at most.
        has_voices: whether ``first`` are figures of voices.
        first, others: names of metrics, those to be drawn and those that differ most beside them.
    """

    too_few: str
    sentences: tuple[str, ...]
    has_voices: bool
    first: tuple[str, ...]
    others: tuple[str, ...]


def set_summary(report: Json) -> SetSummary:
    """Returns the summary of :func:`~componium.evaluation.sets.set_comparison_json.comparison_json`."""
    counts = {side: report["sets"][side]["pieces"] for side in SIDES}
    few = [side for side in SIDES if counts[side] < LEAST_PIECES]
    has_voices, first = _first_figures(report, 1 if few else LEAST_PIECES)
    if few:
        return SetSummary(_too_few(counts, few), (), has_voices, first, _defined(report, OTHERS))
    differing = _differing(report["metrics"])
    sentences = (
        _differences(report, counts, differing),
        _calm(report, first, min(counts.values())),
        _care(report["warnings"]),
        _as_sets(report),
        "Nearness to human music is no beauty, and there is no total score: listening decides.",
    )
    others = tuple(row["name"] for row in differing if row["name"] not in first)[:_MOST_OTHERS]
    return SetSummary("", tuple(filter(None, sentences)), has_voices, first, others)


def row_state(p: float | None) -> State:
    """Returns ``alarm`` where a difference was found, ``calm`` where none was, ``none`` where nothing is compared."""
    return "none" if p is None else "alarm" if p < ALARM_P else "calm"


def _too_few(counts: dict[str, int], few: Sequence[str]) -> str:
    found = listed([f"{counts[side]} {_pieces(side, counts[side])}" for side in few])
    verb = "is" if sum(counts[side] for side in few) == 1 else "are"
    return (
        f"{found} {verb} too few to say how composed music differs from human music, which takes at least "
        f"{LEAST_PIECES} pieces of each: what follows shows how they are, and judges nothing."
    )


def _pieces(side: str, count: int) -> str:
    return f"{'human' if side == 'reference' else 'composed'} piece{'' if count == 1 else 's'}"


def _first_figures(report: Json, least: int) -> tuple[bool, tuple[str, ...]]:
    defined = {row["name"]: min(row[side]["n_defined"] for side in SIDES) for row in report["metrics"]}
    has_voices = defined.get("parallels", 0) >= least
    return has_voices, _defined(report, VOICES if has_voices else TUNES)


def _defined(report: Json, names: Iterable[str]) -> tuple[str, ...]:
    known = {row["name"] for row in report["metrics"] if all(row[side]["n_defined"] for side in SIDES)}
    return tuple(name for name in names if name in known)


def _differing(rows: Iterable[Json]) -> list[Json]:
    """Metrics in which the sets differ, largest first; of bars some way apart the one that differs most."""

    def size(row: Json) -> float:
        distance = row["beside"]["distance"]
        return math.inf if distance is None else distance

    found = sorted((row for row in rows if row_state(row["p_holm"]) == "alarm"), key=size, reverse=True)
    kinds: dict[str, Json] = {}
    for row in found:
        kinds.setdefault("similarity" if row["name"].startswith("similarity_") else row["name"], row)
    return list(kinds.values())


def _differences(report: Json, counts: dict[str, int], differing: Sequence[Json]) -> str:
    compared = [row for row in (*report["metrics"], *report["histograms"]) if row["p_holm"] is not None]
    found = sum(row_state(row["p_holm"]) == "alarm" for row in compared)
    sets = f"the {counts['generated']} composed pieces", f"the {counts['reference']} human ones"
    if not found:
        return f"No difference was found between {sets[0]} and {sets[1]} in any of {len(compared)} figures."
    phrases = [_said(row) for row in differing]
    phrases += [_said_of_shares(row) for row in report["histograms"] if row_state(row["p_holm"]) == "alarm"]
    order = "they have, the largest difference first," if len(phrases) > 1 else "they have"
    return f"T{sets[0][1:]} differ from {sets[1]} in {found} of {len(compared)} figures: {order} " + (
        listed(phrases, _MOST_NAMED) + "."
    )


def _said(row: Json) -> str:
    words, delta = words_of(row["name"]), row["beside"]["delta"]
    # Averages can go the other way than most pairs of pieces do, where a few pieces lie far out.
    if abs(delta) < NEGLIGIBLE_DELTA or delta * (row["generated"]["mean"] - row["reference"]["mean"]) <= 0:
        spreads = [row[side]["sd"] for side in SIDES]
        return f"{'more' if spreads[1] > spreads[0] else 'less'} variety in “{lower_first(words.label)}”"
    human, made = (spoken(row[side]["mean"], row["unit"]) for side in SIDES)
    return f"{words.more if delta > 0 else words.less} ({made}; human {human})"


def _said_of_shares(row: Json) -> str:
    shares = zip(row["labels"], row["reference"], row["generated"], strict=True)
    label, human, made = max(shares, key=lambda own: abs(own[2] - own[1]))
    example = f"{'fewer' if made < human else 'more'} {class_words(row['name'], label)}"
    shown = f"{share_text(made)}; human {share_text(human)}"
    return f"other {lower_first(words_of(row['name']).label)}, as {example} ({shown})"


def _calm(report: Json, first: Sequence[str], least: int) -> str:
    calm = [row["name"] for row in report["metrics"] if row_state(row["p_holm"]) == "calm"]
    if not calm:
        return ""
    calm.sort(key=lambda name: name not in first)
    labels = [lower_first(words_of(name).label) for name in calm]
    why = f"as few as {least} pieces show large differences only" if least < WIDE_PIECES else "small ones stay hidden"
    return f"No difference was found in {listed(labels, _MOST_CALM)}, which is no praise: {why}."


def _as_sets(report: Json) -> str:
    """What the figures of the whole set say, and whether pieces are copies."""
    figures = {own["name"]: own for own in report["sets_of_pieces"]}
    said = [_said_of_set(own) for own in figures.values() if own["alarm"]]
    if said:
        return f"Taken together, {listed(list(filter(None, said)))}."
    copies, spread = (figures.get(name, {}).get("value") for name in ("reference_copies", "spread_ratio"))
    if copies is None:
        return ""
    none = "none is a copy of a human piece" if not copies else f"{share_text(copies)} are copies of human pieces"
    if spread is None:
        return f"{none[0].upper()}{none[1:]}."
    return f"Taken together, they vary as human pieces do, as far as can be seen, and {none}."


def _said_of_set(own: Json) -> str:
    low, high = SET_FIGURE_WORDS.get(own["name"], ("", ""))
    is_low = own["null_low"] is not None and own["value"] < own["null_low"]
    return (low if is_low else high) or lower_first(words_of(own["name"]).label)


def _care(warnings: Iterable[str]) -> str:
    told = [in_words_of_pages(text) for text in warnings if not any(known in text for known in _SAID_ELSEWHERE)]
    if not told:
        return ""
    return f"Read this with care: {'; '.join(told[:_MOST_CARES])}{'; and more below' if told[_MOST_CARES:] else ''}."


def finite(values: Iterable[float | None]) -> np.ndarray:
    """Returns the figures that are there, shape (N,)."""
    return np.array([value for value in values if value is not None], np.float64)
