"""What is said of composed pieces: what was drawn for them, who plays how much, and how to have them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from componium.cli.composing.request_options import option_name

if TYPE_CHECKING:
    from componium.composing.compose import Composition
    from componium.score import Score, Track


def summary(compositions: Sequence[Composition], command: str) -> str:
    """Returns lines about composed pieces.

    Args:
        compositions: the pieces of one request.
        command: that composes them again.
    """
    first = compositions[0]
    lines = [f"{first.model}, seed {first.request.seed}"]
    for composition in compositions:
        name = f"{composition.index + 1}: " if len(compositions) > 1 else ""
        lines.append(f"  {name}{_drawn(composition)}")
        lines.append(f"  {' ' * len(name)}{_players(composition.score)}")
        if composition.rankings:
            lines.append(f"  {' ' * len(name)}{_why_best(composition)}")
    return "\n".join([*lines, f"again: {command}"])


def command_line(task: str, typed: Mapping[str, Any], arguments: Sequence[str], model: str | None) -> str:
    """Returns the command that composes the pieces of a request again, as a shell takes it.

    Args:
        task: the verb.
        typed: values of the options by field, as they were typed; the seed is among them.
        arguments: of the verb, and options that are no fields of the request.
        model: as it was typed.
    """
    words = ["componium", task, *arguments, *(() if model is None else ("--model", model))]
    for name, value in typed.items():
        if value is not None and value is not False:
            words += [option_name(name)] if value is True else [option_name(name), str(value)]
    return shlex.join(words)


def _drawn(composition: Composition) -> str:
    """Style, key, meter, tempo and length of a piece."""
    from componium.score import duration_seconds, n_bars  # noqa: PLC0415 - costs time at every start
    from componium.score.bars import main_meter  # noqa: PLC0415
    from componium.score.tempo_map import main_tempo  # noqa: PLC0415

    score, key = composition.score, composition.key
    found = [composition.style] if composition.style else []
    if key is not None:
        found.append(key.name)
    if score.has_grid:
        meter, bars = main_meter(score), n_bars(score)
        found += [f"{meter.numerator}/{meter.denominator}", f"{main_tempo(score):.4g} bpm"]
        found.append(f"{bars} bar{'' if bars == 1 else 's'}")
    return ", ".join([*found, f"{duration_seconds(score):.1f} s"])


def _players(score: Score) -> str:
    return ", ".join(
        f"{_name(track)} {len(track.notes)} note{'' if len(track.notes) == 1 else 's'}"
        for track in score.tracks
        if len(track.notes)
    )


def _name(track: Track) -> str:
    from componium.score.instruments import program_name  # noqa: PLC0415 - costs time at every start

    name = " ".join(track.name.split())
    return name or ("drums" if track.is_drum else program_name(track.program))


def _why_best(composition: Composition) -> str:
    """What the phrases of a piece were chosen for, in one line."""
    flawed = f", flawed ({', '.join(composition.flaws)})" if composition.flaws else ""
    kept = [best.human_share for best, *_ in composition.rankings]
    rest = [own.human_share for _, *others in composition.rankings for own in others]
    n_phrases, n_each = len(kept), len(composition.rankings[0])
    phrases = "" if n_phrases == 1 else f" for each of {n_phrases} phrases"
    on_average = "" if n_phrases == 1 else " on average"
    return (
        f"the best of {n_each}{phrases}{flawed}: taken for human with probability "
        f"{sum(kept) / len(kept):.0%}{on_average}, those not kept {sum(rest) / len(rest):.0%}"
    )


def typed_path(path: Path) -> str:
    """Returns a path as an argument that no option is taken for."""
    return f"./{path}" if str(path).startswith("-") else str(path)
