"""Writes artifacts: a directory that appears, or is replaced, only when it is complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from componium.artifacts.artifact import Artifact
from componium.artifacts.checking import sha256
from componium.artifacts.manifest import MANIFEST, Manifest
from componium.errors import ArtifactError
from componium.formats.whole_files import writing_folder


def save_artifact(source: Path, filenames: Iterable[str], manifest: Manifest, target: Path) -> Artifact:
    """Writes files and manifest into the directory ``target``, which appears, or is replaced, only when complete.

    Raises:
        ArtifactError: a file is missing, or the system refused to write.
    """
    with writing_folder(target, ArtifactError) as part:
        files: dict[str, str] = {}
        for filename in filenames:
            shutil.copyfile(source / filename, part / filename)
            files[filename] = sha256(part / filename)
        whole = manifest.model_copy(update={"files": files})
        (part / MANIFEST).write_text(whole.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return Artifact(target, whole)
