"""Piano performances to rows and back: what is lost, and what it would mean to turn the pedal into durations.

    COMPONIUM_DATA=... python benchmarks/performances.py [FOLDER ...] [--files 100]

Of each folder (default: three sets of performances) files drawn by a seed are encoded as in ``piano-performance.toml``
and decoded. Notes are found again by onset and pitch. *Keys at once* are those that would be held at a note's onset.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from componium.corpora.files.finding import find_midi_files
from componium.formats.midi import read_midi
from componium.models import FAMILIES
from componium.representations.note_codec import NoteCodec
from componium.score import Score, TempoMap
from componium.score.notes import with_pedals
from componium.training.recipes import read_recipe

RECIPE = Path(__file__).parent.parent / "recipes" / "piano-performance.toml"
FOLDERS = ("maestro_subset", "giantmidi_sample", "piano_e_competition")
FINGERS = 10


def columns(score: Score, *, sustained: bool = False) -> np.ndarray:
    """Onset and end in seconds, pitch and velocity of every note; shape (T, 4)."""
    tempo_map = TempoMap(score)
    tracks = [with_pedals(t.notes, t.pedals) if sustained else t.notes for t in score.tracks if len(t.notes)]
    notes = np.concatenate(tracks)
    onset = notes["onset"].astype(np.int64)
    start, end = tempo_map.seconds(onset), tempo_map.seconds(onset + notes["duration"])
    return np.stack((start, end, notes["pitch"], notes["velocity"]), axis=1)


def found_again(before: np.ndarray, after: np.ndarray, steps: int) -> np.ndarray:
    """Pairs of notes with one onset, to the step, and pitch; shape (pairs, 2, 4)."""

    def keys(notes: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
        by_length = notes[np.argsort(notes[:, 1] - notes[:, 0], kind="stable")]
        return {(round(float(note[0]) * steps), int(note[2])): note for note in by_length}

    left, right = keys(before), keys(after)
    return np.array([(left[key], right[key]) for key in left.keys() & right.keys()])


def keys_at_once(notes: np.ndarray) -> np.ndarray:
    """How many notes sound at each onset."""
    starts, ends = np.sort(notes[:, 0]), np.sort(notes[:, 1])
    return np.searchsorted(starts, starts, side="right") - np.searchsorted(ends, starts, side="right")


def report(name: str, files: list[Path], codec: NoteCodec) -> None:
    pairs, accounts, pedals, lost_pedals, rows = [], [], 0, 0, 0
    lengths: tuple[list, list] = ([], [])
    crowds: tuple[list, list] = ([], [])
    seconds = 0.0
    for file in files:
        started = time.process_time()
        score = read_midi(file)
        encoded = codec.encode(score)
        seconds += time.process_time() - started
        accounts.append(codec.account(score))
        back = codec.decode(encoded)
        pairs.append(found_again(columns(score), columns(back), codec.config.steps))
        had = sum(len(track.pedals) for track in score.tracks if len(track.notes))
        pedals, lost_pedals = pedals + had, lost_pedals + had - sum(len(track.pedals) for track in back.tracks)
        rows += len(encoded.events)
        for sustained in (False, True):
            notes = columns(score, sustained=sustained)
            lengths[sustained].append(notes[:, 1] - notes[:, 0])
            crowds[sustained].append(keys_at_once(notes))
    notes = sum(own.notes for own in accounts)
    left, right = np.concatenate(pairs).transpose(1, 0, 2)
    onset, velocity = np.abs(left[:, 0] - right[:, 0]), np.abs(left[:, 3] - right[:, 3])
    length = np.abs((left[:, 1] - left[:, 0]) - (right[:, 1] - right[:, 0]))
    print(
        f"{name}: {len(files)} files, {notes} notes, {pedals} pedals; {len(files) / seconds:.0f} files per CPU second"
    )
    print(
        f"  notes left out {sum(own.dropped for own in accounts)}, merged {sum(own.merged for own in accounts)};",
        end="",
    )
    print(f" pedals lost {lost_pedals}; {rows / notes:.2f} rows a note")
    print(f"  onset, ms: mean error {1e3 * onset.mean():.1f}, largest {1e3 * onset.max():.1f}")
    print(
        f"  duration, ms: mean error {1e3 * length.mean():.1f}, 99 in 100 below {1e3 * np.quantile(length, 0.99):.0f}"
    )
    print(f"  velocity: mean error {velocity.mean():.2f}, largest {velocity.max():.0f}")
    for what, own, crowd in zip(("keys alone", "with the pedal as durations"), lengths, crowds, strict=True):
        crowded = (np.concatenate(crowd) > FINGERS).mean()
        print(f"  {what}: median duration {np.median(np.concatenate(own)):.2f} s, ", end="")
        print(f"more than {FINGERS} keys at once at {crowded:.1%} of the onsets")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", default=FOLDERS)
    parser.add_argument("--files", type=int, default=100)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    codec = NoteCodec(read_recipe(RECIPE, FAMILIES).codec)
    rng = np.random.default_rng(1)
    for name in asked.folders:
        files = find_midi_files(Path(os.environ["COMPONIUM_DATA"]) / name)
        chosen = sorted(rng.choice(len(files), min(asked.files, len(files)), replace=False))
        report(name, [files[index] for index in chosen], codec)


if __name__ == "__main__":
    main()
