"""Repeated notes and leaps become rarer, part by part, and only where a style says so."""

import numpy as np
import pytest

from componium.composing.lines import LEAP, Lines

# Two chords of one part, 60 64 67 and 59 65, and a line of another that moves between them.
NOTES = ((0, 0, 60), (0, 0, 64), (0, 0, 67), (0, 1, 80), (6, 1, 81), (12, 0, 59), (12, 0, 65))


def weighed(repeated, leaping, heard, onset):
    lines, pitch = Lines(repeated, leaping), np.zeros((2, 128), np.float32)
    for note in NOTES[:heard]:
        lines.take(*note)
    lines.weigh(onset, pitch)
    return pitch


@pytest.mark.parametrize(
    ("heard", "onset", "rare"),
    [
        (0, 0, set()),
        # Of one chord no note but that of the chord before is a repeated one.
        (4, 0, set()),
        (4, 12, {(0, 67), (1, 80)}),
        (6, 12, {(0, 67), (1, 81)}),
        (7, 24, {(0, 65), (1, 81)}),
    ],
)
def test_the_top_of_the_onset_before_becomes_rarer_part_by_part(heard, onset, rare):
    pitch = weighed(-1.5, 0.0, heard, onset)
    assert set(zip(*(own.tolist() for own in np.nonzero(pitch)), strict=True)) == rare
    assert pitch.sum() == -1.5 * len(rare)


@pytest.mark.parametrize(
    ("heard", "onset", "line"),
    [
        (0, 0, None),
        # Above a first note of this onset lies a chord, not a leap.
        (4, 0, None),
        (4, 12, 80),
        (5, 12, 81),
        (7, 24, 81),
    ],
)
def test_leaps_from_one_note_to_the_next_become_rarer_and_chords_are_let_be(heard, onset, line):
    pitch = weighed(0.0, -0.5, heard, onset)
    assert not pitch[0].any()
    near = np.ones(128, bool) if line is None else np.abs(np.arange(128) - line) <= LEAP
    assert pitch[1].tolist() == np.where(near, 0, -0.5).tolist()


def test_a_leap_from_the_lowest_notes_has_nothing_below():
    lines, pitch = Lines(0.0, -0.5), np.zeros((1, 128), np.float32)
    lines.take(0, 0, 3)
    lines.weigh(12, pitch)
    assert pitch[0].tolist() == [0.0] * (3 + LEAP + 1) + [-0.5] * (127 - 3 - LEAP)


def test_some_styles_let_them_be():
    assert not weighed(0.0, 0.0, len(NOTES), 24).any()
