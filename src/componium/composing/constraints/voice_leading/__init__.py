"""How voices move: each by itself, and two together."""

from componium.composing.constraints.voice_leading.intervals import LEAP, STEP, VoiceLeading, interval_weights
from componium.composing.constraints.voice_leading.pairs import VoicePairs, voice_pairs_of

__all__ = ["LEAP", "STEP", "VoiceLeading", "VoicePairs", "interval_weights", "voice_pairs_of"]
