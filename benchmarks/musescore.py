"""Reads MusicXML as MuseScore plays it? The share of notes that both have, in pitch and onset.

    COMPONIUM_DATA=... python benchmarks/musescore.py [--count 60] [--below .97] [--cache FOLDER] [SET ...]

Files are drawn with a fixed seed from sets of ``.mxl`` in ``COMPONIUM_DATA``. MuseScore 3 (Debian: ``musescore3``)
converts each to MIDI, unless the cache holds it; without the program, what the cache holds is compared. An onset counts
as equal within a 24th of a quarter. Of files of several movements one is drawn, and both read it alone, as MuseScore
knows no movements. The share is of the larger number of notes; ornaments are played by other rules, so the share is
given for files without them too, and for the measures of all files in which no part has one. Intervals are of 95 %, by
resampling works. Files below the bound are named with the first quarter that differs, and their share in such measures.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from bisect import bisect_right
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring, tostring

from componium.errors import FormatError
from componium.formats.midi import read_midi
from componium.formats.musicxml import documents, read_musicxml
from componium.formats.musicxml.reading.marks import collect_marks
from componium.formats.musicxml.reading.movements import movements_of
from componium.score import Score

SETS = ("openewld", "openscore_lieder", "openscore_quartets", "openscore_orchestra")
SEED = 20
SECONDS = 240
PLAYED_OTHERWISE = (
    "grace", "arpeggiate", "tremolo", "trill-mark", "turn", "inverted-turn", "delayed-turn", "mordent",
    "inverted-mordent", "wavy-line", "glissando", "slide", "schleifer", "shake",
)  # fmt: skip


class Compared(NamedTuple):
    """Notes of both, of ours, of MuseScore, and the first quarter that differs."""

    both: int
    ours: int
    theirs: int
    first_difference: float

    @property
    def share(self) -> float:
        return self.both / max(self.ours, self.theirs, 1)


class Result(NamedTuple):
    """Of one file: all notes, those of measures without ornaments; whether there is no other measure."""

    work: str
    all: Compared
    quiet: Compared
    is_plain: bool


def one_movement(data: bytes, seed: str) -> bytes:
    """A movement of a file, drawn by a seed, as a file of its own."""
    root = documents.document(data)
    parts = list(root.iterfind("part"))
    measures = [part.findall("measure") for part in parts]
    movements = movements_of(collect_marks(measures))
    if len(movements) == 1:
        return documents.contents(data)
    first, after = random.Random(seed).choice(movements)  # noqa: S311 - a sample
    for part, own in zip(parts, measures, strict=True):
        kept = own[first:after]
        if kept:
            kept[0].insert(0, _in_force(own[:first]))
        part[:] = kept
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _in_force(measures: list[Element]) -> Element:
    """The attributes that hold after some measures."""
    found: dict[tuple[str, str], Element] = {}
    for measure in measures:
        for attributes in measure.iterfind("attributes"):
            found |= {(child.tag, child.get("number", "")): child for child in attributes}
    attributes = Element("attributes")
    for tag in ("divisions", "key", "time", "staves", "clef", "transpose"):
        attributes.extend(child for (own, _), child in found.items() if own == tag)
    return attributes


def played_by_musescore(data: bytes, cache: Path) -> Score | None:
    """What MuseScore plays; None where it does not read the file."""
    target = cache / f"{hashlib.sha1(data).hexdigest()[:16]}.mid"  # noqa: S324 - a name
    if not target.exists() and shutil.which("mscore3"):
        with tempfile.TemporaryDirectory() as folder:
            # Plain, as MuseScore does not look for the score in archives with a damaged container.
            source = Path(folder) / "x.musicxml"
            source.write_bytes(data)
            command = ["nice", "mscore3", "-o", str(target), str(source)]
            try:
                environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
                subprocess.run(command, timeout=SECONDS, capture_output=True, check=False, env=environment)
            except subprocess.TimeoutExpired:
                target.unlink(missing_ok=True)
    return read_midi(target) if target.exists() else None


def onsets(score: Score) -> dict[int, list[float]]:
    """Onsets in quarters of each pitch, sorted; without notes whose pitch sounds already, as in MuseScore."""
    found: dict[int, list[float]] = defaultdict(list)
    for track in score.tracks:
        sounding: dict[int, int] = defaultdict(int)
        for onset, duration, pitch, _ in sorted(track.notes.tolist()):
            if onset + score.ticks_per_quarter // 48 >= sounding[pitch]:
                found[pitch].append(onset / score.ticks_per_quarter)
            sounding[pitch] = max(sounding[pitch], onset + duration)
    return {pitch: sorted(times) for pitch, times in found.items()}


def compare(mine: dict[int, list[float]], other: dict[int, list[float]]) -> Compared:
    """Pairs notes of a pitch in order of time. Unisons at one time count once: MuseScore's MIDI merges some of them."""
    both = n_mine = n_other = 0
    first = float("inf")
    for pitch in {*mine, *other}:
        a, b = _distinct(mine.get(pitch, [])), _distinct(other.get(pitch, []))
        n_mine, n_other = n_mine + len(a), n_other + len(b)
        i = j = 0
        while i < len(a) and j < len(b):
            if abs(a[i] - b[j]) <= 1 / 24 + 1e-6:
                both, i, j = both + 1, i + 1, j + 1
                continue
            first = min(first, a[i], b[j])
            i, j = (i + 1, j) if a[i] < b[j] else (i, j + 1)
    return Compared(both, n_mine, n_other, first)


