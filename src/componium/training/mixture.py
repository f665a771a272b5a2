"""A dataset of several corpora for guided composers: every training piece in several orchestrations, with its guide.

Of each piece are kept its chords by quarter, its form as form_pointers, its key and its style; density and complexity are
measured on every excerpt anew. Held-out pieces come once, as they are written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from componium.conditioning.controls import (
    N_LEVELS,
    ConditioningConfig,
    chord_columns,
    density_complexity,
    form_pointers,
    key_class,
)
from componium.conditioning.roles import Measured, measure_roles
from componium.corpora import corpus_named
from componium.corpora.corpus import Piece
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.splits import split_of
from componium.errors import ComponiumError, CorpusError
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, Events
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.score import Score, estimate_key
from componium.score.chord_recognition import recognize_chords
from componium.score.form import repeated_bars
from componium.score.instruments import BAND, BAND_BY_NAME
from componium.training.arrays import GrowingArray
from componium.training.dataset import Dataset, Progress, Record, hash_files, load_or_make, save_rows
from componium.training.orchestration import DRUMS, Orchestration, as_written, orchestrated, voices_of

# Raised whenever equal files would be prepared into other arrays.
MIXTURE = 4
_LEVEL_WINDOW = 256
_LOOP_BARS = 2


class Source(BaseModel):
    """A corpus of the mixture.

    Attributes:
        folder: below the folder of the data; empty: the corpus' name.
        style: what its pieces are told to be.
        share: of the training excerpts, in relation to the other sources.
        variants: orchestrations of each training piece; 0: it comes once, as it is written.
        solo: share of them for one instrument.
        drummed: share of the others without a drummer that get a loop of one.
        parts: track -> instrument of pieces as they are written, where their own would join tracks.
        drums: the source gives drummers' loops to the others, and nothing else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    corpus: str = Field(min_length=1)
    folder: str = ""
    style: str
    share: float = Field(default=1.0, gt=0)
    variants: int = Field(default=4, ge=0, le=64)
    solo: float = Field(default=0.25, ge=0, le=1)
    drummed: float = Field(default=0.0, ge=0, le=1)
    parts: dict[str, str] = Field(default_factory=dict)
    drums: bool = False

    @field_validator("parts")
    @classmethod
    def _are_of_the_band(cls, parts: dict[str, str]) -> dict[str, str]:
        for name in parts.values():
            if name not in BAND_BY_NAME:
                raise ValueError(f"no instrument {name!r} in the band; it has {', '.join(BAND_BY_NAME)}")
        return parts

    def orchestration(self, drum_loops: Sequence[Score]) -> Orchestration:
        """How its training pieces are varied."""
        return Orchestration(self.solo, self.drummed, self.parts, drum_loops)

    @property
    def place(self) -> str:
        """Its folder below that of the data, by which its pieces are told from those of other sources."""
        return self.folder or self.corpus


class _Found(NamedTuple):
    source: Source
    piece: Piece
    score: Score


class _Variant(NamedTuple):
    """What is kept of a variant in memory, while its rows go to disk.

    Attributes:
        chords: columns by quarter, shape (Q, 2).
        roles: of its parts, shape (3, parts).
        levels: density and complexity of its excerpts, which no held-out piece has.
    """

    record: Record
    chords: NDArray[np.int16]
    roles: Measured
    levels: list[tuple[float, float]]
    style: int
    key: int
    source: int


def band_parts() -> tuple[Part, ...]:
    """The parts of a band: all its instruments, drums last."""
    return (*(Part(name=own.name, program=own.program) for own in BAND), Part(name=DRUMS, is_drum=True))


def prepare_mixture(
    sources: tuple[Source, ...], folder: Path, config: NotesConfig, cache: Path, progress: Progress, seed: int = 0
) -> Dataset:
    """Encodes a mixture of corpora, or finds it encoded.

    Raises:
        CorpusError: a corpus is missing, or a split would be empty.
    """
    listed = [
        (source, piece) for source in sources for piece in corpus_named(source.corpus).find(folder / source.place)
    ]
    hashes = hash_files([piece for _, piece in listed])
    key = hashlib.blake2b(f"{MIXTURE}\n{seed}\n{config.model_dump_json()}\n".encode(), digest_size=10)
    for source in sources:
        key.update(source.model_dump_json().encode())
    for (source, piece), digest in zip(listed, hashes, strict=True):
        key.update(f"{source.corpus}\t{piece.name}\t{piece.work}\t{digest}\n".encode())
    target = cache / f"mixture-{key.hexdigest()}"
    mixture = _Mixture(sources, config, seed)
    return load_or_make(target, lambda part: mixture.run(listed, hashes, part, progress))


