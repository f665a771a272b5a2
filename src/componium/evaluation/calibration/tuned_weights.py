"""Lists the weights of a style that are tuned: each by one statistic, which rises or falls with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from componium.artifacts import Artifact
from componium.evaluation.calibration.statistics import (
    Count,
    MeasuredPiece,
    chord_tones,
    doublings,
    in_one_scale,
    last_onset,
    leaps,
    repeated_notes,
    returned_notes,
    shared_rhythm,
    steps,
)


class TunedWeight(NamedTuple):
    """A field of a style that is tuned.

    Attributes:
        name: of the field.
        statistic: what it changes, in words.
        measure: the statistic of one piece.
        constraint: that uses the field; where a profile lacks it nothing is tuned.
        rises: whether the statistic rises with the weight.
        low, high: the values that it may take.
        step: how far the search first goes; a tenth of it is its resolution.
        needs_chords: whether pieces are composed over chords that are asked for.
    """

    name: str
    statistic: str
    measure: Callable[[MeasuredPiece], Count]
    constraint: str
    rises: bool
    low: float
    high: float
    step: float = 0.5
    needs_chords: bool = False


# What shapes whole pieces comes before what shapes single notes.
TUNED_WEIGHTS = (
    TunedWeight(
        "returning",
        "notes of the form that return",
        returned_notes,
        "returning",
        rises=True,
        low=0.0,
        high=6.0,
        step=1.0,
    ),
    TunedWeight(
        "rhythm", "likeness of the rhythms of bars", shared_rhythm, "rhythm", rises=True, low=0.0, high=5.0, step=1.0
    ),
    TunedWeight(
        "lengthening",
        "doublings of a note over a quarter",
        doublings,
        "durations",
        rises=True,
        low=-1.0,
        high=1.0,
        step=0.2,
    ),
    TunedWeight("out_of_key", "notes in one scale in 8 bars", in_one_scale, "key", rises=False, low=-4.0, high=0.0),
    TunedWeight(
        "repeated", "repeated notes of voices", repeated_notes, "voice_leading", rises=True, low=-3.0, high=3.0
    ),
    TunedWeight("stepping", "steps of voices", steps, "voice_leading", rises=True, low=-3.0, high=3.0),
    TunedWeight("leaping", "leaps of voices over a fourth", leaps, "voice_leading", rises=True, low=-3.0, high=3.0),
    TunedWeight(
        "closing", "place of the last onset in its bar", last_onset, "ending", rises=True, low=0.0, high=0.9, step=0.25
    ),
    TunedWeight(
        "off_chord",
        "chord tones on beats 1 and 3",
        chord_tones,
        "chords",
        rises=False,
        low=-4.0,
        high=0.0,
        needs_chords=True,
    ),
)


def weights_of(artifact: Artifact) -> tuple[TunedWeight, ...]:
    """Returns the weights that can be tuned: those whose constraint applies; none of a composer that knows no styles.

    Such a composer draws a key that nothing of its music follows from.
    """
    if artifact.manifest.conditioning.is_empty:
        return ()
    applying = artifact.profile.constraints
    return tuple(own for own in TUNED_WEIGHTS if getattr(applying, own.constraint, None) is not None)
