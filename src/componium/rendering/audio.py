"""Renders scores as audio with the embedded SoundFont, reverberation and an even loudness.

General MIDI in 44.1 kHz stereo. Bass and drums stand in the middle, the other instruments beside each other. Programs
that the font lacks are played by the nearest one that it has; equal scores give equal samples.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from componium.errors import FormatError
from componium.formats.loading import Target, name_of, store
from componium.formats.midi import Channel, channels_of
from componium.rendering.faders import faders_of
from componium.rendering.reverberation import REVERBERATION_SECONDS, SAMPLE_RATE, add_reverberation, master
from componium.rendering.soundfont import EMBEDDED_FONT, NEAREST_PROGRAM
from componium.rendering.soundfont.reader import SoundFont, read_soundfont
from componium.rendering.soundfont.voices import BEND_SEMITONES, Bends, Playing, play
from componium.score import Score, TempoMap, Track, duration_seconds
from componium.score.notes import with_pedals

# They take .9 GB of memory to write, twice that to return, or where the volume of a channel is set.
MAX_MINUTES = 40.0
# Of all notes together. They take 25 s; an orchestra of thirty needs 20 hours for 40 minutes.
MAX_SOUNDING_HOURS = 30.0

_TAIL_SECONDS = 4.0
_FADE_SECONDS = 0.4
# What is quieter than this, below the loudest sample, counts as silence at the end.
_SILENCE = 10 ** (-66 / 20)
_DRUM_BANK = 128
# Where instruments stand, in the order of the score; tracks of one program are one player.
_SEATS = (0.0, 0.14, -0.14, 0.24, -0.24, 0.32, -0.32, 0.07, -0.07, 0.19, -0.19, 0.28, -0.28)
_BASS_PROGRAMS = frozenset({*range(32, 40), 43, 47, 58})

_FORMATS: dict[str, dict[str, Any]] = {
    ".wav": {"format": "WAV", "subtype": "PCM_16"},
    ".flac": {"format": "FLAC", "subtype": "PCM_16"},
    ".ogg": {"format": "OGG", "subtype": "VORBIS", "compression_level": 0.4},
    ".mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "VARIABLE", "compression_level": 0.2},
}
# libsndfile's Vorbis encoder overflows its stack on a whole piece at once.
_WRITE_SAMPLES = 1 << 16


def synthesize(
    score: Score, *, dry: bool = False, soundfont: str | os.PathLike[str] | None = None
) -> NDArray[np.float32]:
    """Returns a score as sound, shape (samples, 2), at 44.1 kHz, from tick 0 until the last note has died away.

    Args:
        score: at least one note, at most 40 minutes.
        dry: without reverberation.
        soundfont: a ``.sf2`` or ``.sf3`` file instead of the embedded one.

    Raises:
        FormatError: the score is empty or too long, or the SoundFont cannot be read.
    """
    return np.ascontiguousarray(_render(score, dry=dry, soundfont=soundfont).T)


def write_audio(
    score: Score,
    target: Target,
    *,
    ending: str | None = None,
    dry: bool = False,
    soundfont: str | os.PathLike[str] | None = None,
) -> None:
    """Writes a score as ``.wav``, ``.flac`` (16 bit), ``.ogg`` (Vorbis) or ``.mp3``.

    Args:
        score: as for :func:`synthesize`.
        target: a path, or a file object.
        ending: one of the four, which chooses the format; None: the path's own.
        dry: without reverberation.
        soundfont: as for :func:`synthesize`.

    Raises:
        FormatError: as :func:`synthesize`, or the ending is unknown, or the file cannot be written.
    """
    is_path = isinstance(target, str | os.PathLike)
    ending = ending or (Path(target).suffix if is_path else "")
    _check_ending(ending, target)
    mix = _render(score, dry=dry, soundfont=soundfont)
    if is_path:
        _encode(mix, ending, str(target), target)
    else:
        store(_encoded(mix, ending, target), target)


def stems(score: Score, ending: str) -> Iterator[tuple[int, bytes]]:
    """Yields the index of each track that has notes, and a file of its sound in the mix.

    Each has its place, its loudness and its reverberation in the mix, is as long as the mix, and is turned down where
    that has a peak: together they are what :func:`write_audio` writes.

    Args:
        score: as for :func:`synthesize`.
        ending: as for :func:`write_audio`.

    Raises:
        FormatError: as :func:`write_audio`.
    """
    _check_ending(ending, None)
    tracks = _Tracks(score, dry=False, soundfont=None)
    mix = tracks.sound()
    end = tracks.end_of(mix)
    mix = end.cut(mix)
    mastering = master(mix)
    del mix
    for number in tracks.numbers:
        own = end.cut(tracks.sound(number))
        mastering.apply(own)
        yield number, _encoded(own, ending, None)


def _check_ending(ending: str, target: Target | None) -> None:
    if ending.lower() not in _FORMATS:
        about = "" if target is None else f"{name_of(target)}: "
        raise FormatError(f"{about}unknown ending for audio; known are {' '.join(_FORMATS)}")


def _encoded(mix: NDArray[np.float32], ending: str, target: Target | None) -> bytes:
    # libsndfile goes back to complete its header: what cannot seek gets the whole file at once.
    whole = io.BytesIO()
    _encode(mix, ending, whole, target)
    return whole.getvalue()


def _encode(mix: NDArray[np.float32], ending: str, file: str | io.BytesIO, target: Target | None) -> None:
    """Writes sound of shape (2, samples); ``target`` is what an error names."""
    settings = _FORMATS[ending.lower()]
    try:
        with soundfile.SoundFile(file, "w", samplerate=SAMPLE_RATE, channels=2, **settings) as opened:
            for start in range(0, mix.shape[1], _WRITE_SAMPLES):
                opened.write(mix[:, start : start + _WRITE_SAMPLES].T)
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        # So libsndfile says that the system refused to write.
        reason = str(error).split(": ")[-1].rstrip(".").replace("System error", "the disk may be full")
        about = "the sound" if target is None else name_of(target)
        raise FormatError(f"{about}: cannot be written ({reason})") from error


def _render(score: Score, *, dry: bool, soundfont: str | os.PathLike[str] | None) -> NDArray[np.float32]:
    """As :func:`synthesize`, but of shape (2, samples)."""
    tracks = _Tracks(score, dry=dry, soundfont=soundfont)
    mix = tracks.sound()
    mix = tracks.end_of(mix).cut(mix)
    master(mix)
    return mix


class _Tracks:
    """The tracks of a score as sound.

    Args:
        score: as for :func:`synthesize`.
        dry: without reverberation.
        soundfont: path, or None.
    """

    def __init__(self, score: Score, *, dry: bool, soundfont: str | os.PathLike[str] | None) -> None:
        if score.n_notes == 0:
            raise FormatError("the score has no notes: there is nothing to hear")
        # Keys sound as long as the sustain pedal holds them.
        held = (replace(track, notes=with_pedals(track.notes, track.pedals)) for track in score.tracks)
        self._score = score = replace(score, tracks=tuple(held))
        self._seconds = duration_seconds(score)
        if self._seconds > MAX_MINUTES * 60:
            raise FormatError(
                f"{self._seconds / 60:.0f} minutes of music are more than the limit of {MAX_MINUTES:.0f} for audio"
            )
        self._tempo_map = TempoMap(score)
        _check_sounding(score, self._tempo_map)
        self._font = read_soundfont(soundfont or EMBEDDED_FONT)
        self._dry = dry
        self._pans = _pans(score)
        self._channels = channels_of(score)
        self.numbers = [number for number, track in enumerate(score.tracks) if len(track.notes)]

    def sound(self, *numbers: int) -> NDArray[np.float32]:
        """Returns the sound of tracks together, or of all, shape (2, samples), with silence at its end."""
        tail = _TAIL_SECONDS if self._dry else _TAIL_SECONDS + REVERBERATION_SECONDS
        mix = np.zeros((2, int((self._seconds + tail) * SAMPLE_RATE)), np.float32)
        for number in numbers or self.numbers:
            track, channel = self._score.tracks[number], self._channels[number]
            source, preset = _preset(self._font, track)
            faders = faders_of(channel, self._tempo_map, self._pans[number])
            bends = _bends(track, channel, self._tempo_map)
            with faders.applied(mix) as own:
                play(own, source, preset, _playing(track, self._tempo_map), bends, pan=faders.pan)
            # Else it would be there beside that of the next track.
            del own
        add_reverberation(mix, dry=self._dry)
        return mix

    def end_of(self, mix: NDArray[np.float32]) -> _End:
        """Returns where a mix ends: when its last note has died away, and never before that is released."""
        end = int(self._seconds * SAMPLE_RATE)
        floor = _SILENCE * max(float(mix.max()), -float(mix.min()))
        late = np.abs(mix[:, end:]).max(axis=0)
        heard = np.flatnonzero(late > floor)
        fade = int(_FADE_SECONDS * SAMPLE_RATE)
        stop = min(end + (int(heard[-1]) + 1 if len(heard) else 0) + fade // 2, mix.shape[1])
        return _End(stop, max(0, min(fade, stop - end)))


class _End(NamedTuple):
    """The sample where sound ends, and the samples before it over which it fades."""

    stop: int
    fade: int

    def cut(self, mix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns sound that ends there; fades it in place."""
        if self.fade > 0:
            fall = np.cos(np.linspace(0, np.pi / 2, self.fade, dtype=np.float32)) ** 2
            mix[:, self.stop - self.fade : self.stop] *= fall
        return mix[:, : self.stop]


