"""How probable an artifact finds a piece: log-probabilities of every charged event, without torch.

Every note is charged its five attributes, and the end of the piece one shift; rests are charged like notes. *Bits per
note* are all charged bits of a piece over its number of notes; neither rests nor the pedal's rows count among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.conditioning.controls import N_ECHO_COLUMNS
from componium.features.earlier_bars import earlier_bars
from componium.features.part_history import UNHEARD, voices
from componium.features.repeat_pointer import recalled, repeat_pointers
from componium.ngrams import distributions, load_ngrams
from componium.onnx_sessions import Session, open_session
from componium.representations.columns import ATTRIBUTES, SHIFT, Events
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes

Scorer = Callable[[EncodedNotes], NDArray[np.float64]]
Forecaster = Callable[[EncodedNotes], tuple[NDArray[np.float64], ...]]


class Charged(NamedTuple):
    """A piece as its charged events, the end included.

    Attributes:
        rows: the event before each, shape (T + 1, 5); the first is the start, whose shift is one past the end's.
        places: places of the rows, shape (T + 1, 3).
        targets: the events, shape (T + 1, 5).
        landing: places of the targets, shape (T + 1, 3); the end lands where the last note did.
        recalled: what the lookback points at before each target, shape (T + 1, 6 or more).
        voices: what each target's part knows of itself, shape (T + 1, 22); None unless the composer is guided.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    targets: NDArray[np.int64]
    landing: NDArray[np.int64]
    recalled: NDArray[np.int64]
    voices: NDArray[np.int64] | None


def charged(encoded: EncodedNotes, codec: NoteCodec) -> Charged:
    """Returns what is charged of a piece."""
    events, places = encoded.events.astype(np.int64), encoded.places.astype(np.int64)
    start, end = np.zeros((1, 5), np.int64), np.zeros((1, 5), np.int64)
    start[0, SHIFT], end[0, SHIFT] = codec.end + 1, codec.end
    landing = np.concatenate((places[1:], places[-1:]))
    back, own = recall(encoded.events, encoded.places, codec), None
    if codec.config.guides is not None:
        own = np.concatenate((voices(encoded.events, encoded.places, codec.durations), [UNHEARD]))
    return Charged(np.concatenate((start, events)), places, np.concatenate((events, end)), landing, back, own)


def recall(events: Events, places: NDArray[np.int16], codec: NoteCodec) -> NDArray[np.int64]:
    """Returns what is recalled before each event, and after the last, where no form is told; shape (T + 1, 6 or 24)."""
    back = recalled(events, *repeat_pointers(events, codec.together))
    if codec.config.guides is None:
        return back
    no_echo = np.zeros((len(back), N_ECHO_COLUMNS), np.int64)
    return np.concatenate((back, no_echo, earlier_bars(events, places, codec.config.max_shift)), axis=1)


def scorer_of(artifact: Artifact) -> Scorer | None:
    """Returns the function that gives natural log-probabilities (T + 1, 5) of a piece's charged events.

    Of the last row only the shift is charged, the rest is 0. None where the family has no likelihood.
    """
    make = SCORERS.get(artifact.manifest.procedure)
    return make(artifact) if make else None


def forecaster_of(artifact: Artifact) -> Forecaster | None:
    """Returns the function that gives natural log-probabilities of all values of each attribute, shapes (T, N).

    Row t is for event t, knowing the events before it and, of itself, the attributes before the one in question. None
    where the family has no likelihood.
    """
    make = FORECASTERS.get(artifact.manifest.procedure)
    return make(artifact) if make else None


def bits_per_attribute(log_probs: NDArray[np.float64], encoded: EncodedNotes) -> NDArray[np.float64]:
    """Returns the bits per note of each attribute, shape (5,); their sum is the piece's bits per note."""
    return -log_probs.sum(axis=0) / math.log(2) / encoded.n_notes


