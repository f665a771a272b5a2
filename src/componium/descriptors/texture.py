"""Descriptors of texture: which parts play, gaps and entries, how many voices sound, what begins together.

*All voices* are all parts where these are the voices, else as many notes as nine in ten moments do not exceed.
"""

from __future__ import annotations

import numpy as np

from componium.descriptors.descriptor import STRENGTHS, Block, classes_named, mean, named, spread
from componium.descriptors.reading import STEPS, Floats, Integers, VoiceReading

_USUAL = 0.9


def all_voices_sounding(reading: VoiceReading) -> float:
    """Returns the share of the moments at which all voices sound."""
    return mean(reading.counts >= _n_voices(reading))


def _n_voices(reading: VoiceReading) -> int:
    return reading.n_parts if reading.are_lines else int(np.quantile(reading.counts, _USUAL, method="nearest"))


def _moments(reading: VoiceReading) -> Floats:
    began = np.bincount(reading.moment_of_note, minlength=len(reading.moments))
    share = began / np.maximum(reading.counts, began)
    changes = np.diff(reading.counts)
    last = int(reading.notes.end.max())
    spans = np.diff(np.append(reading.moments, last))
    silent = _silence(reading.notes.onset, reading.notes.end)
    top, bass = (np.isin(np.arange(len(reading.moments)), own) for own in (reading.top_line, reading.bass_line))
    many = reading.counts > 1
    return np.array(
        (
            all_voices_sounding(reading),
            mean(reading.counts),
            spread(reading.counts),
            mean(changes != 0),
            mean(np.abs(changes)),
            float((reading.counts * spans).sum() / max(int(spans.sum()), 1)),
            silent,
            mean(share[many]),
            mean((share == 1)[many]),
            mean((top & ~bass)[many]),
            mean((bass & ~top)[many]),
            mean((~bass & ~top)[many]),
            mean(began),
            mean(began == 1),
        )
    )


def _silence(onset: Integers, end: Integers) -> float:
    """The share of the time from first onset to last end in which nothing sounds."""
    reached = np.maximum.accumulate(end)
    gaps = np.maximum(onset[1:] - reached[:-1], 0).sum()
    return float(gaps / max(int(reached[-1] - onset[0]), 1))


_MOMENTS_BLOCK = Block(
    named(
        "texture",
        {
            "all voices sounding": "moments at which all voices sound",
            "sounding notes": "how many notes sound at a moment",
            "sounding notes, spread": "how much the number of notes that sound changes",
            "changes of sounding notes": "moments at which another number of notes sounds than before",
            "size of these changes": "by how many notes it changes",
            "sounding notes by time": "how many notes sound, by how long",
            "silence": "how much of the time nothing sounds",
            "begins together": "how many of the notes that sound begin with the moment",
            "all begin together": "moments at which all notes that sound begin",
            "top alone begins": "moments at which the top begins and the bass is held",
            "bass alone begins": "moments at which the bass begins and the top is held",
            "inner voices alone begin": "moments at which neither bass nor top begins",
            "notes begun at a moment": "how many notes begin at a moment",
            "single notes begun": "moments at which a single note begins",
        },
    ),
    _moments,
)


def _parts(reading: VoiceReading) -> Floats:
    place, notes = reading.place_of_note, reading.notes
    bars, first = reading.n_bars, place.bar.min()
    cells = np.bincount((place.bar - first) * reading.n_parts + notes.part, minlength=bars * reading.n_parts)
    per_bar = cells.reshape(bars, reading.n_parts)
    plays = per_bar > 0
    playing = plays.sum(axis=1)
    entries = np.array([notes.onset[notes.part == own].min() for own in range(reading.n_parts)]) - notes.onset.min()
    exits = notes.onset.max() - np.array([notes.onset[notes.part == own].max() for own in range(reading.n_parts)])
    share = plays.mean(axis=0)
    turns = (plays[1:] != plays[:-1]).mean(axis=0) if bars > 1 else np.full(reading.n_parts, np.nan)
    gaps = np.array([_gap(reading, own) for own in range(reading.n_parts)])
    began = np.bincount(reading.moment_of_note, minlength=len(reading.moments)) / reading.counts
    strength = reading.places.strength
    figures = (
        mean(share), float(share.min()), spread(share), mean(turns), mean(playing == reading.n_parts),
        mean(playing == 0),
        mean(entries / STEPS), float(entries.max() / STEPS), mean(exits / STEPS), mean(gaps), float(gaps.max()),
        mean(per_bar), mean(per_bar.std(axis=0)), float(per_bar.sum(axis=1).std()),
        _agreement(per_bar.astype(np.float64)),
        *(mean(began[strength == own]) for own in range(len(STRENGTHS))),
        *(mean(reading.counts[strength == own]) for own in range(len(STRENGTHS))),
    )  # fmt: skip
    return np.array(figures)


def _agreement(per_bar: Floats) -> float:
    """The mean correlation of two parts over bars, of notes (bars, parts); NaN of one part or an even one."""
    scaled = per_bar - per_bar.mean(axis=0)
    norm = np.sqrt((scaled**2).sum(axis=0))
    count = len(norm)
    if count < 2 or len(per_bar) < 3 or not norm.all():
        return float("nan")
    return float((((scaled / norm).sum(axis=1) ** 2).sum() - count) / (count * (count - 1)))


def _gap(reading: VoiceReading, part: int) -> float:
    """The share of the time from its first to its last note in which a part rests."""
    own = reading.notes.part == part
    return _silence(reading.notes.onset[own], reading.notes.end[own])


_PARTS_BLOCK = Block(
    (
        *named(
            "texture",
            {
                "bars with a part": "bars in which a part plays, of a usual part",
                "bars with the rarest part": "bars in which the part plays that plays in fewest",
                "bars with a part, spread": "how different parts are in that",
                "entries and exits": "bars in which a part begins to play or stops",
                "bars with all parts": "bars in which all parts play",
                "empty bars": "bars in which nothing begins",
                "entry": "quarters from the first note to the entry of a usual part",
                "last entry": "quarters from the first note to the entry of the last part",
                "exit": "quarters from the last note of a usual part to the last onset of all",
                "rests of a part": "how much of the time a usual part rests",
                "longest rests of a part": "how much of the time the part rests that rests most",
                "notes of a part in a bar": "notes of a usual part in a bar",
                "notes of a part in a bar, spread": "how much that changes from bar to bar",
                "notes in a bar, spread": "how much the notes of a bar change from bar to bar",
                "parts that thicken together": "whether parts have many notes in the same bars",
            },
        ),
        *classes_named("texture", "begins together", "notes that begin, of those that sound", STRENGTHS),
        *classes_named("texture", "notes that sound", "how many notes sound", STRENGTHS),
    ),
    _parts,
    needs_bars=True,
)

TEXTURE = (_MOMENTS_BLOCK, _PARTS_BLOCK)
