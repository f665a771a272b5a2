"""Reads the elements of a measure of MusicXML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from componium.formats.notation.note_values import Value
from componium.formats.notation.pitch_spelling import Signature, Spelling

_CLEFS = {
    "treble": ("G", 2, 0), "treble-8": ("G", 2, -1), "treble+8": ("G", 2, 1),
    "bass": ("F", 4, 0), "bass-8": ("F", 4, -1), "percussion": ("percussion", 0, 0),
}  # fmt: skip
_ACCIDENTALS = {-1: "flat", 0: "natural", 1: "sharp"}


class Voice(NamedTuple):
    """Number of a voice in its part, and of its staff (0 where the part has one)."""

    number: int
    staff: int


class Look(NamedTuple):
    """The appearance of a note: accidental, notehead, percussion sound, ties."""

    accidental: str = ""
    head: str = ""
    instrument: str = ""
    tied_from: bool = False
    tied_to: bool = False


def add_clef(attributes: Element, clef: str, staff: int) -> None:
    """Adds a clef; staff 0 where the part has one."""
    sign, line, octave = _CLEFS[clef]
    element = SubElement(attributes, "clef", {"number": str(staff)} if staff else {})
    SubElement(element, "sign").text = sign
    if line:
        SubElement(element, "line").text = str(line)
    if octave:
        SubElement(element, "clef-octave-change").text = str(octave)


def add_key(attributes: Element, signature: Signature, *, is_hidden: bool) -> None:
    """Adds a key signature; hidden where only the mode changes."""
    key = SubElement(attributes, "key", {"print-object": "no"} if is_hidden else {})
    SubElement(key, "fifths").text = str(signature.sharps)
    SubElement(key, "mode").text = "minor" if signature.is_minor else "major"


def add_backup(measure: Element, steps: int) -> None:
    """Goes back, so that another voice can be written."""
    SubElement(SubElement(measure, "backup"), "duration").text = str(steps)


def add_tempo(measure: Element, bpm: float, offset: int) -> None:
    """Adds a metronome mark some steps after what was written last."""
    direction = SubElement(measure, "direction", placement="above")
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    SubElement(metronome, "beat-unit").text = "quarter"
    SubElement(metronome, "per-minute").text = f"{bpm:g}" if bpm == round(bpm) else f"{bpm:.1f}"
    if offset:
        SubElement(direction, "offset").text = str(offset)
    SubElement(direction, "sound", tempo=f"{bpm:.10g}")


def add_whole_rest(measure: Element, steps: int, voice: Voice) -> None:
    """Adds the rest of an empty bar."""
    note = SubElement(measure, "note")
    SubElement(note, "rest", measure="yes")
    SubElement(note, "duration").text = str(steps)
    SubElement(note, "voice").text = str(voice.number)
    if voice.staff:
        SubElement(note, "staff").text = str(voice.staff)


def add_pitch(note: Element, spelling: Spelling) -> str:
    """Adds a pitch; returns the accidental to be printed, if any."""
    pitch = SubElement(note, "pitch")
    SubElement(pitch, "step").text = spelling.letter
    if spelling.alter:
        SubElement(pitch, "alter").text = str(spelling.alter)
    SubElement(pitch, "octave").text = str(spelling.octave)
    return _ACCIDENTALS[spelling.alter] if spelling.is_marked else ""


def add_unpitched(note: Element, letter: str, octave: int) -> None:
    """Adds the place of a drum stroke on the staff."""
    unpitched = SubElement(note, "unpitched")
    SubElement(unpitched, "display-step").text = letter
    SubElement(unpitched, "display-octave").text = str(octave)


_NO_LOOK = Look()


def finish_note(note: Element, value: Value, voice: Voice, look: Look = _NO_LOOK) -> None:
    """Adds what follows the pitch or the rest, in the order that the schema asks for.

    Args:
        note: the element, its pitch or rest in place.
        value: its length and look.
        voice: where it belongs.
        look: what else is printed; nothing of a rest.
    """
    is_upper = note.find("chord") is not None
    SubElement(note, "duration").text = str(value.end - value.start)
    ties = ["stop"] * look.tied_from + ["start"] * look.tied_to
    for kind in ties:
        SubElement(note, "tie", type=kind)
    if look.instrument:
        SubElement(note, "instrument", id=look.instrument)
    SubElement(note, "voice").text = str(voice.number)
    SubElement(note, "type").text = value.kind
    for _ in range(value.dots):
        SubElement(note, "dot")
    if look.accidental:
        SubElement(note, "accidental").text = look.accidental
    if value.thirds:
        modification = SubElement(note, "time-modification")
        SubElement(modification, "actual-notes").text = str(value.thirds)
        SubElement(modification, "normal-notes").text = str(value.thirds * 2 // 3)
    if look.head:
        SubElement(note, "stem").text = "up"
        SubElement(note, "notehead").text = look.head
    if voice.staff:
        SubElement(note, "staff").text = str(voice.staff)
    if not is_upper:
        for number, beam in enumerate(value.beams, start=1):
            SubElement(note, "beam", number=str(number)).text = beam
    _add_notations(note, ties, () if is_upper else value.tuplet)


def _add_notations(note: Element, ties: Sequence[str], tuplets: Sequence[str]) -> None:
    if ties or tuplets:
        notations = SubElement(note, "notations")
        for kind in ties:
            SubElement(notations, "tied", type=kind)
        for kind in tuplets:
            SubElement(notations, "tuplet", type=kind, number="1")
