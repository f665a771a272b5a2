"""Preparing a folder of MIDI files for the five-track recipe: the account, files per CPU second, memory, disk.

    python benchmarks/five_tracks.py FOLDER ...

Each folder is read as files of unknown origin (``--corpus folder``) into a temporary cache. Surveying reads a file and
looks for its beat and its duplicates; encoding reads those that are kept again. What ``lmd_full`` would take follows
from both rates, if it kept every file.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from componium.corpora import CORPORA
from componium.corpora.selection import reasons
from componium.models import FAMILIES
from componium.training.preparation.prepare import prepare
from componium.training.recipes import read_recipe

RECIPE = Path(__file__).parent.parent / "recipes" / "lakh-five-track.toml"
LAKH_FILES = 178_561


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path) -> None:
    recipe = read_recipe(RECIPE, FAMILIES)
    marks: list[tuple[int, int, float]] = []
    before, start = peak(), time.process_time()
    with tempfile.TemporaryDirectory() as cache:
        dataset = prepare(
            CORPORA["folder"],
            folder,
            recipe.preparation,
            Path(cache),
            lambda done, total: marks.append((done, total, time.process_time())),
        )
        seconds = time.process_time() - start
        # Only while surveying is the total twice the number of files.
        n_files = marks[0][1] // 2
        surveying = marks[n_files - 1][2] - start
        megabytes = sum(path.stat().st_size for path in dataset.folder.iterdir()) / 1e6
        n_kept = len(dataset.records)
        print(f"{folder.name}: {n_files} files, {n_kept} used, {len({r.work for r in dataset.records})} works")
        for reason, names in reasons(dataset.rejected).items():
            print(f"  {len(names):6} {reason}")
        for index, (name, count) in enumerate(dataset.notes_of_parts.items()):
            playing = sum((dataset.encoded(i).events[:, 1] == index).any() for i in range(n_kept))
            print(f"  {name:10}{count:12,} notes in {playing} pieces")
        print(f"  left out  {dataset.notes_left_out:12,} notes of the pieces used")
        print(f"  {seconds:.1f} CPU s, {n_files / seconds:.0f} files/s; memory {before:.0f} to {peak():.0f} MB")
        survey_ms, encode_ms = 1000 * surveying / n_files, 1000 * (seconds - surveying) / n_kept
        print(f"  surveying {survey_ms:.1f} ms a file, encoding {encode_ms:.1f}")
        print(f"  disk {megabytes:.0f} MB, {1e6 * megabytes / n_kept / 1000:.0f} kB a piece used")
        print(
            f"  lmd_full, every file used: {LAKH_FILES * (survey_ms + encode_ms) / 3.6e6:.1f} h on one core", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        measure(folder)


if __name__ == "__main__":
    main()
