"""Predicts pitch and duration of the next word in classical MIDI files: chains, and the LSTM of ``pitch-duration``.

After the project on "3,029 classical MIDI songs": accuracy of about 43 % for pitch and 76 % for duration, its split not
stated. Here every figure stands under three splits:

* *by window*: blocks of 32 words are held out, a tenth of them. Music before and after them, and every repeat of them,
  is training music: what is measured is how well it is remembered.
* *by file*: a tenth of the files. One in six is a training piece again, sequenced by someone else.
* *by work*: of those the files that share at most a tenth of their runs of 16 words with training files.

Another twentieth validates. Targets with at least 32 words before them are charged; padding and rests never are.

    python benchmarks/pitch_duration.py DATA [--folder FOLDER] [--rows NAME ...]

writes figures, one file of JSON a row, and prints the table. What is there is not computed again, and a training that
was ended goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from classical_words import CONTEXT, SPLITS, Events, Files, HeldOutBatches, SplitKind, seen_by_our_splits
from numpy.typing import NDArray
from witten_bell import Chances, chances_by_order

from componium.formats.midi import read_midi
from componium.likelihood import interval_over_works
from componium.models.pitch_duration import PitchDurationConfig, PitchDurationModule
from componium.training.batches import BatchConfig

ORDERS = (3, 4, 5, 8, 12)
KINDS: tuple[SplitKind, ...] = ("window", "file", "work")
TEST, VALIDATION = SPLITS.index("test"), SPLITS.index("validation")
EXCERPT, BATCH = 160, 64
WHOLE = 16_384
SAVE_SECONDS = 60
COLUMNS = ("pitch", "duration")
REACHED = 0.43, 0.76


@dataclass(frozen=True)
class Row:
    """A training.

    Attributes:
        kind: by what its held-out words are held out; files left out by work train nothing either way.
        passes: over as many words as there are, at most.
        validate: whether it stops where its validation words reach the source's accuracies.
    """

    kind: SplitKind
    config: PitchDurationConfig
    passes: float
    stops: bool = False


def _as_the_source(width: int, **settings: Any) -> PitchDurationConfig:
    return PitchDurationConfig(width=width, context=CONTEXT, **{"learning_rate": 3e-3, "weight_decay": 0.0, **settings})


ROWS = {
    "lstm-128": Row("file", _as_the_source(128), 3),
    "lstm-128-lookback": Row("file", _as_the_source(128, lookback=True), 3),
    "lstm-256-window": Row("window", _as_the_source(256), 12, stops=True),
}


class Scores(NamedTuple):
    """Sums over the charged words of each file, shapes (files, 2), and how many they are, shape (files,)."""

    hits: NDArray[np.float64]
    bits: NDArray[np.float64]
    count: NDArray[np.float64]


def by_file(hits: NDArray[Any], bits: NDArray[Any], file: NDArray[np.int32], n_files: int) -> Scores:
    """Sums hits and bits (M, 2) of words over their files."""
    summed = [
        np.stack([np.bincount(file, own[:, column], minlength=n_files) for column in range(2)], axis=1)
        for own in (hits, bits)
    ]
    return Scores(*summed, np.bincount(file, minlength=n_files).astype(float))


def figures(scores: Scores) -> dict[str, Any]:
    """Accuracies and bits with their 95 % intervals over files."""
    kept = scores.count > 0
    count = scores.count[kept]
    found: dict[str, Any] = {"words": int(count.sum()), "files": int(kept.sum())}
    for name, sums in (("accuracy", scores.hits), ("bits", scores.bits)):
        for column, own in zip(COLUMNS, sums[kept].T, strict=True):
            low, high = interval_over_works(own, count, list(map(str, range(len(count))))) or (math.nan, math.nan)
            found[f"{column}_{name}"] = [round(float(value), 4) for value in (own.sum() / count.sum(), low, high)]
    return found


def chains(files: Files, events: Events, kind: SplitKind) -> dict[str, Any]:
    """The figures of majority, stratified, repeated and of chains on the test words of a split."""
    split = events.split(files, kind)
    asked = np.flatnonzero((split == TEST) & (events.place >= CONTEXT))
    training = np.flatnonzero(split == 0)
    truth = np.stack((events.pitch[asked], events.duration[asked]), axis=1).astype(np.int64)
    file, n_files = events.file[asked], len(files.names)
    nothing = np.full(truth.shape, np.nan)
    found: dict[str, Any] = {}

    def score(chances: Chances) -> Scores:
        hits = np.stack([own.argmax(axis=1) for own in chances], axis=1) == truth
        true = [np.take_along_axis(own, truth[:, [column]], 1)[:, 0] for column, own in enumerate(chances)]
        return by_file(hits, -np.log2(np.stack(true, axis=1)), file, n_files)

    for order, chances in chances_by_order(events, training, asked, max(ORDERS)):
        if order == 0:
            found["majority"] = figures(score(chances))
            own = np.stack([own[0, truth[:, column]] for column, own in enumerate(chances)], axis=1)
            found["stratified"] = figures(by_file(own, nothing, file, n_files))
            last = np.stack((events.pitch[asked - 1], events.duration[asked - 1]), axis=1)
            found["repeat last"] = figures(by_file(last == truth, nothing, file, n_files))
        if order in ORDERS:
            found[f"order {order}"] = figures(score(chances))
    return found


def train(row: Row, files: Files, folder: Path) -> tuple[PitchDurationModule, dict[str, float]]:
    """Trains, or goes on with what was begun; returns the module, and what it took."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    module = PitchDurationModule(row.config, files)  # pyright: ignore[reportArgumentType] - see Files.of
    batches = files.batches(row.kind, BatchConfig(batch_size=BATCH, window=EXCERPT, transpose=0, piece_notes=WHOLE), 1)
    steps = round(row.passes * batches.n_train_notes / (BATCH * EXCERPT))
    every = max(1, round(batches.n_train_notes / (BATCH * EXCERPT)))
    checkpoint, step, spent, reached = folder / "checkpoint.pt", 0, 0.0, False
    if checkpoint.exists():
        held: dict[str, Any] = torch.load(checkpoint, weights_only=True)
        module.load_training_state(held["module"])
        step, spent, reached = held["step"], held["spent"], held["reached"]
    began, saved = time.process_time(), time.monotonic()
    judged = _judged_files(files, row)
    while step < steps and not reached:
        module.train()
        # Twice as fast where the processor computes it; what is judged is in single precision.
        with torch.autocast("cpu", torch.bfloat16):
            figure = module.training_step(batches.excerpts(step), step / steps, torch.Tensor.backward)
        step += 1
        if step % every == 0 or step == steps:
            own = figures(evaluate(module, batches, judged, "validation"))
            cpu = spent + time.process_time() - began
            print(json.dumps({"pass": step / every, "cpu": round(cpu), **figure, **own}), flush=True)
            reached = row.stops and all(
                own[f"{column}_accuracy"][0] > least for column, least in zip(COLUMNS, REACHED, strict=True)
            )
        if time.monotonic() - saved > SAVE_SECONDS or step == steps or reached:
            cpu = spent + time.process_time() - began
            held = {"module": module.training_state(), "step": step, "spent": cpu, "reached": reached}
            torch.save(held, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)
            saved = time.monotonic()
    return module, {"cpu_seconds": spent + time.process_time() - began, "passes": step / every}


