"""What threads that wait cost a training: notes a CPU-second with one thread and with several, spinning and asleep.

    COMPONIUM_DATA=... python benchmarks/training.py [--recipe recipes/pop-piano.toml] [--steps 12]

Each row is a process of its own, since OpenMP asks how to wait when it is loaded. ``componium train`` has threads
sleep while they wait (``OMP_WAIT_POLICY=PASSIVE``) unless the environment says otherwise. It matters where others use
the processors too: ``--busy`` keeps all of them busy meanwhile.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

RECIPE = Path(__file__).parent.parent / "recipes" / "pop-piano.toml"
WARM_UP = 2
ROWS = ((1, ""), (2, ""), (2, "PASSIVE"), (2, "ACTIVE"))


def measure(asked: argparse.Namespace) -> None:
    """Trains a few steps in this process and prints notes a CPU-second."""
    from componium.corpora import corpus_named
    from componium.models import FAMILIES
    from componium.training.preparation.prepare import prepare
    from componium.training.recipes import changed, read_recipe
    from componium.training.trainer import Run, Silent, Trainer

    class Stopwatch(Silent):
        seconds = 0.0

        def on_step(self, step: int, steps: int, figures: Mapping[str, float]) -> None:  # noqa: ARG002
            if step == WARM_UP:
                self.seconds = -time.process_time()
            if step == steps:
                self.seconds += time.process_time()

    settings = {"training.steps": asked.steps + WARM_UP, "training.threads": asked.threads}
    recipe = changed(read_recipe(asked.recipe, FAMILIES), settings, FAMILIES)
    folder = Path(os.environ["COMPONIUM_DATA"]) / recipe.corpus
    dataset = prepare(corpus_named(recipe.corpus), folder, recipe.preparation, asked.cache)
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as run:
        trainer = Trainer(recipe, dataset, Run(Path(run)), FAMILIES)
        notes = sum(int(trainer.batches.excerpts(step)["is_note"].sum()) for step in range(WARM_UP, trainer.steps))
        trainer.train(watch)
    print(f"{notes / watch.seconds:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    parser.add_argument("--busy", action="store_true", help="a process that computes on every processor meanwhile")
    parser.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    if asked.threads:
        measure(asked)
        return
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)] if asked.busy else []
    print("| threads | OMP_WAIT_POLICY | notes a CPU-second |\n|---|---|---|", flush=True)
    try:
        for threads, policy in ROWS:
            environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
            environment |= {"OMP_WAIT_POLICY": policy} if policy else {}
            own = [sys.executable, __file__, *sys.argv[1:], "--threads", str(threads)]
            done = subprocess.run(own, env=environment, capture_output=True, text=True, check=True)
            print(f"| {threads} | {policy or 'not set'} | {done.stdout.split()[-1]} |", flush=True)
    finally:
        for other in others:
            other.kill()


if __name__ == "__main__":
    main()
