from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from componium.descriptors import DESCRIPTORS, describe, read_voices
from componium.descriptors.motion import all_moves, outer_moves, parallels
from componium.descriptors.repetition import likeness
from componium.score import Score, TimeSignature, Track, make_notes

BAR = 4 * 480
FOUR = (TimeSignature(0, 4, 4),)


def score_of(*parts, meter=(4, 4), ticks=480):
    """Parts of (quarter, length in quarters, pitch) or with a velocity behind."""
    tracks = []
    for part in parts:
        rows = np.array([(*row, 80)[:4] for row in part], float).reshape(-1, 4).T
        tracks.append(Track(make_notes(rows[0] * ticks, rows[1] * ticks, rows[2].astype(int), rows[3].astype(int))))
    return Score(ticks, tuple(tracks), time_signatures=(TimeSignature(0, *meter),))


def line(pitches, length=1.0, start=0.0):
    return [(start + length * i, length, pitch) for i, pitch in enumerate(pitches)]


def chords(*pitches):
    """A part that plays chords, a quarter each."""
    return [(i, 1, pitch) for i, chord in enumerate(pitches) for pitch in chord]


def described(score):
    values = describe(read_voices(score))
    return dict(zip((own.name for own in DESCRIPTORS), values.tolist(), strict=True))


def at_random(seed, n_parts=3, n_bars=8, *, in_one=False):
    """Parts that move by small steps, with rests and held notes; ``in_one``: in one part."""
    rng = np.random.default_rng(seed)
    parts = []
    for part in range(n_parts):
        pitch, place, rows = 45 + 9 * part, 0.0, []
        while place < 4 * n_bars:
            length = float(rng.choice([0.5, 1, 1, 2]))
            pitch = int(np.clip(pitch + rng.integers(-4, 5), 30, 90))
            if rng.random() < 0.85:
                rows.append((place, length, pitch, int(rng.integers(40, 100))))
            place += length
        parts.append(rows)
    return score_of([row for part in parts for row in part]) if in_one else score_of(*parts)


def test_names_are_unique_and_have_meanings():
    assert len({own.name for own in DESCRIPTORS}) == len(DESCRIPTORS)
    assert all(own.meaning for own in DESCRIPTORS)


class TestMotion:
    def test_parallels_are_found_in_both_kinds(self):
        # C-G to D-A: fifths; D-A to E-E: none; E-E to F-F: octaves; then the upper voice alone moves.
        found = described(score_of(line([48, 50, 52, 53, 53]), line([67, 69, 76, 77, 79])))
        assert found["outer parallel fifths"] == pytest.approx(100 / 3)
        assert found["outer parallel octaves"] == pytest.approx(100 / 3)
        assert found["parallels"] == found["outer parallels"] == pytest.approx(200 / 3)

    def test_contrary_fifths_are_no_parallels(self):
        found = described(score_of(line([60, 55]), line([67, 74])))
        assert found["outer parallels"] == 0
        assert found["outer motion: contrary"] == 1

    def test_kinds_of_motion(self):
        # Parallel, similar, contrary, oblique; a repetition of both counts for nothing.
        found = described(score_of(line([48, 50, 52, 50, 50, 50]), line([64, 66, 71, 72, 74, 74])))
        assert [found[f"outer motion: {kind}"] for kind in ("parallel", "similar", "contrary", "oblique")] == [0.25] * 4

    def test_hidden_octaves(self):
        found = described(score_of(line([48, 53, 55]), line([67, 77, 79])))
        assert found["hidden parallels"] == 50
        assert found["hidden parallels with a leap"] == 50

    def test_an_inner_pair_is_no_outer_one(self):
        found = described(score_of(line([48, 47]), line([60, 62]), line([67, 69]), line([76, 74])))
        assert found["outer parallels"] == 0
        assert found["parallel fifths"] == pytest.approx(100 / 6)

    def test_a_part_with_chords_is_its_lowest_and_highest_note(self):
        # Its inner notes move in parallel fifths with the bass, its edges do not.
        accompanied = score_of(line([36, 38]), chords((55, 57, 64, 72), (57, 62, 64, 71)))
        reading = read_voices(accompanied)
        assert reading.edges.tolist() == [[36, 55, 72], [38, 57, 71]]
        assert described(accompanied)["parallel fifths of parts"] == pytest.approx(100 / 3)

    @pytest.mark.parametrize("in_one", [False, True])
    @pytest.mark.parametrize("seed", range(6))
    def test_counts_are_those_of_loops(self, seed, in_one):
        reading = read_voices(at_random(seed, n_bars=64, in_one=in_one))
        outer, every = by_loops(reading)
        for expected, moves in ((outer, outer_moves(reading)), (every, all_moves(reading.voices))):
            found = parallels(moves)
            assert (found.fifths, found.octaves, found.moves) == expected
        assert every[2] > 20


