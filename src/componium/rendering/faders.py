"""Applies the volume, expression and place of MIDI channels to the sound of their tracks, as they change over time.

Volume and expression count by the square of their value, as General MIDI asks for (DLS level 1), in relation to volume
100, so that files which set none are as loud as others. Changes take 5 ms, or they would click.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from componium.formats.midi import Channel, Settings
from componium.rendering.soundfont.voices import SAMPLE_RATE
from componium.score import TempoMap

_USUAL_VOLUME, _FULL, _MIDDLE = 100.0, 127.0, 64.0
_RAMP = int(0.005 * SAMPLE_RATE)
_BLOCK = 1 << 18

Wave = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Curve:
    """A value over time: straight between points, level before the first and after the last."""

    samples: NDArray[np.float64]
    values: NDArray[np.float64]

    def at(self, start: int, stop: int) -> Wave:
        """Returns the value at each sample of a stretch."""
        return np.interp(np.arange(start, stop), self.samples, self.values).astype(np.float32)

    @property
    def is_level(self) -> bool:
        """Whether it never changes."""
        return bool(np.all(self.values == self.values[0]))


@dataclass(frozen=True, eq=False)
class Faders:
    """What is done to the sound of one track.

    Attributes:
        gain: factors.
        place: -0.5 left to 0.5 right; where it never changes, voices are placed by it.
    """

    gain: Curve
    place: Curve

    @property
    def pan(self) -> float:
        """Where voices are placed: in the middle if they are moved about afterwards."""
        return float(self.place.values[0]) if self.place.is_level else 0.0

    @contextmanager
    def applied(self, mix: Wave) -> Generator[Wave]:
        """Yields what a track is to be added to, shape (2, samples); its sound is then in the mix as it should be."""
        if self.place.is_level and self.gain.is_level and self.gain.values[0] == 1.0:
            yield mix
            return
        own = np.zeros_like(mix)
        yield own
        for start in range(0, mix.shape[1], _BLOCK):
            stop = min(start + _BLOCK, mix.shape[1])
            own[:, start:stop] *= self.gain.at(start, stop)
            if not self.place.is_level:
                angle = (self.place.at(start, stop) + np.float32(0.5)) * np.float32(np.pi / 2)
                # In relation to the middle, where both are the root of a half.
                own[0, start:stop] *= np.sqrt(np.float32(2)) * np.cos(angle)
                own[1, start:stop] *= np.sqrt(np.float32(2)) * np.sin(angle)
        mix += own


def faders_of(channel: Channel | None, tempo_map: TempoMap, pan: float) -> Faders:
    """Returns the faders of a track.

    Args:
        channel: how its channel is set; None where nothing is.
        tempo_map: of the score.
        pan: where it stands, -0.5 to 0.5, unless its channel says otherwise.
    """
    if channel is None:
        return Faders(_level(1.0), _level(pan))
    volume = _curve(channel.volume, tempo_map, _USUAL_VOLUME)
    expression = _curve(channel.expression, tempo_map, _FULL)
    samples = np.union1d(volume.samples, expression.samples)
    values = [np.interp(samples, own.samples, own.values) for own in (volume, expression)]
    gain = Curve(samples, (values[0] / _USUAL_VOLUME * values[1] / _FULL) ** 2)
    if not len(channel.place.onset):
        return Faders(gain, _level(pan))
    place = _curve(channel.place, tempo_map, float(channel.place.value[0]))
    # 0 and 1 both stand for the left.
    return Faders(gain, Curve(place.samples, np.maximum(place.values - _MIDDLE, 1 - _MIDDLE) / (2 * (_MIDDLE - 1))))


def _level(value: float) -> Curve:
    return Curve(np.zeros(1), np.array([value]))


def _curve(settings: Settings, tempo_map: TempoMap, usual: float) -> Curve:
    """Settings as a curve that reaches each value when it is set, from the one before in a short ramp."""
    if not len(settings.onset):
        return _level(usual)
    reached = np.rint(tempo_map.seconds(settings.onset) * SAMPLE_RATE)
    # Of several on one sample the last counts.
    last = np.append(reached[1:] != reached[:-1], True)
    reached, values = reached[last], settings.value[last]
    before = np.concatenate(([usual], values[:-1]))
    begun = np.maximum(reached - _RAMP, np.concatenate(([-np.inf], reached[:-1])))
    samples = np.stack((begun, reached), axis=1).ravel()
    return Curve(samples, np.stack((before, values), axis=1).ravel())
