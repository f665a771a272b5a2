"""Candidates and which of them is best, on pieces written by hand and on those of a small band."""

import math
from itertools import permutations

import pytest
from fixtures.pieces import with_profile

from componium.artifacts import load_artifact
from componium.composing import compose as composing
from componium.composing.checks import COPIED, LIGHT_TO_GRAVE, gravity
from componium.composing.compose import compose, compose_again, compose_candidates, stream
from componium.composing.procedures import BATCH
from componium.composing.ranking import Candidate, rank
from componium.composing.ranking import distance as distance_by
from componium.composing.ranking.criteria import CRITERIA, figures_of, in_words
from componium.composing.requests import make_request
from componium.conditioning.style_profile import HumanFigure, starting_profile
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.score import Score, Track, make_notes, parse_key

RANKING = starting_profile(("folk",), 100.0, "quarter").ranking
FIELDS = {"bars": 4, "seed": 3, "style": "pop"}
QUARTER = 480
BAR = 4 * QUARTER


def _usual(mean, deviation):
    return HumanFigure(mean=mean, deviation=deviation)


def distance(figures, usual):
    return distance_by(figures, usual, RANKING)


def piece(*parts, drums=False):
    """Tracks given as rows of onset and duration in quarters, and pitch."""
    tracks = [
        Track(make_notes(*zip(*[(int(o * QUARTER), int(d * QUARTER), p, 80) for o, d, p in rows], strict=True)), 40 + i)
        for i, rows in enumerate(parts)
    ]
    drum = Track(make_notes([0, BAR * 3], 100, [36, 38], 80), is_drum=True)
    return Score(QUARTER, (*tracks, drum) if drums else tuple(tracks))


def notes_of(composition):
    return [(track.name, *note) for track in composition.score.tracks for note in track.notes.tolist()]


