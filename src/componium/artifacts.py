"""Reads and writes artifacts: a trained composer as a directory of ``artifact.json``, ONNX graphs and arrays.

Nothing in it is executed: graphs run in onnxruntime, arrays are read without pickle. Every file is named in
``artifact.json`` with its SHA-256, and an artifact whose files differ is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from componium.conditioning.controls import AnyConditions, ConditioningConfig, only_parts
from componium.conditioning.form_templates import FormTemplates, form_templates_of
from componium.conditioning.role_templates import RoleTemplates
from componium.conditioning.style_profile import StyleProfile, read_profile
from componium.errors import ArtifactError, RepresentationError
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.fingerprints import Collection, Contrast
from componium.representations import Representation, representation_of
from componium.representations.columns import DURATION, PART
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes

SCHEMA_VERSION = 3
MANIFEST = "artifact.json"
FINGERPRINTS = "fingerprints.npz"
HELD_OUT = "held_out.npz"
FORM_TEMPLATES = "form_templates.npz"
ROLE_TEMPLATES = "role_templates.npz"
STYLES = "styles.json"
EMBEDDED = Path(__file__).parent / "embedded"

PROCEDURE_VERSIONS: Mapping[str, int] = {"note-by-note": 2, "n-gram": 2}
"""Version of each sampling procedure, for all code that composes with it: conditions, constraints and the procedure.

It is raised whenever equal requests give other notes than before (``tests/composing/test_versions.py``).
"""


class CorpusCredit(BaseModel):
    """A corpus that the composer learned from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    licence: str
    citation: str
    pieces: int
    redistributable: bool | None = Field(
        default=None, description="whether what was learned from it may be shipped; None: it was not asked"
    )
    meters: dict[str, int] = Field(default={}, description="training pieces by the time signature that they begin in")
    manifest: str = Field(description="SHA-256 over the names, splits and bytes of the files used")


