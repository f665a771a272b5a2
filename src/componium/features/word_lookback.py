"""The lookback of words: which word followed when the last words of a line occurred before in it.

A *word* is a note, or a chord, as one token (:mod:`componium.representations.words`). The repeat pointer does the same
for notes (:mod:`componium.features.repeat_pointer`). Here there are runs of several lengths; words are equal that have
the same pitch, shape and duration, whatever their shifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.representations.words import DURATION, PITCH, SHAPE

RUNS = (3, 6)
"""How many last words have to occur before: the shorter run is found more often, the longer one says more."""
NOWHERE = -1
"""In place of the index of a word, where the run did not occur before."""

_COLUMNS = [PITCH, SHAPE, DURATION]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def lookback(words: NDArray[Any], runs: Sequence[int] = RUNS) -> NDArray[np.int32]:
    """Returns, for each word of a line, which word followed the last time that the words before it occurred.

    Args:
        words: of one line, shape (N, 5).
        runs: how many words before it.

    Returns:
        Indices of words, shape (N, runs); ``NOWHERE`` where those before did not occur earlier, or are too few.
    """
    length = len(words)
    found = np.full((length, len(runs)), NOWHERE, np.int32)
    keys_of_words = _keys(words)
    for column, run in enumerate(runs):
        if length <= run:
            continue
        # A hash of the run before each word from the run-th on; unlike runs share one with a chance of 1 in 2**64.
        keys = np.zeros(length - run, np.uint64)
        for back in range(run):
            keys = keys * _FACTOR + keys_of_words[back : length - run + back]
        order = np.argsort(keys, kind="stable")
        again = keys[order[1:]] == keys[order[:-1]]
        found[order[1:][again] + run, column] = order[:-1][again] + run
    return found


def _keys(words: NDArray[Any]) -> NDArray[np.uint64]:
    """A hash of 64 bits for each word, unlike for unlike ones."""
    columns = words[:, _COLUMNS].astype(np.uint64)
    keys = (columns[:, 0] << np.uint64(32)) | (columns[:, 1] << np.uint64(16)) | columns[:, 2]
    # Mixed, so that runs of small numbers are spread over all of 64 bits.
    keys ^= keys >> np.uint64(29)
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    return keys ^ (keys >> np.uint64(32))


class WordLookback:
    """The lookback of one line, word by word."""

    def __init__(self, runs: Sequence[int] = RUNS) -> None:
        self._runs = tuple(runs)
        self._words: list[tuple[int, int, int]] = []
        self._followed: tuple[dict[tuple[tuple[int, int, int], ...], int], ...] = tuple({} for _ in runs)

    def take(self, pitch: int, shape: int, duration: int) -> list[int]:
        """Takes in a word; returns, for each run that ends with it, which word followed the last time.

        ``NOWHERE`` stands for runs that did not occur before.
        """
        self._words.append((pitch, shape, duration))
        place, found = len(self._words), [NOWHERE] * len(self._runs)
        for column, run in enumerate(self._runs):
            if place >= run:
                key = tuple(self._words[-run:])
                found[column] = self._followed[column].get(key, NOWHERE)
                self._followed[column][key] = place
        return found

    def word(self, place: int) -> tuple[int, int, int]:
        """Returns pitch, shape and duration of a word that was taken in."""
        return self._words[place]
