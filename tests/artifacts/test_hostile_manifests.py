"""Artifacts of somebody who hashes every change anew are refused in one line: what their JSON says."""

from __future__ import annotations

import json

import pytest
from fixtures.hostile_artifacts import composed, refused, with_manifest
from fuzz.mutations import changed

from componium.artifacts import MANIFEST, load_artifact


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
