import csv

import pytest
from families.every import VARIANTS
from fixtures.trainings import tiny_recipe

from componium.cli.probe import PLOT, SAMPLES, SampleProbe, probe_of
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.corpora import CORPORA
from componium.errors import RecipeError
from componium.evaluation.metrics import METRICS
from componium.evaluation.metrics.crnn_gan import C_RNN_GAN
from componium.formats.midi import read_midi
from componium.training.exporting import Exporter
from componium.training.recipes import ProbeConfig
from componium.training.trainer import Run, Trainer

NAMES = ("polyphony", "pitch_class_entropy", "crnngan_scale", "crnngan_tone_span_as_published")


def test_an_unknown_metric_is_named_with_the_known_ones(dataset):
    with pytest.raises(RecipeError, match=r"no metric 'grace'; known: .*polyphony"):
        probe_of(ProbeConfig(metrics=("grace",)), dataset)


def test_no_metrics_no_probe(dataset):
    assert probe_of(ProbeConfig(), dataset) is None


def test_equal_weights_compose_equal_figures_within_the_range(dataset, train_once):
    probe = probe_of(ProbeConfig(metrics=NAMES, pieces=4, bars=4), dataset)
    artifact = train_once("recurrent").artifact
    row = probe(1, artifact)
    assert repr(probe(2, artifact)) == repr(row)
    ranges = {metric.name: (metric.low, metric.high) for metric in (*METRICS, *C_RNN_GAN)}
    for name in NAMES:
        low, mean, high = (row[f"composed_{name}{suffix}"] for suffix in ("_low", "", "_high"))
        assert ranges[name][0] <= low <= mean <= high <= ranges[name][1]
        assert row[f"composed_{name}_undefined"] == 0


def test_samples_are_the_same_pieces_at_every_validation(train_once, tmp_path):
    artifact = train_once("c-rnn-gan").artifact
    config = ProbeConfig(samples=2, bars=2)
    probe = SampleProbe(config, tmp_path)
    assert probe(5, artifact) == probe(10, artifact) == {}
    names = sorted(path.name for path in (tmp_path / SAMPLES).iterdir())
    assert names == [
        f"step-{step:06}-{number}{end}" for step in (5, 10) for number in (1, 2) for end in (".mid", ".png")
    ]
    first, second, later, _ = sorted((tmp_path / SAMPLES).glob("*.mid"))
    assert first.read_bytes() == later.read_bytes() != second.read_bytes()
    scores = [read_midi(path) for path in (first, second)]
    pieces = compose(artifact, make_request(bars=2, count=2, seed=config.seed))
    assert [own.n_notes for own in scores] == [own.score.n_notes for own in pieces]


def test_a_training_keeps_and_draws_the_figures(dataset, tmp_path):
    family = VARIANTS["markov"]
    recipe = tiny_recipe(family, validate_every=2)
    probe = probe_of(ProbeConfig(metrics=NAMES, pieces=2, bars=2), dataset)
    exporter = Exporter(recipe, family, dataset, [CORPORA["folder"]])
    run = Run(tmp_path / "run")
    Trainer(recipe, dataset, run, {family.name: family}, exporter=exporter, probes=[probe]).train()
    with (run.folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["2", "4"]
    assert all(float(row["composed_polyphony"]) >= 1 for row in rows)
    probe.plot(run.folder)
    assert (run.folder / PLOT).read_bytes().startswith(b"\x89PNG")
