"""Describes one piece in words: where each of its figures ranks among those of a reference.

A figure's *percentile* is the share of the reference below it, plus half of those level with it. From 0.25 to 0.75 it
is among the middle half, which is only named; outside of it words say what a listener meets, "rather" up to 0.05 and
0.95, "unusually" beyond. They are relative to the reference, and nothing here says what is beautiful. Half of the
figures of a usual piece lie outside the middle half, which is said too: the words describe a piece's character before
its faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from componium.evaluation.metrics.metric import Metric
from componium.evaluation.metrics.structure import LAGS
from componium.evaluation.pieces.figures import PieceFigures
from componium.evaluation.reports.charts import value_text
from componium.evaluation.sets.measured_set import LEAST_PIECES, WIDE_PIECES, MeasuredSet
from componium.evaluation.sets.set_warnings import LENGTH_RATIO

MIDDLE_HALF = (0.25, 0.75)
USUAL = (0.05, 0.95)


class Words(NamedTuple):
    """Descriptions of a low and a high figure; ``{degree}`` is "rather" or "unusually".

    Figures that share their sentences are named in one, ``{subjects}`` naming them.
    """

    low: str
    high: str
    subject: str = ""


_SIMILARITY = (
    "bars that lie {subjects} apart are {degree} unlike: less of what was heard returns there",
    "bars that lie {subjects} apart are {degree} alike: more of what was heard returns there",
)

PARAGRAPHS: Mapping[str, Mapping[str, Words]] = {
    "Melody coherence": {
        "pitch_class_entropy": Words(
            "four bars use {degree} few different notes, so that the tune stays within a smaller circle",
            "four bars use {degree} many different notes, so that there is more to follow",
        ),
        "mean_interval": Words(
            "the top line moves in {degree} small steps, more as a voice does",
            "the top line moves in {degree} wide leaps, more as an instrument does than a voice",
        ),
        "pitch_range": Words(
            "the notes of eight bars lie {degree} close together",
            "the notes of eight bars lie {degree} far apart",
        ),
        "repeated_share": Words(
            "the part of the top line that comes back is {degree} small, so that fewer phrases are met again",
            "the part of the top line that comes back is {degree} large, so that more phrases are met again",
        ),
        "compression_gain": Words(
            "the top line is {degree} near to its notes in a random order, so that less of it can be predicted",
            "the top line is {degree} far from its notes in a random order, so that more of it can be predicted",
        ),
    },
    "Harmony": {
        "scale_consistency": Words(
            "{degree} few of the notes belong to one key: it changes, or is colored",
            "{degree} many of the notes belong to one key",
        ),
        "polyphony": Words(
            "{degree} few notes sound at once: the texture is thinner",
            "{degree} many notes sound at once: the texture is fuller",
        ),
        "tonal_distance": Words(
            "the harmony moves {degree} little from beat to beat: it rests more",
            "the harmony moves {degree} far from beat to beat: it is more restless",
        ),
        "chords_in_8_bars": Words(
            "eight bars use {degree} few chords",
            "eight bars use {degree} many chords",
        ),
        "chord_trigram_irregularity": Words(
            "{degree} few turns of three chords are new, so that the ear can expect more of them",
            "{degree} many turns of three chords are new, so that the ear can expect fewer of them",
        ),
    },
    "Overall structure and rhythm": {
        **{
            f"similarity_{lag}": Words(*_SIMILARITY, f"{lag} bar{'s' if lag > 1 else ''}")
            for lag in LAGS
        },
        "notes_per_bar": Words("the bars hold {degree} few notes", "the bars hold {degree} many notes"),
        "groove_similarity": Words(
            "the rhythms of the bars, silence included, are {degree} different",
            "the rhythms of the bars, silence included, are {degree} alike",
        ),
        "onset_agreement": Words(
            "the bars strike in {degree} different places, so that the pulse is harder to predict",
            "the bars strike in {degree} similar places, so that the pulse is easier to predict",
        ),
        "empty_bar_rate": Words(
            "{degree} few bars are empty: the music pauses less",
            "{degree} many bars are empty: the music pauses more",
        ),
        "note_length": Words("the usual note is {degree} short", "the usual note is {degree} long"),
        "offbeat_rate": Words(
            "{degree} few of the places that are struck lie between the beats: the rhythm is plainer",
            "{degree} many of the places that are struck lie between the beats: the rhythm is quicker, or syncopated",
        ),
    },
}  # fmt: skip
"""Title of a paragraph -> the figures that it describes. Figures that are not here are in the table only."""


class RankedFigure(NamedTuple):
    """A figure of a piece, ranked among those of the reference.

    Attributes:
        value: of the piece; None where it has none, for the ``reason``.
        below, level: pieces of the reference with less, with the same.
        among: pieces of the reference that have the figure.
    """

    metric: Metric
    value: float | None
    reason: str
    below: int
    level: int
    among: int
    reference: tuple[float, ...]

    @property
    def percentile(self) -> float | None:
        """The share of the reference below, half of what is level included; None where there is nothing to compare."""
        if self.value is None or self.among < LEAST_PIECES:
            return None
        return (self.below + 0.5 * self.level) / self.among


def rank_figures(piece: PieceFigures, reference: MeasuredSet, metrics: Sequence[Metric]) -> list[RankedFigure]:
    """Returns the figures of a piece, each ranked among those of the reference's pieces."""
    ranked: list[RankedFigure] = []
    for metric in metrics:
        own = piece.figures[metric.name]
        others = [figures.figures[metric.name] for figures in reference.pieces]
        values = np.array([other.value for other in others if not other.reason], np.float64)
        # A figure that differs in its last bit only is level.
        level = np.isclose(values, own.value, rtol=1e-9, atol=1e-12)
        ranked.append(
            RankedFigure(
                metric,
                None if own.reason else own.value,
                own.reason,
                int(((values < own.value) & ~level).sum()),
                int(level.sum()),
                len(values),
                tuple(values.tolist()),
            )
        )
    return ranked


