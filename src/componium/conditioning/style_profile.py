"""The type of ``styles.json``: everything about composing that was chosen or tuned rather than defined.

It is part of every artifact and covered by its digest. The type has no default values: they stand in
``starting_profile.json``, from which newly trained composers begin. Hard rules of notation and of instruments stay in
the source (:mod:`componium.composing.constraints`).

A weight is added to a log-probability; negative ones make a choice rarer.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from componium.conditioning.counterpoint import CadenceSettings, CadenceWeights, PairWeights, StyleDraw
from componium.errors import ArtifactError

STARTING_PROFILE = Path(__file__).parent / "starting_profile.json"
UNNAMED = ""
"""The one style of a composer that knows none."""
ANY_STYLE = "any"
"""In the starting profile: the style of music of which nothing is known beforehand."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HumanFigure(_Settings):
    """Mean and standard deviation of a criterion of the ranking over human pieces."""

    mean: float
    deviation: float


class Style(_Settings):
    """What is usual in a style; what a request leaves open is taken from here.

    Attributes:
        tempo_bpm: quarters a minute.
        ensembles: names of parts that play together, drawn alike often; an empty one stands for all parts.
        full_band: all parts that may play.
        most_alike: bars in a row that are much alike, drums aside.
        out_of_key: weight of notes outside the key that is drawn where none is asked for.
        repeated, stepping, leaping: weights of how voices go on: on the same note, by a step, by more than a fourth.
        rhythm: weight of onsets where the bar before has some.
        lengthening: weight of every doubling of a note's length.
        returning: weight of the note that the form has return next.
        off_chord: weight, on quarters, of notes foreign to a chord that is asked for.
        closing: share of the last bar after which its beats close the piece.
        top_p: share of likely choices that are left where none is asked for.
        pairs: weights of voices that move together.
        cadence: how it ends.
        drawn: whether and how long it is composed where no style, or no length, is asked for.
        human: figures of human pieces, by criterion of the ranking.
    """

    tempo_bpm: float
    ensembles: tuple[tuple[str, ...], ...]
    full_band: tuple[str, ...]
    most_alike: int
    out_of_key: float
    repeated: float
    stepping: float
    leaping: float
    rhythm: float
    lengthening: float
    returning: float
    off_chord: float
    closing: float
    top_p: float
    pairs: PairWeights
    cadence: CadenceWeights
    drawn: StyleDraw
    human: dict[str, HumanFigure]


class NoSettings(_Settings):
    """Of a constraint or check that applies and has nothing to be chosen beside what styles say."""


class KeySettings(_Settings):
    """``outside``: weight of notes outside a key that is asked for."""

    outside: float


class RegisterSettings(_Settings):
    """How far parts move from the middle of their register, in semitones.

    Attributes:
        line_reach, chords_reach: what parts that play lines, or chords, reach freely.
        spread: standard deviation of the normal curve by which pitches become rarer beyond.
    """

    line_reach: float
    chords_reach: float
    spread: float


class ChordSettings(_Settings):
    """``off_beat``: share of its weight that a note foreign to a chord has between the quarters."""

    off_beat: float


class TogetherSettings(_Settings):
    """How all parts together are held to a density.

    Attributes:
        quarters: time constant over which density is measured.
        slack: difference, as a logarithm, that is tolerated.
        weight: of a shift of a quarter or more, for each unit of the difference.
    """

    quarters: float
    slack: float
    weight: float


class DensitySettings(_Settings):
    """How much each part, and all together, play.

    Attributes:
        part_quarters: time constant over which the density of a part is measured.
        part_slack, part_weight: of a part's difference, as a logarithm: what is tolerated, and weight beyond.
        most_lag: the most of any difference that counts.
        together, together_asked: of all parts, and where a density is asked for.
        resting: weight of a part in bars in which it rests.
        complexity_weight, most_complexity: of a difference in complexity, and the most of it that counts.
        texture_slack, texture_weight, most_texture: of a part's notes begun together, as a logarithm.
    """

    part_quarters: float
    part_slack: float
    part_weight: float
    most_lag: float
    together: TogetherSettings
    together_asked: TogetherSettings
    resting: float
    complexity_weight: float
    most_complexity: float
    texture_slack: float
    texture_weight: float
    most_texture: float


class PresenceSettings(_Settings):
    """Parts that must play, and silence.

    Attributes:
        patience_bars: after so long a silence a part becomes likelier.
        overdue: its weight after as long again.
        most_silent_bars: bars in a row without a sound.
    """

    patience_bars: int
    overdue: float
    most_silent_bars: int


