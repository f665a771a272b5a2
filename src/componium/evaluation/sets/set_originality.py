"""Measures the originality of a generated set beside that of human excerpts of the same length.

Both figures of a piece are those of :mod:`componium.evaluation.pieces.originality`. The null distribution is that of
the means of sets of human excerpts, as many as there are generated pieces, drawn with replacement.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from componium.evaluation.pieces.originality import run_coverage
from componium.evaluation.sets.sample_comparison import N_PERMUTATIONS
from componium.evaluation.sets.set_figure import SetFigure
from componium.fingerprints import NGRAM_NOTES, Collection, HumanPiece, Lines, contrast_of

_FIGURES = (
    SetFigure(
        "longest_match",
        "originality",
        "notes",
        "how many notes in a row a usual piece shares with a training piece",
        0.0,
    ),
    SetFigure("coverage_8", "originality", "share", "how much of a usual piece occurs somewhere in the training", 0.0),
)


def originality_figures(
    reference: Sequence[Lines], generated: Sequence[Lines], training: Collection, seed: int = 0
) -> tuple[SetFigure, ...]:
    """Returns mean longest match and mean coverage of a generated set, with what human excerpts as long have.

    Excerpts of the reference have about as many notes on top as the generated piece of median length. Pieces with fewer
    than 8 are left out.
    """
    own = [lines for lines in generated if lines.n_notes >= NGRAM_NOTES]
    human = contrast_of((HumanPiece("", lines) for lines in reference), training)
    if not own or not len(human.lengths):
        why = "no generated piece has 8 notes on top" if len(human.lengths) else "no reference piece has 8 notes on top"
        return tuple(figure._replace(value=float("nan"), detail=why) for figure in _FIGURES)
    n_notes = int(np.median([lines.n_notes for lines in own]))
    excerpts = human.excerpts(n_notes)
    shared = [training.shared(lines) for lines in own]
    longest = float(np.mean([piece.longest.n_notes for piece in shared]))
    coverage = float(np.mean([run_coverage(piece.left, NGRAM_NOTES) for piece in shared]))
    rng = np.random.default_rng(seed)
    detail = f"{len(own)} pieces, {len(excerpts.longest)} human excerpts of {n_notes} notes on top"
    return tuple(
        figure._replace(value=value, detail=detail).against_null(
            rng.choice(chance, (N_PERMUTATIONS, len(own))).mean(axis=1), "high"
        )
        for figure, value, chance in zip(
            _FIGURES, (longest, coverage), (excerpts.longest.astype(np.float64), excerpts.coverage), strict=True
        )
    )
