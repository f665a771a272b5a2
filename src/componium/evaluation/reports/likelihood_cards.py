"""Makes the cards of a composer's likelihood of two sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup

from componium.evaluation.estimate import UNDECIDED
from componium.evaluation.reports.card import SIDE_WORDS, SIDES, Card, Json
from componium.evaluation.reports.charts import bar_chart, figure_text, share_text

_NEXT_NOTE = (
    ("pitch class", "pitch_class_accuracy"),
    ("duration", "duration_accuracy"),
    ("both", "pair_accuracy"),
    ("bits", "pair_bits"),
)


def likelihood_cards(likelihood: Json) -> Iterable[Card]:
    """Returns the cards of what :func:`~componium.evaluation.sets.set_likelihood.likelihood_json` returns."""
    yield _untested_card(
        anchor="bits_by_attribute",
        title="Bits by attribute",
        meaning="what of a note is unexpected: when it comes, which part plays it, its pitch, its length, its loudness",
        charts=(_attribute_bars(likelihood),),
        table=tuple(_bits_table(likelihood)),
        facts=tuple(_bits_facts(likelihood)),
    )
    yield _untested_card(
        anchor="next_note",
        title="Next note of the top line",
        meaning="how often the composer's first guess of the next note is right, beside guessing the last one again",
        charts=(),
        table=tuple(_next_note_table(likelihood)),
        facts=tuple(_next_note_facts(likelihood)),
    )


def _untested_card(
    *,
    anchor: str,
    title: str,
    meaning: str,
    charts: tuple[Markup, ...],
    table: tuple[tuple[str, ...], ...],
    facts: tuple[str, ...],
) -> Card:
    """A card of figures that are not tested."""
    return Card(anchor, title, "likelihood", meaning, "untested", "not tested", "", charts, table, facts, (), ())


def _attribute_bars(likelihood: Json) -> Markup:
    bits = {side: likelihood[side]["bits"] for side in SIDES}
    return bar_chart(
        {
            SIDE_WORDS[side]: {name: own["value"] for name, own in bits[side].items() if name != "whole"}
            for side in SIDES
        },
        unit="bits",
    )


def _bits_table(likelihood: Json) -> Iterable[tuple[str, ...]]:
    floors = next((likelihood[side]["uniform"] for side in SIDES if likelihood[side]["uniform"]), {})
    yield "bits a note", *floors
    for side in SIDES:
        own = likelihood[side]
        cells = [f"{own['bits'][name]['value']:.2f}" if name in own["bits"] else figure_text(None) for name in floors]
        yield f"{SIDE_WORDS[side]} ({own['n_heard']})", *cells
    yield "all values alike", *(f"{floor:.2f}" for floor in floors.values())


def _bits_facts(likelihood: Json) -> Iterable[str]:
    for side in SIDES:
        own = likelihood[side]
        if own["bits"]:
            mean, pooled = own["bits"]["whole"], own["pooled"]
            yield (
                f"{SIDE_WORDS[side].capitalize()}: {_with_interval(mean)} bits a note, every piece alike; "
                f"{_with_interval(pooled)} with every one of the {own['n_notes']:,} notes alike"
            )
    yield "The longer the piece, the more of it repeats what came before: first bars cost more a note than whole pieces"
    yield from _missing(likelihood, "undefined", "n_heard", "bits")


def _next_note_table(likelihood: Json) -> Iterable[tuple[str, ...]]:
    yield "right, in %", *(label for label, _ in _NEXT_NOTE)
    for side in SIDES:
        for name, judge in (("composer", "composer"), ("repeating", "repeat_last")):
            known = likelihood[side][judge]
            values = [None if known is None else known[figure]["value"] for _, figure in _NEXT_NOTE]
            shares = (share_text(value).rstrip("%") for value in values[:3])
            yield f"{SIDE_WORDS[side]}, {name}", *shares, figure_text(values[3])


def _next_note_facts(likelihood: Json) -> Iterable[str]:
    for side in SIDES:
        own = likelihood[side]
        if own["composer"]:
            right, bits = own["composer"]["pair_accuracy"], own["composer"]["pair_bits"]
            yield (
                f"{SIDE_WORDS[side].capitalize()}: both right in {_with_interval(right, share_text)} of "
                f"{own['composer']['n_notes']:,} notes, {_with_interval(bits)} bits"
            )
    yield "The composer reads the line alone; repeating the last note gives probability 0 to all others and has no bits"
    yield from _missing(likelihood, "undefined_lines", "n_lines", "next note")


def _with_interval(figure: Json, text: Callable[[float | None], str] = figure_text) -> str:
    """A figure with its interval, or that it is undecided where there is none."""
    if figure["value"] is not None and figure["low"] is None:
        return f"{text(figure['value'])} ({UNDECIDED})"
    values = [text(figure[end]) for end in ("value", "low", "high")]
    return f"{values[0]} ({values[1]} to {values[2]})"


def _missing(likelihood: Json, reasons: str, count: str, what: str) -> Iterable[str]:
    for side in SIDES:
        own = likelihood[side]
        if own[reasons]:
            listed = ", ".join(f"{reason} ({pieces})" for reason, pieces in own[reasons].items())
            yield f"No {what} in {own['n_pieces'] - own[count]} {SIDE_WORDS[side]} pieces: {listed}"
