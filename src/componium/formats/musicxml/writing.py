"""Writes scores as MusicXML 4.0, with the standard library alone.

A note on the grid (:mod:`componium.formats.notation.layout`) keeps its onset, duration, pitch and velocity,
whatever sounds with it. Not written: pitch bends, :attr:`Score.texts`, tempo changes of less than 2 %, and durations
of drum strokes.
A key signature stands at the first bar line at or after its tick. music21 is not used: it writes dates and random ids,
reads one percussion sound per part, and takes the name of a piano part for its instrument.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from componium.formats.loading import Target, store
from componium.formats.musicxml.documents import archived
from componium.formats.musicxml.elements import (
    Look,
    Voice,
    add_backup,
    add_clef,
    add_key,
    add_pitch,
    add_tempo,
    add_unpitched,
    add_whole_rest,
    finish_note,
)
from componium.formats.musicxml.harmonies import add_harmony
from componium.formats.musicxml.names import UNTITLED, abbreviation, drum_look, drum_name, part_name, printable
from componium.formats.notation.layout import (
    STEPS,
    Bar,
    Chord,
    Staff,
    Written,
    bars_of,
    check_size,
    on_grid,
    staves_of,
)
from componium.formats.notation.note_values import Value, values_of
from componium.formats.notation.pitch_spelling import Signature, Spelling, spell_bar
from componium.score import ChordSpan, Key, Score, Track, estimate_key

_HEADER = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    b'"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


class _Mark(NamedTuple):
    """A direction above the first staff from a step of the piece on: a tempo or a chord label."""

    start: int
    tempo_bpm: float = 0.0
    label: str = ""


def musicxml_bytes(score: Score) -> bytes:
    """Returns a score as a MusicXML file (partwise, not compressed); equal scores give equal bytes.

    Raises:
        FormatError: it is too long to be printed.
    """
    tracks = score.tracks or (Track(),)  # MusicXML knows no score without parts.
    bars = bars_of(score)
    written = [on_grid(score, track, bars) for track in tracks]
    # A note a few ticks too long opens no bar.
    end = max((note.end for notes in written for note in notes), default=0)
    bars = [bar for bar in bars if bar.start < end] or bars[:1]
    check_size(written, bars)
    work = Element("work")
    SubElement(work, "work-title").text = printable(score.title) or UNTITLED
    part_list = Element("part-list")
    for index, (track, notes) in enumerate(zip(tracks, written, strict=True)):
        _declare(part_list, track, index, {note.pitch for note in notes})
    signatures = _signatures(score, bars)
    marks = sorted([*_tempos(score), *_labels(score)])
    lines = [_HEADER, b'<score-partwise version="4.0">\n', _text(work, 1), _text(part_list, 1)]
    for index, (track, notes) in enumerate(zip(tracks, written, strict=True)):
        lines.append(f' <part id="P{index + 1}">\n'.encode())
        writer = _PartWriter(index, track, staves_of(track, notes), [] if index else marks)
        for number, bar in enumerate(bars):
            before = (bars[number - 1], signatures[number - 1]) if number else None
            measure = writer.measure(number + 1, (bar, signatures[number]), before)
            if number + 1 == len(bars):
                SubElement(SubElement(measure, "barline", location="right"), "bar-style").text = "light-heavy"
            lines.append(_text(measure, 2))
        lines.append(b" </part>\n")
    return b"".join([*lines, b"</score-partwise>\n"])


def _text(element: Element, level: int) -> bytes:
    """An element as indented lines. Trees of whole scores would take a hundred times the memory of their text."""
    indent(element, " ", level)
    return b" " * level + tostring(element, encoding="utf-8") + b"\n"


def write_musicxml(score: Score, target: Target, *, compressed: bool | None = None) -> None:
    """Writes a score as MusicXML, to a path or a file object.

    Args:
        score: what is written.
        target: where.
        compressed: as an ``.mxl`` archive; None: if the target is a path that ends in ``.mxl``.

    Raises:
        FormatError: it is too long to be printed, or the file cannot be written.
    """
    data = musicxml_bytes(score)
    if compressed is None:
        compressed = isinstance(target, str | os.PathLike) and Path(target).suffix.lower() == ".mxl"
    store(archived(data) if compressed else data, target)


def _signatures(score: Score, bars: Sequence[Bar]) -> list[Signature]:
    """The key signature of each bar; the estimated key where the score names none."""
    events = [(key.onset, Key(key.tonic % 12, key.is_minor)) for key in score.key_signatures]
    if not events:
        events = [(0, estimate_key(score) or Key(0, is_minor=False))]
    signatures: list[Signature] = []
    key, upcoming = events[0][1], 0
    for bar in bars:
        while upcoming < len(events) and events[upcoming][0] <= bar.tick:
            key = events[upcoming][1]
            upcoming += 1
        sharps = (key.tonic + 3 * key.is_minor) * 7 % 12
        signatures.append(Signature(sharps - 12 if sharps > 6 else sharps, key.is_minor))
    return signatures


def _tempos(score: Score) -> list[_Mark]:
    marks: list[_Mark] = []
    for tempo in score.tempos:
        start = round(tempo.onset * STEPS / score.ticks_per_quarter)
        # MIDI counts microseconds: 130 bpm comes back as 129.99987.
        bpm = round(tempo.tempo_bpm) if abs(tempo.tempo_bpm - round(tempo.tempo_bpm)) < 0.01 else tempo.tempo_bpm
        if marks and marks[-1].start == start:
            marks.pop()
        if not marks or abs(bpm / marks[-1].tempo_bpm - 1) >= 0.02:
            marks.append(_Mark(start, tempo_bpm=round(bpm, 2)))
    return marks


def _labels(score: Score) -> list[_Mark]:
    marks: list[_Mark] = []
    for span in _without_gaps(score.chords):
        start = round(span.onset * STEPS / score.ticks_per_quarter)
        if marks and marks[-1].start == start:
            marks.pop()
        if not marks or marks[-1].label != span.label:
            marks.append(_Mark(start, label=printable(span.label) or "N"))
    return marks


def _without_gaps(spans: Sequence[ChordSpan]) -> Iterable[ChordSpan]:
    end = 0
    for span in spans:
        if span.onset > end > 0:
            yield ChordSpan(end, span.onset - end, "N")
        yield span
        end = span.onset + span.duration


def _declare(part_list: Element, track: Track, index: int, pitches: set[int]) -> None:
    """Adds a part's name, and its instruments: of drums one for each pitch."""
    part_id = f"P{index + 1}"
    part = SubElement(part_list, "score-part", id=part_id)
    own_name = part_name(track.program, is_drum=track.is_drum)
    name = printable(track.name)[:60].strip() or own_name
    SubElement(part, "part-name").text = name
    SubElement(part, "part-abbreviation").text = abbreviation(name)
    numbers = sorted(pitches) if track.is_drum else []
    for number in numbers or [0]:
        instrument = SubElement(part, "score-instrument", id=_instrument_id(part_id, number))
        SubElement(instrument, "instrument-name").text = drum_name(number) if numbers else own_name
    # Channel 10 belongs to the drums.
    channel = 10 if track.is_drum else 1 + index % 15 + (index % 15 >= 9)
    for number in numbers or [0]:
        midi = SubElement(part, "midi-instrument", id=_instrument_id(part_id, number))
        SubElement(midi, "midi-channel").text = str(channel)
        SubElement(midi, "midi-program").text = str(track.program + 1)
        if numbers:
            SubElement(midi, "midi-unpitched").text = str(number + 1)


