"""Opens ONNX graphs for inference on one thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import onnxruntime
from numpy.typing import NDArray

from componium.errors import ArtifactError


class Session(Protocol):
    """A graph ready to run; onnxruntime's own, which is untyped where it matters."""

    def run(self, output_names: None, input_feed: Mapping[str, NDArray[Any]], /) -> list[NDArray[Any]]:
        """Maps named inputs to all outputs, in the order of the graph."""
        ...


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