def by_loops(reading):
    """Fifths, octaves and moves of outer and of all pairs, moment by moment."""
    notes = list(zip(*(column.tolist() for column in reading.notes[:4]), strict=True))
    moments = [
        sorted((pitch, part) for onset, end, pitch, part in notes if onset <= step < end)
        for step in sorted({note[0] for note in notes})
    ]
    lines = all(len({part for _, part in own}) == len(own) for own in moments) and len({n[3] for n in notes}) > 1
    named = [{(part if lines else rank): pitch for rank, (pitch, part) in enumerate(own)} for own in moments]
    outer, every = [0, 0, 0], [0, 0, 0]
    for before, after in pairwise(named):
        if len(before) > 1 and len(after) > 1:
            count(outer, (min(before.values()), min(after.values())), (max(before.values()), max(after.values())))
        if before.keys() == after.keys():
            for first, second in combinations([(before[own], after[own]) for own in before], 2):
                count(every, *sorted((first, second)))
    return tuple(outer), tuple(every)


def count(found, low, high):
    if low[0] == low[1] or high[0] == high[1]:
        return
    found[2] += 1
    intervals = {(high[i] - low[i]) % 12 for i in (0, 1)}
    if (low[1] > low[0]) == (high[1] > high[0]):
        found[0] += intervals == {7}
        found[1] += intervals == {0}


class TestVerticals:
    def test_intervals_by_strength(self):
        # A third on each first beat, a fifth on other beats, a second off the beat.
        bass = [(2 * i, 2, 48) for i in range(8)]
        top = [row for i in range(4) for row in ((4 * i, 2, 64), (4 * i + 2, 1.5, 67), (4 * i + 3.5, 0.5, 62))]
        found = described(score_of(bass, top))
        assert found["outer interval, the first beat: M3"] == 1
        assert found["outer interval, other beats: 5th"] == 1
        assert found["outer interval, off the beat: M2"] == 1
        assert found["outer interval, the first beat: 5th"] == 0

    def test_chords_inversions_and_doublings(self):
        # C with doubled root; C with the third in the bass, doubled; C with the fifth in the bass; D7.
        found = described(
            score_of(chords((48, 60, 64, 67), (52, 60, 64, 67), (55, 60, 64, 72), (50, 66, 69, 72), (50, 66, 69, 72)))
        )
        assert found["chord: major"] == pytest.approx(3 / 5)
        assert found["chord: dominant seventh"] == pytest.approx(2 / 5)
        assert found["inversion: first inversion"] == pytest.approx(1 / 5)
        assert found["inversion: second inversion"] == pytest.approx(1 / 5)
        assert found["doubled third"] == pytest.approx(1 / 3)
        assert found["doubled root"] == pytest.approx(2 / 3)

    def test_crossings(self):
        found = described(score_of(line([48, 50, 48, 48]), line([60, 62, 69, 62]), line([67, 67, 67, 67])))
        assert found["crossings"] == pytest.approx(100 / 8)

    def test_spacing(self):
        found = described(score_of(chords((48, 64, 64, 79))))
        assert found["outer distance"] == 31
        assert found["lowest gap"] == 16
        assert found["unisons"] == pytest.approx(1 / 3)
        assert found["upper gap above an octave"] == 0.5


