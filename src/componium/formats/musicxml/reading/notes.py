"""Reads the notes of a measure: pitches, ties, and the signs at chords."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element

from componium.formats.musicxml.names import drum_pitch
from componium.formats.musicxml.reading.marks import integer_of, number_of
from componium.formats.musicxml.reading.ornaments import (
    SHAPES,
    Clock,
    Grace,
    Row,
    Signs,
    alternating,
    ending_with,
    play,
    sounded,
)
from componium.formats.musicxml.remarks import Remarks
from componium.score.harmony.keys import LETTER_PITCH_CLASSES

DEFAULT_VELOCITY = 80

_KINDS = {"whole": 4, "half": 2, "quarter": 1, "eighth": 0.5, "16th": 0.25, "32nd": 0.125, "64th": 0.0625}
_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_SCALE = "CDEFGAB"
_FIFTHS = "FCGDAEB"


@dataclass(slots=True)
class State:
    """What a measure takes over from what was written before it, and where reading is in it.

    Attributes:
        unit: units of a quarter.
        most: units that are too many for any score.
        divisions: of the file, a quarter.
        fifths: sharps of the key as it is written.
        now: units since the start of the measure.
        waves: identities of the elements that begin a wavy line over several notes of a voice.
    """

    unit: int
    most: int
    clock: Clock
    remarks: Remarks
    waves: frozenset[int] = frozenset()
    divisions: Fraction = Fraction(1)
    transposition: int = 0
    fifths: int = 0
    velocity: int = DEFAULT_VELOCITY
    measure: int = -1
    now: int = 0
    # Units of durations, by their text, of each number of divisions.
    known: dict[Fraction, dict[str | None, int]] = field(default_factory=dict[Fraction, dict[str | None, int]])
    lengths: dict[str | None, int] = field(default_factory=dict[str | None, int])

    def divide(self, divisions: Fraction) -> None:
        """Counts by other divisions of a quarter from now on."""
        self.divisions = divisions
        self.lengths = self.known.setdefault(divisions, {})

    def length(self, text: str | None) -> int:
        """Returns the units of a duration."""
        length = self.lengths.get(text)
        if length is None:
            number = number_of(text) or Fraction(0)
            length = min(max(round(number * self.unit / self.divisions), 0), self.most)
            self.lengths[text] = length
        return length


class NoteReader:
    """Reads the notes of a part, one measure after the other.

    Attributes:
        rows: the notes of the measure so far.
        places: numbers of voices and staves.
    """

    def __init__(self, state: State, drums: dict[str, int], *, is_drum: bool, rolls: bool = False) -> None:
        self.rows: list[Row] = []
        self.places: dict[tuple[str | None, str | None], int] = {}
        self._state = state
        self._drums = drums
        self._is_drum = is_drum
        # A trill on a drum is a roll.
        self._rolls = is_drum or rolls
        self._pitches: dict[tuple[str | None, ...], int] = {}
        # Those of quarter tones.
        self._between: set[tuple[str | None, ...]] = set()
        self._onset = 0
        # Of the chord that is being read: its first row, and its signs if it has any.
        self._first = 0
        self._signs: Signs | None = None
        self._graces: dict[str | None, list[Grace]] = defaultdict(list)
        self._alternating: tuple[list[Row], Signs] | None = None
        # Of the wavy lines that are open, by their numbers: voice, and pitch that was trilled last.
        self._waves: dict[str, tuple[int, int]] = {}
        # Voices and pitches of trills that go on in a tied note, with the steps to the notes beside them.
        self._trilled: dict[tuple[int, int], tuple[int, int, int]] = {}

    def begin(self) -> None:
        """Begins a measure."""
        self.rows = []
        self._onset = self._first = 0

    def end(self) -> None:
        """Ends a measure."""
        self.finish()
        if self._graces:
            self._end_with_graces()
        if self._alternating:
            self.rows += self._alternating[0]
            self._alternating = None

    def note(self, element: Element) -> None:
        """Reads one note."""
        found = {child.tag: child for child in element}
        is_upper = "chord" in found
        if not is_upper and self._signs is not None:
            self.finish()
        voice = found["voice"].text if "voice" in found else None
        if "grace" in found:
            self._grace(found, voice)
            return
        length = self._state.length(found["duration"].text if "duration" in found else None)
        if not is_upper:
            self._onset = self._state.now
            self._state.now += length
            self._first = len(self.rows)
        place = self._place(found)
        if "rest" in found and self._graces.get(voice):
            self.rows += sounded(self._graces.pop(voice), self._onset, length, place)
        pitch = self._pitch(found)
        if pitch is None or not length or "cue" in found:
            self._remark_on_silence(found, pitch)
            return
        if not is_upper and self._graces.get(voice):
            self._signs = Signs(graces=self._graces.pop(voice), is_dotted="dot" in found)
        tie = self._signs_at(element, found, pitch) if "tie" in found or "notations" in found else 0
        if self._waves or self._trilled:
            self._trill_on(found, place, pitch, tie)
        percent = element.get("dynamics")
        velocity = self._state.velocity if percent is None else velocity_of(percent, self._state.velocity)
        self.rows.append(Row(self._onset, length, pitch, velocity, place, tie))

    def _remark(self, what: str, done: str = "ignored") -> None:
        self._state.remarks.add(what, self._state.measure, done)

    def _remark_on_silence(self, found: dict[str, Element], pitch: int | None) -> None:
        if "cue" in found:
            self._remark("cue notes", "left out")
        elif pitch is not None:
            self._remark("notes without a length")

    def _place(self, found: dict[str, Element]) -> int:
        key = found["voice"].text if "voice" in found else None, found["staff"].text if "staff" in found else None
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = len(self.places)
        return place

    def _signs_at(self, element: Element, found: dict[str, Element], pitch: int) -> int:
        """Reads the signs at a note; returns its ties."""
        tie = tied = 0
        for sign in element.iterfind("tie"):
            tie |= 2 if sign.get("type") == "start" else 1
        for notations in element.iterfind("notations"):
            for sign in notations:
                tag = sign.tag
                if tag == "tied":
                    tied |= {"start": 2, "stop": 1}.get(sign.get("type", ""), 0)
                elif tag == "arpeggiate":
                    self._signs_here().arpeggio = "down" if sign.get("direction") == "down" else "up"
                elif tag == "ornaments":
                    self._ornaments(sign, found, pitch)
        return tie or tied

    def _signs_here(self) -> Signs:
        if self._signs is None:
            self._signs = Signs()
        return self._signs

    def _ornaments(self, ornaments: Element, found: dict[str, Element], pitch: int) -> None:
        names = {ornament.tag for ornament in ornaments}
        if not names & SHAPES.keys() and "tremolo" not in names:
            return
        signs = self._signs_here()
        kind = found["type"].text if "type" in found else None
        signs.n_beams = _BEAMS.get(kind or "", 0)
        tremolo = ornaments.find("tremolo")
        if tremolo is not None:
            signs.strokes = min(max(integer_of(tremolo.text, 3), 1), 8)
            way = tremolo.get("type", "single")
            if "time-modification" in found:
                actual = integer_of(found["time-modification"].findtext("actual-notes"), 1)
                normal = integer_of(found["time-modification"].findtext("normal-notes"), 1)
                signs.ratio = (actual, normal) if 1 <= normal <= 64 and 1 <= actual <= 64 else (1, 1)
            signs.alternation = way if way in ("start", "stop") else ""
        ends_line = "wavy-line" in names and self._ends_line(ornaments, found, pitch)
        if names & SHAPES.keys() and pitch > signs.bearer:
            signs.ornaments = [ornament.tag for ornament in ornaments if ornament.tag in SHAPES]
            if ends_line and signs.ornaments == ["wavy-line"]:
                signs.ornaments = []
            signs.bearer = pitch
            signs.neighbors = self._neighbors(ornaments, found)

    def _ends_line(self, ornaments: Element, found: dict[str, Element], pitch: int) -> bool:
        """Reads where wavy lines begin and end; whether one ends that the note does not stand under."""
        ends = False
        for wave in ornaments.iterfind("wavy-line"):
            number = wave.get("number", "1")
            if id(wave) in self._state.waves:
                self._waves[number] = self._place(found), pitch
            elif wave.get("type") == "stop":
                # The line is drawn up to this note: over it where it is the same, as in a roll of several measures.
                ends = self._waves.pop(number, (0, -1))[1] != pitch
                if ends and self._signs is not None and self._signs.goes_on == "line":
                    self._signs.ornaments, self._signs.bearer = [], -1
        return ends

    def _trill_on(self, found: dict[str, Element], place: int, pitch: int, tie: int) -> None:
        """Goes on with a trill at a note that bears no sign of its own: a tied one, or one under a wavy line."""
        neighbors = self._trilled.pop((place, pitch), None)
        bearer = self._signs.bearer if self._signs is not None else -1
        if tie & 1 and neighbors is not None and bearer in (-1, pitch):
            signs = self._signs_here()
            if not signs.ornaments:
                signs.ornaments, signs.bearer, signs.neighbors = ["wavy-line"], pitch, neighbors
            signs.goes_on = "tie"
            return
        for number, (where, _) in self._waves.items():
            # Of a chord the highest note is trilled, unless another bears a sign.
            if where == place and (bearer < 0 or (self._signs_here().goes_on == "line" and pitch > bearer)):
                self._waves[number] = place, pitch
                signs = self._signs_here()
                signs.ornaments, signs.bearer, signs.goes_on = ["wavy-line"], pitch, "line"
                signs.neighbors = self._steps_beside(found, {})

    def _neighbors(self, ornaments: Element, found: dict[str, Element]) -> tuple[int, int, int]:
        """Semitones to the notes of the scale 2 and 1 below and 1 above a note; accidentals at the sign count."""
        altered = {
            mark.get("placement", "above"): {"sharp": 1, "flat": -1, "natural": 0}.get(mark.text or "")
            for mark in ornaments.iterfind("accidental-mark")
        }
        return self._steps_beside(found, altered)

    def _steps_beside(self, found: dict[str, Element], altered: Mapping[str, int | None]) -> tuple[int, int, int]:
        if self._rolls or "pitch" not in found:
            return 0, 0, 0
        letter = (found["pitch"].findtext("step") or "C").strip().upper()
        letter = letter if letter in LETTER_PITCH_CLASSES else "C"
        own = LETTER_PITCH_CLASSES[letter] + integer_of(found["pitch"].findtext("alter"))

        def to(steps: int, placement: str) -> int:
            place = _SCALE.index(letter) + steps
            alter = altered.get(placement)
            alter = self._altered(_SCALE[place % 7]) if alter is None else alter
            return LETTER_PITCH_CLASSES[_SCALE[place % 7]] + 12 * (place // 7) + alter - own

        return to(-2, ""), min(to(-1, "below"), -1), max(to(1, "above"), 1)

    def _altered(self, letter: str) -> int:
        place = _FIFTHS.index(letter)
        return 1 if self._state.fifths > place else -1 if self._state.fifths < place - 6 else 0

    def _grace(self, found: dict[str, Element], voice: str | None) -> None:
        pitch = self._pitch(found)
        # Grace notes are tied where a note rings on, or is held from them on: it is struck once.
        if pitch is None or "cue" in found or "tie" in found:
            return
        waiting = self._graces[voice]
        if "chord" in found and waiting:
            waiting[-1].pitches.append(pitch)
            return
        kind = found["type"].text if "type" in found else None
        length = max(int(_KINDS.get(kind or "", 0.5) * self._state.unit), 1)
        waiting.append(Grace([pitch], self._state.velocity, length, found["grace"].get("slash") == "yes"))

    def finish(self) -> None:
        """Plays the signs of the chord that was read last."""
        signs, self._signs = self._signs, None
        rows = self.rows[self._first :]
        if signs is None or not rows:
            return
        self._remember_trill(rows, signs)
        del self.rows[self._first :]
        if signs.alternation == "stop" and self._alternating:
            first, own = self._alternating
            self._alternating = None
            self.rows += alternating(first, rows, own, self._state.unit)
        elif signs.alternation == "start" and not self._alternating:
            self._alternating = rows, signs
        else:
            self.rows += play(rows, signs, self._state.clock)

    def _remember_trill(self, rows: Iterable[Row], signs: Signs) -> None:
        if signs.ornaments and SHAPES[signs.ornaments[0]][1]:
            for row in rows:
                if row.pitch == signs.bearer and row.tie & 2:
                    self._trilled[row.place, row.pitch] = signs.neighbors

    def _end_with_graces(self) -> None:
        """Plays the grace notes that no note of the measure follows."""
        voices = {place: voice for (voice, _), place in self.places.items()}
        last: dict[str | None, list[Row]] = {}
        for row in self.rows:
            voice = voices[row.place]
            if voice in self._graces and (voice not in last or row.onset >= last[voice][0].onset):
                same = last.get(voice, [])
                last[voice] = [*same, row] if same and same[0].onset == row.onset else [row]
        moved = {id(row) for rows in last.values() for row in rows}
        self.rows = [row for row in self.rows if id(row) not in moved]
        for voice, rows in last.items():
            self.rows += ending_with(rows, self._graces[voice])
        self._graces.clear()

    def _pitch(self, found: dict[str, Element]) -> int | None:
        pitch = found.get("pitch")
        if self._is_drum or pitch is None:
            return self._drum_pitch(found)
        key = pitch.findtext("step"), pitch.findtext("alter"), pitch.findtext("octave")
        number = self._pitches.get(key)
        if number is None:
            letter = LETTER_PITCH_CLASSES.get((key[0] or "").strip().upper())
            if letter is None:
                self._remark("notes without a pitch")
                return None
            if (number_of(key[1]) or Fraction(0)).denominator > 1:
                self._between.add(key)
            number = letter + integer_of(key[1]) + 12 * (integer_of(key[2], 4) + 1)
            self._pitches[key] = number
        if key in self._between:
            self._remark("notes between semitones", "rounded")
        return self._within_range(number + self._state.transposition)

    def _within_range(self, number: int) -> int | None:
        if 0 <= number <= 127:
            return number
        self._remark("notes outside the pitches of MIDI")
        return None

    def _drum_pitch(self, found: dict[str, Element]) -> int | None:
        if "unpitched" not in found and "pitch" not in found:
            return None
        sound = self._drums.get(found["instrument"].get("id", "")) if "instrument" in found else None
        if sound is None and self._is_drum and len(self._drums) == 1:
            sound = next(iter(self._drums.values()))
        if sound is not None:
            return sound
        prefix, where = ("display-", found["unpitched"]) if "unpitched" in found else ("", found["pitch"])
        letter = (where.findtext(f"{prefix}step") or "C").strip().upper()
        octave = integer_of(where.findtext(f"{prefix}octave"), 5)
        if not prefix:
            number = LETTER_PITCH_CLASSES.get(letter, 0) + integer_of(where.findtext("alter")) + 12 * (octave + 1)
            return self._within_range(number)
        head = ((found["notehead"].text if "notehead" in found else None) or "normal").strip()
        return drum_pitch(letter, octave, head)


def velocity_of(percent: str, default: int) -> int:
    """MusicXML counts velocity in percent of 90."""
    number = number_of(percent)
    return default if number is None else min(max(round(number * 90 / 100), 1), 127)
