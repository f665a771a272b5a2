"""A live composition: what its head promises comes, and the piece is of exactly the notes that came."""

from __future__ import annotations

import base64
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fixtures.music import tune

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.live import LiveComposition, LiveNote, LivePedal
from componium.composing.requests import make_request
from componium.errors import RequestError
from componium.formats.midi import midi_bytes, read_midi
from componium.score.bars import bar_grid


@pytest.fixture(scope="module")
def artifacts():
    return {name: load_artifact(name) for name in ("band", "pop-piano", "piano-giantmidi")}


@pytest.fixture(scope="module")
def band(artifacts):
    return artifacts["band"]


@pytest.fixture(scope="module")
def song(band):
    """A piece for a few instruments, as a prompt."""
    live = LiveComposition(
        band, make_request(style="pop", parts="piano,flute,electric bass", bars=8, seed=3, best_of=1)
    )
    heard(live)
    return live.composition.score


def prompt_of(score):
    return base64.b64encode(midi_bytes(score))


def heard(live, seconds=0.0):
    """All that comes of a live composition, a slice after the other."""
    news = []
    while not live.is_over:
        before = live.composed_to
        own = live.advance(seconds)
        assert all(note.onset >= before for note in own if isinstance(note, LivePedal) or not note.is_given)
        news += own
    return news


def as_composed(live, news):
    """Tracks of (onset, pitch, velocity), as they came: each with its part."""
    return Counter((own.part, own.onset, own.pitch, own.velocity) for own in news if isinstance(own, LiveNote))


def as_written(live):
    return Counter(
        (part, onset, pitch, velocity)
        for part, track in zip(live.parts_of_tracks, live.composition.score.tracks, strict=True)
        for onset, _, pitch, velocity in track.notes.tolist()
    )


REQUESTS = [
    ("band", {"bars": 20, "style": "folk", "seed": 1, "best_of": 2}),
    ("band", {"bars": 4, "parts": "all", "style": "game-rock", "seed": 2}),
    ("band", {"bars": 4, "chords": "C | Am F | N | G7", "seed": 3, "time_signature": "3/4"}),
    ("band", {"seconds": 7.3, "tempo_bpm": 97, "seed": 4, "best_of": 1}),
    ("pop-piano", {"bars": 6, "seed": 5, "best_of": 1}),
    ("piano-giantmidi", {"seconds": 12, "seed": 6, "best_of": 1}),
    ("band", {"task": "infill", "first_bar": 3, "last_bar": 6, "seed": 7}),
    ("band", {"task": "infill", "first_bar": 3, "last_bar": 8, "tracks": "2", "seed": 8, "best_of": 2}),
    ("band", {"task": "infill", "first_bar": 5, "last_bar": 8, "parts": "violin,cello,drums", "seed": 9}),
    ("band", {"task": "continue", "bars": 3, "seed": 10}),
    ("band", {"task": "accompany", "parts": "cello,piano", "seed": 11}),
    ("pop-piano", {"task": "continue", "bars": 2, "seed": 12}),
    ("piano-giantmidi", {"task": "continue", "seconds": 4, "seed": 13}),
]


@pytest.mark.parametrize(("name", "fields"), REQUESTS)
class TestEveryTask:
    @pytest.fixture
    def live(self, artifacts, song, name, fields):
        more = {"prompt": prompt_of(song)} if "task" in fields else {}
        return LiveComposition(artifacts[name], make_request(**fields, **more))

    def test_the_piece_is_of_the_notes_that_came(self, live, name, fields):
        news = heard(live)
        assert as_composed(live, news) == as_written(live)
        assert any(isinstance(own, LiveNote) and not own.is_given for own in news)

    def test_durations_with_cuts_are_those_of_the_piece(self, live, name, fields):
        notes = [own for own in heard(live) if isinstance(own, LiveNote)]
        cut = dict(live.cuts)
        assert all(0 < duration < notes[number].duration for number, duration in cut.items())
        final = Counter(
            (own.part, own.onset, cut.get(number, own.duration), own.pitch) for number, own in enumerate(notes)
        )
        assert final == Counter(
            (part, onset, duration, pitch)
            for part, track in zip(live.parts_of_tracks, live.composition.score.tracks, strict=True)
            for onset, duration, pitch, _ in track.notes.tolist()
        )

    def test_the_head_is_what_the_piece_becomes(self, live, name, fields):
        head = live.head
        heard(live)
        score = live.composition.score
        assert (head.ticks_per_quarter, head.tempos, head.meter) == (
            score.ticks_per_quarter, score.tempos, score.time_signatures,
        )  # fmt: skip
        assert head.has_grid == score.has_grid
        for part, track in zip(live.parts_of_tracks, score.tracks, strict=True):
            assert head.parts[part] == (track.name, track.program, track.is_drum)
        assert head.end >= max(int(track.notes["onset"].max()) for track in score.tracks if len(track.notes))
        if head.has_grid and fields.get("task") != "accompany" and "seconds" not in fields:
            assert head.end == bar_grid(score).start_of(head.n_bars)

    def test_slices_do_not_matter(self, artifacts, live, name, fields):
        again = LiveComposition(artifacts[name], live.head.request)
        assert heard(live, 0.0) == heard(again, 1e9)
        assert midi_bytes(live.composition.score) == midi_bytes(again.composition.score)

    def test_closed_at_any_time_it_is_what_came(self, artifacts, live, name, fields):
        n_new = len([own for own in heard(LiveComposition(artifacts[name], live.head.request)) if not is_given(own)])
        news = []
        while len([own for own in news if not is_given(own)]) < n_new // 2:
            news += live.advance(0.0)
        live.close()
        assert live.is_over
        assert live.advance(1.0) == []
        assert as_composed(live, news) == as_written(live)
        if "task" not in fields:
            assert live.composition.score.end <= live.head.end
            assert live.head.n_bars == bar_grid(live.composition.score).count(live.head.end)
        # What it took to compose all of it is not how this came to be.
        assert live.composition.score.texts[0] == ""


