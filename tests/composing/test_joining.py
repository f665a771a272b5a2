"""Stretches are joined until the bars are full; the first and the last bar sound."""

from types import SimpleNamespace

import numpy as np
import pytest

from componium.composing.procedures.latent.joining import Stretch, joined
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.parts import Part
from componium.score import TimeSignature

CODEC = NoteCodec(NotesConfig(parts=(Part(name="piano"),), steps=4))


def plan_of(n_bars, first_step=0, meter=(4, 4), end_step=None):
    meters = (TimeSignature(0, *meter),)
    end = int(CODEC.bar_grid(meters).start_of(n_bars)) if end_step is None else end_step
    return SimpleNamespace(meter=meters, first_step=first_step, end_step=end, n_bars=n_bars)


class Given:
    """Stretches with given notes: (onset since the stretch began, pitch, duration), again and again."""

    def __init__(self, notes, length):
        self.notes, self.length, self.starts = notes, length, []

    def stretch(self, start):
        self.starts.append(start)
        rows = [(start + onset, 0, pitch, duration, 80) for onset, pitch, duration in self.notes]
        return Stretch(np.array(rows, np.int64).reshape(-1, 5).T, start + self.length)


def lists(notes):
    return [tuple(note) for note in notes[[0, 2, 3]].T.tolist()]


def test_stretches_follow_each_other_and_what_goes_beyond_is_cut():
    source = Given([(0, 60, 4), (3, 64, 9)], 6)
    notes = joined(source, plan_of(1), CODEC, 0)
    assert source.starts == [0, 6, 12]
    assert lists(notes) == [(0, 60, 4), (3, 64, 9), (6, 60, 4), (9, 64, 7), (12, 60, 4), (15, 64, 1)]


def test_notes_come_by_onset_and_none_twice():
    notes = joined(Given([(8, 62, 1), (0, 60, 1), (0, 60, 5), (0, 55, 1)], 16), plan_of(1), CODEC, 0)
    assert lists(notes) == [(0, 55, 1), (0, 60, 1), (8, 62, 1)]


def test_new_music_begins_where_it_is_to():
    notes = joined(Given([(-2, 60, 1), (1, 62, 1)], 16), plan_of(3, first_step=32), CODEC, 0)
    assert lists(notes) == [(33, 62, 1)]


@pytest.mark.parametrize("meter", [(4, 4), (3, 4), (7, 8), (1, 16)])
def test_the_first_and_the_last_bar_repeat_the_nearest_that_sounds(meter):
    plan = plan_of(8, meter=meter)
    bar = int(CODEC.bar_grid(plan.meter).start_of(1))
    notes = joined(Given([(2 * bar, 60, 1), (3 * bar, 67, 1)], 99 * bar), plan, CODEC, 0)
    assert lists(notes) == [(0, 60, 1), (2 * bar, 60, 1), (3 * bar, 67, 1), (7 * bar, 67, 1)]


def test_a_piece_without_any_note_has_one_in_its_first_and_last_bar():
    notes = joined(Given([], 5), plan_of(3), CODEC, 0)
    assert lists(notes) == [(0, 60, 16), (32, 60, 16)]


def test_a_last_bar_that_is_cut_short_sounds():
    notes = joined(Given([(0, 60, 4), (3, 64, 2)], 99), plan_of(2, end_step=17), CODEC, 0)
    assert lists(notes) == [(0, 60, 4), (3, 64, 2), (16, 60, 1)]


def test_a_stretch_that_does_not_go_on_ends_all_the_same():
    source = Given([(0, 60, 1)], 0)
    joined(source, plan_of(1), CODEC, 0)
    assert source.starts == list(range(16))
