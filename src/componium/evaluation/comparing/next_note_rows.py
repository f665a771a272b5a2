"""The next note of the top line, as :mod:`componium.evaluation.next_notes` asks it: baselines and composers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from componium.errors import RepresentationError
from componium.evaluation.comparing.composers import Composer
from componium.evaluation.comparing.held_out import HeldOut
from componium.evaluation.comparing.table import NEXT_NOTE, Kind, Row
from componium.evaluation.next_notes import (
    Expected,
    Line,
    NextNotes,
    NgramLine,
    best_order,
    expected_by,
    judge,
    line_of,
    repeat_last,
    unigram,
)
from componium.evaluation.reading import Reading, read
from componium.likelihood import forecaster_of
from componium.score import Score

FIGURES = NextNotes._fields[:-1]


def next_note_rows(composers: Sequence[Composer], held_out: HeldOut) -> list[Row]:
    """Returns accuracy and bits of baselines, counted on the training pieces, and of all composers."""
    train, validation = ([line for _, line in _asked(held_out.scores(split))] for split in ("train", "validation"))
    asked = _asked(held_out.scores("test"))
    test = [line for _, line in asked]
    everyone: list[tuple[str, Kind]] = [(composer.name, composer.kind) for composer in composers]
    if not test:
        return [_without(*own, "no test piece has two notes on top") for own in everyone]
    rows: list[Row] = []
    frequencies = unigram(train)
    rows += _rows("majority", "baseline", judge(test, map(frequencies, test)), len(test))
    rows += _rows("stratified", "baseline", judge(test, map(frequencies, test), drawn=True), len(test))
    rows += _rows("repeat the last", "baseline", judge(test, map(repeat_last, test)), len(test))
    if train and validation:
        ngram = NgramLine(train)
        order = best_order(ngram, validation)
        found = judge(test, map(ngram.predictor(order), test))
        rows += _rows("n-gram of the line", "baseline", found, len(test), f"order {order}, the best on validation")
    for composer in composers:
        rows += _composer_rows(composer, asked)
    return rows


def _asked(scores: Sequence[Score]) -> list[tuple[Reading, Line]]:
    """Pieces whose line has a note to be foretold."""
    readings = ((reading, line_of(reading)) for reading in map(read, scores))
    return [(reading, line) for reading, line in readings if len(line.duration) > 1]


def _composer_rows(composer: Composer, asked: Sequence[tuple[Reading, Line]]) -> list[Row]:
    forecaster = forecaster_of(composer.artifact)
    if forecaster is None:
        return [_without(composer.name, composer.kind, "its family has no likelihood")]
    codec = composer.artifact.codec
    expected: list[Expected] = []
    for reading, _ in asked:
        try:
            expected.append(expected_by(forecaster, codec, reading))
        except RepresentationError as error:
            return [_without(composer.name, composer.kind, str(error))]
    return _rows(composer.name, composer.kind, judge([line for _, line in asked], expected), len(asked))


def _rows(name: str, kind: Kind, found: NextNotes, n_pieces: int, note: str = "") -> list[Row]:
    rows: list[Row] = []
    for figure, own in zip(FIGURES, found[:-1], strict=True):
        row = Row(NEXT_NOTE, figure.replace("_", " "), _unit(figure), name, kind, n=n_pieces, note=note)
        if math.isfinite(own.value):
            row = row._replace(**own._asdict(), interval="pieces")
        else:
            row = row._replace(note="never in doubt: what it held impossible came, at infinitely many bits")
        rows.append(row)
    return rows


def _without(name: str, kind: Kind, why: str) -> Row:
    return Row(NEXT_NOTE, FIGURES[0].replace("_", " "), _unit(FIGURES[0]), name, kind, note=why)


def _unit(figure: str) -> str:
    return "share" if figure.endswith("accuracy") else "bits per note"
