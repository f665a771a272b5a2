"""Who plays when, as it is found in a piece, and as others share it."""

import numpy as np
from fixtures.rows import rows_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from componium.conditioning.arrangements import Arrangement, arrangement_of
from componium.conditioning.style_profile import starting_profile
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.score import TimeSignature

LEAST_SOUNDING = starting_profile((), 100.0, "quarter").forms.least_sounding
PARTS = (Part(name="flute", program=73), Part(name="piano"), Part(name="drums", is_drum=True))
CODEC = NoteCodec(NotesConfig(parts=PARTS))
STEPS = CODEC.config.steps
BAR = 4 * STEPS


def arrangement(*sounds, has_drums=False):
    return Arrangement(np.array(sounds, bool), has_drums)


def found_in(notes, n_bars):
    """Of notes as onset in quarters, part, pitch and length in quarters."""
    events = rows_of([(STEPS * onset, part, pitch, number_of(STEPS * length)) for onset, part, pitch, length in notes])
    encoded = EncodedNotes(events, (TimeSignature(0, 4, 4),), 100.0, n_bars)
    return arrangement_of(encoded, CODEC)


def number_of(steps):
    return int(np.flatnonzero(CODEC.durations == steps)[0])


class TestFound:
    def test_by_hand(self):
        # The flute comes in with the second bar and holds into the third; the piano rests there.
        notes = [
            (0, 1, 50, 1), (1, 1, 52, 1), (1, 1, 55, 1), (4, 0, 72, 1), (4, 1, 50, 4), (7, 0, 74, 4), (12, 1, 48, 1),
        ]  # fmt: skip
        own = found_in(sorted(notes), 5)
        assert not own.has_drums
        # The lowest first.
        assert own.sounds.tolist() == [[True, True, False, True, False], [False, True, True, False, False]]

    def test_drums_come_last_and_together(self):
        own = found_in([(0, 1, 50, 1), (0, 2, 36, 1), (0, 2, 42, 1), (4, 2, 36, 1)], 2)
        assert own.has_drums
        assert own.n_pitched == 1
        assert own.sounds.tolist() == [[True, False], [True, True]]

    def test_of_nothing_there_is_none(self):
        own = found_in([], 2)
        assert (own.n_pitched, own.has_drums, own.sounds.shape) == (0, False, (0, 2))


class TestShared:
    def test_who_rests_does_so_much_more_elsewhere(self):
        found = arrangement([0, 1, 1, 1, 1], [1, 1, 1, 1, 1]).shared(2, 0, LEAST_SOUNDING)
        assert found.tolist() == [[0, 1.25, 1.25, 1.25, 1.25], [1] * 5]

    def test_fewer_players_have_neighbouring_parts(self):
        own = arrangement([0, 1, 1, 0], [0, 0, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0])
        assert (own.shared(2, 0, LEAST_SOUNDING) > 0).tolist() == [
            [False, True, True, False],
            [True, False, False, True],
        ]
        assert own.shared(1, 0, LEAST_SOUNDING).tolist() == [[1] * 4]

    def test_more_players_share_one(self):
        found = arrangement([0, 1, 1, 1], [1, 1, 1, 0]).shared(4, 0, LEAST_SOUNDING)
        assert (found == 0).tolist() == [[True, False, False, False]] * 2 + [[False, False, False, True]] * 2

    def test_drummers_do_what_drums_do_and_play_on_where_there_are_none(self):
        drums = arrangement([1, 1, 1], [0, 1, 1], has_drums=True).shared(1, 2, LEAST_SOUNDING)
        assert drums.tolist() == [[1, 1, 1], [0, 1.5, 1.5], [0, 1.5, 1.5]]
        assert arrangement([0, 1, 1]).shared(1, 2, LEAST_SOUNDING)[1:].tolist() == [[1, 1, 1]] * 2

    def test_who_would_hardly_be_heard_is_told_nothing(self):
        own = arrangement([0, 0, 0, 1, 1], [0, 0, 0, 0, 1])
        assert own.shared(2, 0, LEAST_SOUNDING).tolist() == [[0, 0, 0, 2.5, 2.5], [1] * 5]

    def test_nor_is_anybody_where_drums_would_play_alone(self):
        found = arrangement([0, 1, 1], [1, 1, 0], has_drums=True).shared(1, 1, LEAST_SOUNDING)
        assert found.tolist() == [[1, 1.5, 1.5], [1.5, 1.5, 0]]

    def test_where_nobody_plays_anybody_may(self):
        found = arrangement([1, 0, 1, 1], [0, 0, 1, 1]).shared(2, 0, LEAST_SOUNDING)
        assert found[:, 1].tolist() == [1, 1]
        assert found[1, 0] == 0

    @given(
        arrays(bool, st.tuples(st.integers(0, 5), st.integers(1, 12))),
        st.booleans(),
        st.integers(0, 6),
        st.integers(0, 2),
    )
    def test_whatever_it_is_everybody_plays_somewhere_and_somebody_everywhere(self, sounds, drums, players, drummers):
        own = Arrangement(sounds, drums and len(sounds) > 0)
        found = own.shared(players, drummers, LEAST_SOUNDING)
        assert found.shape == (players + drummers, sounds.shape[1])
        if players + drummers:
            assert found.any(axis=0).all()
            assert not players or found[:players].any(axis=0).all()
            assert found.any(axis=1).all()
            assert found.max() <= 2.5
            assert np.all(np.mean(found > 0, axis=1) >= 0.4)
