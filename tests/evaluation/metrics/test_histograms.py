"""Histograms that can be counted by hand."""

import numpy as np
import pytest

from componium.evaluation.metrics.histograms import HISTOGRAMS, shares
from componium.evaluation.pieces.reading import read
from componium.score import Score, TimeSignature, Track, make_notes

BY_NAME = {histogram.name: histogram for histogram in HISTOGRAMS}


def piece(rows, *, drums=(), **more):
    """A score of rows (onset, duration, pitch) in quarters."""
    tracks = []
    for notes, is_drum in ((rows, False), (drums, True)):
        if notes:
            onset, duration, pitch = zip(*notes, strict=True)
            ticks = [[round(value * 480) for value in column] for column in (onset, duration)]
            tracks.append(Track(make_notes(*ticks, pitch, 80), is_drum=is_drum))
    return Score(480, tuple(tracks), **more)


def counted(name, score):
    """Label -> share, of the classes that occur."""
    histogram = BY_NAME[name]
    found = shares(histogram, read(score))
    assert not found.reason
    assert found.values.sum() == pytest.approx(1)
    return {label: share for label, share in zip(histogram.labels, found.values.tolist(), strict=True) if share}


def test_steps_of_the_top_line_are_clipped_at_an_octave():
    pitches = [60, 62, 62, 48, 84, 83]
    rows = [(i, 1, pitch) for i, pitch in enumerate(pitches)] + [(0, 1, 40)]
    assert counted("intervals", piece(rows)) == {"-12": 0.2, "-1": 0.2, "0": 0.2, "+2": 0.2, "+12": 0.2}


def test_note_values_are_told_apart_triplets_too():
    lengths = [1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 3 / 2, 2, 3, 4]
    rows = [(4 * i, length, 60) for i, length in enumerate(lengths)]
    assert list(counted("note_lengths", piece(rows)).values()) == pytest.approx([1 / 12] * 12)
    # A quarter played short is a quarter; nothing is shorter than a 32nd or longer than a whole note.
    rows = [(0, 0.9, 60), (1, 0, 60), (2, 9, 60), (3, 0.03, 62)]
    assert counted("note_lengths", piece(rows)) == {"32nd": 0.5, "quarter": 0.25, "whole": 0.25}


def test_distances_are_those_of_all_onsets():
    rows, strokes = [(0, 1, 60), (0, 1, 64), (2, 1, 60)], [(0, 0.1, 36), (0.5, 0.1, 38), (1, 0.1, 36)]
    # From 0 to 1/2, 1 and 2.
    assert counted("onset_distances", piece(rows, drums=strokes)) == pytest.approx({"8th": 2 / 3, "quarter": 1 / 3})


@pytest.mark.parametrize("by", range(12))
def test_degrees_are_counted_from_the_tonic(by):
    rows = [(i, 2 if step in (0, 7) else 1, 55 + by + step) for i, step in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]
    expected = {"1": 0.25, "2": 0.125, "3": 0.125, "4": 0.125, "5": 0.125, "6": 0.125, "7": 0.125}
    assert counted("scale_degrees", piece(rows)) == expected


def test_places_in_the_bar_count_once():
    rows = [(0, 1, 60), (0, 1, 64), (1.5, 1, 60), (4, 1, 60)]
    assert counted("bar_positions", piece(rows, drums=[(4, 1, 36)])) == pytest.approx({"1": 2 / 3, "7": 1 / 3})
    long = piece([(0, 1, 60), (5.5, 1, 60)], time_signatures=(TimeSignature(0, 6, 4),))
    assert counted("bar_positions", long) == {"1": 0.5, "later": 0.5}


def test_what_a_piece_lacks_is_undefined_with_a_reason():
    drums, bare = piece([], drums=[(0, 1, 36), (1, 1, 36)]), piece([(0, 1, 60)], has_grid=False)
    chromatic = piece([(i, 1, 60 + i) for i in range(12)])
    reasons = {
        ("intervals", drums): "fewer than 2 skyline notes",
        ("scale_degrees", drums): "no pitched notes",
        ("scale_degrees", chromatic): "no key",
        ("note_lengths", bare): "no reliable grid",
        ("onset_distances", piece([(0, 1, 60)])): "fewer than 2 onsets",
        ("bar_positions", Score(480)): "no notes",
    }
    for (name, score), reason in reasons.items():
        found = shares(BY_NAME[name], read(score))
        assert found.reason == reason
        assert np.isnan(found.values).all()


def test_names_are_distinct_and_meanings_whole():
    assert len(BY_NAME) == len(HISTOGRAMS)
    assert all(histogram.meaning and len(set(histogram.labels)) == len(histogram.labels) for histogram in HISTOGRAMS)
