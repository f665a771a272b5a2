"""Composers side by side: reads the music, asks everyone the same, and keeps what it takes to make it again."""

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
from componium.evaluation.comparing.composers import Composer, Door, named
from componium.evaluation.comparing.held_out import HeldOut, Refused, hold_out
from componium.evaluation.comparing.likelihoods import likelihood_rows
from componium.evaluation.comparing.next_note_rows import next_note_rows
from componium.evaluation.comparing.ngram_reference import with_references
from componium.evaluation.comparing.sets_by_seed import (
    Asked,
    Progress,
    first_bars,
    set_rows,
    side_by_side,
    warnings_of,
)
from componium.evaluation.comparing.speed import speed_rows
from componium.evaluation.comparing.table import Kind, Row
from componium.evaluation.sets import WIDE_PIECES

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
class Comparison:
    """Everything that a report of it says.

    Attributes:
        rows: the table.
        refused: test pieces that a composer knows, left out for all.
        warnings: to be read before the table.
        settings: what was compared, and how to do it again; label -> text.
        command: the same as a command line, without its folders.
    """

    rows: tuple[Row, ...]
    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...]
    settings: dict[str, str]
    command: str


def compare(
    artifacts: Sequence[Artifact], corpus: Corpus, folder: Path, asked: Asked, door: Door, progress: Progress
) -> Comparison:
    """Compares artifacts on the held-out pieces of a corpus; all but the timings is equal for equal arguments.

    Args:
        artifacts: at least one.
        corpus: known by name, or a folder of MIDI files.
        folder: where it is.
        asked: what all compose; a count of 0 stands for as many pieces as are tested, up to ``MOST_COMPOSED``.
        door: how they compose.
        progress: told what is being done.

    Raises:
        CorpusError: a split is empty, or all test pieces are known to a composer.
    """
    progress("reading the corpus")
    composers = named(artifacts)
    held_out = hold_out(corpus, folder, composers)
    asked = replace(asked, count=asked.count or min(len(held_out.pieces["test"]), MOST_COMPOSED))
    with tempfile.TemporaryDirectory() as scratch:
        progress("counting n-grams")
        everyone = with_references(composers, held_out, Path(scratch))
        progress("bits per note")
        rows = likelihood_rows(everyone, held_out)
        progress("the next note")
        rows += next_note_rows(everyone, held_out)
        reference, others = (first_bars(held_out.pieces[split], asked.bars) for split in ("test", "validation"))
        sides = side_by_side(reference, others, everyone, asked, door, progress)
        rows += set_rows(sides)
        progress("speed")
        rows += speed_rows(everyone, door)
    return Comparison(
        rows=tuple(rows),
        entries=tuple(_entry(composer) for composer in everyone),
        refused=held_out.refused,
        warnings=(*_warnings(held_out), *warnings_of(sides)),
        settings=_settings(held_out, asked),
        command=_command(composers, corpus, asked),
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
    if held_out.refused:
        yield (
            f"{len(held_out.refused)} test pieces are among the training pieces of a composer and left out for all: "
            + _some(f"{own.name} ({own.composer} knows it as {own.training_piece})" for own in held_out.refused)
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


def _settings(held_out: HeldOut, asked: Asked) -> dict[str, str]:
    sizes = {split: len(pieces) for split, pieces in held_out.pieces.items()}
    copies = f"; left out as copies: {_some(held_out.copies)}" if held_out.copies else ""
    return {
        "corpus": f"{held_out.corpus.name}: {held_out.corpus.title}",
        "split by work": ", ".join(f"{count} {split}" for split, count in sizes.items()) + copies,
        "test pieces": f"digest of their notes {held_out.digest}",
        "composed": f"{asked.count} pieces of {asked.bars} bars for each seed, temperature and top-p left to each",
        "seeds": ", ".join(map(str, range(1, asked.seeds + 1))),
        "made by": f"componium {version('componium')}",
    }


def _command(composers: Sequence[Composer], corpus: Corpus, asked: Asked) -> str:
    names = shlex.join(composer.artifact.manifest.name for composer in composers)
    options = f"--count {asked.count} --bars {asked.bars} --seeds {asked.seeds}"
    return f"componium compare {names} --data DIR --corpus {corpus.name} {options} -o DIR"
