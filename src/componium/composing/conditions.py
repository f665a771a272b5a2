"""The conditions of one piece: which parts play, over which chords, in what form, how much.

What the request leaves open and the composer wants to know is drawn from the request's seed and the piece's index. They
are made once a piece, shared by its candidates and drafts, and passed on to whatever composes, checks or writes it.
Of composers whose networks read no conditions they are made all the same, and few constraints look at them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact
from componium.composing.ensembles import playing_parts
from componium.composing.plans import AccompanyPlan, AnyPlan, ComposePlan, ContinuePlan, InfillPlan
from componium.composing.prompts import NOTHING_FIXED, FixedNotes, encoded_melody
from componium.composing.requests import names_instruments, parse_progression
from componium.conditioning.controls import (
    COMPLEXITY,
    DENSITY,
    N_LEVELS,
    NOT_GIVEN,
    ConditioningConfig,
    Conditions,
    key_class,
    key_of_class,
)
from componium.conditioning.form_templates import FormTemplate, WantedForm
from componium.conditioning.role_templates import Band, RoleTemplate
from componium.conditioning.roles import (
    ACTIVITY,
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
from componium.representations.note_codec import NoteCodec
from componium.score.harmony.chords import NO_CHORD, Chord, transpose_chords
from componium.score.harmony.keys import Key, estimate_key, parse_key
from componium.score.instruments import BAND_BY_NAME


class Target(NamedTuple):
    """How much is to be played.

    Attributes:
        parts: notes a quarter of each part, 0 where nothing is known; shape (parts,).
        textures: notes that each part begins together, 0 where nothing is known; shape (parts,).
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


class AskedChords(NamedTuple):
    """The chords that are asked for.

    Attributes:
        of_quarter: the row of each quarter's chord in ``tones``; empty where no chords are asked for; shape (Q,).
        tones: pitches of each distinct chord, of no chord none; shape (chords, 128).
    """

    of_quarter: NDArray[np.int64]
    tones: NDArray[np.bool_]

    def __bool__(self) -> bool:
        return len(self.of_quarter) > 0


NO_CHORDS = AskedChords(np.empty(0, np.int64), np.empty((0, 128), np.bool_))


@dataclass(frozen=True, eq=False)
class PieceConditions:
    """The conditions of one piece.

    Attributes:
        plan: of its request.
        plays: which parts may play, shape (parts,).
        must_play: which of them were asked for, shape (parts,): beside a prompt, only those that the request names.
        key: asked for, else drawn; None where there is none.
        chords: those asked for.
        controls: the conditions that a network reads.
        back: how many bars back lies what each bar repeats, 0: nothing; empty without a form.
        target: how much is to be played.
        fixed: what of a prompt stays where new music is composed.
    """

    plan: AnyPlan
    plays: NDArray[np.bool_]
    must_play: NDArray[np.bool_]
    key: Key | None
    chords: AskedChords
    controls: Conditions
    back: tuple[int, ...]
    target: Target
    fixed: FixedNotes = NOTHING_FIXED

    def __deepcopy__(self, memo: dict[int, object]) -> PieceConditions:
        """Nothing changes them: copies of a piece have them in common."""
        return self

    def controls_in(self, bar: int) -> Conditions:
        """Returns the conditions in a bar: parts that rest do not play, others play so much more."""
        return replace(self.controls, roles=roles_in(self.controls.roles, self.target.arrangement[bar]))


@dataclass(frozen=True, eq=False)
class QueuedPiece:
    """A piece that waits for a sampling procedure.

    Attributes:
        number: of the candidate in the request.
        conditions: of its piece.
        attempt: how many drafts were rejected before.
        phrase: how many phrases were composed before.
        pause_at: step at which it is to pause if the procedure can: no note there or behind it is drawn.
        resumed: where it goes on from, as the procedure gave it when the piece paused; None begins a piece.
    """

    number: int
    conditions: PieceConditions
    attempt: int = 0
    phrase: int = 0
    pause_at: int | None = None
    resumed: object = None

    def random(self) -> np.random.Generator:
        """Its random numbers, a function of the request's seed, its own number, the attempt and the phrase."""
        seed, later = self.conditions.plan.request.seed, (0, self.attempt, self.phrase)
        while later and not later[-1]:
            later = later[:-1]
        return np.random.default_rng((seed, self.number, *later))


