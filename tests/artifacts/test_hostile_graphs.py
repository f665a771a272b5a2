"""Artifacts of somebody who hashes every change anew are refused in one line: graphs and weights."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from fixtures.hostile_artifacts import composed, refused, with_graph, with_manifest
from fuzz.mutations import changed
from onnx import TensorProto, helper

from componium.artifacts import MANIFEST
from componium.errors import ComponiumError


def test_weights_that_the_manifest_does_not_name(folder):
    """Else they could be exchanged under the same digest."""
    files = json.loads((folder / MANIFEST).read_text())["files"]
    with_manifest(folder, files={name: own for name, own in files.items() if name != "weights.bin"})
    refused(folder, r"'weights\.bin', which is none of the artifact's files")


@pytest.mark.parametrize("location", ["other.bin", "../other.bin", "/etc/passwd", ""])
def test_graphs_that_read_another_file(folder, location):
    (folder / "other.bin").write_bytes((folder / "weights.bin").read_bytes())
    (folder.parent / "other.bin").write_bytes((folder / "weights.bin").read_bytes())

    def change(model):
        tensor = next(own for own in model.graph.initializer if own.external_data)
        next(entry for entry in tensor.external_data if entry.key == "location").value = location

    with_graph(folder, "when.onnx", change)
    refused(folder, "none of the artifact's files")


def test_weights_beyond_the_end_of_their_file(folder):
    def change(model):
        tensor = next(own for own in model.graph.initializer if own.external_data)
        next(entry for entry in tensor.external_data if entry.key == "offset").value = str(2**40)

    with_graph(folder, "when.onnx", change)
    refused(folder, "beyond the end")


def external(folder, filename, kind):
    """Where the largest tensor of a kind lies in the weights: offset and length."""
    model = onnx.load(folder / filename, load_external_data=False)
    found = [
        {entry.key: entry.value for entry in own.external_data}
        for own in model.graph.initializer
        if own.external_data and own.data_type == kind
    ]
    return max(((int(own["offset"]), int(own["length"])) for own in found), key=lambda own: own[1])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers(folder, value):
    offset, length = external(folder, "when.onnx", TensorProto.FLOAT)
    weights = bytearray((folder / "weights.bin").read_bytes())
    weights[offset : offset + length] = np.full(length // 4, value, "<f4").tobytes()
    changed(folder, "weights.bin", bytes(weights))
    refused(folder, "no numbers")


def test_weights_in_the_graph_that_are_no_numbers(folder):
    def change(model):
        tensor = next(own for own in model.graph.initializer if own.data_type == TensorProto.FLOAT and own.raw_data)
        tensor.raw_data = np.full(len(tensor.raw_data) // 4, np.nan, "<f4").tobytes()

    with_graph(folder, "what.onnx", change)
    refused(folder, "no numbers")


def test_weights_so_large_that_they_end_in_no_numbers_end(folder):
    """All weights of a graph at the largest number: sums overflow, and what is drawn leads nowhere."""

    def change(model):
        for tensor in model.graph.initializer:
            if tensor.data_type == TensorProto.FLOAT and tensor.raw_data:
                tensor.raw_data = np.full(len(tensor.raw_data) // 4, 3e38, "<f4").tobytes()

    for filename in ("when.onnx", "what.onnx"):
        with_graph(folder, filename, change)
    with pytest.raises(ComponiumError):
        composed(folder, bars=64)


def toy_graph(nodes, inputs, outputs, **options):
    def of(infos):
        return [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in infos]

    graph = helper.make_graph(nodes, "toy", of(inputs), of(outputs))
    opsets = [helper.make_opsetid("", 18), *options.pop("opsets", [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, **options).SerializeToString()


STATE = ("state", TensorProto.FLOAT, ["batch", 4096])


def test_a_graph_with_other_inputs(folder):
    node = helper.make_node("Identity", ["state"], ["state_after"])
    after = ("state_after", TensorProto.FLOAT, ["batch", 4096])
    changed(folder, "when.onnx", toy_graph([node], [STATE, ("surprise", TensorProto.FLOAT, [1])], [after]))
    refused(folder, r"'surprise' is nothing that its composer knows")


def test_a_graph_with_a_loop(folder):
    """It could run for ever."""
    count, go, on = (
        helper.make_tensor_value_info(name, kind, [])
        for name, kind in (("i", TensorProto.INT64), ("go", TensorProto.BOOL), ("on", TensorProto.BOOL))
    )
    inner = helper.make_graph([helper.make_node("Identity", ["go"], ["on"])], "inner", [count, go], [on])
    loop = helper.make_node("Loop", ["", "yes"], [], body=inner)
    changed(folder, "when.onnx", toy_graph([loop], [STATE], []))
    refused(folder, "a node holds a graph")


def test_an_operator_that_reads_files_of_its_own(folder):
    node = helper.make_node(
        "EPContext", ["state"], ["state_after"], domain="com.microsoft", ep_cache_context="/etc/passwd"
    )
    opsets = [helper.make_opsetid("com.microsoft", 1)]
    changed(folder, "when.onnx", toy_graph([node], [STATE], [], opsets=opsets))
    refused(folder, r"EPContext of com\.microsoft")


def test_a_graph_that_makes_a_huge_array(folder):
    """It fails within the limit of memory, and not with the machine."""
    nodes = [
        helper.make_node(
            "Constant", [], ["size"], value=helper.make_tensor("v", TensorProto.INT64, [2], [2**17, 2**17])
        ),
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
        helper.make_node("Add", ["state", "sum"], ["state_after"]),
    ]
    changed(folder, "when.onnx", toy_graph(nodes, [STATE], [("state_after", TensorProto.FLOAT, ["batch", 4096])]))
    refused(folder, r"when\.onnx: (the graph cannot be run|not a graph)")


@pytest.mark.parametrize(
    "content", [b"", b"\x08", b"\xff" * 40, b"PK\x03\x04", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"]
)
def test_a_graph_that_is_none(folder, content):
    changed(folder, "when.onnx", content)
    refused(folder, r"when\.onnx")


def draws(artifact, shift):
    """A graph that draws one shift for ever."""
    sizes = json.loads((artifact / MANIFEST).read_text())["signature"]
    whole = helper.make_node("Constant", [], ["v"], value=helper.make_tensor("v", TensorProto.INT64, [1, 1], [shift]))
    width = helper.make_tensor("w", TensorProto.FLOAT, [1, sizes["width"]], [0.0] * sizes["width"])
    nodes = [
        whole,
        helper.make_node("Mul", ["given", "zero"], ["none"]),
        helper.make_node("Constant", [], ["zero"], value=helper.make_tensor("z", TensorProto.INT64, [1], [0])),
        helper.make_node("Add", ["none", "v"], ["value"]),
        helper.make_node("Constant", [], ["w"], value=width),
        helper.make_node("Mul", ["uniform", "w"], ["hidden"]),
        helper.make_node("Identity", ["state"], ["state_after"]),
    ]
    nodes.insert(1, nodes.pop(2))
    inputs = [STATE, ("given", TensorProto.INT64, ["batch", 1]), ("uniform", TensorProto.FLOAT, ["batch", 1])]
    outputs = [
        ("value", TensorProto.INT64, ["batch", 1]), ("hidden", TensorProto.FLOAT, ["batch", sizes["width"]]),
        ("state_after", TensorProto.FLOAT, ["batch", 4096]),
    ]  # fmt: skip
    return toy_graph(nodes, inputs, outputs)


@pytest.mark.parametrize(
    ("shift", "complaint"), [(0, "finds no end"), (-1, "an onset that it does not know"), (10_000, "an onset that it")]
)
def test_a_composer_that_finds_no_end(folder, shift, complaint):
    changed(folder, "when.onnx", draws(folder, shift))
    refused(folder, complaint)
