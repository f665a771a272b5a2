"""Attention over the last notes: what it hears, in whatever stretches a piece is read."""

from __future__ import annotations

import pytest
import torch

from componium.models.networks import attention
from componium.models.networks.attention import WindowAttention

WINDOW = 6
WIDTH, HEADS, KV_HEADS = 16, 4, 2
LENGTH = 3 * WINDOW + 2


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return WindowAttention(WIDTH, HEADS, KV_HEADS, WINDOW).eval().double()


def notes(length=LENGTH, batch=3, seed=1):
    return torch.randn(length, batch, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def reference(layer, x):
    """Attention as its definition has it, note by note, each with rotations of complex numbers by its own place."""
    queries, keys, values = (
        own.unflatten(-1, (-1, layer.head_width))
        for own in layer.inputs(x).split((WIDTH, *[KV_HEADS * layer.head_width] * 2), dim=-1)
    )
    half = layer.head_width // 2
    rates = 10_000.0 ** (-torch.arange(half, dtype=torch.float64) / half)

    def turned(own, place):
        return torch.complex(own[..., :half], own[..., half:]) * torch.exp(1j * place * rates)

    outputs = torch.zeros(len(x), x.shape[1], HEADS, layer.head_width, dtype=torch.float64)
    for t in range(len(x)):
        heard = range(max(0, t - WINDOW + 1), t + 1)
        for head in range(HEADS):
            own = head * KV_HEADS // HEADS
            query = turned(queries[t, :, head], t)
            scores = torch.stack([(query * turned(keys[s, :, own], s).conj()).real.sum(-1) for s in heard])
            weights = torch.softmax(scores / layer.head_width**0.5, dim=0)
            outputs[t, :, head] = sum(weights[k, :, None] * values[s, :, own] for k, s in enumerate(heard))
    return layer.out(outputs.flatten(2))


def test_it_is_what_its_definition_says(layer):
    x = notes()
    torch.testing.assert_close(layer(x, None)[0], reference(layer, x))


@pytest.mark.parametrize("lengths", [[1] * LENGTH, [WINDOW, LENGTH - WINDOW], [1, 2, 3, 8, LENGTH - 14]])
@pytest.mark.parametrize("first", ["nothing", "zeros"])
def test_in_stretches_it_hears_the_same(layer, lengths, first):
    x = notes()
    whole, after = layer(x, None)
    state = None if first == "nothing" else tuple(torch.zeros(3, size) for size in layer.state_sizes)
    found = []
    for stretch in x.split(lengths):
        y, state = layer(stretch, state)
        found.append(y)
    # What is carried is in single precision.
    torch.testing.assert_close(torch.cat(found), whole, atol=1e-6, rtol=1e-6)
    for own, expected in zip(state, after, strict=True):
        torch.testing.assert_close(own, expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("most", [1, 4, LENGTH])
def test_products_of_few_notes_at_once_are_those_of_all(layer, most, monkeypatch):
    x = notes()
    monkeypatch.setattr(attention, "_STRETCH", most)
    torch.testing.assert_close(layer(x, None)[0], reference(layer, x))


def test_the_fused_form_is_the_same(layer):
    x = notes()
    state = layer(x[:4], None)[1]
    expected = layer(x, None)[0], layer(x[4:], state)[0]
    layer._by_products = layer._fused
    for own, other in zip((layer(x, None)[0], layer(x[4:], state)[0]), expected, strict=True):
        torch.testing.assert_close(own, other)


def test_the_form_that_exports_is_the_same(layer):
    x = notes()
    _, state = layer(x[:4], None)
    expected = layer(x[4:], state)
    layer.prepare_export(6)
    torch.testing.assert_close(layer(x[4:], state), expected)
    layer.prepare_export(None)
    layer(x, None)


@pytest.mark.parametrize("place", [0, 5, WINDOW + 1])
def test_a_note_is_heard_by_those_within_the_window_alone(layer, place):
    x, changed = notes(), notes()
    changed[place] += 1
    differs = (layer(x, None)[0] != layer(changed, None)[0]).any(dim=(1, 2))
    assert differs.nonzero().flatten().tolist() == list(range(place, place + WINDOW))


def test_rows_of_a_batch_do_not_hear_each_other(layer):
    x = notes()
    whole, _ = layer(x, None)
    # Of which each has heard another number of notes.
    states = [layer(x[: 3 * row + 1, row : row + 1], None)[1] for row in range(3)]
    state = tuple(torch.cat(own) for own in zip(*states, strict=True))
    nexts = torch.stack([x[3 * row + 1, row] for row in range(3)])[None]
    expected = torch.stack([whole[3 * row + 1, row] for row in range(3)])
    torch.testing.assert_close(layer(nexts, state)[0][0], expected, atol=1e-6, rtol=1e-6)


def test_only_distances_count(layer):
    x = notes(WINDOW)
    # What is heard of notes that follow others is out of the window at the end.
    late = torch.cat((notes(WINDOW, seed=2), x))
    torch.testing.assert_close(layer(late, None)[0][-1], layer(x, None)[0][-1])
    # And they count at all: in another order the last one hears other things.
    assert not torch.allclose(layer(x.flip(0).roll(-1, 0), None)[0][-1], layer(x, None)[0][-1])