def conditions_of(artifact: Artifact, plan: AnyPlan, index: int) -> PieceConditions:
    """Returns the conditions of the piece of an index.

    Raises:
        RequestError: the composer has no such instrument.
    """
    codec, request = artifact.codec, plan.request
    key = None if request.key is None else parse_key(request.key)
    # Apart from the numbers that draw the notes.
    rng = np.random.default_rng((request.seed, index, 1))
    plays, fixed = _ensemble(artifact, plan, rng)
    chords, classes = _chords(codec, plan)
    number = 1 + list(artifact.profile.styles).index(plan.style_name)
    has_prompt = isinstance(plan, ContinuePlan | InfillPlan)
    n_players = len(np.flatnonzero(plays & ~codec.is_drum))
    pieces = [] if has_prompt else _pieces(artifact, plan, key, n_players)
    drawn = _drawn_roles(artifact, plan, plays, pieces, rng)
    roles, levels, target = _roles(artifact, plan, fixed, plays, drawn)
    form = _form(artifact, plan, pieces, drawn, rng)
    key_condition = key or _drawn_key(artifact, plan, index, chords, form)
    back: tuple[int, ...] = ()
    if form is not None:
        back = _back(codec, plan, form, classes)
        if isinstance(plan, ComposePlan):
            target = target._replace(arrangement=_arrangement(artifact, plan, form, plays, roles))
            classes = classes if chords else _harmony(plan, form, key_condition)
    controls = Conditions((number, key_class(key_condition), *levels), roles, classes)
    must_play = np.zeros_like(plays) if has_prompt and not request.parts else plays
    return PieceConditions(plan, plays, must_play, key_condition, chords, controls, back, target, fixed)


def _ensemble(artifact: Artifact, plan: AnyPlan, rng: np.random.Generator) -> tuple[NDArray[np.bool_], FixedNotes]:
    """Which parts play, and the notes that stay."""
    codec, parts = artifact.codec, plan.request.parts
    plays = np.zeros(len(codec.config.parts), bool)
    fixed = plan.fixed if isinstance(plan, InfillPlan) else NOTHING_FIXED
    if isinstance(plan, ContinuePlan | InfillPlan) and not parts and artifact.profile.chooses_parts:
        plays[np.unique(plan.encoded.events[:, PART])] = True
    else:
        playing = playing_parts(artifact, parts, plan.style, rng)
        plays[playing] = True
        if isinstance(plan, AccompanyPlan):
            _, fixed = encoded_melody(artifact, plan.prompt, playing)
        elif isinstance(plan, InfillPlan):
            # Instruments that are asked for and play no track of the prompt join in.
            fixed = replace(fixed, parts=fixed.parts - (set(playing) - set(fixed.track_parts)))
    plays[list({row[1] for row in fixed.rows})] = True
    return plays, fixed


def _pieces(artifact: Artifact, plan: AnyPlan, key: Key | None, n_players: int) -> list[int]:
    """Training pieces of the style whose forms suit a request."""
    meter = plan.meter[0]
    style = 1 + list(artifact.profile.styles).index(plan.style_name)
    is_minor = None if key is None else key.is_minor
    wanted = WantedForm(style, (meter.numerator, meter.denominator), plan.n_bars, is_minor, n_players)
    return artifact.form_templates.of(wanted, artifact.profile.forms)