def _check_sounding(score: Score, tempo_map: TempoMap) -> None:
    hours = 0.0
    for track in score.tracks:
        onset = track.notes["onset"].astype(np.int64)
        end = onset + track.notes["duration"]
        hours += float((tempo_map.seconds(end) - tempo_map.seconds(onset)).sum()) / 3600
    if hours > MAX_SOUNDING_HOURS:
        raise FormatError(
            f"{score.n_notes} notes that sound for {hours:.0f} hours together are more than the limit of "
            f"{MAX_SOUNDING_HOURS:.0f} hours for audio"
        )


def _playing(track: Track, tempo_map: TempoMap) -> Playing:
    notes = track.notes
    onset = notes["onset"].astype(np.int64)
    start, end = (
        np.rint(tempo_map.seconds(at) * SAMPLE_RATE).astype(np.int64) for at in (onset, onset + notes["duration"])
    )
    return Playing(start, end - start, notes["pitch"].astype(np.int64), notes["velocity"].astype(np.int64))


def _bends(track: Track, channel: Channel | None, tempo_map: TempoMap) -> Bends:
    """The track's bends, or, under the range that its channel has and from whichever chunk, those of its file."""
    if channel is not None:
        onset = np.rint(tempo_map.seconds(channel.bend.onset) * SAMPLE_RATE).astype(np.int64)
        return Bends(onset, 2.0 ** (channel.bend.value / 12))
    bends = track.pitch_bends[np.argsort(track.pitch_bends["onset"], kind="stable")]
    onset = np.rint(tempo_map.seconds(bends["onset"]) * SAMPLE_RATE).astype(np.int64)
    return Bends(onset, 2.0 ** (BEND_SEMITONES / 12 * bends["value"] / 8192))


