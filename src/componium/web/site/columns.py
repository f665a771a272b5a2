"""Notes of a site's pieces in columns: gzip finds what returns in them, and they take a third of what rows take."""

from __future__ import annotations

from itertools import groupby, pairwise

from componium.web.piece_json import Rows

Columns = tuple[int, list[int], list[int], list[int], list[int]]


def columns_of(notes: Rows) -> list[Columns]:
    """Returns notes part by part: part, onsets, durations, pitches, velocities.

    Onsets and pitches are differences from the note before, in the order of onsets and pitches; the first of each part
    from 0. Whether a note was given is left out: in a piece without a prompt, none was.

    Args:
        notes: rows of part, onset, duration, pitch, velocity, and whether it was given.
    """
    columns: list[Columns] = []
    for part, rows in groupby(sorted(notes, key=lambda row: (row[0], row[1], row[3])), key=lambda row: row[0]):
        _, onsets, durations, pitches, velocities, *_ = zip(*rows, strict=True)
        columns.append((part, _steps(onsets), list(durations), _steps(pitches), list(velocities)))
    return columns


def _steps(values: tuple[int, ...]) -> list[int]:
    return [after - before for before, after in pairwise((0, *values))]