def _judged_files(files: Files, row: Row) -> list[int]:
    """Files that validate: by window a twentieth of each of a tenth of the files."""
    return files.indices("validation") if row.kind == "file" else list(range(0, len(files.names), 10))


def evaluate(module: PitchDurationModule, batches: HeldOutBatches, indices: list[int], split: Any) -> Scores:
    """Scores the words of a split in whole files."""
    n_files = int(batches.lines.piece.max()) + 1
    hits, bits, count = np.zeros((n_files, 2)), np.zeros((n_files, 2)), np.zeros(n_files)
    module.eval()
    with torch.no_grad():
        for own, batch in batches.files(indices, split):
            scored = module.scores(batch)
            hits[own] = scored.hits.sum(dim=0)
            bits[own] = scored.nats.double().sum(dim=0) / math.log(2)
            count[own] = scored.charged.sum(dim=0)
    return Scores(hits, bits, count)


def network_row(name: str, files: Files, folder: Path) -> dict[str, Any]:
    """Trains a row and judges it on its test words, by file also by work."""
    row, own = ROWS[name], folder / name
    own.mkdir(exist_ok=True)
    module, taken = train(row, files, own)
    batches = files.batches(row.kind, BatchConfig(piece_notes=WHOLE), 1)
    indices = list(range(len(files.names))) if row.kind == "window" else files.indices("test")
    scores = evaluate(module, batches, indices, "test")
    parameters = sum(own.numel() for own in module.network.parameters())
    found: dict[str, Any] = {"taken": taken, "parameters": parameters, row.kind: figures(scores)}
    if row.kind == "file":
        events = Events.of(files)
        left_out = np.unique(events.file[events.split(files, "work") == -1])
        scores.count[left_out] = 0
        found["work"] = figures(scores)
    return found


