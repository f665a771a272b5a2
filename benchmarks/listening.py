"""Twelve pieces for docs/listening.md: seeds 1 to 12, nothing else asked for, none picked.

    python benchmarks/listening.py [--model band] [--sound] docs/listening

Writes a roll, NN.png, an engraved score, NN.svg, and with --sound NN.ogg into the folder, and prints the rows of the
page's table.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import decimate

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.plans import make_plan
from componium.composing.requests import make_request
from componium.rendering.files import write_score
from componium.score import Score, duration_seconds, estimate_key, n_bars


def write_small(score: Score, path: Path) -> None:
    """Writes audio for a repository: one channel of half the usual rate, as small as Vorbis makes it."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.wav"
        write_score(score, whole)
        samples, rate = soundfile.read(whole)
    halved = np.clip(decimate(samples.mean(axis=1), 2), -1, 1)
    soundfile.write(path, halved, rate // 2, format="OGG", subtype="VORBIS", compression_level=0.9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="band")
    parser.add_argument("--sound", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    artifact = load_artifact(asked.model)
    print("| seed | style | instruments | key | bars | notes | seconds | |\n|---|---|---|---|---|---|---|---|")
    for seed in range(1, 13):
        request = make_request(seed=seed)
        style = make_plan(artifact, request).style_name
        score = compose(artifact, request)[0].score
        for ending in ("png", "svg"):
            write_score(score, asked.folder / f"{seed:02}.{ending}")
        if asked.sound:
            write_small(score, asked.folder / f"{seed:02}.ogg")
        key = estimate_key(score)
        names = ", ".join(track.name for track in score.tracks)
        files = f"[roll]({asked.folder.name}/{seed:02}.png), [score]({asked.folder.name}/{seed:02}.svg)"
        if asked.sound:
            files += f", [sound]({asked.folder.name}/{seed:02}.ogg)"
        name = "-" if key is None else key.name
        size = f"{n_bars(score)} | {score.n_notes} | {duration_seconds(score):.0f}"
        print(f"| {seed} | {style} | {names} | {name} | {size} | {files} |")


if __name__ == "__main__":
    main()
