"""Draws stretches of real-valued notes from random numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.conditions import QueuedPiece
from componium.composing.procedures.latent.joining import Stretch, nearest_in
from componium.errors import ArtifactError
from componium.onnx_sessions import Session, open_session
from componium.score.harmony.keys import Key

N_KEYS = 12
_MOST_TONES = 3
# A minor key has the notes of the major key a minor third above it.
_RELATIVE_MAJOR = 3

Floats = NDArray[np.float32]


@lru_cache(maxsize=4)
def _open(artifact: Artifact) -> Session:
    """Opens the graph of an artifact.

    Raises:
        ArtifactError: it is missing, or its arrays are not those of cells.
    """
    session = open_session(artifact.file("generator"))
    length, noise, key = artifact.number("length"), artifact.number("noise"), np.zeros(1, np.int64)
    for tones in range(1, _MOST_TONES + 1):
        cell = np.zeros((1, 1 + 3 * tones), np.float32)
        if "state" in artifact.manifest.signature:
            state = np.zeros((1, artifact.number("state")), np.float32)
            values = np.zeros((1, artifact.number("before")), np.float32)
            arrays = {
                "noise": np.zeros((1, noise), np.float32), "before": values, "values": values, "state": state,
                "state_after": state, "cells": cell, "key": key,
            }  # fmt: skip
        else:
            arrays = {
                "latent": np.zeros((1, artifact.number("latent")), np.float32), "key": key,
                "noise": np.zeros((1, length, noise), np.float32), "cells": np.repeat(cell[None], length, axis=1),
            }  # fmt: skip
        try:
            return session.expect(arrays)
        except ArtifactError:
            if tones == _MOST_TONES:
                raise
    raise AssertionError


class Tuples:
    """A piece of an excerpt of notes after the other, all from one latent vector and in one key.

    Where a key was asked for, networks that write in a key write in that one, and notes outside its scale move to the
    nearest ones in it: this is not learned.

    Args:
        artifact: the composer.
        queued: the piece.
    """

    def __init__(self, artifact: Artifact, queued: QueuedPiece) -> None:
        plan = queued.conditions.plan
        self._session, self._artifact, self._random = _open(artifact), artifact, queued.random()
        self._spread = np.float32(plan.temperature)
        self._feeds_back = "state" in artifact.manifest.signature
        self._scale: tuple[int, ...] | None = None
        [self._part, *_] = np.flatnonzero(queued.conditions.plays).tolist()
        self._key = int(self._random.integers(N_KEYS))
        if plan.request.key is not None and queued.conditions.key is not None:
            self._ask_for(queued.conditions.key)
        self._latent = self._normal(1, artifact.number("latent"))

    def _ask_for(self, key: Key) -> None:
        self._key = (key.tonic + _RELATIVE_MAJOR * key.is_minor) % N_KEYS
        self._scale = key.pitch_classes

    def _normal(self, *shape: int) -> Floats:
        return self._random.standard_normal(shape, np.float32) * self._spread

    def stretch(self, start: int) -> Stretch:
        """See :class:`componium.composing.procedures.latent.joining.Source`."""
        cells = self._cells().astype(np.float64)
        if not np.isfinite(cells).all():
            raise ArtifactError(f"{self._artifact.folder}: it writes notes that are no numbers; get the artifact again")
        codec = self._artifact.codec
        steps = np.rint(cells * codec.config.steps)
        onset = start + np.cumsum(np.clip(steps[:, 0], 0, codec.config.max_shift)).astype(np.int64)
        tones = cells[:, 1:].reshape(len(cells), -1, 3)
        cell, tone = np.nonzero(np.rint(tones[..., 2]) > 0)
        pitch = np.clip(np.rint(tones[cell, tone, 1]), 0, 127).astype(np.int64)
        if self._scale is not None:
            pitch = nearest_in(pitch, self._scale)
        wanted = np.rint(tones[cell, tone, 0] * codec.config.steps).astype(np.int64)
        length = codec.representable(wanted)
        louds = np.clip(np.rint(tones[cell, tone, 2]), 1, 127).astype(np.int64).tolist()
        velocity = codec.velocities(np.array([codec.velocity_bin(own) for own in louds], np.int64))
        part = np.full(len(cell), self._part)
        return Stretch(np.stack((onset[cell], part, pitch, length, velocity)), int(onset[-1]))

    def _cells(self) -> Floats:
        """The cells of a stretch in musical units, shape (N, 1 + 3 V)."""
        length, n_noise = self._artifact.number("length"), self._artifact.number("noise")
        key = np.array([self._key], np.int64)
        if not self._feeds_back:
            return self._run({"latent": self._latent, "noise": self._normal(1, length, n_noise), "key": key})[0][0]
        noise = (0.5 + self._spread * (self._random.random((length, 1, n_noise), np.float32) - 0.5)).astype(np.float32)
        before, state = (np.zeros((1, self._artifact.number(name)), np.float32) for name in ("before", "state"))
        found: list[Floats] = []
        for own in noise:
            cells, before, state = self._run({"noise": own, "before": before, "state": state, "key": key})
            found.append(cells[0])
        return np.stack(found)

    def _run(self, given: dict[str, NDArray[Any]]) -> list[Floats]:
        outputs = ["cells", "values", "state_after"] if self._feeds_back else ["cells"]
        return self._session.run(outputs, {name: given[name] for name in self._session.inputs})
