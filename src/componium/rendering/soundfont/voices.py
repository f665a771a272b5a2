"""Synthesizes the notes of a track with a SoundFont, added into a stereo mix.

All notes of one zone and key share one wave: the sample is resampled and enveloped once, and each note is a slice of it
and a release. That is what makes numpy fast enough; only notes that are bent are resampled one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.rendering.soundfont.reader import SoundFont, Zone

SAMPLE_RATE = 44_100
BEND_SEMITONES = 2.0
# A drone longer than this dies away: one wave must fit in memory.
MAX_NOTE_SECONDS = 120.0

_SHORTEST_SECONDS = 0.03
# Drum sounds ring on after note-off, as on any General MIDI device.
_DRUM_SECONDS = 2.5
# Releases run to -100 dB; below -70 dB nothing is heard.
_RELEASE_SHARE = 0.7
_MAX_RELEASE_SECONDS = 3.0
_MIN_RELEASE_SECONDS = 0.02
_CHOKE_SECONDS = 0.015
_OPEN_FILTER_HZ = 18_000.0

Wave = NDArray[np.float32]


class Playing(NamedTuple):
    """The notes of a track in samples: columns of one length, sorted by onset."""

    onset: NDArray[np.int64]
    length: NDArray[np.int64]
    pitch: NDArray[np.int64]
    velocity: NDArray[np.int64]


class Bends(NamedTuple):
    """Pitch bends: onsets in samples, and the factor on the frequency from there on."""

    onset: NDArray[np.int64]
    factor: NDArray[np.float64]

    def over(self, start: int, length: int) -> NDArray[np.float64]:
        """The factor at each sample of a stretch."""
        first, last = np.searchsorted(self.onset, [start, start + length], side="right")
        edges = np.concatenate(([start], self.onset[first:last], [start + length]))
        before = self.factor[first - 1 : first] if first else np.ones(1)
        factors = np.concatenate((before, self.factor[first:last]))
        return np.repeat(factors, np.diff(edges))


def play(
    mix: Wave, font: SoundFont, preset: tuple[int, int], notes: Playing, bends: Bends, *, pan: float = 0.0
) -> None:
    """Adds the notes of one track to a mix.

    Args:
        mix: shape (2, samples); voices are cut at its end.
        font: where the sound comes from.
        preset: bank and program that the font has.
        notes: what is played.
        bends: empty where nothing is bent.
        pan: -0.5 left to 0.5 right.
    """
    is_drum = preset[0] == 128
    bent = _bent(notes, bends)
    for zone in font.presets[preset]:
        inside = (notes.pitch >= zone.keys[0]) & (notes.pitch <= zone.keys[1])
        inside &= (notes.velocity >= zone.velocities[0]) & (notes.velocity <= zone.velocities[1])
        if not inside.any():
            continue
        lengths = _lengths(zone, notes, is_drum=is_drum)
        choked = _choked(font.presets[preset], zone, notes)
        gains = _gains(zone, pan)
        for pitch in np.unique(notes.pitch[inside]):
            chosen = np.flatnonzero(inside & (notes.pitch == pitch))
            voice = _Voice(font, zone, int(pitch))
            straight = chosen[~bent[chosen]]
            if len(straight):
                voice.prepare(int(lengths[straight].max()))
            for index in chosen:
                start, length, choke = int(notes.onset[index]), int(lengths[index]), int(choked[index])
                factors = bends.over(start, length + voice.release) if bent[index] else None
                wave = voice.note(length, choke - start, factors)
                wave = wave[: mix.shape[1] - start] * np.float32((notes.velocity[index] / 127) ** 2)
                mix[0, start : start + len(wave)] += wave * gains[0]
                mix[1, start : start + len(wave)] += wave * gains[1]


class _Voice:
    """One zone at one key."""

    def __init__(self, font: SoundFont, zone: Zone, pitch: int) -> None:
        self._zone = zone
        frames = font.sample(zone.sample)
        self._loop = zone.loop if zone.loop is not None and zone.loop[1] <= len(frames) else None
        self._frames = frames[zone.frames[0] : len(frames) + zone.frames[1]] if self._loop is None else frames
        # Past the end stands silence, or, in a loop, what the loop plays next.
        self._padded = np.concatenate((self._frames[:1], self._frames, np.zeros(3, np.float32)))
        if self._loop is not None:
            start, end = self._loop
            self._padded = np.concatenate((self._frames[:1], self._frames[:end], np.resize(self._frames[start:end], 3)))
        semitones = zone.cents_per_key / 100 * (pitch - zone.root_key)
        if zone.cents_per_key != 100:
            # The root's own tuning is not scaled by untuned zones.
            semitones += (1 - zone.cents_per_key / 100) * (round(zone.root_key) - zone.root_key)
        # Ten octaves are more than any font in its right mind asks for.
        self._step = font.rate(zone.sample) / SAMPLE_RATE * 2.0 ** (min(max(semitones, -120), 120) / 12)
        seconds = min(max(zone.release_seconds * _RELEASE_SHARE, _MIN_RELEASE_SECONDS), _MAX_RELEASE_SECONDS)
        self.release = int(seconds * SAMPLE_RATE)
        self._fall = _release_curve(self.release, max(zone.release_seconds, seconds))
        self._wave = np.empty(0, np.float32)
        self._envelope = np.empty(0, np.float32)
        self._shaped = np.empty(0, np.float32)

    def prepare(self, length: int) -> None:
        """Makes the wave that unbent notes of up to ``length`` samples share."""
        total = length + self.release
        if self._loop is None:
            total = min(total, int(len(self._frames) / self._step) + 1)
        self._wave = self._filtered(self._resampled(np.arange(total) * self._step))
        self._envelope = _envelope(self._zone, len(self._wave))
        self._shaped = self._wave * self._envelope

    def note(self, length: int, choke: int, factors: NDArray[np.float64] | None) -> Wave:
        """The wave of a note held for ``length`` samples and silenced after ``choke``; shared memory: do not write."""
        if factors is None:
            wave, envelope, shaped = self._wave, self._envelope, self._shaped
        else:
            steps = np.concatenate(([0.0], np.cumsum(factors * self._step)[:-1]))
            wave = self._filtered(self._resampled(steps))
            envelope = _envelope(self._zone, len(wave))
            shaped = wave * envelope
        fall = self._fall
        if choke < length:
            length, fall = choke, _release_curve(int(_CHOKE_SECONDS * SAMPLE_RATE), _CHOKE_SECONDS)
        if length >= len(shaped):
            return shaped
        tail = wave[length : length + len(fall)]
        return np.concatenate((shaped[:length], tail * fall[: len(tail)] * envelope[length]))

    def _resampled(self, positions: NDArray[np.float64]) -> Wave:
        """The sample at fractional frames, by cubic (Catmull-Rom) interpolation."""
        if self._loop is not None:
            start, end = self._loop
            beyond = int(np.searchsorted(positions, end))
            positions[beyond:] = start + (positions[beyond:] - start) % (end - start)
        else:
            positions = positions[: int(np.searchsorted(positions, len(self._frames) - 1))]
        whole = positions.astype(np.int32)
        t = (positions - whole).astype(np.float32)
        padded = self._padded
        a, b, c, d = (padded.take(whole + np.int32(offset)) for offset in range(4))
        half = np.float32(0.5)
        curve = c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))
        return (b + half * t * curve).astype(np.float32, copy=False)

    def _filtered(self, wave: Wave) -> Wave:
        """The wave after the zone's low-pass filter (two poles, no resonance)."""
        if self._zone.cutoff_hz >= _OPEN_FILTER_HZ or not len(wave):
            return wave
        # A few milliseconds of silence, so that the filter's ringing does not come round to the beginning.
        size = _transform_size(len(wave) + 512)
        ratio = np.arange(size // 2 + 1, dtype=np.float32) * np.float32(SAMPLE_RATE / size / self._zone.cutoff_hz)
        spectrum = np.fft.rfft(wave, size)
        spectrum /= 1 - ratio * ratio + np.complex64(1j * np.sqrt(2)) * ratio
        return np.fft.irfft(spectrum, size)[: len(wave)].astype(np.float32, copy=False)


def _transform_size(least: int) -> int:
    """An even number that is fast to transform."""
    whole = 1 << max(least - 1, 1).bit_length()
    return min(size for size in (whole, whole // 4 * 3, whole // 8 * 5, whole // 16 * 9) if size >= least)


def _envelope(zone: Zone, length: int) -> Wave:
    """The volume envelope while the key is held: attack straight, decay straight in decibels."""
    delay, attack, hold, decay = (int(seconds * SAMPLE_RATE) for seconds in zone.envelope)
    result = np.full(length, 10 ** (-(zone.sustain_db + zone.attenuation_db) / 20), np.float32)
    peak = 10 ** (-zone.attenuation_db / 20)
    attacked, held = delay + attack, delay + attack + hold
    falling = int(decay * zone.sustain_db / 100)
    result[:delay] = 0
    result[delay:attacked] = peak * np.arange(1, attack + 1)[: max(length - delay, 0)] / max(attack, 1)
    result[attacked:held] = peak
    fall = np.arange(max(min(falling, length - held), 0))
    result[held : held + len(fall)] = peak * 10 ** (-5.0 * fall / max(decay, 1))
    return result


def _release_curve(length: int, seconds_to_silence: float) -> Wave:
    """From 1 down by 100 dB in the given time, with a last touch down to 0."""
    curve = 10 ** (-5.0 * np.arange(length) / (seconds_to_silence * SAMPLE_RATE))
    last = min(length, int(0.01 * SAMPLE_RATE))
    curve[length - last :] *= np.linspace(1, 0, last)
    return curve.astype(np.float32)


def _lengths(zone: Zone, notes: Playing, *, is_drum: bool) -> NDArray[np.int64]:
    shortest = _DRUM_SECONDS if is_drum and zone.loop is None else _SHORTEST_SECONDS
    return np.clip(notes.length, int(shortest * SAMPLE_RATE), int(MAX_NOTE_SECONDS * SAMPLE_RATE))


def _choked(zones: tuple[Zone, ...], zone: Zone, notes: Playing) -> NDArray[np.int64]:
    """Sample at which each note is silenced by the next one of its exclusive class."""
    never = np.full(len(notes.onset), np.iinfo(np.int64).max)
    if not zone.exclusive_class:
        return never
    rivals = np.zeros(len(notes.onset), np.bool_)
    for other in zones:
        if other.exclusive_class == zone.exclusive_class:
            rivals |= (notes.pitch >= other.keys[0]) & (notes.pitch <= other.keys[1])
    onsets = np.append(np.unique(notes.onset[rivals]), np.iinfo(np.int64).max)
    return onsets[np.searchsorted(onsets[:-1], notes.onset, side="right")]


def _bent(notes: Playing, bends: Bends) -> NDArray[np.bool_]:
    """Which notes sound while a bend other than 0 is in force."""
    if not len(bends.onset) or bool(np.all(bends.factor == 1.0)):
        return np.zeros(len(notes.onset), np.bool_)
    # The release bends too; a second is as long as most.
    ends = notes.onset + notes.length + SAMPLE_RATE
    first = np.searchsorted(bends.onset, notes.onset, side="right")
    last = np.searchsorted(bends.onset, ends, side="right")
    before = (first > 0) & (bends.factor[first - 1] != 1.0)
    return before | (last > first)


def _gains(zone: Zone, pan: float) -> tuple[np.float32, np.float32]:
    """Of the left and the right channel, at constant power."""
    angle = (min(max(zone.pan + pan, -0.5), 0.5) + 0.5) * np.pi / 2
    return np.float32(np.cos(angle)), np.float32(np.sin(angle))
