"""The requests: one pydantic model for each task, a union tagged by task."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from componium.composing.request_fields import Words, checked_by, complaint, listed
from componium.conditioning.style_profile import MOST_CANDIDATES
from componium.errors import RequestError
from componium.score.harmony.chord_symbols import parse_chord, split_progression
from componium.score.harmony.chords import Chord
from componium.score.harmony.keys import parse_key
from componium.score.instruments import parse_program

MAX_CHORD_CHARACTERS = 20_000
MAX_BARS = 2000
MAX_SECONDS = 4 * 3600.0
MAX_PARTS = 64

_USUAL_STEPS = 5

LEVELS = {"low": 0.15, "medium": 0.5, "high": 0.85}
DRUMS, ALL = "drums", "all"
RANDOM_PARTS = re.compile(r"random:([1-9]\d?)")
TIME_SIGNATURE = re.compile(r"([1-9]\d?)/(1|2|4|8|16)")


def _level(value: object) -> object:
    return LEVELS.get(value, value) if isinstance(value, str) else value


def _names_of_parts(parts: tuple[str, ...]) -> tuple[str, ...]:
    if len(parts) > MAX_PARTS:
        raise ValueError(f"{len(parts):,} parts are more than the limit of {MAX_PARTS}")
    if len(parts) > 1 and any(part == ALL or RANDOM_PARTS.fullmatch(part) for part in parts):
        raise ValueError(f"{ALL!r} and 'random:N' stand alone")
    return tuple(map(_name_of_part, parts))


def _name_of_part(part: str) -> str:
    """The name as it was typed; hyphens that stand for its blanks, as shells like them, are blanks again."""
    if part in (DRUMS, ALL) or RANDOM_PARTS.fullmatch(part):
        return part
    with suppress(RequestError):
        name = re.sub("(?<=[a-z])[-_](?=[a-z0-9])", " ", part)
        parse_program(name)
        return name
    try:
        parse_program(part)
    except RequestError as error:
        raise ValueError(str(error)) from error
    return part


def _meter(text: str) -> str:
    if not TIME_SIGNATURE.fullmatch(text):
        raise ValueError(f"{text!r} is no time signature: write 1 to 99 over 1, 2, 4, 8 or 16, such as 3/4 or 6/8")
    return text


def parse_progression(text: str) -> list[list[Chord | None]]:
    """Reads ``C | Am F | G7 | %``: the chords of each bar, None for no chord (``N``).

    Raises:
        RequestError: a bar is empty, or holds what is no chord symbol; or there are more symbols than fit any piece.
    """
    if len(text) > MAX_CHORD_CHARACTERS:
        raise RequestError(f"{len(text):,} characters of chords are more than the limit of {MAX_CHORD_CHARACTERS:,}")
    return [[parse_chord(symbol) for symbol in bar] for bar in split_progression(text)]


Level = Annotated[float, BeforeValidator(_level), Field(ge=0, le=1), Words(", ".join(LEVELS))]
Parts = Annotated[tuple[str, ...], BeforeValidator(listed), AfterValidator(_names_of_parts)]
TrackName = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
Tracks = Annotated[tuple[TrackName, ...], BeforeValidator(listed)]
KeyName = Annotated[str, AfterValidator(checked_by(parse_key))]
Progression = Annotated[str, AfterValidator(checked_by(parse_progression))]
Meter = Annotated[str, AfterValidator(_meter)]


class Sampling(BaseModel):
    """The fields that all requests have.

    A control at its default of None is left to the composer; one that the composer lacks is refused by name.

    Each field is described where it is declared; the help texts of the command line are made of these descriptions. A
    composer of fixed parts gives out the instruments of ``parts`` in the order of its parts, the last one playing all
    that remain; a band plays these and no others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bars: int | None = Field(
        default=None,
        ge=1,
        le=MAX_BARS,
        description="Length in bars; if no length is given, what is usual for the style.",
    )
    seconds: float | None = Field(default=None, gt=0, le=MAX_SECONDS, description="Length in seconds, instead of bars.")
    tempo_bpm: float | None = Field(
        default=None, ge=10, le=400, description="Quarter notes per minute; if omitted, what is usual for the style."
    )
    parts: Parts = Field(
        default=(),
        description="Instruments that play, by General MIDI name or program number: flute, cello, piano. A band also "
        "knows drums, all (the full ensemble of the style) and random:3 (three that go together).",
    )
    style: str | None = Field(
        default=None,
        description="A style of the composer ('componium models' lists them); if omitted, to go on from a file or to "
        "fill bars of it, the one in which the file is most probable; else one is drawn, those that come out best more "
        "often.",
    )
    key: KeyName | None = Field(
        default=None,
        description="Key, such as 'C minor', 'Eb' or 'D dorian': notes outside it become rare. Free if omitted.",
    )
    chords: Progression | None = Field(
        default=None,
        description="Chords of each bar, repeated to the length of the piece: 'C | Am F | G7(b9) | C'; N is no chord, "
        "% the bar before.",
    )
    density: Level | None = Field(
        default=None, description="How many notes, within what is usual for the style: low, medium, high or a number."
    )
    complexity: Level | None = Field(
        default=None, description="How many voices at once and how much syncopation: low, medium, high or a number."
    )
    original: bool | None = Field(
        default=None, description="Compose anew what repeats more of the training music than human pieces do."
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=5,
        description="How much the composer dares: 1 (if omitted) is as it learned; less keeps to what is likely, 0 "
        "most, but to no note over and over; more is wilder.",
    )
    top_p: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Choose only among the likeliest values that together have this probability; if omitted, what "
        "suits the style.",
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="Equal requests with equal seeds give equal music.")
    count: int = Field(default=1, ge=1, le=1000, description="How many pieces.")
    best_of: int | None = Field(
        default=None,
        ge=1,
        le=MOST_CANDIDATES,
        description="Compose so many candidates for each phrase of eight bars and keep the best.",
    )

    @model_validator(mode="after")
    def _one_length(self) -> Sampling:
        if self.bars is not None and self.seconds is not None:
            raise ValueError("give {bars} or {seconds}, not both")
        return self


