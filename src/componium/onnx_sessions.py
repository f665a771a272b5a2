"""Opens ONNX graphs for inference on one thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import onnxruntime
from numpy.typing import NDArray

from componium.errors import ArtifactError


class Session(Protocol):
    """A graph ready to run; onnxruntime's own, which is untyped where it matters."""

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, NDArray[Any]], /) -> list[NDArray[Any]]:
        """Maps named inputs to the outputs asked for, or to all in the order of the graph."""
        ...


class BoundGraph:
    """A graph bound to arrays: every run reads its inputs and writes its outputs in place.

    It spares the tenth of a short step that goes into passing arrays.

    Args:
        session: as opened by :func:`open_session`.
        arrays: one for each input and output of the graph, by name; contiguous, of the graph's own types and shapes.
    """

    def __init__(self, session: Session, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._session: Any = session
        self._binding: Any = self._session.io_binding()
        # The binding points into the arrays and does not keep them alive.
        self._arrays = [arrays[node.name] for node in (*self._session.get_inputs(), *self._session.get_outputs())]
        for node in self._session.get_inputs():
            self._binding.bind_ortvalue_input(node.name, _in_place(arrays[node.name]))
        for node in self._session.get_outputs():
            self._binding.bind_ortvalue_output(node.name, _in_place(arrays[node.name]))

    def run(self) -> None:
        """Runs the graph once."""
        self._session.run_with_iobinding(self._binding)


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
    options.log_severity_level = 3
    try:
        session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # onnxruntime raises a class of its own for each kind of damage, none of them public.
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise ArtifactError(f"{path}: not a graph that can be run ({reason})") from error
    return session
