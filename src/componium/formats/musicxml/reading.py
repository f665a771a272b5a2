"""Reads MusicXML files.

Reading is total: any bytes give a :class:`~componium.score.Score` or a :class:`~componium.errors.FormatError`
that says what is wrong. Conventions:

* The score is what is played: repeats, endings, da capo and dal segno are written out; transposing instruments sound as
  they sound; ties are joined; grace and cue notes are left out.
* A measure is as long as what stands in it. Where that is not its meter's length (an upbeat), the meter is set again at
  the next bar line, as :class:`~componium.score.TimeSignature` has it.
* Unpitched notes become General MIDI percussion by their instrument, or where it is not named by place and notehead.
* Velocities come from the notes, or from the last dynamics sign of the part; chord symbols last until the next.

For writing see :mod:`componium.formats.musicxml.writing`.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, fromstring

from componium.errors import FormatError, ScoreError
from componium.formats.loading import Target, load, store
from componium.formats.musicxml.parts import Part, Said, common_ticks, joined, read_part
from componium.formats.musicxml.repeats import playing_order
from componium.formats.musicxml.writing import UNTITLED, musicxml_bytes, printable
from componium.score import ChordSpan, KeySignature, Score, Tempo, TimeSignature, Track, make_notes
from componium.score.score import DEFAULT_TEMPO_BPM

__all__ = ["MAX_BYTES", "MAX_NOTES", "musicxml_bytes", "read_musicxml", "write_musicxml"]

MAX_BYTES = 64 * 2**20
MAX_NOTES = 500_000
MAX_QUARTERS = 2**18

_NO_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, ValueError, OSError)


def read_musicxml(source: str | os.PathLike[str] | bytes) -> Score:
    """Reads a MusicXML file, plain or compressed (``.mxl``), partwise or timewise.

    Args:
        source: a path, or the file's bytes.

    Raises:
        FormatError: the file is missing, too large, or no MusicXML that can be understood.
    """
    data, name = load(source, what="MusicXML data", max_bytes=MAX_BYTES)
    try:
        root = _parsed(_uncompressed(data) if data[:2] == b"PK" else data)
        return _score(root)
    except (FormatError, ScoreError) as error:
        raise FormatError(f"{name}: {error}") from error


def write_musicxml(score: Score, target: Target, *, compressed: bool | None = None) -> None:
    """Writes a score as MusicXML, to a path or a file object.

    Args:
        score: what is written.
        target: where.
        compressed: as an ``.mxl`` archive; None: if the target is a path that ends in ``.mxl``.

    Raises:
        FormatError: it has too many bars to be printed, or the file cannot be written.
    """
    data = musicxml_bytes(score)
    if compressed is None:
        compressed = isinstance(target, str | os.PathLike) and Path(target).suffix.lower() == ".mxl"
    store(_compressed(data) if compressed else data, target)


def _uncompressed(data: bytes) -> bytes:
    """Returns the score inside an ``.mxl`` archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            inside = [name for name in names if name.lower().endswith((".musicxml", ".xml")) and "META-INF" not in name]
            if "META-INF/container.xml" in names:
                container = _parsed(_member(archive, "META-INF/container.xml"), tag="container")
                paths = [file.get("full-path", "") for file in container.iter("rootfile")]
                inside = [path for path in paths if path in names] or inside
            if not inside:
                raise FormatError("the archive holds no MusicXML file")
            return _member(archive, inside[0])
    except _NO_ZIP as error:
        raise FormatError(f"not a readable archive ({' '.join(str(error).split()) or type(error).__name__})") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    # The size that the archive declares may be wrong: read no more than the limit.
    with archive.open(name) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(f"{printable(name)}: larger than the limit of {MAX_BYTES // 2**20} MiB")
    return data


def _compressed(data: bytes) -> bytes:
    container = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.musicxml" '
        b'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("META-INF/container.xml", container), ("score.musicxml", data)):
            # A date of its own would make equal scores give different bytes.
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _parsed(data: bytes, tag: str = "") -> Element:
    if not data.strip():
        raise FormatError("the file is empty")
    # Entities that name each other grow without end, and no score needs them. UTF-16 hides them behind zeros.
    if b"<!ENTITY" in data.replace(b"\0", b""):
        raise FormatError("it declares entities, which are not read")
    try:
        root = fromstring(data)  # noqa: S314 - without entities the standard parser is safe
    except (ParseError, LookupError, ValueError) as error:
        raise FormatError(f"not readable XML ({' '.join(str(error).split())})") from error
    if root.tag not in ((tag,) if tag else ("score-partwise", "score-timewise")):
        raise FormatError(f"not MusicXML: its root is <{printable(root.tag)[:40]}>")
    return root


