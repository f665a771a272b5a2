"""Any bytes in place of one of an artifact's files, hashed anew: what still loads composes a bar.

The first byte chooses the file, the others are its content; or they are the seed of a change that leaves the file's
format as it is (``mutations.py``).
"""

from __future__ import annotations

import atexit
import random
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fuzz.mutations import MANIFEST, changed, mutated

from componium.artifacts import load_artifact
from componium.artifacts.at_hand import EMBEDDED
from componium.cli.models import card
from componium.composing.compose import compose
from componium.composing.requests import make_request

SOURCE = EMBEDDED / "band"
FILES = (MANIFEST, "styles.json", "role_templates.npz", "form_templates.npz", "held_out.npz", "told.onnx", "when.onnx")


def one_input(data: bytes) -> None:
    """Composes with a file changed."""
    folder, number = _folder(), data[0] if data else 0
    try:
        if number < len(FILES):
            (folder / FILES[number]).unlink()
            changed(folder, FILES[number], data[1:])
        else:
            mutated(folder, random.Random(data))
        artifact = load_artifact(folder)
        card(artifact)
        assert artifact.contrast is not None
        compose(artifact, make_request(bars=1, seed=1))
    finally:
        for path in SOURCE.iterdir():
            _put_back(folder, path.name)


def seeds() -> Iterator[bytes]:
    """Yields the files as they are."""
    for number, filename in enumerate(FILES):
        yield bytes([number]) + (SOURCE / filename).read_bytes()
    yield from (bytes([len(FILES), number]) for number in range(8))


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in SOURCE.iterdir():
        _put_back(folder, path.name)
    return folder


def _put_back(folder: Path, filename: str) -> None:
    path = folder / filename
    path.unlink(missing_ok=True)
    # The manifest is written into, the other files are large.
    if filename == MANIFEST:
        shutil.copyfile(SOURCE / filename, path)
    else:
        path.symlink_to(SOURCE / filename)
