"""Repeat pointer: the event that followed when the last events were heard before.

A pointer stands at the event that should come next if the music repeats itself. While it is right it moves on, and its
*streak* counts the events it was right about. When it fails, it is set anew to where the longest of the last 8, 4, 2 or
1 events were heard last. Events are compared by shift, part and pitch; of performances, whose shifts hardly ever
return, by whether they begin together with the event before, part and pitch.

After the longest-match contexts of PPM* (Cleary and Teahan 1997) and the inputs of Waite's Lookback RNN (2016), which
look at fixed distances of one and two bars instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from componium.representations.columns import N_PITCHES, PART, PITCH, SHIFT, Events

# Columns of a repeat pointer: those of the event pointed at, then the streak.
N_COLUMNS = 6
STREAK = 5
N_STREAKS = 9
"""Streaks fall into classes: none, 1, 2-3, 4-7, 8-15, 16-31, 32-63, 64-127, more."""

_LENGTHS = (8, 4, 2, 1)
_RISING_LENGTHS = _LENGTHS[::-1]
_CLASS_STARTS = np.array([2**number for number in range(N_STREAKS - 1)])
_N_PARTS = 256
_KEY_BITS = 63
NOWHERE = -1


class RepeatPointer:
    """The pointer of one piece while its events come in.

    Args:
        together: longest shift of events that count as beginning together, all longer ones counting alike; None where
            shifts are compared as they are.
    """

    def __init__(self, together: int | None = None) -> None:
        self._together = together
        self._symbols: list[int] = []
        # Contexts of 1, 2, 4, 8 rows have numbers, by those of their halves; the second is how many rows came up to
        # where each was heard last. ``_numbers`` has them in the order in which they came.
        self._contexts: tuple[dict[int, list[int]], ...] = tuple({} for _ in _LENGTHS)
        self._numbers: tuple[list[int], ...] = tuple([] for _ in _LENGTHS)
        self._pointer = NOWHERE
        self._streak = 0

    @property
    def pointer(self) -> int:
        """Index of the event pointed at, or ``NOWHERE``."""
        return self._pointer

    @property
    def streak(self) -> int:
        """Class of the streak, 0 where nothing is pointed at."""
        return 0 if self._pointer == NOWHERE else min(self._streak.bit_length(), N_STREAKS - 1)

    def take(self, shift: int, part: int, pitch: int) -> None:
        """Takes in the next event."""
        symbols = self._symbols
        if self._together is not None:
            shift = int(shift > self._together)
        symbol = (shift * _N_PARTS + part) * N_PITCHES + pitch
        if self._pointer != NOWHERE and symbols[self._pointer] == symbol:
            self._pointer += 1
            self._streak += 1
        else:
            self._pointer, self._streak = NOWHERE, 0
        symbols.append(symbol)
        count, key, streak = len(symbols), symbol, self._streak
        for length, contexts, numbers in zip(_RISING_LENGTHS, self._contexts, self._numbers, strict=True):
            known = contexts.get(key)
            if known is None:
                known = contexts[key] = [len(contexts), count]
            else:
                if length > streak:
                    # The longest is the last.
                    self._pointer, self._streak = known[1], length
                known[1] = count
            number = known[0]
            numbers.append(number)
            if len(numbers) <= length:
                break
            key = numbers[-1 - length] << 32 | number


def repeat_pointers(events: Events, together: int | None = None) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Returns pointer and streak class before each event, and after the last; both of shape (T + 1,).

    The longest matches of all events are found at once; what is left for a loop is where the pointer is set anew.
    """
    symbols = _symbols(events, together)
    sources, lengths = _longest_matches(symbols)
    at = np.array(_set_at(symbols, sources, lengths))
    n_rows = np.diff(at, append=len(symbols) + 1)
    since = np.arange(len(symbols) + 1) - np.repeat(at, n_rows)
    somewhere = np.repeat(lengths[at] > 0, n_rows)
    pointers = np.where(somewhere, np.repeat(sources[at], n_rows) + since, NOWHERE)
    streaks = np.where(somewhere, np.repeat(lengths[at], n_rows) + since, 0)
    return pointers.astype(np.int32), np.searchsorted(_CLASS_STARTS, streaks, side="right").astype(np.int8)


def _set_at(symbols: NDArray[np.int64], sources: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[int]:
    """Events before which the pointer is set to where the longest match leads; between them it moves on."""
    # The last symbol is none: a pointer that is nowhere is never right.
    heard: list[int] = [*symbols.tolist(), -1]
    at, pointer, streak = [0], NOWHERE, 0
    matches = zip(sources[1:].tolist(), lengths[1:].tolist(), strict=True)
    for row, (symbol, (source, length)) in enumerate(zip(heard, matches, strict=False), 1):
        if heard[pointer] == symbol:
            pointer += 1
            streak += 1
            if streak >= length or streak >= _LENGTHS[0]:
                continue
        at.append(row)
        pointer, streak = source, length
    return at


def _symbols(events: Events, together: int | None) -> NDArray[np.int64]:
    """What events are compared by, shape (T,)."""
    shift, part, pitch = (events[:, column].astype(np.int64) for column in (SHIFT, PART, PITCH))
    if together is not None:
        shift = (shift > together).astype(np.int64)
    return (shift * _N_PARTS + part) * N_PITCHES + pitch


def _longest_matches(symbols: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns where the longest context before each event was heard last, and how long it is; both of shape (T + 1,).

    A context is the last 8, 4, 2 or 1 events. The first array holds the event that followed it when it was heard last;
    where not even one event was heard before, that is ``NOWHERE`` and the length 0.
    """
    sources, lengths = np.full(len(symbols) + 1, NOWHERE), np.zeros(len(symbols) + 1, np.int64)
    # Numbers that are alike where the 1, 2, 4, 8 events from each event on are; doubled in length as for suffix arrays.
    alike = symbols
    for length in reversed(_LENGTHS):
        half = length // 2
        if half:
            alike = alike[:-half] * (len(symbols) + 1) + alike[half:]
        order, is_again = _in_groups(alike)
        again = np.flatnonzero(is_again)
        if not len(again):
            break
        sources[order[again + 1] + length], lengths[order[again + 1] + length] = order[again] + length, length
        alike = np.empty(len(order), np.int64)
        alike[order] = np.concatenate(([0], np.cumsum(~is_again)))
    return sources, lengths


def _in_groups(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Returns an order that brings equal values together, each group rising, and which of it equal the one before.

    The second has one value less than the first.
    """
    bits = len(values).bit_length()
    if len(values) and int(values.max()).bit_length() + bits > _KEY_BITS:
        order = np.argsort(values, kind="stable")
        return order, values[order[1:]] == values[order[:-1]]
    # Value and index in one number: sorting numbers is several times faster than a stable order of them.
    keys = np.sort((values << bits) | np.arange(len(values)))
    return keys & ((1 << bits) - 1), (keys[1:] >> bits) == (keys[:-1] >> bits)


def recalled(events: Events, pointers: NDArray[np.int32], streaks: NDArray[np.int8]) -> NDArray[np.int64]:
    """Returns the events pointed at with their streak classes; shape (T + 1, 6), zeros where nothing is pointed at."""
    rows = np.zeros((len(pointers), N_COLUMNS), np.int64)
    somewhere = pointers != NOWHERE
    rows[somewhere, :STREAK] = events[pointers[somewhere]]
    rows[somewhere, STREAK] = streaks[somewhere]
    return rows
