"""The constraints: what a piece's next choice may be, and what is likelier there, whatever the composer.

A composer's style profile names those that apply (:class:`componium.conditioning.style_profile.ConstraintSettings`);
they are applied in the order of ``CONSTRAINTS``: what is well formed first, then what is rare or likely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from componium.composing.constraints.constraint import (
    FORBIDDEN,
    BatchWeights,
    ChosenNote,
    Constraint,
    EachPiece,
    PieceState,
    Weights,
)
from componium.composing.constraints.density import density_of
from componium.composing.constraints.durations import Durations
from componium.composing.constraints.ending import cadence_of, ending_of
from componium.composing.constraints.harmony import ChordTones, KeyWeights, Ranges, Registers
from componium.composing.constraints.infill import fixed_notes_of, infill_of
from componium.composing.constraints.monotony import monotony_of
from componium.composing.constraints.presence import presence_of
from componium.composing.constraints.repetition import Returning, repetition_of
from componium.composing.constraints.rhythm import rhythm_of
from componium.composing.constraints.voice_leading import VoiceLeading, voice_pairs_of
from componium.composing.constraints.well_formedness import Polyphony, WellFormedness
from componium.conditioning.constraint_settings import ConstraintSettings
from componium.representations.note_codec import NoteCodec

__all__ = [
    "CONSTRAINTS",
    "FORBIDDEN",
    "BatchWeights",
    "ChosenNote",
    "Constraint",
    "PieceState",
    "Weights",
    "constraints_of",
    "static_weights",
]

Maker = Callable[[NoteCodec, ConstraintSettings], Constraint | None]


def _key(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.key and KeyWeights(codec, settings.key)


def _registers(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    del codec
    return settings.registers and Registers(settings.registers)


def _chords(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.chords and ChordTones(codec, settings.chords, settings.key)


def _density(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.density and EachPiece(partial(density_of, codec, settings.density))


def _presence(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    del codec
    return settings.presence and EachPiece(partial(presence_of, settings.presence))


def _durations(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.durations and Durations(codec, settings.durations)


def _ending(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.ending and EachPiece(partial(ending_of, codec, settings.ending, settings.cadence))


def _cadence(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    # In the key that the ending has found.
    return settings.ending and settings.cadence and EachPiece(partial(cadence_of, codec, settings.cadence))


def _repetition(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.repetition and EachPiece(partial(repetition_of, codec, settings.repetition))


def _monotony(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    return settings.monotony and monotony_of(codec, settings.monotony)


def _infill(codec: NoteCodec, settings: ConstraintSettings) -> Constraint | None:
    if settings.infill is None or settings.density is None:
        return None
    return EachPiece(partial(infill_of, codec, settings.infill, settings.density))


# Named in a profile -> its maker. Later ones may rely on what earlier ones have done.
CONSTRAINTS: Mapping[str, Maker] = {
    "well_formedness": lambda codec, _: WellFormedness(codec),
    "polyphony": lambda codec, own: own.polyphony and Polyphony(codec),
    "key": _key,
    "ranges": lambda codec, own: own.ranges and Ranges(codec),
    "registers": _registers,
    "chords": _chords,
    "density": _density,
    "presence": _presence,
    "durations": _durations,
    "ending": _ending,
    "cadence": _cadence,
    "voice_leading": lambda codec, own: own.voice_leading and VoiceLeading(codec),
    "voice_pairs": lambda codec, own: own.voice_pairs and EachPiece(partial(voice_pairs_of, codec)),
    "rhythm": lambda codec, own: own.rhythm and EachPiece(partial(rhythm_of, codec)),
    "repetition": _repetition,
    "monotony": _monotony,
    "infill": _infill,
    "fixed_notes": lambda codec, own: own.fixed_notes and EachPiece(partial(fixed_notes_of, codec)),
    "returning": lambda _, own: own.returning and Returning(),
}


def constraints_of(codec: NoteCodec, settings: ConstraintSettings) -> list[Constraint]:
    """Returns the constraints that apply, in their order, none of a piece yet."""
    made = (make(codec, settings) for make in CONSTRAINTS.values())
    return [own for own in made if own is not None]


def static_weights(codec: NoteCodec, settings: ConstraintSettings, piece: PieceState) -> Weights:
    """Returns the weights of pitches that are known before a note is, shape (1 or steps, parts, 128).

    For samplers that choose all cells of a piece at once, or again and again.
    """
    found = (own.static_weights(piece) for own in constraints_of(codec, settings))
    total = piece.base_pitch[None]
    for own in found:
        if own is not None:
            total = total + own
    return total
