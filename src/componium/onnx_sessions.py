"""Opens ONNX graphs for inference on one thread."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from componium.errors import ArtifactError


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """Opens a graph on the CPU.

    Raises:
        ArtifactError: it is not a graph that onnxruntime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # onnxruntime raises a class of its own for each kind of damage, none of them public.
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise ArtifactError(f"{path}: not a graph that can be run ({reason})") from error