def summary(per_piece: NDArray[np.float64], n_notes: NDArray[np.int64]) -> dict[str, float]:
    """Bits per note over pieces, whole and by attribute, with a 95 % interval for the whole.

    Args:
        per_piece: bits per note of each attribute, shape (pieces, 5).
        n_notes: notes of each piece, shape (pieces,).

    The mean weighs every note alike; its interval is the bootstrap percentile over pieces (10,000 resamples).
    """
    bits = per_piece * n_notes[:, None]
    means = bits.sum(axis=0) / n_notes.sum()
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(n_notes), size=(10_000, len(n_notes)))
    resampled = bits.sum(axis=1)[drawn].sum(axis=1) / n_notes[drawn].sum(axis=1)
    low, high = np.quantile(resampled, (0.025, 0.975))
    figures = {"bits_per_note": float(means.sum()), "bits_per_note_low": float(low), "bits_per_note_high": float(high)}
    return figures | {f"{name}_bits": float(value) for name, value in zip(ATTRIBUTES, means, strict=True)}


def score_pieces(scorer: Scorer, pieces: Iterable[EncodedNotes]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Returns bits per note and attribute (pieces, 5), and the notes of each piece (pieces,)."""
    bits: list[NDArray[np.float64]] = []
    n_notes: list[int] = []
    for piece in pieces:
        bits.append(bits_per_attribute(scorer(piece), piece))
        n_notes.append(piece.n_notes)
    return np.array(bits), np.array(n_notes)


def _note_by_note_scorer(artifact: Artifact) -> Scorer:
    run = _scoring_graph(artifact)

    def score(encoded: EncodedNotes) -> NDArray[np.float64]:
        (log_probs,) = run(encoded, ["log_probs"])
        scores = log_probs.astype(np.float64)
        scores[-1, 1:] = 0.0
        return scores

    return score


def _note_by_note_forecaster(artifact: Artifact) -> Forecaster:
    run = _scoring_graph(artifact)
    outputs = [f"{name}_log_probs" for name in ATTRIBUTES]
    return lambda encoded: tuple(own[:-1].astype(np.float64) for own in run(encoded, outputs))


def _scoring_graph(artifact: Artifact) -> Callable[[EncodedNotes, list[str]], list[NDArray[np.float32]]]:
    """A function that gives outputs of the scoring graph over a whole piece, shapes (T + 1, N)."""
    session = open_session(artifact.file("score"))
    chunk, state_size = artifact.number("chunk"), artifact.number("state_size")

    def run(encoded: EncodedNotes, outputs: list[str]) -> list[NDArray[np.float32]]:
        piece = charged(encoded, artifact.codec)
        state = np.zeros((1, state_size), np.float32)
        parts: list[list[NDArray[np.float32]]] = []
        for start in range(0, len(piece.rows), chunk):
            found, state = score_chunk(session, piece, slice(start, start + chunk), state, outputs)
            parts.append(found)
        return [np.concatenate(own) for own in zip(*parts, strict=True)]

    return run


def score_chunk(
    session: Session, piece: Charged, span: slice, state: NDArray[np.float32], outputs: list[str]
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """Runs the scoring graph over a stretch of one piece; returns outputs (T, N) and the state after."""
    fields = zip(Charged._fields, piece, strict=True)
    inputs = {name: array[span, None] for name, array in fields if array is not None}
    *found, after = session.run([*outputs, "state_after"], {**inputs, "state": state})
    return [own[:, 0] for own in found], after


def _ngram_scorer(artifact: Artifact) -> Scorer:
    model = load_ngrams(artifact.file("ngrams"), artifact.codec)
    return lambda encoded: model.log_probs(encoded.events, encoded.places)


def _ngram_forecaster(artifact: Artifact) -> Forecaster:
    model = load_ngrams(artifact.file("ngrams"), artifact.codec)

    def forecast(encoded: EncodedNotes) -> tuple[NDArray[np.float64], ...]:
        return tuple(map(np.log, distributions(model, encoded.events, encoded.places)))

    return forecast


SCORERS: Mapping[str, Callable[[Artifact], Scorer]] = {
    "note-by-note": _note_by_note_scorer,
    "n-gram": _ngram_scorer,
}
FORECASTERS: Mapping[str, Callable[[Artifact], Forecaster]] = {
    "note-by-note": _note_by_note_forecaster,
    "n-gram": _ngram_forecaster,
}
