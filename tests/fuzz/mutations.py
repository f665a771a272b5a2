"""Changes artifacts as somebody would who knows their format: every file that is changed is hashed anew."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

MANIFEST = "artifact.json"
ODD_VALUES = (
    None, True, False, 0, 1, -1, 2, 7, 12, 127, 128, 255, 2**31, -(2**31), 2**62, 2**64, 10**30, 0.0, -0.5, 0.5, 1e-300,
    1e300, -1e300, "", "a", "note-by-note", "n-gram", "when.onnx", "../x", "/etc/passwd", "é\n\x1b[31m", "x" * 3000, [],
    [0], [1, 2], ["a"], [[]], {}, {"a": 1}, {"": []},
)  # fmt: skip


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yields container and key of all values inside a value of JSON."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, own in entries:
        yield value, key
        yield from places_of(own)


def mutated_json(content: Any, rng: random.Random) -> Any:
    """Returns a value of JSON with one to three changes: other values, entries that are gone, come twice or move."""
    content = copy.deepcopy(content)
    for _ in range(rng.randint(1, 3)):
        places = list(places_of(content))
        if not places:
            break
        container, key = rng.choice(places)
        kind = rng.randrange(6)
        if kind == 0:
            del container[key]
        elif kind == 1 and isinstance(container, list):
            container.extend(container[: rng.randint(1, 3)])
        elif kind == 2 and isinstance(container[key], int | float):
            container[key] *= rng.choice([-1, 2, 1000, 1e9, 0.5])
        elif kind == 3:
            other, place = rng.choice(places)
            container[key] = copy.deepcopy(other[place]) if place in other or isinstance(other, list) else None
        else:
            container[key] = rng.choice(ODD_VALUES)
    return content


def mutated_arrays(path: Path, rng: random.Random) -> bytes:
    """Returns a NumPy archive with one of its arrays changed: values, type, shape, order, length."""
    with np.load(path) as stored:
        arrays = dict(stored)
    name = rng.choice(sorted(arrays))
    own = arrays[name]
    kind = rng.randrange(8)
    if kind == 0:
        del arrays[name]
    elif kind == 1 and own.size and own.dtype.kind in "iuf":
        own.reshape(-1)[rng.randrange(own.size)] = rng.choice(_extremes(own.dtype))
    elif kind == 2 and own.size and own.dtype.kind in "iuf":
        own[...] = rng.choice(_extremes(own.dtype))
    elif kind == 3:
        arrays[name] = own[: len(own) // 2] if own.ndim else own
    elif kind == 4:
        arrays[name] = np.array(rng.choice([0, 1.5, 2**40, -1]))
    elif kind == 5:
        arrays[name] = np.zeros(own.shape, rng.choice(["f8", "i1", "u8", "U3", "?", "c16"]))
    elif kind == 6:
        arrays[name] = own[None]
    elif own.ndim:
        arrays[name] = own[::-1]
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _extremes(dtype: np.dtype) -> list[Any]:
    if dtype.kind == "f":
        return [np.nan, np.inf, -1e30, 0, 1e30]
    limits = np.iinfo(dtype)
    return [limits.min, limits.max, 0, 1, limits.max // 2]


def copied(source: Path, target: Path) -> Path:
    """Returns a copy of an artifact's folder."""
    shutil.copytree(source, target)
    return target


def changed(folder: Path, filename: str, content: bytes) -> None:
    """Writes another content of one of an artifact's files, and its SHA-256 into the manifest."""
    # It may be a link to a file that stays.
    (folder / filename).unlink(missing_ok=True)
    (folder / filename).write_bytes(content)
    if filename != MANIFEST:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest["files"][filename] = hashlib.sha256(content).hexdigest()
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def mutated(folder: Path, rng: random.Random) -> str:
    """Changes one file of an artifact; returns its name."""
    names = [path.name for path in sorted(folder.iterdir()) if path.suffix in (".json", ".npz")]
    name = rng.choice([MANIFEST, "styles.json", *names])
    path = folder / name
    if path.suffix == ".json":
        content = json.dumps(mutated_json(json.loads(path.read_text(encoding="utf-8")), rng)).encode()
    else:
        content = mutated_arrays(path, rng)
    changed(folder, name, content)
    return name
