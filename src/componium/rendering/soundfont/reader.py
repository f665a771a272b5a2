"""Reads SoundFont 2 files (.sf2, and .sf3 with Ogg Vorbis samples); samples are decoded when first used.

Source: SoundFont Technical Specification 2.04 (chapters 7 and 8). Read are ranges, sample addresses, loops, tuning,
the volume envelope, attenuation, pan, the low-pass filter at rest and exclusive classes. Left out are modulators, LFOs,
resonance and the movement of the filter. symusic's own synthesizer is not used: up to 0.5.9 it ignores pitch bends, the
root key that a zone names and, from 0.5.7 on, velocities, so that these fonts sound out of tune and without dynamics.
"""

from __future__ import annotations

import io
import os
import struct
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from componium.errors import FormatError
from componium.formats.loading import load

MAX_BYTES = 2**30

_RECORDS = {
    "phdr": np.dtype([("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")]),
    "pbag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    "pgen": np.dtype([("what", "<u2"), ("amount", "<i2")]),
    "inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    "ibag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    "igen": np.dtype([("what", "<u2"), ("amount", "<i2")]),
    "shdr": np.dtype(
        [
            ("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4"),
            ("rate", "<u4"), ("pitch", "u1"), ("correction", "i1"), ("link", "<u2"), ("type", "<u2"),
        ]
    ),
}  # fmt: skip

# Generator numbers of the specification, section 8.1.2.
_START, _END, _LOOP_START, _LOOP_END = (0, 4), (1, 12), (2, 45), (3, 50)
_INSTRUMENT, _KEY_RANGE, _VELOCITY_RANGE, _SAMPLE = 41, 43, 44, 53
_RANGE_WHOLE = 127 << 8
# Those that a preset does not add to (section 8.5), and those whose rest value is not 0.
_INSTRUMENT_ONLY = frozenset({0, 1, 2, 3, 4, 12, 45, 46, 47, 50, 54, 57, 58})
_DEFAULTS = {8: 13500, 33: -12000, 34: -12000, 35: -12000, 36: -12000, 38: -12000, 46: -1, 47: -1, 56: 100, 58: -1}
_COMPRESSED, _ROM = 0x10, 0x8000
_FULL_SCALE = 32768.0

_Generators = dict[int, int]


@dataclass(frozen=True)
class Zone:
    """A sample, the keys and velocities that it answers to, and how it sounds.

    Attributes:
        keys, velocities: lowest and highest, inclusive.
        sample: index for :meth:`SoundFont.sample`.
        root_key: key, with fractions, at which the sample sounds as recorded.
        cents_per_key: 100 but for untuned sounds.
        loop: first frame and the one after the last, or None.
        attenuation_db: at velocity 127.
        pan: -0.5 left to 0.5 right.
        envelope: seconds of delay, attack, hold and decay (to -100 dB).
        sustain_db: below the peak.
        release_seconds: to -100 dB.
        cutoff_hz: of the low-pass filter.
        exclusive_class: a note silences those of its class; 0 is none.
    """

    keys: tuple[int, int]
    velocities: tuple[int, int]
    sample: int
    root_key: float
    cents_per_key: float
    frames: tuple[int, int]
    loop: tuple[int, int] | None
    attenuation_db: float
    pan: float
    envelope: tuple[float, float, float, float]
    sustain_db: float
    release_seconds: float
    cutoff_hz: float
    exclusive_class: int


@dataclass(frozen=True, eq=False)
class SoundFont:
    """The presets of a font, by bank and program (drum kits are bank 128)."""

    name: str
    presets: dict[tuple[int, int], tuple[Zone, ...]]
    _headers: NDArray[np.void]
    _data: bytes
    _decoded: dict[int, NDArray[np.float32]] = field(default_factory=dict[int, NDArray[np.float32]])

    def rate(self, sample: int) -> int:
        """Frames per second of a sample."""
        return int(self._headers[sample]["rate"])

    def sample(self, sample: int) -> NDArray[np.float32]:
        """The frames of a sample, -1 to 1, read-only.

        Raises:
            FormatError: it is damaged.
        """
        if sample not in self._decoded:
            header = self._headers[sample]
            start, end = int(header["start"]), int(header["end"])
            if header["type"] & _COMPRESSED:
                try:
                    frames: Any = soundfile.read(io.BytesIO(self._data[start:end]), dtype="float32", always_2d=True)[0]
                except (soundfile.LibsndfileError, OSError, ValueError) as error:
                    raise FormatError(f"{self.name}: sample {sample} is damaged; use another SoundFont") from error
                frames = np.ascontiguousarray(frames[:, 0])
            else:
                data = self._data[2 * start : 2 * end]
                frames = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / np.float32(_FULL_SCALE)
            frames.flags.writeable = False
            self._decoded[sample] = frames
        return self._decoded[sample]


def read_soundfont(path: str | os.PathLike[str]) -> SoundFont:
    """Reads a SoundFont; the last two are kept in memory.

    Raises:
        FormatError: the file is missing, too large or no SoundFont.
    """
    path = Path(path)
    try:
        state = path.stat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FormatError(f"{path}: the SoundFont cannot be read ({reason})") from error
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int, _size: int) -> SoundFont:
    data, _ = load(path, what="SoundFont", max_bytes=MAX_BYTES)
    broken = f"{path}: not a readable SoundFont; give a whole .sf2 or .sf3 file"
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise FormatError(broken)
    try:
        chunks = _chunks(data)
        tables: dict[str, Any] = {name: np.frombuffer(chunks[name], dtype) for name, dtype in _RECORDS.items()}
        presets = _presets(tables, len(chunks["smpl"]))
    except (KeyError, IndexError, ValueError, struct.error) as error:
        raise FormatError(broken) from error
    if not presets:
        raise FormatError(f"{path}: the SoundFont holds no instrument")
    return SoundFont(str(path), presets, tables["shdr"], chunks["smpl"])


