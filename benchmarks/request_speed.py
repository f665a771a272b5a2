"""Notes a CPU-second of whole requests, for two checkouts in turn: only the public names are used.

    python benchmarks/request_speed.py
    PYTHONPATH=../other/src python benchmarks/request_speed.py

Pop and chorales of 32 bars by the band, and `pop-piano`: one piece at a time, and sixteen side by side, each the only
candidate. Then what choosing costs: CPU-milliseconds of a piece of 16 bars, alone and as the best of eight.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from componium import compose, load_artifact, make_request

ROWS = (
    ("band, pop", "band", {"style": "pop"}),
    ("band, chorale", "band", {"style": "chorale"}),
    ("pop-piano", "pop-piano", {}),
)


def milliseconds(model: str, best_of: int, fields: dict[str, str]) -> float:
    """CPU time of a piece of 16 bars, graphs being open; the mean of eight seeds."""
    artifact = load_artifact(model)
    compose(artifact, make_request(bars=4, seed=1, best_of=best_of, **fields))
    started = time.process_time()
    for seed in range(1, 9):
        compose(artifact, make_request(bars=16, seed=seed, best_of=best_of, **fields))
    return 1000 * (time.process_time() - started) / 8


def notes_a_second(model: str, count: int, seeds: Iterable[int], fields: dict[str, str]) -> float:
    """Notes of all pieces over the CPU time of composing them, graphs being open."""
    artifact = load_artifact(model)
    compose(artifact, make_request(bars=4, seed=1, best_of=1, **fields))
    n_notes, started = 0, time.process_time()
    for seed in seeds:
        pieces = compose(artifact, make_request(bars=32, seed=seed, count=count, best_of=1, **fields))
        n_notes += sum(piece.score.n_notes for piece in pieces)
    return n_notes / (time.process_time() - started)


def main() -> None:
    for name, model, fields in ROWS:
        alone = notes_a_second(model, 1, range(1, 9), fields)
        together = notes_a_second(model, 16, range(1, 3), fields)
        single, chosen = (milliseconds(model, best_of, fields) for best_of in (1, 8))
        print(
            f"{name:14} one {alone:6.0f}   sixteen {together:6.0f} notes/s CPU   16 bars: {single:5.0f} ms, "
            f"best of 8 {chosen:5.0f} ms"
        )


if __name__ == "__main__":
    main()
