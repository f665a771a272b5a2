"""The family ``dcgan``: rolls of bars, their chain of held notes, and the graph."""

import numpy as np
import torch
from fixtures.trainings import tiny_recipe, tiny_trainer

from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.models import FAMILIES
from componium.models.networks.rolls.bars import Range, bars_of
from componium.models.networks.rolls.networks import Generator, RollShape, begun_anew, binary, chord_plane, held
from componium.models.networks.rolls.statistics import STATISTICS, statistics_of
from componium.onnx_sessions import open_session
from componium.representations.config import NotesConfig
from componium.representations.grid import GridConfig, GridRepresentation
from componium.representations.note_codec import NoteCodec
from componium.representations.parts import Part
from componium.score import Score, TimeSignature, Track, make_notes

SHAPE = RollShape(2, Range(48, 3), 4, 8)


class TestHeld:
    def test_nothing_sounds_that_was_not_struck(self):
        onset, go_on = (torch.rand(2, 8, 3, 16, 12) < 0.3).float()
        found = held(onset, go_on, torch.zeros(8, 3, 12))
        before = torch.cat((torch.zeros(8, 3, 1, 12), found[:, :, :-1]), dim=2)
        assert ((found == 0) | (found == 1)).all()
        assert (found[onset == 1] == 1).all()
        # What sounds without being struck sounded before, and goes on.
        tied = (found == 1) & (onset == 0)
        assert (before[tied] == 1).all()
        assert (go_on[tied] == 1).all()

    def test_a_note_of_the_bar_before_goes_on(self):
        onset, go_on = torch.zeros(1, 1, 16, 12), torch.zeros(1, 1, 16, 12)
        go_on[..., :3, 5] = 1
        last = torch.zeros(1, 1, 12)
        last[..., 5] = 1
        assert held(onset, go_on, last)[0, 0, :, 5].tolist() == [1] * 3 + [0] * 13

    def test_binary_numbers_have_the_slope_of_the_sigmoid(self):
        logits = torch.tensor([-3.0, -0.1, 0.1, 3.0], requires_grad=True)
        found = binary(logits)
        torch.testing.assert_close(found, torch.tensor([0.0, 0.0, 1.0, 1.0]))
        found.sum().backward()
        soft = torch.sigmoid(logits.detach())
        torch.testing.assert_close(logits.grad, soft * (1 - soft))


def test_a_real_bar_that_begins_anew_holds_nothing_from_before():
    roll = torch.zeros(2, 2, 16, 12)
    roll[:, 1, :4, 3] = roll[:, 0, 8, 5] = roll[:, 1, 8:12, 5] = 1
    found, before = begun_anew(roll, torch.ones(2, 2, 16, 12), torch.tensor([True, False]))
    assert found[0, 1].sum() == 4
    assert before[0].sum() == 0
    assert torch.equal(found[1], roll[1])
    assert before[1].all()


def test_before_it_has_learned_a_generator_writes_at_the_density():
    torch.manual_seed(0)
    generator = Generator(RollShape(2, Range(48, 3), 16, 16), 0.02)
    logits = torch.stack([track.out.bias[0] for track in generator.tracks])
    torch.testing.assert_close(torch.sigmoid(logits), torch.full_like(logits, 0.02))


def test_chords_sound_in_every_octave_of_the_roll():
    chords = torch.zeros(1, 4, 12)
    chords[0, 1, [2, 6, 9]] = 1
    plane = chord_plane(chords, Range(50, 2))[0, 0]
    assert plane.shape == (16, 24)
    assert (50 + plane[4].nonzero().flatten()).tolist() == [50, 54, 57, 62, 66, 69]
    assert torch.equal(plane[4], plane[7])
    assert plane[:4].sum() == plane[8:].sum() == 0


