"""Reads the training pieces of an artifact's styles from the corpora that its recipe names.

Training pieces are those that the artifact's fingerprints name: no other file is read. A style without sources of its
own, as composers have that know no styles, takes the pieces of the recipe's one corpus.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from componium.artifacts import Artifact
from componium.composing.assembly import playable
from componium.conditioning.style_profile import UNNAMED
from componium.corpora import corpus_named
from componium.corpora.corpus import Corpus, Piece
from componium.corpora.files.reading import file_name_of, read_pieces
from componium.corpora.instrumentation import as_written, voices_of
from componium.errors import ArtifactError, ComponiumError, CorpusError
from componium.representations.note_events import EncodedNotes
from componium.score import Score, bar_grid, n_bars

MOST_PIECES = 200
"""Pieces that are read of each corpus, drawn by chance."""

LEAST_BARS = 8
"""Shorter pieces tell too little."""


class TrainingSource(BaseModel):
    """What a recipe says of one of its corpora, as far as it matters here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    corpus: str
    folder: str = ""
    style: str = UNNAMED
    parts: dict[str, str] = {}
    drums: bool = False

    @property
    def place(self) -> str:
        """The folder that it lies in, below that of all."""
        return self.folder or self.corpus


class TrainingPiece(NamedTuple):
    """A training piece on the composer's grid, played by the composer's parts."""

    name: str
    score: Score
    encoded: EncodedNotes

    @property
    def time_signature(self) -> str:
        """The meter of most of its bars that no change of meter cuts short; 4/4 where there is none."""
        meters = Counter(_whole_bars(self.score))
        return meters.most_common(1)[0][0] if meters else "4/4"


def read_training_pieces(artifact: Artifact, style: str, data: Path, seed: int) -> list[TrainingPiece]:
    """Returns training pieces of a style with ``LEAST_BARS`` bars or more, drawn by the seed.

    Args:
        artifact: the composer that learned from them.
        style: one of its profile.
        data: the folder of its corpus, or of the folders of several.
        seed: draws up to ``MOST_PIECES`` of each corpus.

    Raises:
        CorpusError: a corpus is missing, or none of its pieces is a training piece.
        ArtifactError: the artifact does not say what its training pieces are.
    """
    known = frozenset(artifact.fingerprints.names)
    files_known = known | {file_name_of(name) for name in known}
    found: list[TrainingPiece] = []
    for source, is_one_of_many in sources_of(artifact.manifest.recipe):
        if source.style != style or source.drums:
            continue
        corpus = corpus_named(source.corpus)
        folder = data / source.place if is_one_of_many else data
        # As training names them: a source that is the whole folder adds nothing.
        prefix = f"{source.place}/" if is_one_of_many and source.place != "." else ""
        files = corpus.find(folder)
        own = [file for file in files if prefix + file.name in files_known]
        if not own:
            raise CorpusError(
                f"{folder}: none of its {len(files)} files holds a training piece of {artifact.manifest.name}; "
                "give the folder that it was trained on"
            )
        order = np.random.default_rng(seed).permutation(len(own)).tolist()
        named = source.parts if is_one_of_many else None
        read = _read(artifact, corpus, (own[i] for i in order), named)
        training = (piece._replace(name=prefix + piece.name) for piece in read if prefix + piece.name in known)
        found += _first(training)
    return found


def music_digest(pieces: Sequence[TrainingPiece]) -> str:
    """Returns a hash of the names and notes of pieces."""
    found = hashlib.blake2b(digest_size=8)
    for piece in pieces:
        found.update(piece.name.encode("utf-8", "surrogateescape") + piece.encoded.events.tobytes())
    return found.hexdigest()


def on_grid(artifact: Artifact, encoded: EncodedNotes) -> Score:
    """Returns note events as a score, as the composer's instruments play it."""
    decoded = artifact.codec.decode(encoded)
    limits = artifact.profile.constraints.polyphony is not None
    tracks = (replace(own, notes=playable(own.notes, own.name, limits_polyphony=limits)) for own in decoded.tracks)
    return replace(decoded, tracks=tuple(tracks))


def sources_of(recipe: dict[str, Any]) -> list[tuple[TrainingSource, bool]]:
    """Returns the sources of a recipe, each with whether it is one of a mixture."""
    try:
        if recipe.get("sources"):
            return [(TrainingSource.model_validate(source), True) for source in recipe["sources"]]
        return [(TrainingSource(corpus=recipe.get("corpus", "folder")), False)]
    except (ValidationError, TypeError) as error:
        raise ArtifactError("the artifact's recipe does not say what its training pieces are") from error


def _read(
    artifact: Artifact, corpus: Corpus, files: Iterator[Piece], named: dict[str, str] | None
) -> Iterator[TrainingPiece]:
    """Pieces that are long enough; ``named`` are the instruments of tracks in a mixture, which is orchestrated."""
    for file in files:
        # What cannot be read or encoded training left out as well, or the file has changed.
        with suppress(ComponiumError):
            for piece, score in read_pieces(corpus, file):
                encoded = artifact.codec.encode(score if named is None else as_written(voices_of(score), named))
                if encoded.n_bars >= LEAST_BARS:
                    yield TrainingPiece(piece.name, on_grid(artifact, encoded), encoded)


def _first(pieces: Iterator[TrainingPiece]) -> list[TrainingPiece]:
    return [piece for _, piece in zip(range(MOST_PIECES), pieces, strict=False)]


def _whole_bars(score: Score) -> Iterator[str]:
    """The time signature of every bar that has its full length."""
    starts = bar_grid(score).start_of(np.arange(n_bars(score) + 1))
    onsets = [meter.onset for meter in score.time_signatures]
    for start, length in zip(starts[:-1].tolist(), np.diff(starts).tolist(), strict=True):
        meter = score.time_signatures[int(np.searchsorted(onsets, start, side="right")) - 1]
        if length == meter.bar_ticks(score.ticks_per_quarter):
            yield f"{meter.numerator}/{meter.denominator}"
