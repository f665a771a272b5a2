"""Plans of new pieces that are made of the segments of prompts: restyled, varied, blended.

A segment has four bars of one meter; the last one may have fewer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from componium.artifacts import Artifact
from componium.composing.plans.plan import BlendPlan, RestylePlan, Settled, VaryPlan
from componium.composing.plans.settling import encoded_prompt, programs_of
from componium.composing.prompts import read_prompt
from componium.composing.requests import (
    MAX_BARS,
    BlendRequest,
    RestyleRequest,
    Reworked,
    VaryRequest,
)
from componium.errors import PromptError
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.score import Score, TimeSignature
from componium.score.tempo_map import main_tempo

SEGMENT_BARS = 4


def restyle_plan(artifact: Artifact, request: RestyleRequest, settled: Settled) -> RestylePlan:
    """Returns the plan of a prompt in another style."""
    return RestylePlan(**_shared(artifact, request, settled, *_read(artifact, request)))


def vary_plan(artifact: Artifact, request: VaryRequest, settled: Settled) -> VaryPlan:
    """Returns the plan of a prompt that is varied."""
    return VaryPlan(**_shared(artifact, request, settled, *_read(artifact, request)), amount=request.amount)


def blend_plan(artifact: Artifact, request: BlendRequest, settled: Settled) -> BlendPlan:
    """Returns the plan of the pieces on the way from one prompt to another, as long as the shorter one.

    Raises:
        PromptError: they have different meters.
    """
    score, encoded = _read(artifact, request)
    try:
        _, other = _read(artifact, request.model_copy(update={"prompt": request.other}))
    except PromptError as error:
        raise PromptError(f"the other piece: {error}") from error
    own, its = encoded.meter[0], other.meter[0]
    if own[1:] != its[1:]:
        raise PromptError(
            f"the other piece is in {_name(its)}, and this one in {_name(own)}: only pieces of one meter are blended"
        )
    encoded = replace(encoded, n_bars=min(encoded.n_bars, other.n_bars))
    return BlendPlan(**_shared(artifact, request, settled, score, encoded), other=other, steps=request.steps)


def _read(artifact: Artifact, request: Reworked) -> tuple[Score, EncodedNotes]:
    """A prompt, all of whose bars are of one meter.

    Raises:
        PromptError: one is not, and the bar is named; or it has more bars than can be asked for.
    """
    score = read_prompt(artifact, request).score
    encoded = encoded_prompt(artifact.codec, score, score)
    if encoded.n_bars > MAX_BARS:
        raise PromptError(f"{encoded.n_bars} bars are more than the limit of {MAX_BARS}")
    first = encoded.meter[0]
    end = artifact.codec.bar_grid(encoded.meter).start_of(encoded.n_bars)
    for own in encoded.meter[1:]:
        if own[1:] != first[1:] and own.onset < end:
            bar = 1 + int(artifact.codec.bar_grid(encoded.meter).locate(np.array([own.onset])).bar[0])
            raise PromptError(
                f"bar {bar} is in {_name(own)}, and bar 1 in {_name(first)}: segments of four bars need one meter "
                f"throughout"
            )
    return score, encoded


def _shared(
    artifact: Artifact, request: Reworked, settled: Settled, score: Score, encoded: EncodedNotes
) -> dict[str, Any]:
    """What these plans have in common."""
    lines = _lines(artifact.codec, encoded)
    return {
        **settled._asdict(),
        "meter": encoded.meter[:1],
        "first_step": 0,
        "end_step": lines[-1],
        "n_bars": encoded.n_bars,
        "tempo_bpm": request.tempo_bpm or main_tempo(score),
        "programs": programs_of(artifact, request.parts),
        "prompt": score,
        "encoded": encoded,
        "lines": lines,
    }


def _lines(codec: NoteCodec, encoded: EncodedNotes) -> tuple[int, ...]:
    bars = [*range(0, encoded.n_bars, SEGMENT_BARS), encoded.n_bars]
    return tuple(codec.bar_grid(encoded.meter).start_of(np.array(bars)).tolist())


def _name(meter: TimeSignature) -> str:
    return f"{meter.numerator}/{meter.denominator}"