class Manifest(BaseModel):
    """The content of ``artifact.json``.

    Attributes:
        procedure: name of the sampling procedure, which alone understands ``signature``.
        tasks, controls: what requests it fulfils.
        labels: of the pieces it was trained on, from 1; 0 is none of them.
        begun_from: digest of the artifact whose weights its training began with; empty: it began anew.
        figures: figure on the test pieces -> value, its interval where it has one.
        files: file name -> SHA-256.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    name: str
    family: str
    representation: dict[str, Any]
    features: FeatureConfig = FeatureConfig()
    conditioning: ConditioningConfig = ConditioningConfig()
    procedure: str
    signature: dict[str, Any]
    tasks: tuple[str, ...]
    controls: tuple[str, ...]
    labels: tuple[str, ...] = ()
    corpora: tuple[CorpusCredit, ...]
    recipe: dict[str, Any]
    seed: int
    commit: str
    begun_from: str = ""
    figures: dict[str, Any]
    files: dict[str, str]


@dataclass(frozen=True, eq=False)
class Artifact:
    """A trained composer on disk, its files checked; ``trial`` is a profile to try in place of its own."""

    folder: Path
    manifest: Manifest
    trial: StyleProfile | None = None

    @cached_property
    def representation(self) -> Representation:
        """The view of note events that its network reads and writes."""
        return representation_of(self.manifest.representation)

    @property
    def codec(self) -> NoteCodec:
        """Turns scores into note events, and back."""
        return self.representation.codec

    @cached_property
    def features(self) -> FeatureSet:
        """The features that its network reads."""
        conditioning, codec = self.manifest.conditioning, self.codec
        sizes = conditioning.sizes(len(codec.config.parts))
        return FeatureSet(codec, self.manifest.features, sizes, conditioning.n_changing)

    def only_parts_of(self, piece: EncodedNotes) -> AnyConditions:
        """Returns the conditions that give no more of a piece than which parts play."""
        plays = np.zeros(len(self.codec.config.parts), bool)
        plays[piece.events[piece.events[:, DURATION] > 0, PART]] = True
        return only_parts(self.manifest.conditioning, plays)

    @cached_property
    def digest(self) -> str:
        """Identity of the composer: a hash over all that composes, code by its version, not over figures or names."""
        composing = {
            name: digest for name, digest in self.manifest.files.items() if name not in (FINGERPRINTS, HELD_OUT)
        }
        manifest, version = self.manifest, self.procedure_version
        network = manifest.model_dump(mode="json", include={"features", "conditioning"})
        parts = [manifest.representation, network, manifest.signature, composing, version]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def procedure_version(self) -> int:
        """Version of its sampling procedure in this Componium; 0 of one that Componium lacks."""
        return PROCEDURE_VERSIONS.get(self.manifest.procedure, 0)

    @cached_property
    def profile(self) -> StyleProfile:
        """Its style profile: what was chosen or tuned for it.

        Raises:
            ArtifactError: it carries none, or a damaged one.
        """
        if self.trial is not None:
            return self.trial
        if STYLES not in self.manifest.files:
            raise ArtifactError(f"{self.folder}: the artifact has no {STYLES}; get the artifact again")
        return read_profile(self.folder / STYLES)

    @cached_property
    def fingerprints(self) -> Collection:
        """Fingerprints of the pieces that it was trained on.

        Raises:
            ArtifactError: it carries none.
        """
        if FINGERPRINTS not in self.manifest.files:
            raise ArtifactError(f"{self.folder}: the artifact carries no fingerprints of its training pieces")
        return Collection.load(self.folder / FINGERPRINTS)

    @cached_property
    def form_templates(self) -> FormTemplates:
        """Form templates from its training pieces; none where it has no conditions."""
        if FORM_TEMPLATES not in self.manifest.files:
            return form_templates_of(())
        return FormTemplates.load(self.folder / FORM_TEMPLATES)

    @cached_property
    def role_templates(self) -> RoleTemplates | None:
        """Role templates from its training pieces; None where it has no conditions."""
        return RoleTemplates.load(self.folder / ROLE_TEMPLATES) if ROLE_TEMPLATES in self.manifest.files else None

    @cached_property
    def contrast(self) -> Contrast:
        """Lengths of the runs that held-out pieces of its corpus share with its training pieces.

        Raises:
            ArtifactError: it does not say.
        """
        if HELD_OUT not in self.manifest.files:
            raise ArtifactError(f"{self.folder}: the artifact does not say what held-out pieces share with its own")
        return Contrast.load(self.folder / HELD_OUT)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum((self.folder / name).stat().st_size for name in (*self.manifest.files, MANIFEST))

    def file(self, role: str) -> Path:
        """Returns the path of the file that plays a role in the signature.

        Raises:
            ArtifactError: the signature names none for it, or one that is not there.
        """
        name = self.manifest.signature.get(role)
        if name not in self.manifest.files:
            raise ArtifactError(f"{self.folder}: the artifact has no file for {role!r}")
        return self.folder / name

    def number(self, role: str) -> int:
        """Returns a whole number of the signature.

        Raises:
            ArtifactError: the signature has none by that name.
        """
        value = self.manifest.signature.get(role)
        if not isinstance(value, int):
            raise ArtifactError(f"{self.folder}: the artifact's signature has no number {role!r}")
        return value


def load_artifact(name: str | os.PathLike[str]) -> Artifact:
    """Opens an artifact by its directory, or by the name of one at hand.

    Raises:
        ArtifactError: there is none, it is of another schema version, or a file is missing or damaged.
    """
    folder = Path(name)
    # A folder of composed pieces may be called after their composer.
    if not (folder / MANIFEST).is_file():
        at_hand = {path.name: path for path in (*trained_folders(), *artifact_folders())}
        if str(name) not in at_hand and folder.is_dir():
            raise ArtifactError(f"{folder}: no artifact (there is no {MANIFEST} in it)")
        if str(name) not in at_hand:
            known = ", ".join(at_hand) or "none"
            raise ArtifactError(f"no artifact {str(name)!r}: give a directory with {MANIFEST}, or one of: {known}")
        folder = at_hand[str(name)]
    manifest = read_manifest(folder)
    try:
        representation_of(manifest.representation)
    except RepresentationError as error:
        raise ArtifactError(f"{folder / MANIFEST}: {error}") from error
    for filename, digest in manifest.files.items():
        path = folder / filename
        # A name with a path in it would reach outside the directory.
        if Path(filename).name != filename or not path.is_file():
            raise ArtifactError(f"{folder}: the artifact's file {filename} is missing")
        if _sha256_once(path) != digest:
            raise ArtifactError(f"{path}: damaged (its SHA-256 is not the one in {MANIFEST}); get the artifact again")
    return Artifact(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """Reads ``artifact.json`` of a directory without checking the other files.

    Raises:
        ArtifactError: it is missing, unreadable or of another schema version.
    """
    path = folder / MANIFEST
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArtifactError(f"{folder}: no artifact ({MANIFEST} cannot be read: {error.strerror})") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: not JSON ({error})") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise ArtifactError(f"{path}: schema version {version}, where this Componium reads version {SCHEMA_VERSION}")
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise ArtifactError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def artifact_folders() -> list[Path]:
    """Directories of the artifacts at hand: in the folders of ``COMPONIUM_MODELS``, and embedded in the package."""
    listed = os.environ.get("COMPONIUM_MODELS", "")
    roots = [*(Path(root) for root in listed.split(os.pathsep) if root), EMBEDDED]
    found = (path for root in roots if root.is_dir() for path in sorted(root.iterdir()))
    return [path for path in found if (path / MANIFEST).is_file()]


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
    manifests = [(folder, read_manifest(folder)) for folder in artifact_folders()]
    able = [(folder, manifest) for folder, manifest in manifests if task in manifest.tasks]
    if not able:
        raise ArtifactError(
            f"no installed composer can {task}: train one, and set COMPONIUM_MODELS to the folder that holds its folder"
        )
    able = [own for own in able if set(controls) <= set(own[1].controls)] or able
    return load_artifact(min(able, key=lambda own: (_is_beatless(own[1]), -len(own[1].controls)))[0])


def _is_beatless(manifest: Manifest) -> bool:
    return manifest.representation.get("unit") == "second"


# What no composer may refuse.
_ALWAYS_ASKED = ("bars", "seconds", "tempo", "parts", "seed", "count")


def card(artifact: Artifact) -> str:
    """Returns what a user should know of a composer, as lines of text."""
    manifest = artifact.manifest
    lines = [
        f"{manifest.name} ({artifact.digest})",
        f"  family       {manifest.family}, {artifact.size / 1e6:.1f} MB, {manifest.signature.get('precision', '')}",
        f"  tasks        {', '.join(manifest.tasks)}",
        f"  controls     {', '.join(dict.fromkeys((*_ALWAYS_ASKED, *manifest.controls)))}",
        f"  parts        {', '.join(part.name for part in artifact.codec.config.parts)}",
    ]
    if manifest.conditioning.styles:
        lines.append(f"  styles       {', '.join(manifest.conditioning.styles)}")
    if manifest.begun_from:
        lines.append(f"  begun from   the weights of {manifest.begun_from}")
    for corpus in manifest.corpora:
        lines.append(f"  learned from {corpus.title}; {_pieces_used(corpus)}; {corpus.licence}")
        if corpus.meters:
            meters = ", ".join(f"{meter} in {count}" for meter, count in corpus.meters.items())
            lines.append(f"  meters       {meters}")
    withheld = [corpus.title for corpus in manifest.corpora if corpus.redistributable is False]
    if withheld:
        lines.append(
            f"  sharing      for experiments only, not to be shipped: no licence allows it ({'; '.join(withheld)})"
        )
    test = manifest.figures.get("test", {})
    if "bits_per_note" in test:
        interval = f"{test['bits_per_note_low']:.2f} to {test['bits_per_note_high']:.2f}"
        lines.append(
            f"  test pieces  {test['bits_per_note']:.2f} bits per note ({interval}), {test['pieces']:.0f} pieces"
        )
    lines.append(f"  directory    {artifact.folder}")
    return "\n".join(lines)


def _pieces_used(corpus: CorpusCredit) -> str:
    return f"{corpus.pieces} pieces" if corpus.pieces else "only loops laid under pieces of others"


def save_artifact(source: Path, filenames: Iterable[str], manifest: Manifest, target: Path) -> Artifact:
    """Writes files and manifest into the directory ``target``, which appears, or is replaced, only when complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        files: dict[str, str] = {}
        for filename in filenames:
            shutil.copyfile(source / filename, part / filename)
            files[filename] = _sha256(part / filename)
        whole = manifest.model_copy(update={"files": files})
        (part / MANIFEST).write_text(whole.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Artifact(target, whole)


# The state of a file -> its SHA-256, for as long as the process lives.
_HASHES: dict[tuple[int, ...], str] = {}
# A file changed twice within one tick of the file system's clock has one state for two contents.
_SETTLED_NS = 1_000_000_000


def _sha256_once(path: Path) -> str:
    """The SHA-256 of a file, computed anew only when the file has changed since the last call."""
    state = _state(path)
    if state not in _HASHES:
        digest = _sha256(path)
        if state != _state(path) or time.time_ns() - path.stat().st_mtime_ns < _SETTLED_NS:
            return digest
        _HASHES[state] = digest
    return _HASHES[state]


def _state(path: Path) -> tuple[int, ...]:
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
