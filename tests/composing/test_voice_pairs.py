"""Parallel fifths and octaves, and crossings, are weighed down; contrary motion and rest are not."""

import numpy as np
import pytest
from fixtures.pieces import CODEC, Followed, conditions_of, plan_of

from componium.composing.constraints.voice_leading import voice_pairs_of
from componium.conditioning.counterpoint import PairWeights
from componium.conditioning.roles import ACTIVITY, REGISTER, TEXTURE, only_playing
from componium.features.part_history import COMES_FROM

PIANO, FLUTE, BASS = 0, 1, 2
PARALLEL, CROSSING = -3.0, -1.0
C4, D4, G4, A4, E4 = 60, 62, 67, 69, 64


def voices(parallel=PARALLEL, crossing=0.0, *, plays=(PIANO, FLUTE), registers=()):
    style = {"pairs": PairWeights(parallel=parallel, crossing=crossing)}
    roles = only_playing(np.isin(np.arange(4), plays))
    for part, register in registers:
        roles[[REGISTER, TEXTURE, ACTIVITY], part] = register, 1, 4
    return Followed(
        lambda piece: voice_pairs_of(CODEC, piece), conditions_of(plan_of(4, style=style), *plays, roles=roles)
    )


def after(own, moved, source, part=FLUTE):
    """Weights of the next pitches of a part that comes from a pitch, after the piano has moved at the same onset."""
    own.state.histories[:, COMES_FROM.start] = 0
    own.state.histories[PIANO, COMES_FROM.start] = 1 + moved[0]
    own.take(12, PIANO, moved[1])
    own.state.part = PIANO
    own.state.histories[part, COMES_FROM.start] = 1 + source
    return own.weights(12).pitch[part]


@pytest.mark.parametrize(
    ("moved", "source", "rarer"),
    [
        ((C4, D4), G4, {69, 81, 93, 105, 117}),
        ((C4, D4), 72, {74, 86, 98, 110, 122}),
        ((C4, D4), 79, {81, 93, 105, 117}),
        ((D4, C4), A4, {67, 55, 43, 31, 19, 7}),
        ((C4, C4), G4, set()),
        ((C4, D4), E4, set()),
    ],
    ids=["fifth up", "octave up", "twelfth up", "fifth down", "the other stays", "no perfect interval"],
)  # fmt: skip
def test_a_parallel_about_to_happen_is_weighed_down_and_nothing_else(moved, source, rarer):
    found = after(voices(), moved, source)
    assert set(np.flatnonzero(found).tolist()) == rarer
    assert set(found[sorted(rarer)].tolist()) <= {PARALLEL}


def test_contrary_motion_and_staying_are_left_alone():
    found = after(voices(), (C4, D4), G4)
    # From a fifth into a unison, a fourth, or to the same note.
    assert not found[: G4 + 1].any()


def test_a_voice_from_nowhere_and_another_onset_are_left_alone():
    own = voices()
    after(own, (C4, D4), G4)
    assert not own.weights(24).pitch.any()
    own.state.histories[:, COMES_FROM.start] = 0
    assert not own.weights(12).pitch.any()


def test_lines_inside_a_part_count():
    own = voices(plays=(PIANO,))
    assert set(np.flatnonzero(after(own, (C4, D4), G4, part=PIANO))) == {69, 81, 93, 105, 117}


def test_neighbors_keep_their_order_while_they_sound():
    own = voices(0.0, CROSSING, plays=(PIANO, FLUTE, BASS), registers=((FLUTE, 8), (PIANO, 5), (BASS, 2)))
    own.take(0, PIANO, C4, 12)
    found = own.weights(6).pitch
    assert np.flatnonzero(found[FLUTE]).tolist() == list(range(C4))
    assert np.flatnonzero(found[BASS]).tolist() == list(range(C4 + 1, 128))
    assert not own.weights(12).pitch.any()


def test_a_style_that_does_not_mind_has_none_of_it():
    own = voices(0.0, 0.0)
    assert own.own is None
