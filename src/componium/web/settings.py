"""What the studio is started with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 10**6


def threads(*, plays_here: bool) -> int:
    """Returns how many threads compose: as many as there are cores.

    Args:
        plays_here: whether the browser is on this machine; one core is left to it then, or it is late with sound.
    """
    n_cores = os.cpu_count() or 1
    return max(1, n_cores - 1) if plays_here else n_cores


@dataclass(frozen=True)
class StudioSettings:
    """Settings of a studio.

    Attributes:
        data: folder of the database and of what is made once.
        database: URL of a database instead of the one in the folder.
        names: by which it may be called, besides ``localhost`` and addresses in numbers; ``*``: any.
        prefix: path under which a proxy serves it, such as ``/studio``; empty: none.
        n_threads: that compose.
        n_processes: that read and write files.
        most_pieces: in work at a time.
        most_bytes: of a request's body.
        most_stored_bytes: of pieces that nobody kept.
        stored_days: after which a piece that nobody kept goes.
    """

    data: Path
    database: str = ""
    names: tuple[str, ...] = ()
    prefix: str = ""
    n_threads: int = field(default_factory=lambda: threads(plays_here=False))
    n_processes: int = 2
    most_pieces: int = 64
    most_bytes: int = 20 * MEGABYTE
    most_stored_bytes: int = 500 * MEGABYTE
    stored_days: float = 7.0