class DurationSettings(_Settings):
    """``into_next_chord``: weight of durations that would last into another chord, where notes are lengthened."""

    into_next_chord: float


class EndingSettings(_Settings):
    """How a piece ends; weights in its last bar.

    Attributes:
        off_triad: of notes outside the tonic triad on a quarter; ``off_beat``: share of it between the quarters.
        off_tonic: of an end while the bass is not on the tonic, or which would leave silence.
        closed: of what begins after the bass has come to the tonic on a closing beat.
        late, late_beside_melody: of what begins within the last beat; the second beside a melody that stays.
        last_off_triad, last_bass, last_top: on closing beats: of notes outside the triad, and of other notes than the
            tonic in the lowest part and in the top voice of the highest.
        bass_missing: of the lowest part where a closing chord lacks it.
        held: of durations on closing beats that stop before the end.
        crossing: of durations before them that last beyond.
        in_drawn_key: share of what was heard that must lie in the drawn key for the piece to end in it.
    """

    off_triad: float
    off_beat: float
    off_tonic: float
    closed: float
    late: float
    late_beside_melody: float
    last_off_triad: float
    last_bass: float
    last_top: float
    bass_missing: float
    held: float
    crossing: float
    in_drawn_key: float


class RepetitionSettings(_Settings):
    """Bars that come again and again.

    Attributes:
        alike: share of notes in common from which on bars are much alike (Jaccard).
        once_more: weight of the notes of as many bars alike as the style has.
        most_repeats: times in a row that a bar may come, note for note.
    """

    alike: float
    once_more: float
    most_repeats: int


class InfillSettings(_Settings):
    """Bars between others.

    Attributes:
        neighbor_quarters: how far the bars around count for its density.
        ahead_quarters: how far before its end what follows is aimed at.
        leading: weight of each semitone beyond ``step`` to where a part goes on, at the bar line.
        step, widest: semitones that are free, and the most that count.
    """

    neighbor_quarters: int
    ahead_quarters: float
    leading: float
    step: int
    widest: int


class ConstraintSettings(_Settings):
    """The constraints that apply, by name, with their settings; absent ones do not.

    They are applied in the order of the registry (:data:`componium.composing.constraints.CONSTRAINTS`).
    """

    well_formedness: NoSettings
    polyphony: NoSettings | None = None
    key: KeySettings | None = None
    ranges: NoSettings | None = None
    registers: RegisterSettings | None = None
    chords: ChordSettings | None = None
    density: DensitySettings | None = None
    presence: PresenceSettings | None = None
    durations: DurationSettings | None = None
    ending: EndingSettings | None = None
    cadence: CadenceSettings | None = None
    voice_leading: NoSettings | None = None
    voice_pairs: NoSettings | None = None
    rhythm: NoSettings | None = None
    repetition: RepetitionSettings | None = None
    infill: InfillSettings | None = None
    fixed_notes: NoSettings | None = None
    returning: NoSettings | None = None


class OffKeyCheck(_Settings):
    """``least_in_key``: share of pitched notes in the key or chord asked for."""

    least_in_key: float


class SilenceCheck(_Settings):
    """``most_bars``: silent bars in a row."""

    most_bars: int


class StuckCheck(_Settings):
    """``most_repeats``: times in a row that a bar may come, note for note."""

    most_repeats: int


class CheckSettings(_Settings):
    """The checks that drafts must pass, with their thresholds; absent ones do not apply.

    ``most_drafts``: drafts before the least flawed of them is taken.
    """

    most_drafts: int
    missing_part: NoSettings | None = None
    off_key: OffKeyCheck | None = None
    silence: SilenceCheck | None = None
    stuck: StuckCheck | None = None
    cut_off: NoSettings | None = None


class RoleSettings(_Settings):
    """How roles are drawn from templates (:mod:`componium.conditioning.role_templates`).

    Attributes:
        enough: templates of exactly the instruments asked for, from which on no other is borrowed.
        most_tried: templates that are compared.
        nearest, least: share of fitting templates among which one is drawn where a density is asked for; least number.
        chords_for_line, line_for_chords, hardly_plays, drummer: costs in semitones of a role for an instrument: chords
            for one that plays none, a line for one that plays chords, hardly a note, drums that do not fit.
        dropped, top_dropped, lowest_dropped: costs of roles that nobody takes.
        alike, fitting: templates whose costs differ by less, and that share of them, are as good.
        active: class of activities below which a part hardly plays.
        margin: semitones from the ends of a range at which a mean pitch is still easy.
    """

    enough: int
    most_tried: int
    nearest: float
    least: int
    chords_for_line: float
    line_for_chords: float
    hardly_plays: float
    drummer: float
    dropped: float
    top_dropped: float
    lowest_dropped: float
    alike: float
    fitting: float
    active: int
    margin: int


