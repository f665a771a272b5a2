"""Whoever has the fewest seconds of music ahead goes first; counted in turns of pieces that are none."""

import asyncio
import time

import pytest
from fixtures.studio_client import wait_until

from componium.composing.live import Head, LiveNote
from componium.composing.requests import make_request
from componium.score import Tempo
from componium.web.settings import threads
from componium.web.work.load import Load, candidates
from componium.web.work.pieces import PieceInWork
from componium.web.work.scheduler import ENOUGH, Scheduler


class Piece:
    """Composes so many seconds of music in a turn, and is heard as the clock goes once it sounds."""

    def __init__(self, name, clock, per_turn=2.0, turns=8, silent_turns=0):
        self.name, self.clock, self.per_turn, self.turns, self.silent = name, clock, per_turn, turns, silent_turns
        self.composed, self.begun = 0.0, None

    def ahead(self, now):
        if self.begun is None:
            return -1.0
        ready = self.composed - (now - self.begun)
        self.begun -= min(ready, 0.0)
        return max(ready, 0.0)

    def turn(self):
        self.turns -= 1
        if self.silent:
            self.silent -= 1
        else:
            self.begun = self.clock() if self.begun is None else self.begun
            self.composed += self.per_turn
        return self.turns > 0


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def played(scheduler):
    """The names of the pieces in the order of their turns, by one thread."""
    order = []
    while (taken := scheduler.take_numbered()) is not None:
        number, work = taken
        order.append(work.name)
        if work.turn():
            scheduler.give_back(number, work)
    return "".join(order)


def test_all_get_their_first_notes_before_any_gets_more(clock):
    scheduler = Scheduler(1, clock)
    for name in "abcde":
        scheduler.add(Piece(name, clock, turns=3))
    assert played(scheduler)[:5] == "abcde"


def test_a_piece_without_notes_yet_is_done_before_younger_ones(clock):
    scheduler = Scheduler(1, clock)
    for name in "ab":
        scheduler.add(Piece(name, clock, turns=4, silent_turns=3))
    assert played(scheduler) == "aaaabbbb"


def test_the_least_ahead_goes_first(clock):
    scheduler = Scheduler(1, clock)
    fast, slow = Piece("f", clock, per_turn=6.0, turns=4), Piece("s", clock, per_turn=1.0, turns=6)
    scheduler.add(fast)
    scheduler.add(slow)
    # 6 s against 1, 2, ... 5 s: the slow one has all turns until it is as far.
    assert played(scheduler) == "fssssss" + "fff"


def test_first_notes_come_at_once_and_all_have_their_share_where_there_is_too_little_time(clock):
    scheduler, late = Scheduler(1, clock), [Piece(name, clock, per_turn=0.1, turns=1000) for name in "abcd"]
    for piece in late:
        scheduler.add(piece)
    order = []
    for turn in range(400):
        if turn == 200:
            scheduler.add(Piece("n", clock, per_turn=0.1, turns=1))
        number, work = scheduler.take_numbered()
        order.append(work.name)
        # A turn takes as long as all the music plays that it makes.
        clock.now += 0.1
        if work.turn():
            scheduler.give_back(number, work)
    assert order[200] == "n"
    assert {order.count(piece.name) for piece in late} <= {99, 100, 101}


def test_a_piece_is_as_far_ahead_as_its_listener_can_have_heard():
    class Live:
        """Ten seconds of music a turn."""

        def __init__(self, head):
            self.head, self.is_over, self.composed_to = head, False, 0

        def advance(self, _seconds):
            onset, self.composed_to = self.composed_to, self.composed_to + 10 * 480 * 2
            return [LiveNote(0, onset, 480, 60, 80, is_given=False)]

    request = make_request(bars=2)
    head = Head("band", "", "", request, 480, (Tempo(0, 120.0),), (), None, (), 2, 3840, True, ())
    loop = asyncio.new_event_loop()
    piece = PieceInWork("x", "X", Live(head), loop, lambda *_: None)
    loop.close()
    assert piece.ahead(time.monotonic()) < 0
    piece._loop = Loop()
    piece.turn()
    begun = piece._first_told
    assert piece.ahead(begun) == 10
    assert piece.ahead(begun + 4) == 6
    # For half a minute there was nothing to hear: the listener goes on where it waited.
    assert piece.ahead(begun + 40) == 0
    piece.turn()
    assert piece.ahead(begun + 41) == 9
    piece.stop()
    assert piece.ahead(begun + 41) < -1


class Loop:
    def call_soon_threadsafe(self, call):
        call()


def test_who_is_far_ahead_waits_for_the_others(clock):
    scheduler = Scheduler(1, clock)
    far, near = Piece("f", clock, per_turn=ENOUGH + 1, turns=3), Piece("n", clock, per_turn=ENOUGH / 4, turns=4)
    scheduler.add(far)
    scheduler.add(near)
    assert played(scheduler) == "fnnnn" + "ff"


def test_among_those_who_are_far_ahead_the_oldest_is_done_first(clock):
    scheduler = Scheduler(1, clock)
    for name, per_turn in (("a", 3 * ENOUGH), ("b", 2 * ENOUGH)):
        scheduler.add(Piece(name, clock, per_turn=per_turn, turns=3))
    assert played(scheduler) == "ab" + "aabb"


def test_alone_it_goes_on_however_far_it_is(clock):
    scheduler = Scheduler(1, clock)
    scheduler.add(Piece("a", clock, per_turn=10 * ENOUGH, turns=5))
    assert played(scheduler) == "aaaaa"


def test_threads_take_all_turns_and_one_that_fails_ends_nobody():
    scheduler, done = Scheduler(3), []

    class Failing:
        def ahead(self, now):
            return -1.0

        def turn(self):
            raise ValueError("planted")

    class Counted:
        def __init__(self, turns):
            self.turns = turns

        def ahead(self, now):
            return 0.0

        def turn(self):
            self.turns -= 1
            if not self.turns:
                done.append(self)
            return self.turns > 0

    for _ in range(5):
        scheduler.add(Failing())
    for turns in (1, 10, 100):
        scheduler.add(Counted(turns))
    scheduler.start()
    wait_until(lambda: len(done) == 3)
    scheduler.stop()
    assert not any(thread.is_alive() for thread in scheduler._threads)


@pytest.mark.parametrize(
    ("within", "n_pieces", "number"),
    [
        (0.2, 0, 1),
        (0.35, 0, 2),
        (0.4, 0, 4),
        (1.0, 0, 8),
        (60.0, 1, 8),
        (60.0, 2, 4),
        (60.0, 4, 2),
        (60.0, 6, 1),
        (0.4, 3, 1),
    ],
)
def test_who_can_wait_gets_more_candidates_unless_others_wait_too(within, n_pieces, number):
    assert candidates(within, Load(n_pieces, 2)) == number


@pytest.mark.parametrize(("n_cores", "here", "everywhere"), [(None, 1, 1), (1, 1, 1), (2, 1, 2), (8, 7, 8)])
def test_one_core_is_left_to_a_browser_on_the_same_machine(monkeypatch, n_cores, here, everywhere):
    monkeypatch.setattr("os.cpu_count", lambda: n_cores)
    assert threads(plays_here=True) == here
    assert threads(plays_here=False) == everywhere
