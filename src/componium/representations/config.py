"""Settings of note events: unit, steps, the table of durations, parts."""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from componium.representations.parts import PEDAL, Part

_COARSE_RATIO = 1.03
MOST_PARTS = 256


class NotesConfig(BaseModel):
    """Settings of note events; part of a recipe and of every artifact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["notes"] = "notes"
    unit: Literal["quarter", "second"] = "quarter"
    steps: int = Field(default=12, ge=1, le=1000, description="steps per quarter note, or per second")
    max_shift: int = Field(default=96, ge=1, le=1000, description="longest shift in steps; longer gaps take rests")
    max_exact_duration: int = Field(default=96, ge=1, le=1000, description="every duration to here has its own entry")
    max_duration: int = Field(default=384, ge=1, le=20000, description="longest duration in steps")
    velocity_bins: int = Field(default=32, ge=1, le=127)
    parts: tuple[Part, ...] = Field(
        default=(), max_length=MOST_PARTS, description="empty: taken from the training pieces"
    )

    @field_validator("parts")
    @classmethod
    def _have_names_of_their_own(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        names = Counter(part.name for part in parts if part.name != PEDAL)
        if names and max(names.values()) > 1:
            raise ValueError(f"two parts are called {max(names, key=names.__getitem__)!r}")
        return parts

    @property
    def steps_per_quarter(self) -> int | None:
        """How many steps a quarter has; None where steps are of seconds."""
        return self.steps if self.unit == "quarter" else None

    @property
    def notes(self) -> NotesConfig:
        """The settings of the note events that are stored: these."""
        return self

    def with_notes(self, notes: NotesConfig) -> NotesConfig:
        """Returns the settings with others of the stored note events."""
        return notes

    def durations(self) -> NDArray[np.int64]:
        """Returns the table of durations in steps, rising from 0: each to ``max_exact_duration``, then coarser ones."""
        exact, longest = self.max_exact_duration, self.max_duration
        if self.unit == "second":
            count = max(int(np.log(longest / exact) / np.log(_COARSE_RATIO)), 0)
            coarse = np.rint(exact * _COARSE_RATIO ** np.arange(1, count + 1))
            coarse = np.unique(coarse[coarse > exact])
        else:
            step = max(1, (longest - exact) // 24)
            coarse = np.arange(exact + step, longest + 1, step)
        return np.concatenate((np.arange(exact + 1), coarse)).astype(np.int64)


class Sizes(NamedTuple):
    """Number of values of each attribute; the last shift is the end of the piece."""

    shift: int
    part: int
    pitch: int
    duration: int
    velocity: int
