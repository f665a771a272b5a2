"""Reads one part of a MusicXML file, measure by measure.

Nothing here raises on wrong numbers: what makes no sense counts as not written.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple
from xml.etree.ElementTree import Element

from componium.errors import FormatError, RequestError
from componium.formats.musicxml.names import drum_pitch, harte_label
from componium.score.harmony.keys import LETTER_PITCH_CLASSES
from componium.score.instruments import parse_program

DEFAULT_VELOCITY = 80

_NUMBER = re.compile(r"\s*([+-]?\d{1,9}(?:\.\d{1,6})?)\d*\s*$")
_DYNAMICS = {"pppp": 8, "ppp": 16, "pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112, "fff": 126, "ffff": 127}
_BEAT_UNITS = {
    "breve": 8, "whole": 4, "half": 2, "quarter": 1, "eighth": Fraction(1, 2), "16th": Fraction(1, 4),
    "32nd": Fraction(1, 8),
}  # fmt: skip


@dataclass
class Sound:
    """A sounding note: quarters since the start of its measure, and its length in quarters; ties joined later."""

    measure: int
    onset: Fraction
    duration: Fraction
    pitch: int
    velocity: int
    voice: str
    is_tied_from: bool = False
    is_tied_to: bool = False


class Said(NamedTuple):
    """A direction that holds from a position on: a tempo, a meter, a key (tonic, is_minor) or a chord label."""

    measure: int
    onset: Fraction
    value: object


@dataclass
class Part:
    """The content of a part; ``lengths`` are the quarters that each measure's content fills, 0 where it has none."""

    name: str
    program: int
    is_drum: bool
    sounds: list[Sound] = field(default_factory=list[Sound])
    lengths: list[Fraction] = field(default_factory=list[Fraction])
    tempos: list[Said] = field(default_factory=list[Said])
    meters: list[Said] = field(default_factory=list[Said])
    keys: list[Said] = field(default_factory=list[Said])
    chords: list[Said] = field(default_factory=list[Said])


def number_of(text: str | None) -> Fraction | None:
    """Reads a number of at most nine digits; None where there is none."""
    match = _NUMBER.match(text or "")
    return Fraction(match[1]) if match else None


def integer_of(text: str | None, default: int = 0) -> int:
    """Reads a number and rounds it."""
    number = number_of(text)
    return default if number is None else round(number)


def read_part(declaration: Element | None, measures: Sequence[Element], order: Sequence[int]) -> Part:
    """Reads a part as it is played; the measures of what it holds are counted in the order of playing.

    Args:
        declaration: its ``score-part``, if it has one.
        measures: its measures, as they are written.
        order: the measures as they are played; those that the part lacks are empty.

    Raises:
        FormatError: a pitch is outside 0 to 127.
    """
    reader = _PartReader(declaration, measures)
    for number, written in enumerate(order):
        if written < len(measures):
            reader.read(number, written, measures[written])
        else:
            reader.part.lengths.append(Fraction(0))
    return reader.part


class _InForce(NamedTuple):
    """The state that a measure takes over from those before it on the page."""

    divisions: Fraction
    transposition: int
    key: object
    meter: object


