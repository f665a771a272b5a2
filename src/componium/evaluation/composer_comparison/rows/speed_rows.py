"""Rows of speed and size on this machine.

Notes per second of CPU time, all threads together, from a stream that is already warm; the best of three. A composer
that takes longer than ``MOST_SECONDS`` is stopped where it would draw more notes, and its rate is that of the notes
until then: one that draws many notes at once hands them out without further cost. These are timings: the same request
gives other figures each time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from componium.errors import ComponiumError
from componium.evaluation.composer_comparison.composers import Composer, ComposingFunctions
from componium.evaluation.composer_comparison.rows.table import SPEED, Row

STREAMS = (1, 16)
MOST_SECONDS = 1.0
_TRIALS = 3
_BARS = 32


def speed_rows(composers: Iterable[Composer], composing: ComposingFunctions) -> list[Row]:
    """Returns the rates and the size of every composer."""
    rows: list[Row] = []
    for composer in composers:
        for count in STREAMS:
            what = "one stream" if count == 1 else f"{count} at once"
            row = Row(SPEED, what, "notes per CPU second, a timing", composer.name, composer.kind)
            if not composer.can_compose:
                rows.append(row._replace(note="it is scored only: it does not compose"))
                continue
            try:
                rows.append(row._replace(value=_rate(composer, composing, count), n=count))
            except ComponiumError as error:
                rows.append(row._replace(note=str(error)))
        rows.append(Row(SPEED, "size", "MB", composer.name, composer.kind, composer.artifact.size / 1e6))
    return rows


def _rate(composer: Composer, composing: ComposingFunctions, count: int) -> float:
    # What is opened once is not part of it.
    for _ in composing.stream(composer.artifact, count, 1, 0):
        pass
    best = 0.0
    for seed in range(1, _TRIALS + 1):
        n_notes, taken, start = 0, 0.0, time.process_time()
        for _ in composing.stream(composer.artifact, count, _BARS, seed):
            now = time.process_time() - start
            if taken > MOST_SECONDS and now - taken > taken / n_notes / 2:
                break
            n_notes, taken = n_notes + 1, now
        best = max(best, n_notes / max(taken, 1e-9))
    return best
