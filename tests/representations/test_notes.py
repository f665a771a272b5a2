import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import RepresentationError
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.config import NotesConfig
from componium.representations.note_codec import PEDAL_PITCH, NoteCodec
from componium.representations.parts import Part
from componium.score import Score, Track, make_notes
from componium.score.notes import make_pedals

PIANO, PEDAL = Part(name="piano"), Part(name="pedal")


def codec(*parts, **config):
    return NoteCodec(NotesConfig(unit="second", steps=100, max_shift=100, parts=parts, **config))


def performance(notes, pedals):
    """A score in milliseconds, of rows (onset, duration, pitch, velocity) and (onset, duration)."""
    track = Track(make_notes(*np.array(notes).T), pedals=make_pedals(*np.array(pedals).reshape(-1, 2).T))
    return Score(500, (track,), has_grid=False)


PLAYED = performance([(0, 200, 60, 64), (300, 100, 64, 64), (900, 50, 60, 64)], [(100, 500), (700, 400)])


def test_a_pedal_is_a_row_for_each_time_that_it_goes_down():
    encoded = codec(PIANO, PEDAL).encode(PLAYED)
    rows = encoded.events[:, [SHIFT, PART, PITCH, DURATION]].tolist()
    assert rows == [
        [0, 0, 60, 20],
        [10, 1, PEDAL_PITCH, 50],
        [20, 0, 64, 10],
        [40, 1, PEDAL_PITCH, 40],
        [20, 0, 60, 5],
    ]
    assert (encoded.n_notes, encoded.n_pedals) == (3, 2)


def test_pedals_come_back():
    of = codec(PIANO, PEDAL)
    [track] = of.decode(of.encode(PLAYED)).tracks
    assert track.pedals.tolist() == PLAYED.tracks[0].pedals.tolist()
    assert track.notes.tolist()[1][:3] == (300, 100, 64)


def test_without_a_part_for_it_the_pedal_prolongs_notes_in_seconds():
    of = codec(PIANO)
    # Held from 200 to 600, from 400 to 600, and from 950 to 1100, when it is lifted.
    assert of.durations[of.encode(PLAYED).events[:, DURATION]].tolist() == [60, 30, 20]
    assert of.account(PLAYED).durations_changed == 0
    beats = NoteCodec(NotesConfig(parts=(PIANO,)))
    assert beats.durations[beats.encode(PLAYED).events[:, DURATION]].tolist() == [5, 2, 1]


def test_a_pedal_alone_plays_nothing():
    of = codec(PIANO, PEDAL)
    encoded = of.encode(PLAYED)
    only = encoded.events[encoded.events[:, PART] == 1]
    assert of.decode(dataclasses.replace(encoded, events=only, n_pedals=len(only))).tracks == ()


def test_a_pedal_stands_behind_the_part_that_it_sustains():
    with pytest.raises(RepresentationError, match="before it"):
        codec(PEDAL, PIANO)
    of = codec(PIANO, Part(name="strings", program=48), Part(name="pedal"))
    assert (of.pedal_of(0), of.pedal_of(1)) == (-1, 2)
    assert all(of.part_of(Track(name=name, program=48)) == 1 for name in ("", "pedal"))


@given(st.integers(34, 60), st.integers(60, 5000))
def test_durations_in_seconds_are_at_most_a_sixtieth_wrong(exact, longest):
    durations = codec(PIANO, max_exact_duration=exact, max_duration=longest).durations
    every = np.arange(1, durations[-1] + 1)
    nearest = np.abs(durations[None] - every[:, None]).min(axis=1)
    assert durations[-1] <= longest
    assert (np.diff(durations) > 0).all()
    # Half of the 3 % between two entries, and half a step for each of them is a whole number.
    assert (nearest <= every / 60 + 0.5).all()
