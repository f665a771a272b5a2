"""Pairs note-ons with note-offs.

A note-on of velocity 0 is a note-off. Of one key (chunk, channel and pitch):

* Where every note-on has a note-off of its own before the key is silent again, the first struck ends first: so
  overlapping notes of one pitch are kept.
* Else note-offs are missing, and a key that is struck again while it is held ends its note there.
* A note that nothing ends lasts to the end of its track. A note-off of a key that is not held means nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.formats.midi.events import NOTE_OFF, NOTE_ON, Events, Integers


class Pairs(NamedTuple):
    """The notes of a file: row of the note-on, of the note-off (-1: none), and tick of the end; in no order."""

    on: Integers
    off: Integers
    end: Integers


def paired(events: Events) -> Pairs:
    """Returns the notes of a file; every note-on with a velocity gives one."""
    status = events.status
    rows = np.flatnonzero((status & 0xE0) == NOTE_OFF)
    key = events.channel_of(rows) << 7 | events.data1[rows]
    # numpy sorts small numbers faster.
    order = np.argsort(key.astype(np.uint16) if events.n_chunks <= 32 else key, kind="stable")
    rows, key = rows[order], key[order]
    is_on = (status[rows] >= NOTE_ON) & (events.data2[rows] > 0)
    begins = np.append(True, key[1:] != key[:-1])[: len(rows)]
    first = np.flatnonzero(begins)
    size = np.diff(first, append=len(rows))
    # Of nearly all keys note-on and note-off come in turn.
    is_off_turn = (np.arange(len(rows)) - np.repeat(first, size)) % 2 == 1
    in_turn = np.logical_and.reduceat(is_on != is_off_turn, first) & (size % 2 == 0) if len(first) else begins
    if in_turn.all():
        on, off = rows[::2], rows[1::2]
        return Pairs(on, off, events.ticks[off])
    rest = ~np.repeat(in_turn, size)
    others = _paired_with_care(events, rows[rest], is_on[rest], begins[rest])
    on, off = rows[~rest][::2], rows[~rest][1::2]
    ends = events.ticks[off]
    return Pairs(*(np.concatenate(own) for own in zip((on, off, ends), others, strict=True)))


def _paired_with_care(events: Events, rows: Integers, is_on: NDArray[np.bool_], begins: NDArray[np.bool_]) -> Pairs:
    """As :func:`paired`, of note-ons and note-offs sorted by key; ``begins`` is where the next key begins."""
    held, before = _held(is_on, begins)
    is_orphan = ~is_on & (before == 0)
    # What is held to the last of its key began when the key was silent for the last time.
    group = np.cumsum(begins) - 1
    last = np.append(np.flatnonzero(begins)[1:], len(rows)) - 1
    place = np.arange(len(rows))
    silent = np.maximum.accumulate(np.where(held == 0, place, -1))
    unbalanced = (held[last] > 0)[group] & (place > silent[last][group])
    first_in_first_out = ~unbalanced & ~is_orphan
    on, off = rows[first_in_first_out & is_on], rows[first_in_first_out & ~is_on]
    struck = np.flatnonzero(unbalanced & is_on)
    following = np.minimum(struck + 1, len(rows) - 1)
    is_ended = (struck + 1 < len(rows)) & (group[following] == group[struck])
    ends = np.where(is_ended, events.ticks[rows[following]], events.ends[events.chunk[rows[struck]]])
    its_off = np.where(is_ended & ~is_on[following], rows[following], -1)
    return Pairs(
        np.concatenate((on, rows[struck])),
        np.concatenate((off, its_off)),
        np.concatenate((events.ticks[off], ends)),
    )


def _held(is_on: NDArray[np.bool_], begins: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """How many notes of a key are held after each event, and before it; note-offs of silent keys do not count."""
    step = np.where(is_on, 1, -1)
    total = np.cumsum(step)
    group = np.cumsum(begins) - 1
    count = total - (total - step)[begins][group]
    # Groups are moved apart, each below the one before, so that one running minimum serves them all.
    apart = group * (2 * len(step) + 2)
    below = np.minimum.accumulate(np.minimum(count, 0) - apart) + apart
    held = count - below
    before = np.append(0, held[:-1])
    before[begins] = 0
    return held, before
