"""Reads the weights of an artifact back from its graphs, so that another training can begin with them.

Weights that were quantized come back in single precision, transposed as torch has them; rows of tables likewise. What
quantization lost (about .013 bits, ``docs/experiments/0009-int8.md``) is learned again in the first few steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from componium.artifacts import Artifact
from componium.errors import TrainingError
from componium.models.exporting.input_scales import InputScale
from componium.models.exporting.quantization import BYTES, INPUT_SCALE, INPUT_ZERO_POINT, PREFIX, SCALE

# The table of the conditions that do not change within a bar, and its column of styles.
_STYLE_COLUMN = ("told", 0)


def weights_of(artifact: Artifact) -> dict[str, Tensor]:
    """Returns the weights in an artifact's graphs, by their names in the network.

    Args:
        artifact: exported by this version's ``componium train``.
    """
    arrays = _arrays_of(artifact)
    found: dict[str, Tensor] = {}
    for name, array in arrays.items():
        own = name.removesuffix(BYTES)
        scale = arrays.get(f"{own}{SCALE}")
        if array.dtype == np.int8 and scale is not None:
            wide = array.astype(np.float32) * scale
            found[own] = torch.from_numpy(wide.T.copy() if name.endswith(BYTES) else wide)
        elif array.dtype in {np.dtype(np.float16), np.dtype(np.float32)} and not name.endswith(SCALE):
            # Tables of the first artifacts are in half precision.
            found[name] = torch.from_numpy(array.astype(np.float32))
    return found


def laid_out(
    network: nn.Module, weights: dict[str, Tensor], artifact: Artifact, style: str | None = None
) -> dict[str, Tensor]:
    """Returns weights whose tables begin each of their columns where those of a network do.

    A column may have got values since the artifact was trained. They are 0; without this all columns behind it would be
    read from the wrong rows.

    Args:
        network: whose tables (``layers.EmbeddingSum``) have as many columns as those of the artifact.
        weights: as :func:`weights_of` returns them.
        artifact: theirs.
        style: of the artifact, which becomes the one style of the network; None: all stay.

    Raises:
        TrainingError: the artifact has no such style.
    """
    found = dict(weights)
    number = None if style is None else _number_of(style, artifact)
    for name, first in _arrays_of(artifact).items():
        table = name.removesuffix(".first")
        if table == name or f"{table}.weight" not in weights:
            continue
        old, layer = weights[f"{table}.weight"], network.get_submodule(table)
        own = layer.get_buffer("first").tolist()
        if own == first.tolist() or len(own) != len(first):
            continue
        wide = torch.zeros_like(layer.get_parameter("weight"))
        for column, (begin, end, start) in enumerate(zip(first, (*first[1:], len(old)), own, strict=True)):
            rows = old[begin:end]
            if number is not None and (table, column) == _STYLE_COLUMN:
                rows = rows[[0, number]]
            wide[start : start + len(rows)] = rows
        found[f"{table}.weight"] = wide
    return found


def _number_of(style: str, artifact: Artifact) -> int:
    """The row of a style in the tables of an artifact."""
    styles = artifact.manifest.conditioning.styles
    if style not in styles:
        known = ", ".join(styles) or "none"
        raise TrainingError(f"{artifact.manifest.name} has no style {style!r}; it has {known}")
    return 1 + styles.index(style)


def input_scales_of(artifact: Artifact) -> dict[str, InputScale]:
    """Returns the scales of the inputs of an artifact's linear layers, by their names; none in single precision."""
    arrays = _arrays_of(artifact)
    found: dict[str, InputScale] = {}
    for name, array in arrays.items():
        if name.endswith(INPUT_SCALE):
            weight = name.removesuffix(INPUT_SCALE)
            zero_point = arrays[f"{weight}{INPUT_ZERO_POINT}"]
            found[weight.removesuffix(".weight")] = InputScale(float(array), int(zero_point))
    return found


def _arrays_of(artifact: Artifact) -> dict[str, NDArray[Any]]:
    """Returns the arrays of a network in its graphs, by the names that the network has for them."""
    arrays: dict[str, NDArray[Any]] = {}
    for path in sorted(artifact.folder.glob("*.onnx")):
        for tensor in onnx.load(str(path)).graph.initializer:
            if tensor.name.startswith(PREFIX):
                arrays[tensor.name.removeprefix(PREFIX)] = onnx.numpy_helper.to_array(tensor)
    return arrays


def begin_with(network: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    """Gives a network the weights of an artifact.

    A network may have more rows than the artifact at the end of a table or of a layer's outputs: what was added to it
    since. They begin at 0, so that at first it says what the artifact says.

    Args:
        network: of the artifact's settings.
        weights: as :func:`weights_of` returns them.
        name: the artifact's, for the error.

    Raises:
        TrainingError: they are of another network.
    """
    state = network.state_dict()
    missing = [own for own in state if own not in weights]
    if missing:
        raise TrainingError(f"{name} has no weights {missing[0]}: it is of other settings than the recipe's model")
    for own, value in state.items():
        given = weights[own]
        if given.shape[1:] != value.shape[1:] or len(given) > len(value):
            shapes = f"{tuple(given.shape)} in {name}, {tuple(value.shape)} in the recipe's model"
            raise TrainingError(f"weights {own} are {shapes}")
        value.zero_()
        value[: len(given)] = given
