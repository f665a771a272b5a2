"""The best n-gram is never weaker than one that was counted on other music, and knows what it is told."""

import numpy as np
import pytest

from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.ngrams import distributions, fit, log_probs_told, mixed
from componium.representations.columns import PART, PITCH, SHIFT
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.score import TimeSignature

METER = (TimeSignature(0, 4, 4),)
CODEC = NoteCodec(
    NotesConfig(
        parts=(Part(name="organ"), Part(name="flute", program=73), Part(name="bass", program=32)),
        max_shift=24, max_exact_duration=24, max_duration=48, velocity_bins=4,
    )
)  # fmt: skip
ORGAN = np.array([True, False, False])


def piece_of(events):
    events = np.asarray(events, np.int16)
    piece = EncodedNotes(events, METER, 120.0, int(events[:, SHIFT].sum()) // 48 + 1)
    return events, FeatureSet(CODEC, FeatureConfig()).positions_of(piece)


def two_voices(seed, length=60):
    """Two voices on one organ, each without a rest: a note begins when the first of those that sound ends."""
    rng = np.random.default_rng(seed)
    notes = []
    for low in (48, 60):
        lengths = rng.choice([3, 6, 12, 24], length)
        onset = np.cumsum(lengths) - lengths
        pitch = low + rng.choice([0, 2, 4, 5, 7, 9, 11], length)
        notes += zip(onset.tolist(), pitch.tolist(), lengths.tolist(), strict=True)
    notes = sorted(note for note in notes if note[0] + note[2] <= 3 * length)
    onsets = np.array([onset for onset, _, _ in notes])
    shift = np.diff(onsets, prepend=0)
    return piece_of([(s, 0, pitch, length, 2) for s, (_, pitch, length) in zip(shift, notes, strict=True)])


def a_dance(seed, length=60):
    """Other music: one voice, even lengths, wherever the other style has none."""
    rng = np.random.default_rng(seed)
    pitch = 72 + np.cumsum(rng.choice([-1, 1, 3], length)) % 24
    return piece_of(np.stack([np.full(length, 6), np.ones(length), pitch, np.full(length, 6), np.ones(length)], axis=1))


def orchestrated(piece, seed):
    """The same notes on other instruments, octaves moved, some left out."""
    events = piece[0].copy()
    rng = np.random.default_rng(seed)
    events[:, PART] = rng.integers(1, 3, len(events))
    events[:, PITCH] = np.clip(events[:, PITCH] + rng.choice([-12, 12], len(events)), 0, 127)
    return piece_of(events)


def bits(log_probs, pieces):
    return -sum(own.sum() for own in log_probs) / np.log(2) / sum(len(events) for events, _ in pieces)


@pytest.fixture(scope="module")
def music():
    return {
        split: [two_voices(100 * place + i) for i in range(30)]
        for place, split in enumerate(("train", "valid", "test"))
    }


def test_a_weak_baseline_gains_from_counting_the_style_as_it_is_written(music):
    others = [a_dance(i) for i in range(60)]
    weak = fit([*others, *(orchestrated(piece, i) for i, piece in enumerate(music["train"]))], CODEC)
    own = fit(music["train"], CODEC)
    best = mixed([own, weak], music["valid"], [ORGAN] * 30)
    test = music["test"]
    published = bits([weak.log_probs(*piece) for piece in test], test)
    alone = bits([own.log_probs(*piece) for piece in test], test)
    found = bits([best.log_probs(*piece, ORGAN) for piece in test], test)
    assert found < published - 0.5
    assert found < alone + 0.02


def test_on_what_it_is_chosen_by_a_mixture_is_no_worse_than_any_of_its_models(music):
    models = [fit(music["train"][:10], CODEC), fit([a_dance(i) for i in range(30)], CODEC)]
    for attribute, chosen in enumerate(mixed(models, music["valid"], [None] * 30).weights.T):
        assert chosen.sum() == pytest.approx(1), attribute
    best = mixed(models, music["valid"], [None] * 30)
    each = [np.sum([model.log_probs(*piece).sum(axis=0) for piece in music["valid"]], axis=0) for model in models]
    mixture = np.sum([best.log_probs(*piece).sum(axis=0) for piece in music["valid"]], axis=0)
    assert (mixture >= np.max(each, axis=0) - 1).all()


def test_it_is_told_which_parts_play(music):
    model = fit([*music["train"], *(a_dance(i) for i in range(30))], CODEC)
    events, places = music["test"][0]
    told, untold = log_probs_told(model, events, places, ORGAN), model.log_probs(events, places)
    assert told[:, PART] == pytest.approx(0.0)
    assert np.array_equal(np.delete(told, PART, axis=1), np.delete(untold, PART, axis=1))
    both = np.array([True, True, False])
    share = distributions(model, events, places)[PART][:, both].sum(axis=1)
    expected = untold[:-1, PART] - np.log(share)
    assert log_probs_told(model, events, places, both)[:-1, PART] == pytest.approx(expected)


def test_it_knows_what_sounds(music):
    # When the next note comes follows from how many sound, and which of them ends first.
    model = fit(music["train"], CODEC)
    shifts = -sum(model.log_probs(*piece)[1:-1, SHIFT].sum() for piece in music["test"]) / np.log(2)
    assert shifts / sum(len(events) for events, _ in music["test"]) < 0.25
