"""The composers at hand, opened once; a request names one of them and never a folder."""

from __future__ import annotations

import logging
import threading

from componium.artifacts import Artifact, artifact_folders, load_artifact
from componium.artifacts.manifest import MANIFEST
from componium.composing.requests import AnyRequest, asked_controls
from componium.errors import ArtifactError
from componium.web.problems import StudioError

_log = logging.getLogger(__name__)


class Composers:
    """Opens artifacts when they are first seen, and forgets those that vanished."""

    def __init__(self) -> None:
        self._open: dict[str, Artifact] = {}
        self._damaged: set[str] = set()
        self._lock = threading.Lock()

    def all(self) -> list[Artifact]:
        """Returns the sound ones at hand, those that compose for most requests first."""
        with self._lock:
            folders = {str(folder): folder for folder in artifact_folders()}
            self._open = {name: own for name, own in self._open.items() if name in folders}
            for name in folders.keys() - self._open.keys() - self._damaged:
                try:
                    self._open[name] = load_artifact(folders[name])
                except ArtifactError as error:
                    self._damaged.add(name)
                    _log.warning("a composer is left out: %s", error)
            by_name: dict[str, Artifact] = {}
            for folder in folders:
                if folder in self._open:
                    by_name.setdefault(self._open[folder].manifest.name, self._open[folder])
        return sorted(by_name.values(), key=_versatility)

    def named(self, name: str) -> Artifact:
        """Returns one by its name.

        Raises:
            StudioError: there is none at hand.
        """
        found = {own.manifest.name: own for own in self.all()}
        if name not in found:
            raise StudioError(404, f"no composer {name!r} is at hand; there are: {', '.join(found) or 'none'}")
        return found[name]

    def for_request(self, request: AnyRequest, name: str | None) -> Artifact:
        """Returns the one that is named, or else the first that declares the task, and the controls if any does.

        Raises:
            StudioError: there is none.
        """
        if name:
            return self.named(name)
        able = [own for own in self.all() if request.task in own.manifest.tasks]
        if not able:
            raise StudioError(503, f"no composer at hand can {request.task}: train one, and set COMPONIUM_MODELS")
        controls = asked_controls(request)
        return next((own for own in able if controls <= set(own.manifest.controls)), able[0])


def is_there(artifact: Artifact) -> bool:
    """Returns whether an artifact still lies where it was opened."""
    return (artifact.folder / MANIFEST).is_file()


def _versatility(artifact: Artifact) -> tuple[bool, int]:
    """Orders composers as :func:`componium.artifacts.artifact_for` does."""
    manifest = artifact.manifest
    return manifest.is_beatless, -len(manifest.controls)
