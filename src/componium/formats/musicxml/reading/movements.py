"""Finds where the movements of a file begin; repeats and jumps belong to their movement.

A movement begins where the numbers of the measures begin anew on a new page or system, or after a final bar line where
a page, a system, a tempo or a title begins. Trios and variations go on with what came before, and so does a tempo that
is given by the one before, such as *meno mosso*.
"""

from __future__ import annotations

from collections.abc import Sequence

from componium.formats.musicxml.reading.marks import Marks

# Measures of a movement: fewer before the first, without a final bar line, lead into it.
_SHORTEST = 5


def movements_of(marks: Sequence[Marks]) -> list[tuple[int, int]]:
    """Returns the first measure of each movement, and the one after its last."""
    borders = [0]
    number = -1
    for place in range(len(marks) - 1):
        number = marks[place].number if marks[place].number >= 0 else number
        if _begins_after(marks[place], marks[place + 1], number):
            borders.append(place + 1)
            number = -1
    movements: list[tuple[int, int]] = []
    for first, after in zip(borders, [*borders[1:], len(marks)], strict=True):
        leads_on = 0 < first < _SHORTEST and not marks[first - 1].is_final and not marks[first].heading
        if leads_on and movements == [(0, first)]:
            movements[0] = 0, after
        elif movements and _needs_what_was_before(marks[first:after], marks[slice(*movements[-1])]):
            movements[-1] = movements[-1][0], after
        else:
            movements.append((first, after))
    return movements


def _begins_after(last: Marks, first: Marks, number: int) -> bool:
    """Whether a movement begins at a measure, after another, whose number is given (-1: unknown)."""
    is_set_off = first.breaks or first.tempo_bpm > 0 or bool(first.heading)
    if first.number in (0, 1) and number > first.number and not first.is_slower_or_faster:
        return last.is_final or is_set_off
    if not last.is_final or first.goes_on:
        return False
    # The sign of a repeat is thin and thick as well.
    return is_set_off if not last.times else first.breaks and bool(first.heading)


def _needs_what_was_before(own: Sequence[Marks], before: Sequence[Marks]) -> bool:
    """Whether the jumps of a passage make sense only together with the passage before."""

    def has(passage: Sequence[Marks], sign: str) -> bool:
        return any(getattr(marks, sign) for marks in passage)

    jumps = {marks.jump for marks in own}
    if "dalsegno" in jumps and not has(own, "segno"):
        return has(before, "segno")
    if "dacapo" in jumps and not has(own, "fine") and not has(own, "to_coda"):
        return has(before, "fine") or has(before, "to_coda")
    return has(own, "coda") and not has(own, "to_coda") and has(before, "to_coda")
