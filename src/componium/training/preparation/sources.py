"""The sources of a dataset: one corpus as it is, or several whose pieces are orchestrated anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from componium.corpora import corpus_named
from componium.corpora.corpus import Corpus, Piece
from componium.corpora.files.reading import FileReader, file_bytes, movement_name, movement_of, reader_of
from componium.corpora.instrumentation import DRUMS
from componium.corpora.selection import SelectionConfig
from componium.errors import CorpusError, FormatError
from componium.features.feature_set import FeatureConfig
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.score import Score
from componium.score.instruments import BAND, BAND_BY_NAME
from componium.training.preparation.orchestration import Orchestration

LabelKind = Literal["style", "composer", "genre", "folder"]


class PreparationConfig(BaseModel):
    """Settings of a dataset that do not depend on its music.

    Attributes:
        notes: what pieces are encoded in.
        features: that a network is to read.
        selection: which pieces are used.
        label: what the label of each piece says; None: pieces have none.
        keep_ticks: leave pieces whose ticks follow no beat on their ticks; False puts them on their beats, where these
            are found and the representation counts in quarters.
        seed: of the orchestrations.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    notes: NotesConfig = NotesConfig()
    features: FeatureConfig = FeatureConfig()
    selection: SelectionConfig = SelectionConfig()
    label: LabelKind | None = None
    keep_ticks: bool = False
    seed: int = 0


class Source(BaseModel):
    """A corpus of a mixture.

    Attributes:
        folder: below the folder of the data, ``.`` for that itself; empty: the corpus' name.
        style: of its pieces, as requests will name it.
        share: of the training excerpts, in relation to the other sources.
        variants: orchestrations of each training piece; 0: it comes once, as it is written.
        solo: share of them for one instrument.
        drummed: share of the others without a drummer that get a loop of one.
        parts: track -> instrument of pieces as they are written, where their own would join tracks.
        instruments: that play the other tracks of pieces as they are written, each the first whose range holds it;
            empty: what is nearest to their own.
        drums: the source gives drummers' loops to the others, and nothing else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    corpus: str = Field(min_length=1)
    folder: str = ""
    style: str
    share: float = Field(default=1.0, gt=0)
    variants: int = Field(default=4, ge=0, le=64)
    solo: float = Field(default=0.25, ge=0, le=1)
    drummed: float = Field(default=0.0, ge=0, le=1)
    parts: dict[str, str] = Field(default_factory=dict)
    instruments: tuple[str, ...] = ()
    drums: bool = False

    @field_validator("parts", "instruments")
    @classmethod
    def _are_of_the_band(cls, names: dict[str, str] | tuple[str, ...]) -> dict[str, str] | tuple[str, ...]:
        for name in names.values() if isinstance(names, dict) else names:
            if name not in BAND_BY_NAME:
                raise ValueError(f"no instrument {name!r} in the band; it has {', '.join(BAND_BY_NAME)}")
        return names

    def orchestration(self, drum_loops: Sequence[Score]) -> Orchestration:
        """How its training pieces are varied."""
        return Orchestration(self.solo, self.drummed, self.parts, drum_loops)

    @property
    def place(self) -> str:
        """Its folder below that of the data, by which its pieces differ from those of other sources."""
        return self.folder or self.corpus


class SourcePiece(NamedTuple):
    """A piece to be prepared; before its file is read, all pieces of that file.

    Attributes:
        name: unique in the dataset.
        read: how its corpus reads the pieces of its file; it can be sent to other processes.
        digest: hash of the bytes of its files.
        label: empty where the piece has none of the kind that is asked for.
        source: by which it is orchestrated and gets conditions; None: it stays as it is and has none.
        place: of its source in the list of sources.
    """

    name: str
    piece: Piece
    read: FileReader
    digest: str
    label: str = ""
    source: Source | None = None
    place: int = 0

    def movement(self, number: int) -> SourcePiece:
        """Returns a movement of its file; 0: the whole file."""
        if not number:
            return self
        return self._replace(name=movement_name(self.name, number), piece=movement_of(self.piece, number))

    @property
    def is_drummer(self) -> bool:
        """Whether it only serves as a source of drum loops."""
        return self.source is not None and self.source.drums


def pieces_of(corpus: Corpus, folder: Path, label: LabelKind | None) -> list[SourcePiece]:
    """Returns the files of one corpus, whose pieces stay as they are.

    Raises:
        CorpusError: the folder does not exist or holds no music.
    """
    found = corpus.find(folder)
    if not found:
        raise CorpusError(f"{folder}: no piece of {corpus.name} in it; --corpus folder reads whatever music is there")
    hashes = hash_files(found)
    return [
        SourcePiece(piece.name, piece, reader_of(corpus), digest, _label_of(piece, label))
        for piece, digest in zip(found, hashes, strict=True)
    ]


def pieces_of_mixture(sources: Sequence[Source], folder: Path, label: LabelKind | None) -> list[SourcePiece]:
    """Returns the files of several sources that lie below one folder.

    Raises:
        CorpusError: the folder of a source does not exist or holds no music.
    """
    return [
        own._replace(
            name=own.name if source.place == "." else f"{source.place}/{own.name}",
            label=own.label or {"style": source.style, "folder": source.place}.get(label or "", ""),
            source=source,
            place=place,
        )
        for place, source in enumerate(sources)
        for own in pieces_of(corpus_named(source.corpus), folder / source.place, label)
    ]


def _label_of(piece: Piece, kind: LabelKind | None) -> str:
    """The label that a corpus gives to a piece, or the name of the folder of the piece; empty where there is none."""
    if kind is None:
        return ""
    if kind == "folder" and "/" in piece.name:
        return piece.name.partition("/")[0]
    return piece.labels.get(kind, "")


def hash_files(pieces: Iterable[Piece]) -> list[str]:
    """Returns a hash of each file's bytes and of its annotations' beside it, which corpora read along."""
    digests: list[str] = []
    for piece in pieces:
        digest = hashlib.blake2b(digest_size=16)
        notes_beside = piece.path.parent / "annotations" / piece.path.stem
        for path in (piece.path, *sorted(notes_beside.glob("*.txt"))):
            try:
                digest.update(file_bytes(path))
            except FormatError:
                digest.update(b"unreadable")
        digests.append(digest.hexdigest())
    return digests


def band_parts() -> tuple[Part, ...]:
    """The parts of a band: all its instruments, drums last."""
    return (*(Part(name=own.name, program=own.program) for own in BAND), Part(name=DRUMS, is_drum=True))
