"""The General MIDI instruments: names, families, and names as people type them."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from componium.errors import RequestError

# General MIDI System Level 1, programs 0-127.
PROGRAM_NAMES = (
    "acoustic grand piano", "bright acoustic piano", "electric grand piano", "honky-tonk piano",
    "electric piano 1", "electric piano 2", "harpsichord", "clavinet",
    "celesta", "glockenspiel", "music box", "vibraphone", "marimba", "xylophone", "tubular bells", "dulcimer",
    "drawbar organ", "percussive organ", "rock organ", "church organ",
    "reed organ", "accordion", "harmonica", "tango accordion",
    "acoustic guitar (nylon)", "acoustic guitar (steel)", "electric guitar (jazz)", "electric guitar (clean)",
    "electric guitar (muted)", "overdriven guitar", "distortion guitar", "guitar harmonics",
    "acoustic bass", "electric bass (finger)", "electric bass (pick)", "fretless bass",
    "slap bass 1", "slap bass 2", "synth bass 1", "synth bass 2",
    "violin", "viola", "cello", "contrabass", "tremolo strings", "pizzicato strings", "orchestral harp", "timpani",
    "string ensemble 1", "string ensemble 2", "synth strings 1", "synth strings 2",
    "choir aahs", "voice oohs", "synth voice", "orchestra hit",
    "trumpet", "trombone", "tuba", "muted trumpet", "french horn", "brass section", "synth brass 1", "synth brass 2",
    "soprano sax", "alto sax", "tenor sax", "baritone sax", "oboe", "english horn", "bassoon", "clarinet",
    "piccolo", "flute", "recorder", "pan flute", "blown bottle", "shakuhachi", "whistle", "ocarina",
    "lead 1 (square)", "lead 2 (sawtooth)", "lead 3 (calliope)", "lead 4 (chiff)",
    "lead 5 (charang)", "lead 6 (voice)", "lead 7 (fifths)", "lead 8 (bass + lead)",
    "pad 1 (new age)", "pad 2 (warm)", "pad 3 (polysynth)", "pad 4 (choir)",
    "pad 5 (bowed)", "pad 6 (metallic)", "pad 7 (halo)", "pad 8 (sweep)",
    "fx 1 (rain)", "fx 2 (soundtrack)", "fx 3 (crystal)", "fx 4 (atmosphere)",
    "fx 5 (brightness)", "fx 6 (goblins)", "fx 7 (echoes)", "fx 8 (sci-fi)",
    "sitar", "banjo", "shamisen", "koto", "kalimba", "bagpipe", "fiddle", "shanai",
    "tinkle bell", "agogo", "steel drums", "woodblock", "taiko drum", "melodic tom", "synth drum", "reverse cymbal",
    "guitar fret noise", "breath noise", "seashore", "bird tweet",
    "telephone ring", "helicopter", "applause", "gunshot",
)  # fmt: skip

FAMILY_NAMES = (
    "piano", "chromatic percussion", "organ", "guitar", "bass", "strings", "ensemble", "brass",
    "reed", "pipe", "synth lead", "synth pad", "synth effects", "ethnic", "percussive", "sound effects",
)  # fmt: skip

# What people say, where it is neither a program's name nor the only program whose name contains it.
_EVERYDAY_NAMES = {
    "piano": 0, "electric piano": 4, "rhodes": 4, "organ": 16, "guitar": 24, "acoustic guitar": 24,
    "electric guitar": 27, "bass": 32, "double bass": 43, "electric bass": 33, "strings": 48, "harp": 46,
    "choir": 52, "voice": 53, "horn": 60, "brass": 61, "sax": 65, "saxophone": 65, "lead": 80, "synth": 81,
    "synth lead": 81, "pad": 89, "synth pad": 89, "bells": 14, "nylon guitar": 24, "steel guitar": 25,
    "violin 2": 40, "second violin": 40,
}  # fmt: skip


class Instrument(NamedTuple):
    """An instrument that a band is made of.

    Attributes:
        low, high: its playable range as MIDI pitches, both included.
        most_at_once: notes that one player can begin together.
    """

    name: str
    program: int
    low: int
    high: int
    most_at_once: int = 1

    @property
    def is_polyphonic(self) -> bool:
        """Whether it plays chords; double stops are none."""
        return self.most_at_once > 2


# Written ranges of good players (Adler, The Study of Orchestration), at sounding pitch.
BAND = (
    Instrument("piano", 0, 21, 108, 10),
    Instrument("electric piano", 4, 28, 103, 10),
    Instrument("harpsichord", 6, 29, 89, 10),
    Instrument("vibraphone", 11, 53, 89, 4),
    Instrument("organ", 16, 36, 96, 10),
    Instrument("church organ", 19, 24, 96, 12),
    Instrument("accordion", 21, 41, 93, 8),
    Instrument("nylon guitar", 24, 40, 83, 6),
    Instrument("steel guitar", 25, 40, 86, 6),
    Instrument("electric guitar", 27, 40, 86, 6),
    Instrument("overdriven guitar", 29, 40, 86, 6),
    Instrument("acoustic bass", 32, 28, 67),
    Instrument("electric bass", 33, 28, 67),
    Instrument("violin", 40, 55, 103, 2),
    Instrument("violin 2", 40, 55, 103, 2),
    Instrument("viola", 41, 48, 91, 2),
    Instrument("cello", 42, 36, 81, 2),
    Instrument("contrabass", 43, 28, 67, 2),
    Instrument("harp", 46, 24, 103, 8),
    Instrument("strings", 48, 28, 103, 12),
    Instrument("choir", 52, 36, 84, 8),
    Instrument("trumpet", 56, 54, 86),
    Instrument("trombone", 57, 40, 77),
    Instrument("tuba", 58, 26, 65),
    Instrument("horn", 60, 35, 77),
    Instrument("alto sax", 65, 49, 84),
    Instrument("tenor sax", 66, 44, 79),
    Instrument("oboe", 68, 58, 91),
    Instrument("bassoon", 70, 34, 75),
    Instrument("clarinet", 71, 50, 94),
    Instrument("flute", 73, 60, 98),
    Instrument("recorder", 74, 60, 98),
    Instrument("lead", 81, 36, 96),
    Instrument("pad", 89, 28, 96, 10),
)
BAND_BY_NAME = {instrument.name: instrument for instrument in BAND}


def program_name(program: int) -> str:
    """General MIDI name of a program 0-127."""
    return PROGRAM_NAMES[program]


def program_family(program: int) -> int:
    """General MIDI family 0-15 of a program (eight programs each)."""
    return program // 8


def parse_program(text: str) -> int:
    """Reads an instrument by program number 0-127 or by name (``violin``, ``nylon guitar``, ``40``).

    Raises:
        RequestError: no or several instruments answer to the name; the nearest names are given.
    """
    name = text.strip().lower()
    if name.isdecimal():
        if int(name) > 127:
            raise RequestError(f"program {name} is outside 0 to 127")
        return int(name)
    if name in _EVERYDAY_NAMES:
        return _EVERYDAY_NAMES[name]
    if name in PROGRAM_NAMES:
        return PROGRAM_NAMES.index(name)
    containing = [program for program, full in enumerate(PROGRAM_NAMES) if name and name in full]
    if len(containing) == 1:
        return containing[0]
    near = [PROGRAM_NAMES[p] for p in containing] or difflib.get_close_matches(
        name, [*PROGRAM_NAMES, *_EVERYDAY_NAMES], n=3, cutoff=0.4
    )
    hint = f": did you mean {', '.join(near[:4])}?" if near else "; give a General MIDI name or a number 0 to 127"
    raise RequestError(f"no instrument {text!r}{hint}")
