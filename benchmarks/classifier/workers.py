"""Composes, measures and judges in several processes; each opens the composer once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from paired_excerpts import on_grid

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import compose
from componium.composing.requests import ComposeRequest
from componium.evaluation.classifier_test import feature_matrix
from componium.score import Score

_CHUNK = 4
_Asked = TypeVar("_Asked")
_Made = TypeVar("_Made")

# The composer of a process.
_artifact: Artifact | None = None


class Workers:
    """Processes that have a composer open; ``seconds``: of processor time that their work took so far."""

    def __init__(self, model: str | Path, processes: int) -> None:
        """``model``: name or directory of the composer."""
        self.seconds = 0.0
        # Not forked: a process with open graphs has threads, which a fork would leave behind.
        self._pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_open, initargs=(str(model),))

    def map(self, work: Callable[[_Asked], _Made], asked: Iterable[_Asked], chunk: int = 1) -> list[_Made]:
        made: list[_Made] = []
        for one, seconds in self._pool.map(partial(_timed, work), asked, chunksize=chunk):
            made.append(one)
            self.seconds += seconds
        return made

    def composed(self, requests: Sequence[ComposeRequest]) -> list[Score]:
        """The piece of each request, in the composer's rows and back, as an instrument plays it."""
        return self.map(_compose, requests, _CHUNK)

    def features(self, scores: Sequence[Score]) -> NDArray[np.float64]:
        """The features of excerpts, shape (N, features)."""
        return np.concatenate(self.map(_features, scores, _CHUNK))

    def close(self) -> None:
        self._pool.shutdown()


def _timed(work: Callable[[_Asked], _Made], asked: _Asked) -> tuple[_Made, float]:
    started = time.process_time()
    made = work(asked)
    return made, time.process_time() - started


def _features(score: Score) -> NDArray[np.float64]:
    return feature_matrix([score])


def _open(model: str) -> None:
    global _artifact  # noqa: PLW0603 - a process has one
    _artifact = load_artifact(model)


def _compose(request: ComposeRequest) -> Score:
    assert _artifact is not None
    return on_grid(_artifact.codec, compose(_artifact, request)[0].score)