def about(files: Files, events: Events) -> dict[str, Any]:
    """The size of the set, what of it lies near its classes, and what of its leaks our own splits see."""
    left_out = np.unique(events.file[events.split(files, "work") == -1])
    return {
        "files": len(files.names),
        "words": len(events),
        **_off_grid(files),
        "left out by work": seen_by_our_splits(files, left_out.tolist()),
    }


def _off_grid(files: Files) -> dict[str, float]:
    """How many words there would be if a step were a tick, and the share of notes within 3 % of a duration class."""
    near = total = words = 0
    classes = np.array(files.representation.config.durations)
    for name in files.names:
        score = read_midi(files.data / name)
        for track in score.tracks:
            quarters = track.notes["duration"][:, None] / score.ticks_per_quarter
            near += int((np.abs(quarters / classes - 1) <= 0.03).any(axis=1).sum())
            words += len(np.unique(track.notes["onset"]))
            total += len(quarters)
    return {"words by tick": words, "near a class": near / total}


def main() -> None:
    """Computes what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder classical/ of crnngan_3451")
    parser.add_argument("--folder", type=Path, default=Path("runs/pitch-duration"), help="of arrays and figures")
    parser.add_argument("--rows", nargs="*", default=["about", *KINDS, *ROWS], help="what to compute")
    asked = parser.parse_args()
    files = Files.of(asked.data, asked.folder)
    for name, compute in _computed(files, asked.folder):
        target = asked.folder / f"{name}.json"
        if name in asked.rows and not target.exists():
            began = time.process_time()
            found = compute()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            found |= {"seconds": round(time.process_time() - began), "peak_mib": round(peak)}
            target.write_text(json.dumps(found, indent=1))
    print_tables(asked.folder)


def print_tables(folder: Path) -> None:
    """Prints what has been computed: a table of every split, with 95 % intervals over files."""
    found = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json") if path.stem != "files"}
    print(json.dumps(found.get("about", {}), indent=1))
    names = [f"{column}_{figure}" for figure in ("accuracy", "bits") for column in COLUMNS]
    for kind in KINDS:
        print("", f"| by {kind} | pitch | duration | bits of pitch | of duration |", "|---|---|---|---|---|", sep="\n")
        rows = {name: own for name, own in found.get(kind, {}).items() if isinstance(own, dict)}
        rows |= {name: found[name][kind] for name in ROWS if kind in found.get(name, {})}
        for name, own in rows.items():
            print(f"| {name} | " + " | ".join(_with_interval(own[figure]) for figure in names) + " |")
            words = f"{own['words']:,} words of {own['files']} files"
        if rows:
            print(words)
    for name in (*KINDS, *ROWS):
        if name in found:
            taken = found[name].get("taken", {}) | {"parameters": found[name].get("parameters")}
            print(name, f"{found[name]['seconds']} CPU s, at most {found[name]['peak_mib']} MiB", taken)


def _with_interval(own: list[float]) -> str:
    value, low, high = own
    return "" if math.isnan(value) else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _computed(files: Files, folder: Path) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    yield "about", lambda: about(files, Events.of(files))
    for kind in KINDS:
        yield kind, lambda kind=kind: chains(files, Events.of(files), kind)
    for name in ROWS:
        yield name, lambda name=name: network_row(name, files, folder)


if __name__ == "__main__":
    main()
