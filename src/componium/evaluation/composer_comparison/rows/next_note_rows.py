"""Rows of next-note prediction: baselines and composers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from componium.errors import RepresentationError
from componium.evaluation.composer_comparison.composers import Composer
from componium.evaluation.composer_comparison.held_out import HeldOut
from componium.evaluation.composer_comparison.rows.table import NEXT_NOTE, Kind, Row
from componium.evaluation.pieces.next_notes import (
    MelodyLine,
    MelodyNgrams,
    NextNoteFigures,
    NextNoteProbabilities,
    best_order,
    melody_line,
    next_note_figures,
    next_note_probabilities,
    repeat_last,
    unigram_predictor,
)
from componium.evaluation.pieces.reading import Reading, read
from componium.likelihood import forecaster_of
from componium.score import Score

FIGURES = NextNoteFigures._fields[:-1]


def next_note_rows(composers: Sequence[Composer], held_out: HeldOut) -> list[Row]:
    """Returns accuracy and bits of baselines, counted on the training pieces, and of all composers."""
    train, validation = (
        [line for _, line in _predictable(held_out.scores(split))] for split in ("train", "validation")
    )
    found = [(own, piece.work) for piece in held_out.pieces["test"] for own in _predictable([piece.score])]
    generation, works = [own for own, _ in found], [work for _, work in found]
    test = [line for _, line in generation]
    everyone: list[tuple[str, Kind]] = [(composer.name, composer.kind) for composer in composers]
    if not test:
        return [_without(*own, "no test piece has two notes on top") for own in everyone]
    rows: list[Row] = []
    frequencies = unigram_predictor(train)
    rows += _rows("majority", "baseline", next_note_figures(test, map(frequencies, test), works=works), len(test))
    stratified = next_note_figures(test, map(frequencies, test), works=works, stratified=True)
    rows += _rows("stratified", "baseline", stratified, len(test))
    rows += _rows(
        "repeat the last", "baseline", next_note_figures(test, map(repeat_last, test), works=works), len(test)
    )
    if train and validation:
        ngram = MelodyNgrams(train)
        order = best_order(ngram, validation)
        of_line = next_note_figures(test, map(ngram.predictor(order), test), works=works)
        rows += _rows("n-gram of the line", "baseline", of_line, len(test), f"order {order}, the best on validation")
    for composer in composers:
        rows += _composer_rows(composer, generation, works)
    return rows


def _predictable(scores: Sequence[Score]) -> list[tuple[Reading, MelodyLine]]:
    """Pieces whose line has a next note."""
    readings = ((reading, melody_line(reading)) for reading in map(read, scores))
    return [(reading, line) for reading, line in readings if len(line.duration) > 1]


def _composer_rows(
    composer: Composer, generation: Sequence[tuple[Reading, MelodyLine]], works: Sequence[str]
) -> list[Row]:
    forecaster = forecaster_of(composer.artifact)
    if forecaster is None:
        return [_without(composer.name, composer.kind, "its family has no likelihood")]
    codec = composer.artifact.codec
    expected: list[NextNoteProbabilities] = []
    for reading, _ in generation:
        try:
            expected.append(next_note_probabilities(forecaster, codec, reading))
        except RepresentationError as error:
            return [_without(composer.name, composer.kind, str(error))]
    found = next_note_figures([line for _, line in generation], expected, works=works)
    return _rows(composer.name, composer.kind, found, len(generation))


def _rows(name: str, kind: Kind, found: NextNoteFigures, n_pieces: int, note: str = "") -> list[Row]:
    rows: list[Row] = []
    for figure, own in zip(FIGURES, found[:-1], strict=True):
        row = Row(NEXT_NOTE, figure.replace("_", " "), _unit(figure), name, kind, n=n_pieces, note=note)
        if math.isfinite(own.value):
            row = row._replace(**own._asdict(), interval="works")
        else:
            row = row._replace(note="it gives the other values no probability, so that they cost infinitely many bits")
        rows.append(row)
    return rows


def _without(name: str, kind: Kind, why: str) -> Row:
    return Row(NEXT_NOTE, FIGURES[0].replace("_", " "), _unit(FIGURES[0]), name, kind, note=why)


def _unit(figure: str) -> str:
    return "share" if figure.endswith("accuracy") else "bits per note"
