"""Adds reverberation, sets the loudness and limits peaks.

All work in place, block by block, on float32 arrays of shape (2, samples), left and right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 44_100
LOUDNESS_DBFS = -18.0
CEILING_DBFS = -1.0

REVERBERATION_SECONDS = 1.25
# The tail falls by 60 dB in this time; its high frequencies faster, as air and curtains do.
_LOW_RT60, _HIGH_RT60 = 1.15, 0.55
_CROSSOVER_HZ = 1800.0
# Against the direct sound, where music is loudest (200 Hz to 2 kHz).
_TAIL_DB = -13.0
_EARLY_DB = -15.0
# Milliseconds and strength of the first reflections, left and right: walls at unequal distances.
_EARLY = (
    ((7.9, 1.0), (13.1, -0.8), (19.7, 0.62), (27.1, -0.5), (36.7, 0.4), (44.9, -0.3)),
    ((9.7, 1.0), (11.9, -0.75), (22.3, 0.65), (25.3, -0.5), (38.9, 0.38), (47.3, -0.3)),
)
# Reverberation has nothing below this: bass stays clear, and no offset gets through.
_REVERBERATION_LOW_CUT_HZ = 180.0
_OFFSET_CUT_HZ = 18.0

_LOUDNESS_BLOCK = int(0.4 * SAMPLE_RATE)
_ABSOLUTE_GATE_DB, _RELATIVE_GATE_DB = -60.0, -10.0
_LIMITER_BLOCK = 64
# 50 ms before and after a peak: too slow to be heard as distortion.
_LIMITER_REACH = 34

Mix = NDArray[np.float32]


def add_reverberation(mix: Mix, *, dry: bool) -> None:
    """Removes what is below hearing, and adds reverberation unless ``dry``; the mix keeps its length."""
    spectra, n_taps, size = _responses(dry)
    hop = size - n_taps + 1
    tail = np.zeros((2, n_taps - 1), np.float32)
    for start in range(0, mix.shape[1], hop):
        block = np.fft.rfft(mix[:, start : start + hop], size)
        direct, reflected = spectra
        heard = block * direct
        if not dry:
            heard += block.sum(axis=0) * reflected
        sound = np.fft.irfft(heard, size)
        sound[:, : n_taps - 1] += tail
        length = min(hop, mix.shape[1] - start)
        mix[:, start : start + length] = sound[:, :length]
        tail = sound[:, hop:].astype(np.float32)


@cache
def _responses(dry: bool) -> tuple[tuple[NDArray[np.complex64], NDArray[np.complex64]], int, int]:  # noqa: FBT001 - a cache key
    """Spectra of the direct path (F,) and of the reverberation (2, F); taps; transform size."""
    n_direct = int(0.06 * SAMPLE_RATE)
    n_taps = n_direct if dry else n_direct + int(REVERBERATION_SECONDS * SAMPLE_RATE)
    size = 1 << (15 if dry else 18)
    direct = _low_cut(_OFFSET_CUT_HZ, n_direct)
    reflected = np.zeros((2, n_taps))
    if not dry:
        cut = _low_cut(_REVERBERATION_LOW_CUT_HZ, n_direct)
        # Twice: 12 dB an octave.
        filtered = np.fft.rfft(_impulses(), size) * np.fft.rfft(cut, size) ** 2
        reflected = np.fft.irfft(filtered, size)[:, :n_taps]
    spectra = (np.fft.rfft(direct, size), np.fft.rfft(reflected, size))
    return (spectra[0].astype(np.complex64), spectra[1].astype(np.complex64)), n_taps, size


def _low_cut(hertz: float, n_taps: int) -> NDArray[np.float64]:
    """A first-order high-pass, cut short so that its taps still sum to exactly nothing: no offset passes."""
    fall = np.exp(-2 * np.pi * hertz / SAMPLE_RATE * np.arange(1, n_taps))
    return np.concatenate(([1.0], -fall / fall.sum()))


def _impulses() -> NDArray[np.float64]:
    """Early reflections and diffuse tail, shape (2, taps); the same in every process."""
    n_taps = int(REVERBERATION_SECONDS * SAMPLE_RATE)
    seconds = np.arange(n_taps) / SAMPLE_RATE
    noise = np.random.default_rng(1821).standard_normal((2, n_taps))
    spectrum = np.fft.rfft(noise)
    low = 1 / (1 + (np.fft.rfftfreq(n_taps, 1 / SAMPLE_RATE) / _CROSSOVER_HZ) ** 2)
    dark, bright = np.fft.irfft(spectrum * low, n_taps), np.fft.irfft(spectrum * (1 - low), n_taps)
    tail = dark * 10 ** (-3 * seconds / _LOW_RT60) + 0.35 * bright * 10 ** (-3 * seconds / _HIGH_RT60)
    # The tail grows out of the early reflections, and ends without a click.
    tail *= np.clip((seconds - 0.012) / 0.04, 0, 1) * np.clip((REVERBERATION_SECONDS - seconds) / 0.1, 0, 1)
    early = np.zeros((2, n_taps))
    for side, reflections in enumerate(_EARLY):
        for milliseconds, strength in reflections:
            early[side, int(milliseconds * SAMPLE_RATE / 1000)] = strength
    return _at_level(tail, _TAIL_DB) + _at_level(early, _EARLY_DB)


def _at_level(impulses: NDArray[np.float64], decibels: float) -> NDArray[np.float64]:
    """Impulse responses scaled to a mean gain between 200 Hz and 2 kHz, for a source in the middle."""
    power = np.abs(np.fft.rfft(impulses)) ** 2
    hertz = np.fft.rfftfreq(impulses.shape[1], 1 / SAMPLE_RATE)
    mean = power[:, (hertz >= 200) & (hertz <= 2000)].mean(axis=1, keepdims=True)
    # Both channels of the source are reverberated: twice its amplitude.
    return impulses * (10 ** (decibels / 20) / 2 / np.sqrt(mean))


def loudness_dbfs(mix: Mix) -> float:
    """Root mean square over both channels, of 0.4 s blocks that are not pauses; -inf for silence.

    Gated as ITU-R BS.1770-4 (at -60 dB, then 10 dB below the mean of the rest), but without its frequency weighting.
    """
    whole = mix.shape[1] // _LOUDNESS_BLOCK * _LOUDNESS_BLOCK
    edges = np.arange(0, max(whole, 1), _LOUDNESS_BLOCK)
    powers = np.array([_power(mix[:, edge : edge + _LOUDNESS_BLOCK]) for edge in edges])
    loud = powers[powers > 10 ** (_ABSOLUTE_GATE_DB / 10)]
    if not len(loud):
        total = _power(mix)
        return float(10 * np.log10(total)) if total > 0 else -np.inf
    loud = loud[loud >= loud.mean() * 10 ** (_RELATIVE_GATE_DB / 10)]
    return float(10 * np.log10(loud.mean()))


def _power(block: Mix) -> float:
    flat = np.ascontiguousarray(block).reshape(-1)
    return float(np.dot(flat, flat)) / max(len(flat), 1)


@dataclass(frozen=True, eq=False)
class Mastering:
    """What brings a mix to its loudness without clipping, and the tracks of the mix to theirs in it.

    Attributes:
        gains: factors, applied one after the other.
        limiter: the factor at the middle of each block, which spares the mix its peaks; None: there are none.
    """

    gains: tuple[np.float32, ...]
    limiter: NDArray[np.float64] | None

    def apply(self, mix: Mix) -> None:
        """Scales a mix, or one of its tracks, in place."""
        for gain in self.gains:
            mix *= gain
        if self.limiter is None:
            return
        middles = (np.arange(len(self.limiter)) + 0.5) * _LIMITER_BLOCK
        span = _LIMITER_BLOCK * 4096
        for start in range(0, mix.shape[1], span):
            at = np.arange(start, min(start + span, mix.shape[1]))
            mix[:, start : start + span] *= np.interp(at, middles, self.limiter).astype(np.float32)
        # Rounding may leave a sample a hair above.
        ceiling = 10 ** (CEILING_DBFS / 20)
        np.clip(mix, -ceiling, ceiling, out=mix)


def master(mix: Mix) -> Mastering:
    """Brings a mix to -18 dBFS; louder peaks are turned down smoothly so that none exceeds -1 dBFS.

    Returns what was done to it.
    """
    peak = max(float(mix.max()), -float(mix.min()))
    if peak == 0:
        return Mastering((), None)
    # To full scale first: the gate's absolute threshold means nothing on a synthesizer's arbitrary level.
    full_scale = np.float32(1 / peak)
    mix *= full_scale
    gain = np.float32(10 ** ((LOUDNESS_DBFS - loudness_dbfs(mix)) / 20))
    mix *= gain
    limiter = _limiter(mix, 10 ** (CEILING_DBFS / 20))
    Mastering((), limiter).apply(mix)
    return Mastering((full_scale, gain), limiter)


def _limiter(mix: Mix, ceiling: float) -> NDArray[np.float64] | None:
    n_blocks = -(-mix.shape[1] // _LIMITER_BLOCK)
    starts = np.arange(n_blocks) * _LIMITER_BLOCK
    peaks = np.maximum(
        np.maximum.reduceat(mix, starts, axis=1).max(0), -np.minimum.reduceat(mix, starts, axis=1).min(0)
    )
    if peaks.max() <= ceiling:
        return None
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    reach = _LIMITER_REACH
    around = np.lib.stride_tricks.sliding_window_view(np.pad(needed, 2 * reach, mode="edge"), 2 * reach + 1)
    # The lowest gain within reach, then averaged over a shorter reach: every average is of values that spare the peak,
    # also one block further, so that the straight lines between blocks spare it too.
    lowest = around.min(axis=1)
    window = np.hanning(2 * reach + 1)[1:-1]
    smooth = np.convolve(lowest, window / window.sum(), mode="valid")
    return smooth[(len(smooth) - n_blocks) // 2 :][:n_blocks]
