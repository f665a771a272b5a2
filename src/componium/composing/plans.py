"""A request made definite for one composer: style, length, meter, tempo and instruments settled, the prompt read."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.composing.ensembles import style_of
from componium.composing.prompts import (
    FixedNotes,
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
    ComposeRequest,
    ContinueRequest,
    InfillRequest,
)
from componium.conditioning.style_profile import MOST_CANDIDATES, Style
from componium.errors import PromptError, RepresentationError, RequestError
from componium.representations.columns import DURATION, SHIFT
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, TimeSignature
from componium.score.instruments import parse_program
from componium.score.tempo_map import main_tempo


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """What is settled alike for all pieces of a request, whatever the task.

    Attributes:
        request: as it was asked, with the number of candidates for each phrase.
        style_name: empty of a composer that knows none.
        style: what is usual in it.
        meter: time signatures in steps of the codec.
        first_step: where new music may begin; 0 unless there is a prompt.
        end_step: where it must have ended.
        n_bars: bars of the whole piece, prompt included.
        programs: the instrument of each part of the codec.
        temperature, top_p: of all attributes.
    """

    request: AnyRequest
    style_name: str
    style: Style
    meter: tuple[TimeSignature, ...]
    first_step: int
    end_step: int
    n_bars: int
    tempo_bpm: float
    programs: tuple[int, ...]
    temperature: float
    top_p: float

    def piece_of(self, candidate: int) -> int:
        """The piece that a candidate is for: of 4 for each phrase, 0 to 3 are for phrases of the first piece."""
        return candidate // n_candidates(self.request)


@dataclass(frozen=True, eq=False, kw_only=True)
class ComposePlan(Plan):
    """A new piece from nothing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ContinuePlan(Plan):
    """New music after a prompt.

    Attributes:
        prompt: as it was read.
        track_parts: the part that goes on with each of its tracks, None where there is none.
        encoded: the prompt as a piece of ``n_bars`` bars.
    """

    prompt: Score
    track_parts: tuple[int | None, ...]
    encoded: EncodedNotes


@dataclass(frozen=True, eq=False, kw_only=True)
class AccompanyPlan(Plan):
    """Parts for a melody; which part plays the melody depends on the ensemble of each piece.

    Attributes:
        prompt: the melody alone.
    """

    prompt: Score


@dataclass(frozen=True, eq=False, kw_only=True)
class InfillPlan(Plan):
    """New music between the bars of a prompt.

    Attributes:
        prompt: as it was read.
        encoded: the prompt.
        fixed: what of it stays.
        tracks: numbers, from 1, of the tracks that the request names; none if all are composed anew.
    """

    prompt: Score
    encoded: EncodedNotes
    fixed: FixedNotes
    tracks: frozenset[int]


AnyPlan = ComposePlan | ContinuePlan | AccompanyPlan | InfillPlan


class _Settled(NamedTuple):
    """What all plans of a request share before its music is looked at."""

    request: AnyRequest
    style_name: str
    style: Style
    temperature: float
    top_p: float


def n_candidates(request: AnyRequest) -> int:
    """How many candidates are composed for each phrase of a settled request."""
    return request.best_of or 1


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
    asked = request.model_dump(exclude_none=True, exclude={"prompt"})
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
    settled = _Settled(request, name, style, temperature, style.top_p if request.top_p is None else request.top_p)
    if isinstance(request, ComposeRequest):
        return _compose_plan(artifact, request, settled)
    score = read_prompt(artifact, request).score
    if isinstance(request, ContinueRequest):
        return _continue_plan(artifact, request, settled, score)
    if isinstance(request, AccompanyRequest):
        return _accompany_plan(artifact, request, settled, score)
    return _infill_plan(artifact, request, settled, score)


def _compose_plan(artifact: Artifact, request: ComposeRequest, settled: _Settled) -> ComposePlan:
    codec = artifact.codec
    matched = TIME_SIGNATURE.fullmatch(request.time_signature or "4/4")
    assert matched is not None  # noqa: S101 - the request was validated
    meter = (TimeSignature(0, int(matched[1]), int(matched[2])),)
    tempo = request.tempo_bpm or settled.style.tempo_bpm
    n_bars, end_step, tempo = _length(codec, settled, meter, tempo)
    return ComposePlan(
        **settled._asdict(),
        meter=meter,
        first_step=0,
        end_step=end_step,
        n_bars=n_bars,
        tempo_bpm=tempo,
        programs=_programs(artifact, request.parts),
    )


def _continue_plan(artifact: Artifact, request: ContinueRequest, settled: _Settled, score: Score) -> ContinuePlan:
    codec = artifact.codec
    named, track_parts = parts_that_go_on(artifact, score)
    encoded = _encoded(codec, named, score)
    tempo = request.tempo_bpm or score.tempos[-1].tempo_bpm
    last = (encoded.meter[-1]._replace(onset=0),)
    more_bars, more_steps, _ = _length(codec, settled, last, tempo)
    n_bars = encoded.n_bars + more_bars
    grid = codec.bar_grid(encoded.meter)
    first = int(grid.start_of(encoded.n_bars))
    end = first + more_steps
    if codec.config.unit == "second":
        # Without a beat nothing is waited for: it goes on behind the last onset.
        onset = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
        first = max(int(onset[-1]), _last_step(codec, score)) + 1
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
        programs=_programs(artifact, request.parts, named),
        prompt=score,
        track_parts=track_parts,
        encoded=replace(encoded, n_bars=n_bars),
    )


