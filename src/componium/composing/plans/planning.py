"""A request made definite for one composer: style, length, meter, tempo and instruments settled, the prompt read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from componium.artifacts import Artifact
from componium.composing.ensembles import style_of
from componium.composing.plans.plan import (
    AccompanyPlan,
    AnyPlan,
    ComposePlan,
    ContinuePlan,
    InfillPlan,
    Settled,
)
from componium.composing.plans.segments import blend_plan, restyle_plan, vary_plan
from componium.composing.plans.settling import encoded_prompt, last_step, length_of, programs_of
from componium.composing.prompts import (
    assign_parts,
    encoded_melody,
    fixed_around,
    melody_of,
    parts_that_go_on,
    read_prompt,
    track_numbers,
)
from componium.composing.requests import (
    ALL,
    DRUMS,
    MAX_BARS,
    TIME_SIGNATURE,
    UNIVERSAL,
    AccompanyRequest,
    AnyRequest,
    BlendRequest,
    ComposeRequest,
    ContinueRequest,
    InfillRequest,
    RestyleRequest,
    VaryRequest,
    asked_fields,
)
from componium.conditioning.style_profile import MOST_CANDIDATES
from componium.errors import PromptError, RequestError
from componium.representations.columns import DURATION, SHIFT
from componium.score import TimeSignature
from componium.score.tempo_map import main_tempo


def _with_candidates(artifact: Artifact, request: AnyRequest, style: str, most: int) -> AnyRequest:
    """The request with a number of candidates, at most so many if it names none.

    Without a discriminator there is nothing to choose by.

    Raises:
        RequestError: several were asked for, and there is no discriminator.
    """
    can_choose = style in artifact.discriminators.by_style
    if request.best_of is None:
        usual = min(artifact.profile.best_of, most) if can_choose and isinstance(request, ComposeRequest) else 1
        return request.model_copy(update={"best_of": usual}) if usual > 1 else request
    if request.best_of > 1 and not can_choose:
        name, of_style = artifact.manifest.name, f" of style {style!r}" if style else ""
        raise RequestError(
            f"{{best_of}}: {name} has no discriminator{of_style} to choose by; 'componium calibrate' makes one"
        )
    return request


def refuse_what_it_lacks(artifact: Artifact, request: AnyRequest) -> None:
    """Checks that the composer can do what is asked.

    Raises:
        RequestError: it lacks the task or a control, which is named.
    """
    name, manifest = artifact.manifest.name, artifact.manifest
    if request.task not in manifest.tasks:
        raise RequestError(f"{name} cannot {request.task}; it can {', '.join(manifest.tasks)}")
    asked = asked_fields(request)
    if not artifact.profile.chooses_parts and any(part in (ALL, DRUMS) or ":" in part for part in request.parts):
        raise RequestError(
            f"{{parts}}: {name} is no band, it plays {', '.join(p.name for p in artifact.codec.config.parts)}"
        )
    for control in asked:
        if control not in UNIVERSAL and control not in manifest.controls:
            has = ", ".join(f"{{{own}}}" for own in manifest.controls) or "no controls"
            raise RequestError(f"{name} has no control {{{control}}}; it has {has}")


def make_plan(artifact: Artifact, request: AnyRequest, most_candidates: int = MOST_CANDIDATES) -> AnyPlan:
    """Settles a request.

    Args:
        artifact: the composer.
        request: what is asked of it.
        most_candidates: that are composed for each phrase of a request which says nothing of them.

    Raises:
        RequestError: the composer cannot do it.
    """
    refuse_what_it_lacks(artifact, request)
    name = style_of(artifact, request).name
    request = _with_candidates(artifact, request, name, most_candidates)
    style = artifact.profile.styles[name]
    temperature = artifact.profile.temperature if request.temperature is None else request.temperature
    settled = Settled(request, name, style, temperature, style.top_p if request.top_p is None else request.top_p)
    return _PLANNERS[type(request)](artifact, request, settled)


def _compose_plan(artifact: Artifact, request: ComposeRequest, settled: Settled) -> ComposePlan:
    codec = artifact.codec
    matched = TIME_SIGNATURE.fullmatch(request.time_signature or "4/4")
    assert matched is not None  # noqa: S101 - the request was validated
    meter = (TimeSignature(0, int(matched[1]), int(matched[2])),)
    tempo = request.tempo_bpm or settled.style.tempo_bpm
    n_bars, end_step, tempo = length_of(codec, settled, meter, tempo)
    return ComposePlan(
        **settled._asdict(),
        meter=meter,
        first_step=0,
        end_step=end_step,
        n_bars=n_bars,
        tempo_bpm=tempo,
        programs=programs_of(artifact, request.parts),
    )


def _continue_plan(artifact: Artifact, request: ContinueRequest, settled: Settled) -> ContinuePlan:
    codec, score = artifact.codec, read_prompt(artifact, request).score
    named, track_parts = parts_that_go_on(artifact, score)
    encoded = encoded_prompt(codec, named, score)
    tempo = request.tempo_bpm or score.tempos[-1].tempo_bpm
    last = (encoded.meter[-1]._replace(onset=0),)
    more_bars, more_steps, _ = length_of(codec, settled, last, tempo)
    n_bars = encoded.n_bars + more_bars
    grid = codec.bar_grid(encoded.meter)
    first = int(grid.start_of(encoded.n_bars))
    end = first + more_steps
    if codec.config.unit == "second":
        # Without a beat nothing is waited for: it goes on behind the last onset.
        onset = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
        first = max(int(onset[-1]), last_step(codec, score)) + 1
        heard = int((onset + codec.durations[encoded.events[:, DURATION]]).max())
        end = max(heard, first) + more_steps
        n_bars = grid.count(end)
    return ContinuePlan(
        **settled._asdict(),
        meter=encoded.meter,
        first_step=first,
        end_step=end,
        n_bars=n_bars,
        tempo_bpm=tempo,
        programs=programs_of(artifact, request.parts, named),
        prompt=score,
        track_parts=track_parts,
        encoded=replace(encoded, n_bars=n_bars),
    )


def _accompany_plan(artifact: Artifact, request: AccompanyRequest, settled: Settled) -> AccompanyPlan:
    codec, score = artifact.codec, read_prompt(artifact, request).score
    melody = melody_of(score, request.track)
    encoded, _ = encoded_melody(artifact, melody, ())
    if encoded.n_bars > MAX_BARS:
        raise PromptError(f"{encoded.n_bars} bars to accompany are more than the limit of {MAX_BARS}")
    return AccompanyPlan(
        **settled._asdict(),
        meter=encoded.meter,
        first_step=0,
        end_step=int(codec.bar_grid(encoded.meter).start_of(encoded.n_bars)),
        n_bars=encoded.n_bars,
        tempo_bpm=request.tempo_bpm or main_tempo(score),
        programs=programs_of(artifact, request.parts),
        prompt=melody,
    )


def _infill_plan(artifact: Artifact, request: InfillRequest, settled: Settled) -> InfillPlan:
    codec, score = artifact.codec, read_prompt(artifact, request).score
    renamed, track_parts = assign_parts(artifact, score)
    encoded = encoded_prompt(codec, renamed, score)
    if not request.first_bar <= request.last_bar <= encoded.n_bars:
        raise PromptError(
            f"{{first_bar}} {request.first_bar} to {request.last_bar}: not within the prompt's {encoded.n_bars} bars"
        )
    grid = codec.bar_grid(encoded.meter)
    first, end = (int(grid.start_of(bar)) for bar in (request.first_bar - 1, request.last_bar))
    tracks = track_numbers(score.tracks, request.tracks, "tracks")
    free = _free_parts(track_parts, tracks)
    return InfillPlan(
        **settled._asdict(),
        meter=encoded.meter,
        first_step=first,
        end_step=end,
        n_bars=encoded.n_bars,
        tempo_bpm=request.tempo_bpm or score.tempos[-1].tempo_bpm,
        programs=programs_of(artifact, request.parts, score),
        prompt=score,
        encoded=encoded,
        fixed=fixed_around(artifact, encoded, track_parts, (first, end), free),
        tracks=tracks,
    )


def _free_parts(track_parts: tuple[int | None, ...], tracks: frozenset[int]) -> set[int]:
    """The parts of the tracks that are rewritten: those of some numbers, or all."""
    free = {part for number, part in enumerate(track_parts, 1) if part is not None and number in (tracks or (number,))}
    if not free:
        raise PromptError("no track to be rewritten plays any of the composer's parts")
    return free


_Planner = Callable[[Artifact, Any, Settled], AnyPlan]
_PLANNERS: Mapping[type[AnyRequest], _Planner] = {
    ComposeRequest: _compose_plan,
    ContinueRequest: _continue_plan,
    AccompanyRequest: _accompany_plan,
    InfillRequest: _infill_plan,
    RestyleRequest: restyle_plan,
    VaryRequest: vary_plan,
    BlendRequest: blend_plan,
}
"""The planner of each request type."""
