"""Candidates and which of them is best, on pieces written by hand and on those of a small band."""

import base64
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from fixtures.discriminators import COLUMN_OF, stumps, with_discriminators
from fixtures.pieces import with_profile

from componium.composing import compose as composing
from componium.composing.compose import compose, compose_again, compose_candidates, stream
from componium.composing.procedures import BATCH, PROCEDURES, DrawnNote
from componium.composing.requests import make_request
from componium.composing.selection.checks import COPIED, LIGHT_TO_GRAVE, gravity
from componium.composing.selection.ranking import Candidate, rank
from componium.discriminators import Discriminators, describe_excerpts
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.score import Score, Track, make_notes

FIELDS = {"bars": 4, "seed": 3, "style": "pop"}
QUARTER = 480
BAR = 4 * QUARTER


@pytest.fixture(scope="module")
def judged(band):
    """The small band with a discriminator of each style."""
    return with_discriminators(band)


def tune(bars, *leaping):
    """A tune of steps; in the bars named its notes leap by an octave."""
    rows = [
        (bar * BAR + QUARTER * at, QUARTER, 60 + at + 12 * (bar in leaping and at % 2), 80)
        for bar in range(bars)
        for at in range(4)
    ]
    return Score(QUARTER, (Track(make_notes(*zip(*rows, strict=True)), 0),))


def notes_of(composition):
    return [(track.name, *note) for track in composition.score.tracks for note in track.notes.tolist()]


class TestRank:
    # Composed is what leaps.
    LEAPS = Discriminators({"pop": stumps((COLUMN_OF["bass leaps"], 0.01, -2.0, 2.0, True))})

    def test_the_likeliest_human_comes_first_and_of_equals_the_first(self):
        leaping, stepping = tune(8, 2), tune(8)
        ranked = rank(self.LEAPS, [Candidate(4, leaping), Candidate(5, stepping), Candidate(6, stepping)], "pop")
        assert [own.number for own in ranked] == [5, 6, 4]
        assert [own.human_share for own in ranked] == pytest.approx([0.881, 0.881, 0.119], abs=1e-3)

    def test_no_likeness_outweighs_a_flaw(self):
        ranked = rank(self.LEAPS, [Candidate(0, tune(8), ("cut off",)), Candidate(1, tune(8, 2))], "pop")
        assert [own.number for own in ranked] == [1, 0]

    def test_bars_that_were_not_composed_do_not_count(self):
        early, late = Candidate(0, tune(24, 2)), Candidate(1, tune(24, 20))
        assert [own.number for own in rank(self.LEAPS, [early, late], "pop", 8, 16)] == [0, 1]
        assert [own.number for own in rank(self.LEAPS, [early, late], "pop", 16)] == [0, 1]
        assert [own.number for own in rank(self.LEAPS, [early, late], "pop", 0, 8)] == [1, 0]


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


def one_draft(artifact):
    checks = artifact.profile.checks.model_copy(update={"most_drafts": 1})
    return with_discriminators(with_profile(artifact, checks=checks))


