"""What a band is in each style: its usual tempo, ensembles to choose from, and the full band.

What a request leaves open is drawn from here; nothing of it limits what can be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from componium.composing.requests import ALL, DRUMS, RANDOM_PARTS
from componium.errors import RequestError
from componium.representations.note_codec import NoteCodec
from componium.score.instruments import parse_program, program_family, program_name


class Style(NamedTuple):
    """What is usual in a style.

    Attributes:
        tempo_bpm: quarters a minute.
        ensembles: drawn alike often.
        full_band: all who may play.
        most_alike: bars in a row that are much alike, drums aside (``composing/course.py``): in 99 of 100 training
            pieces it is no more (of chorales not even two).
        out_of_key: weight of notes outside the key that is in mind where none is asked for. It is chosen such that
            excerpts of eight bars leave their scale as often as those of training pieces do.
        repeated, stepping, leaping: weights of how voices go on (``composing/lines.py``): on the same note, by a step,
            by more than a fourth. They are chosen such that voices do so as often as those of training pieces; where
            parts play patterns rather than lines, which weights do not make, they are 0.
        groove: weight of onsets where the bar before has some (``composing/groove.py``). It is chosen such that onsets
            of neighbouring bars fall together as often as those of training pieces.
        lengthening: weight of every doubling of a note's length. It is chosen such that usual notes are as long as
            those of training pieces.
        returning: weight of what the form has return next. It is chosen such that bars that repeat others keep as much
            of them as those of training pieces do.
        off_chord: weight, on quarters, of notes that are foreign to a chord that is asked for. It is chosen such that
            beats are made of chord tones as often as those of training pieces are, of the chords found in them.
        closing: share of the last bar after which its beats close the piece (``composing/ending.py``). It is chosen
            such that last notes are about as long as those of training pieces.
        top_p: share of likely choices that are left where none is asked for. It is chosen such that a classifier tells
            composed pieces from training pieces least (``benchmarks/telling_apart.py --development``).
    """

    tempo_bpm: float
    ensembles: tuple[tuple[str, ...], ...]
    full_band: tuple[str, ...]
    most_alike: int = 3
    out_of_key: float = -0.2
    repeated: float = 0.0
    stepping: float = 0.0
    leaping: float = 0.0
    groove: float = 0.0
    lengthening: float = 0.0
    returning: float = 1.4
    off_chord: float = -0.8
    closing: float = 0.5
    top_p: float = 0.98


# Of a style that is none of these.
ANY = Style(100.0, (("piano",),), ("piano", "acoustic bass", "drums"))

_QUARTET = ("violin", "violin 2", "viola", "cello")

STYLES: dict[str, Style] = {
    "pop": Style(
        96.0,
        (
            ("piano",),
            ("piano", "violin"),
            ("piano", "flute", "strings"),
            ("nylon guitar", "clarinet", "acoustic bass"),
            ("electric piano", "alto sax", "electric bass", "drums"),
        ),
        ("piano", "alto sax", "strings", "electric bass", "drums"),
        groove=1.0,
        lengthening=0.2,
        returning=1.6,
        closing=0.25,
        top_p=0.96,
    ),
    "folk": Style(
        110.0,
        (("violin",), ("flute",), ("accordion",), ("recorder",)),
        ("violin",),
        out_of_key=-1.6,
        repeated=-0.5,
        stepping=0.3,
        leaping=-0.5,
        groove=3.0,
        returning=3.0,
        off_chord=-1.1,
        closing=0.75,
        top_p=0.98,
    ),
    "chorale": Style(
        80.0,
        (("choir",), ("church organ",), ("oboe", "clarinet", "horn", "bassoon")),
        ("choir",),
        2,
        out_of_key=-0.6,
        repeated=-0.4,
        stepping=0.5,
        leaping=-0.3,
        returning=3.0,
        off_chord=-1.1,
        top_p=1.0,
    ),
    "string-quartet": Style(100.0, (_QUARTET,), (*_QUARTET, "contrabass"), 2, repeated=0.6, leaping=-0.8),
    "renaissance": Style(
        100.0,
        (("choir",), ("recorder", "viola", "cello"), ("church organ",)),
        ("choir",),
        2,
        out_of_key=-0.8,
        repeated=0.4,
        stepping=0.8,
        leaping=-0.4,
        off_chord=0.0,
    ),
    "classical-piano": Style(104.0, (("piano",), ("harpsichord",)), ("piano",), 2, out_of_key=0.0),
    "game-rock": Style(
        126.0,
        (("overdriven guitar", "electric bass", "drums"), ("overdriven guitar", "lead", "electric bass", "drums")),
        ("overdriven guitar", "electric guitar", "lead", "pad", "electric bass", "drums"),
        13,
        groove=1.0,
    ),
}


def playing_parts(codec: NoteCodec, asked: tuple[str, ...], style: str, rng: np.random.Generator) -> list[int]:
    """Returns the indices of the parts that play.

    Args:
        representation: of a band.
        asked: the instruments of a request; none: an ensemble of the style is drawn.
        style: its name.
        rng: draws.
    """
    by_name = {part.name: index for index, part in enumerate(codec.config.parts)}
    usual = STYLES.get(style, ANY)
    drawn = RANDOM_PARTS.fullmatch(asked[0]) if asked else None
    if drawn:
        count = min(int(drawn[1]), len(by_name))
        return sorted(int(i) for i in rng.permutation(len(by_name))[:count])
    if not asked or asked == (ALL,):
        names = usual.full_band if asked else usual.ensembles[int(rng.integers(len(usual.ensembles)))]
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
        raise RequestError("the composer has no drums")
    named = [index for index, part in enumerate(parts) if part.name == name.strip().lower()]
    program = parse_program(name)
    pitched = [index for index, part in enumerate(parts) if not part.is_drum]
    same = [index for index in pitched if parts[index].program == program]
    family = [index for index in pitched if program_family(parts[index].program) == program_family(program)]
    if not same and not family:
        raise RequestError(f"the composer has nothing like a {program_name(program)}")
    found = [*named, *same] or sorted(family, key=lambda index: abs(parts[index].program - program))
    return next((index for index in found if index not in taken), found[0])
