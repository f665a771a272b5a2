"""Says in a few sentences what is in a corpus, and chooses the figures in which groups of its pieces differ most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from componium.evaluation.exploration.corpus_contents import Exploration, total_counts
from componium.evaluation.exploration.distributions import DISTRIBUTIONS
from componium.evaluation.exploration.group_differences import Difference
from componium.evaluation.exploration.musical_names import pitch_name
from componium.evaluation.exploration.ngram_counts import Ngram
from componium.evaluation.metrics import METRICS
from componium.evaluation.reports.charts import figure_text
from componium.evaluation.reports.figure_words import listed, lower_first, spoken, words_of
from componium.evaluation.sets.measured_set import LEAST_PIECES

ALARM_P = 0.05
TURN_LENGTH = 4
"""Notes or chords of the turns that are told."""

TURN_KINDS = ("intervals", "chords")

_MOST_NAMED = 3
_MOST_GROUPS_NAMED = 6
_LEAST_SHARE = 0.05
_MOST_DIFFERING = 5
_MOST_GROUPS = 3
_TITLES = {own.name: own.title for own in DISTRIBUTIONS}


class Turn(NamedTuple):
    """A run of notes or chords that many pieces have."""

    kind: str
    text: str
    n_pieces: int
    share: float


class ExplorationSummary(NamedTuple):
    """What a reader sees first.

    Attributes:
        too_few: the one remark where there are too few pieces to stand for their like; else empty.
        sentences: what is there, five at most.
        turns: those in the most pieces, some of each kind.
    """

    too_few: str
    sentences: tuple[str, ...]
    turns: tuple[Turn, ...]


def exploration_summary(found: Exploration) -> ExplorationSummary:
    """Returns the summary of an exploration."""
    n_pieces = len(found.pieces)
    too_few = ""
    if n_pieces < LEAST_PIECES:
        pieces = "1 piece is" if n_pieces == 1 else f"{n_pieces} pieces are"
        too_few = (
            f"{pieces} too few to say what is usual in such music, which takes at least {LEAST_PIECES}: what follows "
            "says what is in them, and no more."
        )
    sentences = (_groups(found), _size(found), _meter_and_key(found), _notes(found), _files(found))
    return ExplorationSummary(too_few, tuple(filter(None, sentences)), tuple(_turns(found)))


def differing(differences: Iterable[Difference]) -> list[Difference]:
    """Returns that in which the groups differ by more than chance, largest effect first."""
    return sorted((row for row in differences if row.p_holm < ALARM_P), key=lambda row: -row.effect)


def label_of(name: str) -> str:
    """Returns what a figure or distribution is called."""
    return _TITLES.get(name) or words_of(name).label


def _size(found: Exploration) -> str:
    account = found.account
    n_pieces, total = len(found.pieces), max(account.n_pieces, 1)
    minutes = 60 * account.hours
    length = f"{figure_text(account.hours)} hours" if account.hours > 1 else f"{figure_text(minutes)} minutes"
    named = list(account.instruments.items())[:_MOST_NAMED]
    most = [f"{name} (in {_percent(count / total)})" for name, count in named if count >= _LEAST_SHARE * total]
    everyone = list(account.instruments)
    played = f", all for {everyone[0]}" if len(everyone) == 1 else f", played mostly by {listed(most)}" if most else ""
    pieces = "piece" if n_pieces == 1 else "pieces"
    return f"{account.n_notes:,} notes in {n_pieces:,} {pieces}, {length} of music{played}."


def _meter_and_key(found: Exploration) -> str:
    parts: list[str] = []
    total = max(found.account.n_pieces, 1)
    if found.account.meters:
        meter, count = next(iter(found.account.meters.items()))
        parts.append(f"the commonest meter is {meter} (in {_percent(count / total)} of the pieces)")
    keys = _shares(found, "key")
    if keys:
        parts.append(f"the likeliest {'key is' if len(keys) == 1 else 'keys are'} {_commonest(keys)}")
    if found.account.tempo_bpm:
        parts.append(f"the usual tempo is {figure_text(found.account.tempo_bpm.median)} quarters a minute")
    return _sentence(parts)


def _notes(found: Exploration) -> str:
    parts: list[str] = []
    pitches = total_counts(found.pieces, next(own for own in DISTRIBUTIONS if own.name == "pitch"))[0]
    if pitches.any():
        low, high = np.searchsorted(np.cumsum(pitches) / pitches.sum(), (0.1, 0.9)).tolist()
        parts.append(f"most notes lie from {pitch_name(low)} to {pitch_name(high)} (C4 is middle C)")
    lengths, voices = _shares(found, "duration"), _shares(found, "voices")
    if lengths:
        parts.append(f"the commonest {'length is' if len(lengths) == 1 else 'lengths are'} {_commonest(lengths)}")
    if voices:
        most = max(voices, key=lambda name: voices[name])
        parts.append(f"most often {most} {'sounds' if most == '1' else 'sound'} at once")
    return _sentence(parts)


def _sentence(parts: list[str]) -> str:
    text = listed(parts)
    return f"{text[:1].upper()}{text[1:]}." if parts else ""


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _files(found: Exploration) -> str:
    account = found.account
    copies = sum(len(group.duplicates) for group in account.duplicates)
    n_free = len(account.without_grid)
    notes: list[str] = []
    if account.rejected:
        notes.append(f"{len(account.rejected):,} of {account.n_files:,} files cannot be used")
    if copies:
        notes.append(f"{copies:,} {'piece is a copy' if copies == 1 else 'pieces are copies'} of others and left out")
    if n_free:
        played = "piece is" if n_free == 1 else "pieces are"
        remedy = " unless 'componium grid' puts the notes on their beats" if account.beats_found else ""
        notes.append(f"{n_free:,} {played} played freely, so that bars, note lengths and chords are unknown{remedy}")
    said = listed(notes)
    return f"{said}." if said else "All files can be used, none is a copy, and all follow the beat."


def _groups(found: Exploration) -> str:
    if found.groups is None:
        return ""
    compared = [row for row in found.differences if not math.isnan(row.p_holm)]
    most = differing(compared)
    groups = zip(found.groups.names, found.groups.n_works, strict=True)
    named = listed([f"{name} ({count:,})" for name, count in groups], _MOST_GROUPS_NAMED)
    if not most:
        return f"No difference was found between the works of {named} in any of {len(compared)} figures."
    # A distribution and the figure that sums it up may be called the same; the figure has numbers.
    said = {label_of(row.name): _said(row, found) for row in (row for row in most if not row.figures)}
    said |= {label_of(row.name): _said(row, found) for row in most if row.figures}
    labels = dict.fromkeys(label_of(row.name) for row in most)
    each = listed([said[label] for label in labels][:_MOST_DIFFERING])
    return f"The works of {named} differ in {len(most)} of {len(compared)} figures, most in {each}."


def _said(row: Difference, found: Exploration) -> str:
    label = lower_first(label_of(row.name))
    if not row.figures or found.groups is None:
        return label
    names = found.groups.names[:_MOST_GROUPS]
    unit = next(metric.unit for metric in METRICS if metric.name == row.name)
    middles = [f"{name} {spoken(figure.median, unit)}" for name, figure in zip(names, row.figures, strict=False)]
    return f"{label} ({', '.join(middles)})"


def _turns(found: Exploration) -> Iterable[Turn]:
    for account in found.sequences:
        if account.kind.name not in TURN_KINDS or not account.n_pieces:
            continue
        frequent = next(own.frequent for own in account.ngrams if own.length == TURN_LENGTH)
        ranked: list[Ngram] = sorted(frequent, key=lambda own: (-own.n_pieces, -own.n_found))
        for own in ranked[:_MOST_NAMED]:
            yield Turn(account.kind.title, own.text, own.n_pieces, own.n_pieces / account.n_pieces)


def _shares(found: Exploration, name: str) -> dict[str, float]:
    """The shares of the classes of a distribution that occur, by label."""
    own = next(distribution for distribution in DISTRIBUTIONS if distribution.name == name)
    counts, _ = total_counts(found.pieces, own)
    total = counts.sum()
    return {label: float(count / total) for label, count in zip(own.labels, counts, strict=True) if count}


def _commonest(shares: Mapping[str, float]) -> str:
    best = sorted(shares, key=lambda name: -shares[name])[:_MOST_NAMED]
    return listed([f"{name} ({_percent(shares[name])})" for name in best])
