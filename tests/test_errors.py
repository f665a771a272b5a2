"""An error is one line that a terminal can print, whatever it quotes."""

import pytest

from componium import errors
from componium.errors import ComponiumError, FormatError, MissingExtraError


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("two\nlines\r\nthree", "two lines three"),
        ("a\x1b[31mred\x07", "a\\x1b[31mred\\x07"),
        ("name \udcff.mid", "name \\xff.mid"),
        ("F\udcc3\udcbcr Elise.mid", "F\u00fcr Elise.mid"),
        ("name \ud800.mid", "name \\ud800.mid"),
        ("a\u2028b\0", "a b\\x00"),
        ("F\u00fcr Elise \u6708\u3000\u5149.mid", "F\u00fcr Elise \u6708\u3000\u5149.mid"),
    ],
)
def test_control_characters_are_escaped(text, printed):
    assert str(FormatError(text)) == printed
    printed.encode()


def test_what_is_very_long_is_cut():
    assert len(str(ComponiumError("9" * 10**6))) < 2100


def test_what_a_missing_extra_installs_is_named(monkeypatch):
    listed = ["numpy>=2", "torch>=2.6; extra == 'train'", "verovio>=5; extra == 'score'"]
    monkeypatch.setattr(errors, "requires", lambda _: listed)
    said = str(MissingExtraError("Training", "train"))
    assert "pip install 'torch>=2.6'" in said
    assert "verovio" not in said


def test_where_nothing_is_installed_the_extra_itself_is_named(monkeypatch):
    monkeypatch.setattr(errors, "requires", lambda _: None)
    assert "'componium[train]'" in str(MissingExtraError("Training", "train"))
