"""Held-out human pieces, pieces composed for the same requests, and 8-bar excerpts of both at the same bars.

* *Human*: the test and validation pieces of a style, in the corpora and instruments of the artifact's recipe. Left out
  are copies, as training leaves them out, and what the artifact was trained on.
* *Composed*: for every human piece one request with its style, instruments, meter, tempo and length. Of a piece longer
  than ``bars`` only the first ``bars`` count; its counterpart is as long, or longer than ``bars`` by as many bars as a
  composer is told of the end ahead: neither side holds an ending where the other holds none. The key is not told: told,
  it would make notes outside it rarer than the composer has them.
* Both sides go through the same hands: the composer's rows and back, which gives them one grid, one table of durations,
  one set of velocities and instruments; and what the door does to every piece, as an instrument plays it.
* *Excerpts* lie at the same bars of both, in bars of the request's meter that are whole. Where the human piece has
  fewer than ``LEAST_NOTES`` notes in them, both are left out; what is composed is never looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from componium.artifacts import Artifact
from componium.composing.compose import compose
from componium.composing.prompts import playable
from componium.composing.requests import ComposeRequest
from componium.corpora import corpus_named
from componium.corpora.duplicates import DuplicateFinder
from componium.corpora.instrumentation import as_written, voices_of
from componium.corpora.splits import Split, split_of
from componium.errors import ComponiumError
from componium.evaluation.composer_comparison.composers import Composer
from componium.evaluation.composer_comparison.held_out import HeldOut, HeldOutPiece, known_pieces
from componium.evaluation.composer_comparison.ngram_reference import ngram_reference
from componium.features.metric import N_REMAINING
from componium.representations.note_codec import NoteCodec
from componium.score import Score, bar_grid, excerpt, n_bars

EXCERPT_BARS = 8
LEAST_NOTES = 8
# The n-gram chooses its orders on one training work in so many: those held out here stay out of it.
_CHOOSE = 10


class Human(NamedTuple):
    """A held-out piece, and the meter, the tempo and the instruments that a request names."""

    name: str
    work: str
    score: Score
    time_signature: str
    tempo_bpm: float
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Style:
    """The music of a style: what is held out, and what a Markov chain may count."""

    name: str
    humans: tuple[Human, ...]
    training: HeldOut


class Pair(NamedTuple):
    """Where excerpts lie: which human piece, and from which bar on."""

    human: int
    first_bar: int


def on_grid(codec: NoteCodec, score: Score) -> Score:
    """The score in the composer's rows and back, as its instruments play it."""
    decoded = codec.decode(codec.encode(score))
    tracks = (replace(own, notes=playable(own.notes, own.name, limits_polyphony=True)) for own in decoded.tracks)
    return replace(decoded, tracks=tuple(tracks))


def read_style(artifact: Artifact, style: str, data: Path) -> Style:
    """Reads all pieces of a style."""
    sources = [s for s in artifact.manifest.recipe["sources"] if s["style"] == style and not s["drums"]]
    works: dict[str, str] = {}
    scores: dict[str, Score] = {}
    finder = DuplicateFinder()
    for source in sources:
        corpus = corpus_named(source["corpus"])
        place = source["folder"] or source["corpus"]
        for piece in corpus.find(data / place):
            name = f"{place}/{piece.name}"
            try:
                voices = voices_of(corpus.read(piece))
                scores[name] = on_grid(artifact.codec, as_written(voices, source["parts"]))
            except ComponiumError:
                continue
            finder.add(name, name, voices)
            works[name] = piece.work
    for group in finder.groups():
        for copy in group.duplicates:
            del scores[copy.name]
    # Pieces that share a tune are one work, as in training.
    works = finder.works(works)
    pieces: dict[Split, list[HeldOutPiece]] = {"train": [], "validation": [], "test": []}
    held_out: list[HeldOutPiece] = []
    chosen = {work for i, work in enumerate(sorted({works[name] for name in scores})) if i % _CHOOSE == 0}
    for name, score in scores.items():
        piece = HeldOutPiece(name, score, works[name])
        if split_of(works[name]) != "train":
            held_out.append(piece)
        else:
            pieces["validation" if works[name] in chosen else "train"].append(piece)
    known_names = {own.name for own in known_pieces(held_out, [Composer(artifact.manifest.name, artifact)])}
    humans = [human_of(artifact, own) for own in held_out if own.name not in known_names]
    training = HeldOut(corpus_named(sources[0]["corpus"]), pieces, (), (), {}, {}, "")
    return Style(style, tuple(humans), training)


