"""Finds the order in which measures of a MusicXML file are played: repeats, endings, da capo, dal segno.

Conventions, those of players: after da capo or dal segno no repeat is taken, and of several endings the one with the
highest number is played; the movement then ends at the fine, or goes from the coda sign to the coda. Marks that make
no sense count as not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace

from componium.formats.musicxml.reading.marks import Marks

MAX_MEASURES = 100_000


def playing_order(marks: Sequence[Marks], remark: Callable[[str, int], None] | None = None) -> list[int]:
    """Returns the measures of a movement as they are played.

    Args:
        marks: those of its measures.
        remark: is called with marks that are ignored, and their measure.
    """
    order = _played(marks)
    jumps = [number for number, own in enumerate(marks) if own.jump]
    ignored = _without_target(marks, jumps)
    # A measure that is never reached shows that the marks make no sense.
    missing = set(range(len(marks))) - set(order)
    if missing:
        for what, other in _mended(marks, missing):
            order = _played(other)
            if len(set(order)) == len(marks):
                ignored = [(what, min(missing))]
                break
        else:
            order = list(range(len(marks)))
            ignored = [("repeats that leave measures out", number) for number, own in enumerate(marks) if own.times]
    if remark is not None:
        for what, measure in ignored:
            remark(what, measure)
    return order


def _mended(marks: Sequence[Marks], missing: Set[int]) -> Iterator[tuple[str, list[Marks]]]:
    """Ways to read marks that leave measures out, and what is wrong with them."""
    last = max(missing)
    jump = next((number for number, own in enumerate(marks) if own.jump), -1)
    if missing == set(range(jump + 1, last + 1)) and last + 1 < len(marks) and marks[last + 1].coda:
        moved = [replace(own, jump="") if own.jump else own for own in marks]
        moved[last] = replace(moved[last], jump=marks[jump].jump)
        yield "jumps written before the end of their passage", moved
    freed = [replace(own, ending=frozenset()) if number in missing else own for number, own in enumerate(marks)]
    yield "endings that no pass reaches", freed
    yield "jumps that leave measures out", [replace(own, jump="") for own in marks]
    yield "jumps and endings that leave measures out", [replace(own, jump="") for own in freed]


def _without_target(marks: Sequence[Marks], jumps: Sequence[int]) -> list[tuple[str, int]]:
    """The signs to jump to a place that is not there."""
    found: list[tuple[str, int]] = []
    if not any(own.segno for own in marks):
        found += [("dal segno without a sign to go to", number) for number in jumps if marks[number].jump == "dalsegno"]
    last_coda = max((number for number, own in enumerate(marks) if own.coda), default=-1)
    left = [number for number, own in enumerate(marks) if own.to_coda]
    return found + [("places to leave for a coda that is missing", number) for number in left if number >= last_coda]


def _played(marks: Sequence[Marks]) -> list[int]:
    order: list[int] = []
    now, start, turn = 0, 0, 1
    # Where playing jumped from, until it reaches the fine or the coda; -1 at other times. A jump is taken once.
    jumped_from, can_jump = -1, True
    while now < len(marks) and len(order) < MAX_MEASURES:
        own = marks[now]
        has_jumped = jumped_from >= 0
        if own.begins and now > start:
            start, turn = now, 1
        if own.ending and not (own.is_final_ending if has_jumped else turn in own.ending):
            now += 1
            continue
        order.append(now)
        if has_jumped and own.fine:
            # What stands after the jump is another piece.
            now = start = jumped_from + 1
            jumped_from, turn, can_jump = -1, 1, True
            continue
        if not has_jumped and turn < _times(own):
            now, turn = start, turn + 1
            continue
        if own.closes:
            start, turn = now + 1, 1
        target = _target(marks, now, has_jumped=has_jumped, can_jump=can_jump)
        if target is None:
            now += 1
        else:
            jumped_from, can_jump = (-1 if has_jumped else now), False
            now, start, turn = target, target, 1
    return order


def _times(own: Marks) -> int:
    """How often the passage that ends at a measure is played; 0 where none ends."""
    if not own.times or not own.ending:
        return own.times
    # After an ending that is not the last there is one more pass to come.
    return max(own.ending) + (not own.is_last_ending)


def _target(marks: Sequence[Marks], now: int, *, has_jumped: bool, can_jump: bool) -> int | None:
    """The measure that playing jumps to after a measure: by da capo or dal segno once, then to the coda."""
    own = marks[now]
    if has_jumped:
        return _found(marks, "coda", now + 1) if own.to_coda else None
    if own.jump and can_jump:
        return 0 if own.jump == "dacapo" else _found(marks, "segno", 0)
    return None


def _found(marks: Sequence[Marks], sign: str, first: int) -> int | None:
    return next((number for number in range(first, len(marks)) if getattr(marks[number], sign)), None)