def _drawn_roles(
    artifact: Artifact, plan: AnyPlan, plays: NDArray[np.bool_], pieces: list[int], rng: np.random.Generator
) -> RoleTemplate | None:
    """The roles of one of the training pieces."""
    if artifact.role_templates is None:
        return None
    asked = plan.request.density, plan.request.complexity
    style = 1 + list(artifact.profile.styles).index(plan.style_name)
    band = Band(artifact.codec.config.parts, plays, artifact.profile.roles)
    return artifact.role_templates.draw(style, band, asked, rng, pieces)


def _form(
    artifact: Artifact, plan: AnyPlan, pieces: list[int], drawn: RoleTemplate | None, rng: np.random.Generator
) -> FormTemplate | None:
    """The form of the training piece whose roles were drawn, or of any that suits, cut to the length."""
    if not pieces:
        return None
    own = drawn.piece if drawn is not None and drawn.piece in pieces else pieces[int(rng.integers(len(pieces)))]
    return artifact.form_templates.forms[own].cut(plan.n_bars, artifact.profile.forms)


def _roles(
    artifact: Artifact, plan: AnyPlan, fixed: FixedNotes, plays: NDArray[np.bool_], drawn: RoleTemplate | None
) -> tuple[Roles, tuple[int, int], Target]:
    """Roles of the parts, the levels of density and complexity, and how much is to be played.

    Parts with notes that stay keep the roles that they have; the others take those of a training piece.
    """
    codec, request, profile = artifact.codec, plan.request, artifact.profile
    asked = request.density, request.complexity
    style = 1 + list(profile.styles).index(plan.style_name)
    roles = only_playing(plays) if drawn is None else drawn.roles
    wanted: list[float | None] = [None, None]
    if drawn is not None and request.density is not None:
        wanted[0] = drawn.density * profile.stretch.density ** (2 * request.density - 1)
    if drawn is not None and request.complexity is not None:
        wanted[1] = drawn.complexity + profile.stretch.complexity * (2 * request.complexity - 1)
    known = _known_events(plan, fixed)
    if len(known):
        own = role_classes(measure_roles(known, codec.is_drum, codec.config.steps), codec.is_drum)
        roles = np.where(own[REGISTER] > 0, own, roles)
    parts = np.array([activity_of(own) if own else 0.0 for own in roles[ACTIVITY].tolist()])
    textures = np.array([texture_of(own) if own else 0.0 for own in roles[TEXTURE].tolist()])
    presence = profile.constraints.presence
    if drawn is not None and presence is not None and names_instruments(request.parts):
        # The style's pieces have no role for them.
        idle = (roles[REGISTER] > 0) & (parts == 0)
        parts[idle] = presence.least_share * parts[~codec.is_drum].sum()
    if drawn is not None:
        # Classes are coarse; all together they are what the template was.
        pitched = ~codec.is_drum
        parts[pitched] *= (wanted[0] or drawn.density) / max(parts[pitched].sum(), 1e-6)
    density, complexity = (
        _level_of(artifact.manifest.conditioning, control, style, *values)
        for control, *values in zip((DENSITY, COMPLEXITY), asked, wanted, strict=True)
    )
    return roles, (density, complexity), Target(parts, textures, np.ones((plan.n_bars, len(parts))), *wanted)


def _level_of(config: ConditioningConfig, control: int, style: int, asked: float | None, wanted: float | None) -> int:
    """Level of what is wanted, or where nothing is known of it, of the share asked for."""
    if asked is None or config.is_empty:
        return NOT_GIVEN
    return 1 + min(int(asked * N_LEVELS), N_LEVELS - 1) if wanted is None else config.level(control, style, wanted)


def _known_events(plan: AnyPlan, fixed: FixedNotes) -> NDArray[np.int16]:
    """Rows of the prompt, or of the melody that stays."""
    if isinstance(plan, ContinuePlan | InfillPlan):
        return plan.encoded.events
    rows = np.array(fixed.rows, np.int64).reshape(-1, 5)
    events = rows.astype(np.int16)
    events[:, SHIFT] = np.diff(rows[:, 0], prepend=0)
    return events