def markov(artifact: Artifact, style: Style, folder: Path) -> Artifact:
    """The n-gram counted on the style's training pieces, in the same rows; it plays what its requests name."""
    return ngram_reference(artifact.features, style.training, folder).artifact


def pairs_of(style: Style, bars: int, least: int, most: int, seed: int) -> tuple[list[Pair], int]:
    """Where excerpts lie, in order of the pieces, and how many bars apart.

    They lie side by side; where that gives fewer than ``least`` they overlap, by the half, then by more. Of more than
    ``most`` whole works are left out, by chance.
    """
    hop = EXCERPT_BARS
    while True:
        found = [Pair(i, bar) for i, own in enumerate(style.humans) for bar in _places(own, bars, hop)]
        if len(found) >= least or hop == 1:
            break
        hop //= 2
    by_work = Counter(style.humans[pair.human].work for pair in found)
    works = sorted(by_work)
    kept: set[str] = set()
    for index in np.random.default_rng(seed).permutation(len(works)):
        if sum(by_work[work] for work in kept) + by_work[works[index]] <= most:
            kept.add(works[index])
    return [pair for pair in found if style.humans[pair.human].work in kept], hop


def request_like(artifact: Artifact, style: str, human: Human, bars: int, seed: int) -> ComposeRequest:
    """A request for a piece like this one, of so many bars; it names the style where the composer knows styles."""
    asked: dict[str, Any] = {"style": style} if "style" in artifact.manifest.controls else {}
    return ComposeRequest(
        **asked,
        parts=human.parts,
        time_signature=human.time_signature,
        tempo_bpm=human.tempo_bpm,
        bars=bars,
        seed=seed,
    )


def compose_like(
    artifact: Artifact, style: str, human: Human, bars: int, seed: int, *, top_p: float | None = None
) -> Score:
    """What a composer makes of the request for a piece like this one, of which the first bars count."""
    length = min(n_bars(human.score), bars + N_REMAINING - 1)
    request = request_like(artifact, style, human, length, seed).model_copy(update={"top_p": top_p})
    return on_grid(artifact.codec, compose(artifact, request)[0].score)


def cut(scores: dict[int, Score], pairs: list[Pair]) -> list[Score]:
    """The excerpts of pieces, by the human piece that they are, or were composed like."""
    return [excerpt(scores[pair.human], pair.first_bar, EXCERPT_BARS) for pair in pairs]


def human_of(artifact: Artifact, piece: HeldOutPiece) -> Human:
    """A piece, and what a request for one like it names."""
    tempo = float(np.clip(piece.score.tempos[0].tempo_bpm, 10, 400))
    by_name = {part.name: part for part in artifact.codec.config.parts}
    parts = (by_name[track.name] for track in piece.score.tracks if len(track.notes))
    names = tuple("drums" if part.is_drum else str(part.program) for part in parts)
    meters = Counter(meter for meter in _meters(piece.score) if meter)
    return Human(piece.name, piece.work, piece.score, meters.most_common(1)[0][0] if meters else "4/4", tempo, names)


def _meters(score: Score) -> list[str]:
    """The time signature of every bar; empty for bars that a change of meter cuts short."""
    grid = bar_grid(score)
    starts = grid.start_of(np.arange(n_bars(score) + 1))
    onsets = [meter.onset for meter in score.time_signatures]
    found: list[str] = []
    for start, length in zip(starts[:-1].tolist(), np.diff(starts).tolist(), strict=True):
        meter = score.time_signatures[int(np.searchsorted(onsets, start, side="right")) - 1]
        whole = length == meter.bar_ticks(score.ticks_per_quarter)
        found.append(f"{meter.numerator}/{meter.denominator}" if whole else "")
    return found


def _places(human: Human, bars: int, hop: int) -> Iterator[int]:
    meters = _meters(human.score)[:bars]
    for first in range(0, len(meters) - EXCERPT_BARS + 1, hop):
        is_even = set(meters[first : first + EXCERPT_BARS]) == {human.time_signature}
        if is_even and excerpt(human.score, first, EXCERPT_BARS).n_notes >= LEAST_NOTES:
            yield first