class ComposeRequest(Sampling):
    """A new piece from nothing."""

    task: Literal["compose"] = "compose"
    time_signature: Meter | None = Field(default=None, description="Time signature, such as 3/4; 4/4 if omitted.")


class Prompted(Sampling):
    """The fields of requests that have a prompt, a MIDI file."""

    prompt: Base64Bytes = Field(description="The MIDI file, in base64.")
    keep_ticks: bool | None = Field(
        default=None,
        description="Leave a file whose ticks follow no beat on its ticks, where it would be put on its beats.",
    )


class ContinueRequest(Prompted):
    """A request for a number of bars or seconds after a prompt, which is a MIDI file."""

    task: Literal["continue"] = "continue"
    prompt: Base64Bytes = Field(description="The MIDI file that is continued, in base64.")


class AccompanyRequest(Prompted):
    """Parts for a melody, whose notes stay as they are: the prompt's highest track, or the one that is named."""

    task: Literal["accompany"] = "accompany"
    prompt: Base64Bytes = Field(description="The MIDI file that holds the melody, in base64.")
    track: TrackName | None = Field(
        default=None,
        description="Track of the melody, by number from 1 or by name; if omitted, the highest.",
    )

    @model_validator(mode="after")
    def _without_length(self) -> AccompanyRequest:
        if self.bars is not None or self.seconds is not None:
            raise ValueError("{bars} and {seconds} are not for accompanying: the melody says its length")
        return self


class InfillRequest(Prompted):
    """Bars ``first_bar`` to ``last_bar`` (inclusive) of a prompt composed anew, the others untouched."""

    task: Literal["infill"] = "infill"
    prompt: Base64Bytes = Field(description="The MIDI file whose bars are composed anew, in base64.")
    first_bar: int = Field(ge=1, description="First bar that is composed anew, from 1.")
    last_bar: int = Field(ge=1, description="Last bar that is composed anew.")
    tracks: Tracks = Field(
        default=(), description="The tracks that are composed anew, by number from 1 or by name; all if omitted."
    )

    @model_validator(mode="after")
    def _without_length(self) -> InfillRequest:
        if self.bars is not None or self.seconds is not None:
            raise ValueError("{bars} and {seconds} are not for infilling: {first_bar} and {last_bar} say its length")
        return self


class Reworked(Prompted):
    """The fields of requests that make a whole prompt anew: it says how long the piece is."""

    style: str | None = Field(
        default=None,
        description="A style of the composer ('componium models' lists them); if omitted, that of each segment.",
    )

    @model_validator(mode="after")
    def _without_length(self) -> Reworked:
        if self.bars is not None or self.seconds is not None:
            raise ValueError("{bars} and {seconds} are not for this: the file says the length of the piece")
        return self


