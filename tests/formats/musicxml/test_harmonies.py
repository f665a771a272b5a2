"""Chord symbols of MusicXML and Harte's labels."""

from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest

from componium.formats.musicxml.harmonies import KINDS, add_harmony, harte_label


def harmony(kind, *degrees, root="B", alter=-1, text=""):
    inside = "".join(
        f"<degree><degree-value>{value}</degree-value><degree-alter>{shift}</degree-alter>"
        f"<degree-type>{way}</degree-type></degree>"
        for way, value, shift in degrees
    )
    return fromstring(  # noqa: S314 - our own
        f"<harmony><root><root-step>{root}</root-step><root-alter>{alter}</root-alter></root>"
        f"<kind text='{text}'>{kind}</kind>{inside}</harmony>"
    )


@pytest.mark.parametrize(
    ("kind", "degrees", "label"),
    [
        ("major-seventh", [("add", 11, 1)], "Bb:maj7(#11)"),
        ("dominant", [("alter", 5, -1)], "Bb:7(b5)"),
        ("dominant", [("add", 9, -1), ("add", 13, -1)], "Bb:7(b9,b13)"),
        ("major", [("add", 9, 0)], "Bb:maj(9)"),
        ("minor-seventh", [("alter", 5, -1)], "Bb:hdim7"),
        ("dominant", [("subtract", 3, 0)], "Bb:7(*3)"),
        # MusicXML counts the seventh from a dominant chord.
        ("suspended-fourth", [("add", 7, 0)], "Bb:sus4(b7)"),
        ("suspended-fourth", [("add", 7, 0), ("add", 9, 0)], "Bb:sus4(b7,9)"),
        ("minor", [("add", 7, 1)], "Bb:min(7)"),
        ("no-such-kind", [], "Bb:maj"),
        ("major", [("add", "x", "y")], "Bb:maj"),
    ],
)
def test_degrees_are_kept(kind, degrees, label):
    assert harte_label(harmony(kind, *degrees)) == label


@pytest.mark.parametrize("shorthand", KINDS)
@pytest.mark.parametrize("root", ["C", "F#", "Bb"])
@pytest.mark.parametrize("bass", ["", "/3", "/b7"])
def test_labels_come_back(shorthand, root, bass):
    measure = Element("measure")
    add_harmony(measure, f"{root}:{shorthand}{bass}", 0)
    assert harte_label(measure[0]) == f"{root}:{shorthand}{bass}"


@pytest.mark.parametrize("label", ["C:7(#9)", "G:7(b9,b13)", "A:min(*5)", "D:maj(9)/3", "E:min7(11)", "C:sus4(7)", "N"])
def test_labels_with_degrees_are_written_as_degrees_and_come_back(label):
    measure = Element("measure")
    add_harmony(measure, label, 0)
    assert harte_label(measure[0]) == label
    n_degrees = 0 if "(" not in label else label.count(",") + 1
    assert len(measure[0].findall("degree")) == n_degrees
    assert measure[0].findtext("kind") != "other"


@pytest.mark.parametrize(
    ("kind", "inversion", "bass"),
    [
        ("major", "1", "/3"), ("major", "2", "/5"), ("major", "3", ""), ("minor", "1", "/b3"),
        ("dominant", "3", "/b7"),
        ("half-diminished", "2", "/b5"), ("major", "0", ""), ("major", "x", ""), ("major", "-1", ""),
        ("power", "1", ""),
    ],
)  # fmt: skip
def test_an_inversion_is_a_bass(kind, inversion, bass):
    element = harmony(kind)
    own = harte_label(element)
    SubElement(element, "inversion").text = inversion
    assert harte_label(element) == own + bass
    # What is said outright counts more.
    SubElement(SubElement(element, "bass"), "bass-step").text = "D"
    assert harte_label(element) == f"{own}/3"
