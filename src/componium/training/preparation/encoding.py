"""Encodes a piece as arrays: as it is, or in several orchestrations with their conditions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.controls import chord_columns, density_complexity, key_class
from componium.conditioning.roles import Measured, measure_roles
from componium.corpora.instrumentation import as_written
from componium.corpora.splits import Split
from componium.errors import ComponiumError
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.features.form_pointer import form_pointers_of
from componium.features.repeat_pointer import repeat_pointers
from componium.fingerprints import Lines, lines_of
from componium.representations.columns import SHIFT, Events
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import part_of
from componium.score import Score, estimate_key
from componium.score.harmony.chord_recognition import recognize_chords
from componium.training.preparation.orchestration import orchestrated
from componium.training.preparation.sources import SourcePiece
from componium.training.preparation.survey import restored

_LEVEL_WINDOW = 256
_LOOP_BARS = 2


@dataclass(frozen=True, eq=False)
class Plan:
    """The settings that the encoding of every piece shares.

    Attributes:
        config: of the note events, with its parts.
        features: that a network is to read.
        drum_loops: drummers' performances that may be laid under training pieces.
        seed: of the orchestrations.
    """

    config: NotesConfig
    features: FeatureConfig
    drum_loops: tuple[Score, ...] = ()
    seed: int = 0

    @cached_property
    def loops_by_meter(self) -> dict[tuple[int, int], list[Score]]:
        """Those that are long enough, by the numerator and denominator of their meter."""
        found: dict[tuple[int, int], list[Score]] = {}
        for loop in self.drum_loops:
            meter = loop.time_signatures[0]
            if loop.end > _LOOP_BARS * meter.bar_ticks(loop.ticks_per_quarter):
                found.setdefault((meter.numerator, meter.denominator), []).append(loop)
        return found

    @cached_property
    def codec(self) -> NoteCodec:
        """The codec of the pieces."""
        return NoteCodec(self.config)


class KeptPiece(NamedTuple):
    """A piece that was surveyed and is used.

    Attributes:
        work: what it is split by.
        stored: its score, as the survey stored it.
    """

    own: SourcePiece
    work: str
    split: Split
    stored: bytes


class VariantConditions(NamedTuple):
    """The conditions of a variant of a piece.

    Attributes:
        form_pointers: as of :class:`componium.training.dataset.ConditionArrays`.
        chords: columns by quarter, shape (Q, 2).
        key: its class.
        roles: of its parts, shape (3, parts).
        levels: density and complexity of its excerpts, which no held-out piece has.
    """

    form_pointers: NDArray[np.int32]
    chords: NDArray[np.int16]
    key: int
    roles: Measured
    levels: list[tuple[float, float]]


class Variant(NamedTuple):
    """The arrays of a piece in one orchestration.

    Attributes:
        pointers, streaks: of its repeat pointer.
        left_out: notes that no part takes.
        conditions: None where a dataset has none.
    """

    notes: EncodedNotes
    pointers: NDArray[np.int32]
    streaks: NDArray[np.int8]
    left_out: int
    conditions: VariantConditions | None


class EncodedPiece(NamedTuple):
    """The arrays of a piece for a dataset.

    Attributes:
        lines: fingerprints of the piece as it is, its onsets on the steps of the note events.
        refused: why it gives no more variants than it does; None: it gives all.
    """

    variants: tuple[Variant, ...]
    lines: Lines
    refused: str | None = None


def encode(kept: KeptPiece, plan: Plan) -> EncodedPiece:
    """Encodes one piece; where the representation cannot hold it, that is its refusal, and no error."""
    score = restored(kept.stored)
    harmony = (chord_columns(recognize_chords(score)), key_class(estimate_key(score))) if kept.own.source else None
    is_training = kept.split == "train"
    variants: list[Variant] = []
    refused = None
    try:
        for orchestration in _orchestrations(kept, score, plan):
            # One by one: those before an error stay.
            variants.append(  # noqa: PERF401
                _variant(orchestration, harmony, plan, is_training=is_training)
            )
    except ComponiumError as error:
        refused = str(error)
    return EncodedPiece(tuple(variants), lines_of(score, plan.config.steps_per_quarter), refused)


def _orchestrations(kept: KeptPiece, score: Score, plan: Plan) -> Iterator[Score]:
    source = kept.own.source
    if source is None:
        yield score
        return
    if kept.split != "train" or not source.variants:
        yield as_written(score, source.parts, source.instruments)
        return
    meter = score.time_signatures[0]
    loops = plan.loops_by_meter.get((meter.numerator, meter.denominator), [])
    for number in range(source.variants):
        name = f"{plan.seed}/{kept.own.name}/{number}"
        seed = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest())
        yield orchestrated(score, np.random.default_rng(seed), source.orchestration(loops))


def _variant(
    score: Score,
    harmony: tuple[NDArray[np.int16], int] | None,
    plan: Plan,
    *,
    is_training: bool,
) -> Variant:
    codec = plan.codec
    notes = codec.encode(score)
    pointers, streaks = repeat_pointers(notes.events, FeatureSet(codec, plan.features).together)
    parts = codec.config.parts
    left_out = sum(len(track.notes) for track in score.tracks if part_of(parts, track) is None)
    if harmony is None:
        return Variant(notes, pointers, streaks, left_out, None)
    own = VariantConditions(
        form_pointers_of(notes, codec),
        *harmony,
        measure_roles(notes.events, codec.is_drum, codec.config.steps),
        _levels(notes.events, codec) if is_training else [],
    )
    return Variant(notes, pointers, streaks, left_out, own)


def _levels(events: Events, codec: NoteCodec) -> list[tuple[float, float]]:
    """Density and complexity of excerpts that follow each other."""
    steps, is_drum = codec.config.steps, codec.is_drum
    onsets = np.cumsum(events[:, SHIFT], dtype=np.int64)
    found: list[tuple[float, float]] = []
    for start in range(0, max(len(events) - _LEVEL_WINDOW // 2, 1), _LEVEL_WINDOW):
        cut = np.array(events[start : start + _LEVEL_WINDOW])
        cut[0, SHIFT] = onsets[start] % steps
        found.append(density_complexity(cut, is_drum, steps))
    return found
