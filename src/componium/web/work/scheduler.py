"""Shares the threads that compose among the pieces in work: whoever has the fewest seconds of music ahead goes first.

A turn is a slice of some 15 ms. Nobody waits for a piece that is more than :data:`ENOUGH` ahead of its listener; among
those the oldest goes first, so that pieces are done one by one when nobody is in a hurry.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Protocol

ENOUGH = 20.0
"""Seconds of music ahead of the listener beyond which a piece is in no hurry."""

_NICENESS = 5

_log = logging.getLogger(__name__)


class Work(Protocol):
    """What is done in turns; a turn is taken by one thread at a time, not always the same one."""

    def ahead(self, now: float) -> float:
        """Returns the seconds of music that are ready and not heard yet, at a moment of ``time.monotonic``.

        Less than none: nothing can be heard yet.
        """
        ...

    def turn(self) -> bool:
        """Goes on for a slice; returns whether there is more to do."""
        ...


class Scheduler:
    """Threads that take turns at what is to be done.

    Args:
        n_threads: as many turns are taken at once.
        clock: seconds.
    """

    def __init__(self, n_threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: list[tuple[int, Work]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._is_stopped = False
        self._threads = [
            threading.Thread(target=self._work, name=f"componium-compose-{number}", daemon=True)
            for number in range(n_threads)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 2.0) -> None:
        """Has the threads end after their present turns; waits at most so long for each."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(seconds)

    def add(self, work: Work) -> None:
        """Has work wait for its first turn."""
        self.give_back(next(self._numbers), work)

    def take_numbered(self) -> tuple[int, Work] | None:
        """Takes away the work whose turn is next, and the number by which it is given back; None if none is waiting."""
        with self._changed:
            return self._take() if self._waiting else None

    def give_back(self, number: int, work: Work) -> None:
        """Has work wait for its next turn."""
        with self._changed:
            self._waiting.append((number, work))
            self._changed.notify()

    def _take(self) -> tuple[int, Work]:
        now = self._clock()
        place = min(range(len(self._waiting)), key=lambda place: self._rank(place, now))
        return self._waiting.pop(place)

    def _rank(self, place: int, now: float) -> tuple[float, int]:
        """Orders work: the least ahead first, of equals the one that has waited longest for its turn.

        Of work that nobody hears yet, or that is in no hurry, the oldest: it is done one by one.
        """
        number, work = self._waiting[place]
        ahead = work.ahead(now)
        # Work is given back at the end: its place tells how long it has waited.
        return min(ahead, ENOUGH), place if 0 <= ahead < ENOUGH else number

    def _work(self) -> None:
        _give_way()
        while True:
            with self._changed:
                while not self._waiting and not self._is_stopped:
                    self._changed.wait()
                if self._is_stopped:
                    return
                number, work = self._take()
            if self._turn(work):
                self.give_back(number, work)

    def _turn(self, work: Work) -> bool:
        try:
            return work.turn()
        except Exception:  # a piece that fails must not end the thread of all others
            _log.exception("a turn failed")
            return False


def _give_way() -> None:
    """Lowers the priority of the calling thread, where threads have one of their own.

    A browser on the same machine must not be late with sound and pictures for composing, which is far ahead of it.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
