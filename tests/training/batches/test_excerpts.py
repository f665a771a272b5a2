"""Excerpts of pieces: of whole bars, also where these are empty, and of pieces that change their meter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch

from componium.corpora import CORPORA
from componium.features.columns import BAR_LENGTH, HARMONY, N_METRIC, N_RECALLED, POSITION, REMAINING
from componium.features.earlier_bars import earlier_bars
from componium.features.feature_set import ALL_FEATURES
from componium.features.part_history import UNHEARD, part_histories
from componium.features.repeat_pointer import STREAK
from componium.features.steps import Start, steps_of
from componium.formats.midi import write_midi
from componium.models import FAMILIES
from componium.models.networks.grid_tensors import cells_of, planes_of
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.representations.grid import GridConfig, GridRepresentation
from componium.representations.representation import Frame
from componium.score import Score, TimeSignature, Track, make_notes
from componium.training.batches import BatchConfig, NoteBatches
from componium.training.batches.excerpts import cut, cut_bars
from componium.training.preparation.prepare import prepare, prepare_mixture
from componium.training.preparation.sources import PreparationConfig, Source

# The piece to be trained on, by hand: five bars of 4/4, then seven of 3/4. Bars 0, 3, 6 to 8 are empty; the last note
# of bar 4 begins at its last quarter. Each bar has pitches of its own, and no note sounds over a bar line.
LINES = [0, 48, 96, 144, 192, 240, 276, 312, 348, 384, 420, 456, 492]
EMPTY = {0, 3, 6, 7, 8}
N_BARS = 12
BAR_COUNTS = (1, 2, 4, 12, 100)


def quarters_of(bar):
    """Onsets in quarters of a bar's notes, and their pitches."""
    beats = [] if bar in EMPTY else list(range((LINES[bar + 1] - LINES[bar]) // 12))
    return [(LINES[bar] // 12 + beat, 48 + 3 * bar + beat % 2) for beat in beats]


def changing_piece():
    onset, pitch = np.array([note for bar in range(N_BARS) for note in quarters_of(bar)]).T
    tracks = (
        Track(make_notes(onset * 480, 240, pitch, 80), 0, name="piano"),
        # Every second quarter of the bass coincides with the piano.
        Track(make_notes(onset[::2] * 480, 480, pitch[::2] - 12, 70), 32, name="acoustic bass"),
    )
    return Score(480, tracks, time_signatures=(TimeSignature(0, 4, 4), TimeSignature(5 * 1920, 3, 4)))


def plain_piece(seed):
    rng = np.random.default_rng(seed)
    notes = make_notes(np.arange(24) * 480, 240, rng.integers(50, 80, 24), 64)
    return Score(480, (Track(notes, 0, name="piano"),))


@pytest.fixture(scope="module", params=["plain", "conditioned"])
def changing(request, tmp_path_factory):
    """A dataset whose one training piece is that above."""
    folder = tmp_path_factory.mktemp("changing")
    (folder / "data" / "tunes").mkdir(parents=True)
    # By the hashes of their names one is for training, two for test, two for validation.
    held_out = ((name, plain_piece(seed)) for seed, name in enumerate(("b7", "b11", "b26", "b27")))
    for name, score in (("a", changing_piece()), *held_out):
        write_midi(score, folder / "data" / "tunes" / f"{name}.mid")
    config = PreparationConfig(features=ALL_FEATURES)
    if request.param == "plain":
        return prepare(CORPORA["folder"], folder / "data" / "tunes", config, folder / "cache")
    source = Source(corpus="folder", folder="tunes", style="any", variants=0)
    return prepare_mixture((source,), folder / "data", config, folder / "cache")


class InBars(NamedTuple):
    """A piece's events, rests included, with what is known of each by hand."""

    index: int
    events: np.ndarray
    onset: np.ndarray
    positions: np.ndarray


@pytest.fixture(scope="module")
def piece(changing):
    [index] = changing.of("train")
    encoded = changing.encoded(index)
    assert encoded.n_bars == N_BARS
    onset = np.cumsum(encoded.events[:, SHIFT].astype(int))
    return InBars(index, encoded.events, onset, changing.features.positions_of(encoded))


def drawn(dataset, count, **config):
    """Excerpts of batches, one dictionary of arrays each; padding stays."""
    batches = NoteBatches(dataset, BatchConfig(batch_size=4, transpose=0, **config), 5)
    for step in range(count):
        arrays = {name: tensor.numpy() for name, tensor in batches.excerpts(step).items()}
        yield from ({name: array[row] for name, array in arrays.items()} for row in range(4))


def first_bars(piece, n_bars):
    """First bar -> events of the piece in the bars from there on, the first shift counted from their bar line."""
    found = {}
    for first in range(max(1, N_BARS - n_bars + 1)):
        own = (piece.onset >= LINES[first]) & (piece.onset < LINES[min(first + n_bars, N_BARS)])
        events = piece.events[own].copy()
        events[:1, SHIFT] = piece.onset[own][:1] - LINES[first]
        found[first] = events
    return found


def first_bars_of(excerpt):
    """Which may be the first bar of an excerpt, by its length and how many bars remain, eight at most."""
    remaining, length = int(excerpt["places"][0, REMAINING]), int(excerpt["places"][0, BAR_LENGTH])
    return [
        bar
        for bar in range(N_BARS)
        if min(N_BARS - bar, 8) == remaining and (LINES[bar + 1] - LINES[bar]) // 6 == length
    ]


class TestWholeBars:
    @pytest.mark.parametrize("n_bars", BAR_COUNTS)
    def test_hold_exactly_the_events_of_their_bars(self, changing, piece, n_bars):
        for first, expected in first_bars(piece, n_bars).items():
            excerpt = cut_bars(changing, piece.index, first, n_bars)
            assert np.array_equal(excerpt.events, expected)
            assert excerpt.start == (Start.EXCERPT if first else Start.PIECE)
            assert excerpt.positions[0].tolist() == [
                0,
                (LINES[first + 1] - LINES[first]) // 6,
                min(N_BARS - first, 8),
            ]
            rows = 1 + np.flatnonzero(piece.onset >= LINES[first])[: len(expected)]
            assert np.array_equal(excerpt.positions[1:], piece.positions[rows])

    @pytest.mark.parametrize("n_bars", BAR_COUNTS)
    def test_batches_draw_every_run_of_bars_and_nothing_else(self, changing, piece, n_bars):
        expected, seen = first_bars(piece, n_bars), set()
        for excerpt in drawn(changing, 60, bars=n_bars):
            n = int(excerpt["is_note"].sum())
            start = excerpt["rows"][0, SHIFT] - changing.codec.end
            own = [
                bar
                for bar in first_bars_of(excerpt)
                if np.array_equal(expected.get(bar), excerpt["targets"][:n])
                and start == (Start.EXCERPT if bar else Start.PIECE)
            ]
            assert own
            assert excerpt["places"][0, POSITION] == 0
            seen |= set(own)
        assert seen == set(expected)

    def test_features_are_of_the_excerpt_alone(self, changing):
        durations, codec = changing.codec.durations, changing.codec
        pointed = 0
        for excerpt in drawn(changing, 30, bars=4):
            n = int(excerpt["is_note"].sum())
            events, places = excerpt["targets"][:n].astype(np.int16), excerpt["places"][: n + 1]
            assert np.array_equal(places[:, HARMONY], changing.features.harmony(events))
            assert np.array_equal(excerpt["voices"][:n], part_histories(events, places, durations))
            found = earlier_bars(events, places, codec.config.max_shift)
            assert np.array_equal(excerpt["recalled"][:n, 2 * N_RECALLED :], found[:n])
            for at, row in enumerate(excerpt["recalled"][:n, :N_RECALLED]):
                if row[STREAK]:
                    pointed += 1
                    assert row[[PART, PITCH, DURATION]].tolist() in events[:at][:, [PART, PITCH, DURATION]].tolist()
        assert pointed > 20

    def test_the_end_is_charged_where_no_event_of_the_piece_follows(self, changing, piece):
        charged = set()
        for excerpt in drawn(changing, 60, bars=2):
            n = int(excerpt["is_note"].sum())
            ends = excerpt["targets"][n, SHIFT] == changing.codec.end and excerpt["is_event"][n : n + 1].any()
            last = any(bar == N_BARS - 2 for bar in first_bars_of(excerpt))
            assert ends == last
            charged.add(bool(ends))
        assert charged == {True, False}
        assert piece.onset[-1] >= LINES[N_BARS - 1]


class TestEmptyBars:
    @pytest.fixture
    def empty(self, changing, piece):
        """Excerpts of one bar without an event; bars whose rests bridge a longer gap have some."""
        bars = [bar for bar, events in first_bars(piece, 1).items() if not len(events)]
        assert {0, 3} <= set(bars) <= EMPTY
        return [cut_bars(changing, piece.index, bar, 1) for bar in bars]

    def test_have_one_step_that_predicts_nothing(self, changing, empty):
        features = changing.features
        conditions = changing.conditions_of(changing.of("train")[0]).constant()
        for excerpt in empty:
            steps = steps_of(features, [excerpt.segment(features, conditions)])
            assert steps.rows.shape == steps.targets.shape == (1, 5)
            assert steps.context.shape == (2, len(features.context_sizes))
            assert not steps.is_event.any()
            assert not steps.is_note.any()
            assert steps.histories.tolist() == [list(UNHEARD)]
            assert not steps.context[:, HARMONY].any()
            # No pointer stands anywhere; a form may say that the bar is new music.
            assert steps.pointers.shape == (1, len(features.pointer_sizes))
            assert not np.delete(steps.pointers, 2 * N_RECALLED - 1, axis=1).any()

    def test_a_batch_without_a_note_has_a_finite_loss(self, changing):
        source = NoteBatches(changing, BatchConfig(batch_size=1, bars=1, transpose=0), 5)
        batch = next(own for own in map(source.excerpts, range(200)) if not own["is_note"].any())
        family = FAMILIES["recurrent"]
        module = family.make(family.tiny, changing)
        figures = module.training_step(batch, 0.5, lambda loss: loss.backward())
        assert np.isfinite(figures["bits_per_note"])
        assert all(torch.isfinite(parameter).all() for parameter in module.parameters())


class TestGridOfABatch:
    @pytest.mark.parametrize("n_bars", [1, 4])
    def test_is_that_of_the_piece_in_these_bars(self, changing, piece, n_bars):
        notes, per_cell = changing.codec.config, 3
        grids = {name: GridRepresentation(GridConfig(layout=name, notes=notes)) for name in ("cells", "planes")}
        encoded = changing.encoded(piece.index)
        whole = {**grids["cells"].view(encoded), **grids["planes"].view(encoded)}
        assert len(whole["cells"]) == grids["cells"].n_cells(Frame(encoded.meter, N_BARS)) == LINES[-1] // per_cell
        source = NoteBatches(changing, BatchConfig(batch_size=4, transpose=0, bars=n_bars), 5)
        n_cells, sounding = n_bars * 48 // per_cell, 0
        for batch in map(source.excerpts, range(30)):
            events = batch["targets"], batch["is_note"]
            onset, held = planes_of(*events, n_cells, grids["planes"])
            found = {"cells": cells_of(*events, n_cells, grids["cells"]), "onset": onset, "held": held}
            for row in range(4):
                own = {name: tensor[row].numpy() for name, tensor in batch.items()}
                bars = [bar for bar in first_bars_of(own) if bar <= N_BARS - n_bars]
                spans = [slice(LINES[bar] // per_cell, LINES[bar + n_bars] // per_cell) for bar in bars]
                for name, tensor in found.items():
                    # A bar of 3/4 has fewer cells; behind it is nothing.
                    array = tensor[row].numpy().astype(whole[name].dtype)
                    assert any(_is(array, whole[name][span]) for span in spans)
                sounding += own["is_note"].any()
        assert sounding > 20


def _is(found, expected):
    return np.array_equal(found[: len(expected)], expected) and not found[len(expected) :].any()


class TestChangingMeter:
    def test_the_dataset_keeps_the_whole_meter(self, changing, piece):
        assert changing.records[piece.index].meter == (TimeSignature(0, 4, 4), TimeSignature(240, 3, 4))

    def test_positions_of_windows_are_those_of_the_whole_piece(self, changing, piece):
        lengths = set()
        for start in range(len(piece.events)):
            excerpt = cut(changing, piece.index, start, 16)
            bar = max(bar for bar in range(N_BARS) if LINES[bar] <= piece.onset[start])
            first = int(np.searchsorted(piece.onset, LINES[bar])) if start else 0
            bar = bar if first else 0
            assert excerpt.positions[0].tolist() == [0, (LINES[bar + 1] - LINES[bar]) // 6, min(N_BARS - bar, 8)]
            for at, row in enumerate(excerpt.positions[1:], first):
                inside = max(bar for bar in range(N_BARS) if LINES[bar] <= piece.onset[at])
                length = LINES[inside + 1] - LINES[inside]
                assert row.tolist() == [piece.onset[at] - LINES[inside], length // 6, min(N_BARS - inside, 8)]
                lengths.add(length)
        assert lengths == {36, 48}

    def test_positions_of_batches_are_those_of_the_whole_piece(self, changing, piece):
        rows = {tuple(own) for own in piece.positions.tolist()}
        # A batch of one whole piece, for judging, and windows for training.
        batches = NoteBatches(changing, BatchConfig(piece_notes=1), 5)
        [whole] = batches.pieces("train")
        assert np.array_equal(whole["places"][0, :-1, :N_METRIC].numpy(), piece.positions)
        both = 0
        for excerpt in drawn(changing, 20, window=24, gaps=0.0):
            n = int(excerpt["is_note"].sum())
            own = excerpt["places"][1 : n + 1, :N_METRIC].tolist()
            assert {tuple(row) for row in own} <= rows
            both += len({row[BAR_LENGTH] for row in own}) == 2
        assert both
