"""The maps that preparation runs its functions with: in order, or in several processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from componium.errors import CorpusError

T = TypeVar("T")
R = TypeVar("R")


class Map(Protocol):
    """Applies a pure function to items; the results come in the order of the items, a few at a time."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
        """Returns the results."""
        ...


def in_order(function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
    """A :class:`Map` in this process."""
    return map(function, items)


class _InProcesses:
    """See :func:`in_processes`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
        """See :class:`Map`; no more than four items a worker are under way at once.

        Raises:
            CorpusError: a process has died.
        """
        pool = ProcessPoolExecutor(self._workers, get_context("spawn"), initializer=_remember, initargs=(function,))
        try:
            under_way: deque[Future[R]] = deque()
            for item in items:
                under_way.append(pool.submit(_apply, item))
                if len(under_way) >= 4 * self._workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as error:
            raise CorpusError(
                "a process that prepared pieces was ended from outside, mostly for want of memory: try fewer --workers"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def in_processes(workers: int) -> Map:
    """Returns a :class:`Map` in so many processes, which start anew: threads of this one are none of theirs."""
    return _InProcesses(workers)


# The function of this process: it goes to each worker once, and not with every item.
_functions: list[Callable[[Any], Any]] = []


def _remember(function: Callable[[Any], Any]) -> None:
    _functions[:] = [function]


def _apply(item: Any) -> Any:  # noqa: ANN401 - any function's
    return _functions[0](item)
