"""How probable are parallel fifths and octaves to a network over cells, where Bach wrote none?

    COMPONIUM_DATA=... python benchmarks/parallels.py [--model chorales] [--corpus jsb_chorales_music21] [--moves 50]

Of each validation chorale some moves are drawn: a lower voice changes its pitch together with another voice. The note
that it moves to is hidden, all else is known, and the probabilities are summed of the pitches that would be parallels:
from a perfect fifth, octave or unison to another such interval of the same kind, in the same direction. Beside it
stands the share of moves at which Bach wrote such a pitch.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import chorales
import numpy as np
import torch
from numpy.typing import NDArray

from componium.artifacts import load_artifact
from componium.composing.constraints.parallels import PERFECT
from componium.models.brnn import BrnnConfig, BrnnModule
from componium.models.networks.cells.excerpts import CellExcerpts
from componium.representations.columns import N_PITCHES
from componium.representations.lines import SILENT


class Move(NamedTuple):
    """A voice moves to another pitch together with another voice: its first step on the new pitch, and its part."""

    step: int
    part: int


def moves_of(pitch: NDArray[np.int64]) -> list[Move]:
    """The moves of the voices under the soprano, of pitches (S, parts)."""
    changes = (pitch[1:] != pitch[:-1]) & (pitch[1:] < SILENT) & (pitch[:-1] < SILENT)
    together = changes & (changes.sum(axis=1, keepdims=True) > 1)
    return [Move(int(step) + 1, int(part)) for step, part in zip(*np.nonzero(together), strict=True) if part]


def parallel_pitches(pitch: NDArray[np.int64], move: Move) -> NDArray[np.bool_]:
    """Which pitches of the voice would be parallels with another one, shape (128,)."""
    before, here = pitch[move.step - 1], pitch[move.step]
    own, pitches = before[move.part], np.arange(N_PITCHES)
    found = np.zeros(N_PITCHES, bool)
    for part, (theirs, now) in enumerate(zip(before, here, strict=True)):
        if part != move.part and max(theirs, now) < SILENT and theirs != now and abs(own - theirs) % 12 in PERFECT:
            same_interval = np.abs(pitches - now) % 12 == np.abs(own - theirs) % 12
            found |= same_interval & (np.sign(pitches - own) == np.sign(now - theirs))
    return found


def probabilities(module: BrnnModule, piece: CellExcerpts, move: Move) -> NDArray[np.float64]:
    """The probability of each pitch where the voice moves to, its note hidden, shape (128,)."""
    line = piece.pitch[0, :, move.part]
    ends = np.flatnonzero(line[move.step :] != line[move.step])
    hidden = np.zeros(piece.pitch.shape, bool)
    hidden[0, move.step : move.step + int(ends[0]) if len(ends) else None, move.part] = True
    return module.probabilities(piece, hidden)[0, :N_PITCHES]


def main() -> None:
    """Prints both shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="chorales")
    parser.add_argument("--corpus", default="jsb_chorales_music21")
    parser.add_argument("--moves", type=int, default=50, help="of each chorale")
    options = parser.parse_args()
    artifact = load_artifact(options.model)
    config = BrnnConfig.model_validate(artifact.manifest.recipe["model"])
    module = BrnnModule(config, artifact).judged_through(artifact).eval()
    assert isinstance(module, BrnnModule)
    rng = np.random.default_rng(0)
    chances: list[float] = []
    written: list[bool] = []
    with torch.no_grad():
        for _, piece in chorales.held_out(artifact, options.corpus):
            pitch = piece.pitch[0]
            moves = moves_of(pitch)
            for number in rng.permutation(len(moves))[: options.moves]:
                move = moves[number]
                parallel = parallel_pitches(pitch, move)
                chances.append(float(probabilities(module, piece, move)[parallel].sum()))
                written.append(bool(parallel[pitch[move]]))
    print(f"{artifact.manifest.name}: {len(chances)} moves of validation chorales")
    print(f"probability of parallels {np.mean(chances):.4f}, share that Bach wrote {np.mean(written):.4f}")


if __name__ == "__main__":
    main()
