"""POP909: piano arrangements of 909 popular songs, in three parts, with beats and chords.

The ticks of its MIDI files are not its beats: their phase is arbitrary. :func:`read` puts every note on the beats
that ``beat_midi.txt`` states (one row a beat: seconds, a flag at every second beat, a flag at every downbeat), by
linear interpolation between neighboring beats and extrapolation before the first and after the last. Tempo and
time signatures follow from the same file, chords from ``chord_midi.txt`` (start, end, label; seconds).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from componium.corpora.corpus import Corpus, Piece, Remote
from componium.corpora.files.finding import find_midi_files
from componium.errors import FormatError
from componium.formats.midi import read_midi
from componium.score import ChordSpan, Score, Tempo, TempoMap, TimeSignature, Track, make_notes

TICKS_PER_QUARTER = 480
PART_NAMES = ("melody", "bridge", "piano")
# Neighboring beats whose tempo differs by less than this share one tempo event.
_TEMPO_TOLERANCE = 0.01


def find_pieces(folder: Path) -> list[Piece]:
    """One piece a song, from the distributed layout (``POP909/001/001.mid``) or a flat one; versions left out."""
    songs = [
        path
        for path in find_midi_files(folder)
        if path.stem.isdecimal() and "versions" not in path.relative_to(folder).parts
    ]
    return [Piece(path.relative_to(folder).as_posix(), f"pop909/{path.stem}", path) for path in songs]


def read(piece: Piece) -> Score:
    """Reads a song on its beat grid, with its chords.

    Raises:
        FormatError: the MIDI file or its beat annotation is missing or unreadable.
    """
    performed = read_midi(piece.path, keep_source=False)
    seconds_of = TempoMap(performed)
    beats = _Beats(_read_columns(_annotation(piece, "beat_midi.txt")))
    tracks: list[Track] = []
    for track in performed.tracks:
        onset = seconds_of.seconds(track.notes["onset"])
        end = seconds_of.seconds(track.notes["onset"].astype(np.int64) + track.notes["duration"])
        onset_ticks = beats.ticks(onset)
        duration = np.maximum(beats.ticks(end) - onset_ticks, 1)
        notes = make_notes(np.maximum(onset_ticks, 0), duration, track.notes["pitch"], track.notes["velocity"])
        tracks.append(Track(notes, track.program, name=track.name.strip().lower()))
    return Score(
        TICKS_PER_QUARTER,
        tuple(tracks),
        beats.tempos(),
        beats.time_signatures(),
        chords=_read_chords(_annotation(piece, "chord_midi.txt"), beats),
    )


class _Beats:
    """Seconds to ticks along annotated beats; music before the first downbeat fills whole bars before it."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        self._seconds = rows[:, 0]
        downbeats = np.flatnonzero(rows[:, 2] > 0.5)
        self._downbeats = downbeats if len(downbeats) else np.array([0])
        gaps = np.diff(self._downbeats)
        self._usual_gap = int(np.bincount(gaps).argmax()) if len(gaps) else 4
        # The seconds before the first downbeat, in beats, rounded up to bars.
        first = int(self._downbeats[0])
        lead = first + self._seconds[0] / (self._seconds[1] - self._seconds[0])
        lead_bars = int(np.ceil(lead / self._usual_gap - 0.02))
        self._offset = lead_bars * self._usual_gap - first

    def ticks(self, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
        """Ticks at each moment."""
        segment = np.clip(np.searchsorted(self._seconds, seconds, side="right") - 1, 0, len(self._seconds) - 2)
        start, end = self._seconds[segment], self._seconds[segment + 1]
        beat = segment + (seconds - start) / (end - start) + self._offset
        return np.rint(beat * TICKS_PER_QUARTER).astype(np.int64)

    def tempos(self) -> tuple[Tempo, ...]:
        bpm = 60.0 / np.diff(self._seconds)
        kept = [Tempo(0, float(bpm[0]))]
        for beat, tempo_bpm in enumerate(bpm):
            if abs(tempo_bpm / kept[-1].tempo_bpm - 1) > _TEMPO_TOLERANCE:
                kept.append(Tempo((beat + self._offset) * TICKS_PER_QUARTER, float(tempo_bpm)))
        return tuple(tempo for tempo in kept if tempo.onset >= 0)

    def time_signatures(self) -> tuple[TimeSignature, ...]:
        """One quarter a beat; a new time signature wherever the distance between downbeats changes."""
        meters = [TimeSignature(0, self._usual_gap, 4)]
        for downbeat, gap in zip(self._downbeats, np.diff(self._downbeats), strict=False):
            if gap != meters[-1].numerator:
                onset = (int(downbeat) + self._offset) * TICKS_PER_QUARTER
                meter = TimeSignature(onset, int(gap), 4)
                meters = [*meters, meter] if onset else [meter]
        last = (int(self._downbeats[-1]) + self._offset) * TICKS_PER_QUARTER
        if meters[-1].numerator != self._usual_gap:
            meters.append(TimeSignature(last, self._usual_gap, 4))
        return tuple(meters)


def _annotation(piece: Piece, filename: str) -> Path:
    """The annotation beside the song, as distributed, or in ``annotations/NNN/`` of a flat layout."""
    beside = piece.path.parent / filename
    path = beside if beside.exists() else piece.path.parent / "annotations" / piece.path.stem / filename
    if not path.exists():
        raise FormatError(f"{piece.path}: its annotation {filename} is missing")
    return path


def _read_columns(path: Path) -> NDArray[np.float64]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows = np.array([line.split() for line in lines if line.strip()], np.float64).reshape(-1, 3)
    except ValueError as error:
        raise FormatError(f"{path}: not a table of numbers ({error})") from error
    if len(rows) < 2 or not (np.diff(rows[:, 0]) > 0).all():
        raise FormatError(f"{path}: not a list of two or more rising beats")
    return rows


def _read_chords(path: Path, beats: _Beats) -> tuple[ChordSpan, ...]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    try:
        seconds = np.array([(start, end) for start, end, _ in rows], np.float64).reshape(-1, 2)
    except ValueError as error:
        raise FormatError(f"{path}: not a list of 'start end label' ({error})") from error
    ticks = np.maximum(beats.ticks(seconds), 0).tolist()
    return tuple(
        ChordSpan(onset, stop - onset, label)
        for (onset, stop), (_, _, label) in zip(ticks, rows, strict=True)
        if stop > onset
    )


POP909 = Corpus(
    name="pop909",
    title="POP909: pop piano in three parts, with beats and chords",
    licence="MIT (the songs themselves are in copyright)",
    citation=(
        "Z. Wang, K. Chen, J. Jiang, Y. Zhang, M. Xu, S. Dai, G. Bin, G. Xia: POP909: A Pop-song Dataset for Music "
        "Arrangement Generation. ISMIR 2020."
    ),
    homepage="https://github.com/music-x-lab/POP909-Dataset",
    remotes=(
        Remote(
            "https://github.com/music-x-lab/POP909-Dataset/archive/d83e6edba6872a704f5d3b8b32f5cb540088dae6.zip",
            "pop909.zip",
            contents="sha256:877d8f4694de064412a0605af855d9ca81d4850292d8685ba3aac3b0d19c47b5",
        ),
    ),
    find=find_pieces,
    read=read,
    redistributable=True,
)
