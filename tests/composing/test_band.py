"""What a conditioned composer is asked for it does, however little it has learned: its constraints see to it."""

import base64
import dataclasses
import json
from itertools import pairwise

import numpy as np
import pytest
from fixtures.bands import composed, held_to
from fixtures.pieces import with_profile

from componium.artifacts import load_artifact
from componium.composing.compose import compose, compose_again
from componium.composing.constraints import FORBIDDEN, PieceState, static_weights
from componium.composing.constraints.harmony import DRUM_KEYS
from componium.composing.plans import make_plan
from componium.composing.requests import make_request
from componium.composing.selection import phrases
from componium.conditioning.controls import COMPLEXITY, DENSITY, KEY, N_LEVELS, NOT_GIVEN, STYLE
from componium.conditioning.roles import PLAYS, REGISTER, measure_roles, role_classes
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.score import n_bars
from componium.score.harmony.keys import parse_key
from componium.score.instruments import BAND, BAND_BY_NAME


def who_plays(band, **fields):
    parts = band.codec.config.parts
    return tuple(part.name for part, plays in zip(parts, held_to(band, **fields).plays, strict=True) if plays)


def pitch_weights(band, conditions):
    """Weights of pitches that are known before a note is, shape (parts, 128)."""
    state = PieceState(band.codec, conditions, 0, is_start=True)
    return static_weights(band.codec, band.profile.constraints, state)[0]


def tracks_of(score):
    return {track.name: track for track in score.tracks}


class TestParts:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            (("flute", "cello", "piano"), {"flute", "cello", "piano"}),
            (("73", "drums"), {"flute", "drums"}),
            # Not in the band: the nearest of its family, once.
            (("piccolo", "pan flute"), {"flute", "recorder"}),
            (("soprano sax",), {"alto sax"}),
            # A second violin is one; of a flute there is no second player.
            (("violin", "40"), {"violin", "violin 2"}),
            (("flute", "73"), {"flute"}),
            (("drums",), {"drums"}),
        ],
    )
    @pytest.mark.parametrize("bars", [1, 6])
    def test_those_asked_for_play_and_no_others(self, band, asked, expected, bars):
        for score in composed(band, parts=asked, bars=bars, count=4, seed=1):
            tracks = tracks_of(score)
            assert set(tracks) == expected
            for name, track in tracks.items():
                assert (track.program, track.is_drum) == (
                    (0, True) if name == "drums" else (BAND_BY_NAME[name][1], False)
                )

    def test_each_instrument_alone(self, band):
        for instrument in BAND:
            [score] = composed(band, parts=(instrument.name,), bars=2)
            [track] = score.tracks
            assert (track.name, track.program) == (instrument.name, instrument.program)

    @pytest.mark.parametrize(
        ("style", "full"),
        [
            ("pop", ("piano", "alto sax", "strings", "electric bass", "drums")),
            ("tunes", ("piano", "acoustic bass", "drums")),
        ],
    )
    def test_all_is_the_full_band_of_the_style(self, band, style, full):
        assert band.profile.styles[style].full_band == full
        for score in composed(band, parts=("all",), style=style, bars=4, count=3):
            assert set(tracks_of(score)) == set(full)

    def test_nobody_asked_for_is_an_ensemble_of_the_style(self, band):
        seen = {frozenset(tracks_of(score)) for score in composed(band, style="pop", bars=2, count=64)}
        assert seen == {frozenset(ensemble) for ensemble in band.profile.styles["pop"].ensembles}

    def test_random_parts_are_drawn_from_seed_and_piece(self, band):
        draws = [who_plays(band, parts=("random:3",), seed=seed) for seed in range(200)]
        assert draws == [who_plays(band, parts=("random:3",), seed=seed) for seed in range(200)]
        assert all(len(draw) == 3 for draw in draws)
        # 600 places for 34 instruments: one that is never drawn would be one of chances below 1e-6.
        assert {name for draw in draws for name in draw} == {part.name for part in band.codec.config.parts}
        assert len({who_plays(band, index=i, parts=("random:3",), count=16) for i in range(16)}) > 8
        for index, score in enumerate(composed(band, parts=("random:3",), bars=2, count=5)):
            assert set(tracks_of(score)) == set(who_plays(band, index=index, parts=("random:3",), bars=2, count=5))

    def test_more_at_random_than_there_are_is_everyone(self, band):
        assert len(who_plays(band, parts=("random:99",))) == len(BAND) + 1


