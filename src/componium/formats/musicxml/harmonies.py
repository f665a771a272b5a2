"""Translates chord symbols between MusicXML and Harte's labels: ``C:maj7``, ``Bb:maj7(#11)``, ``A:min/b3``."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from componium.formats.notation.pitch_spelling import Signature, spell_class
from componium.score.harmony.keys import LETTER_PITCH_CLASSES, pitch_class_named

# Harte shorthand -> MusicXML kind, and what is printed beside the root.
KINDS = {
    "maj": ("major", ""), "min": ("minor", "m"), "dim": ("diminished", "dim"), "aug": ("augmented", "+"),
    "maj7": ("major-seventh", "maj7"), "min7": ("minor-seventh", "m7"), "7": ("dominant", "7"),
    "dim7": ("diminished-seventh", "dim7"), "hdim7": ("half-diminished", "m7b5"),
    "minmaj7": ("major-minor", "mMaj7"), "maj6": ("major-sixth", "6"), "min6": ("minor-sixth", "m6"),
    "9": ("dominant-ninth", "9"), "maj9": ("major-ninth", "maj9"), "min9": ("minor-ninth", "m9"),
    "sus2": ("suspended-second", "sus2"), "sus4": ("suspended-fourth", "sus4"), "5": ("power", "5"),
    "11": ("dominant-11th", "11"), "maj11": ("major-11th", "maj11"), "min11": ("minor-11th", "m11"),
    "13": ("dominant-13th", "13"), "maj13": ("major-13th", "maj13"), "min13": ("minor-13th", "m13"),
    "aug7": ("augmented-seventh", "+7"), "sus4(b7)": ("suspended-fourth", "7sus4"), "1": ("pedal", ""),
}  # fmt: skip
_HARTE = {kind: shorthand for shorthand, (kind, _) in reversed(KINDS.items())} | {
    "suspended-fourth": "sus4", "Neapolitan": "maj", "Italian": "7", "French": "7(b5)", "German": "7",
    "Tristan": "hdim7",
    # Spellings of MusicXML 1 and of programs that do not keep to the list.
    "min": "min", "maj": "maj", "dominant-seventh": "7", "minor-major": "minmaj7", "half-diminished-seventh": "hdim7",
    "maj7": "maj7", "min7": "min7", "augmented-ninth": "aug7", "suspended": "sus4", "seventh": "7", "ninth": "9",
}  # fmt: skip
_LABEL = re.compile(r"([A-G])([#b]*)(?::([^/(]*)((?:\([^()/]*\))?))?(?:/([#b]*)(\d+))?$")
_DEGREE = re.compile(r"(\*?)([#b]*)(\d{1,2})$")
# Semitones above the root of the degrees of a major scale.
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_ALTERS = {"#": 1, "b": -1}
_LONGEST = 60
# Third, fifth, and sixth or seventh, of the chords that inversions are given of.
_CHORD_TONES: dict[str, tuple[str, ...]] = {
    "maj": ("3", "5"), "min": ("b3", "5"), "dim": ("b3", "b5"), "aug": ("3", "#5"), "sus4": ("4", "5"),
    "sus2": ("2", "5"), "7": ("3", "5", "b7"), "maj7": ("3", "5", "7"), "min7": ("b3", "5", "b7"),
    "minmaj7": ("b3", "5", "7"), "dim7": ("b3", "b5", "bb7"), "hdim7": ("b3", "b5", "b7"), "maj6": ("3", "5", "6"),
    "min6": ("b3", "5", "6"), "aug7": ("3", "#5", "b7"), "9": ("3", "5", "b7"), "maj9": ("3", "5", "7"),
    "min9": ("b3", "5", "b7"),
}  # fmt: skip


def add_harmony(measure: Element, label: str, offset: int) -> None:
    """Adds a chord symbol; labels that are not Harte's are printed as they are."""
    harmony = SubElement(measure, "harmony")
    match = _LABEL.match(label)
    root = SubElement(harmony, "root")
    if match is None:
        SubElement(root, "root-step", text="").text = "C"
        SubElement(harmony, "kind", text="N.C." if label == "N" else label).text = "none" if label == "N" else "other"
    else:
        letter, accidentals, shorthand, degrees, bass_accidentals, bass = match.groups()
        alter = sum(_ALTERS[sign] for sign in accidentals)
        _add_step(root, "root", letter, alter)
        added = _add_kind(harmony, "maj" if shorthand is None else shorthand, degrees or "")
        if bass is not None and bass != "1":
            tonic = pitch_class_named(letter, accidentals)
            semitones = _MAJOR[(int(bass) - 1) % 7] + sum(_ALTERS[sign] for sign in bass_accidentals)
            # Flat roots have flat basses; the rest is spelled as in their own major key.
            sharps = (tonic * 7) % 12 - (12 if alter < 0 or (letter == "F" and not alter) else 0)
            step, bass_alter = spell_class((tonic + semitones) % 12, Signature(sharps, is_minor=False))
            _add_step(SubElement(harmony, "bass"), "bass", step, bass_alter)
        for degree in added:
            _add_degree(harmony, *degree)
    if offset:
        SubElement(harmony, "offset").text = str(offset)