def _chords(codec: NoteCodec, plan: AnyPlan) -> tuple[AskedChords, NDArray[np.int16]]:
    """The chords asked for, and the chord class of every quarter."""
    if plan.request.chords is None:
        return NO_CHORDS, np.empty(0, np.int16)
    progression = parse_progression(plan.request.chords)
    distinct: dict[Chord | None, int] = {}
    steps, grid = codec.config.steps, codec.bar_grid(plan.meter)
    rows = np.zeros(-(-plan.end_step // steps), np.int64)
    for bar, symbols in enumerate(islice(cycle(progression), plan.n_bars)):
        start, end = (int(grid.start_of(line)) for line in (bar, bar + 1))
        for place, chord in enumerate(symbols):
            first = start + (end - start) * place // len(symbols)
            rows[-(-first // steps) : -(-end // steps)] = distinct.setdefault(chord, len(distinct))
    classes = np.array([NO_CHORD if chord is None else chord.number for chord in distinct], np.int16)
    tones = np.array(
        [np.isin(np.arange(128) % 12, () if chord is None else chord.pitch_classes) for chord in distinct], bool
    )
    return AskedChords(rows, tones), classes[rows]


def _drawn_key(
    artifact: Artifact, plan: AnyPlan, index: int, chords: AskedChords, form: FormTemplate | None
) -> Key | None:
    """The key that is given as a condition and loosely held to: a melody's own, or that of the form.

    That of a form is one usual in the style. Without one a network wanders between keys. Chords that are asked for say
    enough. No key is drawn for a composer that neither reads keys as a condition nor weighs notes outside of them.
    """
    if not isinstance(plan, ComposePlan):
        return estimate_key(plan.prompt)
    if chords or (artifact.manifest.conditioning.is_empty and not plan.style.out_of_key):
        return None
    # Of its own numbers: a request for a key gets the same players and form.
    rng = np.random.default_rng((plan.request.seed, index, 2))
    own = None if form is None else key_of_class(form.key)
    return own or Key(int(rng.integers(12)), is_minor=False)


def _arrangement(
    artifact: Artifact, plan: ComposePlan, form: FormTemplate, plays: NDArray[np.bool_], roles: Roles
) -> NDArray[np.float64]:
    """How much each part plays in each bar, as the form has it; in bars beyond it, and in the last, as ever."""
    codec = artifact.codec
    parts, registers = codec.config.parts, roles[REGISTER].tolist()

    def height(part: int) -> float:
        if registers[part] > PLAYS:
            return pitch_of(registers[part])
        instrument = BAND_BY_NAME.get(parts[part].name)
        return 60.0 if instrument is None else (instrument.low + instrument.high) / 2

    pitched = sorted(np.flatnonzero(plays & ~codec.is_drum).tolist(), key=height)
    drummers = np.flatnonzero(plays & codec.is_drum).tolist()
    shared = form.arrangement.shared(len(pitched), len(drummers), artifact.profile.forms.least_sounding)
    found = np.ones((plan.n_bars, len(parts)))
    found[: shared.shape[1], [*pitched, *drummers]] = shared.T
    # Parts that have rested come back to close.
    found[-1] = 1
    return found


def _back(codec: NoteCodec, plan: AnyPlan, form: FormTemplate, chords: NDArray[np.int16]) -> tuple[int, ...]:
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


def _harmony(plan: AnyPlan, form: FormTemplate, key: Key | None) -> NDArray[np.int16]:
    """The chords of a form of the same meter and mode, in the key: a condition alone, to which no weight holds."""
    meter, own = plan.meter[0], key_of_class(form.key)
    fits = (form.numerator, form.denominator) == (meter.numerator, meter.denominator)
    if not fits or own is None or key is None or key.mode or own.is_minor != key.is_minor:
        return np.empty(0, np.int16)
    return transpose_chords(form.chords.astype(np.int16), key.tonic - own.tonic)
