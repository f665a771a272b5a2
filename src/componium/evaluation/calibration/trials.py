"""Composes pieces like training pieces with weights on trial, and measures their statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from componium.artifacts import Artifact
from componium.composing.compose import compose
from componium.composing.conditions import conditions_of
from componium.composing.plans import make_plan
from componium.composing.requests import ComposeRequest
from componium.conditioning.style_profile import StyleProfile
from componium.evaluation.calibration.statistics import MOST_BARS, MeasuredPiece, estimate_of
from componium.evaluation.calibration.training_pieces import TrainingPiece, on_grid
from componium.evaluation.calibration.tuned_weights import TunedWeight
from componium.evaluation.estimate import Estimate
from componium.features.form_pointer import form_of
from componium.representations.columns import DURATION, PART
from componium.score.harmony.chord_recognition import recognize_chords

PROGRESSIONS = ("C | Am | F | G7", "Dm7 | G7 | Cmaj7 | A7", "Em | C | G | D", "Bb | Gm | Cm7 | F")
"""Chords that are asked for, one progression after the other."""

_NO_CHORDS = np.empty(0, np.int16)

Estimates = dict[str, Estimate]
"""Figures of statistics by the names of their weights."""


def requests_like(
    artifact: Artifact, style: str, pieces: Sequence[TrainingPiece], count: int, seed: int
) -> list[ComposeRequest]:
    """Returns requests for the instruments, meters, tempos and lengths of pieces, which come again if they are fewer.

    The key is left to the composer: asked for, it would make notes outside it rarer than they are. Nothing is chosen
    among candidates: it is the composer itself that is measured.
    """
    has_meter = "time_signature" in artifact.manifest.controls
    found: list[ComposeRequest] = []
    for number in range(count):
        piece = pieces[number % len(pieces)]
        found.append(
            ComposeRequest(
                style=style or None,
                parts=_instruments(artifact, piece) if artifact.profile.chooses_parts else (),
                time_signature=piece.time_signature if has_meter else None,
                tempo_bpm=float(np.clip(piece.encoded.tempo_bpm, 10, 400)),
                bars=min(piece.encoded.n_bars, MOST_BARS),
                seed=100_000 * seed + number,
                best_of=1,
            )
        )
    return found


def _instruments(artifact: Artifact, piece: TrainingPiece) -> tuple[str, ...]:
    events = piece.encoded.events
    parts = np.unique(events[events[:, DURATION] > 0, PART]).tolist()
    own = (artifact.codec.config.parts[part] for part in parts)
    return tuple("drums" if part.is_drum else str(part.program) for part in own)


def training_estimates(
    artifact: Artifact, pieces: Sequence[TrainingPiece], weights: Sequence[TunedWeight]
) -> Estimates:
    """Returns the statistics of training pieces; those of chords are of pieces in 4/4."""
    codec = artifact.codec
    needs_chords = any(own.needs_chords for own in weights)
    measured: list[MeasuredPiece] = []
    for piece in pieces:
        meters = {(own.numerator, own.denominator) for own in piece.score.time_signatures}
        chords = recognize_chords(piece.score) if needs_chords and meters == {(4, 4)} else _NO_CHORDS
        back = form_of(piece.encoded, codec).tolist()
        measured.append(MeasuredPiece(codec, piece.score, piece.encoded, back, chords[: 4 * MOST_BARS]))
    return _estimates(measured, weights)


def composed_estimates(
    artifact: Artifact,
    requests: Sequence[ComposeRequest],
    values: Mapping[str, float],
    weights: Sequence[TunedWeight],
    on_piece: Callable[[int], None],
) -> Estimates:
    """Returns the statistics of what is composed with a style's weights on trial.

    Args:
        artifact: the composer.
        requests: of one style.
        values: of the style's weights.
        weights: whose statistics are wanted; all, or none, need chords.
        on_piece: called with how many pieces are composed.
    """
    style = requests[0].style or next(iter(artifact.profile.styles))
    trial = replace(artifact, trial=with_style(artifact.profile, style, values))
    over_chords = weights[0].needs_chords
    measured: list[MeasuredPiece] = []
    for number, request in enumerate(requests):
        if over_chords:
            chords = PROGRESSIONS[number % len(PROGRESSIONS)]
            request = request.model_copy(update={"chords": chords, "time_signature": "4/4"})  # noqa: PLW2901
        measured.append(_composed(trial, request))
        on_piece(number + 1)
    return _estimates(measured, weights)


def with_style(profile: StyleProfile, style: str, changes: Mapping[str, Any]) -> StyleProfile:
    """Returns a profile with some fields of a style changed."""
    changed = profile.styles[style].model_copy(update=dict(changes))
    return profile.model_copy(update={"styles": {**profile.styles, style: changed}})


def _composed(trial: Artifact, request: ComposeRequest) -> MeasuredPiece:
    codec = trial.codec
    conditions = conditions_of(trial, make_plan(trial, request), 0)
    # Through the same hands as training pieces: the composer's grid and back.
    encoded = codec.encode(compose(trial, request)[0].score)
    chords = conditions.controls.chords if request.chords else _NO_CHORDS
    return MeasuredPiece(codec, on_grid(trial, encoded), encoded, conditions.back, chords)


def _estimates(pieces: Sequence[MeasuredPiece], weights: Sequence[TunedWeight]) -> Estimates:
    return {own.name: estimate_of([own.measure(piece) for piece in pieces]) for own in weights}
