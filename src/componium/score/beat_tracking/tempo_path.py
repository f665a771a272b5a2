"""Finds the most probable beats of a piece: dynamic programming over the moment of a beat and the time to the next.

Ellis (Beat Tracking by Dynamic Programming, JNMR 2007) scores each beat by the onset strength there and by how evenly
it follows the one before, at one tempo for the piece. Here the time to the next beat is part of the state, as in the
bar pointer model (Krebs, Boeck, Widmer, ISMIR 2015), so that the tempo may follow a performance; and the onsets between
two beats count too, by where in the beat they lie, which tells eighths from quarters.

Of an onset at phase x of a beat (0 to 1) that is on a beat with probability p by its measures, the probability density
is p N(x; 0 or 1, deviation) + (1 - p) g(x), where g has peaks at halves, thirds and quarters. Densities over the phase,
not over seconds, make beats of different lengths comparable.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

FRAME_SECONDS = 0.01
_ON_BEAT_FRAMES = 5


Places = tuple[float, float, float, float]


class PathSettings(NamedTuple):
    """What the search believes about beats.

    Attributes:
        shortest, longest: seconds from one beat to the next.
        tempo_ratio: of neighboring tempos.
        usual_seconds, octaves: mean and deviation of the beat's length.
        prior_weight: how much that counts, a second of music.
        change_cost: of a change of tempo by one part in e, a beat.
        jump: the largest change between beats, in steps of ``tempo_ratio``.
        empty_cost: of a beat on which nothing begins.
        deviation_seconds: of an onset from the beat.
        binary, ternary: weight of halves, thirds, quarters, and anywhere, in onsets that are not on a beat, of pieces
            whose beats have two or three parts.
        ternary_cost: of three parts, an onset.
    """

    shortest: float = 0.25
    longest: float = 2.0
    tempo_ratio: float = 1.03
    usual_seconds: float = 0.6
    octaves: float = 1.0
    prior_weight: float = 0.5
    change_cost: float = 20.0
    jump: int = 9
    empty_cost: float = 1.0
    deviation_seconds: float = 0.02
    binary: Places = (0.4, 0.1, 0.3, 0.2)
    ternary: Places = (0.1, 0.6, 0.1, 0.2)
    ternary_cost: float = 0.0


class BeatPath(NamedTuple):
    """Beats in seconds, rising; whether they have three parts; log-probability of all onsets, above chance."""

    seconds: Floats
    is_ternary: bool
    score: float


def beat_path(seconds: Floats, on_beat: Floats, settings: PathSettings) -> BeatPath:
    """Returns the most probable beats, from before the first onset to after the last.

    Args:
        seconds: of the onsets, rising, at least one.
        on_beat: the probability by its measures that each is on a beat, shape as ``seconds``.
        settings: what to believe.
    """
    lengths = _beat_lengths(settings)
    start = seconds[0] - lengths[-1] * FRAME_SECONDS
    frames = np.rint((seconds - start) / FRAME_SECONDS).astype(np.int64)
    n_frames = int(frames[-1]) + int(lengths[-1]) + 2
    found: list[BeatPath] = []
    for places in (settings.binary, settings.ternary):
        gains = _beat_gains(frames, on_beat, lengths, n_frames, places, settings)
        chosen, score = _best_path(gains, lengths, settings)
        score -= settings.ternary_cost * len(seconds) * len(found)
        found.append(BeatPath(start + chosen * FRAME_SECONDS, bool(found), score))
    return max(found, key=lambda path: path.score)


def _beat_lengths(settings: PathSettings) -> Ints:
    """Lengths of a beat in frames, rising by the tempo ratio."""
    count = int(np.log(settings.longest / settings.shortest) / np.log(settings.tempo_ratio)) + 1
    lengths = settings.shortest * settings.tempo_ratio ** np.arange(count) / FRAME_SECONDS
    return np.unique(np.rint(lengths).astype(np.int64))


def _beat_gains(
    frames: Ints, on_beat: Floats, lengths: Ints, n_frames: int, places: Places, settings: PathSettings
) -> Singles:
    """What a beat that begins at each frame and lasts each length gains, shape (frames, lengths)."""
    gains = np.empty((n_frames, len(lengths)), np.float32)
    chances = on_beat.astype(np.float32)[:, None]
    has_onset = np.zeros(n_frames)
    for shift in range(-_ON_BEAT_FRAMES, _ON_BEAT_FRAMES + 1):
        has_onset[np.clip(frames + shift, 0, n_frames - 1)] = 1.0
    empty = -settings.empty_cost * (1.0 - has_onset)
    for index, length in enumerate(lengths.tolist()):
        at_edge, inside = _phase_densities(length, places, settings)
        lags = np.arange(length)
        gain = np.log(chances * at_edge + (1.0 - chances) * inside)
        begins = frames[:, None] - lags
        valid = begins >= 0
        gains[:, index] = np.bincount(begins[valid], gain[valid], n_frames) + empty
        octaves = np.log2(length * FRAME_SECONDS / settings.usual_seconds) / settings.octaves
        gains[:, index] -= settings.prior_weight * length * FRAME_SECONDS * octaves**2 / 2
    return gains


def _phase_densities(length: int, places: Places, settings: PathSettings) -> tuple[Singles, Singles]:
    """Densities over the phases of a beat of so many frames, of onsets on the beat and of others, shape (length,)."""
    phase = np.arange(length) / length
    deviation = settings.deviation_seconds / FRAME_SECONDS / length
    halves, thirds, quarters, anywhere = places

    def peak(place: float) -> Floats:
        return np.exp(-0.5 * ((phase - place) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))

    inside = (
        halves * peak(1 / 2) + thirds * (peak(1 / 3) + peak(2 / 3)) / 2 + quarters * (peak(1 / 4) + peak(3 / 4)) / 2
    )
    # Wide tails: an onset that is far from everything must not decide.
    at_edge = peak(0.0) + peak(1.0) + 0.02
    return at_edge.astype(np.float32), (inside + anywhere).astype(np.float32)


class _Changes:
    """What changes of tempo cost: of each length, from its neighbors, shape (2 jump + 1, lengths)."""

    def __init__(self, lengths: Ints, settings: PathSettings) -> None:
        self.jump = settings.jump
        neighbors = np.arange(2 * self.jump + 1)[:, None] + np.arange(len(lengths))
        ratio = np.abs(np.log(np.pad(lengths, self.jump, mode="edge")[neighbors] / lengths))
        # Rounded to frames even an even tempo moves by half a frame.
        self._cost = (settings.change_cost * np.maximum(ratio - 0.5 / lengths, 0)).astype(np.float32)

    def options(self, arrive: Singles) -> Singles:
        """Values of leaving with each length after arriving with any, shape (2 jump + 1, frames, lengths)."""
        padded = np.full((len(arrive), arrive.shape[1] + 2 * self.jump), -np.inf, np.float32)
        padded[:, self.jump : self.jump + arrive.shape[1]] = arrive
        shifts = range(2 * self.jump + 1)
        return np.stack([padded[:, shift : shift + arrive.shape[1]] for shift in shifts]) - self._cost[:, None]


def _best_path(gains: Singles, lengths: Ints, settings: PathSettings) -> tuple[Ints, float]:
    """Viterbi over (frame of a beat, length of the beat that ends there), in blocks of the shortest length."""
    n_frames, count = gains.shape
    changes = _Changes(lengths, settings)
    arrive, leave = np.full((2, n_frames, count), -np.inf, np.float32)
    columns = np.arange(count)
    # A path may begin in any frame of the longest beat.
    longest, block = int(lengths[-1]), int(lengths[0])
    for begin in range(0, n_frames, block):
        rows = slice(begin, min(begin + block, n_frames))
        before = np.arange(n_frames)[rows, None] - lengths
        arrive[rows] = np.where(before >= 0, leave[np.maximum(before, 0), columns], -np.inf)
        leave[rows] = gains[rows] + np.maximum(changes.options(arrive[rows]).max(axis=0), _fresh(begin, longest))
    return _traced(arrive, lengths, changes)


def _fresh(frame: int, longest: int) -> float:
    """Value of beginning the piece at a frame."""
    return 0.0 if frame <= longest else -np.inf


def _traced(arrive: Singles, lengths: Ints, changes: _Changes) -> tuple[Ints, float]:
    """The frames of the best path, back from its end in the last frames, and its value."""
    n_frames, longest, block = len(arrive), int(lengths[-1]), int(lengths[0])
    tail = arrive[n_frames - longest :]
    row, length = (int(own) for own in np.unravel_index(int(tail.argmax()), tail.shape))
    frame = row + n_frames - longest
    score = float(arrive[frame, length])
    beats = [frame]
    while True:
        frame -= int(lengths[length])
        beats.append(frame)
        options = changes.options(arrive[frame : frame + 1])[:, 0, length]
        best = int(options.argmax())
        if options[best] < _fresh(frame // block * block, longest):
            return np.array(beats[::-1], np.int64), score
        length += best - changes.jump
