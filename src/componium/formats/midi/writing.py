"""Writes MIDI files, on symusic."""

from __future__ import annotations

from typing import Any

import numpy as np
import symusic

from componium.formats.loading import Target, store
from componium.score import KeySignature, Score, Track

# The controller of the sustain pedal.
_SUSTAIN = 64

# The tonic of a major key with n sharps (negative: flats) is 7 n semitones above C.
_FIFTH = 7


def midi_bytes(score: Score) -> bytes:
    """Returns a score as a MIDI file of type 1; equal scores give equal bytes."""
    return bytes(to_symusic(score).dumps_midi())


def write_midi(score: Score, target: Target) -> None:
    """Writes a score as a MIDI file of type 1, to a path or a file object.

    Raises:
        FormatError: the file cannot be written.
    """
    store(midi_bytes(score), target)


def to_symusic(score: Score) -> Any:  # noqa: ANN401 - symusic's classes are made by a factory and have no type
    """Returns the symusic score that holds the same music."""
    result: Any = symusic.Score(score.ticks_per_quarter)
    for tempo in score.tempos:
        result.tempos.append(symusic.Tempo(tempo.onset, tempo.tempo_bpm))
    for meter in score.time_signatures:
        result.time_signatures.append(symusic.TimeSignature(*meter))
    for key in score.key_signatures:
        result.key_signatures.append(symusic.KeySignature(key.onset, _signature(key), int(key.is_minor)))
    for text in score.texts:
        result.markers.append(symusic.TextMeta(0, text))
    for track in score.tracks:
        result.tracks.append(_track_to_symusic(track))
    return result


def _track_to_symusic(track: Track) -> Any:  # noqa: ANN401 - see to_symusic
    result: Any = symusic.Track(name=track.name, program=track.program, is_drum=track.is_drum)
    notes = track.notes
    result.notes = symusic.Note.from_numpy(
        # Copies: symusic refuses the stride of a column, even of a single note.
        np.array(notes["onset"], np.int32),
        np.array(notes["duration"], np.int32),
        np.array(notes["pitch"], np.int8),
        np.array(notes["velocity"], np.int8),
    )
    for bend in track.pitch_bends:
        result.pitch_bends.append(symusic.PitchBend(int(bend["onset"]), int(bend["value"])))
    for onset, duration in track.pedals.tolist():
        result.controls.append(symusic.ControlChange(onset, _SUSTAIN, 127))
        result.controls.append(symusic.ControlChange(onset + duration, _SUSTAIN, 0))
    return result


def _signature(key: KeySignature) -> int:
    """Sharps (negative: flats) of a key signature, -5 to 6."""
    major_tonic = (key.tonic + 3) % 12 if key.is_minor else key.tonic
    sharps = major_tonic * _FIFTH % 12
    return sharps - 12 if sharps > 6 else sharps
