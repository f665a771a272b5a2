"""Translates names between MusicXML and General MIDI: drums, parts."""

from __future__ import annotations

import re

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

UNTITLED = "Untitled"

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# As scores print them, for the names of General MIDI and of our composers.
_ABBREVIATIONS = {
    "piano": "Pno.", "grand piano": "Pno.", "electric piano": "E. Pno.", "harpsichord": "Hpsd.", "celesta": "Cel.",
    "glockenspiel": "Glock.", "vibraphone": "Vib.", "marimba": "Mar.", "xylophone": "Xyl.", "timpani": "Timp.",
    "organ": "Org.", "church organ": "Org.", "reed organ": "Org.", "accordion": "Acc.", "harmonica": "Harm.",
    "guitar": "Gtr.", "nylon guitar": "Gtr.", "steel guitar": "Gtr.", "electric guitar": "E. Gtr.",
    "overdriven guitar": "E. Gtr.", "acoustic bass": "Bass", "electric bass": "E. Bass", "bass guitar": "E. Bass",
    "violin": "Vln.", "viola": "Vla.", "cello": "Vc.", "contrabass": "Cb.", "double bass": "Db.", "harp": "Hp.",
    "strings": "Str.", "choir": "Ch.", "voice": "V.", "soprano": "S.", "alto": "A.", "tenor": "T.", "bass": "B.",
    "trumpet": "Tpt.", "trombone": "Tbn.", "tuba": "Tba.", "horn": "Hn.", "french horn": "Hn.", "brass": "Brs.",
    "soprano sax": "S. Sax.", "alto sax": "A. Sax.", "tenor sax": "T. Sax.", "baritone sax": "B. Sax.",
    "piccolo": "Picc.", "flute": "Fl.", "recorder": "Rec.", "oboe": "Ob.", "english horn": "E. H.", "clarinet": "Cl.",
    "bassoon": "Bsn.", "drums": "Dr.", "percussion": "Perc.", "melody": "Mel.",
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
    words = re.findall(r"\w+", name)
    number = f" {words.pop()}" if len(words) > 1 and words[-1].isdecimal() else ""
    known = _ABBREVIATIONS.get(" ".join(words).lower())
    if known:
        return known + number
    if len(name) <= 4 or not words:
        return name
    first = words[0][0].upper() + words[0][1:]
    return (f"{first[:4]}." if len(first) > 4 else first) + number


def printable(text: str) -> str:
    """Returns a text on one line, without the characters that XML forbids."""
    return re.sub(r"\s+", " ", _UNPRINTABLE.sub("", text)).strip()
