"""How fast a minute of six parts becomes sound: ``python benchmarks/audio.py``; processor seconds, best of three.

The goal is 100 times real time. symusic's synthesizer stands beside as the measure of a compiled one, though it plays
this font out of tune (see ``componium/rendering/soundfont/reader.py``); fluidsynth, if it is on the path.
"""

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import symusic

from componium.formats.midi import midi_bytes, write_midi
from componium.rendering.audio import synthesize, write_audio
from componium.rendering.soundfont import EMBEDDED_FONT
from componium.rendering.soundfont.reader import _read
from componium.score import Score, Track, make_notes

SECONDS = 60
BEATS = SECONDS * 2


def six_parts() -> Score:
    """A minute at 120 bpm of melody, piano chords, strings, guitar, bass and drums; 1,410 notes."""
    random = np.random.default_rng(6)
    eighths = np.arange(0, BEATS * 480, 240)
    sixteenths = np.arange(0, BEATS * 480, 120)
    bars = np.arange(0, BEATS * 480, 1920)
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    roots = random.choice(scale, len(bars))

    def steps(count: int, low: int) -> np.ndarray:
        return low + random.choice(scale, count) + 12 * random.integers(0, 2, count)

    chords = np.repeat(bars, 8) + np.tile(np.repeat([0, 960], 4), len(bars))
    voicing = 55 + np.repeat(roots, 8) + np.tile([0, 4, 7, 12], 2 * len(bars))
    tracks = (
        Track(make_notes(eighths, 220, steps(len(eighths), 67), random.integers(60, 110, len(eighths))), 73),
        Track(make_notes(chords, 900, voicing, random.integers(50, 90, len(chords))), 0),
        Track(make_notes(np.repeat(bars, 3), 1900, 48 + np.repeat(roots, 3) + np.tile([0, 7, 16], len(bars)), 60), 48),
        Track(make_notes(eighths, 460, steps(len(eighths), 52), 70), 24),
        Track(make_notes(eighths[::2], 400, 36 + np.repeat(roots, 4), 95), 33),
        Track(
            make_notes(sixteenths, 60, np.resize([36, 42, 42, 42, 38, 42, 46, 42], len(sixteenths)), 90), is_drum=True
        ),
    )
    return Score(480, tracks)


def timed(work: Callable[[], object], repeats: int = 3) -> tuple[float, float]:
    """Least processor and wall seconds, children included."""
    runs: list[tuple[float, float]] = []
    for _ in range(repeats):
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        below = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
        runs.append((time.process_time() - cpu + below, time.perf_counter() - wall))
    return min(cpu for cpu, _ in runs), min(wall for _, wall in runs)


def main() -> None:
    score = six_parts()
    mixed = symusic.Score.from_midi(midi_bytes(score))

    def cold() -> None:
        _read.cache_clear()
        synthesize(score)

    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "piece.mid"
        write_midi(score, midi)
        works: dict[str, Callable[[], object]] = {
            "componium, font to be read": cold,
            "componium": lambda: synthesize(score),
            "componium, dry": lambda: synthesize(score, dry=True),
            "componium to .wav": lambda: write_audio(score, f"{folder}/x.wav"),
            "componium to .flac": lambda: write_audio(score, f"{folder}/x.flac"),
            "componium to .ogg": lambda: write_audio(score, f"{folder}/x.ogg"),
            "componium to .mp3": lambda: write_audio(score, f"{folder}/x.mp3"),
            "symusic alone": lambda: symusic.Synthesizer(str(EMBEDDED_FONT), 44100, 0).render(mixed, stereo=True),
        }
        if program := shutil.which("fluidsynth"):
            line = [program, "-niq", "-r", "44100", "-F", f"{folder}/f.wav", str(EMBEDDED_FONT), str(midi)]
            works["fluidsynth to .wav"] = lambda: subprocess.run(line, check=True, capture_output=True)
        print(f"{SECONDS} s of music, {len(score.tracks)} parts, {score.n_notes} notes\n")
        print(f"{'':28}{'CPU s':>8}{'wall s':>8}{'x real time':>13}")
        for name, work in works.items():
            cpu, wall = timed(work)
            print(f"{name:28}{cpu:8.2f}{wall:8.2f}{SECONDS / cpu:13.0f}")


if __name__ == "__main__":
    main()
