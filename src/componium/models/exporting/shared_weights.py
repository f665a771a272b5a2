"""Writes ONNX graphs that share one file of weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import onnx
from onnx.external_data_helper import set_external_data

WEIGHTS = "weights.bin"
# Smaller tensors stay in the graphs: onnxruntime folds them at load.
_SHARED_BYTES = 1024


def write_sharing_weights(models: Mapping[str, onnx.ModelProto], folder: Path) -> None:
    """Writes graphs by their file names, and ``WEIGHTS`` beside them; the models are left without their weights."""
    offsets: dict[str, int] = {}
    blob = bytearray()
    for filename, model in models.items():
        for tensor in model.graph.initializer:
            raw = _raw(tensor)
            if len(raw) < _SHARED_BYTES:
                continue
            digest = hashlib.sha256(raw).hexdigest()
            if digest not in offsets:
                blob.extend(b"\0" * (-len(blob) % 64))
                offsets[digest] = len(blob)
                blob.extend(raw)
            tensor.raw_data = raw
            set_external_data(tensor, WEIGHTS, offset=offsets[digest], length=len(raw))
            tensor.ClearField("raw_data")
        # Names and notes of the exporter hold paths of the machine that trained.
        del model.metadata_props[:]
        for node in model.graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
        del model.graph.metadata_props[:]
        del model.graph.value_info[:]
        (folder / filename).write_bytes(model.SerializeToString())
    (folder / WEIGHTS).write_bytes(bytes(blob))


def _raw(tensor: onnx.TensorProto) -> bytes:
    return tensor.raw_data or onnx.numpy_helper.to_array(tensor).tobytes()
