import pytest
import torch
from torch import nn

from componium.models.networks.attention import WindowAttention
from componium.models.networks.backbone import Backbone
from componium.models.networks.layers import (
    FeedForward,
    GatedFeedForward,
    GatedLinearRecurrence,
    LstmLayer,
    RmsNorm,
    doubling_scan,
    linear_scan,
)

DTYPE = torch.float64
# Makers of mixers of a width.
MIXERS = {
    "mingru": GatedLinearRecurrence,
    "lstm": LstmLayer,
    "attention": lambda width: WindowAttention(width, heads=2, kv_heads=1, window=5),
}


def backbone_of(mixer, width=8, depth=2, dropout=0.0):
    """A backbone with the norms and feed-forwards that its family has."""
    is_attention = mixer == "attention"
    feed, norm = (GatedFeedForward, RmsNorm) if is_attention else (FeedForward, nn.LayerNorm)
    mixers = [MIXERS[mixer](width) for _ in range(depth)]
    return Backbone(mixers, [feed(width, width) for _ in mixers], norm, width=width, dropout=dropout)


def heard_before(backbone, batch):
    """The state after a few notes."""
    return backbone(torch.randn(4, batch, backbone.width))[1].detach()


def _scan_inputs(length, seed=0):
    generator = torch.Generator().manual_seed(seed)
    a = torch.rand(length, 2, 3, generator=generator, dtype=DTYPE)
    b = torch.randn(length, 2, 3, generator=generator, dtype=DTYPE)
    return a, b, torch.randn(2, 3, generator=generator, dtype=DTYPE)


def _reference(a, b, state):
    states = []
    for decay, new in zip(a, b, strict=True):
        state = decay * state + new
        states.append(state)
    return torch.stack(states)


@pytest.mark.parametrize("length", [1, 2, 7, 64])
def test_both_scans_are_the_recurrence(length):
    inputs = _scan_inputs(length)
    expected = _reference(*inputs)
    torch.testing.assert_close(linear_scan(*inputs), expected)
    torch.testing.assert_close(doubling_scan(*inputs, depth=6), expected)


def test_the_doubling_scan_needs_its_depth():
    # 2**3 steps are reached, the ninth is not.
    inputs = _scan_inputs(9)
    assert not torch.allclose(doubling_scan(*inputs, depth=3), _reference(*inputs))


@pytest.mark.parametrize("length", [1, 5])
def test_the_gradient_of_the_loop(length):
    inputs = [tensor.requires_grad_() for tensor in _scan_inputs(length)]
    assert torch.autograd.gradcheck(linear_scan, inputs)


@pytest.mark.parametrize("mixer", MIXERS)
def test_a_piece_in_stretches_is_the_piece(mixer):
    torch.manual_seed(0)
    backbone = backbone_of(mixer, dropout=0.5).eval()
    x = torch.randn(11, 3, 8)
    state = heard_before(backbone, 3)
    whole, after = backbone(x, state)
    parts = []
    for stretch in (x[:1], x[1:3], x[3:]):
        y, state = backbone(stretch, state)
        parts.append(y)
    torch.testing.assert_close(torch.cat(parts), whole)
    torch.testing.assert_close(state, after)


@pytest.mark.parametrize("mixer", MIXERS)
def test_nothing_heard_is_a_state_of_zeros(mixer):
    torch.manual_seed(0)
    backbone = backbone_of(mixer).eval()
    x = torch.randn(11, 3, 8)
    for own, expected in zip(backbone(x), backbone(x, torch.zeros(3, backbone.state_size)), strict=True):
        torch.testing.assert_close(own, expected)


@pytest.mark.parametrize("mixer", MIXERS)
def test_the_past_never_hears_the_future(mixer):
    torch.manual_seed(0)
    backbone = backbone_of(mixer).eval()
    x = torch.randn(9, 1, 8)
    changed = x.clone()
    changed[5:] += torch.randn(4, 1, 8)
    state = torch.zeros(1, backbone.state_size)
    before, after = backbone(x, state)[0], backbone(changed, state)[0]
    torch.testing.assert_close(before[:5], after[:5])
    assert not torch.allclose(before[5:], after[5:])


@pytest.mark.parametrize("mixer", MIXERS)
def test_steps_give_what_the_whole_gives(mixer):
    torch.manual_seed(0)
    backbone = backbone_of(mixer).eval()
    x, state = torch.randn(7, 3, 8), heard_before(backbone, 3)
    whole, after = backbone(x, state)
    for t in range(len(x)):
        out, state = backbone.step(x[t], state)
        torch.testing.assert_close(out, whole[t])
    torch.testing.assert_close(state, after)


def test_the_scan_that_exports_gives_the_same_piece():
    torch.manual_seed(0)
    backbone = backbone_of("mingru").eval()
    x, state = torch.randn(20, 2, 8), heard_before(backbone, 2)
    looped = backbone(x, state)
    backbone.set_exporting(scan_depth=5)
    for got, expected in zip(backbone(x, state), looped, strict=True):
        torch.testing.assert_close(got, expected)


def test_dropout_has_one_mask_for_all_steps():
    torch.manual_seed(0)
    backbone = backbone_of("mingru", width=64, depth=1, dropout=0.5)
    dropped = backbone.dropout(torch.ones(6, 2, 64))
    assert (dropped == dropped[:1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (backbone.eval().dropout(torch.ones(6, 2, 64)) == 1).all()
