"""Surveys the pieces of a file before any is encoded: whether it can be used, its identity, its instruments."""

from __future__ import annotations

import pickle
from collections import Counter
from typing import NamedTuple

from componium.corpora.duplicates import Identity, identity_of
from componium.corpora.instrumentation import voices_of
from componium.corpora.selection import Figures, refusal
from componium.errors import ComponiumError
from componium.representations.parts import part_of
from componium.score import Score, n_bars
from componium.score.beat_tracking import gridded
from componium.score.grid import has_beat_grid
from componium.training.preparation.sources import PreparationConfig, SourcePiece

Instrument = tuple[int, bool]
"""Program, 0 of drums, and whether it is drums."""


class Surveyed(NamedTuple):
    """The results of the survey of one piece.

    Attributes:
        refused: why it cannot be used; None where it can.
        movement: its number in its file; 0: the whole file.
        follows_beats: whether its ticks do.
        is_moved: whether it was put on beats that were tracked.
        instruments: notes by instrument, in the order of its tracks.
        identity: by which duplicates are found; None where the piece is refused.
        stored: the score, for :func:`componium.training.preparation.encoding.encode`, so that no file is read twice.
    """

    refused: str | None
    movement: int = 0
    follows_beats: bool = True
    is_moved: bool = False
    instruments: tuple[tuple[Instrument, int], ...] = ()
    identity: Identity | None = None
    stored: bytes = b""


def survey(own: SourcePiece, config: PreparationConfig) -> list[Surveyed]:
    """Reads the pieces of one file; what is wrong with it is its refusal, and no error."""
    try:
        pieces = own.read(own.piece)
    except ComponiumError as error:
        return [Surveyed(str(error).removeprefix(f"{own.piece.path}: "))]
    return [_survey_piece(own, piece.movement, score, config) for piece, score in pieces]


def _survey_piece(own: SourcePiece, movement: int, score: Score, config: PreparationConfig) -> Surveyed:
    if own.source is not None:
        score = voices_of(score)
    if not score.n_notes:
        return Surveyed("no notes in it", movement)
    is_moved = False
    if config.notes.unit == "quarter" and not config.keep_ticks and not own.is_drummer:
        try:
            score, _, is_moved = gridded(score)
        except ComponiumError as error:
            return Surveyed(f"its beats cannot be found: {error}", movement)
    follows_beats = is_moved or config.notes.unit == "second" or has_beat_grid(score)
    refused = _refusal(own, score, config, follows_beats=follows_beats)
    if refused is not None:
        return Surveyed(refused, movement, follows_beats, is_moved)
    instruments: Counter[Instrument] = Counter()
    for track in score.tracks:
        instruments[0 if track.is_drum else track.program, track.is_drum] += len(track.notes)
    by_instrument = tuple(instruments.items())
    stored = pickle.dumps(score, protocol=5)
    return Surveyed(None, movement, follows_beats, is_moved, by_instrument, identity_of(score), stored)


def restored(stored: bytes) -> Score:
    """Returns the score that :func:`survey` stored."""
    # It never left the preparation that wrote it.
    return pickle.loads(stored)  # noqa: S301


def _refusal(own: SourcePiece, score: Score, config: PreparationConfig, *, follows_beats: bool) -> str | None:
    """Why a score that was read is left out, None where it is used."""
    if own.is_drummer:
        return None
    parts = config.notes.parts
    n_played = len({(track.program, track.is_drum) for track in score.tracks if len(track.notes)})
    if parts and own.source is None:
        n_played = len({part_of(parts, track) for track in score.tracks if len(track.notes)} - {None})
        if not n_played:
            return "no note for any of the parts: " + ", ".join(part.name for part in parts)
    return refusal(config.selection, Figures(n_bars(score), n_played, follows_beats))
