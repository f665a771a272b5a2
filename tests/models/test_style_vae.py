from types import SimpleNamespace

import numpy as np
import pytest
import torch
from families.composing import as_data, composed
from fixtures.mixtures import SOURCES
from fixtures.music import tune
from fixtures.trainings import train_tiny

from componium.corpora import corpus_named
from componium.features.segments import (
    END,
    NOTE_PITCH,
    NOTE_TIME,
    START,
    columns_of_notes,
    segment_columns,
    segment_notes,
)
from componium.models.networks.segments.cells import HyperLstm, Lstm
from componium.models.networks.segments.networks import StyleAdversary
from componium.models.networks.segments.tensors import Segments, chroma_of, segments_of, similarity
from componium.models.style_vae import STYLE_VAE
from componium.onnx_sessions import open_session
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.notes import NotesRepresentation
from componium.representations.parts import Part
from componium.score import Score, Track, make_notes, n_bars
from componium.training.preparation.prepare import prepare_mixture
from componium.training.preparation.sources import PreparationConfig

PARTS = (Part(name="piano", families=("any",)), Part(name="drums", is_drum=True))
CODEC = NoteCodec(NotesConfig(steps=24, parts=PARTS))
INPUTS = SimpleNamespace(representation=NotesRepresentation(CODEC.config), label_names=("a", "b"))
PUBLISHED = {
    "cell": "hyper", "everywhere": False, "chained": False, "tells_place": False, "style": "inferred", "content": 0.0,
    "kl_per": "latent", "mu_forcing": 1.3, "input_dropout": 0.0,
}  # fmt: skip


def encoded(onsets, pitches, durations):
    """Events of notes in quarters."""
    ticks = CODEC.ticks_per_quarter
    notes = make_notes(np.array(onsets) * ticks, np.array(durations) * ticks, pitches, 80)
    return CODEC.encode(Score(ticks, (Track(notes, 0),)))


def module_of(**settings):
    torch.manual_seed(0)
    return STYLE_VAE.make(STYLE_VAE.tiny.model_copy(update=settings), INPUTS)


def random_segments(size=3, longest=9):
    torch.manual_seed(1)
    length = torch.tensor([longest, longest - 4, longest - 1])[:size]
    notes = torch.stack((torch.randint(88, (size, longest)), *torch.randint(1, 9, (2, size, longest))), dim=2)
    notes = torch.cat((notes, notes[:, :1] * 0), dim=1)
    for row, own in enumerate(length.tolist()):
        notes[row, own:] = 0
        notes[row, own, NOTE_PITCH] = END
    return Segments(notes, length, torch.tensor([1, 2, 0])[:size], torch.full((size,), 16))


class TestSegments:
    def test_round_trip(self):
        events = encoded([0, 0, 0.5, 3, 3.25], [60, 64, 67, 72, 48], [1, 2, 0.25, 0.125, 4]).events
        columns = segment_columns(events, CODEC)
        notes = segment_notes(columns, 0, 16 * 24, 24)
        assert notes.tolist() == [[39, 0, 8], [43, 0, 16], [46, 4, 2], [51, 20, 1], [27, 2, 32]]
        assert columns_of_notes(notes, 0, 24).tolist() == columns.tolist()

    def test_a_later_segment_counts_from_its_own_beginning(self):
        columns = segment_columns(encoded([0, 16.5, 17], [60, 62, 64], 0.5 * np.ones(3)).events, CODEC)
        notes = segment_notes(columns, 16 * 24, 32 * 24, 24)
        assert notes.tolist() == [[41, 4, 4], [43, 4, 4]]
        assert columns_of_notes(notes, 16 * 24, 24).tolist() == columns[1:].tolist()

    def test_pitches_beyond_a_piano_are_left_out(self):
        columns = segment_columns(encoded([0, 1, 2, 3], [20, 21, 108, 109], np.ones(4)).events, CODEC)
        assert columns[:, 2].tolist() == [21, 108]

    def test_of_batches(self):
        events = encoded(np.arange(24) * 1.0, 60 + np.arange(24), np.ones(24)).events.astype(np.int64)
        places = torch.zeros(1, 25, 3, dtype=torch.int64)
        places[..., 1] = 4 * 24 // 6
        batch = {
            "targets": torch.from_numpy(events)[None], "is_note": torch.ones(1, 24, dtype=torch.bool),
            "places": places, "label": torch.tensor([2]),
        }  # fmt: skip
        found = segments_of(batch, CODEC, 160)
        assert found.length.tolist() == [16, 8]
        assert found.label.tolist() == [2, 2]
        assert found.notes[1, 0].tolist() == [60 + 16 - 21, 0, 8]
        assert found.notes[1, 8].tolist() == [END, 0, 0]
        assert segments_of(batch, CODEC, 160, most=1).length.tolist() == [16]
        places[0, 5:, 1] = 12
        assert segments_of(batch, CODEC, 160) is None

    def test_chroma(self):
        notes = torch.tensor([[[39, 0, 12], [51, 8, 8]]])
        found = chroma_of(notes, torch.ones(1, 2, dtype=torch.bool))
        assert found[0, :3, 0].tolist() == [8, 4 + 8, 0]
        assert found.sum() == 20
        assert similarity(found, found).item() == pytest.approx(1)
        assert similarity(found, found.roll(1, dims=2)).item() == 0


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def plain_lstm(gates, cell):
    into, forget, candidate, out = np.split(gates, 4)
    cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(candidate)
    return sigmoid(out) * np.tanh(cell), cell


