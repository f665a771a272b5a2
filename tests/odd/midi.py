"""Odd MIDI files: of every structure that is allowed, of many that are not, and of absurd content."""

from __future__ import annotations

import random
from collections.abc import Iterator

from fixtures.midi_files import bend, chunk, control, line, meta, midi_file, off, on, program, variable_length

NOTES = line((60, 62, 64, 65, 67))
LONGEST = 0x0FFFFFFF
KINDS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x20, 0x21, 0x2E, 0x51, 0x54, 0x58, 0x59, 0x60, 0x7F)
DIVISIONS = {
    "1": 1,
    "24": 24,
    "32767": 32767,
    "zero": 0,
    "smpte-24": 0xE804,
    "smpte-25x40": 0xE728,
    "smpte-29": 0xE350,
    "smpte-30": 0xE2FF,
    "smpte-30x1": 0xE201,
    "smpte-no-ticks": 0xE800,
    "smpte-128": 0x8001,
    "smpte-1": 0xFF01,
    "smpte-odd": 0xB319,
}
WORDS = {
    "latin-1": "Caf\xe9".encode("latin-1"),
    "shift-jis": "\u6843\u592a\u90ce\u3055\u3093".encode("shift-jis"),
    "gbk": "\u94a2\u7434".encode("gbk"),
    "utf-16": "Fl\xf6te".encode("utf-16"),
    "utf-8": "\u0444\u043b".encode(),
    "cp1251": "\u0441\u043a\u0440\u0438\u043f\u043a\u0430".encode("cp1251"),
    "zeros": b"\0" * 9,
    "controls": bytes(range(32)),
    "escape": b"\x1b[31m\x07",
    "markup": b"[red]x[/",
    "no-utf-8": b"\xff\xfe\xfd",
}


def raw(body: bytes, *, size: int | None = None, kind: bytes = b"MTrk") -> bytes:
    """Returns a chunk of any bytes, which may say another size than it has."""
    return kind + (len(body) if size is None else size).to_bytes(4, "big") + body


def files() -> Iterator[tuple[str, bytes]]:
    """Yields names and contents."""
    for own in (_structures, _headers, _lengths, _cut, _statuses, _metas, _texts, _music, _changed):
        yield from own()


def _structures() -> Iterator[tuple[str, bytes]]:
    track, quiet = chunk(*NOTES), chunk(meta(0x51, b"\x07\xa1\x20"))
    whole = midi_file(quiet, track)
    riff = b"RMIDdata" + len(whole).to_bytes(4, "little") + whole
    for midi_type in (0, 1, 2, 3, 255, 65535):
        yield f"type-{midi_type}.mid", midi_file(quiet, track, midi_type=midi_type)
        yield f"type-{midi_type}-one-chunk.midi", midi_file(track, midi_type=midi_type)
    yield "riff.rmi", b"RIFF" + len(riff).to_bytes(4, "little") + riff
    yield "riff-called-mid.mid", b"RIFF" + len(riff).to_bytes(4, "little") + riff
    yield "riff-cut.rmi", (b"RIFF" + len(riff).to_bytes(4, "little") + riff)[:-40]
    yield "riff-only.rmi", b"RIFF\x04\0\0\0RMID"
    yield "riff-wave.rmi", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(20)
    info = b"LIST\x0c\0\0\0INFOINAM\0\0\0\0"
    listed = b"RMID" + info + b"data" + len(whole).to_bytes(4, "little") + whole
    yield "riff-with-list-first.rmi", b"RIFF" + len(listed).to_bytes(4, "little") + listed
    yield "plain-called-rmi.rmi", whole
    yield (
        "karaoke.kar",
        midi_file(chunk(meta(1, b"@KMIDI KARAOKE FILE"), *NOTES), chunk(meta(1, b"\\la"), *line((60,)))),
    )
    yield "alien-chunks.mid", midi_file(raw(b"abc", kind=b"XFIH"), quiet, raw(b"", kind=b"\0\0\0\0"), track)
    yield "alien-chunk-last.mid", midi_file(quiet, track) + raw(b"x" * 50, kind=b"CASM")
    yield "alien-chunks-only.mid", midi_file(raw(b"abc", kind=b"XFIH"))
    yield "style-file.mid", midi_file(track, raw(b"\0" * 20, kind=b"CASM"), raw(b"OTSc\0", kind=b"OTSc"))
    yield "two-files-in-one.mid", whole + whole
    yield "junk-before.mid", b"\r\n" + whole
    yield "macbinary.mid", bytes(128) + whole
    yield "junk-behind.mid", whole + b"TAG" + bytes(125)
    yield "apple-double.mid", b"\0\x05\x16\x07\0\x02\0\0" + bytes(60)
    yield "no-chunks.mid", midi_file()
    yield "empty-tracks.mid", midi_file(*[raw(b"")] * 9)
    yield "ends-only.mid", midi_file(*[chunk()] * 40)
    yield "many-tracks.mid", midi_file(*[chunk(on(60), off(60, 9))] * 400)
    yield "end-in-the-middle.mid", midi_file(raw(b"\0\xff\x2f\0" + b"\0\x90\x3c\x40\x60\x80\x3c\0"))
    yield "no-end-of-track.mid", midi_file(raw(b"\0\x90\x3c\x40\x60\x80\x3c\0"))
    yield "header-in-utf-16.mid", whole.decode("latin-1").encode("utf-16")
    yield "line-ends-converted.mid", whole.replace(b"\n", b"\r\n")
    yield "eighth-bit-lost.mid", bytes(byte & 0x7F for byte in whole)


