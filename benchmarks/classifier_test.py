"""Can a classifier tell what a composer makes from human music? Held-out excerpts of 8 bars, style by style.

    COMPONIUM_DATA=... python benchmarks/classifier_test.py [--model band] [--styles chorale folk pop] [--best-of 1 8]
        [--draws 3] [--least 300] [--most 600] [--bars 32] [--seed 1] [--development] [--top-p .98]
        [--with-notes] [--with-ngram] [--detail] [--processes 2]

Both sides, and how each excerpt gets its counterpart: ``paired_excerpts.py``. Counterparts are composed ``--draws``
times with seeds of their own, and for each ``--best-of`` with so many candidates; of one draw in the same folds.

A judge is judged on excerpts of works that it has not seen, five folds, three times over (``classifier/judges.py``).
``all features``: of gradient boosting and a network on the features of :mod:`componium.evaluation.classifier_test` the
better one, which is found within what it learns from. ``metrics and histograms``: boosting on these alone, without
descriptors. ``notes``: a recurrent network on the notes (torch), with ``--with-notes``. ``area`` is that under the ROC
curve, .5 for excerpts that nothing tells apart; ``caught`` the share of the composed excerpts that score higher than
nine in ten human ones; ``gained`` the area less that of the first ``--best-of``, below 0 where choosing helps.
Intervals: 95 %, works and draws resampled (:mod:`componium.evaluation.classifier_test.resampling`).

``--with-ngram``: an area counts only where the same judge, trained on them, catches nine in ten excerpts of the n-gram
that composed for the same requests, counted on the training pieces of the style. It says so below the table.

What must come out at .5: ``second humans``, half of the human works taken for composed; and ``exchanged``, human and
composed exchanged in every other work, by chance. Both are means over two draws, with their range.

Beside areas: means of figures in which musicians ask, of whole pieces, and how different excerpts are
(``classifier/figures.py``), with the same intervals. ``--detail`` adds what gives the excerpts away, of the first draw;
in its learning curve an area that still rises by more than .01 in the last step is a lower bound.

With ``--development`` the human pieces are training pieces, and the area is for choosing settings by: what a composer
has learned from is not what it is judged on. Features, learners and their settings were chosen there.
"""

from __future__ import annotations

import os

# Before numpy is imported: small models are slower on two threads than on one.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from classifier.figures import piece_rows, variety_rows
from classifier.judges import BEFORE, ON_NOTES, STRONG, Judge, Side, nulls, separation
from classifier.workers import Workers
from numpy.typing import NDArray
from paired_excerpts import (
    EXCERPT_BARS,
    Pair,
    Style,
    counterpart_bars,
    cut,
    human_of,
    markov,
    pairs_of,
    read_style,
    request_like,
)

from componium.artifacts import Artifact, load_artifact
from componium.evaluation.classifier_test.resampling import estimate_of
from componium.representations.note_codec import NoteCodec
from componium.score import Score

DEVELOPMENT_PIECES = 120
COUNTS = 0.9


class Material(NamedTuple):
    """Human pieces of a style, where their excerpts lie, the work of each excerpt, and what was composed.

    Attributes:
        pieces: by the name of the composer and draw, from human piece to counterpart.
        human: features of the human excerpts.
        composed: features of the composed ones, by the name of the composer.
    """

    style: Style
    pairs: list[Pair]
    group: NDArray[np.int64]
    pieces: Mapping[str, Sequence[Mapping[int, Score]]]
    human: Side
    composed: Mapping[str, Side]


def spent(workers: Workers) -> float:
    """Seconds of processor time, of this process and of its workers."""
    return time.process_time() + workers.seconds


def of_training(artifact: Artifact, style: Style, count: int, seed: int) -> Style:
    """The style with so many training pieces, by chance, for its held-out ones."""
    found = style.training.pieces["train"]
    drawn = np.random.default_rng(seed).permutation(len(found))[:count]
    return replace(style, humans=tuple(human_of(artifact, found[i]) for i in drawn))


