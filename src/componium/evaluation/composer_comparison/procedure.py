"""Compares composers: reads the held-out music, computes all rows, records the settings."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.corpora.corpus import Corpus
from componium.evaluation.composer_comparison.composers import Composer, ComposingFunctions, distinct_composers
from componium.evaluation.composer_comparison.held_out import HeldOut, KnownPiece, hold_out
from componium.evaluation.composer_comparison.ngram_reference import with_references
from componium.evaluation.composer_comparison.rows.likelihood_rows import likelihood_rows
from componium.evaluation.composer_comparison.rows.next_note_rows import next_note_rows
from componium.evaluation.composer_comparison.rows.set_rows import (
    GenerationSettings,
    Progress,
    compare_composed_sets,
    measure_first_bars,
    set_rows,
    warnings_of_sets,
)
from componium.evaluation.composer_comparison.rows.speed_rows import speed_rows
from componium.evaluation.composer_comparison.rows.table import Kind, Row
from componium.evaluation.sets.measured_set import WIDE_PIECES

MOST_COMPOSED = 200
"""Pieces that a composer makes for a seed where their number is left open: as many as test pieces, but no more."""

_SHOWN = 5


class Entry(NamedTuple):
    """A composer as the report introduces it."""

    name: str
    kind: Kind
    family: str
    digest: str
    learned_from: str


@dataclass(frozen=True)
class ComposerComparison:
    """A comparison of composers: the content of its report.

    Attributes:
        rows: the table.
        known_test: test pieces that a composer knows, left out for all.
        warnings: to be read before the table.
        settings: what was compared, and how to do it again; label -> text.
        command: the same as a command line, without its folders.
    """

    rows: tuple[Row, ...]
    entries: tuple[Entry, ...]
    known_test: tuple[KnownPiece, ...]
    warnings: tuple[str, ...]
    settings: dict[str, str]
    command: str


def compare_composers(
    artifacts: Sequence[Artifact],
    corpus: Corpus,
    folder: Path,
    generation: GenerationSettings,
    composing: ComposingFunctions,
    progress: Progress,
) -> ComposerComparison:
    """Returns the comparison of artifacts on held-out pieces; all but the timings is equal for equal arguments.

    Args:
        artifacts: at least one.
        corpus: known by name, or a folder of music files.
        folder: where it is.
        generation: what all compose; a count of 0 stands for as many pieces as are tested, up to ``MOST_COMPOSED``.
        composing: how they compose.
        progress: called with what is being done.

    Raises:
        CorpusError: a split is empty, or all test pieces are known to a composer.
    """
    progress("reading the corpus")
    composers = distinct_composers(artifacts)
    held_out = hold_out(corpus, folder, composers)
    generation = replace(generation, count=generation.count or min(len(held_out.pieces["test"]), MOST_COMPOSED))
    with tempfile.TemporaryDirectory() as scratch:
        progress("counting n-grams")
        everyone = with_references(composers, held_out, Path(scratch))
        progress("bits per note")
        rows = likelihood_rows(everyone, held_out)
        progress("the next note")
        rows += next_note_rows(everyone, held_out)
        reference, others = (
            measure_first_bars(held_out.pieces[split], generation.bars) for split in ("test", "validation")
        )
        composer_sets = compare_composed_sets(reference, others, everyone, generation, composing, progress)
        rows += set_rows(composer_sets)
        progress("speed")
        rows += speed_rows(everyone, composing)
    return ComposerComparison(
        rows=tuple(rows),
        entries=tuple(_entry(composer) for composer in everyone),
        known_test=held_out.known_test,
        warnings=(*_warnings(held_out), *warnings_of_sets(composer_sets)),
        settings=_settings(held_out, generation),
        command=_command(composers, corpus, generation),
    )


def _entry(composer: Composer) -> Entry:
    manifest = composer.artifact.manifest
    if composer.kind == "baseline":
        learned = "the training pieces of this corpus, for this comparison"
    else:
        learned = "; ".join(f"{credit.name}, {credit.pieces} pieces" for credit in manifest.corpora)
    return Entry(composer.name, composer.kind, manifest.family, composer.artifact.digest, learned)


def _warnings(held_out: HeldOut) -> Iterable[str]:
    n_test = len(held_out.pieces["test"])
    if n_test < WIDE_PIECES:
        yield f"{n_test} test pieces: intervals are wide, and few differences will be found"
    if held_out.known_test:
        yield (
            f"{len(held_out.known_test)} test pieces are among the training pieces of a composer and left out for all: "
            + _some(f"{own.name} ({own.composer} knows it as {own.training_piece})" for own in held_out.known_test)
        )
    if held_out.known_validation:
        yield (
            f"{len(held_out.known_validation)} validation pieces, which are the second humans, are among the training "
            "pieces of a composer: " + _some(f"{own.name} ({own.composer})" for own in held_out.known_validation)
        )
    if held_out.rejected:
        named_files = _some(f"{name}: {why}" for name, why in held_out.rejected.items())
        yield f"{len(held_out.rejected)} files cannot be used: {named_files}"


def _some(texts: Iterable[str]) -> str:
    listed = list(texts)
    return ", ".join(listed[:_SHOWN]) + (f", and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else "")


def _settings(held_out: HeldOut, generation: GenerationSettings) -> dict[str, str]:
    sizes = {split: len(pieces) for split, pieces in held_out.pieces.items()}
    copies = f"; left out as copies: {_some(held_out.copies)}" if held_out.copies else ""
    return {
        "corpus": f"{held_out.corpus.name}: {held_out.corpus.title}",
        "split by work": ", ".join(f"{count} {split}" for split, count in sizes.items()) + copies,
        "test pieces": f"digest of their notes {held_out.digest}",
        "composed": (
            f"{generation.count} pieces of {generation.bars} bars for each seed, temperature and top-p left to each"
        ),
        "seeds": ", ".join(map(str, range(1, generation.seeds + 1))),
        "made by": f"componium {version('componium')}",
    }


def _command(composers: Sequence[Composer], corpus: Corpus, generation: GenerationSettings) -> str:
    names = shlex.join(composer.artifact.manifest.name for composer in composers)
    options = f"--count {generation.count} --bars {generation.bars} --seeds {generation.seeds}"
    return f"componium compare {names} --data DIR --corpus {corpus.name} {options} -o DIR"
