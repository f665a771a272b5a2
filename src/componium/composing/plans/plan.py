"""The types of plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from componium.composing.prompts import FixedNotes
from componium.composing.requests import AnyRequest
from componium.conditioning.style_profile import Style
from componium.representations.note_events import EncodedNotes
from componium.score import Score, TimeSignature


class Settled(NamedTuple):
    """What all plans of a request share before its music is looked at."""

    request: AnyRequest
    style_name: str
    style: Style
    temperature: float
    top_p: float


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

    @property
    def told_style(self) -> str:
        """The style that a piece is said to be in."""
        return self.style_name

    def piece_of(self, candidate: int) -> int:
        """The piece that a candidate is for: of 4 for each phrase, 0 to 3 are for phrases of the first piece."""
        return candidate // n_candidates(self.request)


@dataclass(frozen=True, eq=False, kw_only=True)
class ComposePlan(Plan):
    """A new piece, all of whose notes are composed."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SegmentsPlan(ComposePlan):
    """A new piece made of the segments of a prompt, with its meter and its bars.

    Attributes:
        prompt: as it was read.
        encoded: the prompt.
        lines: the steps at which its segments begin, and that at which the last one ends.
    """

    prompt: Score
    encoded: EncodedNotes
    lines: tuple[int, ...]

    @property
    def told_style(self) -> str:
        """The style that was asked for; without one each segment keeps its own."""
        return self.request.style or ""


@dataclass(frozen=True, eq=False, kw_only=True)
class RestylePlan(SegmentsPlan):
    """A prompt in another style."""


@dataclass(frozen=True, eq=False, kw_only=True)
class VaryPlan(SegmentsPlan):
    """A prompt varied.

    Attributes:
        amount: from 0, the prompt as the network renders it, to 1.
    """

    amount: float


@dataclass(frozen=True, eq=False, kw_only=True)
class BlendPlan(SegmentsPlan):
    """Pieces on the way from a prompt to another one.

    Attributes:
        other: the other one, of as many bars at least as are composed.
        steps: pieces, the first like the prompt and the last like the other one.
    """

    other: EncodedNotes
    steps: int


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
"""Of a new piece, the plan may be one of its kinds."""


def n_candidates(request: AnyRequest) -> int:
    """How many candidates are composed for each phrase of a settled request."""
    return request.best_of or 1
