"""Opens the step graphs of a network that writes one note at a time, and makes the arrays that they work on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.features.part_history import UNHEARD
from componium.onnx_sessions import Session, open_session

SAMPLE = -1
N_DRAWS = 5
"""Random numbers a note takes."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class StepGraphs:
    """The graphs of an artifact.

    Attributes:
        conditions: looks up the conditions of bars; None where the network reads none.
        when: draws the next onset.
        what: draws the other attributes of a note.
    """

    conditions: Session | None
    when: Session
    what: Session
    artifact: Artifact


@lru_cache(maxsize=4)
def open_graphs(artifact: Artifact) -> StepGraphs:
    """Opens the step graphs of an artifact.

    Raises:
        ArtifactError: one is missing, or was made for another representation.
    """
    when, what = step_arrays(artifact, 1)
    conditions = None
    if not artifact.manifest.conditioning.is_empty:
        conditions = open_session(artifact.file("told")).expect(when)
    return StepGraphs(
        conditions,
        open_session(artifact.file("when")).expect(when),
        open_session(artifact.file("what")).expect(what),
        artifact,
    )


def step_arrays(artifact: Artifact, size: int) -> tuple[Arrays, Arrays]:
    """Returns what the two step graphs read and write for so many pieces, by name; what both have is one array."""
    sizes, state_size, width = artifact.codec.sizes, artifact.number("state_size"), artifact.number("width")
    whole, real = np.int64, np.float32

    def controls(n: int) -> Arrays:
        return {
            "given": np.full((size, n), SAMPLE, whole),
            "temperature": np.ones((size, n), real),
            "top_p": np.ones((size, n), real),
            "uniform": np.zeros((size, n), real),
            "value": np.zeros((size, n), whole),
        }

    both = {
        "place": np.zeros((size, len(artifact.features.context_sizes)), whole),
        "recalled": np.zeros((size, len(artifact.features.pointer_sizes)), whole),
        "hidden": np.zeros((size, width), real),
    }
    when = {
        **both,
        **controls(1),
        "row": np.zeros((size, 5), whole),
        "state": np.zeros((size, state_size), real),
        "state_after": np.zeros((size, state_size), real),
        "shift_weights": np.zeros((size, sizes.shift), real),
    }
    what = {
        **both,
        **controls(N_DRAWS - 1),
        "shift": when["value"],
        "part_weights": np.zeros((size, sizes.part), real),
        "pitch_weights": np.zeros((size, sizes.part, sizes.pitch), real),
        "duration_weights": np.zeros((size, sizes.duration), real),
        "velocity_weights": np.zeros((size, sizes.velocity), real),
    }
    if not artifact.manifest.conditioning.is_empty:
        when["told"], when["reminder"] = np.zeros((2, size, width), real)
    if artifact.features.config.part_history:
        what["voices"] = np.tile(np.array(UNHEARD, whole), (size, sizes.part, 1))
    return when, what
