"""Calibrates an artifact by its training music, style by style, and writes a new one with the profile found."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from componium.artifacts import DISCRIMINATORS, STYLES, Artifact, save_artifact
from componium.composing.requests import ComposeRequest
from componium.conditioning.style_profile import Style, StyleProfile
from componium.discriminators import Discriminators
from componium.errors import RequestError
from componium.evaluation.calibration.discriminating import FittedDiscriminator, fit_discriminator
from componium.evaluation.calibration.search import Goal, settle
from componium.evaluation.calibration.state import State
from componium.evaluation.calibration.training_pieces import TrainingPiece, music_digest, read_training_pieces
from componium.evaluation.calibration.trials import (
    Estimates,
    composed_estimates,
    requests_like,
    training_estimates,
    with_style,
)
from componium.evaluation.calibration.tuned_weights import TunedWeight, weights_of
from componium.evaluation.calibration.usual import usual_tempo
from componium.evaluation.estimate import Estimate

Progress = Callable[[str, float], None]
"""Called with what is being done, and the share of all work that is done."""


@dataclass(frozen=True)
class CalibrationSettings:
    """How much is composed.

    Attributes:
        styles: those that are calibrated; none: all.
        pieces: composed for each setting of the weights.
        rounds: over the weights of a style, at most.
        seed: draws training pieces and composes.
        tunes: whether weights and tempos are set; else they stay, and discriminators alone are trained.
    """

    styles: tuple[str, ...] = ()
    pieces: int = 40
    rounds: int = 3
    seed: int = 1
    tunes: bool = True


class WeightRow(NamedTuple):
    """What was found for a weight: its statistic in training pieces, and composed before and after."""

    weight: TunedWeight
    training: Estimate
    before: Estimate
    after: Estimate
    value_before: float
    value_after: float


class StyleReport(NamedTuple):
    """What was found for a style.

    Attributes:
        style: its name.
        n_pieces: training pieces that were read.
        tempo_before, tempo_after: in quarters a minute.
        weights: those that could be measured.
        discriminator: None where training pieces are too few for one.
    """

    style: str
    n_pieces: int
    tempo_before: float
    tempo_after: float
    weights: tuple[WeightRow, ...]
    discriminator: FittedDiscriminator | None


class Calibration(NamedTuple):
    """A profile with its discriminators, and what was found for each style that was calibrated."""

    profile: StyleProfile
    discriminators: Discriminators
    reports: tuple[StyleReport, ...]


def calibrate(
    artifact: Artifact, data: Path, settings: CalibrationSettings, state: State, progress: Progress
) -> Calibration:
    """Returns the artifact's profile and discriminators with the styles calibrated.

    Args:
        artifact: its weights are where the search begins.
        data: the folder of its corpus, or of the folders of several.
        settings: equal ones give equal profiles.
        state: what was measured before, if it was stopped.
        progress: is told how far it is.

    Raises:
        RequestError: the composer has no such style.
        CorpusError: a corpus is missing, or none of its pieces is a training piece.
        MissingExtraError: scikit-learn is not installed.
    """
    profile, discriminators = artifact.profile, dict(artifact.discriminators.by_style)
    unknown = [name for name in settings.styles if name not in profile.styles]
    if unknown:
        known = ", ".join(name for name in profile.styles if name) or "none by name"
        raise RequestError(f"{artifact.manifest.name} has no style {unknown[0]!r}; it has {known}")
    styles = settings.styles or tuple(profile.styles)
    reports: list[StyleReport] = []
    for number, name in enumerate(styles):

        def within(what: str, share: float, number: int = number, name: str = name) -> None:
            progress(f"{name}: {what}" if name else what, (number + share) / len(styles))

        within("reading training pieces", 0.0)
        pieces = read_training_pieces(artifact, name, data, settings.seed)
        calibration = _StyleCalibration(artifact, name, pieces, settings, state, within)
        report, changes = calibration.run()
        reports.append(report)
        profile = with_style(profile, name, changes)
        # One that was trained against other weights is of no use.
        discriminators.pop(name, None)
        if report.discriminator:
            discriminators[name] = report.discriminator.model
    progress("done", 1.0)
    return Calibration(profile, Discriminators(discriminators), tuple(reports))


def write_calibrated(artifact: Artifact, found: Calibration, target: Path) -> Artifact:
    """Writes the artifact as calibrated, else unchanged, into a directory, which may be its own."""
    written = {STYLES: found.profile.to_bytes()}
    if found.discriminators.by_style:
        written[DISCRIMINATORS] = found.discriminators.to_bytes()
    kept = [name for name in artifact.manifest.files if name not in (STYLES, DISCRIMINATORS)]
    with tempfile.TemporaryDirectory() as folder:
        for name in kept:
            shutil.copyfile(artifact.folder / name, Path(folder) / name)
        for name, content in written.items():
            (Path(folder) / name).write_bytes(content)
        return save_artifact(Path(folder), (*kept, *written), artifact.manifest, target)


class _StyleCalibration:
    """The calibration of one style."""

    def __init__(
        self,
        artifact: Artifact,
        style: str,
        pieces: Sequence[TrainingPiece],
        settings: CalibrationSettings,
        state: State,
        progress: Progress,
    ) -> None:
        self._artifact = artifact
        self._name = style
        self._style: Style = artifact.profile.styles[style]
        self._pieces = pieces
        self._settings = settings
        self._state = state
        self._progress = progress
        self._weights = {own.name: own for own in weights_of(artifact)} if pieces and settings.tunes else {}
        self._music = (style, music_digest(pieces))
        self._requests: list[ComposeRequest] = []
        if self._weights:
            self._requests = requests_like(artifact, style, pieces, settings.pieces, settings.seed)
        self._share = 0.0

    def run(self) -> tuple[StyleReport, dict[str, Any]]:
        """Returns the report, and the fields of the style that change."""
        before = self._style.tempo_bpm
        tempo = (usual_tempo(self._pieces) if self._settings.tunes else None) or before
        rows, values = self._tune() if self._weights else ((), {})
        changes = {"tempo_bpm": tempo, **values}
        discriminator = self._discriminator(changes)
        return StyleReport(self._name, len(self._pieces), before, tempo, rows, discriminator), changes

    def _discriminator(self, changes: Mapping[str, Any]) -> FittedDiscriminator | None:
        """The discriminator of the style as it has become."""
        profile = with_style(self._artifact.profile, self._name, changes)
        composer = replace(self._artifact, trial=profile)
        count = len(self._pieces)
        requests = requests_like(composer, self._name, self._pieces, count, self._settings.seed)

        def on_piece(number: int) -> None:
            self._progress(f"discriminator, composed like piece {number} of {count}", self._share)

        return fit_discriminator(composer, self._pieces, requests, self._settings.seed, on_piece)

    def _tune(self) -> tuple[tuple[WeightRow, ...], dict[str, float]]:
        weights = list(self._weights.values())
        training = _from_json(
            self._state.once(
                ("training", *self._music),
                lambda: _to_json(training_estimates(self._artifact, self._pieces, weights)),
            )
        )
        start = {name: float(getattr(self._style, name)) for name in self._weights}
        before = {name: self._measure(name, start) for name in self._weights}
        measurable = [own for own in weights if _is_defined(training[own.name]) and _is_defined(before[own.name])]
        goals = [Goal(own.name, training[own.name], own.rises, own.low, own.high, own.step) for own in measurable]

        def on_goal(number: int, goal: Goal) -> None:
            self._share = (number + (goals.index(goal) + 1) / len(goals)) / self._settings.rounds

        values = settle(goals, start, self._measure, self._settings.rounds, on_goal)
        rows = tuple(
            WeightRow(own, training[own.name], before[own.name], self._measure(own.name, values), start[own.name],
                      values[own.name])
            for own in measurable
        )  # fmt: skip
        return rows, values

    def _measure(self, name: str, values: Mapping[str, float]) -> Estimate:
        """The statistic of a weight in what is composed with all weights."""
        # Of one set of pieces all statistics are measured that can be.
        over_chords = self._weights[name].needs_chords
        wanted = [own for own in self._weights.values() if own.needs_chords == over_chords]

        def on_piece(count: int) -> None:
            self._progress(f"{name} {values[name]:g}, piece {count} of {len(self._requests)}", self._share)

        def compute() -> dict[str, list[float]]:
            return _to_json(composed_estimates(self._artifact, self._requests, values, wanted, on_piece))

        asked = {key: value for key, value in asdict(self._settings).items() if key in ("pieces", "seed")}
        arguments = ("composed", *self._music, asked, over_chords, dict(values))
        return _from_json(self._state.once(arguments, compute))[name]


def _is_defined(estimate: Estimate) -> bool:
    return estimate.value == estimate.value


def _to_json(estimates: Estimates) -> dict[str, list[float]]:
    return {name: list(own) for name, own in estimates.items()}


def _from_json(content: Mapping[str, Sequence[float]]) -> Estimates:
    return {name: Estimate(*own) for name, own in content.items()}