def _instrument_id(part_id: str, number: int) -> str:
    return f"{part_id}-I{number + 1}"


class _PartWriter:
    """Writes the measures of one part, in order."""

    def __init__(self, index: int, track: Track, staves: list[Staff], marks: Sequence[_Mark]) -> None:
        self._part_id = f"P{index + 1}"
        self._is_drum = track.is_drum
        self._staves = staves
        self._marks = list(marks)[::-1]
        # MusicXML numbers the voices of a part; by custom those of the second staff begin with 5.
        self._first_voice = (1, 1 + max(4, len(staves[0].voices)))
        # Chords not yet over, last first, of each voice of each staff.
        self._ahead = [[voice[::-1] for voice in staff.voices] for staff in staves]

    def measure(self, number: int, here: tuple[Bar, Signature], before: tuple[Bar, Signature] | None) -> Element:
        bar, signature = here
        element = Element("measure", number=str(number))
        self._attributes(element, here, before)
        is_first = True
        for staff in range(len(self._staves)):
            voices = [(voice, self._in_bar(ahead, bar)) for voice, ahead in enumerate(self._ahead[staff])]
            voices = [(voice, values_of(chords, bar)) for voice, chords in voices if chords] or [(0, [])]
            spellings = {} if self._is_drum else spell_bar([values for _, values in voices], signature)
            for place, (voice, values) in enumerate(voices):
                if not is_first:
                    add_backup(element, bar.length)
                where = Voice(self._first_voice[staff] + voice, staff + 1 if len(self._staves) > 1 else 0)
                if not values:
                    self._add_marks(element, bar, 0, bar.length)
                    add_whole_rest(element, bar.length, where)
                for value in values:
                    if is_first:
                        self._add_marks(element, bar, value.start, value.end)
                    if value.chord is None:
                        _add_rest(element, value, where, is_hidden=place > 0)
                    else:
                        self._add_value(element, value, where, spellings)
                is_first = False
        return element

    @staticmethod
    def _in_bar(ahead: list[Chord], bar: Bar) -> list[Chord]:
        end = bar.start + bar.length
        chords: list[Chord] = []
        while ahead and ahead[-1].start < end:
            chords.append(ahead.pop())
        if chords and chords[-1].end > end:
            ahead.append(chords[-1])
        return chords

    def _attributes(self, element: Element, here: tuple[Bar, Signature], before: tuple[Bar, Signature] | None) -> None:
        bar, signature = here
        attributes = Element("attributes")
        if before is None:
            SubElement(attributes, "divisions").text = str(STEPS)
        if not self._is_drum and (before is None or before[1] != signature):
            is_hidden = before is not None and before[1].sharps == signature.sharps
            add_key(attributes, signature, is_hidden=is_hidden)
        if before is None or before[0].meter != bar.meter:
            time = SubElement(attributes, "time")
            for tag, figure in zip(("beats", "beat-type"), bar.meter, strict=True):
                SubElement(time, tag).text = str(figure)
        if before is None:
            if len(self._staves) > 1:
                SubElement(attributes, "staves").text = str(len(self._staves))
            for number, staff in enumerate(self._staves, start=1):
                add_clef(attributes, staff.clef, number if len(self._staves) > 1 else 0)
        if len(attributes):
            element.append(attributes)

    def _add_marks(self, element: Element, bar: Bar, start: int, end: int) -> None:
        """Adds the marks of some steps of a bar, before the note that begins there."""
        while self._marks and self._marks[-1].start < bar.start + end:
            mark = self._marks.pop()
            offset = max(mark.start - bar.start - start, 0)
            if mark.label:
                add_harmony(element, mark.label, offset)
            else:
                add_tempo(element, mark.tempo_bpm, offset)

    def _add_value(
        self, element: Element, value: Value, where: Voice, spellings: dict[tuple[int, Written], Spelling]
    ) -> None:
        for index, written in enumerate(value.chord.notes if value.chord else ()):
            # MusicXML counts velocity in percent of 90.
            note = SubElement(element, "note", dynamics=f"{written.velocity / 0.9:.2f}")
            if index:
                SubElement(note, "chord")
            if self._is_drum:
                letter, octave, head = drum_look(written.pitch)
                add_unpitched(note, letter, octave)
                look = Look(head=head, instrument=_instrument_id(self._part_id, written.pitch))
            else:
                look = Look(accidental=add_pitch(note, spellings[value.start, written]))
            look = look._replace(tied_from=value.is_tied_from(written), tied_to=value.is_tied_to(written))
            finish_note(note, value, where, look)


def _add_rest(element: Element, value: Value, where: Voice, *, is_hidden: bool) -> None:
    """Adds a rest; of voices beside the first they fill the time unseen."""
    note = SubElement(element, "note", {"print-object": "no"} if is_hidden else {})
    SubElement(note, "rest")
    finish_note(note, value, where)
