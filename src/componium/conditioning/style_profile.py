"""The type of ``styles.json``: everything about composing that was chosen or tuned rather than defined.

It is part of every artifact and covered by its digest. The type has no default values: they stand in
``starting_profile.json``, from which newly trained composers begin. Hard rules of notation and of instruments stay in
the source (:mod:`componium.composing.constraints`).

A weight is added to a log-probability; negative ones make a choice rarer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from componium.conditioning.constraint_settings import ConstraintSettings, NoSettings
from componium.conditioning.counterpoint import CadenceWeights, PairWeights, StyleDraw
from componium.conditioning.settings import Count, Factor, Positive, Settings, Share, Size, Weight
from componium.errors import ArtifactError, FormatError
from componium.formats.loading import load
from componium.formats.strict_json import parse_json

STARTING_PROFILE = Path(__file__).parent / "starting_profile.json"
UNNAMED = ""
"""The one style of a composer that knows none."""
_MAX_BYTES = 2**24
MOST_CANDIDATES = 64
"""That may be composed for one piece."""
ANY_STYLE = "any"
"""In the starting profile: the style of music of which nothing is known beforehand."""


class Style(Settings):
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
    """

    tempo_bpm: Annotated[float, Field(ge=10, le=400)]
    ensembles: tuple[tuple[str, ...], ...]
    full_band: tuple[str, ...]
    most_alike: Size
    out_of_key: Weight
    repeated: Weight
    stepping: Weight
    leaping: Weight
    rhythm: Weight
    lengthening: Weight
    returning: Weight
    off_chord: Weight
    closing: Share
    top_p: Annotated[float, Field(ge=0, le=1)]
    pairs: PairWeights
    cadence: CadenceWeights
    drawn: StyleDraw


class OffKeyCheck(Settings):
    """``least_in_key``: share of pitched notes in the key or chord asked for."""

    least_in_key: Share


class SilenceCheck(Settings):
    """``most_bars``: silent bars in a row."""

    most_bars: Size


class StuckCheck(Settings):
    """``most_repeats``: times in a row that a bar may come, note for note."""

    most_repeats: Size


class CheckSettings(Settings):
    """The checks that drafts must pass, with their thresholds; absent ones do not apply.

    ``most_drafts``: drafts before the least flawed of them is taken.
    """

    most_drafts: Annotated[int, Field(ge=1, le=100)]
    missing_part: NoSettings | None = None
    off_key: OffKeyCheck | None = None
    silence: SilenceCheck | None = None
    stuck: StuckCheck | None = None
    cut_off: NoSettings | None = None


class RoleSettings(Settings):
    """How roles are drawn from templates (:mod:`componium.conditioning.role_templates`).

    Attributes:
        enough: templates of exactly the instruments asked for, from which on no other is borrowed.
        enough_share: share of a style's templates for as many players as are named, from which on it is drawn for them.
        most_tried: templates that are compared.
        nearest, least: share of fitting templates among which one is drawn where a density is asked for; least number.
        chords_for_line, line_for_chords, hardly_plays, drummer: costs in semitones of a role for an instrument: chords
            for one that plays none, a line for one that plays chords, hardly a note, drums that do not fit.
        dropped, top_dropped, lowest_dropped: costs of roles that nobody takes.
        alike, fitting: templates whose costs differ by less, and that share of them, are as good.
        active: class of activities below which a part hardly plays.
        margin: semitones from the ends of a range at which a mean pitch is still easy.
    """

    enough: Count
    enough_share: Share
    most_tried: Count
    nearest: Share
    least: Count
    chords_for_line: Factor
    line_for_chords: Factor
    hardly_plays: Factor
    drummer: Factor
    dropped: Factor
    top_dropped: Factor
    lowest_dropped: Factor
    alike: Factor
    fitting: Share
    active: Size
    margin: Size


class FormSettings(Settings):
    """How forms are drawn and cut (:mod:`componium.conditioning.form_templates`).

    Attributes:
        whole_from: bars from which on forms of just the length of a piece come alone.
        enough, enough_of_parts: forms of just the length, and with a part for each player, that are enough.
        most_of_one_chord: share of the harmony that one chord may take up.
        end_bars: bars kept of an end; ``least_bars``: length from which on a piece has one.
        least_sounding: parts that would sound in a smaller share of the bars never rest.
    """

    whole_from: Size
    enough: Count
    enough_of_parts: Count
    most_of_one_chord: Share
    end_bars: Count
    least_bars: Count
    least_sounding: Share


class StretchSettings(Settings):
    """How far a density (a factor) or complexity (a sum) asked for goes beyond the nearest role template."""

    density: Factor
    complexity: Factor


class PromptSettings(Settings):
    """Rows that are read of what follows and precedes bars to be filled."""

    most_following: Count
    most_before: Count


Trust = Annotated[int, Field(ge=0, le=4)]
"""A class of :class:`componium.ngrams.NgramReader`."""


