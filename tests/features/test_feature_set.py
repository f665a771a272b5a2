"""Contexts and their sizes, by hand."""

from __future__ import annotations

import numpy as np
from fixtures.conditioning import conditioning_of
from fixtures.rows import rows_of

from componium.conditioning.controls import Conditions
from componium.conditioning.roles import only_playing
from componium.features.columns import HARMONY, N_METRIC
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.parts import Part
from componium.score import TimeSignature

PARTS = (Part(name="piano"), Part(name="flute", program=73))


def feature_set(parts=PARTS, styles=(), **config):
    conditioning = conditioning_of(*styles)
    codec = NoteCodec(NotesConfig(parts=parts))
    return FeatureSet(codec, FeatureConfig(**config), conditioning.sizes(len(parts)), conditioning.n_changing)


def test_a_context_has_position_then_harmony_then_conditions():
    plain, rich = feature_set(), feature_set(styles=("pop",), harmony=True)
    meter, events = (TimeSignature(0, 3, 4),), rows_of([(5, 1, 60, 3), (6, 1, 62, 3), (40, 1, 64, 3)])
    onsets = rich.onsets(events)
    positions = rich.positions(onsets, meter, 2)
    conditions = Conditions((1, 0, 0, 0), only_playing(np.array([False, True])), np.array([4, 4, 7], np.int16))
    context = rich.context(events, positions, conditions.columns(onsets // 12))
    assert np.array_equal(context[:, :N_METRIC], plain.positions(onsets, meter, 2))
    # Of the events only the third begins while another sounds, a C.
    sounding = np.zeros((4, 13), int)
    sounding[2, [0, 12]] = 1, 61
    # A C, then a C and a D were heard: each a sixth of the notes or more.
    heard = np.zeros((4, 13), int)
    heard[2, [0, 12]], heard[3, [0, 2, 12]] = (5, 1), (5, 5, 2)
    assert context[:, HARMONY].tolist() == np.concatenate((sounding, heard), axis=1).tolist()
    assert context[:, rich.first_condition :].tolist() == [
        [4, 7, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        [4, 7, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        [4, 7, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    ]
    assert context.shape[1] == len(rich.context_sizes)
    assert (context < np.array(rich.context_sizes)).all()
    assert rich.n_moving == HARMONY.stop + 2


def test_compound_meters_are_told_from_simple_ones_where_asked_for():
    meters = [(3, 4), (6, 8), (3, 8), (9, 8), (6, 4), (12, 8), (6, 16)]

    def lengths(features):
        return [int(features.positions(np.array([0]), (TimeSignature(0, *meter),), 1)[0, 1]) for meter in meters]

    # Bars in units of half a quarter, those of compound meters 17 higher.
    assert lengths(feature_set(compound_meters=True)) == [6, 6 + 17, 3, 9 + 17, 12, 12 + 17, 3 + 17]
    assert lengths(feature_set()) == [6, 6, 3, 9, 12, 12, 3]