def _chunks(data: bytes) -> dict[str, bytes]:
    """The chunks inside the lists of a RIFF file, by name."""
    found: dict[str, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if at + 8 + size > len(data):
            raise ValueError("a chunk reaches beyond the file")
        if name == b"LIST":
            at += 12
            continue
        found[name.decode("latin-1")] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return found


def _presets(tables: dict[str, Any], n_bytes: int) -> dict[tuple[int, int], tuple[Zone, ...]]:
    instruments = [
        _bags(tables["inst"], index, tables["ibag"], tables["igen"], _SAMPLE)
        for index in range(len(tables["inst"]) - 1)
    ]
    presets: dict[tuple[int, int], tuple[Zone, ...]] = {}
    for index, header in enumerate(tables["phdr"][:-1]):
        zones = [
            _zone(inner, outer, tables["shdr"], n_bytes)
            for outer in _bags(tables["phdr"], index, tables["pbag"], tables["pgen"], _INSTRUMENT)
            for inner in instruments[outer[_INSTRUMENT]]
        ]
        heard = tuple(zone for zone in zones if zone is not None)
        if heard:
            presets.setdefault((int(header["bank"]), int(header["program"])), heard)
    return presets


def _bags(headers: Any, index: int, bags: Any, generators: Any, end: int) -> list[_Generators]:  # noqa: ANN401 - tables
    """The zones of one preset or instrument; the first one, where it names no ``end``, holds for all."""
    shared: _Generators = {}
    zones: list[_Generators] = []
    for bag in range(int(headers[index]["bag"]), int(headers[index + 1]["bag"])):
        rows = generators[int(bags[bag]["generator"]) : int(bags[bag + 1]["generator"])]
        local = {int(row["what"]): int(row["amount"]) for row in rows}
        if end in local:
            # Indices and ranges are unsigned, the other amounts signed.
            local[end] &= 0xFFFF
            zones.append(shared | local)
        elif not zones:
            shared = local
    return zones


def _zone(inner: _Generators, outer: _Generators, headers: NDArray[np.void], n_bytes: int) -> Zone | None:
    """One zone of an instrument within one of a preset; None where it never sounds."""
    header = headers[inner[_SAMPLE]]
    keys = _common_range(inner, outer, _KEY_RANGE)
    velocities = _common_range(inner, outer, _VELOCITY_RANGE)
    unit = 1 if header["type"] & _COMPRESSED else 2
    empty = header["end"] <= header["start"] or int(header["end"]) * unit > n_bytes or header["rate"] == 0
    if keys[0] > keys[1] or velocities[0] > velocities[1] or header["type"] & _ROM or empty:
        return None

    def value(what: int) -> int:
        own = inner.get(what, _DEFAULTS.get(what, 0))
        return own if what in _INSTRUMENT_ONLY else own + outer.get(what, 0)

    def seconds(what: int) -> float:
        return 0.0 if value(what) <= -12000 else min(2.0 ** (value(what) / 1200), 100.0)

    def address(pair: tuple[int, int]) -> int:
        return value(pair[0]) + 32768 * value(pair[1])

    # In .sf3 files, loops count from the sample's start; in .sf2 files, from the first sample's.
    origin = 0 if header["type"] & _COMPRESSED else int(header["start"])
    loop = (
        int(header["loop_start"]) - origin + address(_LOOP_START),
        int(header["loop_end"]) - origin + address(_LOOP_END),
    )
    looped = value(54) & 1 and loop[0] >= 0 and loop[1] - loop[0] >= 2
    root = value(58) if value(58) >= 0 else int(header["pitch"]) if header["pitch"] <= 127 else 60
    # Where the modulation envelope leaves the filter once it has come to rest.
    cutoff = value(8) + value(11) * (1 - min(max(value(29), 0), 1000) / 1000)
    cents = 100 * value(51) + value(52) + int(header["correction"])
    return Zone(
        keys, velocities, inner[_SAMPLE],
        root_key=root - cents / 100,
        cents_per_key=value(56),
        frames=(max(address(_START), 0), min(address(_END), 0)),
        loop=loop if looped else None,
        # Makers of fonts set the attenuation by ear on hardware that applied 0.4 of it; every synthesizer follows.
        attenuation_db=0.04 * min(max(value(48), 0), 1440),
        pan=min(max(value(17), -500), 500) / 1000,
        envelope=(seconds(33), seconds(34), seconds(35), seconds(36)),
        sustain_db=min(max(value(37), 0), 1000) / 10,
        release_seconds=seconds(38),
        cutoff_hz=8.176 * 2.0 ** (min(max(cutoff, 1500), 13500) / 1200),
        exclusive_class=value(57),
    )  # fmt: skip


def _common_range(inner: _Generators, outer: _Generators, what: int) -> tuple[int, int]:
    ranges = [zone.get(what, _RANGE_WHOLE) & 0xFFFF for zone in (inner, outer)]
    return max(span & 0xFF for span in ranges), min(span >> 8 for span in ranges)
