"""The embedded SoundFont, and which of its programs replaces each General MIDI program.

FluidR3Mono (MIT, see ``FluidR3Mono_License.md``), cut to 24 programs and the standard drum kit; samples are Ogg Vorbis.
"""

from __future__ import annotations

from pathlib import Path

EMBEDDED_FONT = Path(__file__).parent / "FluidR3Mono_24.sf3"

EMBEDDED_PROGRAMS = (
    0, 4, 11, 16, 19, 24, 25, 29, 32, 33, 40, 42, 46, 48, 52, 56, 57, 60, 65, 68, 71, 73, 81, 89,
)  # fmt: skip

# General MIDI program -> program of the font that sounds most like it: first by how the sound is made and how it
# dies away (plucked, struck, bowed, blown), then by register.
NEAREST_PROGRAM = (
    0, 0, 0, 0, 4, 4, 24, 24,          # piano: harpsichord and clavinet are plucked
    11, 11, 11, 11, 11, 11, 11, 25,    # chromatic percussion: a dulcimer is struck steel
    16, 16, 16, 19, 19, 68, 68, 68,    # organ: accordion and harmonica are reeds
    24, 25, 25, 25, 25, 29, 29, 25,    # guitar
    32, 33, 33, 33, 33, 33, 33, 33,    # bass
    40, 40, 42, 42, 48, 46, 46, 32,    # strings: pizzicato as a harp, timpani as a plucked double bass
    48, 48, 48, 48, 52, 52, 52, 48,    # ensemble
    56, 57, 57, 56, 60, 60, 56, 60,    # brass
    65, 65, 65, 65, 68, 68, 42, 71,    # reed: a bassoon has the cello's register
    73, 73, 73, 73, 73, 73, 73, 73,    # pipe
    81, 81, 73, 73, 81, 52, 81, 81,    # synth lead
    89, 89, 89, 52, 89, 89, 89, 89,    # synth pad
    11, 48, 11, 89, 89, 89, 89, 89,    # synth effects
    25, 25, 24, 24, 11, 68, 40, 68,    # ethnic
    11, 11, 11, 11, 32, 32, 32, 89,    # percussive
    89, 89, 89, 73, 11, 89, 89, 89,    # sound effects
)  # fmt: skip
