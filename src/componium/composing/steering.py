"""What a request means for one piece: who plays, in which ranges, over which chords, in what form.

What the request leaves open and the composer wants to know is drawn from the request's seed and the piece's index.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.plans import BATCH, Plan
from componium.composing.requests import parse_progression
from componium.composing.styles import ANY, STYLES, playing_parts
from componium.conditioning.controls import COMPLEXITY, DENSITY, N_LEVELS, NOT_TOLD, Conditions, key_class, key_of_class
from componium.conditioning.form_templates import FormTemplate
from componium.conditioning.roles import (
    ACTIVITY,
    CHORDS,
    PLAYS,
    REGISTER,
    TEXTURE,
    Roles,
    activity_of,
    measure_roles,
    only_playing,
    pitch_of,
    role_classes,
    roles_in,
    texture_of,
)
from componium.representations.columns import PART, SHIFT
from componium.representations.note_codec import PEDAL_PITCH, NoteCodec
from componium.score.chords import NO_CHORD, Chord, transpose_chords
from componium.score.instruments import BAND_BY_NAME
from componium.score.keys import Key, estimate_key, parse_key

# A note outside the key is exp(5) = 150 times rarer than the model alone would have it, at temperature 1.
OUT_OF_KEY_WEIGHT = -5.0
# The share of its weight that a note foreign to a given chord has between the quarters.
OFF_BEAT = 0.28
FORBIDDEN = -1e9
# Keys of the General MIDI percussion map.
DRUM_KEYS = (35, 81)
# Semitones from the middle of its register to which a part plays freely, and how fast notes become rare beyond.
_LINE_REACH, _CHORDS_REACH, _REACH_SPREAD = 10.0, 17.0, 5.0
# What is asked for is pressed beyond the cast that comes nearest: by up to this factor, and by up to so much.
_DENSITY_STRETCH, _COMPLEXITY_STRETCH = 1.5, 0.2
# More notes than two pianists strike at once are a stuck composer.
MAX_AT_ONCE = 24

Weights = NDArray[np.float32]


class Aim(NamedTuple):
    """How much is to be played.

    Attributes:
        parts: notes a quarter of each part, 0 where it is not told; shape (parts,).
        textures: notes that each part begins together, 0 where it is not told; shape (parts,).
        arrangement: how much each part plays in each bar beside what it does on average, 0 where it rests; shape
            (bars, parts).
        density, complexity: of all pitched parts together, where they are asked for
            (:func:`componium.conditioning.controls.density_complexity`).
    """

    parts: NDArray[np.float64]
    textures: NDArray[np.float64]
    arrangement: NDArray[np.float64]
    density: float | None = None
    complexity: float | None = None


@dataclass(frozen=True, eq=False)
class Steering:
    """What one piece is held to.

    Attributes:
        style: its name; empty where the composer knows none.
        plays: which parts may play, shape (parts,).
        pitch_weights: additive log-weights of the pitches of each part, shape (parts, 128).
        most_at_once: notes that each part can begin together, shape (parts,).
        chord_weights: of each quarter, the index of its row in ``chord_pitch_weights``; empty without chords.
        chord_pitch_weights: of chords as they are asked for, on a quarter and off it, shape (chords, 2, 128).
        guide: what a guided composer is told, or None.
        back: how many bars back lies what each bar repeats, 0: nothing; empty where no form is told.
        aim: how much is to be played; None: whatever.
    """

    style: str
    plays: NDArray[np.bool_]
    pitch_weights: Weights
    most_at_once: NDArray[np.int64]
    chord_weights: NDArray[np.int64]
    chord_pitch_weights: Weights
    guide: Conditions | None
    back: tuple[int, ...]
    aim: Aim | None = None

    def guide_in(self, bar: int) -> Conditions | None:
        """Returns what is told in a bar: who rests there is told as no player, who rests elsewhere as playing more."""
        if self.guide is None or self.aim is None:
            return self.guide
        return replace(self.guide, roles=roles_in(self.guide.roles, self.aim.arrangement[bar]))


# Asked for again when a draft is judged.
@lru_cache(maxsize=2 * BATCH)
def steer(artifact: Artifact, plan: Plan, index: int) -> Steering:
    """Returns what the piece of an index is held to.

    Raises:
        RequestError: the composer has no such instrument.
    """
    codec, request = artifact.codec, plan.request
    key = None if request.key is None else parse_key(request.key)
    guides = codec.config.guides
    n_parts = len(codec.config.parts)
    if guides is None:
        weights = _key_weights(codec, key, OUT_OF_KEY_WEIGHT)
        if codec.config.unit == "second":
            weights += _range_weights(codec)
        nothing = np.empty(0, np.int64), np.empty((0, 2, 128), np.float32)
        return Steering("", np.ones(n_parts, bool), weights, np.full(n_parts, MAX_AT_ONCE), *nothing, None, ())
    # Apart from the numbers that draw the notes.
    rng = np.random.default_rng((request.seed, index, 1))
    style = plan.style
    plays = np.zeros(n_parts, bool)
    if plan.prompt is not None and not request.parts:
        plays[np.unique(plan.prompt.events[:, PART])] = True
    else:
        plays[playing_parts(codec, request.parts, style, rng)] = True
    if plan.given is not None:
        plays[list({row[1] for row in plan.given.rows})] = True
    chords, numbers, chord_weights = _chords(codec, plan)
    number = 1 + guides.styles.index(style)
    roles, levels, aim = _cast(artifact, plan, number, plays, rng)
    n_players = len(np.flatnonzero(plays & ~codec.is_drum))
    form = None if plan.prompt is not None else _form(artifact, plan, number, key, n_players, rng)
    told_key = key or _key_in_mind(plan, index, chords, form)
    back: tuple[int, ...] = ()
    if form is not None:
        back = _back(codec, plan, form, numbers)
        if plan.prompt_score is None:
            aim = aim._replace(arrangement=_arrangement(codec, plan, form, plays, roles))
        if plan.prompt_score is None and not len(numbers):
            numbers = _harmony(plan, form, told_key)
    told = (number, key_class(told_key), *levels)
    weights = _key_weights(codec, told_key, OUT_OF_KEY_WEIGHT if key else STYLES.get(style, ANY).out_of_key)
    weights += _range_weights(codec) + _register_weights(roles)
    instruments = [BAND_BY_NAME.get(part.name) for part in codec.config.parts]
    most = np.array([MAX_AT_ONCE if own is None else own.most_at_once for own in instruments])
    return Steering(style, plays, weights, most, chords, chord_weights, Conditions(told, roles, numbers), back, aim)


def _cast(
    artifact: Artifact, plan: Plan, style: int, plays: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Roles, tuple[int, int], Aim]:
    """Roles of the parts, the levels of density and complexity that are told, and how much is to be played.

    What is given keeps the roles that it has; the others borrow those of a training piece.
    """
    codec, request = artifact.codec, plan.request
    asked = request.density, request.complexity
    drawn = artifact.casts.draw(style, codec.config.parts, plays, asked, rng) if artifact.casts else None
    roles = only_playing(plays) if drawn is None else drawn.roles
    aims: list[float | None] = [None, None]
    if drawn is not None and request.density is not None:
        aims[0] = drawn.density * _DENSITY_STRETCH ** (2 * request.density - 1)
    if drawn is not None and request.complexity is not None:
        aims[1] = drawn.complexity + _COMPLEXITY_STRETCH * (2 * request.complexity - 1)
    given = _given_events(plan)
    if len(given):
        own = role_classes(measure_roles(given, codec.is_drum, codec.config.steps), codec.is_drum)
        roles = np.where(own[REGISTER] > 0, own, roles)
    parts = np.array([activity_of(own) if own else 0.0 for own in roles[ACTIVITY].tolist()])
    textures = np.array([texture_of(own) if own else 0.0 for own in roles[TEXTURE].tolist()])
    if drawn is not None:
        # Classes are coarse; all together they are what the cast was.
        pitched = ~codec.is_drum
        parts[pitched] *= (aims[0] or drawn.density) / max(parts[pitched].sum(), 1e-6)
    density, complexity = (
        _told_level(codec, control, style, value, aim)
        for control, value, aim in zip((DENSITY, COMPLEXITY), asked, aims, strict=True)
    )
    return roles, (density, complexity), Aim(parts, textures, np.ones((plan.n_bars, len(parts))), *aims)


def _told_level(codec: NoteCodec, control: int, style: int, asked: float | None, aim: float | None) -> int:
    """Level of what is aimed at, or where nothing is known of it, of the share asked for."""
    guides = codec.config.guides
    assert guides is not None  # noqa: S101 - the caller's
    if asked is None:
        return NOT_TOLD
    return 1 + min(int(asked * N_LEVELS), N_LEVELS - 1) if aim is None else guides.level(control, style, aim)


def _given_events(plan: Plan) -> NDArray[np.int16]:
    """Rows of the prompt, or of the melody that is given."""
    if plan.prompt is not None:
        return plan.prompt.events
    given = np.array([] if plan.given is None else plan.given.rows, np.int64).reshape(-1, 5)
    events = given.astype(np.int16)
    events[:, SHIFT] = np.diff(given[:, 0], prepend=0)
    return events


def _key_weights(codec: NoteCodec, key: Key | None, outside_weight: float) -> Weights:
    weights = np.zeros((len(codec.config.parts), 128), np.float32)
    weights[np.ix_(codec.is_pedal, np.arange(128) != PEDAL_PITCH)] = FORBIDDEN
    if key is not None:
        outside = ~np.isin(np.arange(128) % 12, key.pitch_classes)
        weights[np.ix_(~codec.is_drum, outside)] = outside_weight
    return weights


def _range_weights(codec: NoteCodec) -> Weights:
    """No instrument plays what it cannot."""
    weights = np.zeros((len(codec.config.parts), 128), np.float32)
    pitch = np.arange(128)
    for own, part in zip(weights, codec.config.parts, strict=True):
        instrument = BAND_BY_NAME.get(part.name)
        low, high = DRUM_KEYS if part.is_drum else (instrument.low, instrument.high) if instrument else (0, 127)
        own[(pitch < low) | (pitch > high)] = FORBIDDEN
    return weights


def _register_weights(roles: Roles) -> Weights:
    """Holds parts near the registers that they are told; who plays chords spreads further than who plays a line."""
    weights = np.zeros((roles.shape[1], 128), np.float32)
    for part in np.flatnonzero(roles[REGISTER] > PLAYS).tolist():
        away = np.abs(np.arange(128) - pitch_of(int(roles[REGISTER, part])))
        beyond = np.maximum(away - (_CHORDS_REACH if roles[TEXTURE, part] >= CHORDS else _LINE_REACH), 0)
        weights[part] = -0.5 * (beyond / _REACH_SPREAD) ** 2
    return weights


def _chords(codec: NoteCodec, plan: Plan) -> tuple[NDArray[np.int64], NDArray[np.int16], Weights]:
    """Row of the weights and class of every quarter, and the weights of the chords asked for."""
    if plan.request.chords is None:
        return np.empty(0, np.int64), np.empty(0, np.int16), np.empty((0, 2, 128), np.float32)
    progression = parse_progression(plan.request.chords)
    key = None if plan.request.key is None else parse_key(plan.request.key)
    outside = np.zeros(128, bool) if key is None else ~np.isin(np.arange(128) % 12, key.pitch_classes)
    distinct: dict[Chord | None, int] = {}
    steps, grid = codec.config.steps, codec.bar_grid(plan.meter)
    rows = np.zeros(-(-plan.end_step // steps), np.int64)
    for bar, symbols in enumerate(islice(cycle(progression), plan.n_bars)):
        start, end = (int(grid.start_of(line)) for line in (bar, bar + 1))
        for place, chord in enumerate(symbols):
            first = start + (end - start) * place // len(symbols)
            rows[-(-first // steps) : -(-end // steps)] = distinct.setdefault(chord, len(distinct))
    numbers = np.array([NO_CHORD if chord is None else chord.number for chord in distinct], np.int16)
    weights = np.zeros((len(distinct), 2, 128), np.float32)
    off_chord = STYLES.get(plan.style, ANY).off_chord
    for own, chord in zip(weights, distinct, strict=True):
        if chord is not None:
            foreign = ~np.isin(np.arange(128) % 12, chord.pitch_classes)
            own[0, foreign], own[1, foreign] = off_chord, OFF_BEAT * off_chord
            # What the chord holds is welcome although the key lacks it.
            own[:, ~foreign & outside] = -OUT_OF_KEY_WEIGHT
    return rows, numbers[rows], weights


def _key_in_mind(plan: Plan, index: int, chords: NDArray[np.int64], form: FormTemplate | None) -> Key | None:
    """A key that is told and loosely held to: a melody's own, or that of the form, which is one usual in the style.

    Who is told none wanders between keys. Chords that are asked for say enough.
    """
    if plan.prompt_score is not None:
        return estimate_key(plan.prompt_score)
    if len(chords):
        return None
    # Of its own numbers: who asks for a key gets the same players and form.
    rng = np.random.default_rng((plan.request.seed, index, 2))
    own = None if form is None else key_of_class(form.key)
    return own or Key(int(rng.integers(12)), is_minor=False)


def _form(
    artifact: Artifact, plan: Plan, style: int, key: Key | None, n_players: int, rng: np.random.Generator
) -> FormTemplate | None:
    """A form of the training pieces of the style, of the mode asked for, cut to the length."""
    meter, is_minor = plan.meter[0], None if key is None else key.is_minor
    forms = artifact.forms.of(
        style, meter.numerator, meter.denominator, plan.n_bars, is_minor=is_minor, n_players=n_players
    )
    return forms[int(rng.integers(len(forms)))].cut(plan.n_bars) if forms else None


def _arrangement(
    codec: NoteCodec, plan: Plan, form: FormTemplate, plays: NDArray[np.bool_], roles: Roles
) -> NDArray[np.float64]:
    """How much each part plays in each bar, as the form has it; in bars beyond it, and in the last, as ever."""
    parts, told = codec.config.parts, roles[REGISTER].tolist()

    def height(part: int) -> float:
        if told[part] > PLAYS:
            return pitch_of(told[part])
        instrument = BAND_BY_NAME.get(parts[part].name)
        return 60.0 if instrument is None else (instrument.low + instrument.high) / 2

    pitched = sorted(np.flatnonzero(plays & ~codec.is_drum).tolist(), key=height)
    drummers = np.flatnonzero(plays & codec.is_drum).tolist()
    shared = form.arrangement.shared(len(pitched), len(drummers))
    found = np.ones((plan.n_bars, len(parts)))
    found[: shared.shape[1], [*pitched, *drummers]] = shared.T
    # Who has rested comes back to close.
    found[-1] = 1
    return found


def _back(codec: NoteCodec, plan: Plan, form: FormTemplate, chords: NDArray[np.int16]) -> tuple[int, ...]:
    """What each bar repeats; a bar over other chords than those before, where they are asked for, repeats nothing."""
    back: list[int] = form.back.tolist()
    if len(chords):
        grid, steps = codec.bar_grid(plan.meter), codec.config.steps
        lines = (grid.start_of(np.arange(plan.n_bars + 1)) // steps).tolist()
        for bar, lag in enumerate(back):
            own, other = (chords[lines[at] : lines[at + 1]] for at in (bar, bar - lag))
            if lag and not np.array_equal(own, other):
                back[bar] = 0
    return tuple(back)


def _harmony(plan: Plan, form: FormTemplate, key: Key | None) -> NDArray[np.int16]:
    """The chords of a form of the same meter and mode, in the key: told, and nothing held to them."""
    meter, own = plan.meter[0], key_of_class(form.key)
    fits = (form.numerator, form.denominator) == (meter.numerator, meter.denominator)
    if not fits or own is None or key is None or key.mode or own.is_minor != key.is_minor:
        return np.empty(0, np.int16)
    return transpose_chords(form.chords.astype(np.int16), key.tonic - own.tonic)