def _headers() -> Iterator[tuple[str, bytes]]:
    whole = midi_file(chunk(*NOTES))
    for name, division in DIVISIONS.items():
        yield f"division-{name}.mid", midi_file(chunk(*NOTES), division=division)
    for number in (0, 2, 255, 65535):
        yield f"announces-{number}-tracks.mid", whole[:10] + number.to_bytes(2, "big") + whole[12:]
    for size in (0, 5, 7, 10, 255, 2**31, 2**32 - 1):
        yield f"header-says-{size}.mid", whole[:4] + size.to_bytes(4, "big") + whole[8:]
    yield "header-of-10.mid", b"MThd\0\0\0\x0a" + whole[8:14] + b"more" + whole[14:]
    yield "header-lower-case.mid", b"mthd" + whole[4:]
    yield "header-only.mid", whole[:14]


def _lengths() -> Iterator[tuple[str, bytes]]:
    body = chunk(*NOTES)[8:]
    for name, size in {"zero": 0, "one": 1, "less": len(body) - 9, "more": len(body) + 9, "most": 2**32 - 1}.items():
        yield f"length-{name}.mid", midi_file(raw(body, size=size))
        yield f"length-{name}-then-a-track.mid", midi_file(raw(body, size=size), chunk(*NOTES))


def _cut() -> Iterator[tuple[str, bytes]]:
    busy = chunk(meta(3, b"name"), (0, b"\xf0\x05abcd\xf7"), program(5), control(7, 9), bend(77), *NOTES)
    whole = midi_file(chunk(meta(0x51, b"\x07\xa1\x20")), busy, busy)
    for size in (1, 2, 3, 4, 7, 8, 9, 11, 13, 14, 17, 20, 22, 26, 30, *range(36, len(whole), 5)):
        yield f"cut-after-{size:03d}.mid", whole[:size]