@pytest.fixture(scope="module")
def wild_scores(band):
    """Pieces of all instruments, as wild as can be."""
    names = [own.name for own in BAND]
    groups = [(*names[start : start + 4], "drums") for start in range(0, len(names), 4)]
    asked = {"bars": 12, "count": 4, "temperature": 5, "top_p": 1}
    return [score for parts in groups for score in composed(band, parts=parts, **asked)]


class TestInstruments:
    def test_they_stay_within_their_ranges(self, wild_scores):
        lowest, highest = {}, {}
        for track in (track for score in wild_scores for track in score.tracks):
            low, high = DRUM_KEYS if track.is_drum else BAND_BY_NAME[track.name][2:4]
            assert low <= track.notes["pitch"].min() <= track.notes["pitch"].max() <= high
            lowest[track.name] = min(lowest.get(track.name, 127), track.notes["pitch"].min() - low)
            highest[track.name] = min(highest.get(track.name, 127), high - track.notes["pitch"].max())
        # The ranges are no narrower than they are said to be.
        assert len(lowest) == len(BAND) + 1
        assert np.median(list(lowest.values())) <= 6
        assert np.median(list(highest.values())) <= 6

    def test_no_more_notes_begin_together_than_one_can_strike(self, wild_scores):
        at_once = {}
        for track in (track for score in wild_scores for track in score.tracks if not track.is_drum):
            most = int(np.unique(track.notes["onset"], return_counts=True)[1].max())
            assert most <= BAND_BY_NAME[track.name].most_at_once, track.name
            at_once[track.name] = max(at_once.get(track.name, 0), most)
        # RoleTemplates keep even the wildest near the textures of music.
        assert max(at_once.values()) > 1

    def test_who_plays_one_line_never_holds_two_notes(self, wild_scores):
        lines = [
            track
            for score in wild_scores
            for track in score.tracks
            if not track.is_drum and BAND_BY_NAME[track.name].most_at_once == 1
        ]
        assert len({track.name for track in lines}) == sum(own.most_at_once == 1 for own in BAND)
        neighbors = [pair for track in lines for pair in pairwise(track.notes.tolist())]
        gaps = [after[0] - before[0] - before[1] for before, after in neighbors]
        assert min(gaps) == 0
        assert all(before[0] < after[0] for before, after in neighbors)


class TestKey:
    @pytest.mark.parametrize(
        "key", ["C", "F# minor", "D dorian", "E phrygian", "Bb lydian", "A mixolydian", "B locrian"]
    )
    def test_notes_outside_are_rare_and_drums_free(self, band, key):
        # Without a key nothing is held to, not even one that is drawn.
        band = with_profile(band, styles={"pop": {"out_of_key": 0.0}})
        rare = band.profile.constraints.key.outside
        inside, asked = parse_key(key).pitch_classes, {"style": "pop", "parts": ("piano", "drums")}
        free, keyed = (pitch_weights(band, held_to(band, key=own, **asked)) for own in (None, key))
        # Ranges and registers hold with a key as without.
        weights = np.where(free > FORBIDDEN / 2, keyed - free, keyed)
        parts = [part.name for part in band.codec.config.parts]
        piano, drums = weights[parts.index("piano")], weights[parts.index("drums")]
        playable = piano > FORBIDDEN / 2
        assert set(np.flatnonzero(playable & (piano > rare / 2)) % 12) == set(inside)
        assert np.unique(piano[playable].round(3)).tolist() == pytest.approx([rare, 0])
        assert set(np.unique(drums[DRUM_KEYS[0] : DRUM_KEYS[1] + 1])) == {0}
        scores = composed(band, key=key, parts=("piano", "flute"), bars=8, count=4)
        pitch = np.concatenate([track.notes["pitch"] for score in scores for track in score.tracks])
        # Chance would find 7 or 8 of 12 inside.
        assert np.isin(pitch % 12, inside).mean() > 0.95
        assert all(len(score.key_signatures) == 1 for score in scores)

    @pytest.mark.parametrize(("key", "told"), [("C", 1), ("B", 12), ("C minor", 13), ("D dorian", 15), ("G lydian", 8)])
    def test_the_composer_is_told_tonic_and_third(self, band, key, told):
        assert held_to(band, key=key).controls.controls[KEY] == told


