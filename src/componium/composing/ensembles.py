"""Who plays: the instruments of a request as parts of a band."""

from __future__ import annotations

import numpy as np

from componium.composing.requests import ALL, DRUMS, RANDOM_PARTS
from componium.composing.styles import STYLES
from componium.errors import RequestError
from componium.representations.notes import NotesRepresentation
from componium.score.instruments import parse_program, program_family, program_name


def playing_parts(
    representation: NotesRepresentation, asked: tuple[str, ...], style: str, rng: np.random.Generator
) -> list[int]:
    """Returns the indices of the parts that play.

    Args:
        representation: of a band.
        asked: the instruments of a request; none: an ensemble of the style is drawn.
        style: its name.
        rng: draws.
    """
    by_name = {part.name: index for index, part in enumerate(representation.config.parts)}
    usual = STYLES[style]
    drawn = RANDOM_PARTS.fullmatch(asked[0]) if asked else None
    if drawn:
        count = min(int(drawn[1]), len(by_name))
        return sorted(int(i) for i in rng.permutation(len(by_name))[:count])
    if not asked:
        return [by_name[name] for name in usual.ensembles[int(rng.integers(len(usual.ensembles)))]]
    if asked == (ALL,):
        return [by_name[name] for name in usual.full_band]
    return sorted({part_named(representation, name) for name in asked})


def part_named(representation: NotesRepresentation, name: str) -> int:
    """Returns the part of a band that plays an instrument: the same, else one of its family.

    Raises:
        RequestError: the band has none of its family.
    """
    parts = representation.config.parts
    if name == DRUMS:
        drums = [index for index, part in enumerate(parts) if part.is_drum]
        if drums:
            return drums[0]
        raise RequestError("the composer has no drums")
    program = parse_program(name)
    pitched = [index for index, part in enumerate(parts) if not part.is_drum]
    same = [index for index in pitched if parts[index].program == program]
    family = [index for index in pitched if program_family(parts[index].program) == program_family(program)]
    if not same and not family:
        raise RequestError(f"the composer has nothing like a {program_name(program)}")
    return (same or sorted(family, key=lambda index: abs(parts[index].program - program)))[0]
