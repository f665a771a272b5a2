"""Equal seed and index give an equal piece, whatever else is asked for."""

from __future__ import annotations

import pytest
from fixtures.discriminators import with_discriminators

from componium.artifacts import load_artifact
from componium.composing.compose import compose, compose_again, stream
from componium.composing.procedures import BATCH
from componium.composing.requests import make_request
from componium.composing.selection import phrases
from componium.composing.selection.checks import LIGHT_TO_GRAVE


def music_of(composition):
    """All notes of a piece, track by track."""
    return [(track.name, track.notes.tolist()) for track in composition.score.tracks]


REQUESTS = {
    "band": {"style": "game-rock", "bars": 4, "seed": 1},
    "pop-piano": {"bars": 3, "seed": 2},
    "piano-giantmidi": {"seconds": 5, "seed": 3},
}


@pytest.mark.parametrize("name", REQUESTS)
def test_pieces_do_not_depend_on_how_many_are_asked_for(name):
    artifact, fields = load_artifact(name), REQUESTS[name]
    n_most = BATCH + 3
    most = [music_of(own) for own in compose(artifact, make_request(**fields, count=n_most))]
    assert len({str(own) for own in most}) == n_most
    for count in (1, 5):
        assert [music_of(own) for own in compose(artifact, make_request(**fields, count=count))] == most[:count]
    for index in (0, n_most - 1):
        (alone,) = compose(artifact, make_request(**fields, count=n_most), index=index)
        assert alone.index == index
        assert music_of(alone) == most[index]
        assert music_of(compose_again(alone.score)) == most[index]


def test_pieces_do_not_depend_on_the_drafts_of_others_that_are_rejected(band, monkeypatch):
    # Few drafts have flaws; here a third of them are fine.
    monkeypatch.setattr(phrases, "flaws", lambda rows, *_: [LIGHT_TO_GRAVE[0]] if len(rows) % 3 else [])
    fields = {"style": "pop", "bars": 3, "seed": 1}
    pieces = compose(band, make_request(**fields, count=BATCH + 3))
    n_drafts = [len(own.drafts) for own in pieces]
    assert max(n_drafts[:-1]) > 1
    assert 1 in n_drafts
    for index in range(BATCH + 3):
        (alone,) = compose(band, make_request(**fields, count=BATCH + 3), index=index)
        assert alone.drafts == pieces[index].drafts
        assert music_of(alone) == music_of(pieces[index])


def test_chosen_pieces_do_not_depend_on_how_many_are_asked_for(band, monkeypatch):
    band = with_discriminators(band)
    # Some drafts are rejected.
    monkeypatch.setattr(phrases, "flaws", lambda rows, *_: [LIGHT_TO_GRAVE[0]] if len(rows) % 4 == 0 else [])
    fields = {"style": "pop", "bars": 20, "seed": 5, "best_of": 3}
    one, many = ([*compose(band, make_request(**fields, count=count))] for count in (1, 7))
    assert music_of(one[0]) == music_of(many[0])
    assert len({own.path for own in many}) > 3
    for index in (2, 6):
        [alone] = compose(band, make_request(**fields, count=7), index=index)
        assert music_of(alone) == music_of(many[index])
        assert (alone.path, alone.rankings) == (many[index].path, many[index].rankings)


def test_streamed_pieces_do_not_depend_on_how_many_are_asked_for(band):
    fields = {"style": "tunes", "bars": 2, "seed": 6}
    few, many = (list(stream(band, make_request(**fields, count=count))) for count in (2, BATCH + 2))
    for piece in range(2):
        assert [note for note in few if note.piece == piece] == [note for note in many if note.piece == piece]
