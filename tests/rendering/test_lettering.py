import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.rendering.lettering import drawable, font_for
from componium.rendering.roll import draw_roll
from componium.score import Score, Track, make_notes

BOX = "\uffff"


def picture(letter, *, beside="ü"):
    mask = font_for(letter + beside, 24).getmask(letter)
    return mask.size, bytes(mask)


@pytest.mark.parametrize(
    "text", ["Für Elise", "Götterdämmerung É", "Łódź", "Việt Nam", "Ελλάδα", "Москва", "B♭ F♯ — “x”…"]
)
def test_latin_greek_and_cyrillic_are_drawn_as_they_are(text):
    assert drawable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("夜曲", "YeQu"),
        ("ノクターン", "nokutan"),
        ("Etüde 練習", "Etüde LianXi"),
        ("🎵 song 🎸", "song"),
        ("a\u200bb\u202ec", "abc"),
        ("e\u0301tude", "étude"),
        ("two\nlines\tand \0 more", "two lines and more"),
        ("🎵", ""),
    ],
)
def test_other_scripts_are_transliterated_or_left_out(text, shown):
    assert drawable(text) == shown


@given(st.text(max_size=20))
def test_nothing_is_drawn_as_a_box(text):
    shown = drawable(text)
    assert all(picture(letter) != picture(BOX) for letter in shown)
    assert drawable(shown) == shown


def test_a_plain_text_is_drawn_as_before_and_an_umlaut_is_seen_in_the_picture():
    notes = make_notes([0], 480, [60], 80)

    def roll(title):
        return np.asarray(draw_roll(Score(480, (Track(notes),), title=title)))

    assert not np.array_equal(roll("Für"), roll("Fur"))
    assert not np.array_equal(roll("夜"), roll("曲"))