def quiet_spans(root: Element) -> list[tuple[float, float]]:
    """When measures are played in which no part has ornaments, in quarters; changes the document."""
    for part in root.iterfind("part"):
        for measure in part:
            for harmony in measure.findall("harmony"):
                measure.remove(harmony)
    # Chord symbols of our own say where each kind of measure is played.
    n_lines = 0
    for measures in zip_longest(*root.iterfind("part")):
        own = [measure for measure in measures if measure is not None]
        is_loud = n_lines > 0
        is_loud |= any(next(measure.iter(tag), None) is not None for measure in own for tag in PLAYED_OTHERWISE)
        ways = [wave.get("type") for measure in own for wave in measure.iter("wavy-line")]
        n_lines = max(n_lines + ways.count("start") - ways.count("stop"), 0)
        mark = f"<harmony><root><root-step>{'A' if is_loud else 'B'}</root-step></root><kind>major</kind></harmony>"
        if measures[0] is not None:
            measures[0].insert(0, fromstring(mark))  # noqa: S314 - our own
    score = read_musicxml(tostring(root))
    quarter = score.ticks_per_quarter
    return [
        (span.onset / quarter, (span.onset + span.duration) / quarter)
        for span in score.chords
        if span.label.startswith("B")
    ]


def within(found: dict[int, list[float]], spans: list[tuple[float, float]]) -> dict[int, list[float]]:
    """The onsets within some spans of time, and a little before their start."""
    starts = [start - 1 / 24 for start, _ in spans]

    def is_inside(time: float) -> bool:
        place = bisect_right(starts, time) - 1
        return place >= 0 and time < spans[place][1] - 1 / 24

    return {pitch: [time for time in times if is_inside(time)] for pitch, times in found.items()}


def _distinct(times: list[float]) -> list[float]:
    kept: list[float] = []
    for time in times:
        if not kept or time - kept[-1] > 1 / 24:
            kept.append(time)
    return kept


def compare_file(file: Path, cache: Path) -> Result | str:
    """The comparison, or why there is none."""
    try:
        data = one_movement(file.read_bytes(), file.name)
        ours = onsets(read_musicxml(data))
    except FormatError as error:
        return str(error)
    played = played_by_musescore(data, cache)
    if played is None:
        return "not read by MuseScore"
    theirs = onsets(played)
    root = documents.document(data)
    is_plain = not any(next(root.iter(tag), None) is not None for tag in PLAYED_OTHERWISE)
    spans = quiet_spans(root)
    quiet = compare(within(ours, spans), within(theirs, spans))
    work = file.parent if file.parent.name[0].isalpha() else file.parent.parent
    return Result(str(work), compare(ours, theirs), quiet, is_plain)


def compare_set(folder: Path, cache: Path, count: int, below: float) -> None:
    """Prints the comparison of a set."""
    cache.mkdir(parents=True, exist_ok=True)
    files = sorted(folder.rglob("*.mxl"))
    files = random.Random(SEED).sample(files, min(count, len(files)))  # noqa: S311 - a sample
    results = [(file, compare_file(file, cache)) for file in files]
    found = [(file, result) for file, result in results if isinstance(result, Result)]
    print(
        f"{folder.name:20}{_totals([(own.work, own.all) for _, own in found])}"
        f"{_totals([(own.work, own.all) for _, own in found if own.is_plain])}"
        f"{_totals([(own.work, own.quiet) for _, own in found])}"
        f"  {sum(own.all.share < below for _, own in found)}"
    )
    for file, result in sorted(found, key=lambda item: item[1].all.share):
        own, quiet = result.all, result.quiet
        if own.share < below:
            print(
                f"    {own.share:.3f}, {own.both} of {own.ours} and {own.theirs}; without ornaments {quiet.share:.3f},"
                f" {quiet.both} of {quiet.ours} and {quiet.theirs}, from quarter {quiet.first_difference:.2f}:"
                f" {file.relative_to(folder)}"
            )
    for file, result in results:
        if isinstance(result, str):
            print(f"    {result}: {file.relative_to(folder)}")


def _totals(results: list[tuple[str, Compared]]) -> str:
    n_notes = sum(max(own.ours, own.theirs) for _, own in results)
    by_work: dict[str, list[Compared]] = defaultdict(list)
    for work, own in results:
        by_work[work].append(own)
    works = list(by_work.values())
    chance = random.Random(SEED)  # noqa: S311 - a sample
    shares = sorted(_share(chance.choices(works, k=len(works))) for _ in range(1000)) if works else [0.0] * 1000
    return f"{len(results):5}{n_notes:8}  {_share(works):.4f} [{shares[25]:.4f}, {shares[974]:.4f}]"


def _share(works: list[list[Compared]]) -> float:
    n_notes = sum(max(own.ours, own.theirs) for work in works for own in work)
    return sum(own.both for work in works for own in work) / max(n_notes, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--below", type=float, default=0.97)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium-musescore")
    asked = parser.parse_args()
    print("for all files, files without ornaments, measures without: files, notes, share; files below the bound")
    for name in asked.sets:
        compare_set(Path(os.environ["COMPONIUM_DATA"]) / name, asked.cache / name, asked.count, asked.below)


if __name__ == "__main__":
    main()
