"""Translates names between MusicXML and General MIDI: drums, chords, parts."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from componium.score.harmony.keys import LETTER_PITCH_CLASSES
from componium.score.instruments import program_name

# GM percussion -> name, line or space (letter and octave as in the treble clef), notehead; after Weinberg (1998).
DRUMS = {
    35: ("Acoustic Bass Drum", "E4", "normal"), 36: ("Bass Drum", "F4", "normal"), 37: ("Side Stick", "C5", "x"),
    38: ("Snare", "C5", "normal"), 39: ("Hand Clap", "D5", "x"), 40: ("Electric Snare", "C5", "normal"),
    41: ("Low Floor Tom", "G4", "normal"), 42: ("Closed Hi-Hat", "G5", "x"), 43: ("High Floor Tom", "A4", "normal"),
    44: ("Pedal Hi-Hat", "D4", "x"), 45: ("Low Tom", "B4", "normal"), 46: ("Open Hi-Hat", "G5", "circle-x"),
    47: ("Low-Mid Tom", "D5", "normal"), 48: ("Hi-Mid Tom", "E5", "normal"), 49: ("Crash Cymbal", "A5", "x"),
    50: ("High Tom", "F5", "normal"), 51: ("Ride Cymbal", "F5", "x"), 52: ("Chinese Cymbal", "B5", "x"),
    53: ("Ride Bell", "F5", "diamond"), 54: ("Tambourine", "B4", "triangle"), 55: ("Splash Cymbal", "B5", "diamond"),
    56: ("Cowbell", "E5", "triangle"), 57: ("Crash Cymbal 2", "A5", "x"), 58: ("Vibraslap", "B4", "x"),
    59: ("Ride Cymbal 2", "F5", "circle-x"), 60: ("High Bongo", "E5", "slash"), 61: ("Low Bongo", "D5", "slash"),
    62: ("Mute High Conga", "C5", "slash"), 63: ("Open High Conga", "B4", "slash"), 64: ("Low Conga", "A4", "slash"),
    65: ("High Timbale", "E5", "diamond"), 66: ("Low Timbale", "D5", "diamond"), 67: ("High Agogo", "D5", "triangle"),
    68: ("Low Agogo", "C5", "triangle"), 69: ("Cabasa", "A4", "x"), 70: ("Maracas", "G4", "x"),
    75: ("Claves", "E5", "x"), 76: ("High Wood Block", "E5", "x"), 77: ("Low Wood Block", "D5", "x"),
    80: ("Mute Triangle", "G5", "triangle"), 81: ("Open Triangle", "A5", "triangle"),
}  # fmt: skip
_UNKNOWN_DRUM = ("Percussion", "C5", "triangle")

# Harte shorthand -> MusicXML kind, and what is printed beside the root.
KINDS = {
    "maj": ("major", ""), "min": ("minor", "m"), "dim": ("diminished", "dim"), "aug": ("augmented", "+"),
    "maj7": ("major-seventh", "maj7"), "min7": ("minor-seventh", "m7"), "7": ("dominant", "7"),
    "dim7": ("diminished-seventh", "dim7"), "hdim7": ("half-diminished", "m7b5"),
    "minmaj7": ("major-minor", "mMaj7"), "maj6": ("major-sixth", "6"), "min6": ("minor-sixth", "m6"),
    "9": ("dominant-ninth", "9"), "maj9": ("major-ninth", "maj9"), "min9": ("minor-ninth", "m9"),
    "sus2": ("suspended-second", "sus2"), "sus4": ("suspended-fourth", "sus4"), "5": ("power", "5"),
    "11": ("dominant-11th", "11"), "13": ("dominant-13th", "13"), "aug7": ("augmented-seventh", "+7"),
    "sus4(b7)": ("suspended-fourth", "7sus4"), "1": ("pedal", ""),
}  # fmt: skip
HARTE = {kind: shorthand for shorthand, (kind, _) in reversed(KINDS.items())} | {"suspended-fourth": "sus4"}

_ABBREVIATIONS = {
    "piano": "Pno.", "violin": "Vln.", "viola": "Vla.", "cello": "Vc.", "contrabass": "Cb.", "flute": "Fl.",
    "clarinet": "Cl.", "oboe": "Ob.", "bassoon": "Bsn.", "trumpet": "Tpt.", "trombone": "Tbn.", "french horn": "Hn.",
    "drums": "Dr.", "soprano": "S.", "alto": "A.", "tenor": "T.", "bass": "B.",
}  # fmt: skip


def drum_name(pitch: int) -> str:
    """Name of a GM percussion sound 0-127."""
    return DRUMS.get(pitch, _UNKNOWN_DRUM)[0]


def drum_look(pitch: int) -> tuple[str, int, str]:
    """Letter, octave and notehead that a percussion sound is written with."""
    _, place, head = DRUMS.get(pitch, _UNKNOWN_DRUM)
    return place[0], int(place[1]), head


def drum_pitch(letter: str, octave: int, head: str) -> int:
    """The percussion sound that is written so; by its place where the head is unknown, else a snare."""
    same_place = [pitch for pitch, look in DRUMS.items() if look[1] == f"{letter}{octave}"]
    same_look = [pitch for pitch in same_place if DRUMS[pitch][2] == head]
    return (same_look or same_place or [38])[0]


def part_name(program: int, *, is_drum: bool) -> str:
    """Returns the name of a part without one: its instrument, as printed scores spell it."""
    if is_drum:
        return "Drums"
    name = program_name(program)
    return "Piano" if program == 0 else name[0].upper() + name[1:]


def abbreviation(name: str) -> str:
    """Returns the abbreviation that stands before all systems but the first."""
    known = _ABBREVIATIONS.get(name.lower())
    words = re.findall(r"\w+", name)
    if known or len(name) <= 4 or not words:
        return known or name
    number = f" {words[-1]}" if words[-1].isdecimal() and len(words) > 1 else ""
    return f"{words[0][:4]}.{number}" if len(words[0]) > 4 else f"{words[0]}{number}"


def harte_label(harmony: Element) -> str:
    """The chord of a ``harmony`` element as Harte writes it: ``C:maj7``, ``A:min/b3``, ``N``."""
    kind = (harmony.findtext("kind") or "").strip()
    kind_element = harmony.find("kind")
    text = "" if kind_element is None else kind_element.get("text", "")
    root_step = harmony.find("root/root-step")
    if kind == "none":
        return "N"
    root = _letter_and_alter(harmony, "root")
    if root is None or (kind == "other" and root_step is not None and root_step.get("text") == ""):
        return text or "N"
    exact = next((shorthand for shorthand, look in KINDS.items() if look == (kind, text)), None)
    label = f"{_named(root)}:{exact or HARTE.get(kind) or (text if kind == 'other' else '') or 'maj'}"
    bass = _letter_and_alter(harmony, "bass")
    if bass is None or bass == root:
        return label
    steps = ("CDEFGAB".index(bass[0]) - "CDEFGAB".index(root[0])) % 7
    semitones = LETTER_PITCH_CLASSES[bass[0]] + bass[1] - LETTER_PITCH_CLASSES[root[0]] - root[1]
    alter = (semitones - (0, 2, 4, 5, 7, 9, 11)[steps] + 6) % 12 - 6
    return f"{label}/{_signs(alter)}{steps + 1}"


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