def test_statistics_of_a_known_bar():
    rolls = torch.zeros(1, 2, 16, 24)
    for step, row, length in ((0, 0, 4), (5, 4, 1), (6, 4, 2), (15, 12, 1)):
        rolls[0, 0, step, row] = 1
        rolls[0, 1, step : step + length, row] = 1
    found = dict(zip(STATISTICS, statistics_of(rolls, 60)[0, 0].tolist(), strict=True))
    assert found == {"empty": 0, "notes": 4, "pitch_classes": 2, "single_steps": 0.5, "odd_onsets": 0.5}
    empty = statistics_of(torch.zeros(1, 2, 16, 24), 60)[0, 0]
    assert empty[:2].tolist() == [1, 0]
    assert empty[2:].isnan().all()


class TestBars:
    """Pieces of which every bar has one note, as long as the bar, a semitone above the one before."""

    CODEC = NoteCodec(NotesConfig(parts=(Part(name="piano"),)))
    GRID = GridRepresentation(GridConfig(notes=CODEC.config))

    def bars_of(self, meters, starts, most):
        """Of a piece with notes at some quarters."""
        features = FeatureSet(self.CODEC, FeatureConfig())
        notes = make_notes(np.array(starts) * 480, 480, 60 + np.arange(len(starts)), 80)
        piece = self.CODEC.encode(Score(480, (Track(notes, 0),), time_signatures=meters))
        events = torch.from_numpy(piece.events.astype(np.int64))[None]
        batch = {
            "targets": events, "is_note": torch.ones(1, events.shape[1], dtype=torch.bool),
            "places": torch.from_numpy(features.positions_of(piece).astype(np.int64))[None],
        }  # fmt: skip
        found = bars_of(batch, self.GRID, features, Range(48, 4), most)
        if found is None:
            return None
        return [tuple((48 + own.nonzero()[:, -1]).tolist()) for own in (*found.before[:, 0], *found.roll[:, 0])]

    def test_every_bar_but_the_first_follows_another(self):
        found = self.bars_of((TimeSignature(0, 4, 4),), [0, 4, 8, 12], 16)
        assert found == [(60,), (61,), (62,), (61,), (62,), (63,)]

    def test_of_two_bars_the_second_is_taken_even_if_it_is_empty(self):
        assert self.bars_of((TimeSignature(0, 4, 4),), [0, 1], 1) == [(60, 61), ()]
        assert self.bars_of((TimeSignature(0, 4, 4),), [0, 4, 5], 1) == [(60,), (61, 62)]

    def test_bars_of_other_meters_are_left_out(self):
        meters = (TimeSignature(0, 4, 4), TimeSignature(8 * 480, 2, 4), TimeSignature(10 * 480, 4, 4))
        found = self.bars_of(meters, [0, 4, 8, 10, 14, 18], 16)
        assert found == [(60,), (63,), (64,), (61,), (64,), (65,)]
        assert self.bars_of((TimeSignature(0, 3, 4),), [0, 3, 6], 16) is None


def test_the_graph_writes_what_torch_writes(dataset, tmp_path):
    family = FAMILIES["dcgan"]
    trainer = tiny_trainer(tiny_recipe(family, steps=4, validate_every=4), dataset, tmp_path / "run", FAMILIES)
    trainer.train()
    module = trainer.module.cpu().eval()
    exported = family.export(module, tmp_path, "fp32")
    assert exported.signature["threshold"] == "0.5"
    generator, random = module.mean_generator, torch.Generator().manual_seed(1)
    latent = generator.draw(5, random)
    before = (
        torch.rand(5, 2 * generator.shape.tracks, 16, generator.shape.pitches.n_pitches, generator=random) < 0.1
    ).float()
    chords = (torch.rand(5, 4, 12, generator=random) < 0.3).float()
    with torch.no_grad():
        expected = generator(latent, before, chords).numpy()
    given = {"latent": latent.numpy(), "before": before.numpy(), "chords": chords.numpy()}
    [found] = open_session(tmp_path / "generator.onnx").run(["roll"], given)
    assert set(np.unique(np.round(expected, 5))) <= {0, 1}
    # A logit beside zero may round otherwise, and is then held otherwise.
    assert (np.abs(found - expected) > 0.5).mean() < 1e-3
