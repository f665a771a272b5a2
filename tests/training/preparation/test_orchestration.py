from __future__ import annotations

import collections
import dataclasses

import numpy as np
import pytest
from fixtures.mixtures import drummer
from fixtures.music import tune

from componium.corpora.instrumentation import as_written, voices_of
from componium.score import Score, TimeSignature, Track, make_notes
from componium.score.instruments import BAND, BAND_BY_NAME
from componium.training.preparation.orchestration import Orchestration, orchestrated

SEEDS = range(60)
# Of a voice's notes, the share that may lie outside an instrument's range.
OUTSIDE = 0.02


def line(pitches, program=0, name="", *, length=240):
    return Track(make_notes(np.arange(len(pitches)) * length, length, pitches, 80), program, name=name)


def chords(count, pitches):
    onset = np.repeat(np.arange(count) * 480, len(pitches))
    return Track(make_notes(onset, 480, np.tile(pitches, count), 80), 0)


def variants(score, **how):
    return [orchestrated(score, np.random.default_rng(seed), Orchestration(**how)) for seed in SEEDS]


def content(score):
    return [(track.name, track.program, track.is_drum, track.notes.tobytes()) for track in score.tracks]


def sounding(score):
    return [track for track in score.tracks if len(track.notes)]


class TestVoices:
    def test_empty_and_doubling_tracks_go(self):
        tune_, other = line([60, 62, 64]), line([60, 62, 65])
        drums = dataclasses.replace(tune_, is_drum=True)
        score = Score(480, (Track(), tune_, dataclasses.replace(tune_, program=40), other, drums))
        assert voices_of(score).tracks == (tune_, other, drums)

    def test_a_double_may_differ_in_a_note_in_ten(self):
        tune_ = line(list(range(60, 80)))
        near, far = line([*range(60, 78), 90, 91]), line([*range(60, 77), 90, 91, 92])
        assert voices_of(Score(480, (tune_, near, far))).tracks == (tune_, far)
        # A voice that is part of another one is no double of it.
        assert len(voices_of(Score(480, (tune_, line(list(range(60, 70)))))).tracks) == 2


class TestAsWritten:
    @pytest.mark.parametrize(
        ("program", "pitches", "expected"),
        [
            (40, [60, 80], "violin"),
            (73, [70, 80], "flute"),
            # Of the family's instruments, the one whose range holds the notes.
            (45, [36, 40], "cello"),
            (72, [60, 96], "flute"),
            (35, [30, 40], "acoustic bass"),
            # No sitar, no gunshot.
            (104, [60, 62], "piano"),
            (127, [60, 62], "piano"),
        ],
    )
    def test_the_nearest_instrument_plays(self, program, pitches, expected):
        (track,) = as_written(Score(480, (line(pitches, program),))).tracks
        assert (track.name, track.program) == (expected, BAND_BY_NAME[expected].program)
        assert track.notes["pitch"].tolist() == pitches

    @pytest.mark.parametrize(
        ("pitches", "expected"),
        [([60, 98], "flute"), ([59, 98], "violin"), ([60] * 98 + [59] * 2, "flute"), ([20, 30], "violin")],
    )
    def test_among_some_the_first_that_holds_a_track_plays_it_or_the_last(self, pitches, expected):
        (track,) = as_written(Score(480, (line(pitches, 0),)), among=("flute", "violin")).tracks
        assert (track.name, track.program) == (expected, BAND_BY_NAME[expected].program)
        assert track.notes["pitch"].tolist() == pitches

    def test_neither_named_tracks_nor_drums_are_among_them(self):
        named = dataclasses.replace(line([60], 0), name="Bass")
        hits = dataclasses.replace(line([38]), is_drum=True)
        tracks = as_written(Score(480, (named, hits)), {"bass": "tuba"}, ("flute",)).tracks
        assert [track.name for track in tracks] == ["tuba", "drums"]

    def test_of_drums_only_keys_of_the_percussion_map_stay(self):
        hits = dataclasses.replace(line([10, 22, 26, 35, 38, 81, 82]), is_drum=True)
        (track,) = as_written(Score(480, (hits,))).tracks
        assert (track.name, track.is_drum) == ("drums", True)
        # The edges of an electronic hat are its closed and open hat.
        assert track.notes["pitch"].tolist() == [42, 46, 35, 38, 81]


