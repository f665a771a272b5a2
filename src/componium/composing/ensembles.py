"""Which parts of a composer play in a piece."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from componium.artifacts import Artifact
from componium.composing.requests import ALL, DRUMS, RANDOM_PARTS
from componium.conditioning.style_profile import Style
from componium.errors import RequestError
from componium.representations.note_codec import NoteCodec
from componium.score.instruments import parse_program, program_family, program_name


def playing_parts(artifact: Artifact, asked: tuple[str, ...], style: Style, rng: np.random.Generator) -> list[int]:
    """Returns the indices of the parts that play.

    Args:
        artifact: of a composer of fixed parts all play.
        asked: the parts of a request; none: an ensemble of the style is drawn.
        style: of the piece.
        rng: draws.
    """
    codec = artifact.codec
    by_name = {part.name: index for index, part in enumerate(codec.config.parts)}
    if not artifact.profile.chooses_parts:
        return list(by_name.values())
    drawn = RANDOM_PARTS.fullmatch(asked[0]) if asked else None
    if drawn:
        count = min(int(drawn[1]), len(by_name))
        return sorted(int(i) for i in rng.permutation(len(by_name))[:count])
    if not asked or asked == (ALL,):
        names = style.full_band if asked else style.ensembles[int(rng.integers(len(style.ensembles)))]
        # A composer that has none of them plays all that it has.
        return [by_name[name] for name in names if name in by_name] or list(by_name.values())
    playing: list[int] = []
    for name in asked:
        playing.append(part_named(codec, name, playing))
    return sorted(set(playing))


def part_named(codec: NoteCodec, name: str, taken: Sequence[int] = ()) -> int:
    """Returns the part of a band that plays an instrument: the same, else one of its family.

    Of several players of an instrument it is the first that is not taken, if there is any.

    Raises:
        RequestError: the band has none of its family.
    """
    parts = codec.config.parts
    if name == DRUMS:
        drums = [index for index, part in enumerate(parts) if part.is_drum]
        if drums:
            return drums[0]
        raise RequestError("{parts}: the composer has no drums")
    named = [index for index, part in enumerate(parts) if part.name == name.strip().lower()]
    program = parse_program(name)
    pitched = [index for index, part in enumerate(parts) if not part.is_drum]
    same = [index for index in pitched if parts[index].program == program]
    family = [index for index in pitched if program_family(parts[index].program) == program_family(program)]
    if not same and not family:
        raise RequestError(f"{{parts}}: the composer has nothing like a {program_name(program)}")
    found = [*named, *same] or sorted(family, key=lambda index: abs(parts[index].program - program))
    return next((index for index in found if index not in taken), found[0])
