"""Checks ONNX graphs before onnxruntime sees them: what they read, what they may do, and that their weights are finite.

A graph is a message of Protocol Buffers (``onnx.proto`` of ONNX 1.17 numbers the fields). Its tensors may lie in other
files; onnxruntime would open any that a graph names. Here a graph may name files of its artifact alone. It may hold no
graphs inside it, so that no step runs for ever, and of onnxruntime's own operators only those of quantized networks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from componium.errors import ArtifactError

# Fields of the messages by their numbers in onnx.proto.
_GRAPH, _TRAINING, _FUNCTIONS = 7, 20, 25
_NODES, _INITIALIZERS, _SPARSE = 1, 5, 15
_OPERATOR, _ATTRIBUTES, _DOMAIN = 4, 5, 7
_TENSOR, _TENSORS = 5, 10
_INNER = {6: "graph", 11: "graphs", 22: "sparse tensor", 23: "sparse tensors"}
_DIMS, _TYPE, _FLOATS, _DOUBLES, _RAW, _EXTERNAL, _PLACE = 1, 2, 4, 10, 9, 13, 14
_KEY, _VALUE = 1, 2
_FLOAT_TYPES = {1: np.dtype("<f4"), 10: np.dtype("<f2"), 11: np.dtype("<f8")}
# Of the domain of onnxruntime, others read files of their own.
_QUANTIZED = frozenset({b"MatMulIntegerToFloat", b"DynamicQuantizeMatMul", b"DynamicQuantizeLSTM", b"QAttention"})
_MAX_GRAPH_BYTES = 2**28


class _Field(NamedTuple):
    """A field of a message: its number, and its bytes; of numbers the value."""

    number: int
    content: memoryview
    value: int


def check_graph(path: Path, files: Collection[str]) -> None:
    """Checks a graph of an artifact.

    Args:
        path: of the graph.
        files: the names of all files of the artifact.

    Raises:
        ArtifactError: it is damaged, names another file, holds what no artifact needs, or weights that are no numbers.
    """
    try:
        if path.stat().st_size > _MAX_GRAPH_BYTES:
            raise ArtifactError(f"{path}: larger than the limit of {_MAX_GRAPH_BYTES // 2**20} MiB for a graph")
        for field in _fields(memoryview(path.read_bytes())):
            if field.number in (_TRAINING, _FUNCTIONS):
                raise ArtifactError(f"{path}: holds functions or steps of training, which no artifact needs")
            if field.number == _GRAPH:
                _check(path, field.content, files)
    except (IndexError, ValueError, OSError) as error:
        raise ArtifactError(f"{path}: not an ONNX graph ({error})") from error
    finally:
        _content.cache_clear()


def _check(path: Path, graph: memoryview, files: Collection[str]) -> None:
    for field in _fields(graph):
        if field.number == _SPARSE:
            raise ArtifactError(f"{path}: holds sparse weights, which no artifact needs")
        if field.number == _INITIALIZERS:
            _check_tensor(path, field.content, files)
        elif field.number == _NODES:
            _check_node(path, field.content, files)


def _check_node(path: Path, node: memoryview, files: Collection[str]) -> None:
    operator = domain = b""
    for field in _fields(node):
        if field.number == _OPERATOR:
            operator = bytes(field.content)
        elif field.number == _DOMAIN:
            domain = bytes(field.content)
        elif field.number == _ATTRIBUTES:
            for own in _fields(field.content):
                if own.number in _INNER:
                    raise ArtifactError(f"{path}: a node holds a {_INNER[own.number]}, which no artifact needs")
                if own.number in (_TENSOR, _TENSORS):
                    _check_tensor(path, own.content, files)
    if domain not in (b"", b"ai.onnx") and not (domain == b"com.microsoft" and operator in _QUANTIZED):
        raise ArtifactError(f"{path}: the operator {_text(operator)} of {_text(domain)} is none that artifacts use")


def _check_tensor(path: Path, tensor: memoryview, files: Collection[str]) -> None:
    kind = 0
    external: dict[bytes, bytes] = {}
    held: list[memoryview] = []
    floats: list[tuple[memoryview, str]] = []
    for field in _fields(tensor):
        if field.number == _TYPE:
            kind = field.value
        elif field.number == _RAW:
            held.append(field.content)
        elif field.number in (_FLOATS, _DOUBLES):
            floats.append((field.content, "<f4" if field.number == _FLOATS else "<f8"))
        elif field.number == _EXTERNAL:
            entry = {own.number: bytes(own.content) for own in _fields(field.content)}
            if entry.get(_KEY, b"") in external:
                raise ArtifactError(f"{path}: says twice where weights lie")
            external[entry.get(_KEY, b"")] = entry.get(_VALUE, b"")
    arrays = [np.frombuffer(content, dtype) for content, dtype in floats]
    dtype = _FLOAT_TYPES.get(kind)
    if external:
        arrays += _external(path, external, files, dtype)
    elif dtype is not None:
        arrays += [np.frombuffer(content, dtype) for content in held]
    if not all(np.isfinite(array).all() for array in arrays):
        raise ArtifactError(f"{path}: some of its weights are no numbers (NaN or infinity)")


def _external(
    path: Path, external: dict[bytes, bytes], files: Collection[str], dtype: np.dtype[np.floating] | None
) -> list[np.ndarray]:
    """The numbers of a tensor that lies in another file; none of integers."""
    name = _text(external.get(b"location", b""))
    if name not in files:
        raise ArtifactError(f"{path}: its weights lie in {name!r}, which is none of the artifact's files")
    content = _content(f"{path.parent}/{name}")
    offset = int(external.get(b"offset", b"0"))
    length = int(external.get(b"length", b"%d" % (len(content) - offset)))
    if not 0 <= offset <= offset + length <= len(content):
        raise ArtifactError(f"{path}: its weights lie beyond the end of {name}")
    return [] if dtype is None else [np.frombuffer(content[offset : offset + length], dtype)]


@lru_cache(maxsize=1)
def _content(path: str) -> memoryview:
    """The weights that several tensors share; forgotten with the graph."""
    return memoryview(Path(path).read_bytes())


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _fields(message: memoryview) -> Iterator[_Field]:
    """Yields the fields of a message.

    Raises:
        IndexError, ValueError: it is none.
    """
    place = 0
    end = len(message)
    while place < end:
        # Nearly all fit into a byte.
        tag, place = (message[place], place + 1) if message[place] < 0x80 else _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, place = _varint(message, place)
            yield _Field(number, message[:0], value)
            continue
        if wire == 2:
            size, place = (message[place], place + 1) if message[place] < 0x80 else _varint(message, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError("it holds a field of an unknown kind")
        if place + size > end:
            raise ValueError("it is cut short")
        yield _Field(number, message[place : place + size], 0)
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number, seven bits a byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number in it is too long")
