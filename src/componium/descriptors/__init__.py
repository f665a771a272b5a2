"""Descriptors of a piece in a musician's terms: voices against each other, bass, turns, cadences, returns, register."""

from __future__ import annotations

import numpy as np

from componium.descriptors.bass import BASS
from componium.descriptors.cadences import CADENCES
from componium.descriptors.descriptor import Block, Descriptor, DescriptorGroup
from componium.descriptors.melody import MELODY
from componium.descriptors.motion import MOTION
from componium.descriptors.reading import Floats, VoiceReading, read_voices
from componium.descriptors.register import REGISTER
from componium.descriptors.repetition import REPETITION
from componium.descriptors.rhythm import RHYTHM
from componium.descriptors.texture import TEXTURE
from componium.descriptors.verticals import VERTICALS

__all__ = ["DESCRIPTORS", "Descriptor", "DescriptorGroup", "VoiceReading", "describe", "read_voices"]

_BLOCKS: tuple[Block, ...] = (
    *VERTICALS, *MOTION, *BASS, *MELODY, *CADENCES, *REPETITION, *TEXTURE, *REGISTER, *RHYTHM,
)  # fmt: skip
DESCRIPTORS: tuple[Descriptor, ...] = tuple(own for block in _BLOCKS for own in block.descriptors)


def describe(reading: VoiceReading) -> Floats:
    """Returns the values of ``DESCRIPTORS``, NaN where one is undefined; shape (descriptors,)."""
    if not len(reading.moments):
        return np.full(len(DESCRIPTORS), np.nan)
    return np.concatenate([_of_block(block, reading) for block in _BLOCKS])


def _of_block(block: Block, reading: VoiceReading) -> Floats:
    if block.needs_bars and not reading.has_bars:
        return np.full(len(block.descriptors), np.nan)
    found = block.compute(reading)
    assert found.shape == (len(block.descriptors),), block.descriptors[0].name  # noqa: S101 - the block's promise
    return found
