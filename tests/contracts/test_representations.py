"""One suite over all representations: they are rebuilt from JSON, give what they declare, and take any array back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.errors import RepresentationError
from componium.representations import REPRESENTATIONS, representation_of
from componium.representations.config import NotesConfig
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.representations.representation import Frame
from componium.score import TimeSignature

PARTS = (Part(name="flute", program=73), Part(name="piano"), Part(name="drums", is_drum=True))
NOTES = NotesConfig(parts=PARTS)
# Every layout of every representation, by its specification.
SPECS = {
    "notes": NOTES.model_dump(mode="json"),
    "cells": {"name": "grid", "layout": "cells", "cells": 4, "notes": NOTES.model_dump(mode="json")},
    "planes": {"name": "grid", "layout": "planes", "cells": 3, "notes": NOTES.model_dump(mode="json")},
    "chords": {"name": "words", "shapes": [[4, 7], [12]], "notes": NOTES.model_dump(mode="json")},
    "merged": {"name": "words", "lines": "merged", "notes": NOTES.model_dump(mode="json")},
    "roots": {
        "name": "words", "lines": "merged", "chords": "root", "pitch": "class", "notes": NOTES.model_dump(mode="json")
    },
}  # fmt: skip
FRAME = Frame((TimeSignature(0, 3, 4),), 2)


def test_every_representation_is_here():
    assert {spec["name"] for spec in SPECS.values()} == set(REPRESENTATIONS)


@st.composite
def pieces(draw):
    note = st.tuples(st.integers(0, 71), st.integers(0, 2), st.integers(0, 127), st.integers(1, 90), st.integers(0, 31))
    codec = representation_of(SPECS["notes"]).codec
    rows = draw(st.lists(note, min_size=1, max_size=20))
    return codec.from_columns(np.array(rows, np.int64).T, FRAME.meter, 120.0, FRAME.n_bars)


def music(encoded: EncodedNotes) -> list[list[int]]:
    return encoded.events.tolist()


@pytest.mark.parametrize("name", SPECS)
class TestRepresentation:
    def test_is_rebuilt_exactly_by_way_of_json(self, name):
        first = representation_of(SPECS[name])
        again = representation_of(json.loads(json.dumps(first.spec())))
        assert again.spec() == first.spec()
        assert again.arrays() == first.arrays()
        assert again.codec.sizes == first.codec.sizes

    def test_a_damaged_specification_is_one_line(self, name):
        for damage in ({"name": "rolls"}, {"colour": "red"}, {"notes": 3} if name != "notes" else {"parts": []}):
            with pytest.raises(RepresentationError) as caught:
                representation_of({**SPECS[name], **damage})
            assert "\n" not in str(caught.value)

    @given(piece=pieces())
    def test_gives_the_arrays_that_it_declares(self, name, piece):
        of = representation_of(SPECS[name])
        arrays, declared = of.view(piece), of.arrays()
        assert arrays.keys() == declared.keys()
        for array, spec in zip(arrays.values(), declared.values(), strict=True):
            assert array.dtype == spec.dtype
            assert array.ndim == len(spec.shape)
            for length, expected in zip(array.shape, spec.shape, strict=True):
                assert isinstance(expected, str) or length == expected
            assert (array >= 0).all()
            assert (array < np.array(spec.sizes)).all()

    @given(piece=pieces())
    def test_what_it_restores_has_the_same_arrays(self, name, piece):
        of = representation_of(SPECS[name])
        arrays = of.view(piece)
        again = of.view(of.restore(arrays, FRAME))
        assert all(np.array_equal(arrays[own], again[own]) for own in arrays)

    @given(length=st.integers(0, 24), seed=st.integers(0, 2**32 - 1))
    def test_restores_whatever_a_network_emits(self, name, length, seed):
        of, rng = representation_of(SPECS[name]), np.random.default_rng(seed)
        arrays = {}
        for own, spec in of.arrays().items():
            shape = [length if isinstance(part, str) else part for part in spec.shape]
            arrays[own] = rng.integers(-3, max(spec.sizes) + 3, shape).astype(np.int64)
        restored = of.restore(arrays, FRAME)
        assert (restored.events >= 0).all()
        assert (restored.events < np.array(of.codec.sizes)).all()
        assert (restored.meter, restored.n_bars) == (FRAME.meter, FRAME.n_bars)
        # It is music: a score that can be encoded again.
        score = of.codec.decode(restored)
        assert not score.n_notes or of.codec.encode(score).n_notes <= restored.n_notes
