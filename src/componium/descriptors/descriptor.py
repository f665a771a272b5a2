"""The type of a descriptor: a named figure of a piece; and the blocks that compute several of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.descriptors.reading import Floats, Integers, VoiceReading

DescriptorGroup = Literal[
    "verticals", "motion", "bass", "melody", "cadences", "repetition", "texture", "register", "dynamics", "rhythm"
]


class Descriptor(NamedTuple):
    """A figure of a piece: its name, the side of music that it describes, and its meaning for a musician."""

    name: str
    group: DescriptorGroup
    meaning: str


class Block(NamedTuple):
    """Descriptors that are computed together.

    Attributes:
        descriptors: in order.
        compute: maps a reading with at least one note to their values, NaN where undefined.
        needs_bars: whether all are undefined where ticks carry no beat.
    """

    descriptors: tuple[Descriptor, ...]
    compute: Callable[[VoiceReading], Floats]
    needs_bars: bool = False


STRENGTHS = ("the first beat", "other beats", "off the beat")
DEGREES = ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7")
INTERVALS = ("unison or octave", "m2", "M2", "m3", "M3", "4th", "tritone", "5th", "m6", "M6", "m7", "M7")
SIZES = ("leap down", "third down", "step down", "repeat", "step up", "third up", "leap up")
"""Classes of a melodic interval: a leap has at least 5 semitones, a third 3 or 4, a step 1 or 2."""


_DIRECTIONS = ("down", "repeat", "up")
CONTOURS = tuple(f"{first}, {second}" for first in _DIRECTIONS for second in _DIRECTIONS)
"""Contours of three notes."""


def named(group: DescriptorGroup, rows: dict[str, str]) -> tuple[Descriptor, ...]:
    """Returns descriptors of one group, from names to meanings."""
    return tuple(Descriptor(name, group, meaning) for name, meaning in rows.items())


def classes_named(group: DescriptorGroup, name: str, meaning: str, labels: tuple[str, ...]) -> tuple[Descriptor, ...]:
    """Returns a descriptor for the share of each class."""
    return tuple(Descriptor(f"{name}: {label}", group, f"{meaning}: the share of {label}") for label in labels)


def shares(classes: Integers, n_classes: int) -> Floats:
    """Returns the share of each class, shape (n_classes,); NaN where nothing is counted."""
    if not len(classes):
        return np.full(n_classes, np.nan)
    return np.bincount(classes, minlength=n_classes) / len(classes)


def mean(values: NDArray[Any]) -> float:
    """Returns the mean; NaN of nothing."""
    return float(values.mean()) if values.size else float("nan")


def spread(values: Floats | Integers) -> float:
    """Returns the standard deviation; NaN of fewer than two."""
    return float(values.std()) if values.size > 1 else float("nan")


def size_classes(steps: Integers) -> Integers:
    """Returns the class of each melodic interval in semitones, by ``SIZES``."""
    size = np.digitize(np.abs(steps), (1, 3, 5))
    return 3 + np.sign(steps) * size


def contours(steps: Integers) -> Integers:
    """Returns the contour of every three notes in a row, by ``CONTOURS``, from their intervals."""
    sign = np.sign(steps) + 1
    return len(_DIRECTIONS) * sign[:-1] + sign[1:]
