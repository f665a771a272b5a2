"""How well beats, downbeats and meters are found, beside the best constant tempo.

    COMPONIUM_DATA=... python benchmarks/beat_tracking.py [--tuning] [--most 100] [--sets pop909 asap scores]

Held-out works (validation and test of ``corpora.splits``), or with ``--tuning`` training works, of POP909 and ASAP; and
scores with a true grid whose ticks are hidden (``beat_references``). F-measures as in mir_eval: a beat is right within
70 ms of an annotated one, each counting once; the first five seconds are kept in. Means are over works, each work the
mean of its files; intervals are the 95 % bootstrap percentile over works. *octave*: share of files that agree better
with twice, half, three times or a third as many beats as annotated. *sure*: share of files whose confidence is enough,
and the F-measures of these.

The baseline has one tempo and phase for the piece: those that maximize the magnitude of the Fourier coefficient of the
same onset strengths (the probability that an onset is on a beat), weighed by the same prior of tempos. Its bars are
found as the tracker's are.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import numpy as np
from beat_references import Reference, asap, beats_of_meter, pop909, scores
from numpy.typing import NDArray

from componium.score.beat_tracking.bars import BarSettings, find_bars
from componium.score.beat_tracking.gridded import is_sure
from componium.score.beat_tracking.onsets import find_onsets
from componium.score.beat_tracking.tempo_path import PathSettings
from componium.score.beat_tracking.track import downbeat_probability, on_beat_probability, track_notes

Floats = NDArray[np.float64]

WINDOW_SECONDS = 0.07
RESAMPLES = 10_000


class Figures(NamedTuple):
    """Of one file; F-measures 0 to 1."""

    work: str
    beat: float
    downbeat: float
    octave: float
    agreement_at_any: float
    meter: float
    baseline_beat: float
    baseline_downbeat: float
    confidence: float
    sure: float
    cpu_seconds: float


def f_measure(reference: Floats, found: Floats) -> float:
    """Twice the matches over all beats of both; on a line the greedy matching is a largest one."""
    if not len(reference) or not len(found):
        return 0.0
    at = right = 0
    for moment in reference.tolist():
        while at < len(found) and found[at] < moment - WINDOW_SECONDS:
            at += 1
        if at < len(found) and found[at] <= moment + WINDOW_SECONDS:
            right += 1
            at += 1
    return 2 * right / (len(reference) + len(found))


def at_other_levels(reference: Floats, found: Floats) -> float:
    """The best F-measure beside twice, three times, half or a third as many annotated beats."""
    steps = np.arange(len(reference))
    levels = [np.interp(np.arange(0, steps[-1] + 1e-9, 1 / parts), steps, reference) for parts in (2, 3)]
    levels += [reference[phase::parts] for parts in (2, 3) for phase in range(parts)]
    return max(f_measure(level, found) for level in levels)


def constant_tempo(seconds: Floats, strength: Floats) -> Floats:
    """Beats at the best constant tempo and phase."""
    settings = PathSettings()
    duration = float(seconds[-1] - seconds[0])
    rates = np.arange(1 / settings.longest, 1 / settings.shortest, 0.25 / max(duration, 1.0))
    coefficients = np.array([(strength * np.exp(-2j * np.pi * rate * seconds)).sum() for rate in rates])
    octaves = np.log2(1 / rates / settings.usual_seconds) / settings.octaves
    best = int(np.argmax(np.abs(coefficients) * np.exp(-(octaves**2) / 2)))
    phase = -np.angle(coefficients[best]) / (2 * np.pi)
    first = np.ceil(seconds[0] * rates[best] - phase - 0.1)
    last = np.floor(seconds[-1] * rates[best] - phase + 0.1)
    return (np.arange(first, last + 1) + phase) / rates[best]


def figures_of(own: Reference) -> Figures | None:
    """Tracks one file; None if it is too short."""
    began = time.process_time()
    track = track_notes(own.notes)
    cpu_seconds = time.process_time() - began
    if track is None:
        return None
    onsets = find_onsets(own.notes)
    even = constant_tempo(onsets.seconds, on_beat_probability(onsets))
    bars = find_bars(downbeat_probability(onsets, even), BarSettings())
    beat, other = f_measure(own.beats, track.beats), at_other_levels(own.beats, track.beats)
    meter = float("nan")
    if own.meter is not None:
        numerator, denominator = own.meter
        count = beats_of_meter(numerator, denominator)
        meter = float(track.meter == ((numerator, 8) if count != numerator else (count, 4)))
    return Figures(
        own.work,
        beat,
        f_measure(own.downbeats, track.downbeats),
        float(other > beat),
        max(beat, other),
        meter,
        f_measure(own.beats, even),
        f_measure(own.downbeats, even[bars.place == 0]),
        track.confidence,
        float(is_sure(track)),
        cpu_seconds,
    )


def mean_over_works(works: list[str], values: Iterable[float]) -> str:
    """Mean and interval, over works, in words."""
    of_work: dict[str, list[float]] = defaultdict(list)
    for work, value in zip(works, values, strict=True):
        if not np.isnan(value):
            of_work[work].append(value)
    means = np.array([np.mean(own) for own in of_work.values()])
    if not len(means):
        return "-"
    drawn = np.random.default_rng(0).integers(len(means), size=(RESAMPLES, len(means)))
    low, high = np.quantile(means[drawn].mean(axis=1), (0.025, 0.975))
    return f"{means.mean():.3f} [{low:.3f}, {high:.3f}]"


def show(name: str, found: list[Figures]) -> None:
    """Prints the rows of one corpus."""
    works = [own.work for own in found]
    seconds = sum(own.cpu_seconds for own in found)
    print(
        f"\n### {name}: {len(found)} files of {len(set(works))} works; {len(found) / seconds:.1f} files a CPU-second\n"
    )
    print("| | beats | downbeats |\n|---|---|---|")
    sure = [own for own in found if own.sure]
    rows = (
        ("tracker", [own.beat for own in found], [own.downbeat for own in found], works),
        ("constant tempo", [own.baseline_beat for own in found], [own.baseline_downbeat for own in found], works),
        ("tracker, where sure", [o.beat for o in sure], [o.downbeat for o in sure], [o.work for o in sure]),
    )
    for label, beats, downbeats, own_works in rows:
        print(f"| {label} | {mean_over_works(own_works, beats)} | {mean_over_works(own_works, downbeats)} |")
    print(f"\n* at the best of other levels: {mean_over_works(works, [own.agreement_at_any for own in found])}")
    print(f"* another octave agrees better: {mean_over_works(works, [own.octave for own in found])}")
    print(f"* sure: {mean_over_works(works, [own.sure for own in found])}")
    print(f"* meter as annotated: {mean_over_works(works, [own.meter for own in found])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tuning", action="store_true", help="training works, to which settings were fitted")
    parser.add_argument("--most", type=int, default=None, help="files of each set")
    parser.add_argument("--sets", nargs="+", choices=("pop909", "asap", "scores"), default=("pop909", "asap", "scores"))
    asked = parser.parse_args()
    readers = {"pop909": pop909, "asap": asap, "scores": scores}
    for name in asked.sets:
        by_corpus: dict[str, list[Figures]] = defaultdict(list)
        for own in islice(readers[name](held_out=not asked.tuning), asked.most):
            figures = figures_of(own)
            if figures is not None:
                by_corpus[own.corpus].append(figures)
        for corpus, found in by_corpus.items():
            show(corpus, found)


if __name__ == "__main__":
    main()
