"""Defines the settings of constraints in a style profile: of each what was chosen or tuned rather than defined.

A weight is added to a log-probability; negative ones make a choice rarer.
"""

from __future__ import annotations

from componium.conditioning.counterpoint import CadenceSettings
from componium.conditioning.settings import Count, Factor, Positive, Settings, Share, Size, Weight


class NoSettings(Settings):
    """Of a constraint or check that applies and has nothing to be chosen beside what styles say."""


class KeySettings(Settings):
    """``outside``: weight of notes outside a key that is asked for."""

    outside: Weight


class RegisterSettings(Settings):
    """How far parts move from the middle of their register, in semitones.

    Attributes:
        line_reach, chords_reach: what parts that play lines, or chords, reach freely.
        spread: standard deviation of the normal curve by which pitches become rarer beyond.
    """

    line_reach: Factor
    chords_reach: Factor
    spread: Positive


class ChordSettings(Settings):
    """``off_beat``: share of its weight that a note foreign to a chord has between the quarters."""

    off_beat: Factor


class TogetherSettings(Settings):
    """How all parts together are held to a density.

    Attributes:
        quarters: time constant over which density is measured.
        slack: difference, as a logarithm, that is tolerated.
        weight: of a shift of a quarter or more, for each unit of the difference.
    """

    quarters: Positive
    slack: Factor
    weight: Weight


class DensitySettings(Settings):
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

    part_quarters: Positive
    part_slack: Factor
    part_weight: Weight
    most_lag: Factor
    together: TogetherSettings
    together_asked: TogetherSettings
    resting: Weight
    complexity_weight: Weight
    most_complexity: Factor
    texture_slack: Factor
    texture_weight: Weight
    most_texture: Factor


class PresenceSettings(Settings):
    """Parts that must play, and silence.

    Attributes:
        patience_bars: after so long a silence a part becomes likelier.
        named_patience_bars: likewise where the request names the instruments.
        least_share: of the notes of all, what an instrument is given that the request names and the style has no role
            for.
        overdue: weight of a part after as long a silence again.
        most_silent_bars: bars in a row without a sound.
    """

    patience_bars: Count
    named_patience_bars: Count
    least_share: Share
    overdue: Weight
    most_silent_bars: Size


class DurationSettings(Settings):
    """``into_next_chord``: weight of durations that would last into another chord, where notes are lengthened."""

    into_next_chord: Weight


class EndingSettings(Settings):
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

    off_triad: Weight
    off_beat: Factor
    off_tonic: Weight
    closed: Weight
    late: Weight
    late_beside_melody: Weight
    last_off_triad: Weight
    last_bass: Weight
    last_top: Weight
    bass_missing: Weight
    held: Weight
    crossing: Weight
    in_drawn_key: Share


class RepetitionSettings(Settings):
    """Bars that come again and again.

    Attributes:
        alike: share of notes in common from which on bars are much alike (Jaccard).
        once_more: weight of the notes of as many bars alike as the style has.
        most_repeats: times in a row that a bar may come, note for note.
    """

    alike: Share
    once_more: Weight
    most_repeats: Count


class MonotonySettings(Settings):
    """The same pitch again and again in a part, where sampling is cautious.

    Attributes:
        free: times in a row that cost nothing.
        weight, most: of a pitch for each time more, and of as many as may be; at the utmost caution, temperature 0.
    """

    free: Size
    weight: Weight
    most: Weight


class InfillSettings(Settings):
    """Bars between others.

    Attributes:
        neighbor_quarters: how far the bars around count for its density.
        ahead_quarters: how far before its end what follows is aimed at.
        leading: weight of each semitone beyond ``step`` to where a part goes on, at the bar line.
        step, widest: semitones that are free, and the most that count.
    """

    neighbor_quarters: Count
    ahead_quarters: Positive
    leading: Weight
    step: Size
    widest: Size


class ConstraintSettings(Settings):
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
    monotony: MonotonySettings | None = None
    infill: InfillSettings | None = None
    fixed_notes: NoSettings | None = None
    returning: NoSettings | None = None