def _preset(font: SoundFont, track: Track) -> tuple[SoundFont, tuple[int, int]]:
    """The font and the preset (bank, program) that play a track."""
    if track.is_drum:
        kits = sorted(preset for preset in font.presets if preset[0] == _DRUM_BANK)
        # A font without drums is played beside the embedded kit.
        return (font, kits[0]) if kits else (read_soundfont(EMBEDDED_FONT), (_DRUM_BANK, 0))
    programs = [program for bank, program in font.presets if bank == 0]
    distance = partial(_distance, track.program)
    if programs:
        return font, (0, min(programs, key=distance))
    return font, min(font.presets, key=lambda preset: (distance(preset[1]), preset))


def _distance(wanted: int, program: int) -> tuple[bool, bool, bool, int, int]:
    """Orders programs: the wanted one, the one that the table names, its family, the nearest number."""
    near = NEAREST_PROGRAM[wanted]
    gap = abs(program - wanted)
    return program != wanted, program != near, program // 8 != wanted // 8, gap, program


def _pans(score: Score) -> list[float]:
    """Where each track stands, -0.5 left to 0.5 right."""
    seats: dict[int, float] = {}
    pans: list[float] = []
    for track in score.tracks:
        if track.is_drum or track.program in _BASS_PROGRAMS or not len(track.notes):
            pans.append(0.0)
        else:
            pans.append(seats.setdefault(track.program, _SEATS[len(seats) % len(_SEATS)]))
    return pans
