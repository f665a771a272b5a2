import numpy as np
import pytest
from componium.representations.note_codec import NoteCodec
from hypothesis import given
from hypothesis import strategies as st

from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.representations.transposition import stretch, transpose

OF = NoteCodec(NotesConfig(unit="second", steps=100, max_shift=100, parts=(Part(name="piano"), Part(name="pedal"))))
ROWS = st.lists(
    st.tuples(st.integers(0, 100), st.integers(0, 1), st.integers(30, 90), st.integers(0, 130), st.integers(0, 31)),
    min_size=1, max_size=30,
)  # fmt: skip


@given(ROWS, st.integers(-5, 6))
def test_a_pedal_is_not_transposed(rows, semitones):
    events = np.array(rows, np.int16)
    moved = transpose(events, semitones, OF.is_drum)
    by = moved[:, PITCH] - events[:, PITCH]
    is_piano = (events[:, PART] == 0) & (events[:, DURATION] > 0)
    assert (by == np.where(is_piano, semitones, 0)).all()


@given(ROWS, st.floats(0.9, 1.1))
def test_stretched_music_is_the_same_music(rows, factor):
    events = np.array(rows, np.int16)
    moved = stretch(events, factor, OF)
    assert (moved[:, [PART, PITCH, VELOCITY]] == events[:, [PART, PITCH, VELOCITY]]).all()
    assert ((moved[:, SHIFT] == 0) == (events[:, SHIFT] == 0)).all()
    assert ((moved[:, DURATION] == 0) == (events[:, DURATION] == 0)).all()
    assert moved[:, SHIFT].max() <= OF.config.max_shift


def test_errors_do_not_add_up():
    events = np.zeros((400, 5), np.int16)
    events[:, SHIFT], events[:, DURATION] = 5, 20
    for factor in (0.93, 1.07):
        moved = stretch(events, factor, OF)
        assert moved[:, SHIFT].sum() == pytest.approx(2000 * factor, abs=1)
        assert OF.durations[moved[:, DURATION]].tolist() == [round(20 * factor)] * 400
        assert stretch(events, factor, OF, is_line=False)[:, SHIFT].tolist() == [round(5 * factor)] * 400