class _Mixture:
    def __init__(self, sources: tuple[Source, ...], config: NotesConfig, seed: int) -> None:
        self._sources = sources
        self._styles = tuple(dict.fromkeys(source.style for source in sources if not source.drums))
        parts = config.parts or band_parts()
        self._config = config.model_copy(update={"parts": parts, "guides": ConditioningConfig(styles=self._styles)})
        self._representation = NoteCodec(self._config)
        self._seed = seed
        self._rejected: dict[str, str] = {}

    def run(self, listed: list[tuple[Source, Piece]], hashes: list[str], folder: Path, progress: Progress) -> None:
        found = self._survey(listed, hashes, lambda done: progress(done, 2 * len(listed)))
        loops = [own.score for own in found if own.source.drums and split_of(own.piece.work) == "train"]
        variants: list[_Variant] = []

        def encoded() -> Iterator[EncodedNotes]:
            stop = 0
            for done, own in enumerate(found):
                if not own.source.drums:
                    for variant, notes in self._variants(own, loops, stop):
                        variants.append(variant)
                        stop = variant.record.stop
                        kept_echoes.append(self._echoes(notes))
                        yield notes
                progress(len(listed) + done + 1, len(listed) + len(found))

        with GrowingArray(folder / "echoes.npy", np.int32, (3,)) as kept_echoes:
            save_rows(folder, encoded())
        if not {"train", "validation", "test"} <= {variant.record.split for variant in variants}:
            raise CorpusError(f"{len(variants)} usable pieces leave a split empty: training needs some ten works")
        self._write(variants, folder, dict(zip((_name(*own) for own in listed), hashes, strict=True)))

    def _survey(
        self, listed: list[tuple[Source, Piece]], hashes: list[str], progress: Callable[[int], None]
    ) -> list[_Found]:
        finder = DuplicateFinder()
        found: dict[str, _Found] = {}
        for done, ((source, piece), digest) in enumerate(zip(listed, hashes, strict=True)):
            name = _name(source, piece)
            try:
                score = voices_of(corpus_named(source.corpus).read(piece))
                if not score.n_notes:
                    raise CorpusError("no notes in it")
            except ComponiumError as error:
                self._rejected[name] = str(error)
                continue
            finally:
                progress(done + 1)
            finder.add(name, digest, score)
            found[name] = _Found(source, piece, score)
        for group in finder.groups():
            for duplicate in group.duplicates:
                del found[duplicate.name]
                self._rejected[duplicate.name] = f"{duplicate.kind} duplicate of {group.kept}"
        return list(found.values())

    def _variants(self, own: _Found, loops: list[Score], start: int) -> Iterator[tuple[_Variant, EncodedNotes]]:
        split = split_of(own.piece.work)
        name = _name(own.source, own.piece)
        meter = own.score.time_signatures[0]
        fitting = [
            loop
            for loop in loops
            if (loop.time_signatures[0].numerator, loop.time_signatures[0].denominator)
            == (meter.numerator, meter.denominator)
            and loop.end > _LOOP_BARS * loop.time_signatures[0].bar_ticks(loop.ticks_per_quarter)
        ]
        chords = chord_columns(recognize_chords(own.score))
        key = key_class(estimate_key(own.score))
        varies = split == "train" and own.source.variants > 0
        for variant in range(own.source.variants if varies else 1):
            seed = int.from_bytes(hashlib.blake2b(f"{self._seed}/{name}/{variant}".encode(), digest_size=8).digest())
            score = (
                orchestrated(own.score, np.random.default_rng(seed), own.source.orchestration(fitting))
                if varies
                else as_written(own.score, own.source.parts)
            )
            try:
                encoded = self._representation.encode(score)
            except ComponiumError as error:
                self._rejected[name] = str(error)
                return
            stop = start + len(encoded.events)
            record = Record(
                name, own.piece.work, split, start, stop, encoded.n_bars, meter.numerator, meter.denominator,
                encoded.tempo_bpm,
            )  # fmt: skip
            start = stop
            yield (
                _Variant(
                    record,
                    chords,
                    measure_roles(encoded.events, self._representation.is_drum, self._config.steps),
                    self._levels(encoded.events) if split == "train" else [],
                    1 + self._styles.index(own.source.style),
                    key,
                    self._sources.index(own.source),
                ),
                encoded,
            )

    def _levels(self, events: Events) -> list[tuple[float, float]]:
        """Density and complexity of excerpts that follow each other."""
        onsets = np.cumsum(events[:, SHIFT], dtype=np.int64)
        found: list[tuple[float, float]] = []
        for start in range(0, max(len(events) - _LEVEL_WINDOW // 2, 1), _LEVEL_WINDOW):
            cut = np.array(events[start : start + _LEVEL_WINDOW])
            cut[0, SHIFT] = onsets[start] % self._config.steps
            found.append(density_complexity(cut, self._representation.is_drum, self._config.steps))
        return found

    def _echoes(self, encoded: EncodedNotes) -> NDArray[np.int32]:
        codec = self._representation
        back = form_of(encoded, codec)
        lines = codec.bar_grid(encoded.meter).start_of(np.arange(encoded.n_bars + 1)).tolist()
        onsets = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
        part, pitch, duration = (encoded.events[:, column].astype(np.int64) for column in (PART, PITCH, DURATION))
        rows = np.stack((onsets, part, pitch, (duration > 0).astype(np.int64)), axis=1)
        return form_pointers(rows, lines, back.tolist(), codec.config.max_shift)

    def _write(self, variants: list[_Variant], folder: Path, digest_of: dict[str, str]) -> None:
        config = self._config.model_copy(update={"guides": self._bounds(variants)})
        np.save(folder / "chords.npy", np.concatenate([own.chords for own in variants]))
        np.save(folder / "quarters.npy", np.cumsum([0, *(len(own.chords) for own in variants)]))
        np.save(folder / "told.npy", np.array([(own.style, own.key, own.source) for own in variants], np.int16))
        np.save(folder / "roles.npy", np.stack([own.roles for own in variants]))
        records = [own.record for own in variants]
        manifest = "\n".join(f"{record.name}\t{record.split}\t{digest_of[record.name]}" for record in records)
        about = {
            "representation": NoteCodec(config).spec(),
            "records": records,
            "rejected": self._rejected,
            "manifest": hashlib.sha256(manifest.encode()).hexdigest(),
            "shares": [source.share for source in self._sources],
        }
        (folder / "dataset.json").write_text(json.dumps(about, indent=0, ensure_ascii=False), encoding="utf-8")

    def _bounds(self, variants: list[_Variant]) -> ConditioningConfig:
        """The values between the levels of density and complexity, style by style, on training excerpts."""
        shares = np.arange(1, N_LEVELS) / N_LEVELS
        bounds: tuple[list[tuple[float, ...]], list[tuple[float, ...]]] = ([], [])
        for style in range(1, len(self._styles) + 1):
            measured = [levels for own in variants if own.style == style for levels in own.levels]
            values = np.array(measured or [(1.0, 1.0)])
            for own, column in zip(bounds, values.T, strict=True):
                own.append(tuple(float(value) for value in np.quantile(column, shares)))
        return ConditioningConfig(styles=self._styles, density=tuple(bounds[0]), complexity=tuple(bounds[1]))


def _name(source: Source, piece: Piece) -> str:
    """Unique among the pieces of a mixture."""
    return f"{source.place}/{piece.name}"


def form_of(encoded: EncodedNotes, codec: NoteCodec) -> NDArray[np.int16]:
    """Returns how many bars back lies what each bar repeats, 0 where it is new; shape (bars,).

    Drums repeat whatever the music does: they tell its form only where there is no other music.
    """
    onsets = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
    place = codec.bar_grid(encoded.meter).locate(onsets)
    part, pitch = (encoded.events[:, column].astype(np.int64) for column in (PART, PITCH))
    sounds = encoded.events[:, DURATION] > 0
    heard = sounds & ~codec.is_drum[part]
    heard = heard if heard.any() else sounds
    return repeated_bars(place.bar[heard], place.position[heard], part[heard], pitch[heard], encoded.n_bars)
