"""Artifacts of somebody who hashes every change anew are refused in one line, whatever was changed."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile

import numpy as np
import onnx
import pytest
from fuzz.mutations import changed, copied, mutated
from onnx import TensorProto, helper

from componium.artifacts import MANIFEST, load_artifact
from componium.artifacts.at_hand import EMBEDDED
from componium.cli.models import card
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.errors import ArtifactError, ComponiumError


@pytest.fixture
def folder(tmp_path):
    return copied(EMBEDDED / "pop-piano", tmp_path / "mine")


@pytest.fixture
def band_folder(tmp_path):
    return copied(EMBEDDED / "band", tmp_path / "mine")


def with_manifest(folder, **changes):
    content = json.loads((folder / MANIFEST).read_text())
    changed(folder, MANIFEST, json.dumps(content | changes).encode())


def with_graph(folder, filename, change):
    """Writes a graph that was changed, its weights left where they are."""
    model = onnx.load(folder / filename, load_external_data=False)
    change(model)
    changed(folder, filename, model.SerializeToString())


def composed(folder, **fields):
    artifact = load_artifact(folder)
    card(artifact)
    return compose(artifact, make_request(**{"bars": 2, "seed": 1, **fields}))


def refused(folder, match, **fields):
    with pytest.raises(ArtifactError, match=match) as caught:
        composed(folder, **fields)
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_copied_composes(folder):
    assert composed(folder)[0].score.n_notes


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ["pop"]},
        {"name": "../elsewhere"},
        {"name": "/elsewhere"},
        {"name": ".hidden"},
        {"name": "two\nlines"},
        {"figures": {"test": {"bits_per_note": "many", "bits_per_note_low": 1, "bits_per_note_high": 2}}},
        {"figures": {"test": {"bits_per_note": [1]}}},
        {"tasks": "compose"},
        {"signature": {"when": ["when.onnx"]}},
        {"seed": -1},
        {"conditioning": {"styles": ["pop"]}},
        {"conditioning": {"styles": ["pop"], "density": [[3, 2, 1, 0, 0, 0, 0]], "complexity": [[0] * 7]}},
        {"representation": {"name": ["notes"]}},
    ],
)
def test_a_manifest_with_values_of_another_kind(folder, changes):
    with_manifest(folder, **changes)
    refused(folder, r"artifact\.json")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "-1e999", "9" * 10_000, "[" * 100_000, '"\\ud800"'])
def test_a_manifest_with_numbers_that_are_none(folder, text):
    content = (folder / MANIFEST).read_text().replace('"seed": ', f'"seed": {text}, "was": ', 1)
    changed(folder, MANIFEST, content.encode())
    refused(folder, r"artifact\.json")


@pytest.mark.parametrize("number", ["state_size", "width"])
@pytest.mark.parametrize("value", [2**31, 2**20, 0, -1, 3])
def test_sizes_that_are_not_those_of_the_graphs(folder, number, value):
    signature = json.loads((folder / MANIFEST).read_text())["signature"]
    with_manifest(folder, signature=signature | {number: value})
    refused(folder, r"when\.onnx: its|outside 1 to")


@pytest.mark.parametrize("change", [{"velocity_bins": 12}, {"max_shift": 40}, {"max_exact_duration": 24}])
def test_a_representation_that_is_not_that_of_the_graphs(folder, change):
    representation = json.loads((folder / MANIFEST).read_text())["representation"]
    with_manifest(folder, representation=representation | change)
    refused(folder, r"onnx: its")


def test_parts_that_are_not_those_of_the_graphs(folder):
    representation = json.loads((folder / MANIFEST).read_text())["representation"]
    with_manifest(folder, representation=representation | {"parts": representation["parts"][:1]})
    refused(folder, r"onnx: its")


def test_two_parts_of_one_name(folder):
    representation = json.loads((folder / MANIFEST).read_text())["representation"]
    with_manifest(folder, representation=representation | {"parts": representation["parts"][:1] * 3})
    refused(folder, "two parts are called")


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


def archive(arrays, method=zipfile.ZIP_DEFLATED):
    """An archive of members that are given as bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as opened:
        for name, content in arrays.items():
            opened.writestr(f"{name}.npy", content)
    return file.getvalue()


def npy(header, data=b""):
    text = header.encode("latin1").ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


