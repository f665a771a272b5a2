"""What moving voices to other instruments in training gives: held-out pieces as they are written, and moved.

    COMPONIUM_DATA=... python benchmarks/orchestration.py [--every 5] [ARTIFACT ...]

Every so manieth validation piece of the artifact's recipe, bits per note of both with 95 % intervals over pieces; the
network is told the style and who plays. A band that has seen every piece as it is written alone is trained by the
recipe with ``variants = 0`` in each source; ``componium train`` writes its artifact.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from componium import likelihood
from componium.artifacts import Artifact, load_artifact
from componium.corpora import corpus_named
from componium.corpora.instrumentation import as_written, voices_of
from componium.corpora.splits import split_of
from componium.errors import ComponiumError
from componium.representations.columns import ATTRIBUTES
from componium.representations.note_events import EncodedNotes
from componium.training.preparation.orchestration import Orchestration, orchestrated
from componium.training.preparation.sources import Source


def read(artifact: Artifact, data: Path, every: int) -> tuple[list[EncodedNotes], list[EncodedNotes]]:
    """The pieces as they are written, and moved to random instruments."""
    sources = [Source.model_validate(own) for own in artifact.manifest.recipe["sources"]]
    pieces = [
        (source, piece)
        for source in sources
        if not source.drums
        for piece in corpus_named(source.corpus).find(data / source.place)
        if split_of(piece.work) == "validation"
    ]
    written, moved = [], []
    for seed, (source, piece) in enumerate(pieces[::every]):
        try:
            score = voices_of(corpus_named(source.corpus).read(piece))
            freely = orchestrated(score, np.random.default_rng(seed), Orchestration(solo=0.0, named=source.parts))
            both = [artifact.codec.encode(own) for own in (as_written(score, source.parts), freely)]
        except ComponiumError:
            continue
        written.append(both[0])
        moved.append(both[1])
    return written, moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifacts", nargs="*", default=["band"])
    parser.add_argument("--every", type=int, default=5)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    print(f"| | pieces | whole | {' | '.join(ATTRIBUTES)} |\n|{'---|' * (3 + len(ATTRIBUTES))}")
    for name in asked.artifacts:
        artifact = load_artifact(name)
        scorer = likelihood.scorer_of(artifact)
        assert scorer is not None, "a band has a likelihood"
        both = read(artifact, Path(os.environ["COMPONIUM_DATA"]), asked.every)
        for how, pieces in zip(("as written", "moved"), both, strict=True):
            figures = likelihood.summary(*likelihood.score_pieces(scorer, pieces))
            interval = f"[{figures['bits_per_note_low']:.2f}, {figures['bits_per_note_high']:.2f}]"
            own = " | ".join(f"{figures[f'{attribute}_bits']:.3f}" for attribute in ATTRIBUTES)
            whole = f"{figures['bits_per_note']:.3f} {interval}"
            print(f"| {artifact.manifest.name}, {how} | {len(pieces)} | {whole} | {own} |", flush=True)


if __name__ == "__main__":
    main()