def describe_piece(piece: PieceFigures, reference: MeasuredSet, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Returns the description of a piece as JSON: paragraphs, warnings, and every figure with its percentile."""
    ranked = rank_figures(piece, reference, metrics)
    by_name = {ranked.metric.name: ranked for ranked in ranked}
    return {
        "piece": piece.name,
        "reference": {"pieces": len(reference.pieces), "rejected": dict(reference.rejected)},
        "warnings": list(_warnings(piece, reference)),
        "paragraphs": [
            {
                "title": title,
                "text": _paragraph([(by_name[name], own) for name, own in words.items() if name in by_name]),
            }
            for title, words in PARAGRAPHS.items()
        ],
        "calibration": _calibration(ranked),
        "metrics": [_ranked_json(ranked) for ranked in ranked],
    }


def rank_text(ranked: RankedFigure) -> str:
    """Returns the rank of a figure in words."""
    if ranked.value is None:
        return ranked.reason
    if ranked.percentile is None:
        return f"{ranked.among} pieces of the reference have this figure: too few to compare"
    if MIDDLE_HALF[0] <= ranked.percentile <= MIDDLE_HALF[1]:
        return "among the middle half"
    is_high = ranked.percentile > 0.5
    beyond = ranked.below if is_high else ranked.among - ranked.below - ranked.level
    word = "higher" if is_high else "lower"
    if beyond == ranked.among:
        return f"{word} than all {ranked.among}"
    # Of 100 only where there are so many; rounded down, since 100 would be all.
    if ranked.among >= 100:
        return f"{word} than {100 * beyond // ranked.among} of 100"
    return f"{word} than {beyond} of {ranked.among}"


def _paragraph(figures: Sequence[tuple[RankedFigure, Words]]) -> str:
    sentences: dict[str, list[tuple[RankedFigure, Words]]] = {}
    usual: list[RankedFigure] = []
    missing: list[RankedFigure] = []
    for ranked, words in figures:
        percentile = ranked.percentile
        if percentile is None:
            missing.append(ranked)
        elif MIDDLE_HALF[0] <= percentile <= MIDDLE_HALF[1]:
            usual.append(ranked)
        else:
            degree = "rather" if USUAL[0] <= percentile <= USUAL[1] else "unusually"
            sentence = (words.low if percentile < 0.5 else words.high).replace("{degree}", degree)
            sentences.setdefault(sentence, []).append((ranked, words))
    return " ".join((*_outside(sentences), *_rest(usual, missing)))


def _outside(sentences: Mapping[str, Sequence[tuple[RankedFigure, Words]]]) -> Iterable[str]:
    for sentence, own in sentences.items():
        subjects = _listed([words.subject for _, words in own])
        places = [rank_text(ranked) for ranked, _ in own]
        if len(own) > 1 and len(set(places)) == 1:
            figures = f"{_listed([_value(ranked) for ranked, _ in own])}, each {places[0]}"
        else:
            figures = "; ".join(
                f"{_value(ranked)}, {percentile}" for (ranked, _), percentile in zip(own, places, strict=True)
            )
        yield f"{_capital(sentence.replace('{subjects}', subjects))} ({figures})."


def _rest(usual: Sequence[RankedFigure], missing: Sequence[RankedFigure]) -> Iterable[str]:
    if usual:
        yield f"Among the middle half: {_listed([f'{_title(ranked)} ({_value(ranked)})' for ranked in usual])}."
    if missing:
        yield f"Without a rank: {_listed([f'{_title(ranked)} ({rank_text(ranked)})' for ranked in missing])}."


def _title(ranked: RankedFigure) -> str:
    return ranked.metric.name.replace("_", " ")


def _value(ranked: RankedFigure) -> str:
    return value_text(ranked.value, ranked.metric.unit)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _calibration(figures: Sequence[RankedFigure]) -> str:
    """How many figures lie outside of the usual ranges, here and in a piece of the reference."""
    places = [percentile for ranked in figures if (percentile := ranked.percentile) is not None]
    if not places:
        return "Nothing of this piece can be compared."
    outside = sum(not MIDDLE_HALF[0] <= percentile <= MIDDLE_HALF[1] for percentile in places)
    far = sum(not USUAL[0] <= percentile <= USUAL[1] for percentile in places)
    return (
        f"Of its {len(places)} figures {outside} lie outside the middle half and {far} beyond the outer twentieths; a "
        f"piece of the reference itself has about {0.5 * len(places):.0f} and {0.1 * len(places):.0f} there, or fewer."
    )


def _warnings(piece: PieceFigures, reference: MeasuredSet) -> Iterable[str]:
    count = len(reference.pieces)
    if count < LEAST_PIECES:
        yield f"{count} reference pieces: nothing is compared below {LEAST_PIECES}"
    elif count < WIDE_PIECES:
        yield f"{count} reference pieces: places are rough"
    if reference.rejected:
        yield f"{len(reference.rejected)} reference files could not be read"
    if not piece.n_bars:
        yield "the piece has no notes"
        return
    if not piece.has_bars:
        yield "the piece has no reliable grid of beats: figures that need bars are undefined"
    if piece.has_drums and not piece.programs:
        yield "the piece has drums only: figures that need pitches are undefined"
    middle = float(np.median([other.n_bars for other in reference.pieces]))
    if not LENGTH_RATIO[0] <= piece.n_bars / max(middle, 1.0) <= LENGTH_RATIO[1]:
        yield f"the piece has {piece.n_bars} bars, the reference {middle:.0f} in the middle: what returns depends on it"


def _ranked_json(ranked: RankedFigure) -> dict[str, Any]:
    metric = ranked.metric
    return {
        "name": metric.name,
        "group": metric.group,
        "unit": metric.unit,
        "meaning": metric.meaning,
        "range": [bound if np.isfinite(bound) else None for bound in (metric.low, metric.high)],
        "value": ranked.value,
        "reason": ranked.reason,
        "below": ranked.below,
        "level": ranked.level,
        "among": ranked.among,
        "place": ranked.percentile,
        "words": rank_text(ranked),
        "reference": list(ranked.reference),
    }