class _PartReader:
    def __init__(self, declaration: Element | None, measures: Sequence[Element]) -> None:
        self._drums: dict[str, int] = {}
        self.part = self._declared(declaration, measures)
        self._divisions = Fraction(1)
        self._transposition = 0
        self._key: object = None
        self._meter: object = None
        self._last_written = -1
        # By number on the page, as the measure was found when it was first played.
        self._found: dict[int, _InForce] = {}
        self._velocity = DEFAULT_VELOCITY
        self._number = 0
        self._now = Fraction(0)
        self._chord_onset = Fraction(0)

    def _declared(self, declaration: Element | None, measures: Sequence[Element]) -> Part:
        name, program, channel = "", None, 0
        if declaration is not None:
            name = (declaration.findtext("part-name") or "").strip()
            for midi in declaration.iter("midi-instrument"):
                unpitched = integer_of(midi.findtext("midi-unpitched"))
                if 1 <= unpitched <= 128:
                    self._drums[midi.get("id", "")] = unpitched - 1
                number = integer_of(midi.findtext("midi-program"))
                if program is None and 1 <= number <= 128:
                    program = number - 1
                channel = channel or integer_of(midi.findtext("midi-channel"))
            if program is None:
                program = _program_named([declaration.findtext("score-instrument/instrument-name") or "", name])
        is_drum = channel == 10 or any(
            measure.find("note/unpitched") is not None
            or any(sign.text == "percussion" for sign in measure.iterfind("attributes/clef/sign"))
            for measure in measures
        )
        return Part(name, program or 0, is_drum)

    def read(self, number: int, written: int, measure: Element) -> None:
        self._number = number
        self._now = self._chord_onset = furthest = Fraction(0)
        self._turn_to(written, measure)
        for element in measure:
            if element.tag == "note":
                self._note(element)
            elif element.tag == "backup":
                self._now = max(self._now - self._length(element), Fraction(0))
            elif element.tag == "forward":
                self._now += self._length(element)
            elif element.tag == "attributes":
                self._attributes(element)
            elif element.tag in ("direction", "sound"):
                self._direction(element)
            elif element.tag == "harmony":
                self._say(self.part.chords, element, harte_label(element))
            furthest = max(furthest, self._now)
        self.part.lengths.append(furthest)

    def _turn_to(self, written: int, measure: Element) -> None:
        """Has in force what the page has there, where playing jumps."""
        has_jumped = written != self._last_written + 1
        self._last_written = written
        found = self._found.setdefault(written, _InForce(self._divisions, self._transposition, self._key, self._meter))
        if not has_jumped:
            return
        self._divisions, self._transposition = found.divisions, found.transposition
        if found.key not in (None, self._key):
            self._say_key(measure, found.key)
        if found.meter not in (None, self._meter):
            self._say_meter(measure, found.meter)

    def _say_key(self, element: Element, key: object) -> None:
        self._key = key
        self._say(self.part.keys, element, key)

    def _say_meter(self, element: Element, meter: object) -> None:
        self._meter = meter
        self._say(self.part.meters, element, meter)

    def _length(self, element: Element) -> Fraction:
        number = number_of(element.findtext("duration"))
        return max(number or Fraction(0), Fraction(0)) / self._divisions

    def _say(self, where: list[Said], element: Element, value: object) -> None:
        offset = (number_of(element.findtext("offset")) or Fraction(0)) / self._divisions
        where.append(Said(self._number, max(self._now + offset, Fraction(0)), value))

    def _note(self, element: Element) -> None:
        if element.find("grace") is not None:
            return
        length = self._length(element)
        if element.find("chord") is None:
            self._chord_onset = self._now
            self._now += length
        pitch = self._pitch(element)
        if pitch is None or element.find("cue") is not None or not length:
            return
        if not 0 <= pitch <= 127:
            raise FormatError(f"measure {self._number + 1}: pitch {pitch} is outside 0 to 127")
        percent = number_of(element.get("dynamics"))
        ties = {tie.get("type") for tie in element.iterfind("tie")} or {
            tied.get("type") for tied in element.iterfind("notations/tied")
        }
        self.part.sounds.append(
            Sound(
                measure=self._number,
                onset=self._chord_onset,
                duration=length,
                pitch=pitch,
                velocity=self._velocity if percent is None else _velocity(percent),
                voice=element.findtext("voice") or "1",
                is_tied_from="stop" in ties,
                is_tied_to="start" in ties,
            )
        )

    def _pitch(self, element: Element) -> int | None:
        instrument = element.find("instrument")
        sound = None if instrument is None else self._drums.get(instrument.get("id", ""))
        if self.part.is_drum and sound is None and len(self._drums) == 1:
            sound = next(iter(self._drums.values()))
        pitch = element.find("pitch")
        if pitch is not None:
            if self.part.is_drum and sound is not None:
                return sound
            letter = LETTER_PITCH_CLASSES.get((pitch.findtext("step") or "").strip().upper())
            if letter is None:
                return None
            octave = integer_of(pitch.findtext("octave"), 4)
            return letter + integer_of(pitch.findtext("alter")) + 12 * (octave + 1) + self._transposition
        unpitched = element.find("unpitched")
        if unpitched is None:
            return None
        if sound is not None:
            return sound
        head = (element.findtext("notehead") or "normal").strip()
        letter = (unpitched.findtext("display-step") or "C").strip().upper()
        return drum_pitch(letter, integer_of(unpitched.findtext("display-octave"), 5), head)

    def _attributes(self, element: Element) -> None:
        divisions = number_of(element.findtext("divisions"))
        if divisions and divisions > 0:
            self._divisions = divisions
        transpose = element.find("transpose")
        if transpose is not None and not self.part.is_drum:
            octaves = integer_of(transpose.findtext("octave-change"))
            self._transposition = integer_of(transpose.findtext("chromatic")) + 12 * octaves
        fifths = number_of(element.findtext("key/fifths"))
        if fifths is not None:
            is_minor = (element.findtext("key/mode") or "").strip() == "minor"
            tonic = (7 * round(fifths) + 9 * is_minor + self._transposition) % 12
            self._say_key(element, (tonic, is_minor))
        meter = _meter(element.find("time"))
        if meter is not None:
            self._say_meter(element, meter)

    def _direction(self, element: Element) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        bpm = None if sound is None else number_of(sound.get("tempo"))
        bpm = bpm or _metronome(element.find("direction-type/metronome"))
        if bpm and 1 <= bpm <= 10_000:
            self._say(self.part.tempos, element, float(bpm))
        percent = None if sound is None else number_of(sound.get("dynamics"))
        if percent is not None:
            self._velocity = _velocity(percent)
            return
        for sign in element.iterfind("direction-type/dynamics/*"):
            self._velocity = _DYNAMICS.get(sign.tag, self._velocity)


