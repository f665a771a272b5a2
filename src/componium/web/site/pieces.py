"""Composes the pieces of a site, several at once: the JSON of each is that of the API, but for notes in columns."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from componium.artifacts import Artifact, load_artifact
from componium.composing.live import LiveComposition
from componium.composing.requests import ComposeRequest
from componium.web.piece_json import head_json, note_rows, pedal_rows
from componium.web.site.columns import columns_of
from componium.web.work.studio import title_of

_SLICE_SECONDS = 10.0
_FEWEST_A_PROCESS = 8
"""A process takes two seconds to start, a piece as much to compose."""


def compose_pieces(artifact: Artifact, numbers: Iterable[int], seed: int) -> Iterator[str]:
    """Yields pieces as JSON text, in the order of their numbers, which are their ids.

    Args:
        artifact: the composer.
        numbers: of the pieces.
        seed: of piece 0; each piece has one of its own, so that it is the same in a larger site.
    """
    asked = [(artifact.folder, number, seed + number) for number in numbers]
    n_processes = min(os.cpu_count() or 1, len(asked) // _FEWEST_A_PROCESS)
    if n_processes < 2:
        yield from map(_compose, asked)
        return
    # Threads of the parent do not survive a fork.
    with ProcessPoolExecutor(n_processes, multiprocessing.get_context("spawn"), _end_with_parent) as pool:
        try:
            yield from pool.map(_compose, asked)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def compose_piece(artifact: Artifact, number: int, seed: int) -> str:
    """Returns a piece as JSON text: of the request that asks for nothing but a seed."""
    live = LiveComposition(artifact, ComposeRequest(seed=seed))
    while not live.is_over:
        live.advance(_SLICE_SECONDS)
    score, parts = live.composition.score, live.parts_of_tracks
    head = head_json(live.head, title_of(live))
    columns, pedals = columns_of(note_rows(score, parts)), pedal_rows(score, parts)
    return json.dumps({"id": str(number), "head": head, "columns": columns, "pedals": pedals}, separators=(",", ":"))


def _end_with_parent() -> None:
    """Ends this process when the one that started it does, also if that is killed: nothing else would."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _compose(asked: tuple[Path, int, int]) -> str:
    folder, number, seed = asked
    return compose_piece(_opened(folder), number, seed)


@cache
def _opened(folder: Path) -> Artifact:
    return load_artifact(folder)
