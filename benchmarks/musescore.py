"""Reads MusicXML as MuseScore plays it? The share of notes that both have, in pitch and onset.

    COMPONIUM_DATA=... python benchmarks/musescore.py [--count 60] [--below .97] [--cache FOLDER] [SET ...]

Files are drawn with a fixed seed from sets of ``.mxl`` in ``COMPONIUM_DATA``. MuseScore 3 (Debian: ``musescore3``)
converts each to MIDI, unless the cache holds it; without the program, what the cache holds is compared. An onset counts
as equal within a 24th of a quarter. Of files of several movements one is drawn, and both read it alone, as MuseScore
knows no movements. The share is of the larger number of notes; ornaments are played by other rules, so the share is
given for files without them too. Files below the bound are named with the first quarter that differs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring

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
    """Of one file: notes of both, of ours, of MuseScore; whether it has no ornaments."""

    both: int
    ours: int
    theirs: int
    is_plain: bool
    first_difference: float

    @property
    def share(self) -> float:
        return self.both / max(self.ours, self.theirs, 1)


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


def compare(ours: Score, theirs: Score, *, is_plain: bool) -> Compared:
    """Pairs notes of a pitch in order of time. Unisons at one time count once: MuseScore's MIDI merges some of them."""
    mine, other = onsets(ours), onsets(theirs)
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
    return Compared(both, n_mine, n_other, is_plain, first)


def _distinct(times: list[float]) -> list[float]:
    kept: list[float] = []
    for time in times:
        if not kept or time - kept[-1] > 1 / 24:
            kept.append(time)
    return kept


def compare_file(file: Path, cache: Path) -> Compared | str:
    """The comparison, or why there is none."""
    try:
        data = one_movement(file.read_bytes(), file.name)
        ours = read_musicxml(data)
    except FormatError as error:
        return str(error)
    theirs = played_by_musescore(data, cache)
    if theirs is None:
        return "not read by MuseScore"
    root = documents.document(data)
    is_plain = not any(next(root.iter(tag), None) is not None for tag in PLAYED_OTHERWISE)
    return compare(ours, theirs, is_plain=is_plain)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--below", type=float, default=0.97)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium-musescore")
    asked = parser.parse_args()
    print(f"{'set':22}{'files':>6}{'notes':>9}{'share':>8}{'plain':>6}{'notes':>9}{'share':>8}  below {asked.below}")
    for name in asked.sets:
        folder = Path(os.environ["COMPONIUM_DATA"]) / name
        cache = asked.cache / name
        cache.mkdir(parents=True, exist_ok=True)
        files = sorted(folder.rglob("*.mxl"))
        files = random.Random(SEED).sample(files, min(asked.count, len(files)))  # noqa: S311 - a sample
        results = [(file, compare_file(file, cache)) for file in files]
        found = [(file, result) for file, result in results if isinstance(result, Compared)]
        plain = [result for _, result in found if result.is_plain]
        low = [(file, result) for file, result in found if result.share < asked.below]
        print(f"{name:22}{_totals([result for _, result in found])}{_totals(plain)}  {len(low)}")
        for file, result in sorted(low, key=lambda item: item[1].share):
            print(
                f"    {result.share:.3f} {'plain' if result.is_plain else '     '} {result.both} of {result.ours} and"
                f" {result.theirs}, from quarter {result.first_difference:.2f}: {file.relative_to(folder)}"
            )
        for file, result in results:
            if isinstance(result, str):
                print(f"    {result}: {file.relative_to(folder)}")


def _totals(results: list[Compared]) -> str:
    n_notes = sum(max(result.ours, result.theirs) for result in results)
    share = sum(result.both for result in results) / max(n_notes, 1)
    return f"{len(results):6}{n_notes:9}{share:8.4f}"


if __name__ == "__main__":
    main()
