"""Warns about two compared sets: too few pieces, other lengths, other instruments, leaked training pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from componium.evaluation.metrics.histograms import Shares
from componium.evaluation.metrics.metric import Measured
from componium.evaluation.sets.measured_set import LEAST_PIECES, WIDE_PIECES, MeasuredSet, one_of_each_work
from componium.evaluation.sets.reference_copies import originals_of
from componium.fingerprints import Collection

LENGTH_RATIO = (0.8, 1.25)
"""Lengths in bars whose ratio lies outside are named as different."""

_MOST_UNDEFINED = 0.05
_NAMED = 5


def metric_warnings(reference: Sequence[Measured | Shares], generated: Sequence[Measured | Shares]) -> Iterable[str]:
    """Yields what limits the comparison of one figure: too few pieces that have it, or more on one side."""
    shares: list[float] = []
    for side, figures in (("reference", reference), ("generated", generated)):
        undefined = sum(bool(figure.reason) for figure in figures)
        shares.append(undefined / len(figures))
        if len(figures) - undefined < LEAST_PIECES:
            yield f"{len(figures) - undefined} {side} pieces have this figure: too few to compare"
        elif shares[-1] > _MOST_UNDEFINED:
            yield f"{undefined} of {len(figures)} {side} pieces have no such figure"
    if abs(shares[0] - shares[1]) > _MOST_UNDEFINED:
        yield "the sets differ in how many pieces have this figure at all"


def set_warnings(reference: MeasuredSet, generated: MeasuredSet) -> Iterable[str]:
    """Yields how the sets differ in what is no fault of the composer: size, length, instruments, unread files."""
    sides = (("reference", reference), ("generated", generated))
    if min(len(reference.pieces), len(generated.pieces)) < LEAST_PIECES:
        counts = " and ".join(f"{len(own.pieces)} {side}" for side, own in sides)
        yield f"too few pieces to compare: {counts}, where at least {LEAST_PIECES} of each are needed"
    for side, own in sides:
        count = len(own.pieces)
        if LEAST_PIECES <= count < WIDE_PIECES:
            yield f"{count} {side} pieces: intervals are wide, read every overlap beside its null"
        if own.rejected:
            yield f"{len(own.rejected)} {side} files could not be read"
        without = sum(not piece.has_bars for piece in own.pieces)
        if without:
            yield f"{without} {side} pieces have no reliable grid of beats"
    lengths = [float(np.median([piece.n_bars for piece in own.pieces])) for _, own in sides]
    ratio = lengths[1] / max(lengths[0], 1.0)
    if not LENGTH_RATIO[0] <= ratio <= LENGTH_RATIO[1]:
        yield f"the pieces differ in length: in the middle {lengths[0]:.0f} bars, generated {lengths[1]:.0f}"
    drums = [float(np.mean([piece.has_drums for piece in own.pieces])) for _, own in sides]
    if abs(drums[0] - drums[1]) > 0.1:
        yield f"{drums[0]:.0%} of the reference has drums, {drums[1]:.0%} of the generated"
    programs = [Counter(program for piece in own.pieces for program in piece.programs) for _, own in sides]
    shared = sum((programs[0] & programs[1]).values()) / max(sum((programs[0] | programs[1]).values()), 1)
    sizes_agree = min(len(reference.pieces), len(generated.pieces)) / max(len(reference.pieces), len(generated.pieces))
    if shared < 0.5 * sizes_agree:
        yield "the sets are played by different instruments"


def work_warnings(reference: MeasuredSet, generated: MeasuredSet) -> Iterable[str]:
    """Yields how many pieces are not compared, since another one of their work is."""
    for side, own in (("reference", reference), ("generated", generated)):
        n_left_out = len(own.pieces) - len(one_of_each_work(own).pieces)
        if n_left_out:
            yield f"{n_left_out} of {len(own.pieces)} {side} pieces are left out: of each work one is compared"


def copy_warnings(reference: MeasuredSet, generated: MeasuredSet) -> Iterable[str]:
    """Yields which generated pieces are copies of reference pieces, in whatever key."""
    originals = originals_of(*([piece.fingerprint for piece in own.pieces] for own in (reference, generated)))
    found = [(generated.pieces[i].name, reference.pieces[j].name) for i, j in originals.items()]
    if found:
        named = ", ".join(f"{own} of {other}" for own, other in found[:_NAMED]) + (", ..." if found[_NAMED:] else "")
        yield f"{len(found)} generated pieces are copies of reference pieces: {named}"


def leak_warnings(reference: MeasuredSet, training: Collection | None) -> Iterable[str]:
    """Yields which reference pieces are among the training pieces."""
    found = [piece.name for piece in reference.pieces if training and training.duplicate_of(piece.whole or piece.lines)]
    if found:
        named = ", ".join(found[:_NAMED]) + (", ..." if found[_NAMED:] else "")
        yield f"{len(found)} reference pieces are among the training pieces: {named}"
