"""Computes how probable an artifact finds a piece: log-probabilities of every charged event, without torch.

Every note is charged its five attributes, and the end of the piece one shift; rests are charged like notes. *Bits per
note* are all charged bits of a piece over its number of notes; neither rests nor the pedal's rows count among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.conditioning.controls import AnyConditions
from componium.errors import ArtifactError
from componium.features.part_history import N_HISTORY_COLUMNS
from componium.features.steps import Steps, whole_piece
from componium.ngrams import distributions, load_ngrams
from componium.onnx_sessions import Session, open_session
from componium.representations.columns import ATTRIBUTES
from componium.representations.note_events import EncodedNotes

FEWEST_WORKS = 10
"""Of fewer works no interval is given."""
_RESAMPLES = 10_000


class Scorer(Protocol):
    """Gives natural log-probabilities (T + 1, 5) of the charged events of a piece; of the end only the shift's."""

    def __call__(self, piece: EncodedNotes, conditions: AnyConditions | None = None) -> NDArray[np.float64]:
        """Scores a piece; without conditions, those of a conditioned network say only which parts play."""
        ...


class Forecaster(Protocol):
    """Gives natural log-probabilities of all values of each attribute, shapes (T, N), of the events of a piece."""

    def __call__(self, piece: EncodedNotes, conditions: AnyConditions | None = None) -> tuple[NDArray[np.float64], ...]:
        """Forecasts a piece; see :class:`Scorer` for the conditions."""
        ...


def scorer_of(artifact: Artifact) -> Scorer | None:
    """Returns the scorer of an artifact, None where its family has no likelihood."""
    make = SCORERS.get(artifact.manifest.procedure)
    return make(artifact) if make else None


def forecaster_of(artifact: Artifact) -> Forecaster | None:
    """Returns the forecaster of an artifact, None where its family has no likelihood.

    Row t is for event t, knowing the events before it and, of itself, the attributes before the one in question.
    """
    make = FORECASTERS.get(artifact.manifest.procedure)
    return make(artifact) if make else None


def bits_per_attribute(log_probs: NDArray[np.float64], encoded: EncodedNotes) -> NDArray[np.float64]:
    """Returns the bits per note of each attribute, shape (5,); their sum is the piece's bits per note."""
    return -log_probs.sum(axis=0) / math.log(2) / encoded.n_notes


def summary(
    per_piece: NDArray[np.float64], n_notes: NDArray[np.int64], works: Sequence[str] | None = None
) -> dict[str, float]:
    """Bits per note over pieces, whole and by attribute; of :data:`FEWEST_WORKS` works the whole with its interval.

    Args:
        per_piece: bits per note of each attribute, shape (pieces, 5).
        n_notes: notes of each piece, shape (pieces,).
        works: of each piece; None: every piece is a work.

    The mean weighs every note alike; see :func:`interval_over_works`.
    """
    bits = per_piece * n_notes[:, None]
    means = bits.sum(axis=0) / n_notes.sum()
    works = list(map(str, range(len(n_notes)))) if works is None else works
    figures = {"works": float(len(set(works))), "bits_per_note": float(means.sum())}
    interval = interval_over_works(bits.sum(axis=1), n_notes, works)
    if interval:
        figures["bits_per_note_low"], figures["bits_per_note_high"] = interval
    return figures | {f"{name}_bits": float(value) for name, value in zip(ATTRIBUTES, means, strict=True)}


def interval_over_works(
    totals: NDArray[Any], weights: NDArray[Any], works: Sequence[str], draws: Sequence[int] | None = None
) -> tuple[float, float] | None:
    """Returns the 95 % interval of the sum of totals over that of weights: the bootstrap percentile (10,000 resamples).

    Pieces of one work are alike, so that works are resampled, each with all its pieces. A handful of works does not
    say how much works differ: below :data:`FEWEST_WORKS` there is no interval, None.

    Args:
        totals: of each piece, shape (pieces,), as the bits of all its notes.
        weights: of each piece, as how many notes it has.
        works: of each piece.
        draws: where pieces were composed, the number of the draw of each, as its seed: draws are resampled as well,
            independently of works (:func:`times_of_draws`). None: nothing was drawn.
    """
    work, n_works = _numbered(works)
    if n_works < FEWEST_WORKS:
        return None
    rng = np.random.default_rng(0)
    times = times_of_works(rng, n_works, _RESAMPLES)[:, work]
    if draws is not None:
        draw, n_draws = _numbered(draws)
        times = times * times_of_draws(rng, n_draws, _RESAMPLES)[:, draw]
    summed = times @ weights
    low, high = np.quantile((times @ totals)[summed > 0] / summed[summed > 0], (0.025, 0.975))
    return float(low), float(high)


