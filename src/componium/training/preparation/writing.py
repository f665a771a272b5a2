"""Writes the files of a dataset, one piece after the other."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from componium.conditioning.controls import N_LEVELS, ConditioningConfig
from componium.fingerprints import Lines
from componium.representations.columns import DURATION, PART
from componium.representations.note_events import EncodedNotes
from componium.representations.notes import NotesRepresentation
from componium.training.arrays import GrowingArray
from componium.training.dataset import LINE_NGRAMS, LINE_NOTES, Record, line_file
from componium.training.preparation.encoding import EncodedPiece, KeptPiece, Plan, Variant

_ROWS = (("events", np.int16, (5,)), ("pointers", np.int32, ()), ("streaks", np.int8, ()))
_CONDITIONS = (("form_pointers", np.int32, (3,)), ("chords", np.int16, (2,)))


class DatasetWriter:
    """Writes the arrays of pieces as they come, and at the end what is known of all.

    Args:
        folder: of the dataset.
        plan: of the encoding.
        styles: of its pieces, a condition; empty: the dataset has no conditions.
    """

    def __init__(self, folder: Path, plan: Plan, styles: tuple[str, ...]) -> None:
        self.records: list[Record] = []
        self._folder = folder
        self._plan = plan
        self._styles = styles
        self._files = ExitStack()
        self._arrays: dict[str, GrowingArray] = {}
        self._lines = _PieceLinesWriter(folder)
        self._digest_of: dict[str, str] = {}
        self._notes_of_parts = np.zeros(len(plan.config.parts), np.int64)
        self._left_out = 0
        self._controls: list[tuple[int, int, int]] = []
        self._roles: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        self._n_quarters = [0]
        self._levels: list[list[tuple[float, float]]] = [[] for _ in styles]

    def __enter__(self) -> Self:
        for name, dtype, row in (*_ROWS, *(_CONDITIONS if self._styles else ())):
            file = GrowingArray(self._folder / f"{name}.npy", dtype, row)
            self._arrays[name] = self._files.enter_context(file)
        self._files.enter_context(self._lines)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    def append(self, kept: KeptPiece, encoded: EncodedPiece) -> None:
        """Writes all variants of a piece, and its lines if it has any variant."""
        if encoded.variants:
            self._lines.append(encoded.lines)
        for variant in encoded.variants:
            self._digest_of[kept.own.name] = kept.own.digest
            self._append_record(kept, variant.notes)
            notes, sounding = variant.notes, variant.notes.events[:, DURATION] > 0
            self._arrays["events"].append(notes.events)
            self._arrays["pointers"].append(variant.pointers)
            self._arrays["streaks"].append(variant.streaks)
            self._notes_of_parts += np.bincount(notes.events[sounding, PART], minlength=len(self._notes_of_parts))
            self._left_out += variant.left_out
            self._append_conditions(kept, variant)

    def _append_record(self, kept: KeptPiece, notes: EncodedNotes) -> None:
        start = self.records[-1].stop if self.records else 0
        self.records.append(
            Record(
                kept.own.name, kept.work, kept.split, start, start + len(notes.events), notes.n_bars,
                notes.meter, notes.tempo_bpm, kept.own.label,
            )
        )  # fmt: skip

    def _append_conditions(self, kept: KeptPiece, variant: Variant) -> None:
        conditions, source = variant.conditions, kept.own.source
        if conditions is None or source is None:
            return
        style = self._styles.index(source.style)
        self._arrays["form_pointers"].append(conditions.form_pointers)
        self._arrays["chords"].append(conditions.chords)
        self._n_quarters.append(len(conditions.chords))
        self._controls.append((1 + style, conditions.key, kept.own.place))
        self._roles.append(conditions.roles)
        self._levels[style] += conditions.levels

    def finish(
        self, rejected: dict[str, str], without_beats: set[str], moved: set[str], shares: tuple[float, ...]
    ) -> None:
        """Writes what is known when every piece is written.

        Args:
            rejected: file -> why it is not here.
            without_beats: names of pieces whose ticks do not follow the beats.
            moved: names of pieces that were put on tracked beats.
            shares: of the training excerpts, by source.
        """
        config = self._plan.config
        if self._styles:
            np.save(self._folder / "quarters.npy", np.cumsum(self._n_quarters))
            np.save(self._folder / "controls.npy", np.array(self._controls, np.int16))
            np.save(self._folder / "roles.npy", np.stack(self._roles))
        manifest = "\n".join(f"{own.name}\t{own.split}\t{self._digest_of[own.name]}" for own in self.records)
        labels = sorted({own.label for own in self.records if own.label and own.split == "train"})
        counts = zip(config.parts, self._notes_of_parts.tolist(), strict=True)
        about = {
            "representation": NotesRepresentation(config).spec(),
            "features": self._plan.features.model_dump(),
            "conditioning": self._conditioning().model_dump(mode="json"),
            "records": self.records,
            "rejected": rejected,
            "manifest": hashlib.sha256(manifest.encode("utf-8", "surrogateescape")).hexdigest(),
            "labels": labels,
            "shares": shares,
            "notes_of_parts": {part.name: count for part, count in counts if count or not self._styles},
            "notes_left_out": self._left_out,
            "without_beats": list(Counter(own.name for own in self.records if own.name in without_beats)),
            "on_tracked_beats": list(Counter(own.name for own in self.records if own.name in moved)),
        }
        # Names of files may hold what UTF-8 lacks.
        (self._folder / "dataset.json").write_text(json.dumps(about, indent=0), encoding="ascii")

    def _conditioning(self) -> ConditioningConfig:
        """The values between the levels of density and complexity, style by style, on training excerpts."""
        shares = np.arange(1, N_LEVELS) / N_LEVELS
        bounds: tuple[list[tuple[float, ...]], list[tuple[float, ...]]] = ([], [])
        for measured in self._levels:
            values = np.array(measured or [(1.0, 1.0)])
            for own, column in zip(bounds, values.T, strict=True):
                own.append(tuple(float(value) for value in np.quantile(column, shares)))
        return ConditioningConfig(styles=self._styles, density=tuple(bounds[0]), complexity=tuple(bounds[1]))


class _PieceLinesWriter:
    """Writes the lines of pieces, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._files = ExitStack()
        self._arrays: dict[str, GrowingArray] = {}
        self._folder = folder

    def __enter__(self) -> Self:
        for name, dtype in (*LINE_NGRAMS, *LINE_NOTES, ("sizes", np.int64), ("counts", np.int64)):
            self._arrays[name] = self._files.enter_context(GrowingArray(line_file(self._folder, name), dtype))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    def append(self, lines: Lines) -> None:
        for line in lines.every:
            for name, _ in (*LINE_NGRAMS, *LINE_NOTES):
                self._arrays[name].append(getattr(line, name))
        self._arrays["sizes"].append(np.array([line.n_notes for line in lines.every]))
        self._arrays["counts"].append(np.array([len(lines.every)]))