class TestBestOf:
    def test_each_piece_is_the_best_of_its_own_candidates(self, judged):
        request = make_request(**FIELDS, count=3, best_of=4)
        candidates = list(compose_candidates(judged, request, range(12)))
        pieces = compose(judged, request)
        assert [own.candidate for own in candidates] == list(range(12))
        assert [own.index for own in candidates] == [index // 4 for index in range(12)]
        assert len({midi_bytes(own.score) for own in candidates}) == 12
        for index, own in enumerate(pieces):
            assert own.index == index
            assert sorted(ranked.number for ranked in own.ranking) == list(range(4 * index, 4 * index + 4))
            assert own.candidate == own.ranking[0].number
            assert notes_of(own) == notes_of(candidates[own.candidate])
            shares = [ranked.human_share for ranked in own.ranking]
            assert shares == sorted(shares, reverse=True)
            described = describe_excerpts(own.score)
            assert shares[0] == judged.discriminators.human_share("pop", described)
        assert any(own.candidate % 4 for own in pieces)

    def test_candidates_for_one_piece_have_the_same_players(self, judged):
        request = make_request(bars=4, seed=1, parts=("random:3",), count=6, best_of=3)
        played = [{track.name for track in own.score.tracks} for own in compose_candidates(judged, request, range(18))]
        assert all(played[start] == played[start + 1] == played[start + 2] for start in range(0, 18, 3))
        assert len(set(map(frozenset, played))) > 3

    def test_without_a_discriminator_there_is_one_candidate(self, band):
        plain, one = (compose(band, make_request(**FIELDS, count=3, **more)) for more in ({}, {"best_of": 1}))
        assert list(map(notes_of, plain)) == list(map(notes_of, one))
        assert not any(own.ranking for own in plain)
        with pytest.raises(RequestError, match="best_of: tiny-band has no discriminator of style 'pop' to choose by"):
            compose(band, make_request(**FIELDS, best_of=2))

    def test_a_new_piece_is_the_best_of_as_many_as_the_profile_says(self, judged):
        other = with_discriminators(with_profile(judged, best_of=3))
        plain, three, one = (
            compose(other, make_request(**FIELDS, count=2, **more)) for more in ({}, {"best_of": 3}, {"best_of": 1})
        )
        assert list(map(notes_of, plain)) == list(map(notes_of, three)) != list(map(notes_of, one))
        assert [len(own.ranking) for own in plain] == [3, 3]
        assert midi_bytes(compose_again(plain[1].score, other).score) == midi_bytes(plain[1].score)
        # Where only the other style has a discriminator there is nothing to choose by.
        tunes = with_discriminators(other, tunes=other.discriminators.by_style["tunes"])
        assert list(map(notes_of, compose(tunes, make_request(**FIELDS, count=2)))) == list(map(notes_of, one))

    def test_other_tasks_choose_only_if_asked(self, judged):
        prompt = midi_bytes(compose(judged, make_request(**FIELDS, best_of=1))[0].score)
        fields = {"task": "continue", "prompt": base64.b64encode(prompt), "bars": 4, "seed": 1, "style": "pop"}
        [plain], [best] = (compose(judged, make_request(**fields, **more)) for more in ({}, {"best_of": 4}))
        assert not plain.ranking
        assert len(best.ranking) == 4
        described = describe_excerpts(best.score, 4, 8)
        assert best.ranking[0].human_share == judged.discriminators.human_share("pop", described)

    @pytest.mark.parametrize("best_of", [2, 5, BATCH + 1])
    def test_it_is_made_anew_without_ranking(self, judged, monkeypatch, best_of):
        request = make_request(**FIELDS, count=4, best_of=best_of)
        pieces = compose(judged, request)
        [alone] = compose(judged, request, index=2)
        assert midi_bytes(alone.score) == midi_bytes(pieces[2].score)
        monkeypatch.setattr(composing, "rank", None)
        for own in pieces:
            data = midi_bytes(own.score)
            again = compose_again(read_midi(data), judged)
            assert midi_bytes(again.score) == data
            assert (again.index, again.candidate) == (own.index, own.candidate)

    def test_a_candidate_of_another_piece_is_damage(self, judged):
        [own] = compose(judged, make_request(**FIELDS, best_of=2))
        text = own.score.texts[0].replace(f'"candidate":{own.candidate}', '"candidate":2')
        with pytest.raises(RequestError, match="damaged"):
            compose_again(Score(480, texts=(text,)), judged)

    def test_the_flawless_are_preferred(self, judged, monkeypatch):
        judged = one_draft(judged)
        monkeypatch.setattr(composing, "flaws", lambda notes, *_: ["stuck"] if len(notes) % 2 else [])
        for own in compose(judged, make_request(**FIELDS, count=8, best_of=4)):
            assert bool(own.flaws) == all(ranked.flaws for ranked in own.ranking)
            assert bool(own.flaws) == bool(own.score.n_notes % 2)

    def test_copies_are_taken_only_for_an_error(self, judged, monkeypatch):
        copied = iter([True, False] * 8)
        monkeypatch.setattr(type(judged), "is_near_training", lambda *_: next(copied, False))
        judged = one_draft(judged)
        [own] = compose(judged, make_request(**FIELDS, original=True, best_of=2))
        assert own.candidate == 1
        assert own.ranking[1].flaws == (COPIED,)
        monkeypatch.setattr(type(judged), "is_near_training", lambda *_: True)
        with pytest.raises(RequestError, match="none of 2 drafts is original"):
            compose(judged, make_request(**FIELDS, original=True, best_of=2))

    @pytest.mark.parametrize("best_of", [6, BATCH + 2])
    def test_a_stream_is_the_candidate_with_the_best_opening(self, judged, monkeypatch, best_of):
        # Candidates are their first drafts, as those of a stream are.
        monkeypatch.setattr(composing, "flaws", lambda *_: [])
        request = make_request(style="pop", seed=7, bars=10, count=2, best_of=best_of)
        streamed = list(stream(judged, request))
        assert [note.piece for note in streamed] != sorted(note.piece for note in streamed)
        chosen = []
        for index in range(2):
            candidates = list(compose_candidates(judged, request, range(index * best_of, (index + 1) * best_of)))
            shares = [
                judged.discriminators.human_share("pop", describe_excerpts(own.score, 0, 8)) for own in candidates
            ]
            chosen.append(int(np.argmax(shares)))
            notes = [note for track in candidates[chosen[-1]].score.tracks for note in track.notes]
            assert sorted((note.onset, note.pitch) for note in streamed if note.piece == index) == sorted(
                (int(note["onset"]), int(note["pitch"])) for note in notes
            )
        assert any(chosen)

    def test_a_stream_draws_no_candidate_beyond_its_opening(self, judged):
        procedure, drawn = PROCEDURES["note-by-note"], []

        def counted(artifact, queue):
            for own in procedure.draw(artifact, queue):
                drawn.append(own)
                yield own

        request = make_request(style="pop", seed=4, bars=40, best_of=4)
        first = next(stream(judged, request, procedures={"note-by-note": replace(procedure, draw=counted)}))
        ticks = judged.codec.ticks_per_step
        assert first.onset < BAR
        assert max(own.onset * ticks for own in drawn if isinstance(own, DrawnNote)) < 20 * BAR
        assert len({own.number for own in drawn}) == 4

    def test_without_a_discriminator_the_first_candidate_streams(self, band, judged):
        plain, one = (
            list(stream(own, make_request(**FIELDS, **more))) for own, more in ((band, {}), (judged, {"best_of": 1}))
        )
        assert plain == one
        assert one

    @pytest.mark.parametrize("best_of", [0, 65])
    def test_so_many_and_no_more(self, best_of):
        with pytest.raises(RequestError, match="best_of"):
            make_request(best_of=best_of)
