"""Settings of voices that move together, of cadences, and of what is drawn where a request names no style."""

from __future__ import annotations

from componium.conditioning.settings import Count, Factor, Settings, Share, Size, Weight


class PairWeights(Settings):
    """How a style takes two voices that move together; 0 where it does not mind.

    Attributes:
        parallel: weight of a note that goes on in parallel fifths, octaves or unisons with another voice.
        crossing: weight of a note that crosses the neighboring part.
    """

    parallel: Weight
    crossing: Weight


class CadenceWeights(Settings):
    """How a style ends: shares of the weights of :class:`CadenceSettings` that apply, from 0.

    Attributes:
        dominant: how much the piece is led over the dominant to its tonic.
        beats: before the close that belong to the dominant.
        complete: how much its final chord is made complete.
    """

    dominant: Factor
    beats: Size
    complete: Factor


class CadenceSettings(Settings):
    """The dominant before the close of a piece, and the chord that closes it.

    Attributes:
        before: share of the weights on all beats of the dominant but the last.
        off_chord: of notes that do not belong to the dominant seventh chord.
        off_bass: of other notes than the dominant in the lowest part.
        bass_missing: of the lowest part where it is silent at the last of these beats.
        held_over: of durations on these beats that last into the close.
        resolving: of the tonic for a voice that comes from the leading tone.
        missing: of notes of the tonic triad that do not sound yet in the closing chord.
        doubled: of its third and fifth, once they sound.
        open: of any shift but another note at once while the closing chord lacks one of its three notes.
    """

    before: Share
    off_chord: Weight
    off_bass: Weight
    bass_missing: Weight
    held_over: Weight
    resolving: Weight
    missing: Weight
    doubled: Weight
    open: Weight


class StyleDraw(Settings):
    """What is composed where a request leaves style or length open.

    Attributes:
        weight: how often the style is drawn beside others; 0: only if it is asked for.
        bars: its usual length.
    """

    weight: Factor
    bars: Count