def _statuses() -> Iterator[tuple[str, bytes]]:
    sound = b"\0\x90\x3c\x40\x60\x3c\0"
    bodies = {
        "running-over-meta": b"\0\x90\x3c\x40\x60\xff\x01\x01x\0\x3c\0\0\x40\x40\x60\x40\0",
        "running-over-sysex": b"\0\x90\x3c\x40\x60\xf0\x02a\xf7\0\x3c\0",
        "running-from-nothing": b"\0\x3c\x40\x60\x3c\0" + sound,
        "running-from-another-chunk": sound + b"\0\x3e\x40\x60\x3e\0",
        "data-above-127": b"\0\x9f\xff\x40\x60\x8f\xff\0" + sound,
        "velocity-above-127": b"\0\x90\x3c\xc8\x60\x80\x3c\xff",
        "program-above-127": b"\0\xc0\xff" + sound,
        "sysex-split": b"\0\xf0\x03\x43\x12\0\x10\xf7\x03\x01\x02\x03\x10\xf7\x02\x04\xf7" + sound,
        "sysex-without-end": b"\0\xf0\x7fabc" + sound,
        "sysex-empty": b"\0\xf0\0\0\xf7\0" + sound,
        "sysex-of-most-bytes": b"\0\xf0\xff\xff\xff\x7f" + sound,
        "escape-alone": b"\0\xf7\x03\xf3\x01\x02" + sound,
        "system-messages": b"\0\xf1\x01\0\xf2\x01\x02\0\xf3\x01\0\xf6\0\xf8\0\xfa\0\xfe" + sound,
        "undefined-system-messages": b"\0\xf4\0\xf5\0\xf9\0\xfd" + sound,
        "delta-of-most": b"\xff\xff\xff\x7f" + sound[1:],
        "deltas-of-most": b"\xff\xff\xff\x7f\xb0\x07\x01" * 40 + sound,
        "delta-of-five-bytes": b"\xff\xff\xff\xff\x7f" + sound[1:],
        "delta-of-a-thousand-bytes": b"\x80" * 1000 + sound,
        "delta-without-end": b"\xff" * 3000,
        "delta-padded": b"\x80\x80\x80\0" + sound[1:],
        "only-deltas": b"\0" * 500,
        "only-metas": b"\0\xff\x01\0" * 500,
        "all-bytes": bytes(range(256)) * 4,
        "all-bytes-down": bytes(range(255, -1, -1)) * 4,
        "meta-type-above-127": b"\0\xff\x99\x02ab" + sound,
        "meta-without-length": sound + b"\0\xff\x03",
        "meta-without-type": sound + b"\0\xff",
        "pressure": b"\0\xa0\x3c\x20\0\xd0\x44" + sound,
        "mode-messages": b"".join(b"\0\xb0" + bytes((number, 0)) for number in range(120, 128)) + sound,
    }
    for name, body in bodies.items():
        yield f"{name}.mid", midi_file(raw(body + b"\0\xff\x2f\0"))


def _metas() -> Iterator[tuple[str, bytes]]:
    for kind in KINDS:
        for payload in (b"", b"\0", b"\xff" * 300):
            yield f"meta-{kind:02x}-of-{len(payload)}.mid", midi_file(chunk(meta(kind, payload), *NOTES))
        cut = b"\0\x90\x3c\x40\x60\x3c\0\0\xff" + bytes((kind,)) + variable_length(LONGEST) + b"ab"
        yield f"meta-{kind:02x}-too-long.mid", midi_file(raw(cut))
    odd = {
        "tempo-slowest": (0x51, b"\xff\xff\xff"),
        "tempo-fastest": (0x51, b"\0\0\1"),
        "tempo-of-8": (0x51, b"\1" * 8),
        "meter-0-4": (0x58, b"\0\2\x18\x08"),
        "meter-255": (0x58, b"\xff\2\x18\x08"),
        "meter-2-to-255": (0x58, b"\4\xff\x18\x08"),
        "meter-1-64": (0x58, b"\1\6\x18\x08"),
        "key-mode-9": (0x59, b"\0\x09"),
        "key-8-sharps": (0x59, b"\x08\0"),
        "key-128-flats": (0x59, b"\x80\0"),
        "offset": (0x54, b"\x7f" * 5),
        "channel-prefix-99": (0x20, b"\x63"),
        "port-200": (0x21, b"\xc8"),
    }
    for name, (kind, payload) in odd.items():
        yield f"{name}.mid", midi_file(chunk(meta(kind, payload), *NOTES, meta(kind, payload)))
        yield f"{name}-late.mid", midi_file(chunk(*NOTES), chunk(meta(kind, payload, 480)))
    yield "a-tempo-a-tick.mid", midi_file(chunk(*[meta(0x51, b"\7\xa1\x20", 1)] * 3000), chunk(*NOTES))
    yield "a-meter-a-tick.mid", midi_file(chunk(*[meta(0x58, b"\3\2\x18\x08", 1)] * 3000), chunk(*NOTES))
    yield "tempo-years-later.mid", midi_file(chunk(meta(0x51, b"\7\xa1\x20", LONGEST)), chunk(*NOTES))


