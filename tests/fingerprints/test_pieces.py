import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.fingerprints import (
    jaccard,
    near_duplicates,
    notes_digest,
    shingles,
    signature,
)
from componium.score import Score, Tempo, Track, make_notes


def melody(pitches, gaps, *, ticks_per_quarter=480, program=0, is_drum=False):
    onsets = np.concatenate(([0], np.cumsum(gaps)[: len(pitches) - 1]))
    notes = make_notes(onsets, 60, pitches, 80)
    return Score(ticks_per_quarter, (Track(notes, program, is_drum),))


def random_melody(seed, n=300):
    random = np.random.default_rng(seed)
    return random.integers(40, 90, n), random.choice([120, 240, 360, 480, 960], n)


@st.composite
def scores(draw):
    tracks = []
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(
            st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 900), st.integers(30, 90)), min_size=1, max_size=40)
        )
        onset, duration, pitch = np.array(rows).T
        tracks.append(Track(make_notes(onset, duration, pitch, 80), draw(st.integers(0, 127)), draw(st.booleans())))
    return Score(96, tuple(tracks))


def changed(score, *, shift=0, stretch=1, delay=0):
    tracks = [
        Track(
            make_notes(
                track.notes["onset"] * stretch + delay,
                track.notes["duration"] * stretch,
                track.notes["pitch"].astype(int) + (0 if track.is_drum else shift),
                40,
            ),
            (track.program + 1) % 128,
            track.is_drum,
        )
        for track in reversed(score.tracks)
    ]
    return Score(score.ticks_per_quarter * stretch, tuple(tracks), (Tempo(0, 93.0),))


@settings(deadline=None)
@given(scores(), st.integers(-30, 30), st.integers(1, 7), st.integers(0, 500))
def test_transposed_stretched_and_delayed_copies_are_the_same_piece(score, shift, stretch, delay):
    copy = changed(score, shift=shift, stretch=stretch, delay=delay)
    assert notes_digest(copy) == notes_digest(score)
    np.testing.assert_array_equal(shingles(copy, 4), shingles(score, 4))


@settings(deadline=None)
@given(scores(), st.sampled_from(["onset", "duration", "pitch"]), st.data())
def test_digest_changes_with_any_one_pitch_onset_or_duration(score, field, data):
    # Anchors: a lowest pitch and a unit of time that no change to another note can move.
    anchor = Track(make_notes([0, 1], [1, 1], 10, 80))
    index = data.draw(st.integers(0, len(score.tracks) - 1))
    track = score.tracks[index]
    columns = {name: track.notes[name].astype(int) for name in ("onset", "duration", "pitch")}
    columns[field][data.draw(st.integers(0, len(track.notes) - 1))] += data.draw(st.integers(1, 30))
    others = [*score.tracks[:index], *score.tracks[index + 1 :]]
    altered = Track(make_notes(**columns, velocity=80), track.program, track.is_drum)
    before, after = Score(96, (anchor, *score.tracks)), Score(96, (anchor, altered, *others))
    assert (notes_digest(after) == notes_digest(before)) == (multiset(after) == multiset(before))


def multiset(score):
    return sorted(
        (track.is_drum, *note[["onset", "duration", "pitch"]].item()) for track in score.tracks for note in track.notes
    )


def test_drums_are_not_transposed():
    kick, snare = melody([36] * 9, [120] * 9, is_drum=True), melody([38] * 9, [120] * 9, is_drum=True)
    assert notes_digest(kick) != notes_digest(snare)
    assert shingles(kick)[0] != shingles(snare)[0]


def test_drums_and_pitches_are_told_apart():
    assert notes_digest(melody([36] * 9, [120] * 9)) != notes_digest(melody([36] * 9, [120] * 9, is_drum=True))


def test_the_skyline_ignores_lower_notes_and_drums():
    pitches, gaps = random_melody(1, 40)
    plain = melody(pitches, gaps)
    onsets = plain.tracks[0].notes["onset"]
    bass = Track(make_notes(onsets, 60, 20, 80), 33)
    drums = Track(make_notes(np.arange(0, 5000, 77), 10, 99, 80), is_drum=True)
    np.testing.assert_array_equal(shingles(Score(480, (bass, drums, *plain.tracks))), shingles(plain))


