"""Composing: a process from start to file, notes per second of one stream and of a batch, beside torch eager.

    python benchmarks/composing.py [--model pop-piano]
    python benchmarks/composing.py --each [COMPOSER | RECIPE.toml ...]

Prints CPU seconds beside wall seconds; on a busy machine only the former and the ratios mean something. "Steps alone"
leaves out constraints and bookkeeping; it runs the artifact, and a network of its recipe in single
precision and in torch eager, with the same draws; not of composers with conditions, nor of those that do not write note
by note. Needs the extra ``train``.

``--each`` prints a row for every composer at hand, then for those that are named, then for untrained networks of
recipes: notes per CPU second of one thread, the best of three seeds, of pieces of 16 bars from the request to the last
note, one piece and sixteen, one candidate each; and of the two step graphs alone, where there are such.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from untrained import untrained

from componium.artifacts import Artifact, artifact_folders, load_artifact, save_artifact
from componium.composing.compose import compose, stream
from componium.composing.requests import make_request
from componium.features.feature_set import FeatureConfig
from componium.features.repeat_pointer import N_COLUMNS
from componium.models import FAMILIES
from componium.models.exporting.sampling import SAMPLE, Controls, choose
from componium.models.networks.note_network import NoteNetwork
from componium.onnx_sessions import open_session
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.training.recipes import read_recipe

# A child counts the memory of the process that it was forked from: so a small one stands between.
_MEASURED = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, capture_output=True)
wall, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)
"""


def measure_process(model: str) -> None:
    """CPU and wall seconds and peak memory of ``componium compose --bars 32``, best of three."""
    rows = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "componium", "compose", "--model", model, "--bars", "32", "--seed", "1"]
            command = [sys.executable, "-c", _MEASURED, *command, "-o", str(Path(folder) / "x.mid")]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            rows.append(tuple(map(float, told.split())))
    cpu, wall, memory = min(rows)
    print(f"process, 32 bars to .mid       {cpu:8.2f} s CPU {wall:8.2f} s wall {memory:8.0f} MB  (goal 1.5 s, 250 MB)")


def measure_whole(artifact: Artifact, count: int, goal: int) -> None:
    """Notes per CPU second everything included, best of three seeds.

    Pieces of equal bars have unequal numbers of notes: a batch shrinks as they end. "While all go on" stops with the
    first one that does.
    """
    compose(artifact, make_request(bars=1, count=count, seed=0, best_of=1))
    until_first, until_last = [], []
    for seed in range(3):
        request = make_request(bars=32, count=count, seed=seed, best_of=1)
        pieces = [note.piece for note in stream(artifact, request)]
        first_end = min({piece: place for place, piece in enumerate(pieces)}.values())
        for rates, notes in ((until_first, first_end), (until_last, len(pieces))):
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in islice(stream(artifact, request), notes):
                pass
            rates.append((notes / (time.process_time() - cpu), notes / (time.perf_counter() - wall)))
    for what, rates in (("while all go on ", until_first), ("to the last end ", until_last)):
        cpu, wall = max(rates)
        print(f"composing, batch of {count:2}, {what} {cpu:8.0f} notes/s CPU {wall:8.0f} wall  (goal {goal})")


def fp32_and_network(artifact: Artifact, folder: Path) -> tuple[Artifact, NoteNetwork]:
    """An artifact in single precision, and its torch network, of the same shape as the given one."""
    recipe = artifact.manifest.recipe
    family = FAMILIES[artifact.manifest.family]
    torch.manual_seed(0)
    # Speed does not depend on the values of the weights, only on their shapes.
    module = family.make(family.config.model_validate(recipe["model"]), artifact)
    exported = family.export(module, folder, "fp32")
    manifest = artifact.manifest.model_copy(update={"signature": exported.signature})
    return save_artifact(folder, exported.files, manifest, folder / "fp32"), module.network.eval()


