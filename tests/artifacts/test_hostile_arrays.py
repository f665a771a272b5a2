"""Artifacts of somebody who hashes every change anew are refused in one line: arrays, and whatever else is changed."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import numpy as np
import pytest
from fixtures.hostile_artifacts import composed, refused
from fuzz.mutations import changed, copied, mutated

from componium.artifacts.at_hand import EMBEDDED
from componium.errors import ComponiumError


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
