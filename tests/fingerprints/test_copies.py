"""Copies of training pieces beside what a trained composer ships: those with changed notes too, and no other music."""

from dataclasses import replace

import numpy as np
import pytest
from fixtures.music import tune

from componium.formats.midi import read_midi
from componium.score import make_notes

DRAWS = 5


def columns_of(track):
    return [track.notes[name].astype(np.int64) for name in track.notes.dtype.names]


def exact(columns, rng):
    return columns


def transposed(columns, rng):
    onset, duration, pitch, velocity = columns
    return onset, duration, pitch + 5, velocity


def half_tempo(columns, rng):
    onset, duration, pitch, velocity = columns
    return 2 * onset, 2 * duration, pitch, velocity


def one_in_ten_moved(columns, rng):
    onset, duration, pitch, velocity = columns
    moved = rng.random(len(pitch)) < 0.1
    return onset, duration, pitch + np.where(moved, rng.choice([-2, -1, 1, 2], len(pitch)), 0), velocity


def one_in_ten_dropped(columns, rng):
    kept = rng.random(len(columns[0])) >= 0.1
    return tuple(own[kept] for own in columns)


def changed(score, change, seed):
    rng = np.random.default_rng(seed)
    tracks = (
        replace(track, notes=make_notes(*(columns_of(track) if track.is_drum else change(columns_of(track), rng))))
        for track in score.tracks
    )
    return replace(score, tracks=tuple(tracks))


@pytest.fixture(scope="module")
def shipped(train_once):
    """A composer that learned from orchestrations of its training pieces."""
    return train_once("recurrent-guided").artifact


def is_found(artifact, name, score):
    training = artifact.fingerprints
    match = training.longest_match(training.lines_of(score))
    return match.n_notes > 0 and training.names[match.piece] == name and artifact.is_near_training(score)


@pytest.mark.parametrize("change", [exact, transposed, half_tempo, one_in_ten_moved, one_in_ten_dropped])
def test_copies_are_found(shipped, mixture_folder, change):
    draws = range(DRAWS if change in (one_in_ten_moved, one_in_ten_dropped) else 1)
    found = [
        is_found(shipped, name, changed(read_midi(mixture_folder / name), change, seed))
        for name in shipped.fingerprints.names
        for seed in draws
    ]
    assert np.mean(found) >= 0.95


def test_unaltered_training_pieces_are_named(shipped, mixture_folder):
    training = shipped.fingerprints
    for name in training.names:
        assert training.duplicate_of(training.lines_of(read_midi(mixture_folder / name))) == name


def test_other_music_is_no_copy(shipped):
    assert sum(shipped.is_near_training(tune(seed)) for seed in range(5000, 5100)) <= 1