def test_number_and_locality_of_ngrams():
    pitches, gaps = random_melody(2, 50)
    hashes = shingles(melody(pitches, gaps), 8)
    assert len(hashes) == 50 - 8 + 1
    np.testing.assert_array_equal(shingles(melody(pitches[10:30], gaps[10:30]), 8), hashes[10:23])
    assert len(shingles(melody(pitches[:7], gaps[:7]), 8)) == 0
    assert len(shingles(Score(480), 8)) == 0


def test_rhythm_matters_by_ratio():
    pitches, _ = random_melody(3, 20)
    even, dotted = melody(pitches, [240] * 20), melody(pitches, [360, 120] * 10)
    assert not np.isin(shingles(even), shingles(dotted)).any()
    # A tempo drifting by 5 % a note stays in the class of equal gaps.
    drifting = melody(pitches, (1000 * 1.05 ** np.arange(20)).astype(int))
    np.testing.assert_array_equal(shingles(drifting), shingles(even))


def test_an_ngram_needs_a_rhythm():
    with pytest.raises(ValueError, match="at least 3"):
        shingles(Score(480), 2)


def test_jaccard_of_known_sets():
    assert jaccard(np.arange(10, dtype=np.uint64), np.arange(5, 15, dtype=np.uint64)) == 5 / 15
    assert jaccard(np.empty(0, np.uint64), np.empty(0, np.uint64)) == 0.0


def test_signatures_estimate_the_jaccard_index():
    random = np.random.default_rng(5)
    agreements = []
    for _ in range(40):
        pool = random.integers(0, 2**63, 1500, dtype=np.uint64)
        agreements.append((signature(pool[:1000]) == signature(pool[500:])).mean())
    # 40 x 128 Bernoulli trials of 1/3: standard error 0.0066.
    assert np.mean(agreements) == pytest.approx(1 / 3, abs=0.03)


def overlapping(random, jaccard_index, size=1000):
    """Two sets of one size whose Jaccard index is as asked."""
    shared = round(2 * size * jaccard_index / (1 + jaccard_index))
    pool = random.integers(0, 2**63, 2 * size - shared, dtype=np.uint64)
    return pool[:size], pool[size - shared :]


def test_planted_near_duplicates_are_found_and_no_others():
    random = np.random.default_rng(7)
    pieces, planted = [], set()
    for index in range(120):
        similarity = (0.82, 0.9, 1.0, 0.78, 0.7, 0.3)[index % 6]
        left, right = overlapping(random, similarity)
        if jaccard(left, right) >= 0.8:
            planted.add((len(pieces), len(pieces) + 1))
        pieces += [left, random.permutation(right)]
    found = near_duplicates(pieces)
    assert {(i, j) for i, j, _ in found} == planted
    assert len(planted) == 60
    assert all(similarity == jaccard(pieces[i], pieces[j]) for i, j, similarity in found)


def test_near_duplicates_do_not_depend_on_order():
    random = np.random.default_rng(8)
    pieces = [piece for _ in range(20) for piece in overlapping(random, 0.85)]
    order = random.permutation(len(pieces))
    shuffled = near_duplicates([pieces[index] for index in order])
    expected = {(i, j) for i, j, _ in near_duplicates(pieces)}
    assert {tuple(sorted((int(order[i]), int(order[j])))) for i, j, _ in shuffled} == expected


def test_empty_pieces_resemble_nothing():
    empty, full = np.empty(0, np.uint64), np.arange(9, dtype=np.uint64)
    assert near_duplicates([empty, full, empty, full]) == [(1, 3, 1.0)]
    assert near_duplicates([empty, empty]) == []
    assert near_duplicates([]) == []


def test_a_melody_with_a_few_changed_notes_is_a_near_duplicate():
    pitches, gaps = random_melody(9)
    altered = pitches.copy()
    altered[[50, 51, 200]] += 3
    unrelated = [shingles(melody(*random_melody(seed))) for seed in range(20, 40)]
    pieces = [shingles(melody(pitches, gaps)), *unrelated, shingles(melody(altered + 2, gaps))]
    [(i, j, similarity)] = near_duplicates(pieces)
    assert (i, j) == (0, 21)
    # Of 293 n-grams, notes 50 and 51 spoil 9 and note 200 spoils 8.
    assert similarity == (293 - 17) / (293 + 17)