def _add_kind(harmony: Element, shorthand: str, degrees: str) -> list[tuple[str, int, int]]:
    """Adds what kind of chord it is; returns its further degrees: type, value and alteration."""
    if shorthand + degrees in KINDS:
        shorthand, degrees = shorthand + degrees, ""
    matches = [_DEGREE.match(text.strip()) for text in degrees[1:-1].split(",")] if degrees else []
    if shorthand not in KINDS or not all(matches):
        SubElement(harmony, "kind", text=shorthand + degrees).text = "other"
        return []
    kind, text = KINDS[shorthand]
    printed = text + degrees.replace("*", "no") if degrees else text
    SubElement(harmony, "kind", text=printed).text = kind
    return [
        ("subtract" if match[1] else "add", int(match[3]), sum(_ALTERS[sign] for sign in match[2]) + (match[3] == "7"))
        for match in matches
        if match
    ]


def _add_degree(harmony: Element, kind: str, value: int, alter: int) -> None:
    degree = SubElement(harmony, "degree", {"print-object": "no"})
    SubElement(degree, "degree-value").text = str(value)
    SubElement(degree, "degree-alter").text = str(alter)
    SubElement(degree, "degree-type").text = kind


def _add_step(parent: Element, prefix: str, letter: str, alter: int) -> None:
    SubElement(parent, f"{prefix}-step").text = letter
    if alter:
        SubElement(parent, f"{prefix}-alter").text = str(alter)


def harte_label(harmony: Element) -> str:
    """The chord of a ``harmony`` element as Harte writes it; ``N`` where it is none."""
    kind_element = harmony.find("kind")
    kind = ("" if kind_element is None else kind_element.text or "").strip()
    text = "" if kind_element is None else kind_element.get("text", "")[:_LONGEST]
    root_step = harmony.find("root/root-step")
    if kind == "none":
        return "N"
    root = _letter_and_alter(harmony, "root")
    if root is None or (kind == "other" and root_step is not None and root_step.get("text") == ""):
        return text or "N"
    label = f"{_named(root)}:{_quality(harmony, kind, text)}"
    bass = _letter_and_alter(harmony, "bass")
    if bass is None:
        return label + _inverted(harmony, label)
    if bass == root:
        return label
    steps = ("CDEFGAB".index(bass[0]) - "CDEFGAB".index(root[0])) % 7
    semitones = LETTER_PITCH_CLASSES[bass[0]] + bass[1] - LETTER_PITCH_CLASSES[root[0]] - root[1]
    alter = (semitones - _MAJOR[steps] + 6) % 12 - 6
    return f"{label}/{_signs(alter)}{steps + 1}"


def _inverted(harmony: Element, label: str) -> str:
    """The bass of a chord that is given as its inversion: the third, the fifth, the seventh."""
    inversion = (harmony.findtext("inversion") or "").strip()
    kind = label.partition(":")[2].partition("(")[0]
    steps = _CHORD_TONES.get(kind, ())
    return f"/{steps[int(inversion) - 1]}" if inversion in {"1", "2", "3"} and int(inversion) <= len(steps) else ""


def _quality(harmony: Element, kind: str, text: str) -> str:
    """The shorthand of a kind with its degrees."""
    degrees = [_degree(element) for element in harmony.findall("degree")[:12]]
    if not degrees:
        exact = next((shorthand for shorthand, look in KINDS.items() if look == (kind, text)), None)
        return exact or _HARTE.get(kind) or (text if kind == "other" else "") or "maj"
    shorthand = _HARTE.get(kind) or (text if kind == "other" and "(" not in text else "") or "maj"
    if shorthand == "sus4" and "b7" in degrees:
        shorthand, degrees = "sus4(b7)", [degree for degree in degrees if degree != "b7"]
    if shorthand == "min7" and degrees == ["b5"]:
        return "hdim7"
    own, _, inside = shorthand.partition("(")
    inside = [part for part in (inside.rstrip(")"), *degrees) if part]
    return f"{own}({','.join(dict.fromkeys(inside))})" if inside else own


def _degree(element: Element) -> str:
    """A degree as Harte writes it: ``#11``; with an asterisk where it is left out."""
    value = (element.findtext("degree-value") or "").strip()
    alter = (element.findtext("degree-alter") or "0").strip()
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:3]) <= 13 and len(value) < 3):
        return ""
    if (element.findtext("degree-type") or "").strip() == "subtract":
        return f"*{value}"
    steps = int(alter) if alter in {"-2", "-1", "1", "2"} else 0
    # MusicXML counts from a dominant chord, whose seventh is minor; Harte from the major scale.
    return f"{_signs(steps - (value == '7'))}{value}"


def _letter_and_alter(harmony: Element, prefix: str) -> tuple[str, int] | None:
    letter = (harmony.findtext(f"{prefix}/{prefix}-step") or "").strip().upper()
    alter = (harmony.findtext(f"{prefix}/{prefix}-alter") or "0").strip()
    if letter not in LETTER_PITCH_CLASSES:
        return None
    return letter, int(alter) if alter in {"-2", "-1", "1", "2"} else 0


def _named(root: tuple[str, int]) -> str:
    return root[0] + _signs(root[1])


def _signs(alter: int) -> str:
    return "#" * alter if alter > 0 else "b" * -alter
