"""A few processes for what may take too long, too much memory, or crash: reading strangers' files, writing others.

A process that dies takes one task with it and is replaced by a new one; the server stays up. Tasks are functions of a
module that answer a value; an error of theirs comes back as the problem that it is.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple, TypeVar

from componium.web.problems import Problem, StudioError, problem_of

MOST_BYTES = 6 * 2**30
"""Of memory, addressed by one process; the longest audio takes some 2 GB, libraries reserve as much."""

MOST_WAITING = 16

_LOOKS_EVERY = 0.5
"""Seconds after which it is seen whether a task is wanted no more."""

_PRELOADED = [__name__, "componium.web.work.tasks"]
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Pool:
    """Processes that are started when they are first needed.

    Args:
        n_processes: as many tasks run at once.
        most_bytes: that each may address.
    """

    def __init__(self, n_processes: int, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._threads = ThreadPoolExecutor(n_processes, "componium-task")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._n_waiting = 0
        self._is_stopped = False
        atexit.register(self.stop)

    async def run(self, seconds: float, task: Callable[..., _T], *arguments: object) -> _T:
        """Runs a task in a process.

        Args:
            seconds: after which it is given up.
            task: a function of a module.
            arguments: of the task; they are sent to the process.

        Cancelled, it ends the process that works on it.

        Raises:
            StudioError: the task failed, died or took too long, or too many are waiting.
        """
        if self._n_waiting >= MOST_WAITING:
            raise StudioError(503, "too many files are being read and written; try again soon", {"Retry-After": "5"})
        self._n_waiting += 1
        is_unwanted = threading.Event()
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._run, seconds, task, arguments, is_unwanted)
        except asyncio.CancelledError:
            is_unwanted.set()
            raise
        finally:
            self._n_waiting -= 1
        if isinstance(answer, Problem):
            raise StudioError(answer.status, answer.detail)
        return answer

    def stop(self) -> None:
        """Ends all processes."""
        self._is_stopped = True
        with self._lock:
            workers = list(self._all)
        for worker in workers:
            self._end(worker)
        self._threads.shutdown(wait=False, cancel_futures=True)
        atexit.unregister(self.stop)

    def _run(
        self, seconds: float, task: Callable[..., _T], arguments: tuple[object, ...], is_unwanted: threading.Event
    ) -> _T | Problem:
        worker = self._worker()
        try:
            worker.connection.send((task, arguments))
            deadline = time.monotonic() + seconds
            while not worker.connection.poll(min(_LOOKS_EVERY, max(0.0, deadline - time.monotonic()))):
                if is_unwanted.is_set():
                    self._end(worker)
                    return Problem(500, "nobody waits for it")
                if time.monotonic() >= deadline:
                    self._end(worker)
                    return Problem(422, f"it took more than {seconds:g} s and was given up; give a smaller file")
            answer = worker.connection.recv()
        except (EOFError, OSError):
            self._end(worker)
            if self._is_stopped:
                return Problem(503, "the studio is ending")
            _log.error("the process of a task died", extra={"task": task.__name__, "code": worker.process.exitcode})
            return Problem(
                500, "the process that worked on it died, of the file or for want of memory; try a smaller one"
            )
        self._idle.put(worker)
        return answer

    def _worker(self) -> _Worker:
        while True:
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                break
            if worker.process.is_alive():
                return worker
            self._end(worker)
        return self._started()

    def _started(self) -> _Worker:
        # Forking this process with its threads could stand still; forking a server that has none cannot.
        kinds = multiprocessing.get_all_start_methods()
        if "forkserver" in kinds:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(_PRELOADED)
        else:
            context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, self._most_bytes), name="componium-task", daemon=True)
        process.start()
        there.close()
        worker = _Worker(process, here)
        with self._lock:
            self._all.add(worker)
        if self._is_stopped:
            self._end(worker)
        return worker

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.process.kill()
        worker.process.join(5)
        worker.connection.close()


class _Worker(NamedTuple):
    process: BaseProcess
    connection: Connection


def _serve(connection: Connection, most_bytes: int) -> None:
    """Runs tasks one after the other until the other end closes."""
    # Ctrl-C goes to all processes of a terminal; the server ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(most_bytes)
    while True:
        try:
            task, arguments = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer = task(*arguments)
        except MemoryError:
            answer = Problem(422, "it takes more memory than there is; give a smaller file")
        except Exception as error:  # the other end must hear of it
            answer = problem_of(error)
            if answer.status == 500:
                _log.exception("a task failed", extra={"task": task.__name__})
        connection.send(answer)


def _limit_memory(most_bytes: int) -> None:
    if os.name == "posix":
        import resource  # noqa: PLC0415 - only there

        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
