"""A request made definite for one composer: length, meter, tempo and instruments settled, the prompt encoded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from componium.artifacts import Artifact
from componium.composing.given import Given, assigned, given_around, given_melody
from componium.composing.requests import (
    ALL,
    DEFAULT_BARS,
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
from componium.composing.styles import ANY, STYLES, playing_parts
from componium.errors import RequestError
from componium.formats.midi import read_midi
from componium.representations.columns import DURATION, SHIFT
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, TimeSignature
from componium.score.instruments import parse_program

DEFAULT_TEMPO_BPM = 100.0
DEFAULT_TEMPERATURE = 1.0
BATCH = 16
"""Pieces composed at a time; part of what a piece's identity rests on, as int8 activations are scaled per batch."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a sampling procedure is to do.

    Attributes:
        request: as it was asked.
        indices: which candidates of the request are composed in this batch; one a piece where none are ranked.
        meter: time signatures in steps of the representation.
        first_step: where new music may begin; 0 unless there is a prompt.
        end_step: where it must have ended.
        n_bars: bars of the whole piece, prompt included.
        programs: the instrument of each part of the representation.
        style: of a guided composer; empty of others.
        attempt: how many drafts were rejected before.
        prompt: encoded as a piece of ``n_bars`` bars, or None.
        prompt_score: as it was read, or None.
        given: what of the prompt stays where new music is composed, or None.
    """

    request: AnyRequest
    indices: tuple[int, ...]
    meter: tuple[TimeSignature, ...]
    first_step: int
    end_step: int
    n_bars: int
    tempo_bpm: float
    programs: tuple[int, ...]
    prompt: EncodedNotes | None = None
    prompt_score: Score | None = None
    style: str = ""
    attempt: int = 0
    given: Given | None = None

    @property
    def temperature(self) -> float:
        """Of all attributes."""
        return DEFAULT_TEMPERATURE if self.request.temperature is None else self.request.temperature

    @property
    def top_p(self) -> float:
        """Of all attributes."""
        return STYLES.get(self.style, ANY).top_p if self.request.top_p is None else self.request.top_p

    def piece_of(self, index: int) -> int:
        """The piece that a candidate is for: of 4 candidates a piece, 0 to 3 are for the first."""
        return index // n_candidates(self.request)

    def uniforms(self, index: int) -> np.random.Generator:
        """The random numbers of one candidate, a function of the request's seed and the candidate's index."""
        return np.random.default_rng((self.request.seed, index, *([0, self.attempt] if self.attempt else [])))


def n_candidates(request: AnyRequest) -> int:
    """How many candidates are composed for each piece."""
    return request.best_of or 1


def refuse_what_it_lacks(artifact: Artifact, request: AnyRequest) -> None:
    """Checks that the composer can do what is asked.

    Raises:
        RequestError: it lacks the task or a control, which is named.
    """
    name, manifest = artifact.manifest.name, artifact.manifest
    if request.task not in manifest.tasks:
        raise RequestError(f"{name} cannot {request.task}; it can {', '.join(manifest.tasks)}")
    asked = request.model_dump(exclude_none=True, exclude={"prompt"})
    if artifact.codec.config.guides is None and any(part in (ALL, DRUMS) or ":" in part for part in request.parts):
        raise RequestError(
            f"{name} is no band: it plays {', '.join(p.name for p in artifact.representation.config.parts)}"
        )
    for control in asked:
        if control not in UNIVERSAL and control not in manifest.controls:
            has = ", ".join(manifest.controls) or "no controls"
            raise RequestError(f"{name} has no control {control}; it has {has}")


def make_plans(artifact: Artifact, request: AnyRequest, candidates: range | None = None) -> list[Plan]:
    """Settles a request, in batches of at most ``BATCH`` candidates.

    Args:
        artifact: the composer.
        request: what is asked.
        candidates: only the batches that hold any of these.

    Raises:
        RequestError: the composer cannot do it.
    """
    refuse_what_it_lacks(artifact, request)
    count = request.count * n_candidates(request)
    batches = [range(start, min(start + BATCH, count)) for start in range(0, count, BATCH)]
    if candidates is not None:
        batches = [batch for batch in batches if batch.start < candidates.stop and candidates.start < batch.stop]
    style = _style(artifact, request)
    is_new = isinstance(request, ComposeRequest)
    if isinstance(request, AccompanyRequest):
        plan = _plan_accompaniment(artifact, request, style)
    else:
        plan = _plan_new(artifact, request, style) if is_new else _plan_from_prompt(artifact, request)
    plan = replace(plan, style=style)
    return [replace(plan, indices=tuple(batch)) for batch in batches]


def _style(artifact: Artifact, request: AnyRequest) -> str:
    """The style asked for, else one that the seed draws."""
    guides = artifact.codec.config.guides
    if guides is None:
        return ""
    if request.style is None:
        return guides.styles[int(np.random.default_rng((request.seed, 2)).integers(len(guides.styles)))]
    if request.style not in guides.styles:
        known = ", ".join(guides.styles)
        raise RequestError(f"{artifact.manifest.name} has no style {request.style!r}; it has {known}")
    return request.style


def _plan_new(artifact: Artifact, request: ComposeRequest, style: str) -> Plan:
    codec = artifact.codec
    matched = TIME_SIGNATURE.fullmatch(request.time_signature or "4/4")
    assert matched is not None  # noqa: S101 - the request was validated
    meter = (TimeSignature(0, int(matched[1]), int(matched[2])),)
    usual = (
        STYLES[style].tempo_bpm if style in STYLES else artifact.manifest.defaults.get("tempo_bpm", DEFAULT_TEMPO_BPM)
    )
    tempo = request.tempo_bpm or usual
    n_bars, end_step, tempo = _length(codec, request, meter, tempo)
    return Plan(request, (), meter, 0, end_step, n_bars, tempo, _programs(codec, request.parts))


def _plan_accompaniment(artifact: Artifact, request: AccompanyRequest, style: str) -> Plan:
    codec = artifact.codec
    score = read_midi(request.prompt)
    if not score.n_notes:
        raise RequestError("the prompt has no notes")
    # Drawn as steering draws them, so that the melody gets an instrument that does not accompany it.
    playing = playing_parts(codec, request.parts, style, np.random.default_rng((request.seed, 0, 1)))
    melody, encoded, given = given_melody(codec, score, request.track, playing)
    tempo = request.tempo_bpm or score.tempos[0].tempo_bpm
    end = int(codec.bar_grid(encoded.meter).start_of(encoded.n_bars))
    programs = _programs(codec, request.parts)
    return Plan(request, (), encoded.meter, 0, end, encoded.n_bars, tempo, programs, None, melody, given=given)


def _plan_from_prompt(artifact: Artifact, request: ContinueRequest | InfillRequest) -> Plan:
    codec = artifact.codec
    score = read_midi(request.prompt)
    if not score.n_notes:
        raise RequestError("the prompt has no notes")
    if isinstance(request, InfillRequest):
        return _plan_gap(codec, request, score)
    encoded = codec.encode(score)
    tempo = request.tempo_bpm or score.tempos[-1].tempo_bpm
    last = (encoded.meter[-1]._replace(onset=0),)
    more_bars, more_steps, _ = _length(codec, request, last, tempo)
    n_bars = encoded.n_bars + more_bars
    grid = codec.bar_grid(encoded.meter)
    first = int(grid.start_of(encoded.n_bars))
    end = first + more_steps
    if codec.config.unit == "second":
        # Without a beat nothing is waited for: it goes on behind the last onset.
        onset = np.cumsum(encoded.events[:, SHIFT], dtype=np.int64)
        first = int(onset[-1]) + 1
        end = int((onset + codec.durations[encoded.events[:, DURATION]]).max()) + more_steps
        n_bars = grid.count(end)
    encoded = codec.placed(encoded.events, encoded.meter, n_bars, encoded.tempo_bpm)
    programs = _programs(codec, request.parts, score)
    return Plan(request, (), encoded.meter, first, end, n_bars, tempo, programs, encoded, score)


def _plan_gap(codec: NoteCodec, request: InfillRequest, score: Score) -> Plan:
    renamed, of_track = assigned(codec, score)
    encoded = codec.encode(renamed)
    if not request.first_bar <= request.last_bar <= encoded.n_bars:
        raise RequestError(
            f"bars {request.first_bar} to {request.last_bar} are not within the prompt's {encoded.n_bars}"
        )
    grid = codec.bar_grid(encoded.meter)
    first, end = (int(grid.start_of(bar)) for bar in (request.first_bar - 1, request.last_bar))
    given = given_around(codec, encoded, of_track, (first, end), _free_parts(of_track, request.tracks))
    programs = _programs(codec, request.parts, score)
    tempo = request.tempo_bpm or score.tempos[-1].tempo_bpm
    return Plan(request, (), encoded.meter, first, end, encoded.n_bars, tempo, programs, encoded, score, given=given)


def _free_parts(of_track: tuple[int | None, ...], tracks: tuple[int, ...]) -> set[int]:
    """The parts of the tracks that are rewritten."""
    for number in tracks:
        if not 1 <= number <= len(of_track):
            raise RequestError(f"track {number}: the prompt has {len(of_track)} tracks with notes")
    free = {part for number, part in enumerate(of_track, 1) if part is not None and number in (tracks or (number,))}
    if not free:
        raise RequestError("no track to be rewritten plays any of the composer's parts")
    return free


def _length(
    codec: NoteCodec, request: AnyRequest, meter: tuple[TimeSignature, ...], tempo_bpm: float
) -> tuple[int, int, float]:
    """Bars, steps and tempo of the new music.

    Bars are exact. Of seconds, the tempo gives way if none was asked for, so that whole bars fill them; if one was,
    the last bar is cut short.
    """
    steps_per_second = codec.config.steps * (tempo_bpm / 60 if codec.config.unit == "quarter" else 1)
    bar_steps = int(codec.bar_grid(meter).start_of(1))
    bar_quarters = 4 * meter[0].numerator / meter[0].denominator
    if request.seconds is None:
        n_bars = request.bars or DEFAULT_BARS
        if codec.config.unit == "quarter":
            return n_bars, n_bars * bar_steps, tempo_bpm
        # Without a beat a bar asked for lasts as long as it would at the tempo.
        n_steps = round(n_bars * bar_quarters * 60 / tempo_bpm * steps_per_second)
        return math.ceil(n_steps / bar_steps), n_steps, tempo_bpm
    exact_bars = request.seconds * steps_per_second / bar_steps
    if exact_bars > MAX_BARS:
        raise RequestError(f"{request.seconds} seconds are more than the limit of {MAX_BARS} bars")
    if codec.config.unit == "quarter" and request.tempo_bpm is None and exact_bars >= 1:
        n_bars = round(exact_bars)
        return n_bars, n_bars * bar_steps, n_bars * bar_quarters * 60 / request.seconds
    n_bars = max(1, math.ceil(exact_bars - 1e-9))
    return n_bars, max(1, round(exact_bars * bar_steps)), tempo_bpm


def _programs(codec: NoteCodec, names: tuple[str, ...], prompt: Score | None = None) -> tuple[int, ...]:
    """The program of each part: as the prompt has it, or as asked.

    The names go to the pitched parts in order, the last to all that remain.
    """
    own = [part.program for part in codec.config.parts]
    if codec.config.guides is not None:
        return tuple(own)
    for track in reversed(prompt.tracks if prompt else ()):
        part = codec.part_of(track)
        if part is not None and not track.is_drum:
            own[part] = track.program
    pitched = np.flatnonzero(~codec.is_drum).tolist()
    if len(names) > len(pitched):
        raise RequestError(f"parts: {len(names)} instruments for the composer's {len(pitched)} parts")
    for place, index in enumerate(pitched):
        if names:
            own[index] = parse_program(names[min(place, len(names) - 1)])
    return tuple(own)
