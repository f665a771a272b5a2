"""Who plays when, as it is found in a piece, and as others share it."""

import numpy as np
import pytest
from fixtures.rows import rows_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from componium.representations.arrangements import Arrangement, arrangement_of
from componium.representations.notes import NotesConfig, NotesRepresentation
from componium.representations.parts import Part
from componium.representations.rows import EncodedNotes
from componium.score import TimeSignature

PARTS = (Part(name="flute", program=73), Part(name="piano"), Part(name="drums", is_drum=True))
REPRESENTATION = NotesRepresentation(NotesConfig(parts=PARTS))
STEPS = REPRESENTATION.config.steps
BAR = 4 * STEPS


def arrangement(*played, has_drums=False):
    return Arrangement(np.array(played, np.uint8), has_drums)


def found_in(notes, n_bars):
    """Of notes as onset in quarters, part, pitch and length in quarters."""
    events = rows_of([(STEPS * onset, part, pitch, number_of(STEPS * length)) for onset, part, pitch, length in notes])
    places = np.zeros((len(events) + 1, 3), np.int16)
    encoded = EncodedNotes(events, places, (TimeSignature(0, 4, 4),), 100.0, n_bars)
    return arrangement_of(encoded, REPRESENTATION)


def number_of(steps):
    return int(np.flatnonzero(REPRESENTATION.durations == steps)[0])


class TestFound:
    def test_by_hand(self):
        # The flute comes in with the second bar and holds into the third; the piano rests there.
        notes = [
            (0, 1, 50, 1), (1, 1, 52, 1), (1, 1, 55, 1), (4, 0, 72, 1), (4, 1, 50, 4), (7, 0, 74, 4), (12, 1, 48, 1),
        ]  # fmt: skip
        own = found_in(sorted(notes), 5)
        assert not own.has_drums
        # The lowest first.
        assert own.played.tolist() == [[4, 2, 0, 2, 0], [0, 3, 1, 0, 0]]

    def test_drums_come_last_and_together(self):
        own = found_in([(0, 1, 50, 1), (0, 2, 36, 1), (0, 2, 42, 1), (4, 2, 36, 1)], 2)
        assert own.has_drums
        assert own.n_pitched == 1
        assert own.played.tolist() == [[2, 0], [3, 2]]

    def test_of_nothing_there_is_none(self):
        own = found_in([], 2)
        assert (own.n_pitched, own.has_drums, own.played.shape) == (0, False, (0, 2))


class TestShared:
    def test_beside_what_each_plays_on_average(self):
        own = arrangement([0, 2, 2, 4, 6], [3, 3, 1, 3, 3])
        found = own.shared(2, 0)
        # 0, 1, 1, 3 and 5 notes, on average 2; the other holds a note in the third bar, and plays little there.
        assert found.tolist() == [[0, 0.5, 0.5, 1.5, 2.5], [1.25, 1.25, 0.25, 1.25, 1.25]]

    def test_fewer_players_have_neighbouring_parts(self):
        own = arrangement([0, 3, 3], [3, 0, 0], [0, 2, 2], [2, 2, 0])
        # 2, 2 and 2 notes of the lower two, 1, 2 and 1 of the others.
        assert own.shared(2, 0).tolist() == [[1, 1, 1], [0.75, 1.5, 0.75]]
        # Of all four 3, 4 and 3.
        assert own.shared(1, 0)[0].tolist() == pytest.approx([0.9, 1.2, 0.9])

    def test_more_players_share_one(self):
        own = arrangement([0, 3, 3, 3], [3, 3, 3, 0])
        found = own.shared(4, 0)
        assert (found == 0).tolist() == [[True, False, False, False]] * 2 + [[False, False, False, True]] * 2

    def test_drummers_do_what_drums_do_and_play_on_where_there_are_none(self):
        drums = arrangement([2, 2, 2], [0, 5, 5], has_drums=True).shared(1, 2)
        assert drums.tolist() == [[1, 1, 1], [0, 1.5, 1.5], [0, 1.5, 1.5]]
        assert arrangement([0, 2, 2]).shared(1, 2)[1:].tolist() == [[1, 1, 1]] * 2

    def test_who_would_hardly_be_heard_is_told_nothing(self):
        own = arrangement([0, 0, 0, 2, 2], [0, 0, 0, 0, 9])
        assert own.shared(2, 0).tolist() == [[0, 0, 0, 2.5, 2.5], [1] * 5]
        assert own.shared(1, 0).tolist() == [[0.25, 0.25, 0.25, 0.5, 3]]

    def test_nor_is_anybody_where_drums_would_play_alone(self):
        found = arrangement([0, 2, 2], [3, 3, 0], has_drums=True).shared(1, 1)
        assert found.tolist() == [[0.25, 1.5, 1.5], [1.5, 1.5, 0]]

    def test_where_nobody_plays_anybody_may(self):
        found = arrangement([2, 0, 2, 2], [0, 0, 2, 2]).shared(2, 0)
        assert found[:, 1].tolist() == [0.25, 0.25]
        assert found[1, 0] == 0

    @given(
        arrays(np.uint8, st.tuples(st.integers(0, 5), st.integers(1, 12))),
        st.booleans(),
        st.integers(0, 6),
        st.integers(0, 2),
    )
    def test_whatever_it_is_everybody_plays_somewhere_and_somebody_everywhere(self, played, drums, players, drummers):
        own = Arrangement(played, drums and len(played) > 0)
        found = own.shared(players, drummers)
        assert found.shape == (players + drummers, played.shape[1])
        if players + drummers:
            assert found.any(axis=0).all()
            assert not players or found[:players].any(axis=0).all()
            assert found.any(axis=1).all()
            assert found.max() <= 3
            assert np.all(np.mean(found > 0, axis=1) >= 0.4)
