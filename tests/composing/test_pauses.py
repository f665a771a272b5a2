"""A piece that has paused goes on as if it had not, alone and beside others, as often as is asked."""

import base64
from dataclasses import dataclass, replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from fixtures.bands import composed

from componium.composing.conditions import QueuedPiece, conditions_of
from componium.composing.plans import make_plan
from componium.composing.procedures import PROCEDURES, DrawnNote, PieceEnd, PiecePause, PieceQueue
from componium.composing.procedures.note_by_note import CARRIED
from componium.composing.procedures.step_graphs import N_DRAWS, step_arrays
from componium.composing.requests import make_request
from componium.formats.midi import midi_bytes

BARS = 8
REQUESTS = {
    "free": {"style": "pop"},
    "style of its own": {"style": "tunes", "key": "D dorian"},
    "chords": {"style": "pop", "chords": "C | G7 | Am | F", "parts": ("piano", "violin", "drums")},
    "dense": {"style": "pop", "density": 0.9, "complexity": 0.8, "parts": ("random:4",)},
    "cautious": {"style": "pop", "temperature": 0.7, "top_p": 0.8},
    "3/4": {"style": "tunes", "time_signature": "3/4"},
}


class Numbers:
    """Random numbers of a piece that go on where another generator of it has stopped.

    Args:
        seed: of the piece.
        n_before: notes that have taken theirs.
    """

    def __init__(self, seed, n_before=0):
        self._rng = np.random.default_rng(seed)
        self._rng.random((n_before, N_DRAWS), np.float32)

    def random(self, size, dtype):
        return self._rng.random(size, dtype)


@dataclass(frozen=True, eq=False)
class Numbered(QueuedPiece):
    """A queued piece with such random numbers."""

    seed: int = 0
    n_before: int = 0

    def random(self):
        return Numbers(self.seed, self.n_before)


def queued(band, count, fields):
    plan = make_plan(band, make_request(count=count, **{"bars": BARS, **fields}))
    return [Numbered(number, conditions_of(band, plan, number), seed=number) for number in range(count)]


def n_known(plan):
    """Events of a prompt that a piece begins with."""
    if hasattr(plan, "fixed"):
        return len(plan.fixed.before)
    return len(plan.encoded.events) if hasattr(plan, "encoded") else 0


def drawn(band, pieces, pauses=(), copies=1):
    """The notes of pieces that pause at steps; each that has paused goes on as so many copies."""
    queue, notes, n_paused = PieceQueue(iter([replace(own, pause_at=(*pauses, None)[0]) for own in pieces])), {}, 0
    before = {own.number: own for own in pieces}
    rows = dict.fromkeys(before, ())
    for one in PROCEDURES["note-by-note"].draw(band, queue):
        if isinstance(one, DrawnNote):
            rows[one.number] += (tuple(one)[1:],)
        elif isinstance(one, PieceEnd):
            notes[one.number] = rows[one.number]
        else:
            n_paused += 1
            own = before[one.number]
            piece, *_ = one.resumed.copy()
            later = [*pauses, None][1 + own.phrase :]
            for copy in range(copies):
                number = one.number + 1000 * copy
                # Events, rests among them, and the shift that led to the pause.
                before[number] = replace(
                    own, number=number, phrase=own.phrase + 1, pause_at=later[0], resumed=one.resumed,
                    n_before=len(piece.tracker._events) - n_known(own.conditions.plan),
                )  # fmt: skip
                rows[number] = rows[one.number]
                queue.give_back(before[number])
    assert n_paused >= len(pauses) * len(pieces)
    return notes


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("count", [1, 5])
def test_a_piece_that_has_paused_is_the_piece_without_pause(band, name, count):
    pieces = queued(band, count, REQUESTS[name])
    whole = drawn(band, pieces)
    assert all(len(own) > 8 for own in whole.values())
    grid = band.codec.bar_grid(pieces[0].conditions.plan.meter)
    lines = grid.start_of(np.array([2, 3, 6])).tolist()
    assert drawn(band, pieces, lines) == whole
    assert drawn(band, pieces, [lines[0] + 5]) == whole


@pytest.mark.parametrize("task", ["continue", "accompany", "infill"])
def test_a_piece_beside_a_prompt_goes_on_as_well(band, task):
    [score] = composed(band, bars=20, seed=3, style="pop", parts=("violin", "piano"))
    fields = {"task": task, "prompt": base64.b64encode(midi_bytes(score)), "style": "pop", "seed": 2}
    more = {
        "continue": {"bars": BARS},
        "accompany": {"bars": None, "track": 1, "parts": ("piano", "violin", "double bass")},
        "infill": {"bars": None, "first_bar": 4, "last_bar": 17},
    }
    pieces = queued(band, 3, fields | more[task])
    plan = pieces[0].conditions.plan
    grid = band.codec.bar_grid(plan.meter)
    lines = grid.start_of(int(grid.locate(plan.first_step).bar) + np.array([2, 3, 6])).tolist()
    whole = drawn(band, pieces)
    assert all(len(own) > 8 for own in whole.values())
    assert drawn(band, pieces, lines) == whole


def test_random_numbers_differ_by_number_attempt_and_phrase():
    plan = SimpleNamespace(request=SimpleNamespace(seed=5))
    conditions = SimpleNamespace(plan=plan)
    places = list(product((0, 1, 9), (0, 1, 2), (0, 1, 2)))
    drawn = [tuple(QueuedPiece(number, conditions, *place).random().random(3)) for number, *place in places]
    assert len(set(drawn)) == len(places)
    # As they were before there were phrases.
    assert drawn[0] == tuple(np.random.default_rng((5, 0)).random(3))
    assert drawn[places.index((9, 2, 0))] == tuple(np.random.default_rng((5, 9, 0, 2)).random(3))


def test_copies_do_not_touch_each_other(band):
    [piece] = queued(band, 1, REQUESTS["dense"])
    [whole] = drawn(band, [piece]).values()
    line = int(band.codec.bar_grid(piece.conditions.plan.meter).start_of(3))
    three = drawn(band, [piece], [line], copies=3)
    assert sorted(three) == [0, 1000, 2000]
    assert set(three.values()) == {whole}


def test_copies_with_other_numbers_go_on_otherwise_from_the_same_onset(band):
    [piece] = queued(band, 1, REQUESTS["free"])
    line = int(band.codec.bar_grid(piece.conditions.plan.meter).start_of(3))
    *_, pause = PROCEDURES["note-by-note"].draw(band, iter([replace(piece, pause_at=line)]))
    assert isinstance(pause, PiecePause)
    copies = [replace(piece, number=seed, seed=seed, resumed=pause.resumed) for seed in range(10)]
    rows = {own.number: [] for own in copies}
    for one in PROCEDURES["note-by-note"].draw(band, iter(copies)):
        if isinstance(one, DrawnNote):
            rows[one.number].append(tuple(one)[1:])
    firsts = [own[0] for own in rows.values()]
    assert line <= firsts[0][1]
    assert len({onset for _, onset, *_ in firsts}) == 1
    assert len(set(firsts)) > 5


def test_all_that_the_graphs_read_is_carried_or_written_for_each_note(band):
    when, what = step_arrays(band, 1)
    each_note = {"given", "uniform", "shift", "hidden", *(name for name in what | when if name.endswith("weights"))}
    alike, results = {"temperature", "top_p"}, {"value", "state_after"}
    assert set(when | what) == {*CARRIED, *each_note, *alike, *results}
