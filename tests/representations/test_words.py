"""The representation ``words``, on chords written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from componium.errors import RepresentationError
from componium.representations import representation_of
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.representations.representation import Frame
from componium.representations.words import REST, SINGLE, WordsConfig, WordsRepresentation, commonest_shapes, root_of
from componium.score import TimeSignature

PARTS = (Part(name="piano"), Part(name="violin", program=40), Part(name="drums", is_drum=True))
NOTES = NotesConfig(parts=PARTS, max_shift=24)
METER = (TimeSignature(0, 4, 4),)


def words_of(rows, **settings):
    """The representation, and the words of a piece: rows of onset, part, pitch and duration in steps."""
    of = WordsRepresentation(WordsConfig(notes=NOTES, **settings))
    columns = np.array([(*row, 10) for row in rows], np.int64).T
    return of, of.view(of.codec.from_columns(columns, METER, 120.0))["words"].tolist()


C_MAJOR, C_SIXTH = [(0, 0, pitch, 12) for pitch in (60, 64, 67)], [(12, 0, pitch, 6) for pitch in (52, 55, 60)]


def test_a_chord_of_a_known_shape_is_one_word():
    _, words = words_of(C_MAJOR + C_SIXTH, shapes=((3, 8), (4, 7)))
    # Classes of durations: 3, 6, 12, 24, 48 steps.
    assert words == [[0, 0, 60, SINGLE + 2, 2], [12, 0, 52, SINGLE + 1, 1]]


def test_another_chord_is_spelled_from_its_lowest_note_and_every_note_keeps_its_own_duration():
    _, words = words_of([*C_MAJOR[:2], (0, 0, 67, 48), *C_SIXTH], shapes=((3, 8),))
    assert words == [
        [0, 0, 60, SINGLE, 2], [0, 0, 64, SINGLE, 2], [0, 0, 67, SINGLE, 4], [12, 0, 52, SINGLE + 1, 1],
    ]  # fmt: skip


def test_a_chord_may_have_the_shape_of_another_part_and_parts_make_chords_of_their_own():
    rows = [(0, 0, 60, 12), (0, 1, 64, 12), (0, 1, 67, 12)]
    _, words = words_of(rows, shapes=((3,), (4, 7)), lines="merged")
    assert words == [[0, 0, 60, SINGLE, 2], [0, 1, 64, SINGLE + 1, 2]]


class TestLines:
    ROWS = ((0, 0, 60, 12), (6, 1, 72, 12), (12, 0, 62, 12), (30, 1, 74, 12))

    def test_merged_shifts_count_from_the_word_before_of_any_part(self):
        _, words = words_of(self.ROWS, lines="merged")
        assert [word[:3] for word in words] == [[0, 0, 60], [6, 1, 72], [6, 0, 62], [18, 1, 74]]

    def test_by_parts_they_count_from_the_word_before_of_the_part_or_from_the_start(self):
        of, words = words_of(self.ROWS, lines="parts")
        assert [word[:3] for word in words] == [[0, 0, 60], [12, 0, 62], [6, 1, 72], [24, 1, 74]]
        assert [len(line) for line in of.lines(np.array(words))] == [2, 2]

    def test_of_the_first_part_alone_nothing_else_is_read(self):
        _, words = words_of(self.ROWS, lines="first")
        assert [word[:3] for word in words] == [[0, 0, 60], [12, 0, 62]]
        _, none = words_of(self.ROWS[1::2], lines="first")
        assert none == []

    def test_a_long_gap_takes_rests_of_its_part(self):
        _, words = words_of([(0, 0, 60, 12), (60, 1, 72, 12)], lines="parts")
        # 60 steps, of which a shift has 24 at most.
        assert words == [
            [0, 0, 60, SINGLE, 2], [24, 1, 0, REST, 0], [24, 1, 0, REST, 0], [12, 1, 72, SINGLE, 2],
        ]  # fmt: skip

    @pytest.mark.parametrize("lines", ["merged", "parts"])
    def test_notes_come_back_where_they_were(self, lines):
        rows = [*self.ROWS, (100, 0, 65, 24), (100, 2, 38, 3)]
        of, words = words_of(rows, lines=lines)
        back = of.restore({"words": np.array(words)}, Frame(METER, 3))
        events = back.events[back.events[:, 3] > 0].astype(int)
        onset = np.cumsum(back.events[:, 0].astype(int))[back.events[:, 3] > 0]
        found = np.stack((onset, events[:, 1], events[:, 2], of.codec.durations[events[:, 3]]), axis=1)
        assert found.tolist() == sorted(map(list, rows))


class TestRoots:
    @pytest.mark.parametrize(
        ("shape", "root"),
        [
            ((), 0), ((4, 7), 0), ((3, 8), 8), ((5, 9), 5),  # C, C/E, C/G
            ((3, 7), 0), ((4, 9), 9), ((5, 8), 5),  # Cm, Cm/Eb, Cm/G
            ((4, 7, 10), 0), ((3, 6, 8), 8), ((3, 5, 9), 5), ((2, 6, 9), 2),  # C7 and its inversions
            ((7,), 0), ((5,), 5), ((4,), 0), ((8,), 8), ((12,), 0), ((12, 16, 19), 0), ((3, 6), 0),
        ],
    )  # fmt: skip
    def test_is_that_of_the_textbook_in_every_inversion(self, shape, root):
        assert root_of(shape) % 12 == root

    def test_a_chord_is_reduced_to_its_root(self):
        _, words = words_of(C_MAJOR + C_SIXTH, chords="root", lines="merged")
        assert [word[2:4] for word in words] == [[60, SINGLE], [60, SINGLE]]
        _, words = words_of(C_SIXTH, chords="root", pitch="class", lines="merged")
        assert [word[2] for word in words] == [0]

    def test_pitch_classes_come_back_near_the_one_before(self):
        rows = [(12 * place, 0, pitch, 12) for place, pitch in enumerate((72, 71, 72, 67))]
        of, words = words_of(rows, chords="root", pitch="class")
        back = of.restore({"words": np.array(words)}, Frame(METER, 1))
        assert back.events[:, 2].tolist() == [60, 59, 60, 55]


def test_durations_go_to_the_nearest_class_by_ratio():
    # 17 is nearer to 12 than to 24: sqrt(12 * 24) = 16.97 is the edge.
    rows = [(24 * place, 0, 60, duration) for place, duration in enumerate((1, 4, 5, 16, 17, 90))]
    _, words = words_of(rows)
    assert [word[4] for word in words] == [0, 0, 1, 2, 3, 4]


def test_the_commonest_shapes_are_counted_by_part_and_come_first():
    of, _ = words_of(C_MAJOR)
    rows = [(0, 0, 60, 12), (0, 0, 64, 12), (0, 1, 67, 12)] + [
        (12 * place, 0, pitch, 12) for place in (1, 2) for pitch in (60, 67)
    ]
    piece = of.codec.from_columns(np.array([(*row, 10) for row in rows]).T, METER, 120.0)
    assert commonest_shapes([piece], 10) == ((7,), (4,))
    assert commonest_shapes([piece], 1) == ((7,),)
    assert of.config.with_shapes_of([piece]).shapes == ((7,), (4,))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"pitch": "class"}, "root"),
        ({"durations": (1.0, 0.5)}, "rise"),
        ({"shapes": [[7, 4]]}, "shape"),
        ({"shapes": [[]]}, "shape"),
        ({"durations": (0.01,)}, "steps"),
    ],
)
def test_what_cannot_be_is_refused(settings, complaint):
    with pytest.raises(RepresentationError, match=complaint):
        representation_of({"name": "words", "notes": NOTES.model_dump(mode="json"), **settings})
