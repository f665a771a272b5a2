"""Whoever has the fewest seconds of music ahead goes first; counted in turns of pieces that are none."""

import pytest
from fixtures.studio_client import wait_until

from componium.web.work.load import Load, candidates
from componium.web.work.scheduler import ENOUGH, Scheduler


class Piece:
    """Composes so many seconds of music in a turn, and is heard as the clock goes once it sounds."""

    def __init__(self, name, clock, per_turn=2.0, turns=8, silent_turns=0):
        self.name, self.clock, self.per_turn, self.turns, self.silent = name, clock, per_turn, turns, silent_turns
        self.composed, self.begun = 0.0, None

    def ahead(self, now):
        return 0.0 if self.begun is None else self.composed - (now - self.begun)

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


def test_who_falls_behind_comes_first(clock):
    scheduler = Scheduler(1, clock)
    behind, newcomer = Piece("b", clock, per_turn=1.0, turns=2), Piece("n", clock, turns=1)
    scheduler.add(behind)
    number, work = scheduler.take_numbered()
    work.turn()
    scheduler.give_back(number, work)
    clock.now = 5.0
    scheduler.add(newcomer)
    assert played(scheduler) == "bn"


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
        (0.3, 0, 2),
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
