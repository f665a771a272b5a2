"""Originality of a piece beside 10,000 training pieces, by their fingerprints: time to load them, time a piece, memory.

    COMPONIUM_DATA=... python benchmarks/originality.py [--pieces 10000] [--each 20]

The goal is a second a piece. The pieces are the first of several sets together, near duplicates left out, as before a
training. What is judged: pieces that the embedded composer makes (32 bars), the next pieces of the sets, which
are not among them, and copies of pieces that are, a fourth higher and at half the tempo: such a copy must be found
whole. Judging runs in a process of its own, which reads nothing but the fingerprints.
"""

import os

# Before numpy is imported: its threads would hide what one core can do.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from componium.corpora import CORPORA
from componium.errors import ComponiumError
from componium.evaluation.pieces.originality import leave_one_out, originality
from componium.fingerprints import NGRAM_NOTES, Collection, Contrast, Lines, Piece, lines_of, near_duplicates
from componium.formats.midi import read_midi, write_midi
from componium.score import Score, make_notes

SETS = (
    "pop909", "irish_cre", "jsb_chorales_music21", "music21_ryans_mammoth", "nottingham", "crnngan_3451", "tegridy",
    "piano_midi_de", "emopia", "vgmidi",
)  # fmt: skip
GOAL_SECONDS = 1.0


def scores(data: Path) -> Iterator[tuple[str, Score]]:
    """All pieces of the sets that can be read, with their names."""
    for name in SETS:
        corpus = CORPORA["pop909" if name == "pop909" else "folder"]
        for piece in corpus.find(data / name):
            try:
                score = corpus.read(piece)
            except ComponiumError:
                continue
            yield f"{name}/{piece.name}", score


def copied(score: Score) -> Score:
    """The piece a fourth higher, or a fifth lower, and at half the tempo."""
    highest = max(int(track.notes["pitch"].max()) for track in score.tracks if len(track.notes) and not track.is_drum)
    by = 5 if highest <= 122 else -7
    tracks = []
    for track in score.tracks:
        onset, duration, pitch, velocity = (track.notes[name].astype(int) for name in track.notes.dtype.names or ())
        moved = pitch if track.is_drum else np.clip(pitch + by, 0, 127)
        tracks.append(replace(track, notes=make_notes(2 * onset, 2 * duration, moved, velocity)))
    return Score(score.ticks_per_quarter, tuple(tracks))


def prepare(data: Path, folder: Path, n_pieces: int, each: int) -> None:
    """Writes the fingerprints, the contrast, and what is to be judged."""
    from componium import compose, load_artifact, make_request

    started = time.perf_counter()
    lines: dict[str, Lines] = {}
    music: dict[str, Score] = {}
    for name, score in scores(data):
        lines[name], music[name] = lines_of(score), score
    names = list(lines)
    twice = {names[j] for _, j, _ in near_duplicates([own.top.hashes for own in lines.values()])}
    distinct = [name for name in names if name not in twice and lines[name].n_notes >= NGRAM_NOTES]
    chosen, later = distinct[:n_pieces], distinct[n_pieces : n_pieces + each]
    lines = {name: lines[name] for name in chosen}
    print(f"{len(names):,} pieces read, {len(twice):,} of them near duplicates of others")
    collection = Collection.of(Piece(name, "", own) for name, own in lines.items())
    contrast = leave_one_out(list(lines.values()), list(lines), collection)
    (folder / "fingerprints.npz").write_bytes(collection.to_bytes())
    (folder / "contrast.npz").write_bytes(contrast.to_bytes())
    print(
        f"{len(lines):,} pieces, {len(collection.bars):,} notes on top, {len(collection.hashes):,} n-grams; read, "
        f"hashed, sorted out and written in {time.perf_counter() - started:.0f} s"
    )
    composed = [
        one.score for one in compose(load_artifact("pop-piano"), make_request(bars=32, count=each, seed=1, best_of=1))
    ]
    copies = [copied(music[name]) for name in chosen[:: max(len(chosen) // each, 1)][:each]]
    for kind, own in (("composed", composed), ("next pieces", [music[name] for name in later]), ("copies", copies)):
        (folder / kind).mkdir()
        for place, score in enumerate(own):
            write_midi(score, folder / kind / f"{place:03}.mid")


def judge(folder: Path) -> None:
    """Loads the fingerprints and judges, as a verb would."""
    before = peak_megabytes()
    started = time.process_time()
    collection, contrast = Collection.load(folder / "fingerprints.npz"), Contrast.load(folder / "contrast.npz")
    loaded = time.process_time() - started
    size = (folder / "fingerprints.npz").stat().st_size / 1e6
    print(f"loading {loaded:.2f} s CPU, {size:.1f} MB on disk")
    slowest = 0.0
    for kind in ("composed", "next pieces", "copies"):
        seconds, waited, n_notes, whole, near = [], [], 0, 0, 0
        files = sorted((folder / kind).iterdir())
        for path in files:
            score = read_midi(path)
            cpu, wall = time.process_time(), time.perf_counter()
            own = lines_of(score)
            found = originality(own, collection, contrast)
            seconds.append(time.process_time() - cpu)
            waited.append(time.perf_counter() - wall)
            n_notes += own.n_notes
            whole += found is not None and found.longest == own.n_notes
            near += found is not None and found.is_near
        if not files:
            continue
        slowest = max(slowest, *waited)
        print(
            f"{len(files)} {kind}, {n_notes / len(files):.0f} notes on top each: {np.median(seconds):.3f} s CPU each "
            f"in the middle, {max(seconds):.3f} at most; {near} near a training piece, {whole} found whole"
        )
    print(f"memory {peak_megabytes():.0f} MB at most, {before:.0f} MB before loading")
    print(f"slowest piece {slowest:.3f} s wall (goal {GOAL_SECONDS:.0f})")


def peak_megabytes() -> float:
    """Of this program alone; ``ru_maxrss`` would begin at what its parent took."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=20, help="pieces of each kind that are judged")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.judge is not None:
        judge(asked.judge)
        return
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit(f"COMPONIUM_DATA is unset: it names the folder that holds the sets {', '.join(SETS)}")
    with tempfile.TemporaryDirectory() as scratch:
        prepare(Path(os.environ["COMPONIUM_DATA"]), Path(scratch), asked.pieces, asked.each)
        sys.stdout.flush()
        subprocess.run([sys.executable, __file__, "--judge", scratch], check=True)


if __name__ == "__main__":
    main()