def _score(root: Element) -> Score:
    declarations = {part.get("id"): part for part in root.iterfind("part-list/score-part")}
    written = _measures(root)
    order = playing_order(measures for _, measures in written)
    n_notes = sum(_n_notes(measures, order) for _, measures in written)
    if n_notes > MAX_NOTES:
        raise FormatError(f"{n_notes} notes are more than the limit of {MAX_NOTES}")
    parts = [read_part(declarations.get(name), measures, order) for name, measures in written]
    starts, meters = _measure_starts(parts)
    notes = [joined(part.sounds, starts) for part in parts]
    times = {time for track in notes for note in track for time in note[:2]}
    per_quarter = common_ticks(sorted({*times, *starts}))

    def ticks(quarters: Fraction) -> int:
        return round(quarters * per_quarter)

    tracks = tuple(
        Track(_notes(track, per_quarter), part.program, part.is_drum, printable(part.name))
        for part, track in zip(parts, notes, strict=True)
    )
    tempos = {ticks(at): cast("float", value) for at, value in _placed((p.tempos for p in parts), starts)}
    keys = [
        KeySignature(ticks(at), *cast("tuple[int, bool]", value))
        for at, value in _placed((next((p.keys for p in parts if p.keys and not p.is_drum), []),), starts)
    ]
    labels = {ticks(at): cast("str", value) for at, value in _placed((p.chords for p in parts), starts)}
    title = printable(root.findtext("work/work-title") or root.findtext("movement-title") or "")
    return Score(
        ticks_per_quarter=per_quarter,
        tracks=tracks,
        tempos=tuple(Tempo(*item) for item in sorted({0: DEFAULT_TEMPO_BPM, **tempos}.items())),
        time_signatures=tuple(TimeSignature(ticks(at), *meter) for at, meter in meters),
        key_signatures=tuple(key for place, key in enumerate(keys) if not place or key[1:] != keys[place - 1][1:]),
        chords=_spans(labels, ticks(starts[-1])),
        title="" if title == UNTITLED else title,
    )


def _n_notes(measures: Sequence[Element], order: Iterable[int]) -> int:
    """Notes of a part as it is played."""
    counts = [sum(1 for _ in measure.iterfind("note")) for measure in measures]
    return sum(counts[number] for number in order if number < len(counts))


def _measures(root: Element) -> list[tuple[str | None, list[Element]]]:
    """Returns the measures of each part."""
    if root.tag == "score-partwise":
        return [(part.get("id"), part.findall("measure")) for part in root.iterfind("part")]
    parts: dict[str | None, list[Element]] = {}
    for measure in root.iterfind("measure"):
        for part in measure.iterfind("part"):
            parts.setdefault(part.get("id"), []).append(part)
    return list(parts.items())


def _measure_starts(parts: Sequence[Part]) -> tuple[list[Fraction], list[tuple[Fraction, tuple[int, int]]]]:
    """Returns where each measure begins, the end of the last appended, and where each meter does, in quarters."""
    said: dict[int, tuple[int, int]] = {}
    for part in parts:
        for meter in part.meters:
            said.setdefault(meter.measure, cast("tuple[int, int]", meter.value))
    now = begin = Fraction(0)
    current = said.get(0, (4, 4))
    starts, meters = [now], [(now, current)]
    for number, lengths in enumerate(zip_longest(*(part.lengths for part in parts), fillvalue=Fraction(0))):
        meter = said.get(number, current)
        bar = Fraction(4 * current[0], current[1])
        if number and (meter != current or (now - begin) % bar):
            begin, current = now, meter
            meters.append((now, meter))
        now += max(lengths) or Fraction(4 * current[0], current[1])
        if now > MAX_QUARTERS:
            raise FormatError(f"longer than the limit of {MAX_QUARTERS} quarters")
        starts.append(now)
    return starts, meters


def _placed(said: Iterable[Iterable[Said]], starts: Sequence[Fraction]) -> list[tuple[Fraction, Any]]:
    """Returns the directions of all parts in order of time; of simultaneous ones the first counts."""
    placed: dict[Fraction, Any] = {}
    for part in said:
        own = {starts[item.measure] + item.onset: item.value for item in part}
        placed |= {at: value for at, value in own.items() if at not in placed}
    return sorted(placed.items())


def _notes(notes: Sequence[tuple[Fraction, Fraction, int, int]], per_quarter: int) -> Any:  # noqa: ANN401 - an array
    onsets = [round(note[0] * per_quarter) for note in notes]
    ends = [round(note[1] * per_quarter) for note in notes]
    durations = [end - onset for onset, end in zip(onsets, ends, strict=True)]
    return make_notes(onsets, durations, [note[2] for note in notes], [note[3] for note in notes])


def _spans(labels: dict[int, str], end: int) -> tuple[ChordSpan, ...]:
    onsets = sorted(labels)
    ends = [*onsets[1:], max([end, *(onset + 1 for onset in onsets[-1:])])]
    return tuple(ChordSpan(onset, after - onset, labels[onset]) for onset, after in zip(onsets, ends, strict=False))
