"""Reads a file of MusicXML: what is written in it, and the scores of its movements as they are played."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from xml.etree.ElementTree import Element

from componium.errors import FormatError, ScoreError
from componium.formats.loading import load
from componium.formats.musicxml.documents import MAX_BYTES, document, paused_collection
from componium.formats.musicxml.names import UNTITLED, printable
from componium.formats.musicxml.reading.marks import Marks, collect_marks, integer_of, number_of
from componium.formats.musicxml.reading.movements import movements_of
from componium.formats.musicxml.reading.ornaments import Clock
from componium.formats.musicxml.reading.parts import MAX_NOTES, Declared, Part, read_part, waves_of
from componium.formats.musicxml.reading.playing import score_of
from componium.formats.musicxml.reading.repeats import playing_order
from componium.formats.musicxml.remarks import Remarks
from componium.score import Score
from componium.score.part_names import part_instrument
from componium.score.score import DEFAULT_TEMPO_BPM

MAX_PARTS = 512
MAX_WRITTEN = 100_000  # measures of a part
# Units of a quarter: notes that no such number holds are rounded to a number that the usual tuplets divide.
_USUAL_UNIT = 480
_MOST_UNITS = 10_000_000
_OTHER_UNIT = 480 * 5040
_CHOIR = 52
_VOICES = range(52, 55)


def read_musicxml(source: str | os.PathLike[str] | bytes) -> Score:
    """Reads a MusicXML file, plain or compressed (``.mxl``), partwise or timewise; movements one after the other.

    Args:
        source: a path, or the file's bytes.

    Raises:
        FormatError: the file is missing, too large, or no MusicXML that can be understood.
    """
    return _read(source, is_divided=False)[0]


def read_movements(source: str | os.PathLike[str] | bytes) -> list[Score]:
    """Reads the movements of a MusicXML file, at least one, each a score from tick 0 on.

    Their titles are that of the work and the movement's heading (``String Quartet: II. Scherzo``), or its number where
    nothing is written above it; the only movement of a file has the title of the work.

    Args:
        source: a path, or the file's bytes.

    Raises:
        FormatError: as :func:`read_musicxml`.
    """
    return _read(source, is_divided=True)


def _read(source: str | os.PathLike[str] | bytes, *, is_divided: bool) -> list[Score]:
    data, name = load(source, what="MusicXML data", max_bytes=MAX_BYTES)
    try:
        with paused_collection():
            remarks = Remarks()
            page = _page(document(data, remarks), remarks)
            del data
            return _scores(page, is_divided=is_divided)
    except (FormatError, ScoreError) as error:
        raise FormatError(f"{name}: {error}") from error


@dataclass(frozen=True)
class _Page:
    """What a file holds, as it is written."""

    title: str
    marks: list[Marks]
    movements: list[tuple[int, int]]
    orders: list[list[int]]
    parts: list[Part]
    unit: int
    remarks: Remarks


def _page(root: Element, remarks: Remarks) -> _Page:
    written = _measures(root)
    if len(written) > MAX_PARTS:
        raise FormatError(f"{len(written)} parts are more than the limit of {MAX_PARTS}")
    longest = max((len(measures) for _, measures in written), default=0)
    if longest > MAX_WRITTEN:
        raise FormatError(f"{longest} measures are more than the limit of {MAX_WRITTEN}")
    marks = collect_marks(measures for _, measures in written)
    movements = movements_of(marks)
    orders = [
        [first + own for own in playing_order(marks[first:after], partial(_remark, remarks, first))]
        for first, after in movements
    ]
    n_notes = sum(marks[measure].n_notes for order in orders for measure in order)
    if n_notes > MAX_NOTES:
        raise FormatError(f"{n_notes} notes are more than the limit of {MAX_NOTES}")
    unit = _unit(root)
    has_waves = next(root.iter("wavy-line"), None) is not None
    declarations = {part.get("id"): part for part in root.iterfind("part-list/score-part")}
    names = [_name(declarations.get(name)) for name, _ in written]
    clocks = [Clock(unit, tempo_bpm) for tempo_bpm in _tempos_of(marks)] or [Clock(unit, DEFAULT_TEMPO_BPM)]
    parts: list[Part] = []
    n_notes = 0
    for (identity, measures), name in zip(written, names, strict=True):
        part, drums = _declared(declarations.get(identity), measures, name, names)
        _remark_on_programs(declarations.get(identity), remarks)
        waves = waves_of(measures) if has_waves else frozenset[int]()
        n_notes += read_part(part, measures, clocks, Declared(drums, waves, remarks), MAX_NOTES - n_notes)
        parts.append(part)
    title = printable(root.findtext("work/work-title") or root.findtext("movement-title") or "")
    return _Page("" if title == UNTITLED else title, marks, movements, orders, parts, unit, remarks)


def _scores(page: _Page, *, is_divided: bool) -> list[Score]:
    if len(page.movements) == 1 or not is_divided:
        order = [measure for own in page.orders for measure in own]
        score = score_of(page.parts, order, page.unit, page.title)
        return [replace(score, remarks=page.remarks.within(0, len(page.marks)))]
    scores: list[Score] = []
    for number, ((first, after), order) in enumerate(zip(page.movements, page.orders, strict=True), start=1):
        heading = printable(page.marks[first].heading) or str(number)
        score = score_of(page.parts, order, page.unit, f"{page.title}: {heading}" if page.title else heading)
        if score.n_notes:
            scores.append(replace(score, remarks=page.remarks.within(first, after)))
    return scores or [score_of(page.parts, page.orders[0], page.unit, page.title)]


def _remark(remarks: Remarks, first: int, what: str, measure: int) -> None:
    remarks.add(what, first + measure)


def _measures(root: Element) -> list[tuple[str | None, list[Element]]]:
    """Returns the measures of each part."""
    if root.tag == "score-partwise":
        return [(part.get("id"), part.findall("measure")) for part in root.iterfind("part")]
    parts: dict[str | None, list[Element]] = {}
    for number, measure in enumerate(root.iterfind("measure")):
        for part in measure.iterfind("part"):
            own = parts.setdefault(part.get("id"), [])
            # A part may lack measures.
            own += [Element("measure") for _ in range(number - len(own))]
            part.attrib.setdefault("number", measure.get("number", ""))
            own.append(part)
    return list(parts.items())


def _unit(root: Element) -> int:
    """Units of a quarter on which all notes of a file lie, if there are such."""
    unit = _USUAL_UNIT
    for text in {element.text for element in root.iter("divisions")}:
        divisions = number_of(text)
        if divisions and divisions > 0:
            unit = math.lcm(unit, Fraction(divisions).numerator)
        if unit > _MOST_UNITS:
            return _OTHER_UNIT
    return unit


def _tempos_of(marks: Sequence[Marks]) -> list[float]:
    """Quarters a minute of each measure."""
    tempos: list[float] = []
    now = DEFAULT_TEMPO_BPM
    for own in marks:
        now = own.tempo_bpm if 1 <= own.tempo_bpm <= 10_000 else now
        tempos.append(now)
    return tempos


def _name(declaration: Element | None) -> str:
    return "" if declaration is None else printable((declaration.findtext("part-name") or "")[:1000])


def _declared(
    declaration: Element | None, measures: Sequence[Element], name: str, names: Iterable[str]
) -> tuple[Part, dict[str, int]]:
    """Returns a part that is still empty, and the percussion sounds of its instruments."""
    program, channel = None, 0
    drums: dict[str, int] = {}
    further: list[str] = []
    if declaration is not None:
        for midi in declaration.iterfind("midi-instrument"):
            unpitched = integer_of(midi.findtext("midi-unpitched"))
            if 1 <= unpitched <= 128:
                drums[midi.get("id", "")] = unpitched - 1
            number = integer_of(midi.findtext("midi-program"))
            if program is None and 1 <= number <= 128:
                program = number - 1
            channel = channel or integer_of(midi.findtext("midi-channel"))
        paths = ("score-instrument/instrument-name", "part-abbreviation", "score-instrument/instrument-sound")
        further = [(declaration.findtext(path) or "")[:1000] for path in paths]
        if program not in _VOICES and further[-1].strip().startswith("voice."):
            # MuseScore writes an oboe beside it.
            program = _CHOIR
    is_drum = channel == 10 or _is_percussion(measures)
    if program is None and not is_drum:
        is_sung = any(measure.find("note/lyric") is not None for measure in measures)
        found = [part_instrument(own, others=names, is_sung=False) for own in (name, *further)]
        known = next((own for own in found if own is not None), None)
        if is_sung and (known is None or not known.is_drum):
            known = part_instrument(name, others=names, is_sung=True)
        if known is not None:
            program, is_drum = known
    return Part(program or 0, is_drum, name), drums


def _remark_on_programs(declaration: Element | None, remarks: Remarks) -> None:
    for program in () if declaration is None else declaration.iterfind("midi-instrument/midi-program"):
        if not 1 <= integer_of(program.text) <= 128:
            remarks.on_file("a MIDI program outside 1 to 128 ignored")


def _is_percussion(measures: Sequence[Element]) -> bool:
    """Whether a part is percussion: most notes are unpitched, or it has no such note and no clef but percussion's."""
    unpitched = sum(len(measure.findall("note/unpitched")) for measure in measures)
    if unpitched:
        return unpitched > sum(len(measure.findall("note/pitch")) for measure in measures)
    signs = {sign.text for measure in measures for sign in measure.iterfind("attributes/clef/sign")}
    return signs == {"percussion"}
