"""A task that takes too long, too much memory or its process with it is a problem; the next one is done as ever."""

import asyncio
import os
import time

import pytest
from starlette.requests import ClientDisconnect

from componium.web.problems import StudioError
from componium.web.routes.bodies import while_awaited
from componium.web.work.processes import MOST_WAITING, Pool
from componium.web.work.tasks import read_piece

GIGABYTE = 2**30


@pytest.fixture
def pool():
    own = Pool(1, most_bytes=2 * GIGABYTE)
    yield own
    own.stop()


def outcome(pool, seconds, task, *arguments):
    """What a task answers, or the status and the sentence of its problem."""
    try:
        return asyncio.run(pool.run(seconds, task, *arguments))
    except StudioError as error:
        return error.status, str(error)


def test_a_task_answers(pool):
    assert outcome(pool, 60, len, b"four") == 4
    [first] = pool._all
    assert outcome(pool, 60, len, b"five!") == 5
    assert pool._all == {first}


@pytest.mark.parametrize(
    ("seconds", "task", "arguments", "status", "words"),
    [
        (0.2, time.sleep, (60,), 422, "more than 0.2 s"),
        (60, os._exit, (3,), 500, "died"),
        (60, os.abort, (), 500, "died"),
        (60, bytes, (3 * GIGABYTE,), 422, "memory"),
        (60, read_piece, (b"x", "x.mid"), 422, "neither MIDI nor MusicXML"),
        (60, int, ("x",), 500, "its log says why"),
    ],
    ids=["too long", "ends", "crashes", "memory", "an error of the user", "an error of ours"],
)
def test_whatever_goes_wrong_the_next_task_is_done(pool, seconds, task, arguments, status, words):
    assert outcome(pool, 60, len, b"four") == 4
    found, sentence = outcome(pool, seconds, task, *arguments)
    assert found == status
    assert words in sentence
    assert outcome(pool, 60, len, b"four") == 4
    assert len(pool._all) == 1


def test_too_many_that_wait_are_sent_away(pool):
    async def many():
        return await asyncio.gather(
            *(pool.run(60, time.sleep, 0.05) for _ in range(MOST_WAITING + 2)), return_exceptions=True
        )

    answers = asyncio.run(many())
    refused = [answer for answer in answers if isinstance(answer, StudioError)]
    assert [error.status for error in refused] == [503, 503]
    assert refused[0].headers == {"Retry-After": "5"}
    assert answers.count(None) == MOST_WAITING


def test_a_task_that_is_cancelled_ends_and_leaves_its_place(pool):
    async def leave():
        running = asyncio.ensure_future(pool.run(60, time.sleep, 60))
        while not pool._all:
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return await asyncio.wait_for(pool.run(60, len, b"four"), 30)

    assert asyncio.run(leave()) == 4


class Leaving:
    """A request whose client is there when it is first asked, and has left when it is asked again."""

    def __init__(self):
        self.answers = [False, True]

    async def is_disconnected(self):
        return self.answers.pop(0)


def test_work_for_a_client_that_has_left_is_cancelled():
    seen = []

    async def work():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def answer(value):
        return value

    async def main():
        assert await while_awaited(Leaving(), answer(3)) == 3
        with pytest.raises(ClientDisconnect):
            await while_awaited(Leaving(), work())
        await asyncio.sleep(0)

    asyncio.run(main())
    assert seen == ["cancelled"]


def test_its_processes_end_with_it(pool):
    outcome(pool, 60, len, b"")
    [worker] = pool._all
    pool.stop()
    assert not worker.process.is_alive()


def test_a_process_that_died_between_two_tasks_takes_none_with_it(pool):
    assert outcome(pool, 60, len, b"four") == 4
    [worker] = pool._all
    worker.process.kill()
    worker.process.join()
    assert outcome(pool, 60, len, b"four") == 4
    assert worker not in pool._all