def composed_pieces(
    workers: Workers, artifact: Artifact, style: Style, chosen: Sequence[int], best_of: int, asked: argparse.Namespace
) -> list[dict[int, Score]]:
    """What a composer makes for some human pieces, draw by draw."""
    requests = [
        request_like(
            artifact,
            style.name,
            style.humans[i],
            counterpart_bars(style.humans[i], asked.bars),
            1_000_000 * draw + 10_000 * asked.seed + i,
            best_of=best_of,
            top_p=asked.top_p,
        )
        for draw in range(asked.draws)
        for i in chosen
    ]
    made = workers.composed(requests)
    return [
        dict(zip(chosen, made[start : start + len(chosen)], strict=True)) for start in range(0, len(made), len(chosen))
    ]


def measured(workers: Workers, codec: NoteCodec, excerpts: Sequence[list[Score]], *, notes: bool) -> Side:
    """Features of excerpts, draw by draw, and their notes where these are judged."""
    rows: list[object] = []
    if notes:
        from note_network import notes_of

        rows = [notes_of(codec, own) for own in excerpts]
    return Side([workers.features(own) for own in excerpts], rows)


def gather(workers: Workers, artifact: Artifact, style: Style, asked: argparse.Namespace) -> Material:
    """Composes and measures all that is judged of a style."""
    pairs, hop = pairs_of(style, asked.bars, asked.least, asked.most, asked.seed)
    chosen = sorted({pair.human for pair in pairs})
    works = {work: i for i, work in enumerate(sorted({style.humans[i].work for i in chosen}))}
    group = np.array([works[style.humans[pair.human].work] for pair in pairs])
    print(
        f"\n**{style.name}**: {len(pairs)} human excerpts, {hop} bars apart, of {len(chosen)} pieces of "
        f"{len(works)} works, {asked.draws} draws",
        flush=True,
    )
    pieces: dict[str, list[dict[int, Score]]] = {}
    if asked.ngram:
        with tempfile.TemporaryDirectory() as scratch:
            baseline = markov(artifact, style, Path(scratch) / "markov")
            others = Workers(baseline.folder, asked.processes)
            pieces["n-gram"] = composed_pieces(others, baseline, style, chosen, 1, asked)
            workers.seconds += others.seconds
            others.close()
    for best_of in asked.best_of:
        clock = spent(workers)
        name = named(artifact, best_of)
        pieces[name] = composed_pieces(workers, artifact, style, chosen, best_of, asked)
        print(
            f"{name}: {asked.draws * len(chosen)} pieces composed in {spent(workers) - clock:.0f} CPU-seconds",
            flush=True,
        )
    clock = spent(workers)
    people = cut({i: style.humans[i].score for i in chosen}, pairs)
    human = measured(workers, artifact.codec, [people], notes=asked.notes)
    composed = {
        name: measured(workers, artifact.codec, [cut(own, pairs) for own in draws], notes=asked.notes)
        for name, draws in pieces.items()
    }
    print(f"excerpts measured in {spent(workers) - clock:.0f} CPU-seconds", flush=True)
    return Material(style, pairs, group, pieces, human, composed)


def named(artifact: Artifact, best_of: int) -> str:
    """A composer as tables name it, with a column for how many candidates were ranked."""
    return f"{artifact.manifest.name} | {best_of}"


def judged(workers: Workers, own: Material, judges: Sequence[Judge], names: Sequence[str]) -> list[str]:
    """The rows of the table of areas; ``names``: composers, the first one those are compared with that follow."""
    rows: list[str] = []
    style = own.style.name
    for judge in judges:
        clock = spent(workers)
        found = {
            name: separation(workers, judge, own.human, side, own.group)
            for name, side in own.composed.items()
            if name in names or judge is STRONG
        }
        first = found[names[0]]
        for name, one in found.items():
            gained = "" if name not in names[1:] else f"{estimate_of(one.areas - first.areas).shown(3)}"
            row = f"{one.area.shown(3)} | {one.detection_rate.shown(3)} | {gained} |"
            rows.append(f"| {style} | {name if '|' in name else f'{name} | '} | {judge.name} | {row}")
        if judge is STRONG:
            side = own.composed[names[0]]
            for name, text in nulls(workers, judge, own.human, side, own.group).items():
                rows.append(f"| {style} | {name} | | {judge.name} | {text} | | |")
            if "n-gram" in found:
                counts = found["n-gram"].detection_rate.value >= COUNTS
                print(f"areas of {style} {'count' if counts else 'do not count'}: what the judge catches of the n-gram")
        print(f"judged by {judge.name} in {spent(workers) - clock:.0f} CPU-seconds", flush=True)
    return rows


