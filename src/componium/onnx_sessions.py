"""Opens ONNX graphs for inference on one thread, and bounds what a graph may do.

A graph comes from an artifact of anyone. Whatever it does ends in an :class:`~componium.errors.ArtifactError`: inputs
and outputs of other names, types or shapes are refused when it is opened, what onnxruntime raises while it runs is
passed on, and a run that lasts longer than ``MOST_SECONDS`` is stopped. All graphs together hold at most
``MOST_BYTES``.

onnxruntime sends reports of its use to its makers, and keeps an identifier of the machine in the user's cache, unless
the environment says otherwise before it is imported. Here it says so, if the user has not set it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

MOST_SECONDS = 20.0
MOST_BYTES = 3 * 2**29
# Its errors are raised; it would print them as well.
_FATAL = 4
_TYPES = {"tensor(int64)": np.dtype(np.int64), "tensor(float)": np.dtype(np.float32)}


class Session:
    """A graph ready to run.

    Args:
        path: of the graph, for complaints.
        session: onnxruntime's own, which is untyped where it matters.
    """

    def __init__(self, path: Path, session: Any) -> None:  # noqa: ANN401 - see above
        self.path = path
        self.own = session
        self._clock = Clock()

    @property
    def inputs(self) -> list[str]:
        """Names of what the graph reads."""
        return [node.name for node in self.own.get_inputs()]

    def run(self, output_names: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Maps named inputs to the outputs asked for, or to all in the order of the graph.

        Raises:
            ArtifactError: the graph cannot do it.
        """
        self._clock.started = time.monotonic()
        try:
            return self.own.run(output_names, dict(inputs), self._clock.options)
        # onnxruntime raises a class of its own for each kind of damage, none of them public.
        except Exception as error:
            raise ArtifactError(f"{self.path}: the graph cannot be run ({_reason(error)})") from error
        finally:
            self._clock.started = 0.0

    def expect(self, arrays: Mapping[str, NDArray[Any]], axes: int = 1) -> Session:
        """Returns the session, whose graph has no inputs and outputs but some of these arrays.

        Args:
            arrays: by name, of the graph's own types and shapes.
            axes: how many of the first axes are of any length: that of the batch, and in scoring graphs of time; states
                have the former alone.

        Raises:
            ArtifactError: one is missing here, or of another type or shape.
        """
        for node in (*self.own.get_inputs(), *self.own.get_outputs()):
            array = arrays.get(node.name)
            if array is None:
                raise ArtifactError(f"{self.path}: its {node.name!r} is nothing that its composer knows")
            if _TYPES.get(node.type) != array.dtype or not _fits(node.shape, array.shape, axes):
                raise ArtifactError(
                    f"{self.path}: its {node.name!r} is {node.type} of shape {node.shape}, where the composer has "
                    f"{array.dtype} of {list(array.shape)}"
                )
        return self


def _fits(shape: Sequence[int | str | None], other: tuple[int, ...], axes: int) -> bool:
    """Whether the shape of a node is that of an array; axes of any length have names."""
    axes = min(axes, max(len(other) - 1, 1))
    is_free = not any(isinstance(size, int) for size in shape[:axes])
    return len(shape) == len(other) and is_free and list(shape[axes:]) == list(other[axes:])


class BoundGraph:
    """A graph bound to arrays: every run reads its inputs and writes its outputs in place.

    It spares the tenth of a short step that goes into passing arrays.

    Args:
        session: as opened by :func:`open_session`.
        arrays: one for each input and output of the graph, by name; contiguous, of the graph's own types and shapes.

    Raises:
        ArtifactError: the graph has others (:meth:`Session.expect`).
    """

    def __init__(self, session: Session, arrays: Mapping[str, NDArray[Any]]) -> None:
        own: Any = session.expect(arrays).own
        self._run: Any = own.run_with_iobinding
        self._path = session.path
        self._clock = Clock()
        self._binding: Any = own.io_binding()
        # The binding points into the arrays and does not keep them alive.
        self._arrays = [arrays[node.name] for node in (*own.get_inputs(), *own.get_outputs())]
        for node in own.get_inputs():
            self._binding.bind_ortvalue_input(node.name, _in_place(arrays[node.name]))
        for node in own.get_outputs():
            self._binding.bind_ortvalue_output(node.name, _in_place(arrays[node.name]))

    def run(self) -> None:
        """Runs the graph once.

        Raises:
            ArtifactError: it cannot do it.
        """
        # No context manager: this is a large part of what composing does.
        self._clock.started = time.monotonic()
        try:
            self._run(self._binding, self._clock.options)
        # As above.
        except Exception as error:
            raise ArtifactError(f"{self._path}: the graph cannot be run ({_reason(error)})") from error
        finally:
            self._clock.started = 0.0


class Clock:
    """Stops runs that last too long: ``started`` is when the present one began, 0 between runs."""

    def __init__(self) -> None:
        self.options: Any = onnxruntime.RunOptions()
        self.options.log_severity_level = _FATAL
        self.started = 0.0
        _watched().add(self)


@cache
def _watched() -> WeakSet[Clock]:
    """All clocks, and a thread that looks at them."""
    clocks: WeakSet[Clock] = WeakSet()

    def watch() -> None:
        while True:
            time.sleep(1.0)
            late = time.monotonic() - MOST_SECONDS
            for clock in list(clocks):
                if 0 < clock.started < late:
                    clock.options.terminate = True

    threading.Thread(target=watch, name="componium-onnx-watch", daemon=True).start()
    return clocks


@cache
def _limit_memory() -> None:
    """Has all graphs of the process share one arena that grows no further than the limit."""
    as_asked = 1
    arena: Any = onnxruntime.OrtArenaCfg({"max_mem": MOST_BYTES, "arena_extend_strategy": as_asked})
    kind: Any = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    memory: Any = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    onnxruntime.create_and_register_allocator(memory, arena)


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _in_place(array: NDArray[Any]) -> onnxruntime.OrtValue:
    """The array's own memory as a tensor of onnxruntime."""
    assert array.flags.c_contiguous  # noqa: S101 - else it would be a copy
    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def open_session(path: Path, threads: int = 1) -> Session:
    """Opens a graph on the CPU.

    Raises:
        ArtifactError: it is not a graph that onnxruntime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.load_model_format", "ONNX")
    _limit_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    try:
        session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # As above.
    except Exception as error:
        raise ArtifactError(f"{path}: not a graph that can be run ({_reason(error)})") from error
    return Session(path, session)
