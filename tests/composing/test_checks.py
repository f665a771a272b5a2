"""Drafts written by hand for every flaw, on either side of its boundary."""

import dataclasses

import numpy as np
import pytest
from fixtures.pieces import CODEC, PROFILE, conditions_of, plan_of

from componium.composing.conditions import NO_CHORDS, AskedChords
from componium.composing.selection.checks import flaws

BAR = 48
DRUMS = 3


def found(notes, n_bars, *, plays=(0,), first_bar=0, chords=NO_CHORDS, **fields):
    conditions = conditions_of(plan_of(n_bars, first_step=first_bar * BAR, **fields), *plays, chords=chords)
    if first_bar and not fields.get("parts"):
        conditions = dataclasses.replace(conditions, must_play=np.zeros(4, bool))
    notes = sorted(notes, key=lambda note: note[1])
    return flaws(notes, CODEC, PROFILE.checks, conditions)


def scale(bars, part=0):
    """A note a bar, no two neighbors alike."""
    return [(part, bar * BAR, 12, 60 + bar % 7) for bar in bars]


def test_a_piece_without_flaws():
    assert found(scale(range(8)), 8) == []


def test_nothing_is_silent_and_lacks_whoever_was_asked():
    assert found([], 8) == ["missing part", "silent"]


def test_one_note_is_enough_to_have_played():
    notes = scale(range(8))
    assert found(notes, 8, plays=(0, 1)) == ["missing part"]
    assert found([*notes, (1, 0, 1, 72)], 8, plays=(0, 1)) == []


def test_beside_a_prompt_only_those_named_must_play():
    notes = scale(range(4, 8))
    assert found(notes, 8, plays=(0, 1), first_bar=4) == []
    assert found(notes, 8, plays=(0, 1), first_bar=4, parts=("piano", "flute")) == ["missing part"]


@pytest.mark.parametrize(("outside", "expected"), [(1, []), (2, ["off key"])])
def test_nine_tenths_lie_in_the_key(outside, expected):
    pitches = [60] * (10 - outside) + [61] * outside
    notes = [(0, place * 14, 5, pitch) for place, pitch in enumerate(pitches)]
    assert found(notes, 3, key="C") == expected
    assert found(notes, 3) == []
    # Drums are in no key.
    drums = [(DRUMS, place * 10, 5, 61) for place in range(30)]
    assert found([*notes, *drums], 7, plays=(0, DRUMS), key="C") == expected


def test_what_a_chord_asked_for_holds_is_in_key():
    notes = [(0, place * 12, 5, 61) for place in range(8)]
    tones = np.zeros((2, 128), bool)
    # No chord has no tones.
    tones[0, 61] = True
    assert found(notes, 2, key="C") == ["off key"]
    assert found(notes, 2, key="C", chords=AskedChords(np.zeros(8, np.int64), tones)) == []
    assert found(notes, 2, key="C", chords=AskedChords(np.ones(8, np.int64), tones)) == ["off key"]


@pytest.mark.parametrize(("silent", "expected"), [(2, []), (3, ["silent"])])
def test_two_silent_bars_are_no_flaw(silent, expected):
    assert found([*scale(range(3)), *scale(range(3 + silent, 10))], 10) == expected
    # At the start, and after a note that is held on.
    assert found(scale(range(silent, 10)), 10) == expected
    assert found(scale(range(4 + silent, 10)), 10, first_bar=4) == expected
    held = [(0, 0, 3 * BAR, 60), *scale(range(3 + silent, 10))]
    assert found(held, 10) == expected


def test_the_last_bar_sounds():
    notes = scale(range(7))
    assert found(notes, 8) == ["cut off"]
    held = (0, 6 * BAR, BAR + 1, 72)
    assert found([*notes, held], 8) == []
    assert found([*notes, (0, 6 * BAR, BAR, 72)], 8) == ["cut off"]


@pytest.mark.parametrize(("times", "expected"), [(8, []), (9, ["stuck"])])
def test_a_bar_comes_eight_times_in_a_row_and_no_more(times, expected):
    loop = [(0, bar * BAR + at, 6, pitch) for bar in range(2, 2 + times) for at, pitch in ((0, 60), (24, 64))]
    rest = [*scale(range(2)), *scale(range(2 + times, 14))]
    assert found([*loop, *rest], 14) == expected
    # Longer notes are the same bar; another pitch, part or place is not.
    longer = [(part, onset, 6 + (onset // BAR) % 2, pitch) for part, onset, _, pitch in loop]
    assert found([*longer, *rest], 14) == expected
    middle = 6 * BAR
    for other in ((0, middle, 6, 61), (1, middle, 6, 60), (0, middle + 1, 6, 60)):
        changed = [other if note[1] == middle else note for note in loop]
        assert found([*changed, *rest], 14) == []


def test_bars_that_hold_no_onset_repeat_nothing():
    held = [(0, 0, 12 * BAR, 60), (0, 11 * BAR, 12, 62)]
    assert found(held, 12) == []


def test_a_check_that_the_profile_does_not_name_does_not_apply():
    conditions = conditions_of(plan_of(8), 0)
    unchecked = PROFILE.checks.model_copy(
        update=dict.fromkeys(("missing_part", "silence", "cut_off", "stuck", "off_key"))
    )
    assert flaws([], CODEC, PROFILE.checks, conditions) == ["missing part", "silent"]
    assert flaws([], CODEC, unchecked, conditions) == []