def inputs_of(artifact: Artifact, count: int) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Inputs of the two step graphs, all attributes sampled, top-p on."""
    sizes = artifact.codec.sizes
    flat, whole = np.float32, np.int64

    def controls(n: int) -> dict[str, NDArray[Any]]:
        return {
            "given": np.full((count, n), -1, whole),
            "temperature": np.ones((count, n), flat),
            "top_p": np.full((count, n), 0.98, flat),
            "uniform": np.full((count, n), 0.5, flat),
        }

    place, recalled = np.zeros((count, 3), whole), np.ones((count, N_COLUMNS), whole)
    when = {
        "row": np.zeros((count, 5), whole), "place": place, "recalled": recalled,
        "state": np.zeros((count, artifact.number("state_size")), flat),
        "shift_weights": np.zeros((count, sizes.shift), flat), **controls(1),
    }  # fmt: skip
    what = {
        "place": place, "recalled": recalled, "part_weights": np.zeros((count, sizes.part), flat),
        "pitch_weights": np.zeros((count, sizes.part, sizes.pitch), flat),
        "duration_weights": np.zeros((count, sizes.duration), flat),
        "velocity_weights": np.zeros((count, sizes.velocity), flat), **controls(4),
    }  # fmt: skip
    return when, what


def graph_steps(artifact: Artifact, count: int) -> Callable[[int], None]:
    """Runs the two step graphs a number of times, each from what the one before gave."""
    when, what = (open_session(artifact.file(role)) for role in ("when", "what"))
    when_inputs, what_inputs = inputs_of(artifact, count)

    def run(steps: int) -> None:
        for _ in range(steps):
            shift, hidden, when_inputs["state"] = when.run(None, when_inputs)
            (values,) = what.run(None, {"shift": shift, "hidden": hidden, **what_inputs})
            when_inputs["row"] = np.concatenate((shift, values), axis=1)

    return run


def torch_steps(network: NoteNetwork, artifact: Artifact, count: int) -> Callable[[int], None]:
    """The same in torch eager on one thread."""
    torch.set_num_threads(1)
    sizes = network.sizes
    place, recalled = torch.zeros(count, 3, dtype=torch.long), torch.ones(count, N_COLUMNS, dtype=torch.long)
    ones = torch.ones(count, 1)

    def draw(logits: Tensor, attribute: int) -> Tensor:
        weights = torch.zeros(count, sizes[attribute])
        free = torch.full((count, 1), SAMPLE)
        return choose(logits, Controls(free, ones, ones * 0.98, weights, ones * 0.5))

    def run(steps: int) -> None:
        row = torch.zeros(count, 5, dtype=torch.long)
        state = torch.zeros(count, artifact.number("state_size"))
        with torch.inference_mode():
            for _ in range(steps):
                hidden, state = network.step(row, place, recalled, state)
                values = [draw(network.shift_logits(hidden, recalled), SHIFT)]
                known = network.land(hidden, values[SHIFT], place, recalled)
                for attribute in (PART, PITCH, DURATION, VELOCITY):
                    values.append(draw(network.attribute_logits(known, attribute, recalled), attribute))
                    if attribute != VELOCITY:
                        known = network.tell(known, attribute, values[-1], recalled)
                row = torch.cat(values, 1)

    return run


def steps_per_second(run: Callable[[int], None], count: int, steps: int = 200) -> float:
    """Notes per CPU second of both steps alone, best of five."""
    run(20)
    best = 0.0
    for _ in range(5):
        cpu = time.process_time()
        run(steps)
        best = max(best, steps * count / (time.process_time() - cpu))
    return best


def measure_steps(name: str, run: Callable[[int], None], count: int) -> float:
    """Notes per CPU second of both steps alone; prints and returns them."""
    best = steps_per_second(run, count)
    print(f"steps alone, {name:11} batch {count:2}  {best:8.0f} notes/s CPU", flush=True)
    return best


def has_plain_steps(artifact: Artifact) -> bool:
    """Whether :func:`inputs_of` are all that its step graphs read."""
    manifest = artifact.manifest
    is_plain = manifest.conditioning.is_empty and manifest.features == FeatureConfig()
    return manifest.procedure == "note-by-note" and is_plain


def notes_per_second(artifact: Artifact, count: int) -> float:
    """Notes per CPU second of so many pieces of 16 bars, everything included, best of three seeds."""
    rates = []
    for seed in range(3):
        cpu = time.process_time()
        n_notes = sum(1 for _ in stream(artifact, make_request(bars=16, count=count, seed=seed, best_of=1)))
        rates.append(n_notes / (time.process_time() - cpu))
    return max(rates)


def print_row(artifact: Artifact) -> None:
    """Prints how fast a composer is in one piece and in sixteen, whole and its step graphs alone."""
    for _ in stream(artifact, make_request(bars=1, seed=0, best_of=1)):
        pass
    whole = [f"{notes_per_second(artifact, count):.0f}" for count in (1, 16)]
    has_steps = has_plain_steps(artifact)
    steps = [f"{steps_per_second(graph_steps(artifact, n), n):.0f}" if has_steps else "" for n in (1, 16)]
    print(f"| {' | '.join((artifact.manifest.name, artifact.manifest.family, *whole, *steps))} |", flush=True)


def print_rows(named: list[str]) -> None:
    """Prints a row for every composer at hand, and for those that are named, by artifact or by recipe."""
    print("| composer | family | one piece | sixteen | step graphs, one | sixteen |\n|---|---|---|---|---|---|")
    for composer in (*artifact_folders(), *(own for own in named if not own.endswith(".toml"))):
        print_row(load_artifact(composer))
    for recipe in (own for own in named if own.endswith(".toml")):
        with tempfile.TemporaryDirectory() as folder:
            print_row(untrained(read_recipe(Path(recipe), FAMILIES), Path(folder))[0])


def measure_first_bar(artifact: Artifact) -> None:
    """How long a stream of 32 bars takes to its first note of the second, in a process that is warm; worst of five."""
    bar = 4 * artifact.codec.ticks_per_quarter
    for best_of, goal in ((1, 300), (8, 1000)):
        worst = 0.0
        for seed in range(1, 6):
            request = make_request(bars=32, seed=seed, best_of=best_of)
            start = time.perf_counter()
            next(note for note in stream(artifact, request) if note.onset >= bar)
            worst = max(worst, time.perf_counter() - start)
        print(f"the first bar, best of {best_of}, warm, at most {1000 * worst:.0f} ms (goal {goal})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pop-piano")
    parser.add_argument(
        "--each", nargs="*", metavar="COMPOSER", help="a row for each composer, these and those at hand"
    )
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if asked.each is not None:
        print_rows(asked.each)
        return
    model = asked.model
    artifact = load_artifact(model)
    print(f"{artifact.manifest.name}: {artifact.size / 1e6:.2f} MB (goal 8)")
    measure_process(model)
    for count, goal in ((1, 3500), (16, 15000)):
        measure_whole(artifact, count, goal)
    measure_first_bar(artifact)
    if not has_plain_steps(artifact):
        return
    with tempfile.TemporaryDirectory() as folder:
        single, network = fp32_and_network(artifact, Path(folder))
        for count in (1, 16):
            ours = measure_steps(str(artifact.manifest.signature["precision"]), graph_steps(artifact, count), count)
            exact = measure_steps("fp32", graph_steps(single, count), count)
            other = measure_steps("torch eager", torch_steps(network, single, count), count)
            print(f"batch of {count:2}: as shipped {ours / other:.1f}, fp32 {exact / other:.1f} times torch eager")


if __name__ == "__main__":
    main()
