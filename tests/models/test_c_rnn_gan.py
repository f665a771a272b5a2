"""The family ``c-rnn-gan``: cells and back, where they land, and the graphs."""

import numpy as np
import pytest
import torch
from families.every import VARIANTS
from fixtures.trainings import tiny_recipe, tiny_trainer
from torch import nn

from componium.models.c_rnn_gan import CRnnGanConfig
from componium.models.networks.tuples.cells import cells_of, jittered, stretches, tones_in
from componium.models.networks.tuples.encoding import Encoding
from componium.models.networks.tuples.landing import Landing
from componium.models.networks.tuples.statistics import STATISTICS, distances_of, statistics_of
from componium.onnx_sessions import open_session
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.parts import Part
from componium.score import Score, Track, make_notes

CODEC = NoteCodec(NotesConfig(parts=(Part(name="piano"),), steps=24))
CHORD = make_notes([0, 0, 0, 0, 480, 720], [480, 480, 480, 480, 240, 240], [60, 64, 67, 72, 62, 65], 80)


def batch_of(notes):
    """One piece as a batch."""
    events = CODEC.encode(Score(480, (Track(notes, 0),))).events.astype(np.int64)
    return {"targets": torch.from_numpy(events)[None], "is_note": torch.ones(1, len(events), dtype=torch.bool)}


class TestCells:
    def test_one_tone_a_cell(self):
        (cells,) = cells_of(batch_of(CHORD), CODEC, 1)
        assert cells[:, 0].tolist() == [0, 0, 0, 0, 1, 0.5]
        assert cells[:, 2].tolist() == [60, 64, 67, 72, 62, 65]
        assert cells[:, 1].tolist() == [1, 1, 1, 1, 0.5, 0.5]

    def test_chords_of_more_tones_than_a_cell_has_go_on_in_the_next_at_once(self):
        (cells,) = cells_of(batch_of(CHORD), CODEC, 3)
        assert cells.shape == (4, 10)
        assert cells[:, 0].tolist() == [0, 0, 1, 0.5]
        assert tones_in(cells)[..., 1].tolist() == [[60, 64, 67], [72, 0, 0], [62, 0, 0], [65, 0, 0]]
        assert (tones_in(cells)[1, 1:] == 0).all()

    def test_a_short_piece_begins_again(self):
        found = stretches(cells_of(batch_of(CHORD), CODEC, 1), 8)
        assert found.shape == (1, 8, 4)
        assert found[0, :, 2].tolist() == [60, 64, 67, 72, 62, 65, 60, 64]

    def test_jitter_rounds_back(self):
        cells = stretches(cells_of(batch_of(CHORD), CODEC, 3), 4)
        moved = jittered(cells, CODEC)
        steps = CODEC.config.steps
        assert not torch.equal(moved, cells)
        assert torch.equal(torch.round(tones_in(moved)[..., 0] * steps), torch.round(tones_in(cells)[..., 0] * steps))
        assert torch.equal(tones_in(moved)[..., 2] == 0, tones_in(cells)[..., 2] == 0)


