"""Descriptors of a piece in a musician's terms: voices against each other, bass, turns, cadences, returns, register."""

from componium.descriptors.describing import DESCRIPTORS, describe
from componium.descriptors.descriptor import Descriptor, DescriptorGroup
from componium.descriptors.reading import VoiceReading, read_voices

__all__ = ["DESCRIPTORS", "Descriptor", "DescriptorGroup", "VoiceReading", "describe", "read_voices"]
