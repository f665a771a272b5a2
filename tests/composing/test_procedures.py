"""A procedure takes pieces from its queue whenever it has room."""

from itertools import pairwise

import pytest

from componium.composing.conditions import QueuedPiece, conditions_of
from componium.composing.plans import make_plan
from componium.composing.procedures import BATCH, PROCEDURES, DrawnNote, PieceEnd, PieceQueue
from componium.composing.requests import make_request


@pytest.fixture(scope="module")
def drawn(band):
    """Notes of more pieces than fit side by side, and how many had been taken from the queue before each."""
    plan = make_plan(band, make_request(style="pop", bars=3, count=BATCH + 9, seed=4))
    taken = []

    def queue():
        for number in range(BATCH + 9):
            taken.append(number)
            yield QueuedPiece(number, conditions_of(band, plan, number))

    return [(note, len(taken)) for note in PROCEDURES["note-by-note"].draw(band, queue())]


@pytest.fixture(scope="module")
def notes(drawn):
    return [(one, n_taken) for one, n_taken in drawn if isinstance(one, DrawnNote)]


def test_every_piece_of_the_queue_is_composed_in_the_order_of_its_onsets(notes):
    pieces = {number: [note for note, _ in notes if note.number == number] for number in range(BATCH + 9)}
    for own in pieces.values():
        assert len(own) > 1
        assert all(one.onset <= other.onset for one, other in pairwise(own))
        # It plays from the first bar into the last.
        assert own[0].onset < 48
        assert own[-1].onset + own[-1].duration > 96


def test_pieces_wait_until_others_have_ended_and_then_fill_the_batch(notes):
    last_of = {note.number: place for place, (note, _) in enumerate(notes)}
    first_of = {note.number: place for place, (note, _) in reversed(list(enumerate(notes)))}
    assert notes[0][1] == BATCH
    for place, (_, n_taken) in enumerate(notes):
        n_ended = sum(last < place for last in last_of.values())
        # As many as fit beside those that go on, no more.
        assert n_taken <= BATCH + n_ended
    assert any(first_of[late] < last_of[early] for late in range(BATCH, BATCH + 9) for early in range(BATCH))
    assert notes[-1][1] == BATCH + 9


def test_a_piece_ends_once_behind_its_last_note(drawn):
    ends = {one.number: place for place, (one, _) in enumerate(drawn) if isinstance(one, PieceEnd)}
    assert sorted(ends) == list(range(BATCH + 9))
    assert len(drawn) == len(ends) + sum(isinstance(one, DrawnNote) for one, _ in drawn)
    assert all(place <= ends[one.number] for place, (one, _) in enumerate(drawn))


def test_a_queue_hands_out_again_what_is_given_back():
    queue = PieceQueue(iter("ab"))
    assert next(queue) == "a"
    queue.give_back("x")
    assert list(queue) == ["x", "b"]
    queue.give_back("y")
    assert list(queue) == ["y"]
