"""Parts of the music, and which tracks of a file each part takes.

A track goes to the part of its name. Else drums go to the drums, and pitched tracks by their General MIDI family where
parts list families, as in a merge of many tracks into few (LPD-5: Dong, Hsiao, Yang, Yang: MuseGAN. AAAI 2018); where
none does, by program, then by the family of the parts' programs. What no part takes is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, field_validator

from componium.score import Track
from componium.score.instruments import FAMILY_NAMES, program_family

PEDAL = "pedal"
"""Name of a part that is the sustain pedal of the one before it; no track plays it."""


class Part(BaseModel):
    """A role in the music and the instrument that plays it by default.

    Attributes:
        families: General MIDI families whose tracks it takes; ``("any",)`` stands for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    program: int = Field(default=0, ge=0, le=127)
    is_drum: bool = False
    families: tuple[str, ...] = ()

    @field_validator("families")
    @classmethod
    def _are_general_midi(cls, families: tuple[str, ...]) -> tuple[str, ...]:
        if families == ("any",):
            return FAMILY_NAMES
        for name in families:
            if name not in FAMILY_NAMES:
                raise ValueError(f"no instrument family {name!r}; General MIDI has {', '.join(FAMILY_NAMES)}")
        return families


def part_of(parts: Sequence[Part], track: Track) -> int | None:
    """Returns the index of the part that a track plays, None where no part takes it."""
    name = track.name.strip().lower()
    fitting = [i for i, part in enumerate(parts) if part.is_drum == track.is_drum and part.name != PEDAL]
    named = [i for i in fitting if parts[i].name == name]
    if named or not fitting:
        return named[0] if named else None
    family = program_family(track.program)
    if not track.is_drum and any(parts[i].families for i in fitting):
        return next((i for i in fitting if FAMILY_NAMES[family] in parts[i].families), None)
    if track.is_drum or len(fitting) == 1:
        return fitting[0]
    same = [i for i in fitting if parts[i].program == track.program]
    near = [i for i in fitting if program_family(parts[i].program) == family]
    return (same or near or [None])[0]