def judge_style(workers: Workers, artifact: Artifact, style: Style, asked: argparse.Namespace) -> list[str]:
    """Prints all about one style; returns its rows of the table of areas."""
    if asked.development:
        style = of_training(artifact, style, DEVELOPMENT_PIECES, asked.seed)
    own = gather(workers, artifact, style, asked)
    names = [named(artifact, best_of) for best_of in asked.best_of]
    rows = judged(workers, own, (STRONG, BEFORE, *[ON_NOTES] * asked.notes), names)
    chosen = sorted(own.pieces[names[0]][0])
    humans = [style.humans[i] for i in chosen]
    pieces = {name: [[draw[i] for i in chosen] for draw in own.pieces[name]] for name in names}
    head = " | ".join(f"best of {best_of}" for best_of in asked.best_of)
    lines = f"human | {head} |\n|---|---|{'---|' * len(names)}"
    print(f"\n| {style.name}, means of {len(humans)} pieces | {lines}")
    clock = spent(workers)
    print("\n".join(piece_rows(workers, humans, pieces, asked.bars)), flush=True)
    print(f"\n| {style.name}, distances of excerpts | {lines}")
    print("\n".join(variety_rows(own.human, {name: own.composed[name] for name in names}, own.group)))
    print(f"pieces and distances measured in {spent(workers) - clock:.0f} CPU-seconds", flush=True)
    if asked.detail:
        from classifier.detail import print_detail

        print_detail(own.human, own.composed[names[0]], own.group)
    return rows


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="band", help="name or directory of a band")
    parser.add_argument("--styles", nargs="+", default=["chorale", "folk", "pop"])
    parser.add_argument("--best-of", type=int, nargs="+", default=[1], help="candidates, of which the best counts")
    parser.add_argument("--draws", type=int, default=3, help="counterparts of each piece, with seeds of their own")
    parser.add_argument("--least", type=int, default=300, help="human excerpts; they overlap where there are fewer")
    parser.add_argument("--most", type=int, default=600, help="human excerpts; of more, works are left out")
    parser.add_argument("--bars", type=int, default=32, help="of a piece that count")
    parser.add_argument("--seed", type=int, default=1, help="of what is composed, and which works are left out")
    parser.add_argument("--development", action="store_true", help="training pieces in place of held-out ones")
    parser.add_argument("--top-p", type=float, help="in place of the composer's own")
    parser.add_argument("--with-notes", dest="notes", action="store_true", help="a network on the notes too (torch)")
    parser.add_argument("--with-ngram", dest="ngram", action="store_true", help="what the n-gram composes, too")
    parser.add_argument("--detail", action="store_true", help="what gives composed excerpts away; takes long")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    return asked


def main() -> None:
    asked = options()
    artifact = load_artifact(asked.model)
    started = time.monotonic()
    data = Path(os.environ["COMPONIUM_DATA"])
    workers = Workers(asked.model, asked.processes)
    rows = [
        row for name in asked.styles for row in judge_style(workers, artifact, read_style(artifact, name, data), asked)
    ]
    workers.close()
    print(f"\n{spent(workers):.0f} CPU-seconds in {time.monotonic() - started:.0f}")
    print(f"{artifact.manifest.name} {artifact.digest}, {EXCERPT_BARS} bars, {asked.draws} draws, seed {asked.seed}")
    print("| style | composed by | best of | judge | area | caught | gained |\n|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
