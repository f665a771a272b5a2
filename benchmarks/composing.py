"""Composing: a process from start to file, notes per second of one stream and of a batch, beside torch eager.

    python benchmarks/composing.py [--model pop-piano]

Prints CPU seconds beside wall seconds; on a busy machine only the former and the ratios mean something. The torch rows
(extra ``train``) run the same weights, read back from the artifact's recipe, with the same draws in Python.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from componium.artifacts import Artifact, load_artifact
from componium.composing.door import compose
from componium.composing.requests import make_request


def measure_process(model: str) -> None:
    """CPU and wall seconds and peak memory of ``componium compose --bars 32``, best of three."""
    rows = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "componium", "compose", "--model", model, "--bars", "32", "--seed", "1"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            subprocess.run([*command, "-o", str(Path(folder) / "x.mid")], check=True, capture_output=True)
            wall = time.perf_counter() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            rows.append((cpu, wall, after.ru_maxrss / 1024))
    cpu, wall, memory = min(rows)
    print(f"process, 32 bars to .mid       {cpu:8.2f} s CPU {wall:8.2f} s wall {memory:8.0f} MB  (goal 1.5 s, 250 MB)")


def measure_artifact(artifact: Artifact, count: int, goal: int) -> float:
    """Notes per CPU second through the one door, everything included, best of three."""
    compose(artifact, make_request(bars=1, count=count, seed=0))
    best = 0.0
    for seed in range(3):
        cpu, wall = time.process_time(), time.perf_counter()
        notes = sum(c.score.n_notes for c in compose(artifact, make_request(bars=32, count=count, seed=seed)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        best = max(best, notes / cpu)
    precision = artifact.manifest.signature.get("precision", "")
    print(
        f"{precision:5} batch of {count:2}              {best:8.0f} notes/s CPU {notes / wall:8.0f} wall  (goal {goal})"
    )
    return best


def fp32_and_network(artifact: Artifact, folder: Path):
    """An artifact in single precision, and its torch network, of the same shape as the given one."""
    import torch

    from componium.models import FAMILIES

    recipe = artifact.manifest.recipe
    family = FAMILIES[artifact.manifest.family]
    torch.manual_seed(0)
    # Speed does not depend on the values of the weights, only on their shapes.
    module = family.make(family.config.model_validate(recipe["model"]), artifact.representation)
    exported = family.export(module, folder, "fp32")
    from componium.artifacts import save_artifact

    manifest = artifact.manifest.model_copy(update={"signature": exported.signature})
    return save_artifact(folder, exported.files, manifest, folder / "fp32"), module.network.eval()


def measure_torch(network, count: int, steps: int = 200) -> float:
    """Notes per CPU second of torch eager on one thread: the same two steps, all attributes sampled, top-p on."""
    import torch

    from componium.models.sampling import Controls, choose

    torch.set_num_threads(1)
    sizes = network.sizes
    network.backbone.set_exporting(scan_depth=0)

    def controls(n: int) -> Controls:
        ones = torch.ones(count)
        return Controls(torch.full((count,), -1), ones, ones * 0.98, torch.zeros(count, n), torch.rand(count))

    def run(steps: int) -> None:
        row, place = torch.zeros(count, 5, dtype=torch.long), torch.zeros(count, 3, dtype=torch.long)
        recalled = torch.ones(count, 6, dtype=torch.long)
        state = torch.zeros(count, network.state_size)
        for _ in range(steps):
            hidden, state = network.advance(row[None], place[None], recalled[None], state)
            shift = choose(network.shift_logits(hidden[0], recalled), controls(sizes.shift)).value
            known = network.land(hidden[0], shift, place, recalled)
            values = [shift]
            for attribute in range(1, 5):
                value = choose(network.attribute_logits(known, attribute, recalled), controls(sizes[attribute])).value
                values.append(value)
                if attribute < 4:
                    known = network.tell(known, attribute, value, recalled)
            row = torch.stack(values, 1)

    with torch.inference_mode():
        run(10)
        cpu = time.process_time()
        run(steps)
        rate = steps * count / (time.process_time() - cpu)
    network.backbone.set_exporting(scan_depth=None)
    print(f"torch eager, batch of {count:2}        {rate:8.0f} notes/s CPU")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pop-piano")
    model = parser.parse_args().model
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    artifact = load_artifact(model)
    print(f"{artifact.manifest.name}: {artifact.size / 1e6:.2f} MB (goal 8)")
    measure_process(model)
    rates = {("int8", n): measure_artifact(artifact, n, goal) for n, goal in ((1, 3500), (16, 15000))}
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        print("torch is not installed: no comparison")
        return
    with tempfile.TemporaryDirectory() as folder:
        single, network = fp32_and_network(artifact, Path(folder))
        rates |= {("fp32", n): measure_artifact(single, n, 0) for n in (1, 16)}
        rates |= {("torch", n): measure_torch(network, n) for n in (1, 16)}
    for n in (1, 16):
        ours, other = rates["int8", n], rates["torch", n]
        print(f"batch of {n:2}: int8 {ours / other:.1f} times torch eager, fp32 {rates['fp32', n] / other:.1f} times")


if __name__ == "__main__":
    main()
