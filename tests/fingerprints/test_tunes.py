"""Settings of one tune are found in any key and tempo, under other voices and with some other notes."""

from dataclasses import replace

import numpy as np
from fingerprints.test_collection import melody, random_melody

from componium.fingerprints import sharing_tunes, tunes_of
from componium.score import Score, Track, make_notes


def setting(tune_seed, voices_seed, *, up=0, stretch=1):
    """A tune in long notes over a quicker voice."""
    random = np.random.default_rng(voices_seed)
    pitches, gaps = random_melody(tune_seed, 60)
    pitches, gaps = pitches % 14 + 72 + up, gaps * stretch
    end = int(gaps.sum())
    below = Track(make_notes(np.arange(0, end, 60), 60, random.integers(40, 60, -(-end // 60)), 80), name="below")
    return Score(480, (below, melody(pitches, gaps).tracks[0]))


def pairs(*scores):
    tunes = [(number, tune) for number, score in enumerate(scores) for tune in tunes_of(score)]
    found = {tuple(tunes[own][0] for own in pair) for pair in sharing_tunes([tune for _, tune in tunes])}
    return sorted(pair for pair in found if len(set(pair)) == 2)


def test_two_settings_of_one_tune_share_it():
    assert pairs(setting(1, 2), setting(3, 4), setting(1, 5, up=4, stretch=2)) == [(0, 2)]


def test_a_tune_with_a_third_of_its_notes_kept_in_one_stretch_is_shared_and_a_tenth_is_not():
    pitches, gaps = random_melody(1, 120)
    for kept, expected in ((60, [(0, 1)]), (14, [])):
        own, own_gaps = random_melody(2, 120)
        own[:kept], own_gaps[:kept] = pitches[:kept], gaps[:kept]
        assert pairs(melody(pitches, gaps), melody(own, own_gaps)) == expected


def test_a_tune_below_a_descant_is_shared():
    """A violin above a chorale, whose melody another setting has on top, hid it: both were on two sides of a split."""
    tune, other = setting(1, 2), setting(1, 5)
    descant = Track(make_notes(np.arange(60) * 480, 400, random_melody(7, 60)[0] % 10 + 90, 80), name="violin")
    below = replace(other, tracks=(*other.tracks, descant))
    assert pairs(tune, below) == [(0, 1)]
    assert pairs(setting(3, 4), below) == []


def test_accompaniments_that_repeat_are_no_tune():
    riff = [40, 40, 52, 40, 47, 40] * 40
    scores = [Score(480, (melody(*random_melody(seed, 100)).tracks[0], melody(riff).tracks[0])) for seed in (1, 2)]
    assert pairs(*scores) == []


def test_an_ngram_that_very_many_have_is_nobodys():
    pitches, gaps = random_melody(1, 30)
    assert len(pairs(*[melody(pitches, gaps)] * 60)) == 60 * 59 / 2
    assert pairs(*[melody(pitches, gaps)] * 61) == []


def test_a_sample_finds_the_same_pairs(monkeypatch):
    scores = [setting(seed % 8, 20 + seed) for seed in range(16)]
    expected = pairs(*scores)
    assert len(expected) == 8
    monkeypatch.setattr(
        "componium.fingerprints.tunes._MOST_NGRAMS", sum(len(tune) for own in scores for tune in tunes_of(own)) // 3
    )
    assert pairs(*scores) == expected


def test_music_without_pitches_or_of_few_notes_shares_nothing():
    short, drums = melody(*random_melody(1, 7)), melody(*random_melody(1), is_drum=True)
    assert pairs(short, short, drums, drums, Score(480, ()), Score(480, ())) == []
    assert pairs() == []
