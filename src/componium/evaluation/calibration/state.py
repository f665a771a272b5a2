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
from componium.formats.loading import read_file
from componium.formats.strict_json import parse_json
from componium.formats.whole_files import naming, write_whole

_MAX_BYTES = 2**28
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
            content: Any = parse_json(read_file(self.path, _MAX_BYTES))
            results = content["results"] if content["artifact"] == self._identity else {}
            return dict(results.items())
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
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
        with naming(self.path, ArtifactError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {"artifact": self._identity, "results": self._results}
        write_whole(self.path, json.dumps(content, indent=1) + "\n", ArtifactError)

    def remove(self) -> None:
        """Forgets everything: the calibration is done."""
        self.path.unlink(missing_ok=True)