def _velocity(percent: Fraction) -> int:
    """MusicXML counts velocity in percent of 90."""
    return min(max(round(percent * 90 / 100), 1), 127)


def _program_named(names: Iterable[str]) -> int:
    for name in names:
        try:
            return parse_program(re.sub(r"\s*\d+$", "", name))
        except RequestError:
            continue
    return 0


def _metronome(metronome: Element | None) -> Fraction | None:
    if metronome is None:
        return None
    unit = _BEAT_UNITS.get((metronome.findtext("beat-unit") or "").strip())
    per_minute = number_of(metronome.findtext("per-minute"))
    if unit is None or per_minute is None:
        return None
    dots = min(len(metronome.findall("beat-unit-dot")), 3)
    return per_minute * unit * (2 - Fraction(1, 2**dots))


def _meter(time: Element | None) -> tuple[int, int] | None:
    """Numerator and denominator; of a composite meter their sum."""
    if time is None:
        return None
    numerators = [sum(integer_of(term) for term in (beats.text or "").split("+")) for beats in time.iterfind("beats")]
    denominators = [integer_of(beat_type.text) for beat_type in time.iterfind("beat-type")]
    fits = numerators and len(numerators) == len(denominators)
    if not fits or any(n not in (1, 2, 4, 8, 16, 32, 64) for n in denominators):
        return None
    denominator = max(denominators)
    numerator = sum(n * denominator // d for n, d in zip(numerators, denominators, strict=True))
    return (numerator, denominator) if 1 <= numerator <= 255 and min(numerators) > 0 else None


def joined(sounds: Iterable[Sound], starts: Sequence[Fraction]) -> list[tuple[Fraction, Fraction, int, int]]:
    """Onset and end in quarters from the start of the piece, pitch and velocity of each note, its ties joined.

    Args:
        sounds: in the order of the file.
        starts: quarters at which each measure begins.
    """
    notes: list[tuple[Fraction, Fraction, int, int]] = []
    # (pitch, end) -> voice and note of the ties that wait there. Of two in unison each goes on in its own voice.
    waiting: dict[tuple[int, Fraction], list[tuple[str, int]]] = defaultdict(list)
    for sound in sorted(sounds, key=lambda sound: starts[sound.measure] + sound.onset):
        onset = starts[sound.measure] + sound.onset
        end = onset + sound.duration
        ties = waiting[sound.pitch, onset] if sound.is_tied_from else []
        if ties:
            own = next((place for place, (voice, _) in enumerate(ties) if voice == sound.voice), 0)
            index = ties.pop(own)[1]
            notes[index] = (notes[index][0], end, *notes[index][2:])
        else:
            index = len(notes)
            notes.append((onset, end, sound.pitch, sound.velocity))
        if sound.is_tied_to:
            waiting[sound.pitch, end].append((sound.voice, index))
    return notes


def common_ticks(times: Iterable[Fraction], usual: int = 480, most: int = 32767) -> int:
    """Ticks per quarter that hold all times: the usual ones, or a multiple of them, or as many as there can be."""
    ticks = usual
    for denominator in {time.denominator for time in times}:
        wanted = math.lcm(ticks, denominator)
        # Times that no common ticks hold are rounded.
        ticks = wanted if wanted <= most else ticks
    return ticks
