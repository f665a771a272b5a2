"""The network of ``pitch-duration``: what it reads and charges, and that its graph is the same network."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from componium.features.word_lookback import RUNS
from componium.models.pitch_duration import PITCH_DURATION, PitchDurationConfig, PitchDurationModule
from componium.onnx_sessions import open_session
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.representations.words import PITCH, REST, SHAPE, SINGLE, WordsConfig, WordsRepresentation

ROOTS = {"chords": "root", "pitch": "class"}
CHORDS = {"shapes": ((4, 7), (3, 7))}


@pytest.fixture(autouse=True)
def nothing_is_learned():
    with torch.no_grad():
        yield


def module_of(view=ROOTS, **settings):
    """A module of random weights that are the same ones every time."""
    config = WordsConfig(notes=NotesConfig(parts=(Part(name="piano"),)), lines="merged", **view)
    torch.manual_seed(1)
    inputs = SimpleNamespace(representation=WordsRepresentation(config))
    return PitchDurationModule(PitchDurationConfig(width=16, **settings), inputs).eval()


def batch_of(module, lengths, seed=0, rests=()):
    """Random words from the start of lines of these lengths, some of them rests, as WordBatches makes them."""
    rng, sizes = np.random.default_rng(seed), module.view.sizes
    batch, longest = len(lengths), max(lengths)
    words = rng.integers(0, sizes, (batch, longest + 1, 5))
    words[..., SHAPE] = rng.integers(SINGLE, sizes.shape, words.shape[:2])
    words[:, 0] = [0, 0, 0, sizes.shape, 0]
    exists = np.arange(longest) < np.array(lengths)[:, None]
    words[:, 1:][~exists] = 0
    for place in rests:
        words[:, place + 1] = [96, 0, 0, REST, 0]
    followed = rng.integers(0, sizes, (batch, longest, len(RUNS), 5))
    followed[..., SHAPE] = SINGLE
    arrays = {
        "words": words, "exists": exists, "followed": followed, "places": rng.integers(0, 400, (batch, longest + 1)),
        "is_followed": rng.random((batch, longest, len(RUNS))) < 0.5,
    }  # fmt: skip
    return {name: torch.from_numpy(own) for name, own in arrays.items()}


class TestCharged:
    def test_targets_with_too_few_words_before_them_are_not(self):
        module = module_of(context=32)
        charged = module.scores(batch_of(module, [40])).charged
        assert charged[:, 0].tolist() == [False] * 32 + [True] * 8

    def test_padding_is_never_counted(self):
        module = module_of(context=4)
        alone = [module.validation_step(batch_of(module, [length])) for length in (50, 9)]
        padded = batch_of(module, [50, 9])
        for name, own in batch_of(module, [9]).items():
            padded[name][1, : own.shape[1]] = own[0]
        padded["words"][1, 10:] = 0
        whole = batch_of(module, [50])
        for name, own in whole.items():
            padded[name][0] = own[0]
        together = module.validation_step(padded)
        assert together["bits_per_word"][1] == 46 + 5
        for figure, (value, weight) in together.items():
            assert value == pytest.approx(sum(own[figure][0] for own in alone), rel=1e-5)
            assert weight == sum(own[figure][1] for own in alone)

    @pytest.mark.parametrize("places", [(0,), (7, 8), (0, 20, 29)])
    def test_rests_are_neither_read_nor_charged(self, places):
        module = module_of(context=4, lookback=True, places=True)
        rested = batch_of(module, [30], rests=places)
        kept = [place for place in range(30) if place not in places]
        without = {
            name: own[:, [0, *(place + 1 for place in kept)] if name in ("words", "places") else kept]
            for name, own in rested.items()
        }
        found, expected = module.validation_step(rested), module.validation_step(without)
        assert found["bits_per_word"][1] == 30 - len(places) - 4
        assert list(found) == list(expected)
        assert np.allclose(list(found.values()), list(expected.values()))

    def test_an_excerpt_that_begins_with_a_rest_is_read_from_the_word_behind_it(self):
        module = module_of(context=0)
        batch = batch_of(module, [10])
        batch["words"][:, 0] = torch.tensor([96, 0, 0, REST, 0])
        later = {name: own[:, 1:] for name, own in batch.items()}
        found, expected = (list(module.validation_step(own).values()) for own in (batch, later))
        assert found[0][1] == 9
        assert np.allclose(found, expected)

    def test_targets_that_are_held_out_are_read_all_the_same(self):
        module = module_of(context=0)
        batch, held = batch_of(module, [20]), batch_of(module, [20])
        held["exists"][:, 5:10] = False
        whole, others = (module.scores(own).nats[:, 0] for own in (batch, held))
        assert (others[5:10] == 0).all()
        assert torch.equal(others[10:], whole[10:])


class TestRead:
    def test_only_what_came_before_counts(self):
        module = module_of(CHORDS, context=0, lookback=True, places=True)
        batch, changed = batch_of(module, [20]), batch_of(module, [20])
        changed["words"][:, 13:, PITCH] = (changed["words"][:, 13:, PITCH] + 1) % 128
        one, other = (module.scores(own).nats[:, 0] for own in (batch, changed))
        assert torch.equal(one[:12], other[:12])
        assert not torch.equal(one[12:], other[12:])

    def test_what_followed_before_may_be_favored(self):
        module = module_of(context=0, lookback=True)
        batch = batch_of(module, [30])
        batch["followed"][:] = batch["words"][:, 1:, None]
        batch["is_followed"][:] = True
        with torch.no_grad():
            for head, size in zip(module.network.heads, module.network.sizes, strict=True):
                head.bias[size:] += 20
        figures = module.validation_step(batch)
        assert figures["pitch_accuracy"][0] == figures["duration_accuracy"][0] == 30
        batch["is_followed"][:] = False
        assert module.validation_step(batch)["pitch_accuracy"][0] < 15

    @pytest.mark.parametrize("name", ["places", "followed"])
    def test_an_input_that_is_asked_for_counts_and_no_other(self, name):
        for settings in ({}, {"lookback": True, "places": True}):
            module = module_of(context=0, **settings)
            batch, changed = batch_of(module, [20]), batch_of(module, [20])
            changed[name] = (changed[name] + 1) % 5
            same = torch.equal(module.scores(batch).nats, module.scores(changed).nats)
            assert same == (not settings)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("view", [ROOTS, CHORDS], ids=["roots", "chords"])
def test_the_graph_is_the_network_over_a_line_and_word_by_word(view, precision, tmp_path, exports_once):
    module = module_of(view, context=0, lookback=True, places=True, depth=2)
    exported = PITCH_DURATION.export(module, tmp_path, precision)
    session = open_session(tmp_path / "words.onnx")
    assert set(exported.files) == {path.name for path in tmp_path.iterdir()}
    read = module.steps(batch_of(module, [45, 60, 12])).read
    state = torch.zeros(3, module.state_size)
    with torch.no_grad():
        logits, after = module.network(read, state)
    arrays = {name: own.contiguous().numpy() for name, own in read.items()}
    *whole, whole_after = session.run(None, {**arrays, "state": state.numpy()})
    # Weights in bytes are a little off.
    most = 1e-4 if precision == "fp32" else 0.1
    for own, found in zip([*logits, after], [*whole, whole_after], strict=True):
        assert np.abs(own.numpy() - found).max() < most
    stepped = state.numpy()
    for step in range(60):
        *found, stepped = session.run(
            None, {**{name: own[step : step + 1] for name, own in arrays.items()}, "state": stepped}
        )
        for own, one in zip(whole, found, strict=True):
            assert np.abs(own[step] - one[0]).max() < 1e-4
    assert np.abs(stepped - whole_after).max() < 1e-4
