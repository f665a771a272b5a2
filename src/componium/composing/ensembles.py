"""In which style a piece is, and which parts of the composer play in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.prompts import fits_of_prompt
from componium.composing.requests import (
    ALL,
    DRUMS,
    RANDOM_PARTS,
    AnyRequest,
    ContinueRequest,
    InfillRequest,
    names_instruments,
)
from componium.conditioning.roles import REGISTER, SILENT
from componium.conditioning.style_profile import Style
from componium.errors import RequestError
from componium.likelihood import StyleFit
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


class ChosenStyle(NamedTuple):
    """A style, and the fits of a prompt that chose it, the best first; empty where it was asked for or drawn."""

    name: str
    fits: tuple[StyleFit, ...]


def style_of(artifact: Artifact, request: AnyRequest) -> ChosenStyle:
    """Returns the style of a request: the one asked for, else one with parts for the instruments that are named.

    Of music before or around which new bars are composed it is the one in which that is most probable; else one is
    drawn by the seed.

    Raises:
        FormatError: the prompt cannot be read.
        RequestError: the composer has no such style; or the prompt has no notes.
    """
    names = list(artifact.profile.styles)
    if request.style is not None:
        if request.style not in names:
            raise RequestError(
                f"{{style}}: {artifact.manifest.name} has no style {request.style!r}; it has {', '.join(names)}"
            )
        return ChosenStyle(request.style, ())
    names = styles_for(artifact, request.parts)
    weights = np.array([artifact.profile.styles[name].drawn.weight for name in names])
    if isinstance(request, ContinueRequest | InfillRequest):
        usual = tuple(name for name, weight in zip(names, weights, strict=True) if weight > 0)
        fits = fits_of_prompt(artifact, request, usual) if len(usual) > 1 else ()
        if fits and fits[0].style is not None:
            return ChosenStyle(fits[0].style, fits)
    return ChosenStyle(
        names[int(np.random.default_rng((request.seed, 2)).choice(len(names), p=weights / weights.sum()))], ()
    )


def styles_for(artifact: Artifact, asked: tuple[str, ...]) -> list[str]:
    """Returns the styles whose pieces have parts for the instruments that a request names; all, if it names none.

    A style has them if a share of its pieces, and enough to choose from, are for as many players of pitched
    instruments, and for drums where those are asked for. If none has, it is those with the most players.

    Raises:
        RequestError: the composer has no such instrument.
    """
    profile, templates = artifact.profile, artifact.role_templates
    styles = list(profile.styles)
    if templates is None or not profile.chooses_parts or not names_instruments(asked):
        return styles
    is_drum = artifact.codec.is_drum
    taken: list[int] = []
    for name in asked:
        taken.append(part_named(artifact.codec, name, taken))
    asks_drums, n_asked = bool(is_drum[taken].any()), len(set(taken)) - bool(is_drum[taken].any())
    plays = templates.roles[:, REGISTER] > SILENT
    players = plays[:, ~is_drum].sum(axis=1)
    drummers: NDArray[np.bool_] = np.any(plays[:, is_drum], axis=1)

    def has(style: int, n_players: int, *, drums: bool) -> bool:
        own = templates.style == style
        fitting = players[own] >= n_players
        if drums:
            fitting &= drummers[own]
        return bool(fitting.sum() >= profile.roles.enough and fitting.mean() >= profile.roles.enough_share)

    # Drums are given up before players are.
    for n_players in range(n_asked, 0, -1):
        for drums in (True, False) if asks_drums else (False,):
            found = [name for number, name in enumerate(styles, 1) if has(number, n_players, drums=drums)]
            if any(profile.styles[name].drawn.weight for name in found):
                return found
    return styles


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
