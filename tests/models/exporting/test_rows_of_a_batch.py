"""Rows of a batch do not touch each other: in int8 a row is the same, bit for bit, whatever stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
from fixtures.trainings import tiny_recipe

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.onnx_sessions import open_session
from componium.training.exporting import Exporter

MOST = 33
SIZES = (2, 3, 4, 5, 7, 8, 15, 16, 17, 32, MOST)
TINY = ("recurrent", "recurrent-guided", "recurrent-lstm", "transformer")
EMBEDDED = ("band", "pop-piano")


@pytest.fixture(scope="module", params=(*TINY, *EMBEDDED))
def artifact(request, train_once, tmp_path_factory):
    if request.param in EMBEDDED:
        return load_artifact(request.param)
    trained = train_once(request.param)
    recipe = tiny_recipe(trained.family, precision="int8")
    exporter = Exporter(recipe, trained.family, trained.trainer.dataset, trained.exporter._corpora)
    return exporter.export(trained.module, tmp_path_factory.mktemp("rows") / "tiny")


def random_inputs(session, artifact, rng):
    """Random inputs of a step graph, ``MOST`` rows, every attribute drawn."""
    found = {}
    for node in session.own.get_inputs():
        shape = (MOST, *node.shape[1:])
        if node.name == "place":
            columns = [rng.integers(size, size=MOST) for size in artifact.features.context_sizes]
            found[node.name] = np.stack(columns, axis=1)
        elif node.name == "given":
            found[node.name] = np.full(shape, -1)
        elif node.type == "tensor(int64)":
            # 0 and 1 are values of every column.
            found[node.name] = rng.integers(2, size=shape)
        elif node.name in {"temperature", "top_p", "uniform"}:
            found[node.name] = rng.random(shape, np.float32)
        else:
            found[node.name] = rng.standard_normal(shape, np.float32)
    return found


def rows_of(inputs, rows):
    return {name: array[rows] for name, array in inputs.items()}


@pytest.mark.parametrize("role", ["told", "when", "what"])
def test_a_row_is_the_same_in_every_batch(artifact, role):
    if role not in artifact.manifest.signature:
        pytest.skip("only networks with conditions have this graph")
    session, rng = open_session(artifact.file(role)), np.random.default_rng(5)
    inputs = random_inputs(session, artifact, rng)
    alone = [session.run(None, rows_of(inputs, [row])) for row in range(MOST)]
    expected = [np.concatenate(outputs) for outputs in zip(*alone, strict=True)]
    # Rows that are all alike would show nothing.
    assert any(len(np.unique(own, axis=0)) > MOST // 2 for own in expected)
    for size in SIZES:
        rows = rng.permutation(MOST)[:size]
        # As they are, and beside a row that is louder than any.
        for loud in (False, True):
            given = rows_of(inputs, rows)
            if loud:
                given |= {name: given[name].copy() for name in given}
                for name in ("state", "hidden", "told"):
                    if name in given:
                        given[name][0] *= 1000
            found = session.run(None, given)
            for own, output in zip(expected, found, strict=True):
                np.testing.assert_array_equal(output[loud:], own[rows][loud:])


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_first_piece_does_not_depend_on_how_many_there_are(name):
    artifact = load_artifact(name)
    first = [compose(artifact, make_request(bars=6, seed=7, count=count))[0].score for count in (1, 2, 5)]
    assert first[0].tracks
    for score in first[1:]:
        for own, other in zip(first[0].tracks, score.tracks, strict=True):
            np.testing.assert_array_equal(own.notes, other.notes)


@pytest.mark.parametrize("name", ["recurrent", "recurrent-guided", "transformer"])
def test_weights_read_back_are_written_as_the_same_bytes(name, train_once, tmp_path):
    trained = train_once(name)
    recipe = tiny_recipe(trained.family, precision="int8")
    exporter = Exporter(recipe, trained.family, trained.trainer.dataset, trained.exporter._corpora)
    artifact = exporter.export(trained.module, tmp_path / "first")
    module = trained.family.make(trained.family.tiny, artifact)
    module.begin_with(artifact)
    (tmp_path / "second").mkdir()
    exported = trained.family.export(module, tmp_path / "second", "int8")
    assert "weights.bin" in exported.files
    for filename in exported.files:
        assert (tmp_path / "second" / filename).read_bytes() == (artifact.folder / filename).read_bytes(), filename
