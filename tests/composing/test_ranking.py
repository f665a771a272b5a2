"""Candidates and which of them is best, on pieces written by hand and on those of a small band."""

import base64
import json
from dataclasses import replace
from itertools import permutations

import pytest
from fixtures.discriminators import COLUMN_OF, stumps, with_discriminators
from fixtures.pieces import with_profile

from componium.composing.compose import compose, compose_again, stream
from componium.composing.procedures import BATCH, PROCEDURES, DrawnNote, PieceEnd, PiecePause
from componium.composing.provenance import TEXT_PREFIX, Path
from componium.composing.requests import make_request
from componium.composing.selection import phrases
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
        monkeypatch.setattr(phrases, "flaws", lambda notes, *_: drawn.append(notes) or next(found))
        [composition] = compose(band, make_request(bars=4, style="pop", parts=("violin",)))
        assert composition.flaws == ("off key",)
        assert len(composition.drafts) == band.profile.checks.most_drafts
        kept = sorted(note.tolist() for track in composition.score.tracks for note in track.notes["pitch"])
        assert kept == sorted(row[3] for row in drawn[2])
        assert kept != sorted(row[3] for row in drawn[0])


def with_drafts(artifact, most):
    checks = artifact.profile.checks.model_copy(update={"most_drafts": most})
    return with_discriminators(with_profile(artifact, checks=checks))


class TestPhrases:
    def test_a_short_rest_belongs_to_the_phrase_before(self):
        assert [phrases.phrase_starts(0, end) for end in (1, 8, 11, 12, 16, 27, 28)] == [
            [0], [0], [0], [0, 8], [0, 8], [0, 8, 16], [0, 8, 16, 24]
        ]  # fmt: skip
        assert phrases.phrase_starts(5, 17) == [5, 13]
        assert phrases.phrase_starts(5, 16) == [5]

    def test_each_phrase_is_the_best_that_goes_on_from_the_one_before(self, judged, monkeypatch):
        described = []

        def ranked(discriminators, candidates, style, first_bar, end_bar):
            described.append((candidates, first_bar, end_bar))
            return rank(discriminators, candidates, style, first_bar, end_bar)

        monkeypatch.setattr(phrases, "rank", ranked)
        [piece] = compose(judged, make_request(style="pop", seed=3, bars=27, best_of=4))
        monkeypatch.undo()
        assert [(first, end) for _, first, end in described] == [(0, 8), (8, 16), (16, 27)]
        before = 0
        for (candidates, first_bar, _), ranking, choice in zip(
            described, piece.rankings, piece.path.choices, strict=True
        ):
            kept = candidates[choice].score
            assert [own.number for own in candidates] == [0, 1, 2, 3]
            assert ranking[0].number == choice
            shares = [own.human_share for own in ranking]
            assert shares == sorted(shares, reverse=True)
            # All have the same music before the phrase, and each its own in it, from its first note on.
            starts = [music_between(own.score, 0, first_bar) for own in candidates]
            assert starts == [before or starts[0]] * 4
            assert len({tuple(music_between(own.score, first_bar, 27)) for own in candidates}) == 4
            before = music_between(kept, 0, first_bar + 8)
        assert music_between(piece.score, 0, 27) == music_between(kept, 0, 27)
        assert len(set(piece.path.choices)) > 1

    def test_a_phrase_of_which_all_begin_alike_is_rare(self, judged, monkeypatch):
        """The first note of each alternative is drawn by itself."""
        firsts = []

        def ranked(discriminators, candidates, style, first_bar, end_bar):
            firsts.append({tuple(music_between(own.score, first_bar, end_bar)[:1]) for own in candidates})
            return rank(discriminators, candidates, style, first_bar, end_bar)

        monkeypatch.setattr(phrases, "rank", ranked)
        compose(judged, make_request(style="pop", seed=3, bars=24, best_of=4))
        assert len(firsts) == 3
        assert all(len(own) > 1 for own in firsts)

    def test_one_candidate_does_not_pause(self, judged):
        procedure, drawn = PROCEDURES["note-by-note"], []
        watched = {"note-by-note": replace(procedure, draw=spied(procedure, drawn))}
        for best_of in (1, 2):
            drawn.clear()
            compose(judged, make_request(style="pop", seed=3, bars=16, best_of=best_of), procedures=watched)
            paused = [own.number for own in drawn if isinstance(own, PiecePause)]
            assert sorted(paused) == [0, 1][: 2 * (best_of - 1)]

    def test_a_procedure_that_does_not_pause_has_whole_pieces_chosen(self, judged):
        procedure = PROCEDURES["note-by-note"]

        def without_pause(artifact, queue):
            return procedure.draw(artifact, (replace(own, pause_at=None) for own in queue))

        never = {"note-by-note": replace(procedure, draw=without_pause)}
        request = make_request(style="pop", seed=3, bars=20, best_of=4, count=3)
        pieces = compose(judged, request, procedures=never)
        candidates = compose(judged, make_request(style="pop", seed=3, bars=20, best_of=1, count=4))
        assert any(own.path.choices[0] for own in pieces)
        for own in pieces:
            [ranking] = own.rankings
            assert len(own.path.choices) == 1
            described = describe_excerpts(own.score)
            assert ranking[0].human_share == judged.discriminators.human_share("pop", described)
            again = compose_again(own.score, judged, procedures=never)
            assert midi_bytes(again.score) == midi_bytes(own.score)
        # Numbers and players of the first piece with one candidate are those of its first candidate.
        assert any(music_between(candidates[0].score, 0, 20) == music_between(own.score, 0, 20) for own in pieces) == (
            pieces[0].path == Path()
        )