class TestEncoding:
    @pytest.mark.parametrize("scale", ["raw", "standardized"])
    @pytest.mark.parametrize("tones", [1, 3])
    def test_decodes_what_it_encodes(self, scale, tones):
        cells = stretches(cells_of(batch_of(CHORD), CODEC, tones), 4)
        encoding = Encoding(scale, tones)
        encoding.measure(cells)
        found = encoding.decode(encoding.encode(cells))
        exists = (tones_in(cells)[..., 2:] > 0).expand_as(tones_in(cells))
        torch.testing.assert_close(tones_in(found)[exists], tones_in(cells)[exists], rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(found[..., 0], cells[..., 0], rtol=1e-4, atol=1e-4)
        assert (tones_in(found)[..., 2][tones_in(cells)[..., 2] == 0] < 0.5).all()

    def test_measured_values_have_mean_zero_and_deviation_one(self):
        cells = stretches(cells_of(batch_of(CHORD), CODEC, 1), 6)
        encoding = Encoding("standardized", 1)
        encoding.measure(cells)
        values = encoding.encode(cells).flatten(0, 1)
        torch.testing.assert_close(values.mean(dim=0), torch.zeros(4), atol=1e-5, rtol=0)
        varies = torch.tensor([True, True, True, False])
        torch.testing.assert_close(values.std(dim=0, correction=0)[varies], torch.ones(3), atol=1e-4, rtol=0)


class TestLanding:
    def made(self, kind):
        encoding = Encoding("standardized", 1)
        encoding.mean.copy_(torch.tensor([0.5, 1.5, 60.0, 70.0]))
        encoding.deviation.copy_(torch.tensor([0.5, 0.5, 10.0, 9.0]))
        return Landing(kind, encoding, 24)

    def test_on_the_grid_and_on_semitones(self):
        landing, values = self.made("grid"), torch.randn(8, 16, 4)
        cells, read = landing(values, torch.zeros(8, dtype=torch.int64))
        torch.testing.assert_close(cells[..., 0] * 24, (cells[..., 0] * 24).round(), atol=1e-4, rtol=0)
        assert torch.equal(cells[..., 2], cells[..., 2].round())
        # What the critic reads is what the cells are.
        torch.testing.assert_close(landing.encoding.encode(cells), read, atol=1e-5, rtol=0)

    @pytest.mark.parametrize("key", [0, 3, 11])
    def test_without_alterations_all_pitches_are_of_the_key(self, key):
        landing, values = self.made("staircase"), torch.randn(8, 16, 5)
        values[..., 4] = 0
        cells, _ = landing(values, torch.full((8,), key))
        assert set((cells[..., 2].long() % 12 - key).remainder(12).unique().tolist()) <= {0, 2, 4, 5, 7, 9, 11}
        values[..., 4] = 100
        altered, _ = landing(values, torch.full((8,), key))
        inside = (cells[..., 2] < 127) & (cells[..., 2] > 0)
        assert torch.equal(altered[..., 2][inside], cells[..., 2][inside] + 1)

    def test_gradients_pass_straight_through(self):
        landing, values = self.made("staircase"), torch.zeros(1, 2, 5, requires_grad=True)
        _, read = landing(values, torch.zeros(1, dtype=torch.int64))
        read[..., 2].sum().backward()
        assert values.grad is not None
        assert torch.equal(values.grad[..., 2], torch.ones(1, 2))
        assert (values.grad[..., 4] > 0).all()


class TestStatistics:
    def test_of_a_known_stretch(self):
        cells = stretches(cells_of(batch_of(CHORD), CODEC, 1), 6).numpy()
        found = dict(zip(STATISTICS, statistics_of(cells)[0], strict=True))
        assert found["polyphony"] == pytest.approx(4 / 6)
        assert found["scale_consistency"] == 1
        assert (found["tone_span"], found["distinct_pitches"], found["repetitions"]) == (12, 6, 0)
        assert found["time"] == pytest.approx(1.5 / 6)
        assert found["interval"] == pytest.approx((4 + 3 + 5 + 10 + 3) / 5)

    def test_equal_sets_are_at_no_distance_and_as_diverse(self):
        real = np.random.default_rng(0).normal(3, 2, (2000, len(STATISTICS)))
        found = distances_of(real[:1000], real.mean(axis=0), np.square(real).mean(axis=0))
        assert found.mean < 0.1
        assert found.diversity == pytest.approx(1, abs=0.05)

    def test_a_collapse_is_called_one(self, dataset):
        module = VARIANTS["c-rnn-gan"].make(CRnnGanConfig(), dataset)
        assert module.warning({"diversity": 0.9}) is None
        assert "collapsed" in module.warning({"diversity": 0.1})


@pytest.mark.parametrize("name", ["c-rnn-gan", "c-rnn-gan-paper"])
def test_the_graph_writes_what_torch_writes(name, dataset, tmp_path):
    family = VARIANTS[name]
    trainer = tiny_trainer(tiny_recipe(family, steps=4, validate_every=4), dataset, tmp_path / "run", VARIANTS)
    trainer.train()
    module = trainer.module.cpu().eval()
    family.export(module, tmp_path, "fp32")
    noise = module.mean_generator.draw(3, module.config.length, torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = module.composed(module.mean_generator, noise)[0].numpy()
    session = open_session(tmp_path / "generator.onnx")
    key = noise.key.numpy()
    if "state" not in session.inputs:
        given = {"latent": noise.latent.numpy(), "noise": noise.cells.numpy(), "key": key}
        found = session.run(["cells"], {own: given[own] for own in session.inputs})[0]
    else:
        before = np.zeros((3, module.generator.n_noise), np.float32)
        state, cells = np.zeros((3, module.generator.n_state), np.float32), []
        for own in noise.cells.unbind(dim=1):
            given = {"noise": own.numpy(), "before": before, "state": state, "key": key}
            own_cells, before, state = session.run(
                ["cells", "values", "state_after"], {name: given[name] for name in session.inputs}
            )
            cells.append(own_cells)
        found = np.stack(cells, axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-3)


class Sure(nn.Module):
    """A critic that takes large values for real ones, and is nearly certain."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(4.0))

    def forward(self, values):
        sign = 2 * (values.abs().mean(dim=(1, 2)) > 10).float() - 1
        return self.weight * sign[:, None], values


@pytest.mark.parametrize("waits", [True, False])
def test_a_critic_that_is_ahead_waits(waits, dataset):
    family = VARIANTS["c-rnn-gan-paper"]
    module = family.make(family.tiny.model_copy(update={"waits": waits}), dataset)
    module.critic = Sure()
    module.optimizers["critic"] = torch.optim.SGD(module.critic.parameters(), 0.1)
    fake = module.composed(module.generator, module._noise(4, 16))[1]
    figures = module.learn_against(torch.full((4, 16, 4), 100.0), fake, module.critic, lambda loss: loss.backward())
    assert figures["critic_loss"] < 0.7 * figures["generator_loss"]
    assert (module.critic.weight.item() == 4) == waits