def _numbered(names: Sequence[str] | Sequence[int]) -> tuple[NDArray[np.int64], int]:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], np.int64), len(numbers)


def times_of_works(rng: np.random.Generator, count: int, resamples: int) -> NDArray[np.float64]:
    """Returns how often each of so many works is drawn, with replacement; shape (resamples, count)."""
    return _times_drawn(rng, count, count, resamples)


def times_of_draws(rng: np.random.Generator, count: int, resamples: int) -> NDArray[np.float64]:
    """Returns how often each of so many draws is drawn, with replacement; shape (resamples, count).

    Draws are few. Resampled all at once, ``count`` of them would vary too little by the factor (count - 1) / count, a
    third for three; one fewer is drawn, which makes up for it (McCarthy and Snowden, The bootstrap and finite
    population sampling, 1985). A single draw does not say how much draws differ, and is taken as it is.
    """
    return _times_drawn(rng, count, max(count - 1, 1), resamples)


def _times_drawn(rng: np.random.Generator, count: int, drawn: int, resamples: int) -> NDArray[np.float64]:
    return rng.multinomial(drawn, np.full(count, 1 / count), size=resamples).astype(np.float64)


def score_pieces(
    scorer: Scorer, pieces: Iterable[tuple[EncodedNotes, AnyConditions | None]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Returns bits per note and attribute (pieces, 5), and the notes of each piece (pieces,), given with conditions."""
    bits: list[NDArray[np.float64]] = []
    n_notes: list[int] = []
    for piece, conditions in pieces:
        bits.append(bits_per_attribute(scorer(piece, conditions), piece))
        n_notes.append(piece.n_notes)
    return np.array(bits), np.array(n_notes)


class StyleFit(NamedTuple):
    """How probable a composer finds pieces when it is given a style, None of one without styles: bits per note."""

    style: str | None
    bits_per_note: float


def style_fits(
    artifact: Artifact, pieces: Sequence[EncodedNotes], among: Sequence[str] | None = None
) -> tuple[StyleFit, ...]:
    """Returns how probable a composer finds pieces, given each of its styles and the parts; the best style first.

    Args:
        artifact: the composer; of one without a likelihood there are no fits.
        pieces: without any there are no fits either.
        among: the styles that count; all if omitted.
    """
    scorer = scorer_of(artifact)
    if scorer is None or not pieces:
        return ()
    fits: list[StyleFit] = []
    for number, style in enumerate(artifact.manifest.conditioning.styles or (None,), 1):
        if among is None or style in among:
            conditioned = ((piece, artifact.only_parts_of(piece, number)) for piece in pieces)
            bits, n_notes = score_pieces(scorer, conditioned)
            fits.append(StyleFit(style, float((bits.sum(axis=1) * n_notes).sum() / n_notes.sum())))
    return tuple(sorted(fits, key=lambda fit: fit.bits_per_note))


def _note_by_note_scorer(artifact: Artifact) -> Scorer:
    run = _scoring_graph(artifact)

    def score(piece: EncodedNotes, conditions: AnyConditions | None = None) -> NDArray[np.float64]:
        (log_probs,) = run(piece, conditions, ["log_probs"])
        scores = log_probs.astype(np.float64)
        scores[-1, 1:] = 0.0
        return scores

    return score


def _note_by_note_forecaster(artifact: Artifact) -> Forecaster:
    run = _scoring_graph(artifact)
    outputs = [f"{name}_log_probs" for name in ATTRIBUTES]

    def forecast(piece: EncodedNotes, conditions: AnyConditions | None = None) -> tuple[NDArray[np.float64], ...]:
        return tuple(own[:-1].astype(np.float64) for own in run(piece, conditions, outputs))

    return forecast


_Run = Callable[[EncodedNotes, AnyConditions | None, list[str]], list[NDArray[np.float32]]]


def _scoring_graph(artifact: Artifact) -> _Run:
    """A function that gives outputs of the scoring graph over a whole piece, shapes (T + 1, N)."""
    session, chunk, state_size = open_scoring(artifact), artifact.number("chunk"), artifact.number("state_size")

    def run(piece: EncodedNotes, conditions: AnyConditions | None, outputs: list[str]) -> list[NDArray[np.float32]]:
        steps = whole_piece(artifact.features, piece, conditions or artifact.only_parts_of(piece))
        state = np.zeros((1, state_size), np.float32)
        parts: list[list[NDArray[np.float32]]] = []
        for start in range(0, len(steps.rows), chunk):
            found, state = score_chunk(session, steps, slice(start, start + chunk), state, outputs)
            parts.append(found)
        found = [np.concatenate(own) for own in zip(*parts, strict=True)]
        if not all(np.isfinite(own[:-1]).all() for own in found):
            raise ArtifactError(
                f"{artifact.folder}: it gives probabilities that are no numbers; get the artifact again"
            )
        return found

    return run


def open_scoring(artifact: Artifact) -> Session:
    """Opens the scoring graph of an artifact.

    Raises:
        ArtifactError: it has none, or one for another representation.
    """
    features, sizes = artifact.features, artifact.codec.sizes
    whole = {
        "rows": len(sizes),
        "places": len(features.context_sizes),
        "targets": len(sizes),
        "landing": len(features.context_sizes),
        "recalled": len(features.pointer_sizes),
        **({"voices": N_HISTORY_COLUMNS} if features.config.part_history else {}),
    }
    state = np.zeros((1, artifact.number("state_size")), np.float32)
    outputs = {f"{name}_log_probs": size for name, size in zip(ATTRIBUTES, sizes, strict=True)}
    arrays: dict[str, NDArray[Any]] = {name: np.zeros((1, 1, size), np.int64) for name, size in whole.items()}
    arrays |= {name: np.zeros((1, 1, size), np.float32) for name, size in {"log_probs": len(sizes), **outputs}.items()}
    return open_session(artifact.file("score")).expect({**arrays, "state": state, "state_after": state}, axes=2)


def score_chunk(
    session: Session, steps: Steps, span: slice, state: NDArray[np.float32], outputs: list[str]
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """Runs the scoring graph over a stretch of the steps of one piece; returns outputs (T, N) and the state after."""
    arrays = {
        "rows": steps.rows,
        "places": steps.context[:-1],
        "targets": steps.targets,
        "landing": steps.context[1:],
        "recalled": steps.pointers,
        **({} if steps.histories is None else {"voices": steps.histories}),
    }
    inputs = {name: array[span, None] for name, array in arrays.items()}
    *found, after = session.run([*outputs, "state_after"], {**inputs, "state": state})
    return [own[:, 0] for own in found], after


def _ngram_scorer(artifact: Artifact) -> Scorer:
    model, features = load_ngrams(artifact.file("ngrams"), artifact.codec), artifact.features

    def score(piece: EncodedNotes, conditions: AnyConditions | None = None) -> NDArray[np.float64]:
        del conditions
        return model.log_probs(piece.events, features.positions_of(piece))

    return score


def _ngram_forecaster(artifact: Artifact) -> Forecaster:
    model, features = load_ngrams(artifact.file("ngrams"), artifact.codec), artifact.features

    def forecast(piece: EncodedNotes, conditions: AnyConditions | None = None) -> tuple[NDArray[np.float64], ...]:
        del conditions
        return tuple(map(np.log, distributions(model, piece.events, features.positions_of(piece))))

    return forecast


SCORERS: Mapping[str, Callable[[Artifact], Scorer]] = {
    "note-by-note": _note_by_note_scorer,
    "n-gram": _ngram_scorer,
}
FORECASTERS: Mapping[str, Callable[[Artifact], Forecaster]] = {
    "note-by-note": _note_by_note_forecaster,
    "n-gram": _ngram_forecaster,
}
