"""A trained composer as a directory that is safe to share: ``artifact.json``, ONNX graphs, plain arrays.

Nothing in it is executed: graphs run in onnxruntime, arrays are read without pickle. Every file is named in
``artifact.json`` with its SHA-256, and an artifact whose files differ is refused. Hashes say that nothing was damaged,
not that nobody meant harm: whoever changes a file can hash it anew. So all values are checked against the
representation before anything is composed, graphs read no files but those of their artifact, and weights are numbers.
"""

from __future__ import annotations

from componium.artifacts.artifact import (
    DISCRIMINATORS,
    FINGERPRINTS,
    FORM_TEMPLATES,
    HELD_OUT,
    PROCEDURE_VERSIONS,
    ROLE_TEMPLATES,
    STYLES,
    Artifact,
)
from componium.artifacts.at_hand import (
    artifact_folders,
    artifact_for,
    artifact_of_voices,
    load_artifact,
    trained_folders,
)
from componium.artifacts.manifest import (
    BITS_PER_NOTE,
    MANIFEST,
    SCHEMA_VERSION,
    CorpusCredit,
    CurvePoint,
    JudgedFigure,
    LearningCurve,
    Manifest,
    read_manifest,
)
from componium.artifacts.saving import save_artifact

__all__ = [
    "BITS_PER_NOTE",
    "DISCRIMINATORS",
    "FINGERPRINTS",
    "FORM_TEMPLATES",
    "HELD_OUT",
    "MANIFEST",
    "PROCEDURE_VERSIONS",
    "ROLE_TEMPLATES",
    "SCHEMA_VERSION",
    "STYLES",
    "Artifact",
    "CorpusCredit",
    "CurvePoint",
    "JudgedFigure",
    "LearningCurve",
    "Manifest",
    "artifact_folders",
    "artifact_for",
    "artifact_of_voices",
    "load_artifact",
    "read_manifest",
    "save_artifact",
    "trained_folders",
]
