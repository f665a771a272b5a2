"""Judging 500 generated pieces beside 500 of a reference, all of 32 bars: time, and what takes it.

    COMPONIUM_DATA=... python benchmarks/judging.py

The pieces are cut from POP909. The goal is two minutes on the clock; CPU time is printed too, which other work on the
machine changes less. Where MusPy can be imported (it is among the development dependencies), its metrics are timed
beside those of ours that measure the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from excerpts import write_excerpts

from componium.corpora import CORPORA
from componium.evaluation.metrics import SET_METRICS, measure_all
from componium.evaluation.metrics.histograms import HISTOGRAMS, all_shares
from componium.evaluation.pieces.figures import fingerprint
from componium.evaluation.pieces.reading import read
from componium.evaluation.sets.measured_set import measure_set
from componium.evaluation.sets.set_comparison import compare_sets
from componium.evaluation.sets.set_comparison_json import comparison_json

FOLDER = CORPORA["folder"]
GOAL_SECONDS = 120
BOTH_HAVE = {
    "scale_consistency": "scale_consistency",
    "polyphony": "polyphony",
    "groove_similarity": "groove_consistency",
    "pitch_class_entropy": "pitch_class_entropy",
    "empty_bar_rate": "empty_measure_rate",
}


def timed(name: str, work: Callable[[], object]) -> tuple[float, float, object]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:28}{wall:9.1f} s wall{cpu:9.1f} s CPU", flush=True)
    return wall, cpu, result


def compare_with_muspy(paths: list[Path]) -> None:
    try:
        import muspy
    except ModuleNotFoundError:
        print("MusPy cannot be imported: no comparison (pip install muspy==0.5.0)")
        return
    theirs = [muspy.read_midi(path) for path in paths]
    ours = [FOLDER.read(piece) for piece in FOLDER.find(paths[0].parent)[: len(paths)]]
    own = [metric for metric in SET_METRICS if metric.name in BOTH_HAVE]
    start = time.process_time()
    for score in ours:
        measure_all(own, read(score))
    middle = time.process_time()
    for music in theirs:
        for name in BOTH_HAVE.values():
            more = (
                {"measure_resolution": 4 * music.resolution}
                if name in ("groove_consistency", "empty_measure_rate")
                else {}
            )
            getattr(muspy, name)(music, **more)
    end = time.process_time()
    print(f"{', '.join(BOTH_HAVE)}: {len(paths)} pieces, ours {middle - start:.2f} s, MusPy {end - middle:.2f} s CPU")
    print(f"ratio to MusPy: {(end - middle) / (middle - start):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=500, help="in each set")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds pop909/")
    with tempfile.TemporaryDirectory() as scratch:
        paths = write_excerpts(Path(os.environ["COMPONIUM_DATA"]), "pop909", Path(scratch) / "all", 2 * asked.pieces)
        pieces = FOLDER.find(paths[0].parent)
        print(f"{len(pieces)} pieces of 32 bars")
        *_, scores = timed("reading files", lambda: [FOLDER.read(piece) for piece in pieces])
        *_, readings = timed("notes, bars, skylines", lambda: [read(score) for score in scores])
        timed("metrics", lambda: [measure_all(SET_METRICS, reading) for reading in readings])
        timed("histograms", lambda: [all_shares(HISTOGRAMS, reading) for reading in readings])
        timed("fingerprints", lambda: [fingerprint(score) for score in scores])
        wall, cpu, sets = timed(
            "both sets measured", lambda: [measure_set(pieces[start::2], FOLDER, SET_METRICS) for start in (0, 1)]
        )
        more, more_cpu, _ = timed("compared", lambda: comparison_json(compare_sets(*sets, SET_METRICS)))
        print(f"all {wall + more:.1f} s wall, {cpu + more_cpu:.1f} s CPU (goal {GOAL_SECONDS})")
        compare_with_muspy(paths[:200])


if __name__ == "__main__":
    main()
