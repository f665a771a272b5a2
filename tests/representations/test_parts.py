from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from componium.models import FAMILIES
from componium.representations.columns import DURATION, PART, PITCH
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.notes import NotesRepresentation
from componium.representations.parts import Part, part_of
from componium.score import Score, Track, make_notes
from componium.score.instruments import FAMILY_NAMES
from componium.training.recipes import read_recipe

RECIPE = Path(__file__).parents[2] / "recipes" / "lakh-five-track.toml"


@pytest.fixture(scope="module")
def five():
    return read_recipe(RECIPE, FAMILIES).representation.parts


def named(parts, track):
    place = part_of(parts, track)
    return None if place is None else parts[place].name


class TestFiveTracks:
    def test_every_family_goes_where_lpd_5_puts_it(self, five):
        # hermandong.com/lakh-pianoroll-dataset/dataset.html: what is not of the five is strings, save three families.
        own = {"piano": "piano", "guitar": "guitar", "bass": "bass"}
        left_out = {"synth effects", "percussive", "sound effects"}
        for program in range(128):
            family = FAMILY_NAMES[program // 8]
            expected = None if family in left_out else own.get(family, "strings")
            assert named(five, Track(program=program)) == expected, family

    @pytest.mark.parametrize("program", [0, 40, 113, 127])
    def test_drums_go_to_the_drums_whatever_their_program(self, five, program):
        assert named(five, Track(program=program, is_drum=True)) == "drums"

    def test_a_name_says_more_than_a_program(self, five):
        assert named(five, Track(program=0, name=" Bass ")) == "bass"
        assert named(five, Track(program=0, name="drums")) == "piano"

    def test_tracks_of_one_part_are_joined_and_what_no_part_takes_is_dropped(self, five):
        violin = Track(make_notes([0, 480], [480, 240], [60, 62], 64), 40)
        flute = Track(make_notes([0, 480], [240, 480], [60, 65], 64), 73)
        gunshot = Track(make_notes([0], [480], [50], 64), 127)
        encoded = NoteCodec(NotesConfig(parts=five)).encode(Score(480, (violin, flute, gunshot)))
        rows = encoded.events[:, [PART, PITCH, DURATION]].tolist()
        # The unison on C is one note, the longer.
        assert rows == [[4, 60, 12], [4, 62, 6], [4, 65, 12]]


def test_tracks_alike_go_to_the_parts_of_equal_families_one_by_one_and_the_rest_to_the_first():
    parts = tuple(Part(name=f"track-{number}", program=1, families=("any",)) for number in (1, 2, 3))
    tracks = [Track(make_notes([0], [480], [pitch], 64), program) for pitch, program in enumerate((0, 40, 40, 73), 60)]
    codec = NoteCodec(NotesConfig(parts=parts))
    assert codec.parts_of(Score(480, tuple(tracks))) == [0, 1, 2, 0]
    # Drums are of no family.
    assert codec.part_of(Track(is_drum=True), taken=[0]) is None


def test_without_families_programs_and_their_families_decide():
    parts = (Part(name="a", program=0), Part(name="b", program=73))
    assert [part_of(parts, Track(program=program)) for program in (0, 5, 73, 79, 40)] == [0, 0, 1, 1, None]


def test_a_single_part_without_families_takes_all_and_with_them_its_own():
    assert part_of((Part(name="a"),), Track(program=90)) == 0
    assert part_of((Part(name="a", families=("piano",)),), Track(program=90)) is None


def test_an_unknown_family_is_refused_with_those_there_are():
    with pytest.raises(ValidationError, match="no instrument family 'winds'; General MIDI has piano"):
        Part(name="a", families=("winds",))


def test_a_spec_rebuilds_the_families(five):
    config = NotesConfig(parts=five)
    assert NotesConfig.model_validate(NotesRepresentation(config).spec()) == config
    assert np.array_equal(NoteCodec(config).is_drum, [True, False, False, False, False])
