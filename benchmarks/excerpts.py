"""Pieces of equal length cut from a corpus, as MIDI files: what the benchmarks of the judge are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from componium.corpora import CORPORA
from componium.corpora.corpus import Piece
from componium.formats.midi import write_midi
from componium.score import NOTE_DTYPE, Score, TimeSignature, Track, bar_grid, make_notes


def excerpt(score: Score, first_bar: int, n_bars: int) -> Score:
    """The notes that begin in some bars, cut at their end, in the meter of the first."""
    grid = bar_grid(score)
    start, end = (int(tick) for tick in grid.start_of(np.array([first_bar, first_bar + n_bars])))
    tracks = []
    for track in score.tracks:
        notes = track.notes[(track.notes["onset"] >= start) & (track.notes["onset"] < end)]
        if len(notes):
            onset, duration, pitch, velocity = (notes[name] for name in NOTE_DTYPE.names or ())
            inside = np.minimum(duration, end - onset)
            tracks.append(Track(make_notes(onset - start, inside, pitch, velocity), track.program, track.is_drum))
    meters = [meter for meter in score.time_signatures if meter.onset <= start]
    meter = TimeSignature(0, meters[-1].numerator, meters[-1].denominator)
    return Score(score.ticks_per_quarter, tuple(tracks), time_signatures=(meter,))


def cut_pieces(data: Path, corpus: str, n_bars: int, *, once: bool = False) -> Iterator[tuple[Piece, Score]]:
    """Yields excerpts of a corpus, from the fifth bar of every piece on, each with its piece; ``once``: one of each."""
    known = CORPORA[corpus if corpus in CORPORA else "folder"]
    for piece in known.find(data / corpus):
        score = known.read(piece)
        starts = range(4, bar_grid(score).count(score.end) - n_bars + 1, n_bars)
        for first in starts[:1] if once else starts:
            cut = excerpt(score, first, n_bars)
            if cut.n_notes:
                yield piece, cut


def write_excerpts(data: Path, corpus: str, folder: Path, n_pieces: int, n_bars: int = 32) -> list[Path]:
    """Cuts at most ``n_pieces`` pieces, from the fifth bar of every file on, and writes them into a folder."""
    folder.mkdir(parents=True)
    written: list[Path] = []
    for _, cut in islice(cut_pieces(data, corpus, n_bars), n_pieces):
        written.append(folder / f"{len(written):05}.mid")
        write_midi(cut, written[-1])
    return written