def _texts() -> Iterator[tuple[str, bytes]]:
    for name, text in WORDS.items():
        yield f"words-{name}.mid", midi_file(chunk(*(meta(kind, text) for kind in (1, 2, 3, 5, 6)), *NOTES))
    yield "words-long.mid", midi_file(chunk(meta(3, b"x" * 100_000), *NOTES))
    yield "provenance-false.mid", midi_file(chunk(meta(6, b'componium {"index":Infinity}'), *NOTES))


def _music() -> Iterator[tuple[str, bytes]]:
    def track(*events: tuple[int, bytes]) -> bytes:
        return midi_file(chunk(*events))

    yield "one-note.mid", track(on(60), off(60, 480))
    yield "one-note-of-no-length.mid", track(on(60), off(60))
    yield "one-note-of-hours.mid", track(on(60), off(60, 9_000_000))
    yield "one-note-of-years.mid", track(on(60), off(60, LONGEST))
    yield "one-note-after-years.mid", track(on(60, LONGEST), off(60, 480))
    yield "hanging-notes.mid", track(*(on(pitch, 120) for pitch in range(48, 72)))
    yield "offs-only.mid", track(*(off(pitch, 120) for pitch in range(48, 72)))
    yield "velocity-0-only.mid", track(*(on(pitch, 120, velocity=0) for pitch in range(48, 72)))
    yield "struck-again.mid", track(*[on(60, 240)] * 30, off(60, 240))
    yield "ten-thousand-at-once.mid", track(*(on(n % 128) for n in range(10_000)), *(off(n, 480) for n in range(128)))
    yield "every-pitch.mid", track(*(event for n in range(128) for event in (on(n), off(n, 60))))
    yield "every-program.mid", midi_file(*(chunk(program(n), on(60), off(60, 60)) for n in range(128)))
    yield "every-channel.mid", track(*(event for n in range(16) for event in (on(60, 0, n), off(60, 60, n))))
    yield "drums-only.mid", track(*line((35, 38, 42, 46, 51) * 8, 120, 9))
    yield "drums-of-every-key.mid", track(*line(range(128), 30, 9))
    yield "bends.mid", track(on(60), *(bend(n, 5) for n in range(-8192, 8192, 97)), off(60, 99))
    yield "controllers-only.mid", track(*(control(n, n, 3) for n in range(128)))
    yield "pedal-never-lifted.mid", track(control(64, 127), *NOTES)
    yield "pedal-trills.mid", track(*NOTES, *(control(64, n % 2 * 127, 1) for n in range(2000)))
    yield "long-piece.mid", track(*line((60, 64, 67, 72) * 500, 240))
    yield "far-apart.mid", track(*line((60, 64, 67), 500_000))
    yield (
        "off-the-grid.mid",
        track(*(e for n in range(200) for e in (on(60 + n % 13, 97 + n % 31), off(60 + n % 13, 61)))),
    )


def _changed() -> Iterator[tuple[str, bytes]]:
    busy = chunk(meta(3, b"name"), (0, b"\xf0\x05abcd\xf7"), program(5), control(7, 9), bend(77), *NOTES)
    whole = midi_file(chunk(meta(0x51, b"\x07\xa1\x20"), meta(0x58, b"\3\2\x18\x08")), busy, busy)
    for seed in range(40):
        rng, data = random.Random(seed), bytearray(whole)
        for _ in range(rng.randint(1, 12)):
            data[rng.randrange(14, len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xF0, 0xF7, 0xFF, rng.randrange(256)))
        yield f"changed-{seed:02d}.mid", bytes(data)
    for seed in range(8):
        yield f"noise-{seed}.mid", midi_file(raw(random.Random(seed).randbytes(600)))