class TestFigures:
    def test_time_in_key(self, band):
        # Three quarters in C major, one outside.
        score = piece([(0, 2, 60), (2, 1, 64), (3, 1, 61)])
        assert figures_of(score, band, parse_key("C"))["in_key"] == pytest.approx(3 / 4)

    @pytest.mark.parametrize(("last", "closes"), [((60, 64, 67), 1), ((64, 67, 72), 0), ((48, 64, 67), 1)])
    def test_a_close_is_the_tonic_in_the_bass(self, band, last, closes):
        scale = [(at, 1, 60 + step) for at, step in enumerate((0, 2, 4, 5, 7, 5, 4, 2))]
        score = piece(scale + [(8, 4, pitch) for pitch in last])
        assert figures_of(score, band, parse_key("C"))["closing"] == closes
        # What has ended a quarter before the end takes no part in it.
        early = piece([*scale, *[(8, 4, pitch) for pitch in last], (8, 3, 41)])
        assert figures_of(early, band, parse_key("C"))["closing"] == closes

    def test_chord_tones_on_the_quarters(self, band):
        chords = [(bar * 4, 4, pitch) for bar in range(4) for pitch in (48, 52, 55)]
        assert figures_of(piece(chords), band)["chord_tones"] == 1
        # A fourth voice that holds a foreign note through one of four bars: 4 of 52 notes.
        foreign = figures_of(piece([*chords, (12, 4, 54)]), band)["chord_tones"]
        assert foreign == pytest.approx(48 / 52)

    def test_drift_is_the_way_between_the_halves(self, band):
        score = piece([(0, 1, 60), (1, 1, 62), (4, 1, 65), (5, 3, 69)])
        assert figures_of(score, band)["drift"] == pytest.approx(6)
        assert math.isnan(figures_of(piece([(0, 8, 60)]), band)["drift"])

    def test_the_part_heard_least(self, band):
        long = [(bar * 4, 1, 60) for bar in range(8)]
        held = [(4, 8, 48)]
        assert figures_of(piece(long, held), band)["least_part"] == pytest.approx(2 / 8)
        assert math.isnan(figures_of(piece(long), band)["least_part"])
        # Drums are no such part.
        assert math.isnan(figures_of(piece(long, drums=True), band)["least_part"])

    def test_what_returns(self, band):
        # Rising by one more semitone each time, in rhythms that never come twice: nothing; then the same again, higher.
        phrase = [(at * 2, 1, 50 + at * (at + 1) // 4) for at in range(16)]
        again = [(32 + at, d, p + 3) for at, d, p in phrase]
        new = [(32 + at * 2, 1, 90 - at * (at + 3) // 5) for at in range(16)]
        returned = figures_of(piece(phrase + again), band)["returning"]
        assert returned == 1
        assert figures_of(piece(phrase + new), band)["returning"] < 0.5
        assert math.isnan(figures_of(piece(phrase), band)["returning"])

    def test_drums_alone_have_no_figures_but_bits(self, band):
        score = Score(QUARTER, (Track(make_notes([0, BAR * 15], 100, [36, 38], 80), is_drum=True, name="drums"),))
        defined = {name for name, value in figures_of(score, band, parse_key("C")).items() if not math.isnan(value)}
        assert defined == {"bits"}
        assert in_words(dict.fromkeys(CRITERIA, math.nan)) == "nothing to measure"


class TestRank:
    def test_distance_is_the_mean_of_deviations_on_either_side(self):
        usual = {"in_key": _usual(0.9, 0.1), "drift": _usual(2.0, 1.0), "closing": _usual(0.5, 0.5)}
        figures = dict.fromkeys(CRITERIA, math.nan)
        assert math.isnan(distance(figures, usual))
        assert distance(figures | {"in_key": 0.8}, usual) == pytest.approx(1)
        assert distance(figures | {"in_key": 1.0, "drift": 5.0}, usual) == pytest.approx(2)
        assert distance(figures | {"drift": 500.0, "bits": 3.0}, usual) == RANKING.furthest

    def test_no_piece_returns_too_much(self):
        figures = dict.fromkeys(CRITERIA, math.nan)
        usual = {"returning": _usual(0.4, 0.2)}
        found = [distance(figures | {"returning": share}, usual) for share in (0.0, 0.2, 0.4, 1.0)]
        assert found == pytest.approx([2, 1, 0, 0])

    def test_the_nearest_comes_first_and_of_equals_the_first(self, band):
        home = [(bar * 4 + at, 1, pitch) for bar in range(8) for at, pitch in enumerate((60, 64, 67, 64))]
        away, closed = piece([*home, (32, 4, 62)]), piece([*home, (32, 4, 60)])
        ranked = rank(band, [Candidate(4, away), Candidate(5, closed), Candidate(6, closed)], "pop", parse_key("C"))
        assert [own.number for own in ranked] == [5, 6, 4]
        assert ranked[0].distance == ranked[1].distance < ranked[2].distance

    def test_no_figure_outweighs_a_flaw(self, band):
        home = piece([(bar * 4, 4, 60) for bar in range(8)])
        odd = piece([(bar * 4, 2, 60 + bar * 5) for bar in range(8)])
        ranked = rank(band, [Candidate(0, home, ("cut off",)), Candidate(1, odd)], "pop", parse_key("C"))
        assert [own.number for own in ranked] == [1, 0]

    def test_styles_that_nobody_knows_are_held_against_all(self):
        known = starting_profile(("folk", "tunes", "any"), 100.0, "quarter").styles
        assert known["tunes"].human == known["any"].human != known["folk"].human

    def test_the_human_figures_can_be(self):
        for name in ("band", "pop-piano", "piano-giantmidi"):
            for style in load_artifact(name).profile.styles.values():
                own = style.human
                assert set(own) <= set(CRITERIA)
                assert all(figure.deviation > 0 and figure.mean >= 0 for figure in own.values())
                assert all(own[name].mean <= 1 for name in own if name not in ("drift", "bits"))
        # Only those that have listened to human pieces know what these cost them in bits.
        assert "bits" in load_artifact("band").profile.styles["pop"].human


class TestGravity:
    def test_the_gravest_flaw_counts_first(self):
        grave_to_light = [
            [COPIED],
            ["missing part", "cut off"],
            ["missing part"],
            ["off key", "cut off"],
            ["off key"],
            [],
        ]
        for order in permutations(grave_to_light, 3):
            assert min(order, key=gravity) == max(order, key=grave_to_light.index)

    def test_every_flaw_has_a_weight(self):
        assert len({tuple(gravity([flaw])) for flaw in LIGHT_TO_GRAVE}) == len(LIGHT_TO_GRAVE) == 6

    def test_the_least_flawed_draft_is_kept(self, band, monkeypatch):
        found = iter([["missing part"], ["cut off", "off key"], ["off key"], ["off key"], *[["silent"]] * 4])
        drawn = []
        monkeypatch.setattr(composing, "flaws", lambda notes, *_: drawn.append(notes) or next(found))
        [composition] = compose(band, make_request(bars=4, style="pop", parts=("violin",)))
        assert composition.flaws == ("off key",)
        assert len(composition.drafts) == band.profile.checks.most_drafts
        kept = sorted(note.tolist() for track in composition.score.tracks for note in track.notes["pitch"])
        assert kept == sorted(row[3] for row in drawn[2])
        assert kept != sorted(row[3] for row in drawn[0])


class TestBestOf:
    def test_each_piece_is_the_best_of_its_own_candidates(self, band):
        request = make_request(**FIELDS, count=3, best_of=4)
        candidates = list(compose_candidates(band, request, range(12)))
        pieces = compose(band, request)
        assert [own.candidate for own in candidates] == list(range(12))
        assert [own.index for own in candidates] == [index // 4 for index in range(12)]
        assert len({midi_bytes(own.score) for own in candidates}) == 12
        for index, own in enumerate(pieces):
            assert own.index == index
            assert sorted(ranked.number for ranked in own.ranking) == list(range(4 * index, 4 * index + 4))
            assert own.candidate == own.ranking[0].number
            assert notes_of(own) == notes_of(candidates[own.candidate])
            distances = [ranked.distance for ranked in own.ranking]
            assert distances == sorted(distances)
        assert any(own.candidate % 4 for own in pieces)

    def test_candidates_for_one_piece_have_the_same_players(self, band):
        request = make_request(bars=4, seed=1, parts=("random:3",), count=6, best_of=3)
        played = [{track.name for track in own.score.tracks} for own in compose_candidates(band, request, range(18))]
        assert all(played[start] == played[start + 1] == played[start + 2] for start in range(0, 18, 3))
        assert len(set(map(frozenset, played))) > 3

    def test_the_best_of_one_is_what_comes_without(self, band):
        plain, one = (compose(band, make_request(**FIELDS, count=3, **more)) for more in ({}, {"best_of": 1}))
        assert list(map(notes_of, plain)) == list(map(notes_of, one))

    @pytest.mark.parametrize("best_of", [2, 5, BATCH + 1])
    def test_it_is_made_anew_without_ranking(self, band, monkeypatch, best_of):
        request = make_request(**FIELDS, count=4, best_of=best_of)
        pieces = compose(band, request)
        [alone] = compose(band, request, index=2)
        assert midi_bytes(alone.score) == midi_bytes(pieces[2].score)
        monkeypatch.setattr(composing, "rank", None)
        for own in pieces:
            data = midi_bytes(own.score)
            again = compose_again(read_midi(data), band)
            assert midi_bytes(again.score) == data
            assert (again.index, again.candidate) == (own.index, own.candidate)

    def test_a_candidate_of_another_piece_is_damage(self, band):
        [own] = compose(band, make_request(**FIELDS, best_of=2))
        text = own.score.texts[0].replace(f'"candidate":{own.candidate}', '"candidate":2')
        with pytest.raises(RequestError, match="damaged"):
            compose_again(Score(480, texts=(text,)), band)

    def test_the_flawless_are_preferred(self, band, monkeypatch):
        band = with_profile(band, checks=band.profile.checks.model_copy(update={"most_drafts": 1}))
        monkeypatch.setattr(composing, "flaws", lambda notes, *_: ["stuck"] if len(notes) % 2 else [])
        for own in compose(band, make_request(**FIELDS, count=8, best_of=4)):
            assert bool(own.flaws) == all(ranked.flaws for ranked in own.ranking)
            assert bool(own.flaws) == bool(own.score.n_notes % 2)

    def test_copies_are_taken_only_for_an_error(self, band, monkeypatch):
        copied = iter([True, False] * 8)
        monkeypatch.setattr(type(band), "is_near_training", lambda *_: next(copied, False))
        band = with_profile(band, checks=band.profile.checks.model_copy(update={"most_drafts": 1}))
        [own] = compose(band, make_request(**FIELDS, original=True, best_of=2))
        assert own.candidate == 1
        assert own.ranking[1].flaws == (COPIED,)
        monkeypatch.setattr(type(band), "is_near_training", lambda *_: True)
        with pytest.raises(RequestError, match="none of 2 drafts is original"):
            compose(band, make_request(**FIELDS, original=True, best_of=2))

    def test_what_is_to_be_ranked_does_not_stream(self, band):
        with pytest.raises(RequestError, match="best_of: candidates are ranked when they are whole"):
            next(stream(band, make_request(**FIELDS, best_of=2)))
        assert next(stream(band, make_request(**FIELDS, best_of=1)))

    @pytest.mark.parametrize("best_of", [0, 65])
    def test_so_many_and_no_more(self, best_of):
        with pytest.raises(RequestError, match="best_of"):
            make_request(best_of=best_of)