class TestLines:
    def test_turns_and_contours(self):
        found = described(score_of(line([60, 62, 60, 60, 67, 65])))
        # +2 -2 0 +7 -2: four contours of three notes.
        assert found["contour of 3 notes: up, down"] == 0.5
        assert found["contour of 4 notes: up, down, repeat"] == pytest.approx(1 / 3)
        assert found["turn: leap up, then step down"] == 0.25
        assert found["after a leap: a step back"] == 1
        assert found["neighbor notes"] == 0.25
        assert found["most repeated notes"] == 1

    def test_a_note_below_a_held_one_is_not_of_the_top(self):
        reading = read_voices(score_of([(0, 4, 72), (1, 1, 60), (2, 1, 62), (4, 1, 74)]))
        assert reading.top[reading.top_line].tolist() == [72, 74]

    def test_bass(self):
        # C G G C A in C major: leaps of 7 down and up, repeated, a third down.
        found = described(score_of(line([48, 43, 43, 48, 45]), line([64, 62, 67, 64, 60])))
        assert found["bass leaps"] == pytest.approx(2 / 3)
        assert found["bass interval: 0"] == 0.25
        assert found["bass turn: V to I"] == pytest.approx(1 / 3)

    def test_degrees_follow_the_key(self):
        tune = [(0, 4, 60), (4, 2, 62), (6, 2, 64), (8, 2, 65), (10, 2, 67), (12, 4, 60)]
        for shift in (0, 5):
            found = described(score_of([(onset, length, pitch + shift) for onset, length, pitch in tune]))
            assert found["top degree: 1"] == pytest.approx(2 / 6)
            assert found["degrees in a row: 5 to 1"] == pytest.approx(1 / 5)


class TestEnds:
    def test_a_cadence(self):
        found = described(score_of(chords((48, 64, 67), (53, 65, 69), (43, 62, 71), (48, 64, 67))))
        for name in ("last chord complete", "dominant before the end", "tonic at the end"):
            assert found[name] == 1
        assert found["last step of the bass"] == 5
        assert found["ends on a first beat"] == 0

    def test_no_cadence(self):
        found = described(score_of(chords((48, 64, 67), (43, 62, 71), (53, 65, 69), (48, 67, 72))))
        assert found["last chord complete"] == found["dominant before the end"] == 0
        assert np.isnan(described(score_of(chords((48, 64), (43, 62))))["last chord complete"])


class TestForm:
    def test_returns_at_a_lag(self):
        rng = np.random.default_rng(0)
        part = rng.integers(50, 80, (3, 8, 4))
        found = described(score_of(line(np.concatenate((part[0], part[1], part[0])).ravel().tolist())))
        assert found["exact returns: after 16 bars"] == 1
        assert found["likeness: after 8 bars"] < 0.2
        assert found["returns: after 16 bars"] == 1

    def test_a_piece_that_begins_later_has_the_same_returns(self):
        tune = [60, 64, 67, 64, 62, 65, 69, 65] * 4
        now, later = (described(score_of(line(tune, start=start))) for start in (0, 8))
        assert now["exact returns: after 2 bars"] == later["exact returns: after 2 bars"] == 1
        alike = likeness(read_voices(score_of(line(tune, start=8))), 2)
        assert alike.tolist() == [1.0] * 6
        assert now["range of a phrase of the top"] == later["range of a phrase of the top"]

    def test_parts_that_enter_and_rest(self):
        found = described(score_of(line([60] * 16), line([48] * 8, start=8)))
        assert found["bars with all parts"] == 0.5
        assert found["last entry"] == 8
        assert found["all voices sounding"] == 0.5
        assert found["longest rests of a part"] == 0

    def test_what_begins_together(self):
        found = described(score_of(line([48, 50], 2), line([60, 62, 64, 65])))
        assert found["all begin together"] == 0.5
        assert found["top alone begins"] == 0.5


