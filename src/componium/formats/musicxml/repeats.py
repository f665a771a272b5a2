"""Finds the order in which measures of a MusicXML file are played: repeats, endings, da capo, dal segno.

Conventions, those of players: after da capo or dal segno no repeat is taken and of several endings the last is played;
the piece then ends at the fine, or goes from the coda sign to the coda. Marks that make no sense count as not written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

MAX_TIMES = 16
MAX_MEASURES = 100_000


@dataclass
class Marks:
    """The repeat marks of one measure.

    Attributes:
        begins: a repeated passage begins here.
        times: how often the passage that ends here is played; 0 where none ends.
        ending: the passes on which the measure is played; empty outside endings.
        jump: ``dacapo`` or ``dalsegno`` at its end.
        segno, fine, to_coda, coda: the signs at it.
        starts, stops: the passes of the ending whose bracket opens here; whether one closes here.
    """

    begins: bool = False
    times: int = 0
    ending: frozenset[int] = frozenset()
    jump: str = ""
    segno: bool = False
    fine: bool = False
    to_coda: bool = False
    coda: bool = False
    starts: set[int] = field(default_factory=set[int])
    stops: bool = False

    @property
    def closes(self) -> bool:
        """Whether the bracket of an ending closes here."""
        return self.stops or self.times > 0


def playing_order(parts: Iterable[Sequence[Element]]) -> list[int]:
    """Returns the measures as they are played.

    Args:
        parts: the measures of each part; a mark in any of them counts for all.
    """
    marks: list[Marks] = []
    for part in parts:
        marks += [Marks() for _ in range(len(part) - len(marks))]
        for measure, own in zip(part, marks, strict=False):
            _read(measure, own)
    _spread_endings(marks)
    order = _played(marks)
    # A measure that is never reached shows that the marks make no sense.
    return order if len(set(order)) == len(marks) else list(range(len(marks)))


def _read(measure: Element, marks: Marks) -> None:
    for repeat in measure.iterfind("barline/repeat"):
        if repeat.get("direction") == "forward":
            marks.begins = True
        elif repeat.get("direction") == "backward":
            times = repeat.get("times", "2")
            marks.times = min(int(times), MAX_TIMES) if times.isdecimal() and len(times) < 4 else 2
    for ending in measure.iterfind("barline/ending"):
        if ending.get("type") == "start":
            marks.starts |= {int(number) for number in re.findall(r"\b\d{1,2}\b", ending.get("number", ""))}
        else:
            marks.stops = True
    for sound in measure.iter("sound"):
        marks.segno |= "segno" in sound.attrib
        marks.coda |= "coda" in sound.attrib
        marks.to_coda |= "tocoda" in sound.attrib
        marks.fine |= "fine" in sound.attrib
        for jump in ("dacapo", "dalsegno"):
            if jump in sound.attrib and sound.get(jump) != "no":
                marks.jump = jump


def _spread_endings(marks: list[Marks]) -> None:
    """Gives every measure under the bracket of an ending its passes; a bracket that never closes is of one measure."""
    for first, own in enumerate(marks):
        if not own.starts:
            continue
        last = first
        while not marks[last].closes and last + 1 < len(marks):
            following = marks[last + 1]
            if following.starts or following.begins:
                break
            last += 1
        for number in range(first, last + 1 if marks[last].closes else first + 1):
            marks[number].ending = frozenset(own.starts)


def _played(marks: list[Marks]) -> list[int]:
    order: list[int] = []
    now, start, turn, has_jumped = 0, 0, 1, False
    while now < len(marks) and len(order) < MAX_MEASURES:
        own = marks[now]
        if own.begins and now > start:
            start, turn = now, 1
        if own.ending and not (_is_last(marks, now) if has_jumped else turn in own.ending):
            now += 1
            continue
        order.append(now)
        if has_jumped and own.fine:
            break
        if not has_jumped and turn < _times(marks, now):
            now, turn = start, turn + 1
            continue
        if own.closes:
            start, turn = now + 1, 1
        target = _target(marks, now, has_jumped=has_jumped)
        if target is None:
            now += 1
        else:
            now, start, has_jumped = target, target, True
    return order


def _times(marks: list[Marks], now: int) -> int:
    """How often the passage that ends at a measure is played; 0 where none ends."""
    own = marks[now]
    if not own.times or not own.ending:
        return own.times
    # After an ending that is not the last there is one more pass to come.
    return max(own.ending) + (not _is_last(marks, now))


def _target(marks: list[Marks], now: int, *, has_jumped: bool) -> int | None:
    """The measure that playing jumps to after a measure: by da capo or dal segno once, then to the coda."""
    own = marks[now]
    if has_jumped:
        return _found(marks, "coda", now + 1) if own.to_coda else None
    if own.jump:
        return 0 if own.jump == "dacapo" else _found(marks, "segno", 0)
    return None


def _is_last(marks: list[Marks], now: int) -> bool:
    """Whether the ending that a measure stands in is the last of its passage."""
    while now + 1 < len(marks) and marks[now + 1].ending == marks[now].ending and not marks[now + 1].starts:
        now += 1
    return now + 1 == len(marks) or not marks[now + 1].starts


def _found(marks: list[Marks], sign: str, first: int) -> int | None:
    return next((number for number in range(first, len(marks)) if getattr(marks[number], sign)), None)