def _accompany_plan(artifact: Artifact, request: AccompanyRequest, settled: _Settled, score: Score) -> AccompanyPlan:
    codec = artifact.codec
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
        programs=_programs(artifact, request.parts),
        prompt=melody,
    )


def _infill_plan(artifact: Artifact, request: InfillRequest, settled: _Settled, score: Score) -> InfillPlan:
    codec = artifact.codec
    renamed, track_parts = assign_parts(artifact, score)
    encoded = _encoded(codec, renamed, score)
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
        programs=_programs(artifact, request.parts, score),
        prompt=score,
        encoded=encoded,
        fixed=fixed_around(artifact, encoded, track_parts, (first, end), free),
        tracks=tracks,
    )


def _last_step(codec: NoteCodec, score: Score) -> int:
    """The step of the last onset of a score, whether or not one of the parts plays it."""
    return int(max(codec.steps(score, track.notes["onset"]).max() for track in score.tracks if len(track.notes)))


def _encoded(codec: NoteCodec, score: Score, prompt: Score) -> EncodedNotes:
    """A prompt as note events, with all bars of its file.

    The codec alone would end it with the last note that a part plays, cut to the longest duration of its table.

    Args:
        codec: of the composer.
        score: the prompt, its tracks named after the parts that are to play them.
        prompt: as it was read. A last bar in which notes only sound on, for less than a step, does not count.

    Raises:
        PromptError: no part plays any of its tracks.
    """
    try:
        encoded = codec.encode(score)
    except RepresentationError as error:
        raise PromptError(f"{error}; name a track after one of them, or choose another composer") from error
    end = max(_last_step(codec, prompt) + 1, int(codec.steps(prompt, np.array([prompt.end]))[0]))
    return replace(encoded, n_bars=max(encoded.n_bars, codec.bar_grid(encoded.meter).count(end)))


def _free_parts(track_parts: tuple[int | None, ...], tracks: frozenset[int]) -> set[int]:
    """The parts of the tracks that are rewritten: those of some numbers, or all."""
    free = {part for number, part in enumerate(track_parts, 1) if part is not None and number in (tracks or (number,))}
    if not free:
        raise PromptError("no track to be rewritten plays any of the composer's parts")
    return free


def _length(
    codec: NoteCodec, settled: _Settled, meter: tuple[TimeSignature, ...], tempo_bpm: float
) -> tuple[int, int, float]:
    """Bars, steps and tempo of the new music.

    Bars are exact. Of seconds, the tempo gives way if none was asked for, so that whole bars fill them; if one was,
    the last bar is cut short.
    """
    request = settled.request
    steps_per_second = codec.config.steps * (tempo_bpm / 60 if codec.config.unit == "quarter" else 1)
    bar_steps = int(codec.bar_grid(meter).start_of(1))
    bar_quarters = 4 * meter[0].numerator / meter[0].denominator
    if request.seconds is None:
        n_bars = request.bars or settled.style.drawn.bars
        if codec.config.unit == "quarter":
            return n_bars, n_bars * bar_steps, tempo_bpm
        # Without a beat a bar asked for lasts as long as it would at the tempo.
        n_steps = round(n_bars * bar_quarters * 60 / tempo_bpm * steps_per_second)
        return math.ceil(n_steps / bar_steps), n_steps, tempo_bpm
    exact_bars = request.seconds * steps_per_second / bar_steps
    if exact_bars > MAX_BARS:
        raise RequestError(f"{{seconds}}: {request.seconds:g} seconds are more than the limit of {MAX_BARS} bars")
    if codec.config.unit == "quarter" and request.tempo_bpm is None and exact_bars >= 1:
        n_bars = round(exact_bars)
        return n_bars, n_bars * bar_steps, n_bars * bar_quarters * 60 / request.seconds
    n_bars = max(1, math.ceil(exact_bars - 1e-9))
    return n_bars, max(1, round(exact_bars * bar_steps)), tempo_bpm


def _programs(artifact: Artifact, names: tuple[str, ...], prompt: Score | None = None) -> tuple[int, ...]:
    """The program of each part: where the parts are fixed, as the prompt has it, or as asked.

    The names go to the pitched parts in order, the last to all that remain.
    """
    codec = artifact.codec
    own = [part.program for part in codec.config.parts]
    if artifact.profile.chooses_parts:
        return tuple(own)
    for track in reversed(prompt.tracks if prompt else ()):
        part = codec.part_of(track)
        if part is not None and not track.is_drum:
            own[part] = track.program
    pitched = np.flatnonzero(~codec.is_drum).tolist()
    if len(names) > len(pitched):
        raise RequestError(f"{{parts}}: {len(names)} instruments for the composer's {len(pitched)} parts")
    for place, index in enumerate(pitched):
        if names:
            own[index] = parse_program(names[min(place, len(names) - 1)])
    return tuple(own)