def music_between(score, first_bar, end_bar):
    """Onset, part and pitch of the notes that begin in bars of 4/4."""
    return sorted(
        (int(note["onset"]), track.name, int(note["pitch"]))
        for track in score.tracks
        for note in track.notes
        if first_bar * BAR <= note["onset"] < end_bar * BAR
    )


def spied(procedure, drawn):
    """What a procedure draws, kept in a list."""

    def draw(artifact, queue):
        for own in procedure.draw(artifact, queue):
            drawn.append(own)
            yield own

    return draw


class TestBestOf:
    def test_candidates_for_one_piece_have_the_same_players(self, judged, monkeypatch):
        played = []

        def ranked(discriminators, candidates, *where):
            played.append([frozenset(track.name for track in own.score.tracks) for own in candidates])
            return rank(discriminators, candidates, *where)

        monkeypatch.setattr(phrases, "rank", ranked)
        compose(judged, make_request(bars=4, seed=1, parts=("random:3",), count=6, best_of=3))
        assert all(len(set(own)) == 1 for own in played)
        assert len({own[0] for own in played}) > 3

    def test_without_a_discriminator_there_is_one_candidate(self, band):
        plain, one = (compose(band, make_request(**FIELDS, count=3, **more)) for more in ({}, {"best_of": 1}))
        assert list(map(notes_of, plain)) == list(map(notes_of, one))
        assert not any(own.rankings for own in plain)
        with pytest.raises(RequestError, match="best_of: tiny-band has no discriminator of style 'pop' to choose by"):
            compose(band, make_request(**FIELDS, best_of=2))

    def test_a_new_piece_is_the_best_of_as_many_as_the_profile_says(self, judged):
        other = with_discriminators(with_profile(judged, best_of=3))
        plain, three, one = (
            compose(other, make_request(**FIELDS, count=2, **more)) for more in ({}, {"best_of": 3}, {"best_of": 1})
        )
        assert list(map(notes_of, plain)) == list(map(notes_of, three)) != list(map(notes_of, one))
        assert [[len(ranking) for ranking in own.rankings] for own in plain] == [[3], [3]]
        assert midi_bytes(compose_again(plain[1].score, other).score) == midi_bytes(plain[1].score)
        # Where only the other style has a discriminator there is nothing to choose by.
        tunes = with_discriminators(other, tunes=other.discriminators.by_style["tunes"])
        assert list(map(notes_of, compose(tunes, make_request(**FIELDS, count=2)))) == list(map(notes_of, one))

    def test_other_tasks_choose_only_if_asked(self, judged):
        prompt = midi_bytes(compose(judged, make_request(**FIELDS, best_of=1))[0].score)
        fields = {"task": "continue", "prompt": base64.b64encode(prompt), "bars": 4, "seed": 1, "style": "pop"}
        [plain], [best] = (compose(judged, make_request(**fields, **more)) for more in ({}, {"best_of": 4}))
        assert not plain.rankings
        [ranking] = best.rankings
        assert len(ranking) == 4
        described = describe_excerpts(best.score, 4, 8)
        assert ranking[0].human_share == judged.discriminators.human_share("pop", described)

    @pytest.mark.parametrize(("best_of", "count"), [(2, 8), (5, 4), (BATCH + 1, 3)])
    def test_it_is_made_anew_without_ranking(self, judged, monkeypatch, best_of, count):
        judged = with_drafts(judged, 2)
        request = make_request(style="pop", seed=3, bars=13, count=count, best_of=best_of)
        # All have flaws; the least flawed draft is kept, not always the first.
        monkeypatch.setattr(phrases, "flaws", lambda notes, *_: ["stuck"] * (1 + len(notes) % 50))
        pieces = compose(judged, request)
        assert any(own.path.draft for own in pieces)
        assert all(len(own.path.choices) == 2 for own in pieces)
        [alone] = compose(judged, request, index=2)
        assert midi_bytes(alone.score) == midi_bytes(pieces[2].score)
        monkeypatch.setattr(phrases, "rank", None)
        procedure, drawn = PROCEDURES["note-by-note"], []
        watched = {"note-by-note": replace(procedure, draw=spied(procedure, drawn))}
        for own in pieces:
            drawn.clear()
            data = midi_bytes(own.score)
            again = compose_again(read_midi(data), judged, procedures=watched)
            assert midi_bytes(again.score) == data
            assert (again.index, again.path) == (own.index, own.path)
            # One row, and no draft that was rejected.
            assert sum(isinstance(one, PieceEnd | PiecePause) for one in drawn) == 2

    @pytest.mark.parametrize(
        "damage",
        [
            lambda about: about["choices"].pop(),
            lambda about: about["choices"].append(0),
            lambda about: about["choices"].__setitem__(1, 2),
            lambda about: about["choices"].__setitem__(0, -1),
            lambda about: about.update(choices=[]),
            lambda about: about.update(choices="a"),
            lambda about: about.update(draft=-1),
            lambda about: about.pop("choices"),
        ],
    )
    def test_choices_that_do_not_fit_are_damage(self, judged, damage):
        [own] = compose(judged, make_request(style="pop", seed=3, bars=12, best_of=2))
        about = json.loads(own.score.texts[0].removeprefix(TEXT_PREFIX))
        assert len(about["choices"]) == 2
        assert compose_again(own.score, judged).path == own.path
        damage(about)
        with pytest.raises(RequestError, match="damaged"):
            compose_again(Score(480, texts=(TEXT_PREFIX + json.dumps(about),)), judged)

    def test_a_file_that_keeps_no_choices_is_damage(self, judged):
        [own] = compose(judged, make_request(**FIELDS, best_of=2))
        text = own.score.texts[0].replace(f'"choices":[{own.path.choices[0]}]', '"candidate":0')
        assert text != own.score.texts[0]
        with pytest.raises(RequestError, match="damaged"):
            compose_again(Score(480, texts=(text,)), judged)

    def test_the_flawless_are_preferred(self, judged, monkeypatch):
        judged = with_drafts(judged, 1)
        monkeypatch.setattr(phrases, "flaws", lambda notes, *_: ["stuck"] if len(notes) % 2 else [])
        pieces = compose(judged, make_request(style="pop", seed=3, bars=12, count=8, best_of=3))
        assert any(any(ranked.flaws for ranked in own.rankings[-1]) for own in pieces)
        for own in pieces:
            early, last = own.rankings
            assert not any(ranked.flaws for ranked in early)
            assert bool(own.flaws) == all(ranked.flaws for ranked in last)
            assert bool(own.flaws) == bool(own.score.n_notes % 2)

    def test_copies_are_taken_only_for_an_error(self, judged, monkeypatch):
        copied = iter([True, False] * 8)
        monkeypatch.setattr(type(judged), "is_near_training", lambda *_: next(copied, False))
        judged = with_drafts(judged, 1)
        [own] = compose(judged, make_request(**FIELDS, original=True, best_of=2))
        assert own.path.choices == (1,)
        assert own.rankings[0][1].flaws == (COPIED,)
        monkeypatch.setattr(type(judged), "is_near_training", lambda *_: True)
        with pytest.raises(RequestError, match="none of 2 drafts is original"):
            compose(judged, make_request(**FIELDS, original=True, best_of=2))

    @pytest.mark.parametrize("best_of", [3, BATCH + 2])
    def test_a_stream_is_the_first_draft(self, judged, best_of):
        request = make_request(style="pop", seed=4, bars=20, count=2, best_of=best_of)
        streamed = list(stream(judged, request))
        assert [note.piece for note in streamed] != sorted(note.piece for note in streamed)
        for own in compose(with_drafts(judged, 1), request):
            notes = [note for track in own.score.tracks for note in track.notes]
            onsets = [note.onset for note in streamed if note.piece == own.index]
            assert onsets == sorted(onsets)
            assert sorted((note.onset, note.pitch) for note in streamed if note.piece == own.index) == sorted(
                (int(note["onset"]), int(note["pitch"])) for note in notes
            )

    def test_the_first_notes_of_a_stream_wait_for_one_phrase(self, judged):
        procedure, drawn = PROCEDURES["note-by-note"], []
        watched = {"note-by-note": replace(procedure, draw=spied(procedure, drawn))}
        request = make_request(style="pop", seed=4, bars=40, best_of=4)
        streaming = stream(judged, request, procedures=watched)
        first = next(streaming)
        ticks = judged.codec.ticks_per_step
        assert first.onset < BAR
        assert max(own.onset * ticks for own in drawn if isinstance(own, DrawnNote)) < 8 * BAR
        assert len({own.number for own in drawn}) == 4
        # The rest of the phrase was drawn as well.
        n_drawn = len(drawn)
        n_notes = 1
        while next(streaming).onset < 8 * BAR:
            n_notes += 1
            assert len(drawn) == n_drawn
        assert n_notes > 8

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