class TestOrchestrated:
    @pytest.mark.parametrize("seed", range(6))
    def test_no_instrument_leaves_its_range_by_more_than_the_stated_share(self, seed):
        score = tune(seed, n_bars=16)
        # What is played as written is as its composer had it.
        others = [variant for variant in variants(score) if content(variant) != content(as_written(score))]
        assert len(others) > len(SEEDS) / 2
        for variant in others:
            for track in sounding(variant):
                if not track.is_drum:
                    own = BAND_BY_NAME[track.name]
                    assert track.program == own.program
                    pitch = track.notes["pitch"]
                    assert ((pitch < own.low) | (pitch > own.high)).mean() <= OUTSIDE

    def test_a_voice_moves_by_octaves_and_nothing_else_changes(self):
        score = Score(480, (line([50, 55, 57, 62, 60]),))
        shifts = set()
        for variant in variants(score):
            (track,) = sounding(variant)
            moved = track.notes["pitch"].astype(int) - score.tracks[0].notes["pitch"]
            assert len(set(moved.tolist())) == 1
            assert moved[0] % 12 == 0
            assert (
                track.notes[["onset", "duration", "velocity"]].tolist()
                == score.tracks[0].notes[["onset", "duration", "velocity"]].tolist()
            )
            shifts.add(int(moved[0]))
        assert 0 in shifts
        assert len(shifts) > 1

    def test_only_instruments_that_can_play_chords(self):
        score = Score(480, (chords(12, [60, 64, 67]),))
        names = {track.name for variant in variants(score) for track in sounding(variant)}
        assert len(names) > 3
        assert all(BAND_BY_NAME[name].is_polyphonic for name in names)

    def test_voices_are_on_different_instruments_unless_alone(self):
        high, middle, low = line([67, 69, 71] * 4), line([60, 62, 64] * 4), line([48, 50, 52] * 4)
        score = Score(480, (middle, high, low))
        counts = collections.Counter()
        for variant in variants(score, solo=0.0):
            names = [track.name for track in variant.tracks]
            if is_written(variant):
                continue
            assert len(set(names)) == len(names)
            counts[len(names), sum(len(track.notes) for track in variant.tracks)] += 1
        # All three, one of them left out, and the two below the highest on one instrument.
        assert set(counts) == {(3, 36), (2, 24), (2, 36)}
        assert counts.most_common(1)[0][0] == (3, 36)
        for variant in variants(score, solo=1.0):
            (name,) = {track.name for track in variant.tracks}
            assert BAND_BY_NAME[name].is_polyphonic

    def test_what_one_plays_for_several_lies_below_the_highest(self):
        score = Score(480, (line([60, 62, 64] * 4), line([67, 69, 71] * 4), line([48, 50, 52] * 4)))
        for variant in variants(score, solo=0.0):
            reduced = [track for track in variant.tracks if len(track.notes) == 24]
            for track in reduced:
                assert BAND_BY_NAME[track.name].is_polyphonic
                assert set((track.notes["pitch"] % 12).tolist()) == {0, 2, 4}

    def test_the_bass_of_chords_may_be_a_part_of_its_own(self):
        score = Score(480, (chords(12, [40, 60, 64, 67]),))
        found = [sounding(variant) for variant in variants(score, solo=0.0)]
        split = [tracks for tracks in found if len(tracks) == 2]
        assert 0.2 < len(split) / len(found) < 0.7
        for tracks in split:
            low = min(tracks, key=lambda track: len(track.notes))
            assert len(low.notes) == 12
            assert set((low.notes["pitch"] % 12).tolist()) == {4}
        assert {len(tracks) for tracks in found} == {1, 2}

    def test_equal_generators_give_equal_variants(self):
        score = tune(3)
        assert [content(variant) for variant in variants(score)] == [content(variant) for variant in variants(score)]
        assert len({tuple(track.name for track in variant.tracks) for variant in variants(score)}) > 10


def is_written(variant):
    return {track.name for track in variant.tracks} == {"piano"}


class TestDrums:
    SCORE = Score(480, (line([60, 62, 64, 65] * 14),), time_signatures=(TimeSignature(0, 4, 4),))

    def drums_of(self, score, loops, drummed=1.0):
        return [
            [track for track in variant.tracks if track.is_drum]
            for variant in variants(score, drum_loops=loops, solo=0.0, drummed=drummed)
        ]

    def test_a_loop_is_laid_under_a_free_variant_in_whole_bars(self):
        found = [tracks for tracks in self.drums_of(self.SCORE, [drummer(4)]) if tracks]
        # All but those as written, a share of 0.15.
        assert len(found) > 0.6 * len(SEEDS)
        for (track,) in found:
            # 56 eighths are seven bars of four beats: a drum on each beat, that of the bar on its first.
            assert track.notes["onset"].tolist() == list(range(0, 7 * 4 * 480, 480))
            assert track.notes["pitch"].tolist() == [36, 42, 42, 42] * 7

    def test_in_other_ticks_than_the_loop_has(self):
        finer = dataclasses.replace(
            self.SCORE,
            ticks_per_quarter=960,
            tracks=(line([60, 62, 64, 65] * 14, length=480),),
        )
        found = next(tracks for tracks in self.drums_of(finer, [drummer(4)]) if tracks)
        assert found[0].notes["onset"].tolist() == list(range(0, 7 * 4 * 960, 960))

    def test_bars_of_other_lengths_cut_it_or_begin_it_anew(self):
        # A bar of four beats, one of two, one of six.
        meters = tuple(TimeSignature(beat * 480, n, 4) for beat, n in ((0, 4), (4, 2), (6, 6)))
        score = dataclasses.replace(self.SCORE, tracks=(line([60] * 24),), time_signatures=meters)
        track = next(tracks for tracks in self.drums_of(score, [drummer(4)]) if tracks)[0]
        assert track.notes["onset"].tolist() == list(range(0, 12 * 480, 480))
        assert track.notes["pitch"].tolist() == [36, 42, 42, 42, 36, 42, 36, 42, 42, 42, 36, 42]

    def test_none_unless_asked_for(self):
        assert not any(self.drums_of(self.SCORE, [drummer(4)], drummed=0.0))
        assert not any(self.drums_of(self.SCORE, []))

    def test_a_band_may_go_without_its_drummer(self):
        score = dataclasses.replace(self.SCORE, tracks=(*self.SCORE.tracks, *drummer(4).tracks))
        found = self.drums_of(score, [])
        assert {len(tracks) for tracks in found} == {0, 1}


def test_every_instrument_is_drawn_for_some_voice():
    names = set()
    for low in range(30, 90, 6):
        score = Score(480, (line(list(range(low, low + 8))),))
        for seed in range(150):
            names |= {
                track.name for track in orchestrated(score, np.random.default_rng(seed), Orchestration(solo=0.3)).tracks
            }
    assert names == {own.name for own in BAND}
