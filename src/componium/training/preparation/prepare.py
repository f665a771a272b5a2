"""Prepares a dataset in two passes that read every file once: all pieces are surveyed, those kept are encoded.

Between the passes scores wait on disk; how many are in memory is the map's choice, and never depends on how many
there are. Whatever the map, equal music gives an equal dataset.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from componium.corpora.corpus import Corpus
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.selection import surplus
from componium.corpora.splits import Split, splits_of
from componium.errors import CorpusError
from componium.representations.parts import Part
from componium.score.instruments import program_name
from componium.training.dataset import Dataset, Record, load_or_make
from componium.training.preparation.encoding import KeptPiece, Plan, encode
from componium.training.preparation.maps import Map, in_order
from componium.training.preparation.sources import (
    PreparationConfig,
    Source,
    SourcePiece,
    band_parts,
    pieces_of,
    pieces_of_mixture,
)
from componium.training.preparation.spool import Spool
from componium.training.preparation.survey import Instrument, Surveyed, restored, survey
from componium.training.preparation.writing import DatasetWriter

# Raised whenever equal files would be prepared into other arrays.
PREPARATION = 11
_MAX_PARTS = 16

Progress = Callable[[int, int], None]
"""Called with what is done so far and all there is."""


def _silent(done: int, total: int) -> None:
    pass


def prepare(
    corpus: Corpus,
    folder: Path,
    config: PreparationConfig,
    cache: Path,
    progress: Progress = _silent,
    mapped: Map = in_order,
) -> Dataset:
    """Encodes one corpus, its pieces as they are, or finds it encoded.

    Raises:
        CorpusError: no file can be used, or a split would be empty.
    """
    pieces = pieces_of(corpus, folder, config.label)
    target = cache / f"{corpus.name}-{_key(pieces, config, corpus.name)}"
    return load_or_make(target, lambda part: _Preparation(pieces, config, (1.0,), mapped, progress).run(part))


def prepare_mixture(
    sources: Sequence[Source],
    folder: Path,
    config: PreparationConfig,
    cache: Path,
    progress: Progress = _silent,
    mapped: Map = in_order,
) -> Dataset:
    """Encodes several corpora below one folder for conditioned composers, or finds them encoded.

    Every training piece comes in several orchestrations; held-out pieces come once, as they are written.

    Raises:
        CorpusError: a corpus is missing, or a split would be empty.
    """
    pieces = pieces_of_mixture(sources, folder, config.label)
    target = cache / f"mixture-{_key(pieces, config, *(source.model_dump_json() for source in sources))}"
    shares = tuple(source.share for source in sources)
    return load_or_make(target, lambda part: _Preparation(pieces, config, shares, mapped, progress).run(part))


def _key(pieces: Sequence[SourcePiece], config: PreparationConfig, *about: str) -> str:
    """A hash of all that a dataset follows from."""
    key = hashlib.blake2b(f"{PREPARATION}\n{config.model_dump_json()}\n".encode(), digest_size=10)
    for line in about:
        key.update(f"{line}\n".encode("utf-8", "surrogateescape"))
    for own in pieces:
        key.update(f"{own.name}\t{own.piece.work}\t{own.label}\t{own.digest}\n".encode("utf-8", "surrogateescape"))
    return key.hexdigest()


@dataclass
class _Found:
    """The results of the survey of all pieces."""

    kept: dict[str, tuple[SourcePiece, int]] = field(default_factory=dict[str, tuple[SourcePiece, int]])
    works: dict[str, str] = field(default_factory=dict[str, str])
    splits: dict[str, Split] = field(default_factory=dict[str, Split])
    instruments: Counter[Instrument] = field(default_factory=Counter[Instrument])
    rejected: dict[str, str] = field(default_factory=dict[str, str])
    without_beats: set[str] = field(default_factory=set[str])
    moved: set[str] = field(default_factory=set[str])

    def piece(self, name: str, stored: bytes = b"") -> KeptPiece:
        """Returns a kept piece, with its score where that is wanted."""
        work = self.works[name]
        return KeptPiece(self.kept[name][0], work, self.splits[work], stored)


@dataclass(frozen=True)
class _Preparation:
    """How a dataset is made: its files, settings, the shares of its sources, and the map that runs it."""

    files: Sequence[SourcePiece]
    config: PreparationConfig
    shares: tuple[float, ...]
    mapped: Map
    progress: Progress

    def run(self, folder: Path) -> None:
        """Writes the dataset into a folder."""
        with Spool(folder) as spool:
            found = self._survey(spool)
            plan, styles = self._plan(found, spool)
            kept = [own for own in found.kept.items() if not own[1][0].is_drummer]
            tasks = (found.piece(name, spool.read(number)) for name, (_, number) in kept)
            again = (found.piece(name) for name, _ in kept)
            done, total = len(self.files), len(self.files) + len(kept)
            with DatasetWriter(folder, plan, styles) as writer:
                for piece, encoded in zip(again, self.mapped(partial(encode, plan=plan), tasks), strict=True):
                    writer.append(piece, encoded)
                    if encoded.refused is not None:
                        found.rejected[piece.own.name] = encoded.refused
                    done += 1
                    self.progress(done, total)
        _check(writer.records, found.rejected)
        writer.finish(found.rejected, found.without_beats, found.moved, self.shares)

    def _survey(self, spool: Spool) -> _Found:
        """All pieces without duplicates and those beyond what is asked for; scores wait in the spool."""
        found, finder = _Found(), DuplicateFinder(related=self.config.selection.related)
        surveyed = self.mapped(partial(survey, config=self.config), self.files)
        for done, (file, pieces) in enumerate(zip(self.files, surveyed, strict=True), 1):
            self.progress(done, 2 * len(self.files))
            for seen in pieces:
                own = file.movement(seen.movement)
                if not seen.follows_beats:
                    found.without_beats.add(own.name)
                if seen.is_moved:
                    found.moved.add(own.name)
                if seen.refused is not None or seen.identity is None:
                    found.rejected[own.name] = str(seen.refused)
                    continue
                finder.add(own.name, own.digest, seen.identity)
                self._keep(own, seen, found, spool)
        found.works = finder.works(found.works)
        for group in finder.groups():
            for duplicate in group.duplicates:
                _leave_out(found, duplicate.name, f"{duplicate.kind} duplicate of {group.kept}")
        music = {name: found.works[name] for name, (own, _) in found.kept.items() if not own.is_drummer}
        found.splits = {**splits_of(found.works.values()), **splits_of(music.values())}
        splits: dict[str, Split] = {name: found.splits[work] for name, work in music.items()}
        for name in surplus(splits, self.config.selection.held_out):
            _leave_out(found, name, "held out, beyond the pieces that are judged")
        return found

    @staticmethod
    def _keep(own: SourcePiece, seen: Surveyed, found: _Found, spool: Spool) -> None:
        found.kept[own.name] = own, spool.append(seen.stored)
        found.works[own.name] = own.piece.work
        for instrument, count in seen.instruments:
            found.instruments[instrument] += count

    def _plan(self, found: _Found, spool: Spool) -> tuple[Plan, tuple[str, ...]]:
        """Returns the plan of the encoding, and the styles of the pieces."""
        config, features = self.config.notes, self.config.features
        sources = [own.source for own in self.files if own.source is not None]
        if not sources:
            parts = config.parts or _parts_of(found.instruments)
            if not parts:
                raise CorpusError(_all_rejected(found.rejected))
            return Plan(config.model_copy(update={"parts": parts}), features), ()
        styles = tuple(dict.fromkeys(source.style for source in sources if not source.drums))
        loops = tuple(
            restored(spool.read(number))
            for name, (own, number) in found.kept.items()
            if own.is_drummer and found.splits[found.works[name]] == "train"
        )
        parts = config.parts or band_parts()
        return Plan(config.model_copy(update={"parts": parts}), features, loops, self.config.seed), styles


def _leave_out(found: _Found, name: str, reason: str) -> None:
    del found.kept[name]
    found.rejected[name] = reason


def _parts_of(counts: Counter[Instrument]) -> tuple[Part, ...]:
    """The most used instruments, in the order of their programs, drums last."""
    chosen = sorted((instrument for instrument, _ in counts.most_common(_MAX_PARTS)), key=lambda i: (i[1], i[0]))
    return tuple(
        Part(name="drums" if is_drum else program_name(program), program=program, is_drum=is_drum)
        for program, is_drum in chosen
    )


def _check(records: Sequence[Record], rejected: dict[str, str]) -> None:
    """Raises an error where a dataset would be of no use."""
    if any(record.split == "train" for record in records):
        return
    if not rejected:
        raise CorpusError("no piece to train on: the recipe's sources hold drummers' loops alone, or held-out pieces")
    raise CorpusError(_all_rejected(rejected))


def _all_rejected(rejected: dict[str, str]) -> str:
    name, why = next(iter(rejected.items()))
    return f"none of {len(rejected)} files can be used; the first, {name}: {why}"
