"""A network given all conditions and features: torch and the graphs agree, and each of them changes what it says."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from fixtures.mixtures import SOURCES
from fixtures.steps import Steps

from componium import likelihood
from componium.artifacts import FORM_TEMPLATES
from componium.conditioning.arrangements import arrangement_of
from componium.conditioning.form_templates import FormTemplates
from componium.conditioning.roles import N_KINDS, REGISTER, only_playing
from componium.features.columns import HARMONY, N_EARLIER_COLUMNS, N_RECALLED
from componium.features.form_pointer import form_of
from componium.features.harmony.sounding import N_SOUNDING_COLUMNS
from componium.features.part_history import COMES_FROM, IN_CHORD, NO_PITCH, POINTED_AT, UNHEARD
from componium.features.part_history import EARLIER as OWN_EARLIER
from componium.features.steps import Start, whole_piece
from componium.models.exporting.quantization import keep_tables_in_bytes
from componium.onnx_sessions import open_session
from componium.representations.columns import DURATION, PART, SHIFT
from componium.score.harmony.chords import UNKNOWN_CHORD
from componium.training.batches import BatchConfig, GivenConfig, NoteBatches

NAME = "recurrent-guided"
CHORD = HARMONY.stop
FORM, EARLIER = slice(N_RECALLED, 2 * N_RECALLED), slice(2 * N_RECALLED, None)
WINDOW = 48
ARRAYS = ("rows", "places", "landing", "targets", "recalled", "voices")


@pytest.fixture(scope="module")
def trained(train_once):
    return train_once(NAME)


@pytest.fixture(scope="module")
def scored(mixture):
    """Excerpts that are given everything, some with a gap, time first, as many as fit a chunk; which are charged."""
    everything = GivenConfig(**dict.fromkeys(GivenConfig.model_fields, 1.0))
    config = BatchConfig(batch_size=12, window=WINDOW, gaps=0.5, given=everything)
    batch = {
        name: tensor.transpose(0, 1)
        for name, tensor in NoteBatches(mixture, config, 5).excerpts(0).items()
        if tensor.ndim > 1
    }
    places = batch["places"]
    piece = {**batch, "places": places[:-1], "landing": places[1:]}
    charged = batch["is_note"]
    assert (batch["rows"][0, :, SHIFT] == mixture.codec.end + Start.FOLLOWING).any()
    assert (piece["places"][..., CHORD] > 0).any()
    assert (piece["recalled"][..., FORM] > 0).any()
    assert (piece["voices"][..., 0] != NO_PITCH).any()
    return {name: piece[name] for name in ARRAYS}, charged.numpy()


def by_torch(network, piece):
    with torch.no_grad():
        scores, _ = network.eval().log_probs(piece, torch.zeros(piece["rows"].shape[1], network.state_size))
    return scores.numpy()


def by_graph(path, piece, state_size):
    state = np.zeros((piece["rows"].shape[1], state_size), np.float32)
    inputs = {name: tensor.numpy() for name, tensor in piece.items()}
    return open_session(path).run(["log_probs"], {**inputs, "state": state})[0]


def test_the_scoring_graph_agrees_with_torch(trained, scored):
    piece, charged = scored
    own = by_torch(trained.module.network, piece)
    found = by_graph(trained.artifact.file("score"), piece, trained.artifact.number("state_size"))
    assert np.abs(found - own)[charged].max() < 1e-4


def test_the_step_graphs_agree_with_torch(trained, scored):
    piece, charged = scored
    own = by_torch(trained.module.network, piece)
    steps, found = Steps(trained.artifact), []
    state = steps.start(own.shape[1])
    for at in range(len(own)):
        row, place, landing, target, recalled, line = (piece[name][at].numpy() for name in ARRAYS)
        shift, hidden, state = steps.when(row, place, recalled, state, target[:, :1])
        voices = steps.voices(target[:, PART], line)
        what = steps.what(hidden, target[:, :1], landing, recalled, target[:, 1:], voices)
        found.append(np.concatenate((shift, what), axis=1))
    assert np.abs(np.array(found) - own)[charged].max() < 1e-4


@pytest.mark.parametrize(
    "name",
    [
        "chords",
        "sounding",
        "heard",
        "style",
        "parts",
        "form pointer",
        "earlier bars",
        "last notes",
        "own pointer",
        "where voices come from",
        "own earlier bars",
        "own chords",
    ],
)
def test_each_condition_and_feature_changes_the_probabilities(trained, scored, name):
    piece, charged = scored
    changed = {key: tensor.clone() for key, tensor in piece.items()}
    # The first column of parts, behind those of the meter, of the chords and of the controls.
    columns = {"chords": slice(CHORD, CHORD + 2), "style": slice(CHORD + 2, CHORD + 3), "parts": slice(CHORD + 6, None)}
    columns["sounding"] = slice(HARMONY.start, HARMONY.start + N_SOUNDING_COLUMNS)
    columns["heard"] = slice(HARMONY.start + N_SOUNDING_COLUMNS, HARMONY.stop)
    histories = {
        "own pointer": POINTED_AT,
        "where voices come from": COMES_FROM,
        "own earlier bars": OWN_EARLIER,
        "own chords": IN_CHORD,
    }
    if name in columns:
        for key in ("places", "landing"):
            own = changed[key][..., columns[name]]
            changed[key][..., columns[name]] = 1 - own if name == "parts" else torch.zeros_like(own)
    elif name in ("form pointer", "earlier bars"):
        changed["recalled"][..., FORM if name == "form pointer" else EARLIER] = 0
    elif name in histories:
        assert changed["voices"][..., histories[name]].any()
        changed["voices"][..., histories[name]] = 0
    else:
        changed["voices"][..., 0] = NO_PITCH
    before, after = (by_torch(trained.module.network, own) for own in (piece, changed))
    assert np.abs(after - before)[charged].max() > 1e-3


def test_tables_of_bytes_hardly_change_log_probabilities(trained, scored, tmp_path):
    piece, charged = scored
    score, state_size = trained.artifact.file("score"), trained.artifact.number("state_size")
    # Quantization of products apart.
    path = tmp_path / "bytes.onnx"
    onnx.save(keep_tables_in_bytes(onnx.load(str(score))), str(path))
    change = np.abs(by_graph(path, piece, state_size) - by_graph(score, piece, state_size))
    assert 0 < change[charged].max() < 0.05
    kinds = {tensor.name: tensor.data_type for tensor in onnx.load(str(path)).graph.initializer}
    tables = [name for name, kind in kinds.items() if kind == onnx.TensorProto.INT8]
    # The tables of events, conditions, contexts, values known and histories; products stay as they are.
    assert len(tables) >= 8
    assert all(kinds[f"{name}_scale"] == onnx.TensorProto.FLOAT for name in tables)
    assert len(kinds) > 2 * len(tables)


class TestArtifact:
    def test_says_what_it_can_be_asked_for(self, trained):
        manifest = trained.artifact.manifest
        assert {"style", "chords", "density", "complexity", "key"} <= set(manifest.controls)
        assert trained.artifact.manifest.conditioning.styles == ("folk", "piano", "rock")

    def test_credited_every_source_with_its_training_pieces(self, trained):
        credited = trained.artifact.manifest.corpora
        assert [credit.name for credit in credited] == [source.corpus for source in SOURCES]
        assert [credit.pieces for credit in credited] == [4, 4, 4, 0]
        assert all(sum(credit.meters.values()) == credit.pieces for credit in credited)

    def test_keeps_the_forms_of_the_training_pieces_and_their_harmony(self, trained, mixture):
        forms = FormTemplates.load(trained.artifact.folder / FORM_TEMPLATES)
        indices = mixture.distinct("train")
        assert len(forms.forms) == len(indices) == 12
        for index, style, form in zip(indices, forms.style.tolist(), forms.forms, strict=True):
            meter, conditions = mixture.records[index].meter[0], mixture.conditions
            assert (style, form.key) == tuple(conditions.controls[index, :2])
            assert (form.numerator, form.denominator) == (meter.numerator, meter.denominator)
            assert np.array_equal(form.back, form_of(mixture.encoded(index), mixture.codec))
            arranged = arrangement_of(mixture.encoded(index), mixture.codec)
            assert np.array_equal(form.arrangement.sounds, arranged.sounds)
            assert form.arrangement.has_drums == arranged.has_drums
            chords = conditions.chords[conditions.quarters[index] : conditions.quarters[index + 1], 0]
            assert np.array_equal(form.chords, chords[:-1])
            # The end of a piece has no chord, and a form has none for it.
            assert chords[-1] == UNKNOWN_CHORD
        assert any(form.back.any() for form in forms.forms)
        assert all(form.chords.any() for form in forms.forms)

    def test_of_a_piece_that_is_scored_style_and_parts_alone_are_given(self, trained, mixture):
        index = mixture.of("test")[0]
        encoded = mixture.encoded(index)
        steps = whole_piece(trained.artifact.features, encoded, mixture.conditions_of(index))
        assert steps.pointers.shape == (len(encoded.events) + 1, 2 * N_RECALLED + N_EARLIER_COLUMNS)
        assert (steps.pointers[:, FORM] == 0).all()
        assert (steps.pointers[:, EARLIER] > 0).any()
        assert steps.histories[-1].tolist() == [*UNHEARD]
        given = steps.context[:, CHORD : CHORD + 6]
        assert (given == [0, 0, mixture.conditions.controls[index, 0], 0, 0, 0]).all()
        plays = np.unique(encoded.events[encoded.events[:, DURATION] > 0, PART])
        roles = steps.context[:, CHORD + 6 :].reshape(len(steps.context), N_KINDS, -1)
        assert (np.flatnonzero(roles[0, REGISTER]) == plays).all()
        assert (roles == only_playing(roles[0, REGISTER] > 0)).all()

    def test_without_conditions_a_piece_is_scored_by_its_parts_alone(self, trained, mixture):
        index = mixture.of("test")[0]
        encoded, scorer = mixture.encoded(index), likelihood.scorer_of(trained.artifact)
        conditions = trained.artifact.only_parts_of(encoded)
        assert conditions.controls == (0, 0, 0, 0)
        assert np.array_equal(conditions.roles, mixture.conditions_of(index).roles)
        assert np.array_equal(scorer(encoded), scorer(encoded, conditions))
        assert not np.array_equal(scorer(encoded), scorer(encoded, mixture.conditions_of(index)))