class FormSettings(_Settings):
    """How forms are drawn and cut (:mod:`componium.conditioning.form_templates`).

    Attributes:
        whole_from: bars from which on forms of just the length of a piece come alone.
        enough, enough_of_parts: forms of just the length, and with a part for each player, that are enough.
        most_of_one_chord: share of the harmony that one chord may take up.
        end_bars: bars kept of an end; ``least_bars``: length from which on a piece has one.
        least_sounding: parts that would sound in a smaller share of the bars never rest.
    """

    whole_from: int
    enough: int
    enough_of_parts: int
    most_of_one_chord: float
    end_bars: int
    least_bars: int
    least_sounding: float


class StretchSettings(_Settings):
    """How far a density (a factor) or complexity (a sum) asked for goes beyond the nearest role template."""

    density: float
    complexity: float


class PromptSettings(_Settings):
    """Rows that are read of what follows and precedes bars to be filled."""

    most_following: int
    most_before: int


class NgramSettings(_Settings):
    """Sampling of the n-gram procedure.

    Attributes:
        trust: how much a piece repeats itself; ``sharpened_trust`` below full temperature or top-p.
        full_temperature, full_top_p: from which on sampling is not sharpened.
    """

    trust: int
    sharpened_trust: int
    full_temperature: float
    full_top_p: float


class RankingSettings(_Settings):
    """``furthest``: the most standard deviations that count; ``never_too_much``: criteria without an upper side."""

    furthest: float
    never_too_much: tuple[str, ...]


class StyleProfile(_Settings):
    """What ``styles.json`` holds.

    Attributes:
        temperature: where none is asked for.
        chooses_parts: whether a request names the parts that play; else all play, on the instruments that it names.
        styles: by name, in the order of the composer's numbers.
    """

    temperature: float
    chooses_parts: bool
    constraints: ConstraintSettings
    checks: CheckSettings
    roles: RoleSettings
    forms: FormSettings
    stretch: StretchSettings
    prompts: PromptSettings
    ngrams: NgramSettings
    ranking: RankingSettings
    styles: dict[str, Style]

    def to_bytes(self) -> bytes:
        """Returns the content of ``styles.json``."""
        return (self.model_dump_json(indent=1, exclude_none=True) + "\n").encode()


def read_profile(path: Path) -> StyleProfile:
    """Reads a ``styles.json``.

    Raises:
        ArtifactError: it is missing or damaged.
    """
    try:
        profile = StyleProfile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read ({error.strerror}); get the artifact again") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ArtifactError(f"{path}: {'.'.join(map(str, first['loc'])) or 'content'}: {first['msg']}") from error
    if not profile.styles:
        raise ArtifactError(f"{path}: styles: there is none")
    if not any(style.drawn.weight for style in profile.styles.values()):
        raise ArtifactError(f"{path}: styles: none is ever drawn; give one of them a weight")
    return profile


@lru_cache(maxsize=1)
def _starting() -> dict[str, Any]:
    return json.loads(STARTING_PROFILE.read_text(encoding="utf-8"))


def starting_profile(styles: tuple[str, ...], tempo_bpm: float, unit: str) -> StyleProfile:
    """Returns the profile that a newly trained composer begins with.

    Args:
        styles: those of a conditioned composer; of another one none, and few constraints apply.
        tempo_bpm: usual in the training pieces, for styles of which nothing is known beforehand.
        unit: ``quarter`` or ``second``; without a beat, parts keep to the ranges of their instruments.
    """
    content = dict(_starting())
    known: dict[str, Any] = content["styles"]
    unknown = {**known[ANY_STYLE], "tempo_bpm": tempo_bpm}
    if styles:
        content["styles"] = {name: known.get(name, unknown) for name in styles}
        return StyleProfile.model_validate(content)
    applying = ("well_formedness", "key", *(("ranges",) if unit == "second" else ()))
    content["constraints"] = {name: content["constraints"][name] for name in applying}
    content["checks"] = {"most_drafts": content["checks"]["most_drafts"]}
    content["chooses_parts"] = False
    # A key that nobody asked for is drawn for networks that read it.
    content["styles"] = {UNNAMED: {**unknown, "ensembles": [[]], "full_band": [], "out_of_key": 0.0}}
    return StyleProfile.model_validate(content)
