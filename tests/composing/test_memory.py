"""While it composes, a composer remembers what its training excerpts told it."""

import numpy as np
import pytest

from componium.composing.memory import Memory
from componium.conditioning.controls import FormPointer
from componium.features.metric import bar_lengths
from componium.features.part_history import voices
from componium.likelihood import recall
from componium.representations.columns import HARMONY, SHIFT


@pytest.fixture(scope="module")
def pieces(mixture):
    return [mixture.encoded(index) for index in mixture.of("train")]


def memory_of(piece, codec):
    """The memory of a piece without a form, and of its first bar's meter."""
    lines = codec.bar_grid(piece.meter).start_of(np.arange(piece.n_bars + 1)).tolist()
    echo = FormPointer(lines, [], codec.config.max_shift)
    steps = np.arange(int(piece.events[:, SHIFT].sum()) + 1)
    lengths = bar_lengths(codec.metric_places(steps, piece.meter, piece.n_bars)).tolist()
    return Memory(codec, echo, lengths, 0)


def test_it_is_that_of_scored_pieces(mixture, pieces):
    codec = mixture.codec
    for piece in pieces:
        memory, onset = memory_of(piece, codec), 0
        # What it said of each part last: of who has not played since, at the same onset, it says nothing anew.
        heard: dict[int, tuple[int, ...]] = {}
        recalled = recall(piece.events, piece.places, codec)
        own = voices(piece.events, piece.places, codec.durations)
        for place, row in enumerate(piece.events.tolist()):
            onset += row[SHIFT]
            assert memory.harmony(onset) == piece.places[place + 1, HARMONY].tolist()
            heard.update(memory.voices(onset))
            assert not dict(memory.voices(onset))
            if row[1] in heard and row[3]:
                assert list(heard[row[1]]) == own[place].tolist()
            assert list(memory.take(row)) == recalled[place + 1].tolist()


def test_without_a_guide_it_is_the_lookback_alone(mixture, pieces):
    memory = Memory(mixture.codec, None, [], 0)
    piece = pieces[0]
    recalled = recall(piece.events, piece.places, mixture.codec)
    assert [list(memory.take(row)) for row in piece.events.tolist()] == recalled[1:, :6].tolist()


def test_expects_what_the_form_has_return(band):
    steps = [24] * 400
    memory = Memory(band.codec, FormPointer([0, 48, 96, 144], (0, 1, 0), 96), steps, 0)
    assert memory.expected is None
    for row in ((0, 0, 60, 12, 5), (24, 0, 64, 12, 5)):
        memory.take(row)
    # The second bar repeats the first, whose first note is a whole bar away from its start.
    assert memory.expected == (48, 0, 60)
    memory.take((24, 0, 60, 12, 5))
    assert memory.expected == (72, 0, 64)
    memory.take((24, 0, 65, 12, 5))
    assert memory.expected is None
    assert Memory(band.codec, None, steps, 0).expected is None
