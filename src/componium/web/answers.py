"""What the API answers, as models: they document it, and say what the page may rely on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_TEMPOS = "From a tick on: quarter notes a minute."
_METERS = "From a tick on: numerator and denominator."
_CHORDS = "From a tick on: the name of a chord; empty where none is."
_NOTES = "Rows of part, onset, duration, pitch, velocity, and 1 where the note was given, by a prompt, and stays."
_PEDALS = "Rows of part, onset, duration: when the sustain pedal is down."


class Answer(BaseModel):
    """A JSON object; onsets and durations are ticks of the piece."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Answer):
    """An instrument of a piece or of a composer."""

    name: str = Field(examples=["violin"])
    program: int = Field(description="General MIDI program; 0 for drums.", ge=0, le=127, examples=[40])
    is_drum: bool


class Key(Answer):
    """A key and the pitch classes of its scale."""

    name: str = Field(examples=["C minor"])
    tonic: int = Field(ge=0, le=11)
    scale: list[int]


class Head(Answer):
    """What is known of a piece before its first note."""

    title: str = Field(examples=["Folk in D major"])
    model: str = Field(description="Name of the composer; empty of music that none composed.", examples=["band"])
    style: str = Field(examples=["folk"])
    ticks_per_quarter: int = Field(examples=[480])
    tempos: list[tuple[int, float]] = Field(description=_TEMPOS, examples=[[[0, 110.0]]])
    meters: list[tuple[int, int, int]] = Field(description=_METERS, examples=[[[0, 4, 4]]])
    key: Key | None
    chords: list[tuple[int, str]] = Field(description=_CHORDS, examples=[[[0, "D"], [1920, "G"]]])
    bars: int
    end: int = Field(description="The tick at which the last bar ends.")
    has_grid: bool = Field(description="Whether bars and beats mean anything.")
    parts: list[Part]
    request: dict[str, Any] | None = Field(description="What was asked for, without the prompt.")


class Begun(Answer):
    """A piece that is being composed."""

    id: str = Field(examples=["k3vq8m2xw7ce"])
    url: str = Field(description="Of its page, below the prefix.", examples=["p/k3vq8m2xw7ce"])
    head: Head


class Piece(Answer):
    """A piece, as far as it is composed."""

    id: str = Field(description="Its address; empty of a piece that the studio does not hold.")
    head: Head
    notes: list[tuple[int, int, int, int, int, int]] = Field(description=_NOTES, examples=[[[0, 0, 480, 62, 90, 0]]])
    pedals: list[tuple[int, int, int]] = Field(description=_PEDALS, examples=[[]])
    is_whole: bool


class ReadPiece(Piece):
    """A piece that was read from a file."""

    remarks: list[str] = Field(description="What was ignored or mended in the file.")


class Style(Answer):
    """A style of a composer: its usual length and tempo, the parts that may play in it."""

    name: str
    bars: int
    tempo_bpm: float
    parts: list[str]


class Model(Answer):
    """A composer, as far as its requests go."""

    name: str = Field(examples=["band"])
    title: str = Field(examples=["Band"])
    tasks: list[str] = Field(examples=[["compose", "continue", "accompany", "infill"]])
    controls: list[str] = Field(examples=[["style", "key", "density"]])
    styles: list[Style]
    parts: list[Part]
    chooses_parts: bool = Field(description="Whether the instruments of a piece are chosen among its parts.")


class StudioAnswer(Answer):
    """What the studio can do."""

    version: str
    composes: bool
    models: list[Model]
    soundfont: str = Field(description="Address of the SoundFont, below the prefix.")
    programs: list[int] = Field(description="For each General MIDI program the one of the SoundFont that plays it.")
    endings: dict[str, str] = Field(description="Of files that it writes; what has to be installed first, or nothing.")
    most_bytes: int = Field(description="Of a file that it takes.")


class Corpus(Answer):
    """Music that a composer learned from."""

    title: str
    licence: str
    citation: str
    pieces: int
    redistributable: bool | None


class Card(Answer):
    """What is to be known of a composer."""

    model: Model
    digest: str
    family: str
    bytes: int
    procedure: str
    corpora: list[Corpus]
    begun_from: str = Field(description="Digest of the artifact whose weights its training began with; or empty.")
    seed: int
    commit: str
    recipe: dict[str, Any]
    figures: dict[str, Any] = Field(description="On held-out pieces; ends in _low and _high: 95 % intervals.")
    losses: list[dict[str, float]] = Field(
        description="Its learning curve: step, and the monitored figure in training and validation where known.",
        examples=[[{"step": 1000, "training": 5.1, "validation": 5.4}]],
    )
    judged_by: str = Field(description="What its figure on held-out pieces counts.", examples=["bits per note"])
    judged_figure: str = Field(description="Name of that figure.", examples=["bits_per_note"])
    monitored: str = Field(description="Name of that figure; empty without a curve.", examples=["bits_per_note"])


class LibraryPiece(Answer):
    """A piece that somebody kept."""

    id: str
    title: str
    notes: str
    is_favorite: bool
    created_at: str = Field(description="ISO 8601, in UTC.", examples=["2026-11-30T15:00:00Z"])
    model: str
    style: str
    bars: int
    seconds: float
    parts: list[Part]


class Library(Answer):
    """Kept pieces, the newest first."""

    pieces: list[LibraryPiece]


class Changes(BaseModel):
    """What is to be changed of a piece that is kept; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(default=None, min_length=1, max_length=200, examples=["Rain"])
    notes: str | None = Field(default=None, max_length=10_000, examples=["for Anna; bars 9 to 12"])
    is_favorite: bool | None = None


class Kept(Answer):
    """A piece that was put into the library."""

    id: str


class Recording(Answer):
    """Music of a human composer."""

    name: str
    title: str
    composer: str
    set: str
    licence: str
    credit: str
    parts: list[Part]
    bars: int
    seconds: float


class Recordings(Answer):
    """All recorded music."""

    recordings: list[Recording]


class Originality(Answer):
    """What a piece shares with the music that a composer learned from."""

    longest: int = Field(description="Notes of the longest run that it shares with a training piece; 0: none.")
    share: float = Field(description="Of its runs of 8 notes on top, those that occur in the training music.")
    bars: list[int] = Field(description="First and last bar of that run, from 1.", examples=[[5, 7]])
    piece: str = Field(description="Name of the training piece.")
    piece_bars: list[int] = Field(description="First and last bar there.", examples=[[13, 15]])
    style: str
    human_share: float | None = Field(description="Of human excerpts as long, those that share as much or more.")
    n_excerpts: int
    is_near: bool = Field(description="Whether human music hardly ever shares as much.")


class OriginalityAnswer(Answer):
    """The originality of a piece; none of one with fewer than 8 notes on top."""

    found: Originality | None


class Health(Answer):
    """Whether the studio works."""

    status: str
    pieces_in_work: int
    composers: int


class ProblemAnswer(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["bars -1: must be a whole number from 1 to 2000"])