class TestSound:
    def test_register(self):
        found = described(score_of(line([48, 50]), line([60, 71])))
        assert found["height"] == np.mean([48, 50, 60, 71])
        assert found["range"] == 23
        assert found["range of the bass"] == 2

    def test_dynamics(self):
        loud = [(i, 1, 60, 100 if i % 4 == 0 else 60) for i in range(16)]
        soft = [(i, 1, 48, 50) for i in range(16)]
        found = described(score_of(loud, soft))
        assert found["velocity of parts"] == 20
        assert found["accent of the first beat"] == 20
        assert found["velocity"] == 60

    def test_syncopation(self):
        even = described(score_of(line([60] * 16, 0.5)))
        moved = described(score_of([(0, 0.5, 60), *line([60] * 7, 1, start=0.5), (7.5, 0.5, 60)]))
        assert even["top syncopation"] == 0
        assert moved["top syncopation"] == pytest.approx(7 / 8)
        assert even["top onsets: off the beat"] == 0.5

    def test_beats_of_compound_meters_are_dotted(self):
        found = described(score_of(line([60] * 12, 0.5), meter=(6, 8)))
        assert found["top onsets: the first beat"] == pytest.approx(2 / 12)
        assert found["top onsets: other beats"] == pytest.approx(2 / 12)


HEIGHTS = {
    "height", "height of the top", "height of the bass", "highest note", "lowest note", "highest bass note",
    "lowest top note",
}  # fmt: skip


@pytest.mark.parametrize("in_one", [False, True])
def test_transposing_changes_heights_alone(in_one):
    score = at_random(3, in_one=in_one)
    moved = replace(
        score,
        tracks=tuple(
            Track(make_notes(n["onset"], n["duration"], n["pitch"].astype(int) + 5, n["velocity"]))
            for n in (track.notes for track in score.tracks)
        ),
    )
    here, there = described(score), described(moved)
    assert {name for name in here if not np.isclose(here[name], there[name], equal_nan=True)} == HEIGHTS


def test_ticks_and_the_order_of_tracks_change_nothing():
    score = at_random(4)
    fine = Score(
        96,
        tuple(
            Track(make_notes(n["onset"] // 5, n["duration"] // 5, n["pitch"], n["velocity"]))
            for n in (track.notes for track in score.tracks)
        ),
    )
    turned = replace(score, tracks=score.tracks[::-1])
    here = describe(read_voices(score))
    for same in (fine, turned):
        np.testing.assert_allclose(describe(read_voices(same)), here, equal_nan=True)


def test_drums_do_not_count():
    score = at_random(5)
    drums = Track(make_notes(np.arange(32) * 480, 120, 36, 100), is_drum=True)
    both = replace(score, tracks=(drums, *score.tracks))
    np.testing.assert_array_equal(describe(read_voices(both)), describe(read_voices(score)))


@pytest.mark.parametrize(
    "strange",
    [
        Score(480),
        score_of([(0, 1, 60)]),
        score_of([(0, 1, 60), (1, 1, 60)]),
        score_of([(0, 1, pitch) for pitch in range(20, 108)]),
        score_of([(1000, 1, 60)]),
        replace(at_random(1), has_grid=False),
        score_of(line(list(range(30, 90)) * 60, 0.25)),
        Score(480, (Track(make_notes([2**29], 0, 60, 80)),)),
        Score(480, (Track(make_notes([0, 480], 480, 36, 80), is_drum=True),)),
        score_of([(i, 4000, 30 + i) for i in range(90)]),
        Score(1, (Track(make_notes([0, 1, 2], 1, [60, 62, 64], 80)),), time_signatures=(TimeSignature(0, 1, 64),)),
    ],
    ids=["empty", "one note", "two", "cluster", "late", "no beat", "long", "very late", "drums", "held", "tiny bars"],
)
def test_strange_scores_are_described_without_a_crash(strange):
    found = describe(read_voices(strange))
    assert found.shape == (len(DESCRIPTORS),)
    assert not np.isinf(found).any()


def test_without_notes_nothing_is_defined():
    assert np.isnan(describe(read_voices(Score(480)))).all()


def test_without_a_beat_nothing_of_bars_is_defined():
    found = described(replace(at_random(1), has_grid=False))
    assert np.isnan(found["exact returns: after 1 bar"])
    assert not np.isnan(found["parallels"])
