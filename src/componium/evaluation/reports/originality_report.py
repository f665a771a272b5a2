"""Makes the page of what pieces share with training music: verdicts, figures, both passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from componium.evaluation.exploration.musical_names import pitch_name
from componium.evaluation.pieces.originality import Originality, Passage
from componium.evaluation.pieces.reading import Integers
from componium.evaluation.reports.charts import bar_chart, share_text
from componium.evaluation.reports.page import render_page
from componium.evaluation.reports.svg import WIDTH
from componium.fingerprints import NGRAM_NOTES
from componium.fingerprints.contrast import NEAR_NOTES

_CLASSES = (8, 10, 12, 16, 24, 48)
"""Least notes of a match in each bar of the chart; below the first there is none."""

_HEIGHT = 150.0
_LEAST_SPAN = 12
_MOST_WORDS = 80


class MatchPassages(NamedTuple):
    """A match in the piece, and in the training piece where that is at hand."""

    here: Passage | None
    there: Passage | None


class PieceOriginality(NamedTuple):
    """A piece on the page.

    Attributes:
        name: of its file.
        found: None where it is too short to tell.
        human: longest matches of human excerpts as long, shape (excerpts,).
        match: its passages; None without a match.
    """

    name: str
    found: Originality | None
    human: Integers
    match: MatchPassages | None


class _Section(NamedTuple):
    name: str
    state: str
    verdict: str
    sentence: str
    figures: tuple[tuple[str, str], ...]
    chart: Markup | None
    passages: tuple[_Shown, ...]


class _Shown(NamedTuple):
    """A passage: its heading, its roll and its notes as text, where they are at hand."""

    heading: str
    roll: Markup | None
    text: str
    note: str


def originality_report(pieces: Sequence[PieceOriginality], training: str, human: str) -> str:
    """Returns the page.

    Args:
        pieces: in the order of the page.
        training: the music that they are put beside, in words.
        human: what the human excerpts are, in words: "of held-out human music".
    """
    sections = [_section(piece, human) for piece in pieces]
    return render_page(
        "originality.html",
        training=training,
        human=human,
        near_notes=NEAR_NOTES,
        n_near=sum(section.state == "alarm" for section in sections),
        sections=sections,
    )


def _section(piece: PieceOriginality, human: str) -> _Section:
    found = piece.found
    if found is None:
        sentence = "Fewer than 8 notes on top: too short to tell."
        return _Section(piece.name, "none", "too short to tell", sentence, (), None, ())
    if found.is_near:
        state, verdict = "alarm", "look at it"
    else:
        state, verdict = "calm", "no more than human music has" if found.n_excerpts else "shorter than is looked at"
    return _Section(
        name=piece.name,
        state=state,
        verdict=verdict,
        sentence=_sentence(found, human),
        figures=tuple(_figures(found)),
        chart=_beside_human(found, piece.human),
        passages=() if piece.match is None else tuple(_passages(found, piece.match)),
    )


def _sentence(found: Originality, human: str) -> str:
    if not found.longest:
        return f"Of its {found.n_notes:,} notes on top no 8 in a row, in any key and tempo, occur in a training piece."
    where = f"{bars_text(found.bars)} as in {found.piece}, {bars_text(found.piece_bars)}"
    which = f"of its {found.n_notes:,} notes on top" if found.here.line == 0 else "notes of a voice below the top"
    text = f"The longest run that it shares has {found.longest} {which}: {where}."
    if not found.n_excerpts:
        return f"{text} There is no human music to read it beside."
    count = round(found.human_longest * found.n_excerpts)
    return f"{text} {count:,} of {found.n_excerpts:,} excerpts as long {human} have a run as long."


def bars_text(bars: tuple[int, ...]) -> str:
    """Returns first and last bar in words."""
    first, last = bars
    return f"bar {first}" if first == last else f"bars {first}-{last}"


def _figures(found: Originality) -> Iterable[tuple[str, str]]:
    for n_notes, share in found.coverage.items():
        yield f"lies in runs of {n_notes} notes or more that occur in the training", share_text(share)
    # With nothing shared, all share as much.
    if found.n_excerpts and found.coverage[NGRAM_NOTES]:
        yield f"of human excerpts as long lie in such runs of {NGRAM_NOTES} as much", share_text(found.human_coverage)


def _beside_human(found: Originality, human: Integers) -> Markup | None:
    if not len(human):
        return None
    places = np.searchsorted(_CLASSES, human, side="right")
    own = int(np.searchsorted(_CLASSES, found.longest, side="right"))
    labels = _labels()[: max(int(places.max()), own) + 1]
    shares = np.bincount(places, minlength=len(labels)) / len(human)
    series = {"human excerpts": dict(zip(labels, shares.tolist(), strict=True))}
    return bar_chart(series, unit="share", marks={"this piece": labels[own]})


def _labels() -> list[str]:
    inner = [f"{low}-{high - 1}" for low, high in pairwise(_CLASSES)]
    return ["none", *inner, f"{_CLASSES[-1]}+"]


def _passages(found: Originality, match: MatchPassages) -> Iterable[_Shown]:
    span = max([_LEAST_SPAN, *(_span(own) for own in match if own is not None)])
    for heading, own in (
        (f"Here, {bars_text(found.bars)}", match.here),
        (f"{found.piece}, {bars_text(found.piece_bars)}", match.there),
    ):
        if own is None:
            note = "This piece is not at hand: --data names the folder of the corpus."
        elif own.n_left_out:
            note = f"Its first {len(own.bar_lines) - 1} bars are drawn; the match goes on for {own.n_left_out} more."
        else:
            note = ""
        drawn, text = (None, "") if own is None else (roll(own, span), own.text)
        yield _Shown(heading, drawn, _clipped(text), note)


def _clipped(text: str) -> str:
    words = text.split()
    return text if len(words) <= _MOST_WORDS else " ".join((*words[:_MOST_WORDS], "…"))


def _span(passage: Passage) -> int:
    return int(np.ptp(passage.notes.pitch)) + 1


def roll(passage: Passage, span: int) -> Markup:
    """Returns a piano roll of so many semitones or more: matched notes in color, bars marked and numbered."""
    notes, end = passage.notes, float(passage.bar_lines[-1])
    lowest = int(notes.pitch.min()) - (span - _span(passage)) // 2
    thick = _HEIGHT / span

    def x(quarters: float) -> float:
        return 4 + min(quarters, end) / end * (WIDTH - 8)

    parts: list[Markup] = []
    for place, line in enumerate(passage.bar_lines.tolist()):
        parts.append(
            Markup('<line class="grid" x1="{0:.1f}" y1="4" x2="{0:.1f}" y2="{1:.1f}"/>').format(x(line), 4 + _HEIGHT)
        )
        if place + 1 < len(passage.bar_lines):
            parts.append(
                Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(
                    x(line) + 2, _HEIGHT + 17, passage.first_bar + place
                )
            )
    # What matched is drawn over the rest.
    for is_match in (False, True):
        for onset, stop, pitch in zip(*(column[passage.matched == is_match].tolist() for column in notes), strict=True):
            parts.append(
                Markup(
                    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1">'
                    "<title>{}</title></rect>"
                ).format(
                    "bar s1" if is_match else "other",
                    x(onset),
                    4 + _HEIGHT - (pitch - lowest + 1) * thick,
                    max(x(stop) - x(onset) - 0.8, 1.5),
                    max(thick * 0.9, 1.0),
                    pitch_name(pitch),
                )
            )
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {} {:.0f}" width="{}" height="{:.0f}"><title>{}</title>{}</svg>'
    ).format(WIDTH, _HEIGHT + 22, WIDTH, _HEIGHT + 22, _title(passage), Markup("").join(parts))


def _title(passage: Passage) -> str:
    n_bars = len(passage.bar_lines) - 1
    return f"Piano roll of {n_bars} bars from bar {passage.first_bar}, {int(passage.matched.sum())} notes of the match"
