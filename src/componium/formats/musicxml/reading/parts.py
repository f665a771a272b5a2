"""Reads one part of a MusicXML file as it is written, measure by measure.

Nothing here raises on wrong numbers: what makes no sense counts as not written. Times are whole units, so many to a
quarter that all notes of the file lie on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

from componium.errors import FormatError
from componium.formats.musicxml.harmonies import harte_label
from componium.formats.musicxml.reading.marks import integer_of, metronome_bpm, number_of
from componium.formats.musicxml.reading.notes import NoteReader, State, velocity_of
from componium.formats.musicxml.reading.ornaments import Clock, Row
from componium.formats.musicxml.remarks import Remarks

MAX_NOTES = 500_000
MAX_QUARTERS = 2**18

_TIMPANI = 47
# Double sharps or flats throughout.
_MOST_FIFTHS = 14
_DYNAMICS = {"pppp": 8, "ppp": 16, "pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112, "fff": 126, "ffff": 127}

Said = dict[int, dict[int, object]]
"""What holds from a position on, by measure and by units since its start."""


@dataclass
class Part:
    """What a part holds, as it is written.

    Attributes:
        rows: the notes of each measure.
        lengths: units that the content of each measure fills, 0 where it has none.
        tempos: quarters a minute.
        meters: numerator and denominator.
        keys: tonic and whether it is minor.
        chords: labels.
    """

    program: int
    is_drum: bool
    name: str
    rows: list[list[Row]] = field(default_factory=list[list[Row]])
    lengths: list[int] = field(default_factory=list[int])
    tempos: Said = field(default_factory=lambda: defaultdict(dict))
    meters: Said = field(default_factory=lambda: defaultdict(dict))
    keys: Said = field(default_factory=lambda: defaultdict(dict))
    chords: Said = field(default_factory=lambda: defaultdict(dict))


class Declared(NamedTuple):
    """What is known of a part before it is read.

    Attributes:
        drums: percussion sounds of its instruments by their identity.
        waves: those of :func:`waves_of`.
        remarks: what is ignored is added here.
    """

    drums: dict[str, int]
    waves: frozenset[int]
    remarks: Remarks


def waves_of(measures: Iterable[Element]) -> frozenset[int]:
    """Returns the identities of the elements that begin a wavy line over several notes of a voice."""
    found: set[int] = set()
    begun: dict[str, tuple[int, str | None, str | None]] = {}
    for measure in measures:
        for note in measure.iterfind("note"):
            for wave in note.iterfind("notations/ornaments/wavy-line"):
                number, place = wave.get("number", "1"), (note.findtext("voice"), note.findtext("staff"))
                if wave.get("type") == "start":
                    begun[number] = (id(wave), *place)
                elif wave.get("type") == "stop" and number in begun:
                    start, *voice = begun.pop(number)
                    if voice == [*place] and note.find("pitch") is not None and note.find("grace") is None:
                        found.add(start)
    return frozenset(found)


def read_part(
    part: Part, measures: Sequence[Element], clocks: Sequence[Clock], declared: Declared, max_notes: int
) -> int:
    """Reads the measures of a part into it; returns how many notes it has.

    Args:
        part: what is declared of it; the rest is added.
        measures: its measures, as they are written.
        clocks: the tempo of each measure, at least one.
        declared: what else is known of it.
        max_notes: more are refused.

    Raises:
        FormatError: it is too long, or there are too many notes.
    """
    reader = _PartReader(part, clocks[0].unit, declared)
    n_rows = 0
    for measure, clock in zip(measures, clocks, strict=False):
        n_rows += len(reader.read(measure, clock))
        if n_rows > max_notes:
            raise FormatError(f"notes are more than the limit of {MAX_NOTES}")
    return n_rows


class _PartReader:
    def __init__(self, part: Part, unit: int, declared: Declared) -> None:
        self.part = part
        self._state = State(unit, MAX_QUARTERS * unit + 1, Clock(unit, 120.0), declared.remarks, declared.waves)
        self._notes = NoteReader(self._state, declared.drums, is_drum=part.is_drum, rolls=part.program == _TIMPANI)
        self._beat = unit
        # Measures that are written as signs of repetition: how many each sign repeats, by staff.
        self._repeated: dict[str | None, int] = {}
        # From where on in the measure beats are; -1 where they are not.
        self._beat_repeat_from = -1
        self._dispatch: dict[str, Callable[[Element], None]] = {
            "note": self._notes.note,
            "backup": self._backup,
            "forward": self._forward,
            "attributes": self._attributes,
            "direction": self._direction,
            "sound": self._direction,
            "harmony": self._harmony,
        }

    def read(self, measure: Element, clock: Clock) -> list[Row]:
        """Adds a measure to the part; returns its notes."""
        state = self._state
        state.measure += 1
        state.clock = clock
        state.now = furthest = 0
        self._notes.begin()
        self._beat_repeat_from = min(self._beat_repeat_from, 0)
        for element in measure:
            read = self._dispatch.get(element.tag)
            if read is not None:
                read(element)
                furthest = max(furthest, state.now)
        self._notes.end()
        if self._repeated:
            self._repeat_measures()
        if self._beat_repeat_from >= 0:
            self._repeat_beats(furthest)
        if furthest >= state.most:
            raise FormatError(f"longer than the limit of {MAX_QUARTERS} quarters")
        self.part.rows.append(self._notes.rows)
        self.part.lengths.append(furthest)
        return self._notes.rows

    def _backup(self, element: Element) -> None:
        self._notes.finish()
        now = self._state.now - self._state.length(element.findtext("duration"))
        if now < 0:
            self._ignore("backups to before their measure")
        self._state.now = max(now, 0)

    def _forward(self, element: Element) -> None:
        self._notes.finish()
        self._state.now += self._state.length(element.findtext("duration"))

    def _ignore(self, what: str) -> None:
        self._state.remarks.add(what, self._state.measure)

    def _harmony(self, element: Element) -> None:
        self._say(self.part.chords, element, harte_label(element))

    def _say(self, where: Said, element: Element, value: object) -> None:
        offset = (number_of(element.findtext("offset")) or 0) * self._state.unit / self._state.divisions
        where[self._state.measure][min(max(self._state.now + round(offset), 0), self._state.most)] = value

    def _repeat_measures(self) -> None:
        """Plays an earlier measure again where one is written as the sign for it."""
        for staff, count in self._repeated.items():
            places = {place for (_, own), place in self._notes.places.items() if staff is None or own == staff}
            if count > len(self.part.rows):
                self._ignore("signs to repeat measures that are not there")
                continue
            if any(row.place in places for row in self._notes.rows):
                continue
            again = self.part.rows[-count]
            self._notes.rows = self._notes.rows + [row for row in again if row.place in places]

    def _repeat_beats(self, end: int) -> None:
        """Plays the beat before again in beats without notes, from where the sign stands."""
        before = self.part.rows[-1] if self.part.rows else []
        beat = max(self._beat, self._state.unit // 16)
        last_start = (self.part.lengths[-1] if self.part.lengths else 0) - beat
        rows = sorted(self._notes.rows)
        previous = [row._replace(onset=row.onset - last_start) for row in before if row.onset >= last_start]
        beats: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            beats[row.onset // beat].append(row._replace(onset=row.onset % beat))
        for number in range(-(-min(end, 1024 * beat) // beat)):
            if number * beat >= self._beat_repeat_from and number not in beats:
                self._notes.rows += [row._replace(onset=row.onset + number * beat) for row in previous]
            else:
                previous = beats.get(number, previous)

    def _attributes(self, element: Element) -> None:
        said = element.findtext("divisions")
        divisions = number_of(said)
        if said is not None and (not divisions or divisions < 0):
            self._ignore("divisions that cannot be")
        elif divisions and divisions != self._state.divisions:
            self._notes.finish()
            self._state.divide(divisions)
        transpose = element.find("transpose")
        if transpose is not None and not self.part.is_drum:
            octaves = integer_of(transpose.findtext("octave-change"))
            self._state.transposition = integer_of(transpose.findtext("chromatic")) + 12 * octaves
        self._key(element)
        self._time(element)
        for style in element.iterfind("measure-style"):
            self._measure_style(style)

    def _key(self, element: Element) -> None:
        said = element.findtext("key/fifths")
        fifths = number_of(said)
        if fifths is not None and abs(fifths) <= _MOST_FIFTHS:
            is_minor = (element.findtext("key/mode") or "").strip() == "minor"
            self._state.fifths = round(fifths)
            tonic = (7 * self._state.fifths + 9 * is_minor + self._state.transposition) % 12
            self._say(self.part.keys, element, (tonic, is_minor))
        elif said is not None:
            self._ignore("key signatures that cannot be")

    def _time(self, element: Element) -> None:
        time = element.find("time")
        meter = _meter(time)
        if meter is not None:
            is_compound = meter[0] % 3 == 0 and meter[0] > 3 and meter[1] >= 8
            self._beat = 4 * self._state.unit * (3 if is_compound else 1) // meter[1]
            self._say(self.part.meters, element, meter)
        elif time is not None and time.find("beats") is not None:
            self._ignore("time signatures that cannot be")

    def _measure_style(self, style: Element) -> None:
        measures, beats = style.find("measure-repeat"), style.find("beat-repeat")
        if measures is not None:
            self._repeated.pop(style.get("number"), None)
            if measures.get("type") != "stop":
                self._repeated[style.get("number")] = min(max(integer_of(measures.text, 1), 1), 16)
        if beats is not None:
            self._beat_repeat_from = -1 if beats.get("type") == "stop" else self._state.now

    def _direction(self, element: Element) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        bpm = None if sound is None else number_of(sound.get("tempo"))
        if not bpm:
            metronome = element.find("direction-type/metronome")
            bpm = None if metronome is None else metronome_bpm(metronome)
        is_said = bpm is not None or (sound is not None and sound.get("tempo"))
        if is_said and not (bpm and 1 <= bpm <= 10_000):
            self._ignore("tempos that cannot be")
        elif bpm:
            self._state.clock = Clock(self._state.unit, float(bpm))
            self._say(self.part.tempos, element, float(bpm))
        percent = None if sound is None else sound.get("dynamics")
        if percent is not None:
            self._state.velocity = velocity_of(percent, self._state.velocity)
            return
        for sign in element.iterfind("direction-type/dynamics/*"):
            self._state.velocity = _DYNAMICS.get(sign.tag, self._state.velocity)


def _meter(time: Element | None) -> tuple[int, int] | None:
    """Numerator and denominator; of a composite meter their sum."""
    if time is None:
        return None
    beats = [(element.text or "")[:100] for element in time.findall("beats")[:16]]
    numerators = [sum(integer_of(term) for term in text.split("+")) for text in beats]
    denominators = [integer_of(beat_type.text) for beat_type in time.findall("beat-type")[:16]]
    fits = numerators and len(numerators) == len(denominators)
    if not fits or any(n not in (1, 2, 4, 8, 16, 32, 64) for n in denominators):
        return None
    denominator = max(denominators)
    numerator = sum(n * denominator // d for n, d in zip(numerators, denominators, strict=True))
    return (numerator, denominator) if 1 <= numerator <= 255 and min(numerators) > 0 else None