class NgramSettings(Settings):
    """Sampling of the n-gram procedure.

    Attributes:
        trust: how much a piece repeats itself; ``sharpened_trust`` below full temperature or top-p.
        full_temperature, full_top_p: from which on sampling is not sharpened.
    """

    trust: Trust
    sharpened_trust: Trust
    full_temperature: Factor
    full_top_p: Factor


class GibbsSettings(Settings):
    """How a procedure draws that fills cells again and again.

    Attributes:
        rounds: in which hidden cells are uncovered, the surest first.
        noise: of how sure the network is, as a factor of Gumbel noise; 0 takes the very surest.
        passes: in which a share of the blocks is drawn again.
        block: cells of one part that are drawn again together.
        rounds_of_pass: in which they are uncovered.
        most_hidden, least_hidden: the share in the first and in the last pass.
        temperature: a factor of the one asked for.
        window: cells that are read at once, and of longer pieces half of it filled.
        parallels: log-weight of pitches that make parallel fifths, octaves or unisons with another part.
    """

    rounds: Count
    noise: Factor
    passes: Size
    block: Count
    rounds_of_pass: Count
    most_hidden: Share
    least_hidden: Share
    temperature: Positive
    window: Annotated[int, Field(ge=2, le=100_000)]
    parallels: Annotated[float, Field(ge=-100, le=0)]


class StyleProfile(Settings):
    """What ``styles.json`` holds.

    Attributes:
        temperature: where none is asked for.
        best_of: candidates for each phrase of a new piece where no number is asked for and there is a discriminator to
            choose by.
        chooses_parts: whether a request names the parts that play; else all play, on the instruments that it names.
        styles: by name, in the order of the composer's numbers.
    """

    temperature: Annotated[float, Field(ge=0, le=5)]
    best_of: Annotated[int, Field(ge=1, le=MOST_CANDIDATES)]
    chooses_parts: bool
    constraints: ConstraintSettings
    checks: CheckSettings
    roles: RoleSettings
    forms: FormSettings
    stretch: StretchSettings
    prompts: PromptSettings
    ngrams: NgramSettings
    gibbs: GibbsSettings | None = None
    styles: dict[str, Style]

    def for_own_music(
        self, name: str, like: str, tempo_bpm: float, ensembles: Sequence[tuple[str, ...]]
    ) -> StyleProfile:
        """Returns the profile of a composer that was trained further on music of one new style.

        Args:
            name: of the new style, the only one of the result.
            like: the style of this profile from which it began; what was tuned for it stays.
            tempo_bpm: usual in the training pieces.
            ensembles: the names of the parts that play in each training piece; empty ones are left out.
        """
        playing = tuple(own for own in ensembles if own)
        old = self.styles[like]
        own = old.model_copy(
            update={
                "tempo_bpm": tempo_bpm,
                "ensembles": playing or old.ensembles,
                "full_band": tuple(dict.fromkeys(part for own in playing for part in own)) or old.full_band,
                "drawn": old.drawn.model_copy(update={"weight": 1.0}),
            }
        )
        return self.model_copy(update={"styles": {name: own}})

    def for_parts(self, names: Collection[str]) -> StyleProfile:
        """Returns the profile of a composer of these parts, where no ensemble names another; none left is all parts."""

        def known(ensemble: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in ensemble if name in names)

        styles = {
            name: own.model_copy(
                update={
                    "ensembles": tuple(ensemble for ensemble in map(known, own.ensembles) if ensemble) or ((),),
                    "full_band": known(own.full_band),
                }
            )
            for name, own in self.styles.items()
        }
        return self.model_copy(update={"styles": styles})

    def to_bytes(self) -> bytes:
        """Returns the content of ``styles.json``."""
        return (self.model_dump_json(indent=1, exclude_none=True) + "\n").encode()


def read_profile(path: Path) -> StyleProfile:
    """Reads a ``styles.json``.

    Raises:
        ArtifactError: it is missing or damaged.
    """
    try:
        profile = StyleProfile.model_validate(parse_json(load(path, what="styles.json", max_bytes=_MAX_BYTES)[0]))
    except FormatError as error:
        raise ArtifactError(f"{error}; get the artifact again") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ArtifactError(f"{path}: {'.'.join(map(str, first['loc'])) or 'content'}: {first['msg']}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: not JSON ({error})") from error
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
    applying = ("well_formedness", "key", "monotony", *(("ranges",) if unit == "second" else ()))
    content["constraints"] = {name: content["constraints"][name] for name in applying}
    content["checks"] = {"most_drafts": content["checks"]["most_drafts"]}
    content["chooses_parts"] = False
    # A key that nobody asked for is drawn for networks that read it.
    content["styles"] = {UNNAMED: {**unknown, "ensembles": [[]], "full_band": [], "out_of_key": 0.0}}
    return StyleProfile.model_validate(content)