class TestRoles:
    def test_those_who_play_have_them_and_nobody_else(self, band):
        for seed in range(20):
            steering = held_to(band, parts=("flute", "cello"), seed=seed)
            roles = steering.controls.roles
            assert np.array_equal(roles[REGISTER] > 0, steering.plays)
            assert (roles[REGISTER] > PLAYS).any()

    def test_what_is_given_keeps_its_own(self, band):
        (score,) = composed(band, parts=("flute",), bars=4, seed=3)
        prompt = base64.b64encode(midi_bytes(score))
        steering = held_to(band, task="continue", prompt=prompt, parts=("flute", "cello"), bars=4)
        encoded = band.codec.encode(score)
        own = role_classes(measure_roles(encoded.events, band.codec.is_drum, 12), band.codec.is_drum)
        flute = [part.name for part in band.codec.config.parts].index("flute")
        assert np.array_equal(steering.controls.roles[:, flute], own[:, flute])


class TestLevels:
    @pytest.mark.parametrize(("value", "level"), [(0, 1), (0.124, 1), (0.125, 2), (0.5, 5), (0.99, 8), (1, 8)])
    def test_without_role_templates_shares_are_levels_of_the_style(self, band, value, level):
        without_templates = dataclasses.replace(band)
        without_templates.__dict__["role_templates"] = None
        assert held_to(without_templates, density=value).controls.controls[DENSITY:] == (level, NOT_GIVEN)
        assert held_to(without_templates, complexity=value).controls.controls[DENSITY:] == (NOT_GIVEN, level)

    def test_what_is_asked_for_is_told_as_the_cast_has_it(self, band):
        assert held_to(band).controls.controls[DENSITY:] == (NOT_GIVEN, NOT_GIVEN)
        low, high = (held_to(band, density=value).controls.controls[DENSITY:] for value in (0, 1))
        assert 1 <= low[0] <= high[0] <= N_LEVELS
        assert low[1] == high[1] == NOT_GIVEN
        both = held_to(band, density=0.5, complexity=0.5).controls.controls
        assert min(both[DENSITY], both[COMPLEXITY]) > 0

    @pytest.mark.parametrize(("word", "value"), [("low", 0.15), ("medium", 0.5), ("high", 0.85)])
    def test_words_are_numbers(self, band, word, value):
        named, given = held_to(band, density=word).controls, held_to(band, density=value).controls
        assert named.controls == given.controls
        assert np.array_equal(named.roles, given.roles)

    @pytest.mark.parametrize(("style", "told"), [("pop", 1), ("tunes", 2)])
    def test_the_composer_is_told_the_style(self, band, style, told):
        assert held_to(band, style=style).controls.controls[STYLE] == told

    def test_a_style_not_asked_for_is_drawn_from_the_seed(self, band):
        drawn = [held_to(band, seed=seed).plan.style_name for seed in range(32)]
        assert set(drawn) == {"pop", "tunes"}
        assert drawn == [held_to(band, seed=seed).plan.style_name for seed in range(32)]


@pytest.mark.parametrize(("asked", "expected"), [({"top_p": 0.5}, 0.5), ({}, None)])
def test_the_nucleus_is_that_asked_for_or_the_usual(band, asked, expected):
    plan = make_plan(band, make_request(style="pop", **asked))
    assert plan.top_p == (expected or band.profile.styles["pop"].top_p)


class TestLength:
    @pytest.mark.parametrize("time_signature", ["4/4", "3/4", "6/8", "2/4", "7/8"])
    @pytest.mark.parametrize("bars", [1, 3, 16])
    def test_exactly_the_bars_asked_for_and_an_end_in_the_last(self, band, bars, time_signature):
        numerator, denominator = map(int, time_signature.split("/"))
        bar = 4 * 480 * numerator // denominator
        for score in composed(band, bars=bars, time_signature=time_signature, count=4):
            assert n_bars(score) == bars
            assert score.end <= bars * bar
            assert max(int(track.notes["onset"].max()) for track in score.tracks) < bars * bar
            assert score.end > (bars - 1) * bar

    def test_the_tempo_is_that_asked_for_or_the_usual(self, band):
        [asked], [usual] = composed(band, bars=1, tempo_bpm=77.5), composed(band, bars=1, style="pop")
        assert asked.tempos[0].tempo_bpm == 77.5
        assert usual.tempos[0].tempo_bpm == band.profile.styles["pop"].tempo_bpm