HUGE = "{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }"
SCALAR = "{'descr': '<i8', 'fortran_order': False, 'shape': (), }"
OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
NEGATIVE = "{'descr': '<i8', 'fortran_order': False, 'shape': (-1,), }"


@pytest.mark.parametrize("header", [HUGE, SCALAR, OBJECTS, NEGATIVE, "{", "{'descr': '<i8'}", "[" * 100])
@pytest.mark.parametrize("name", ["style", "about"])
def test_arrays_whose_headers_claim_what_is_not_there(band_folder, header, name):
    with np.load(band_folder / "form_templates.npz") as stored:
        names = stored.files
    members = dict.fromkeys(names, npy(SCALAR, b"\1" * 8)) | {name: npy(header, b"\1" * 8)}
    changed(band_folder, "form_templates.npz", archive(members))
    refused(band_folder, r"form_templates\.npz")


def test_an_encrypted_archive(band_folder):
    data = bytearray((band_folder / "role_templates.npz").read_bytes())
    # The flag of an encrypted member, in its own header and in the directory.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    changed(band_folder, "role_templates.npz", bytes(data))
    refused(band_folder, r"role_templates\.npz")


def test_an_archive_that_unpacks_to_more_than_the_limit(band_folder, monkeypatch):
    monkeypatch.setattr("componium.fingerprints.packing.MAX_BYTES", 2**16)
    refused(band_folder, "it unpacks to more than")


@pytest.mark.parametrize(
    ("name", "value"), [("style", 99), ("roles", 200), ("roles", -1), ("measured", np.nan), ("measured", -1.0)]
)
def test_role_templates_out_of_range(band_folder, name, value):
    with np.load(band_folder / "role_templates.npz") as stored:
        arrays = {key: own.astype(np.int64) if own.dtype.kind in "ui" else own for key, own in stored.items()}
    arrays[name][3] = value
    np.savez(band_folder / "role_templates.npz", **arrays)
    changed(band_folder, "role_templates.npz", (band_folder / "role_templates.npz").read_bytes())
    refused(band_folder, r"role_templates\.npz")


@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize("value", [-1, 2**30])
def test_form_templates_out_of_range(band_folder, column, value):
    with np.load(band_folder / "form_templates.npz") as stored:
        arrays = dict(stored)
    arrays["about"][0, column] = value
    np.savez(band_folder / "form_templates.npz", **arrays)
    changed(band_folder, "form_templates.npz", (band_folder / "form_templates.npz").read_bytes())
    refused(band_folder, r"form_templates\.npz")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("temperature",), 1e9),
        (("temperature",), "hot"),
        (("styles", "pop", "tempo_bpm"), 0),
        (("styles", "pop", "ensembles"), []),
        (("styles", "pop", "ensembles"), [["theremin"]]),
        (("styles", "pop", "human"), {"range": {"mean": 1, "deviation": 0}}),
        (("constraints", "density", "part_quarters"), 0),
        (("roles", "enough"), 0),
        (("forms", "end_bars"), 0),
        (("checks", "most_drafts"), 10**9),
    ],
)
def test_a_profile_with_values_out_of_range(band_folder, place, value):
    content = json.loads((band_folder / "styles.json").read_text())
    *tables, key = place
    table = content
    for name in tables:
        table = table[name]
    table[key] = value
    changed(band_folder, "styles.json", json.dumps(content).encode())
    refused(band_folder, r"styles\.json", style="pop")


def test_a_profile_of_other_styles(band_folder):
    content = json.loads((band_folder / "styles.json").read_text())
    content["styles"] = dict(reversed(content["styles"].items()))
    changed(band_folder, "styles.json", json.dumps(content).encode())
    refused(band_folder, "not those of artifact.json")


def test_the_digest_is_over_all_files(folder):
    before = load_artifact(folder).digest
    for filename in ("fingerprints.npz", "held_out.npz", "styles.json"):
        changed(folder, filename, (folder / filename).read_bytes() + b"\n")
        assert load_artifact(folder).digest != before
        before = load_artifact(folder).digest


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_changed_gives_music_or_one_line(tmp_path, seed):
    rng = random.Random(seed)
    folder = copied(EMBEDDED / rng.choice(["band", "pop-piano"]), tmp_path / "mine")
    mutated(folder, rng)
    try:
        assert composed(folder, bars=1)
        assert composed(folder, bars=1, original=True)
    except ComponiumError as error:
        assert len(str(error).splitlines()) == 1
