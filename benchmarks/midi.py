"""Reading MIDI files, beside mido and symusic; and what reading and writing cost as files grow.

    COMPONIUM_DATA=... python benchmarks/midi.py [--files 100]

Milliseconds of CPU a file, the best of three passes over files drawn at random: into a score with its source, as
prompts are read, and without, as corpora are. mido makes an object of every message and pairs no notes; symusic is
compiled. Then the cost of files that double in size: seconds by kind of file, and the largest ratio of one size to the
one before.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import symusic

from componium.formats.midi import midi_bytes, read_midi

CORPORA = ("pop909", "asap", "giantmidi_sample", "groove_drums", "freedoom_multitrack", "irish_cre")
PASSES = 3
SIZES = (500_000, 1_000_000, 2_000_000, 4_000_000)


def by_mido(data: bytes) -> object:
    return mido.MidiFile(file=io.BytesIO(data), clip=True)


READERS: dict[str, Callable[[bytes], object]] = {
    "ours, with source": read_midi,
    "ours": partial(read_midi, keep_source=False),
    "symusic": symusic.Score.from_midi,
    "mido": by_mido,
}


def cost(work: Callable[[bytes], object], items: Iterable[bytes]) -> float:
    """Seconds of CPU for all items, the best of some passes."""
    best = np.inf
    for _ in range(PASSES):
        start = time.process_time()
        for item in items:
            work(item)
        best = min(best, time.process_time() - start)
    return best


def compare(folder: Path, n_files: int) -> None:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
    chosen = np.random.default_rng(0).permutation(len(files))[:n_files]
    contents = [files[place].read_bytes() for place in chosen]
    times = {name: 1000 * cost(read, contents) / len(contents) for name, read in READERS.items()}
    print(f"{folder.name:22}" + "".join(f"{own:20.2f}" for own in times.values()))


def track(body: bytes) -> bytes:
    body += b"\0\xff\x2f\0"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def one_track(body: bytes) -> bytes:
    return b"MThd\0\0\0\6\0\1\0\1\1\xe0" + track(body)


def kinds(size: int) -> dict[str, bytes]:
    """Files of about so many bytes, of kinds that a reader may stumble over."""
    note = b"\0\x90\x3c\x50\x30\x80\x3c\0"
    rng = np.random.default_rng(size)
    tracks = size // 22
    return {
        "notes": one_track(note * (size // 8)),
        "keys never released": one_track(b"\x01\x90\x3c\x50" * (size // 4)),
        "alternating kinds": one_track(b"\0\xc0\x05\0\x90\x3c\x50\1\x80\x3c\0" * (size // 11)),
        "texts": one_track(b"\0\xff\x01\x04text" * (size // 8)),
        "tracks": b"MThd\0\0\0\6\0\1" + min(tracks, 65535).to_bytes(2, "big") + b"\1\xe0" + track(note) * tracks,
        "tempos": one_track(b"\x01\xff\x51\x03\7\xa1\x20" * (size // 7)),
        "noise": one_track(b"\0" + rng.integers(0, 128, size, np.uint8).tobytes()),
    }


def growth(name: str, work: Callable[[bytes], object], files: list[bytes]) -> None:
    times = [cost(work, [data]) for data in files]
    ratios = [after / before for before, after in pairwise(times)]
    print(f"{name:34}" + "".join(f"{own:8.3f}" for own in times) + f"   {max(ratios):5.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder of the corpora")
    print(f"{'ms a file':22}" + "".join(f"{name:>20}" for name in READERS))
    for name in CORPORA:
        compare(Path(os.environ["COMPONIUM_DATA"]) / name, asked.files)
    print(f"\n{'seconds for bytes':34}" + "".join(f"{size:8}" for size in SIZES) + "   worst ratio (goal 2.2)")
    for name in kinds(SIZES[0]):
        files = [kinds(size)[name] for size in SIZES]
        growth(f"reading, {name}", READERS["ours, with source"], files)
    files = [kinds(size)["notes"] for size in SIZES]
    growth("writing, notes", lambda data: midi_bytes(read_midi(data)), files)


if __name__ == "__main__":
    main()
