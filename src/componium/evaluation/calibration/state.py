"""Remembers what a calibration has measured, as JSON beside its target, so that one that was stopped goes on.

A calibration is a pure function of the artifact, the music and its settings, and the file remembers the results of its
calls that take long. Equal calls give equal results, so that one that goes on ends as one that was never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from componium.artifacts import Artifact
from componium.errors import ArtifactError

# Raised whenever equal pieces would give other figures.
VERSION = 1


class State:
    """Remembers results of calls, by their names and arguments.

    Args:
        path: of the file; made with the first result.
        artifact: that is calibrated; what was measured with another one is forgotten.

    Raises:
        ArtifactError: the file is no such state.
    """

    def __init__(self, path: Path, artifact: Artifact) -> None:
        self.path = path
        self._identity = f"{VERSION} {artifact.digest}"
        self._results: dict[str, Any] = {}
        if path.is_file():
            self._results = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            content: Any = json.loads(self.path.read_text(encoding="utf-8"))
            return content["results"] if content["artifact"] == self._identity else {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(f"{self.path}: not the state of a calibration; remove it to begin anew") from error

    def once(self, arguments: tuple[Any, ...], compute: Callable[[], Any]) -> Any:  # noqa: ANN401 - any JSON
        """Returns the result of a call, from the file where it was made before.

        Args:
            arguments: name and arguments of the call, as JSON.
            compute: makes it; returns JSON.
        """
        key = json.dumps(arguments, sort_keys=True)
        if key not in self._results:
            self._results[key] = compute()
            self._write()
        return self._results[key]

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.part")
        content = {"artifact": self._identity, "results": self._results}
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)

    def remove(self) -> None:
        """Forgets everything: the calibration is done."""
        self.path.unlink(missing_ok=True)
