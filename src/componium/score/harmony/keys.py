"""Keys: their names, and the estimate of a key from a histogram of pitch classes.

The estimate correlates the duration-weighted pitch-class histogram with the 24 rotated probe-tone profiles of
Krumhansl and Kessler (1982), as Krumhansl and Schmuckler do (Krumhansl, Cognitive Foundations of Musical
Pitch, 1990, chapter 4).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import RequestError
from componium.score.score import Score

TONIC_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
LETTER_PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
# Natural minor with the raised leading note, which harmonic minor music uses as often.
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10, 11)

_MAJOR_PROFILE = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR_PROFILE = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])

MODES = {
    "ionian": MAJOR_SCALE,
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
# Semitones from the tonic of a mode down to that of the major scale with the same notes.
_PARENTS = {"ionian": 0, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7, "aeolian": 9, "locrian": 11}

# A hyphen at the end of a name is music21's flat (B-); before more it stands for a blank, as shells like it (B-minor).
_KEY_TEXT = re.compile(
    r"\s*([A-Ga-g])(?:\s*(-)(?=\s|$)|[\s-]*([#b♯♭]|sharp|flat))?[\s-]*((?i:major|minor|maj|min|"
    + "|".join(MODES)
    + r")|M|m)?\s*$"
)


class Key(NamedTuple):
    """A tonic (pitch class 0-11), whether its third is minor, and the church mode where it is one."""

    tonic: int
    is_minor: bool
    mode: str = ""

    @property
    def name(self) -> str:
        """As in ``C minor`` or ``D dorian``."""
        return f"{TONIC_NAMES[self.tonic]} {self.mode or ('minor' if self.is_minor else 'major')}"

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """The scale's pitch classes; in minor with both the natural and the raised seventh."""
        scale = MODES[self.mode] if self.mode else MINOR_SCALE if self.is_minor else MAJOR_SCALE
        return tuple((self.tonic + step) % 12 for step in scale)

    @property
    def tonic_triad(self) -> tuple[int, int, int]:
        """Pitch classes of the chord on the tonic: root, third and fifth."""
        third = 3 if self.is_minor else 4
        return self.tonic, (self.tonic + third) % 12, (self.tonic + 7) % 12

    @property
    def signature(self) -> tuple[int, bool]:
        """Tonic and minor as a key signature has them: a mode takes that of the major key with its notes."""
        return ((self.tonic - _PARENTS[self.mode]) % 12, False) if self.mode else (self.tonic, self.is_minor)


def pitch_class_named(letter: str, accidental: str = "") -> int:
    """Pitch class 0-11 of a letter A-G with any run of ``#`` and ``b``."""
    sharps = accidental.count("#") + accidental.count("♯") - accidental.count("b") - accidental.count("♭")
    return (LETTER_PITCH_CLASSES[letter.upper()] + sharps) % 12


def parse_key(text: str) -> Key:
    """Reads a key as musicians write it: ``C minor``, ``Eb``, ``f#``, ``B flat major``, ``Am``, ``D dorian``.

    A lower-case letter without a mode is minor.

    Raises:
        RequestError: the text names no key.
    """
    match = _KEY_TEXT.match(text)
    if match is None:
        raise RequestError(f"{text!r} is no key: write it as 'C minor', 'Eb major' or 'f#'")
    letter, hyphen, sign, mode = match.groups()
    accidental = {"sharp": "#", "flat": "b"}.get(sign, sign or "") if not hyphen else "b"
    mode = mode.lower() if mode and len(mode) > 1 else mode
    if mode in MODES:
        return Key(pitch_class_named(letter, accidental), 3 in MODES[mode], mode)
    is_minor = mode in ("minor", "min", "m") if mode else letter.islower()
    return Key(pitch_class_named(letter, accidental), is_minor)


def pitch_class_histogram(score: Score) -> NDArray[np.float64]:
    """Ticks sounded by each pitch class, shape (12,); drums left out."""
    histogram = np.zeros(12)
    for track in score.tracks:
        if not track.is_drum:
            notes = track.notes
            histogram += np.bincount(notes["pitch"] % 12, weights=notes["duration"], minlength=12)
    return histogram


def estimate_key(score: Score) -> Key | None:
    """The best-correlated key, or None where there is no pitched note or no preference."""
    return key_of_histogram(pitch_class_histogram(score))


def key_of_histogram(histogram: NDArray[np.float64]) -> Key | None:
    """The key whose profile correlates best with what each pitch class sounded, shape (12,); None as above."""
    if np.ptp(histogram) == 0:
        return None
    # The correlations but for a common factor.
    best = int(np.argmax(_KEY_PROFILES @ (histogram - histogram.mean())))
    return Key(best % 12, best >= 12)


def _standardized(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    deviations = profile - profile.mean()
    return deviations / np.linalg.norm(deviations)


_KEY_PROFILES = np.stack(
    [np.roll(_standardized(profile), tonic) for profile in (_MAJOR_PROFILE, _MINOR_PROFILE) for tonic in range(12)]
)
