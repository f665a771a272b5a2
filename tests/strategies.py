"""Hypothesis strategies for music."""

import numpy as np
from hypothesis import strategies as st

from componium.score import KeySignature, Score, Tempo, TimeSignature, Track, make_notes

NOTE = st.tuples(st.integers(0, 20_000), st.integers(1, 5_000), st.integers(0, 127), st.integers(1, 127))


def _without_overlaps(rows):
    """Cuts notes that a later one of the same pitch would strike again: MIDI cannot tell them apart."""
    kept = {}
    for onset, duration, pitch, velocity in sorted(rows):
        last = kept.get(pitch, [])
        if last and last[-1][0] == onset:
            continue
        if last and last[-1][0] + last[-1][1] > onset:
            last[-1] = (last[-1][0], onset - last[-1][0], *last[-1][2:])
        kept[pitch] = [*last, (onset, duration, pitch, velocity)]
    return [row for rows in kept.values() for row in rows]


@st.composite
def tracks(draw):
    rows = _without_overlaps(draw(st.lists(NOTE, min_size=1, max_size=40)))
    is_drum = draw(st.booleans())
    columns = np.array(rows).T
    name = draw(st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=12))
    return Track(make_notes(*columns), 0 if is_drum else draw(st.integers(0, 127)), is_drum, name)


def _from_start(events, first):
    return (first, *sorted({event.onset: event for event in events if event.onset > 0}.values()))


@st.composite
def scores(draw):
    onset = st.integers(0, 20_000)
    meter = st.tuples(st.integers(1, 12), st.sampled_from((2, 4, 8, 16)))
    bpm = st.floats(20, 300)
    tempos = [Tempo(*row) for row in draw(st.lists(st.tuples(onset, bpm), max_size=4))]
    meters = [TimeSignature(o, *m) for o, m in draw(st.lists(st.tuples(onset, meter), max_size=4))]
    keys = draw(st.lists(st.tuples(onset, st.integers(0, 11), st.booleans()), max_size=2, unique_by=lambda k: k[0]))
    return Score(
        draw(st.sampled_from((24, 96, 480, 960))),
        tuple(draw(st.lists(tracks(), min_size=1, max_size=4))),
        _from_start(tempos, Tempo(0, draw(bpm))),
        _from_start(meters, TimeSignature(0, *draw(meter))),
        tuple(KeySignature(*key) for key in sorted(keys)),
    )