def is_given(own):
    return isinstance(own, LiveNote) and own.is_given


def test_sixty_default_requests_give_what_compose_gives(band):
    checks = band.profile.checks
    for seed in range(60):
        request = make_request(seed=seed, bars=4, best_of=1)
        live = LiveComposition(band, request)
        news = heard(live, 0.1)
        [piece] = compose(band, request)
        if piece.path.draft == 0:
            assert midi_bytes(live.composition.score) == midi_bytes(piece.score)
        else:
            assert len(piece.drafts) <= checks.most_drafts
            assert live.composition.flaws == piece.drafts[0]
        assert as_composed(live, news) == as_written(live)


def test_fewer_candidates_are_composed_where_the_request_leaves_it_open(band):
    def n_candidates(most, **fields):
        return LiveComposition(band, make_request(bars=2, seed=1, **fields), most_candidates=most).head.request.best_of

    assert n_candidates(3, style="folk") == 3
    assert n_candidates(64, style="folk") == band.profile.best_of
    assert n_candidates(3, style="folk", best_of=5) == 5
    # There is nothing to choose by.
    assert n_candidates(3, style="classical-piano") is None
    live = LiveComposition(band, make_request(bars=2, style="folk", seed=1), most_candidates=3)
    heard(live)
    [piece] = compose(band, live.head.request)
    assert midi_bytes(live.composition.score) == midi_bytes(piece.score)


def test_a_piece_of_several_is_the_one_of_its_index(band):
    request = make_request(seed=3, bars=2, count=3, best_of=1)
    live = LiveComposition(band, request, 2)
    heard(live)
    assert midi_bytes(live.composition.score) == midi_bytes(compose(band, request, index=2)[0].score)
    with pytest.raises(RequestError, match="there is no piece 3"):
        LiveComposition(band, request, 3)


def test_what_was_heard_stays_under_an_infill_to_the_end(band, song):
    request = make_request(task="infill", prompt=prompt_of(song), first_bar=5, last_bar=8, density=0.9, seed=1)
    live = LiveComposition(band, request)
    news = heard(live)
    line = int(bar_grid(song).start_of(4))
    before = [[row for row in track.notes.tolist() if row[0] < line] for track in song.tracks]
    after = [[row for row in track.notes.tolist() if row[0] < line] for track in live.composition.score.tracks]
    assert after[: len(before)] == before
    assert {own.is_given for own in news if own.onset >= line} == {False}
    assert {own.is_given for own in news if own.onset < line} == {True}


def test_instruments_that_an_infill_names_join_in_and_others_fall_silent(band, song):
    request = make_request(
        task="infill", prompt=prompt_of(song), first_bar=5, last_bar=8, parts="violin,electric bass", seed=1, best_of=1
    )
    live = LiveComposition(band, request)
    heard(live)
    line = int(bar_grid(song).start_of(4))
    later = {track.name for track in live.composition.score.tracks if (track.notes["onset"] >= line).any()}
    assert later == {"violin", "electric bass"}


def test_pedal_rows_are_controller_64(artifacts):
    live = LiveComposition(artifacts["piano-giantmidi"], make_request(seconds=30, seed=1, best_of=1))
    pedals = [own for own in heard(live) if isinstance(own, LivePedal)]
    [track] = read_midi(midi_bytes(live.composition.score)).tracks
    assert len(pedals) > 3
    assert {own.onset for own in pedals} >= set(track.pedals["onset"].tolist())
    assert {own.part for own in pedals} == {0}


def test_closed_before_the_first_note_it_has_what_was_given(band, song):
    live = LiveComposition(band, make_request(task="continue", prompt=prompt_of(song), bars=2, seed=1))
    live.close()
    assert [track.notes.tolist() for track in live.composition.score.tracks] == [
        track.notes.tolist() for track in song.tracks
    ]
    assert not live.cuts
    nothing = LiveComposition(band, make_request(bars=2, seed=1))
    nothing.close()
    assert nothing.composition.score.tracks == ()


def test_the_composition_of_an_unfinished_piece_is_an_error_of_the_programmer(band):
    with pytest.raises(ValueError, match="still being composed"):
        _ = LiveComposition(band, make_request(bars=2)).composition


def test_pieces_composed_in_turn_by_threads_are_those_of_one_thread(band):
    requests = [make_request(bars=4, seed=seed, best_of=1) for seed in range(6)]
    with ThreadPoolExecutor(4) as pool:
        side_by_side = list(pool.map(lambda request: heard(LiveComposition(band, request)), requests))
    assert side_by_side == [heard(LiveComposition(band, request), 1e9) for request in requests]


def test_a_prompt_without_a_grid_of_its_own_is_kept_whole(band):
    score = tune(1)
    live = LiveComposition(band, make_request(task="continue", prompt=prompt_of(score), bars=2, seed=1))
    given = [own for own in heard(live) if is_given(own)]
    assert len(given) == score.n_notes