class TestDrafts:
    @pytest.fixture
    def strict(self, monkeypatch):
        """Rejects every draft whose piece has an odd number of notes: about half."""
        monkeypatch.setattr(phrases, "flaws", lambda notes, *_: ["stuck"] if len(notes) % 2 else [])

    @pytest.mark.parametrize("rejecting", [False, True])
    def test_equal_requests_give_equal_music(self, band, rejecting, request):
        if rejecting:
            request.getfixturevalue("strict")
        first, again, other = (
            [midi_bytes(score) for score in composed(band, bars=6, count=4, seed=seed)] for seed in (5, 5, 6)
        )
        assert first == again
        assert not set(first) & set(other)

    def test_a_piece_is_the_same_alone_and_from_its_file(self, band, strict):
        request = make_request(bars=6, count=18, seed=2, parts=("random:3",))
        pieces = compose(band, request)
        rejected = [piece.index for piece in pieces if len(piece.drafts) > 1]
        assert 3 <= len(rejected) < 18
        for index in (*rejected[:3], 15, 16, 17):
            data = midi_bytes(pieces[index].score)
            [alone] = compose(band, request, index=index)
            assert midi_bytes(alone.score) == data
            assert alone.drafts == pieces[index].drafts
            assert midi_bytes(compose_again(read_midi(data), band).score) == data

    def test_only_the_flawed_are_drawn_anew_and_differ(self, band, monkeypatch):
        request = make_request(bars=4, count=6, seed=1)
        plain = [midi_bytes(piece.score) for piece in compose(band, request)]
        monkeypatch.setattr(phrases, "flaws", lambda notes, *_: ["stuck"] if len(notes) % 2 else [])
        strict = compose(band, request)
        for before, piece in zip(plain, strict, strict=True):
            assert (midi_bytes(piece.score) == before) == (len(piece.drafts) == 1)
            assert piece.score.n_notes % 2 == 0 or len(piece.drafts) == band.profile.checks.most_drafts
            assert piece.drafts[:-1] == (("stuck",),) * (len(piece.drafts) - 1)
        assert any(len(piece.drafts) > 1 for piece in strict)

    def test_after_so_many_one_is_taken(self, band, monkeypatch):
        monkeypatch.setattr(phrases, "flaws", lambda *_: ["silent"])
        [piece] = compose(band, make_request(bars=1))
        assert piece.drafts == (("silent",),) * band.profile.checks.most_drafts
        assert piece.score.n_notes

    def test_the_request_travels_whole(self, band):
        fields = {"style": "pop", "chords": "C | F", "density": 0.25, "complexity": 0.5, "parts": ("all",), "seed": 4}
        [piece] = compose(band, make_request(bars=2, **fields))
        told = json.loads(piece.score.texts[0].removeprefix("componium "))["request"]
        assert told == {"task": "compose", "bars": 2, "count": 1, **fields, "parts": ["all"]}


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "complaint"),
        [
            ({"style": "jazz"}, "tiny-band has no style 'jazz'; it has pop, tunes"),
            ({"parts": ("kalimba",)}, "the composer has nothing like a kalimba"),
        ],
    )
    def test_what_this_band_lacks(self, band, fields, complaint):
        with pytest.raises(RequestError, match=complaint) as caught:
            composed(band, **fields)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("fields", "complaint"),
        [
            ({"style": "pop"}, "pop-piano has no control style"),
            ({"chords": "C"}, "pop-piano has no control chords"),
            ({"density": 0.5}, "pop-piano has no control density"),
            ({"complexity": "high"}, "pop-piano has no control complexity"),
            ({"parts": ("all",)}, "parts: pop-piano is no band, it plays melody, bridge, piano"),
            ({"parts": ("random:2",)}, "pop-piano is no band"),
            ({"parts": ("drums",)}, "pop-piano is no band"),
        ],
    )
    def test_what_only_a_band_can_do(self, fields, complaint):
        with pytest.raises(RequestError, match=complaint) as caught:
            composed(load_artifact("pop-piano"), **fields)
        assert "\n" not in str(caught.value)
