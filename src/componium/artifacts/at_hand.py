"""Finds artifacts: in a directory, by the name of one at hand, or by the task that it must fulfil."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from componium.artifacts.artifact import Artifact
from componium.artifacts.checking import check_files
from componium.artifacts.manifest import MANIFEST, Manifest, read_manifest
from componium.errors import ArtifactError, RepresentationError
from componium.representations import representation_of

EMBEDDED = Path(__file__).parents[1] / "embedded"


def load_artifact(name: str | os.PathLike[str]) -> Artifact:
    """Opens an artifact by its directory, or by the name of one at hand.

    Raises:
        ArtifactError: there is none, it is of another schema version, or a file is missing or damaged.
    """
    try:
        folder = _folder_of(Path(name), str(name))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArtifactError(f"{name}: no artifact ({reason})") from error
    manifest = read_manifest(folder)
    try:
        representation_of(manifest.representation)
    except RepresentationError as error:
        raise ArtifactError(f"{folder / MANIFEST}: {error}") from error
    check_files(folder, manifest)
    return Artifact(folder, manifest)


def _folder_of(folder: Path, name: str) -> Path:
    """The directory of an artifact that is named by its path, or else of one at hand."""
    # A folder of composed pieces may be called after their composer.
    if not (folder / MANIFEST).is_file():
        at_hand = {path.name: path for path in (*trained_folders(), *artifact_folders())}
        if name not in at_hand and folder.is_dir():
            raise ArtifactError(f"{folder}: no artifact (there is no {MANIFEST} in it)")
        if name not in at_hand:
            known = ", ".join(at_hand) or "none"
            raise ArtifactError(f"no artifact {name!r}: give a directory with {MANIFEST}, or one of: {known}")
        folder = at_hand[name]
    return folder


def artifact_folders() -> list[Path]:
    """Directories of the artifacts at hand: in the folders of ``COMPONIUM_MODELS``, and embedded in the package.

    Raises:
        ArtifactError: one of these folders cannot be read.
    """
    listed = os.environ.get("COMPONIUM_MODELS", "")
    roots = [*(Path(root) for root in listed.split(os.pathsep) if root), EMBEDDED]
    try:
        found = (path for root in roots if root.is_dir() for path in sorted(root.iterdir()))
        return [path for path in found if (path / MANIFEST).is_file()]
    except OSError as error:
        raise ArtifactError(f"COMPONIUM_MODELS: {error.filename} cannot be read ({error.strerror})") from error


def trained_folders() -> list[Path]:
    """Directories of the artifacts that trainings in the current directory have written, below ``runs``."""
    return sorted(path.parent for path in Path("runs").glob(f"*/artifact/*/{MANIFEST}"))


def artifact_for(task: str, controls: Iterable[str] = ()) -> Artifact:
    """Opens an artifact at hand that declares a task, and controls if any does.

    Composers of bars come before those of performances without a beat. Of several the one that can be asked for most, a
    band before a specialist; of equals the first.

    Raises:
        ArtifactError: none has the task.
    """
    able = [(folder, manifest) for folder, manifest in _readable() if task in manifest.tasks]
    if not able:
        raise ArtifactError(
            f"no installed composer can {task}: train one, and set COMPONIUM_MODELS to the folder that holds its folder"
        )
    able = [own for own in able if set(controls) <= set(own[1].controls)] or able
    return load_artifact(min(able, key=lambda own: (own[1].is_beatless, -len(own[1].controls)))[0])


def artifact_of_voices() -> Artifact:
    """Opens the first artifact at hand that can harmonize: see :attr:`Artifact.can_harmonize`.

    Raises:
        ArtifactError: there is none.
    """
    for folder, manifest in _readable():
        if "accompany" in manifest.tasks and (artifact := load_artifact(folder)).can_harmonize:
            return artifact
    raise ArtifactError(
        "no installed composer of voices can harmonize: train one (recipes/chorales-brnn.toml), and set "
        "COMPONIUM_MODELS to the folder that holds its folder"
    )


def _readable() -> Iterator[tuple[Path, Manifest]]:
    """The artifacts at hand that can be read: a damaged one that nobody named stands in nobody's way."""
    for folder in artifact_folders():
        try:
            yield folder, read_manifest(folder)
        except ArtifactError:
            continue
