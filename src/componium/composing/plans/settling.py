"""What several planners settle: length, instruments, the prompt as note events."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from componium.artifacts import Artifact
from componium.composing.plans.plan import Settled
from componium.composing.requests import MAX_BARS
from componium.errors import PromptError, RepresentationError, RequestError
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, TimeSignature
from componium.score.instruments import parse_program


def last_step(codec: NoteCodec, score: Score) -> int:
    """Returns the step of the last onset of a score, whether or not one of the parts plays it."""
    return int(max(codec.steps(score, track.notes["onset"]).max() for track in score.tracks if len(track.notes)))


def encoded_prompt(codec: NoteCodec, score: Score, prompt: Score) -> EncodedNotes:
    """Returns a prompt as note events, with all bars of its file.

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
    end = max(last_step(codec, prompt) + 1, int(codec.steps(prompt, np.array([prompt.end]))[0]))
    return replace(encoded, n_bars=max(encoded.n_bars, codec.bar_grid(encoded.meter).count(end)))


def length_of(
    codec: NoteCodec, settled: Settled, meter: tuple[TimeSignature, ...], tempo_bpm: float
) -> tuple[int, int, float]:
    """Returns bars, steps and tempo of the new music.

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


def programs_of(artifact: Artifact, names: tuple[str, ...], prompt: Score | None = None) -> tuple[int, ...]:
    """Returns the program of each part: where the parts are fixed, as the prompt has it, or as asked.

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
