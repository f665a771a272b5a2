"""What reading and writing MusicXML costs: megabytes a CPU-second of real scores, and time against size of odd ones.

    COMPONIUM_DATA=... python benchmarks/musicxml.py speed [--every 1]
    python benchmarks/musicxml.py growth [--size 4000] [NAME ...]

``speed`` reads every nth file of the sets of ``.mxl`` as movements and counts bytes of unpacked text; beside it stands
parsing alone, with the same pause of Python's collector, and what was refused. ``growth`` makes inputs of each kind in
three sizes, each twice the one before, and prints CPU-seconds (the least of three runs) and their ratios: 2 is linear.
Kinds that take less than 20 ms are made larger. Every input is read within the limits of the readers or refused.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import fromstring

from componium.errors import FormatError
from componium.formats.musicxml import documents, musicxml_bytes, read_movements, read_musicxml
from componium.score import Score, TimeSignature, Track, make_notes

SETS = ("openewld", "openscore_lieder", "openscore_quartets", "openscore_orchestra")
LINEAR = 2.2
SHORTEST = 0.02
MOST = 2


def cpu_seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def speed(every: int) -> None:
    """Prints the speed of reading each set."""
    print(f"{'set':22}{'files':>6}{'movements':>10}{'notes':>10}{'MB':>8}{'parsing':>9}{'reading':>9}  MB a CPU-second")
    for name in SETS:
        files = sorted((Path(os.environ["COMPONIUM_DATA"]) / name).rglob("*.mxl"))[::every]
        size = parsing = reading = 0.0
        movements = n_notes = 0
        refused: list[str] = []
        for file in files:
            data = file.read_bytes()
            text = documents.contents(data)
            size += len(text) / 1e6
            with documents.paused_collection():
                parsing += cpu_seconds(lambda text=text: fromstring(text))  # noqa: S314 - known files
            before = time.process_time()
            try:
                scores = read_movements(data)
            except FormatError as error:
                refused.append(f"{file}: {error}")
                scores = []
            reading += time.process_time() - before
            movements, n_notes = movements + len(scores), n_notes + sum(score.n_notes for score in scores)
        print(
            f"{name:22}{len(files):6}{movements:10}{n_notes:10}{size:8.1f}{size / parsing:9.1f}{size / reading:9.1f}"
            f"  {len(refused)} refused"
        )
        for line in refused:
            print(f"    {line}")
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


NOTE = "<note>{before}<pitch><step>C</step><octave>4</octave></pitch><duration>{duration}</duration>{after}</note>"


def note(duration: float = 1, before: str = "", after: str = "") -> str:
    return NOTE.format(before=before, duration=duration, after=after)


def file(*parts: str, declared: str = "") -> bytes:
    inside = "".join(f"<part id='{number}'>{measures}</part>" for number, measures in enumerate(parts))
    return f"<score-partwise><part-list>{declared}</part-list>{inside}</score-partwise>".encode()


def measures(*contents: str) -> str:
    return "".join(f"<measure number='{number}'>{content}</measure>" for number, content in enumerate(contents, 1))


def primes(count: int) -> list[int]:
    sieve = bytearray([1]) * (40 * count + 100)
    for number in range(2, int(len(sieve) ** 0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, len(sieve), number)))
    return [number for number in range(2, len(sieve)) if sieve[number]][:count]


def notations(inner: str) -> str:
    return f"<notations>{inner}</notations>"


def direction(words: str) -> str:
    return f"<direction><direction-type><words>{words}</words></direction-type></direction>"


ENDING = "<barline location='{0}'><ending number='1' type='{1}'/></barline>"
AGAIN = "<barline location='right'><repeat direction='backward'/></barline>"
TREMOLO = notations("<ornaments><tremolo>3</tremolo></ornaments>")
TIES = "<tie type='stop'/><tie type='start'/>"

READ: dict[str, Callable[[int], bytes]] = {
    "notes of a measure": lambda n: file(measures(note() * n)),
    "measures": lambda n: file(measures(*[note()] * n)),
    "notes of a chord": lambda n: file(measures(note() + note(before="<chord/>") * n)),
    "ties": lambda n: file(measures(*[note(after=TIES)] * n)),
    "ties of a chord": lambda n: file(
        measures((note(after=TIES) + note(before="<chord/>", after=TIES) * (n // 4)) * 4)
    ),
    "grace notes": lambda n: file(measures(note(before="<grace/>") * n + note(n))),
    "grace notes at the end": lambda n: file(measures(*[note() * 50 + note(before="<grace/>")] * (n // 50))),
    "tremolos": lambda n: file(measures(*[note(after=TREMOLO)] * n)),
    "voices": lambda n: file(measures("".join(note(after=f"<voice>{v}</voice>") for v in range(n)))),
    "graces of voices": lambda n: file(
        measures(
            "".join(note(after=f"<voice>{v}</voice>") + note(0, "<grace/>", f"<voice>{v}</voice>") for v in range(n))
        )
    ),
    "parts and measures": lambda n: file(measures(*[note()] * n), *[measures(note())] * min(n // 64, 511)),
    "primes as divisions": lambda n: file(
        measures(*(f"<attributes><divisions>{p}</divisions></attributes>{note(p)}" for p in primes(n)))
    ),
    "digits in a name": lambda n: file(
        measures(note()),
        declared=f"<score-part id='0'><part-name>{'1' * 100 * n}</part-name></score-part>",
    ),
    "a long number": lambda n: file(measures(note().replace("<duration>1", f"<duration>{'1' * 100 * n}"))),
    "repeats": lambda n: file(measures(*[note() + AGAIN] * n)),
    "an ending": lambda n: file(
        measures(note(), ENDING.format("left", "start") + note(), *[note()] * n, ENDING.format("right", "stop") + AGAIN)
    ),
    "endings that stay open": lambda n: file(measures(*[ENDING.format("left", "start") + note()] * n)),
    "da capo": lambda n: file(measures(*[note() + direction("Fine"), note() + direction("D.C.")] * (n // 2))),
    "words": lambda n: file(
        measures(*["".join(map(direction, ("da " * 30, "con " * 40, "Fin de " * 9))) + note()] * n)
    ),
    "measure repeats": lambda n: file(
        measures(
            note() * 8,
            "<attributes><measure-style><measure-repeat type='start'>1</measure-repeat></measure-style></attributes>",
            *[""] * n,
        )
    ),
    "chord symbols": lambda n: file(
        measures("<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony>" + note()) * n
    ),
    "text": lambda n: b"<score-partwise>" + b"x" * 400 * n + b"</score-partwise>",
    "depth": lambda n: b"<score-partwise>" + b"<a>" * 50 * n + b"</a>" * 50 * n + b"</score-partwise>",
}


def score(onsets: list[int], durations: list[int], n_tracks: int = 1, meter: TimeSignature | None = None) -> Score:
    notes = make_notes(onsets, durations, [40 + number % 40 for number in range(len(onsets))], 80)
    return Score(480, (Track(notes),) * n_tracks, time_signatures=(meter or TimeSignature(0, 4, 4),))


WRITTEN: dict[str, Callable[[int], Score]] = {
    "notes one after the other": lambda n: score([120 * i for i in range(n)], [120] * n),
    "notes that overlap": lambda n: score([120 * i for i in range(n)], [1200] * n),
    "notes at once": lambda n: score([0] * n, [480] * n),
    "notes of all lengths": lambda n: score([40 * (i % 48) for i in range(n)], [40 * (1 + i % 47) for i in range(n)]),
    "a note held": lambda n: score([0], [480 * n]),
    "bars": lambda n: score([480 * n], [480], meter=TimeSignature(0, 1, 4)),
    "tracks": lambda n: score([0], [480], n_tracks=n),
}


def _reading(make: Callable[[int], bytes], n: int) -> Callable[[], object]:
    return partial(read_musicxml, make(n))


def _writing(make: Callable[[int], Score], n: int) -> Callable[[], object]:
    return partial(musicxml_bytes, make(n))


def _least_seconds(work: Callable[[], object], notes: list[str]) -> float:
    """The least CPU-seconds of three runs, of long ones fewer; adds why it is refused."""
    seconds: list[float] = []
    while len(seconds) < 3 and sum(seconds) < MOST:
        before = time.process_time()
        try:
            work()
        except FormatError as error:
            notes.append(str(error)[-60:])
        seconds.append(time.process_time() - before)
    return min(seconds)


def growth(size: int, names: list[str]) -> None:
    """Prints time against size of each kind of input."""
    works: dict[str, Callable[[int], Callable[[], object]]] = {}
    for name, make in READ.items():
        works[f"read: {name}"] = partial(_reading, make)
    for name, make_score in WRITTEN.items():
        works[f"write: {name}"] = partial(_writing, make_score)
    for name, make in works.items():
        if names and not any(own in name for own in names):
            continue
        notes: list[str] = []
        own_size, least = size, _least_seconds(make(size), notes)
        while least < SHORTEST and own_size < 16 * size and not notes:
            own_size *= 4
            least = _least_seconds(make(own_size), notes)
        seconds = [least, *(_least_seconds(make(own_size * factor), notes) for factor in (2, 4))]
        ratios = [after / max(own, 0.01) for own, after in pairwise(seconds)]
        verdict = "" if max(ratios) <= LINEAR else "  MORE THAN LINEAR"
        print(
            f"{name:36}{own_size:7}" + "".join(f"{own:8.3f}" for own in seconds)
            + "".join(f"{own:7.2f}" for own in ratios) + verdict + (f"  ({notes[-1]})" if notes else ""),
            flush=True,
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "growth"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--size", type=int, default=4000)
    asked = parser.parse_intermixed_args()
    if asked.what == "speed":
        speed(asked.every)
    else:
        growth(asked.size, asked.names)


if __name__ == "__main__":
    main()
