"""How voices go on is weighed from the notes that they come from, part by part, and only where a style says so."""

import numpy as np
import pytest

from componium.composing.lines import LEAP, STEP, Lines

REPEATED, STEPPING, LEAPING = -3.0, 2.0, -0.5


def going_on(notes, onset, n_parts=2):
    """Weights of pitches (parts, 128) at an onset after notes of onset, part, pitch and duration."""
    lines, pitch = Lines(REPEATED, STEPPING, LEAPING), np.zeros((n_parts, 128), np.float32)
    for note in notes:
        lines.weigh(note[0], np.zeros_like(pitch))
        lines.take(*note)
    lines.weigh(onset, pitch)
    return pitch


def sources(notes, onset, n_parts=2):
    """The pitch that each part's next note is weighed from, or None."""
    found = []
    for own in going_on(notes, onset, n_parts):
        [repeated] = np.flatnonzero(own == REPEATED) if own.any() else [None]
        found.append(repeated)
    return found


def test_each_size_has_its_weight():
    own = going_on([(0, 0, 60, 12)], 12)[0]
    away = np.abs(np.arange(128) - 60)
    expected = np.select([away == 0, away <= STEP, away <= LEAP], [REPEATED, STEPPING, 0.0], LEAPING)
    assert own.tolist() == expected.tolist()


# A chord of one part, of which the two lower voices move on at 6, and a line of another.
CHORD = [(0, 0, 48, 6), (0, 0, 55, 6), (0, 0, 64, 12), (0, 1, 80, 6)]


@pytest.mark.parametrize(
    ("notes", "onset", "expected"),
    [
        ([], 0, [None, None]),
        # The voices of a chord that begins come from nowhere.
        (CHORD[:2], 0, [None, None]),
        # Upwards from the lowest that ends.
        (CHORD, 6, [48, 80]),
        ([*CHORD, (6, 0, 50, 6)], 6, [55, 80]),
        ([*CHORD, (6, 0, 50, 6), (6, 0, 53, 6)], 6, [None, 80]),
        # What holds on frees nobody before it ends.
        ([*CHORD, (6, 0, 50, 6), (6, 0, 53, 6)], 9, [None, 80]),
        ([*CHORD, (6, 0, 50, 6), (6, 0, 53, 6)], 12, [50, 80]),
        ([*CHORD, (6, 0, 50, 6), (6, 0, 53, 6), (12, 0, 52, 1), (12, 0, 57, 1)], 12, [64, 80]),
        # After a silence from what ended last.
        (CHORD, 36, [64, 80]),
        ([(0, 0, 48, 12), (0, 0, 64, 6)], 24, [48, None]),
        ([(0, 0, 48, 12), (0, 0, 64, 12)], 24, [48, None]),
    ],
)
def test_where_voices_come_from(notes, onset, expected):
    assert sources(notes, onset) == expected


def test_at_the_ends_of_the_keyboard():
    low, high = going_on([(0, 0, 1, 6), (0, 1, 127, 6)], 6)
    assert low[:4].tolist() == [STEPPING, REPEATED, STEPPING, STEPPING]
    assert high[-3:].tolist() == [STEPPING, STEPPING, REPEATED]


def test_some_styles_let_them_be():
    lines, pitch = Lines(0.0, 0.0, 0.0), np.zeros((2, 128), np.float32)
    for note in CHORD:
        lines.take(*note)
    lines.weigh(6, pitch)
    assert not pitch.any()
