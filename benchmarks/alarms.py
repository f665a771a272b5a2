"""How often the judge raises an alarm, on real music: where there is nothing to find, and where something is planted.

    COMPONIUM_DATA=... python benchmarks/alarms.py [--halvings 100] [--corpora pop909 irish_cre ...]

* Random halves of one set, each work on one side: at most 9 of 100 halvings may raise any alarm over all figures
  together, adjusted by Holm (5 are promised; more than 9 come by luck 3 times in 100).
* A known shift of one metric by half a standard deviation, in 100 pieces a side, must be found about as often as a
  t-test would by itself (94 in 100 at 0.05), and without shift no more often than 5 in 100.
* What is spoiled on purpose: one piece many times, every piece twice.

Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from excerpts import cut_pieces

from componium.corpora import CORPORA
from componium.corpora.works import joined_works
from componium.evaluation.metrics import SET_METRICS
from componium.evaluation.pieces.figures import measure_piece
from componium.evaluation.sets import sample_comparison
from componium.evaluation.sets.measured_set import MeasuredSet
from componium.evaluation.sets.sample_comparison import permutation_p
from componium.evaluation.sets.set_comparison import ALARM, SetComparison, compare_sets

SHIFTED = ("pitch_class_entropy", "mean_interval", "notes_per_bar", "onset_agreement", "similarity_4")


def wilson(found: int, total: int) -> str:
    share, z = found / total, 1.96
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{share:6.3f} ({max(middle - reach, 0):.3f} to {min(middle + reach, 1):.3f})"


def alarms(compared: SetComparison) -> list[str]:
    """Names of all figures with an alarm."""
    rows = [row.metric.name for row in compared.rows if row.p_holm < ALARM]
    histograms = [row.histogram.name for row in compared.histograms if row.p_holm < ALARM]
    return rows + histograms + [figure.name for figure in compared.set_figures if figure.alarm]


def p_values(compared: SetComparison) -> dict[str, float]:
    """Unadjusted p of all figures."""
    found = {row.metric.name: row.statistics.p for row in compared.rows if row.statistics}
    found |= {row.histogram.name: row.statistics.p for row in compared.histograms if row.statistics}
    return found | {figure.name: figure.p for figure in compared.set_figures if not math.isnan(figure.p)}


def measured(data: Path, corpus: str, bars: int, most: int) -> MeasuredSet:
    """Returns the figures of one excerpt from each of so many pieces at most; pieces that share a tune are one work."""
    known = CORPORA[corpus]
    joined = joined_works(known.find(data / corpus), known)
    cut = islice(cut_pieces(data, corpus, bars, once=True), most)
    pieces = (measure_piece(piece.name, own, SET_METRICS)._replace(work=joined[piece.work]) for piece, own in cut)
    return MeasuredSet(tuple(pieces), {})


def halves(own: MeasuredSet, rng: np.random.Generator, most: int) -> tuple[MeasuredSet, MeasuredSet]:
    """Returns two random sets of at most so many pieces; all pieces of a work are in one of them, or left out."""
    sides: tuple[list[int], list[int]] = ([], [])
    by_work: dict[str, list[int]] = {}
    for place, piece in enumerate(own.pieces):
        by_work.setdefault(piece.work, []).append(place)
    names = list(by_work)
    for number in rng.permutation(len(names)):
        places = by_work[names[number]]
        smaller = min(sides, key=len)
        if len(smaller) + len(places) <= most:
            smaller += places
    left, right = (MeasuredSet(tuple(own.pieces[place] for place in sorted(side)), {}) for side in sides)
    return left, right


def halvings(name: str, own: MeasuredSet, count: int, most: int) -> None:
    rng, n_alarms = np.random.default_rng(0), 0
    which: Counter[str] = Counter()
    below: Counter[str] = Counter()
    start = time.process_time()
    for turn in range(count):
        compared = compare_sets(*halves(own, rng, most), SET_METRICS, seed=turn)
        raised = alarms(compared)
        n_alarms += bool(raised)
        which.update(raised)
        below.update(name for name, p in p_values(compared).items() if p <= 0.05)
    seconds = (time.process_time() - start) / count
    size = min(most, len(own.pieces) // 2)
    of = f"{len(own.pieces)} pieces of {len({piece.work for piece in own.pieces})} works, {size} a side"
    found = f"{n_alarms} of {count} halvings with any alarm: {wilson(n_alarms, count)}"
    print(f"{name:22}{of:44}{found}  {seconds:.1f} s each")
    if which:
        print(f"    alarms: {dict(which)}")
    print(f"    unadjusted p below 0.05, most often: {dict(below.most_common(8))}", flush=True)


def planted(own: MeasuredSet, count: int) -> None:
    print(f"{'a shift in 100 pieces':24}{'found at half an SD':32}{'found where there is none':32}")
    rng = np.random.default_rng(1)
    for name in SHIFTED:
        figures = [piece.figures[name] for piece in own.pieces]
        values = np.array([figure.value for figure in figures if not figure.reason])
        found = [0, 0]
        for _ in range(count):
            drawn = rng.permutation(values)[:200]
            left, right = drawn[:100], drawn[100:]
            for place, shift in enumerate((0.5 * values.std(), 0.0)):
                found[place] += permutation_p(left, right + shift, rng) < ALARM
        print(f"{name:24}{wilson(found[0], count):32}{wilson(found[1], count):32}", flush=True)


def spoiled(own: MeasuredSet) -> None:
    left, right = halves(own, np.random.default_rng(2), 100)
    made = [piece._replace(work="") for piece in right.pieces]
    copies = replace(right, pieces=(made[0],) * len(made))
    twice = replace(right, pieces=(*made[: len(made) // 2],) * 2)
    for name, made in (("one piece many times", copies), ("every piece twice", twice)):
        compared = compare_sets(left, made, SET_METRICS)
        print(f"{name}: {', '.join(alarms(compared))}")
        for figure in compared.set_figures:
            chance = f"{figure.null_low:.3g} to {figure.null_high:.3g}"
            print(f"    {figure.name:20}{figure.value:9.3g}  by chance {chance:20} p {figure.p:.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", nargs="+", default=["pop909", "irish_cre", "jsb_chorales_music21"])
    parser.add_argument("--halvings", type=int, default=100)
    parser.add_argument("--pieces", type=int, default=100, help="in each half, at most")
    parser.add_argument("--bars", type=int, default=16)
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    # Alarms come from p-values: the intervals of overlaps, which take most of the time, are not needed.
    sample_comparison.N_RESAMPLES = 2
    for corpus in asked.corpora:
        own = measured(Path(os.environ["COMPONIUM_DATA"]), corpus, asked.bars, 400)
        halvings(corpus, own, asked.halvings, asked.pieces)
        if corpus == asked.corpora[0]:
            planted(own, 2 * asked.halvings)
            spoiled(own)


if __name__ == "__main__":
    main()