class TestCells:
    def test_an_lstm_is_that_of_torch(self):
        own, theirs = Lstm(5, 7), torch.nn.LSTM(5, 7, batch_first=True)
        theirs.weight_ih_l0.data, theirs.weight_hh_l0.data = own.of_input.weight.data, own.of_output.weight.data
        theirs.bias_ih_l0.data, theirs.bias_hh_l0.data = own.of_input.bias.data, torch.zeros(28)
        inputs = torch.randn(2, 6, 5)
        torch.testing.assert_close(own.run(inputs, torch.zeros(2, 14)), theirs(inputs)[0])

    def test_a_hyper_lstm_is_that_of_its_equations(self):
        torch.manual_seed(0)
        cell = HyperLstm(5, 7, 3, 2)
        for own in cell.parameters():
            torch.nn.init.normal_(own, std=0.5)
        inputs = torch.randn(1, 4, 5)
        found = cell.run(inputs, torch.zeros(1, cell.n_state))[0].detach().numpy()
        weights = {name: own.detach().numpy().astype(np.float64) for name, own in cell.named_parameters()}
        output, memory, hyper, hyper_memory = np.zeros(7), np.zeros(7), np.zeros(3), np.zeros(3)
        for step, given in enumerate(inputs[0].numpy().astype(np.float64)):
            gates = weights["hyper.of_input.weight"] @ np.concatenate((given, output))
            gates += weights["hyper.of_input.bias"] + weights["hyper.of_output.weight"] @ hyper
            hyper, hyper_memory = plain_lstm(gates, hyper_memory)
            made = (weights["embeddings.weight"] @ hyper + weights["embeddings.bias"]).reshape(3, 4, 2)
            of_output = (weights["of_output.weight"] @ output).reshape(4, 7)
            of_input = (weights["of_input.weight"] @ given).reshape(4, 7)
            rows = [
                (made[0, gate] @ weights["scales"][0, gate]) * of_output[gate]
                + (made[1, gate] @ weights["scales"][1, gate]) * of_input[gate]
                + made[2, gate] @ weights["shifts"][gate]
                + weights["bias"][gate]
                for gate in range(4)
            ]
            output, memory = plain_lstm(np.concatenate(rows), memory)
            np.testing.assert_allclose(found[step], output, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("settings", [{}, PUBLISHED], ids=["usual", "published"])
class TestNetworks:
    def test_padding_changes_nothing(self, settings):
        module, segments = module_of(**settings).eval(), random_segments()
        alone = Segments(*(own[1:2] for own in segments))
        alone = alone._replace(notes=alone.notes[:, : int(alone.length) + 1])
        together, single = module.encoder(segments), module.encoder(alone)
        torch.testing.assert_close(together.mean[1:2], single.mean)
        style = torch.eye(2)[[0, 1, 1]]
        nats = module.nats(module.decoder(segments, together.mean, style), segments)
        own = module.nats(module.decoder(alone, single.mean, style[1:2]), alone)
        torch.testing.assert_close(sum(part[1].sum() for part in nats), sum(part.sum() for part in own))

    def test_the_graphs_do_what_torch_does(self, settings, tmp_path):
        module, segments = module_of(**settings).eval(), random_segments()
        exported = STYLE_VAE.export(module, tmp_path, "fp32")
        encoder, decoder = (open_session(tmp_path / exported.signature[own]) for own in ("encoder", "decoder"))
        expected = module.encoder(segments)
        for row, length in enumerate(segments.length.tolist()):
            notes = segments.notes[row, :length].numpy()
            state = np.zeros((1, exported.signature["reading"]), np.float32)
            for onwards, back in zip(notes, notes[::-1], strict=True):
                given = {"onwards": onwards[None], "back": back[None].copy(), "state": state}
                state, mean, _, style = encoder.run(["state_after", "mean", "deviation", "style"], given)
            np.testing.assert_allclose(mean[0], expected.mean[row].detach(), rtol=1e-3, atol=1e-5)
            np.testing.assert_allclose(style[0], expected.style[row].detach(), rtol=1e-3, atol=1e-5)
        style = torch.eye(2)[[0, 1, 1]]
        latent = expected.mean.detach()
        before, onset = torch.zeros(3, 3, dtype=torch.int64), torch.zeros(3, dtype=torch.int64)
        before[:, NOTE_PITCH] = START
        state, temperature = torch.zeros(3, module.decoder.n_state), torch.ones(3)
        given_state = state.numpy()
        for _ in range(6):
            uniform = torch.rand(3, 3)
            given = {"before": before, "onset": onset, "latent": latent, "style": style, "uniform": uniform}
            arrays = {name: own.numpy() for name, own in {**given, "temperature": temperature}.items()}
            found, given_state = decoder.run(["note", "state_after"], {**arrays, "state": given_state})
            with torch.no_grad():
                state = module.decoder.step(before, onset, latent, style, state)
                before = module.decoder.chosen(state, uniform, temperature)
            np.testing.assert_allclose(given_state, state, rtol=1e-3, atol=1e-5)
            assert found.tolist() == before.tolist()
            onset = onset + before[:, NOTE_TIME]

    def test_a_decoder_step_by_step_is_the_one_that_learns(self, settings):
        module, segments = module_of(**settings).eval(), random_segments(size=1)
        latent, style = torch.randn(1, module.config.n_latent), torch.tensor([[0.0, 1.0]])
        logits = module.decoder(segments, latent, style).pitch[0]
        before, onset = torch.tensor([[START, 0, 0]]), torch.tensor([0])
        state = torch.zeros(1, module.decoder.n_state)
        for step, note in enumerate(segments.notes[0]):
            state = module.decoder.step(before, onset, latent, style, state)
            torch.testing.assert_close(module.decoder.pitch(state[:, : module.config.width])[0], logits[step])
            before, onset = note[None], onset + note[NOTE_TIME]


def test_an_adversary_sends_gradients_back_turned_round():
    adversary, latent = StyleAdversary(3, 4, 2), torch.randn(2, 3, requires_grad=True)
    plain = latent.detach().clone().requires_grad_()
    found, expected = adversary(latent), adversary.layers(plain)
    torch.testing.assert_close(found, expected)
    found[:, 0].sum().backward()
    expected[:, 0].sum().backward()
    torch.testing.assert_close(latent.grad, -plain.grad)


def test_labels_become_the_styles_of_the_artifact(mixture_folder, tmp_path):
    dataset = prepare_mixture(SOURCES[:3], mixture_folder, PreparationConfig(label="style"), tmp_path / "cache")
    corpora = [corpus_named(source.corpus) for source in SOURCES[:3]]
    artifact = train_tiny(STYLE_VAE, dataset, tmp_path, corpora).artifact
    assert artifact.manifest.labels == ("folk", "piano", "rock")
    assert tuple(artifact.profile.styles) == artifact.manifest.labels
    assert artifact.manifest.tasks == ("compose", "vary", "blend", "restyle")
    assert "style" in artifact.manifest.controls
    for style in artifact.manifest.labels:
        [score] = composed(artifact, task="restyle", style=style, prompt=as_data(tune(1, n_bars=5)))
        assert n_bars(score) == 5
        assert n_bars(composed(artifact, bars=2, style=style)[0]) == 2