class RestyleRequest(Reworked):
    """The content of a prompt in another style."""

    task: Literal["restyle"] = "restyle"
    prompt: Base64Bytes = Field(description="The MIDI file that is restyled, in base64.")
    style: str | None = Field(default=None, description="The style to be written in ('componium models' lists them).")

    @model_validator(mode="after")
    def _with_style(self) -> RestyleRequest:
        if self.style is None:
            raise ValueError("{style} is missing: name the style to be written in")
        return self


class VaryRequest(Reworked):
    """A variation of a prompt."""

    task: Literal["vary"] = "vary"
    prompt: Base64Bytes = Field(description="The MIDI file that is varied, in base64.")
    amount: float = Field(default=0.3, ge=0, le=1, description="How far it goes: 0 stays near the file, 1 leaves it.")


class BlendRequest(Reworked):
    """Pieces on the way from a prompt to another one, both ends included: ``steps`` of them."""

    task: Literal["blend"] = "blend"
    prompt: Base64Bytes = Field(description="The MIDI file that the way begins with, in base64.")
    other: Base64Bytes = Field(description="The MIDI file that it ends with, in base64.")
    steps: int = Field(
        default=_USUAL_STEPS, ge=2, le=64, description="How many pieces, the first near one file, the last the other."
    )

    @model_validator(mode="before")
    @classmethod
    def _counted(cls, fields: object) -> object:
        """A piece for each step; steps that are none are refused by their own name."""
        if isinstance(fields, dict) and "count" not in fields:
            steps = str(fields.get("steps", _USUAL_STEPS))
            return {**fields, "count": steps} if re.fullmatch(r"[1-9]\d?", steps) else fields
        return fields

    @model_validator(mode="after")
    def _as_many_as_steps(self) -> BlendRequest:
        if self.count != self.steps:
            raise ValueError("{count} is not for blending: {steps} says how many pieces there are")
        return self


AnyRequest = (
    ComposeRequest | ContinueRequest | AccompanyRequest | InfillRequest | RestyleRequest | VaryRequest | BlendRequest
)
Request = Annotated[AnyRequest, Field(discriminator="task")]

_ADAPTER: TypeAdapter[AnyRequest] = TypeAdapter(Request)
_MODELS = {model.model_fields["task"].default: model for model in get_args(AnyRequest)}

# Fields that no composer may refuse.
UNIVERSAL = frozenset(
    {
        "task",
        "original",
        "bars",
        "seconds",
        "tempo_bpm",
        "parts",
        "seed",
        "count",
        "best_of",
        "prompt",
        "track",
        "tracks",
        "first_bar",
        "last_bar",
        "keep_ticks",
        "other",
        "amount",
        "steps",
    }
)

FILES = {"prompt", "other"}
"""Fields that hold a file."""


def names_instruments(parts: tuple[str, ...]) -> bool:
    """Returns whether parts are named one by one, not left to the style or to chance."""
    return bool(parts) and not any(part == ALL or RANDOM_PARTS.fullmatch(part) for part in parts)


def asked_fields(request: AnyRequest) -> dict[str, Any]:
    """Returns the fields that a request gives, without the files."""
    return request.model_dump(exclude_none=True, exclude=FILES)


def asked_controls(request: AnyRequest) -> set[str]:
    """Returns the controls that a request makes use of; instruments are one where a band can be had."""
    controls = set(asked_fields(request)) - UNIVERSAL
    return controls | {"parts"} if request.parts else controls


def make_request(**fields: object) -> AnyRequest:
    """Returns a request of the task named by ``task``.

    Raises:
        RequestError: a field is unknown or out of range; it is named.
    """
    try:
        return _ADAPTER.validate_python({"task": "compose", **fields})
    except ValidationError as error:
        raise RequestError(complaint(error, _MODELS)) from error


def request_from_json(text: str) -> AnyRequest:
    """Reads a request that :func:`request_to_json` wrote.

    Raises:
        RequestError: it is none.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise RequestError(complaint(error, _MODELS)) from error


def request_to_json(request: AnyRequest) -> str:
    """Returns a request as one line of JSON, what was left open left out."""
    return request.model_dump_json(exclude_none=True)
