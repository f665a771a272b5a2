"""The trained composer as the rest of the program sees it; what a file of it holds is read when it is needed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from componium.artifacts.manifest import MANIFEST, Manifest
from componium.conditioning.controls import NOT_GIVEN, AnyConditions, only_parts
from componium.conditioning.form_templates import FormTemplates, form_templates_of
from componium.conditioning.role_templates import RoleTemplates
from componium.conditioning.style_profile import StyleProfile, read_profile
from componium.discriminators import Discriminators
from componium.errors import ArtifactError
from componium.features.feature_set import FeatureSet
from componium.fingerprints import Collection, Contrast
from componium.representations import Representation, representation_of
from componium.representations.columns import DURATION, PART
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score
from componium.score.instruments import BAND_BY_NAME

FINGERPRINTS = "fingerprints.npz"
HELD_OUT = "held_out.npz"
FORM_TEMPLATES = "form_templates.npz"
ROLE_TEMPLATES = "role_templates.npz"
STYLES = "styles.json"
DISCRIMINATORS = "discriminators.npz"
_RANGE = re.compile(r"(\d{1,3})-(\d{1,3})")
MAX_NUMBER = 2**22
"""Largest number of a signature: sizes of arrays that are kept for each piece.

The largest needed is the state of ``recipes/transformer-large.toml``, the keys and values of 2,047 notes in 6 layers:
3,144,198 numbers of 4 bytes.
"""

PROCEDURE_VERSIONS: Mapping[str, int] = {
    "note-by-note": 4, "n-gram": 5, "gibbs": 4, "word-by-word": 1, "ensemble": 2, "latent": 1, "latent-sequence": 1
}  # fmt: skip
"""Version of each sampling procedure, for all code that composes with it: conditions, constraints and the procedure.

It is raised whenever equal requests give other notes than before (``tests/composing/test_versions.py``).
"""


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

    def only_parts_of(self, piece: EncodedNotes, style: int = NOT_GIVEN) -> AnyConditions:
        """Returns the conditions that give no more of a piece than which parts play, and perhaps the style (from 1)."""
        plays = np.zeros(len(self.codec.config.parts), bool)
        plays[piece.events[piece.events[:, DURATION] > 0, PART]] = True
        return only_parts(self.manifest.conditioning, plays, style)

    @cached_property
    def digest(self) -> str:
        """Identity of the composer: a hash over files, settings and procedure version, not over figures or names."""
        manifest, version = self.manifest, self.procedure_version
        network = manifest.model_dump(mode="json", include={"features", "conditioning"})
        parts = [manifest.representation, network, manifest.signature, manifest.files, version]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def procedure_version(self) -> int:
        """Version of its sampling procedure in this Componium; 0 of one that Componium lacks."""
        return PROCEDURE_VERSIONS.get(self.manifest.procedure, 0)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels of the pieces it was trained on, from 1."""
        return self.manifest.labels

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
        profile = read_profile(self.folder / STYLES)
        self._check_profile(profile)
        return profile

    def _check_profile(self, profile: StyleProfile) -> None:
        """Checks that a profile has the styles that the network knows, and names no other parts than its own."""
        path, styles = self.folder / STYLES, self.manifest.conditioning.styles
        if styles and tuple(profile.styles) != styles:
            raise ArtifactError(f"{path}: styles: not those of {MANIFEST}, in their order")
        parts = {part.name for part in self.codec.config.parts}
        for name, style in profile.styles.items():
            named = set(style.full_band).union(*style.ensembles)
            if not named <= parts:
                raise ArtifactError(f"{path}: style {name!r}: the composer has no part {min(named - parts)!r}")
            if not style.ensembles:
                raise ArtifactError(f"{path}: style {name!r}: there is no ensemble to draw")

    @property
    def can_harmonize(self) -> bool:
        """Whether it is of voices: its parts are always the same, and it accompanies a melody.

        Raises:
            ArtifactError: see :attr:`profile`.
        """
        return "accompany" in self.manifest.tasks and not self.profile.chooses_parts

    @cached_property
    def fingerprints(self) -> Collection:
        """Fingerprints of the pieces that it was trained on.

        Raises:
            ArtifactError: it carries none.
        """
        if FINGERPRINTS not in self.manifest.files:
            raise ArtifactError(f"{self.folder}: the artifact carries no fingerprints of its training pieces")
        return Collection.load(self.folder / FINGERPRINTS)

    def is_near_training(self, score: Score) -> bool:
        """Returns whether a piece shares more with a training piece than human pieces of that style do.

        Raises:
            ArtifactError: the artifact carries no fingerprints.
        """
        training = self.fingerprints
        lines = training.lines_of(score)
        match = training.longest_match(lines)
        return match.n_notes > 0 and self.contrast.is_near(lines.n_notes, match.n_notes, training.styles[match.piece])

    @cached_property
    def discriminators(self) -> Discriminators:
        """Classifiers of its own pieces and human ones, by style; none where it was not calibrated."""
        if DISCRIMINATORS not in self.manifest.files:
            return Discriminators({})
        found = Discriminators.load(self.folder / DISCRIMINATORS)
        unknown = [style for style in found.by_style if style not in self.profile.styles]
        if unknown:
            raise ArtifactError(f"{self.folder / DISCRIMINATORS}: {unknown[0]!r} is no style of the composer")
        return found

    @cached_property
    def form_templates(self) -> FormTemplates:
        """Form templates from its training pieces; none where it has no conditions."""
        if FORM_TEMPLATES not in self.manifest.files:
            return form_templates_of(())
        found = FormTemplates.load(self.folder / FORM_TEMPLATES)
        self._check_styles(found.style, FORM_TEMPLATES)
        return found

    @cached_property
    def role_templates(self) -> RoleTemplates | None:
        """Role templates from its training pieces; None where it has no conditions."""
        if ROLE_TEMPLATES not in self.manifest.files:
            return None
        found = RoleTemplates.load(self.folder / ROLE_TEMPLATES)
        self._check_styles(found.style, ROLE_TEMPLATES)
        if found.roles.shape[2] != len(self.codec.config.parts):
            raise ArtifactError(f"{self.folder / ROLE_TEMPLATES}: its roles are not for the composer's parts")
        return found

    def _check_styles(self, style: NDArray[np.integer[Any]], filename: str) -> None:
        if len(style) and not 1 <= style.min() <= style.max() <= len(self.manifest.conditioning.styles):
            raise ArtifactError(f"{self.folder / filename}: a style is none of the composer's")

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
        if not isinstance(name, str) or name not in self.manifest.files:
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
        if not 1 <= value <= MAX_NUMBER:
            raise ArtifactError(f"{self.folder}: the artifact's number {role!r} is outside 1 to {MAX_NUMBER}")
        return value

    @cached_property
    def part_ranges(self) -> tuple[tuple[int, int], ...]:
        """The lowest and highest pitch of each part: those of its instrument, else those that it had in training.

        Where neither is known a part plays any pitch.

        Raises:
            ArtifactError: the signature has ranges that are none.
        """
        parts = self.codec.config.parts
        words = self.manifest.signature.get("ranges", " ".join(["0-127"] * len(parts)))
        found = [_RANGE.fullmatch(word) for word in words.split()] if isinstance(words, str) else []
        if len(found) != len(parts) or not all(found):
            raise ArtifactError(f"{self.folder}: the artifact's signature has ranges that are not those of its parts")
        learned = [(int(own[1]), int(own[2])) for own in found if own]
        known = (BAND_BY_NAME.get(part.name) for part in parts)
        return tuple(learned[place] if own is None else (own.low, own.high) for place, own in enumerate(known))
