"""A newly trained composer is calibrated on its training pieces alone; a calibration that is stopped goes on."""

import dataclasses
import json
from types import SimpleNamespace

import pytest
from fixtures.discriminators import with_discriminators

from componium.artifacts import DISCRIMINATORS, FINGERPRINTS, ROLE_TEMPLATES, STYLES, load_artifact, save_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.conditioning.style_profile import UNNAMED
from componium.corpora import CORPORA
from componium.corpora.splits import split_of
from componium.errors import ArtifactError, CorpusError, RequestError
from componium.evaluation.calibration.calibrating import CalibrationSettings, calibrate, write_calibrated
from componium.evaluation.calibration.discriminating import LEAST_PIECES
from componium.evaluation.calibration.state import State
from componium.evaluation.calibration.training_pieces import LEAST_BARS, read_training_pieces
from componium.evaluation.calibration.tuned_weights import TUNED_WEIGHTS
from componium.evaluation.calibration.usual import usual_tempo

SETTINGS = CalibrationSettings(styles=("pop",), pieces=2, rounds=1)


@pytest.fixture(scope="module", autouse=True)
def _short():
    """Short pieces and few values of each weight: the search has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("componium.evaluation.calibration.search.MOST_TRIALS", 3)
        patch.setattr("componium.evaluation.calibration.trials.MOST_BARS", 8)
        # The folder of the styles has fewer pieces than a discriminator needs.
        patch.setattr("componium.evaluation.calibration.discriminating.LEAST_PIECES", 3)
        patch.setattr("componium.evaluation.calibration.discriminating.COMPOSED_EXCERPTS", 20)
        yield


@pytest.fixture(scope="module")
def data(band):
    return band.folder.parent / "data"


def silent(what, share):
    assert 0 <= share <= 1


class Interruption(Exception):  # noqa: N818 - no error: the tests' own way out
    pass


def calibrated(band, data, folder, progress=silent, settings=SETTINGS):
    state = State(folder / "band.calibration.json", band)
    return calibrate(band, data, settings, state, progress)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the state of the whole calibration lies."""
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def whole(band, data, folder):
    """A calibration that was never stopped."""
    return calibrated(band, data, folder)


def test_held_out_pieces_are_never_read(band, data, monkeypatch):
    read = []

    def watched(piece):
        assert split_of(piece.work) == "train", piece.name
        read.append(piece.name)
        return CORPORA["folder"].read(piece)

    monkeypatch.setattr(
        "componium.evaluation.calibration.training_pieces.corpus_named",
        lambda name: dataclasses.replace(CORPORA[name], read=watched, read_all=None),
    )
    found = read_training_pieces(band, "pop", data, seed=1)
    assert {f"pop/{name}" for name in read} == {name for name in band.fingerprints.names if name.startswith("pop/")}
    assert len(list((data / "pop").glob("*.mid"))) > len(read) >= len(found) > 0
    assert all(own.encoded.n_bars >= LEAST_BARS for own in found)


def test_a_composer_of_one_folder_finds_its_training_pieces_there(band, data):
    """Its recipe has one source, the folder itself, which adds nothing to the names of its pieces."""
    sources = [{"corpus": "folder", "folder": ".", "style": "pop"}]
    recipe = {**band.manifest.recipe, "sources": sources}
    own = dataclasses.replace(band, manifest=band.manifest.model_copy(update={"recipe": recipe}))
    names = [name.removeprefix("pop/") for name in band.fingerprints.names if name.startswith("pop/")]
    own.__dict__["fingerprints"] = SimpleNamespace(names=names)
    found = read_training_pieces(own, "pop", data / "pop", seed=1)
    assert found
    assert {piece.name for piece in found} <= set(names)


def test_only_what_is_tuned_changes(band, whole):
    (report,) = whole.reports
    changed, was = (own.model_dump() for own in (whole.profile, band.profile))
    tuned = {own.name for own in TUNED_WEIGHTS} | {"tempo_bpm"}
    for name, style in changed["styles"].items():
        for field, value in style.items():
            if value != was["styles"][name][field]:
                assert (name, field) in {("pop", own) for own in tuned}
    assert changed | {"styles": {}} == was | {"styles": {}}
    assert {row.weight.name for row in report.weights} <= tuned
    assert len(report.weights) >= 6
    for row in report.weights:
        assert changed["styles"]["pop"][row.weight.name] == row.value_after
        assert row.weight.low <= row.value_after <= row.weight.high or row.value_after == row.value_before
    assert report.tempo_after == changed["styles"]["pop"]["tempo_bpm"]


def test_some_weights_move_to_where_training_pieces_are(whole):
    """The network has hardly learned: its steps and keys are random, and the weights mend what they can."""
    (report,) = whole.reports
    moved = [row for row in report.weights if row.value_after != row.value_before]
    assert moved
    before, after = (
        sum(abs(getattr(row, side).value - row.training.value) for row in moved) for side in ("before", "after")
    )
    assert after < before


def test_a_stopped_calibration_goes_on_and_ends_with_the_same_bytes(band, data, whole, tmp_path):
    path, budget = tmp_path / "band.calibration.json", 0

    def stopping(what, share):
        nonlocal budget
        silent(what, share)
        budget -= 1
        if not budget:
            raise Interruption

    measured = []
    for budget in (6, 9, 9):  # noqa: B007 - spent by stopping
        with pytest.raises(Interruption):
            calibrated(band, data, tmp_path, stopping)
        measured.append(len(json.loads(path.read_text())["results"]))
    assert 0 < measured[0] < measured[1] < measured[2]
    again = calibrated(band, data, tmp_path)
    assert again.profile == whole.profile
    first, second = (write_calibrated(band, own, tmp_path / str(n)) for n, own in enumerate((whole, again)))
    for name in (STYLES, DISCRIMINATORS):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()
    assert first.digest == second.digest


def test_what_was_measured_is_not_measured_again(band, data, whole, folder, monkeypatch):
    monkeypatch.setattr("componium.evaluation.calibration.trials.compose", None)
    again = calibrated(band, data, folder)
    assert again.profile == whole.profile
    assert [own.weights for own in again.reports] == [own.weights for own in whole.reports]
    for other in (dataclasses.replace(SETTINGS, seed=2), dataclasses.replace(SETTINGS, pieces=1)):
        with pytest.raises(TypeError, match="NoneType"):
            calibrated(band, data, folder, settings=other)


def test_a_state_of_another_artifact_is_forgotten_and_no_state_is_said(band, tmp_path):
    path = tmp_path / "state.json"
    State(path, band).once(("call",), lambda: 1)
    assert State(path, band).once(("call",), lambda: 2) == 1
    other = dataclasses.replace(band, manifest=band.manifest.model_copy(update={"signature": {}}))
    assert State(path, other).once(("call",), lambda: 2) == 2
    path.write_text("{")
    with pytest.raises(ArtifactError, match="not the state of a calibration") as caught:
        State(path, band)
    assert "\n" not in str(caught.value)


def test_a_calibrated_artifact_is_the_same_but_for_its_profile_and_digest(band, whole, tmp_path):
    made = write_calibrated(band, whole, tmp_path / "made")
    again = load_artifact(made.folder)
    assert again.profile == whole.profile
    assert list(again.discriminators.by_style) == ["pop"]
    assert again.digest == made.digest != band.digest
    for name in band.manifest.files:
        same = (made.folder / name).read_bytes() == (band.folder / name).read_bytes()
        assert same == (name != STYLES)
    changing = {"files"}
    assert made.manifest.model_dump(exclude=changing) == band.manifest.model_dump(exclude=changing)
    assert compose(made, make_request(style="pop", bars=2))[0].digest == made.digest


def test_weights_stay_where_discriminators_alone_are_trained(band, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, styles=(), tunes=False)
    found = calibrated(band, data, tmp_path, settings=settings)
    assert found.profile == band.profile
    assert not any(own.weights for own in found.reports)
    by_style = {own.style: own.discriminator for own in found.reports}
    assert list(by_style) == list(found.discriminators.by_style) == ["pop", "tunes"]
    for own in by_style.values():
        assert own.composed > own.human >= 3
    made = write_calibrated(band, found, tmp_path / "made")
    chosen = compose(made, make_request(style="pop", bars=4, seed=2))[0]
    [ranking] = chosen.rankings
    assert len(ranking) == band.profile.best_of
    assert ranking[0].human_share == max(own.human_share for own in ranking)


def test_a_discriminator_of_other_weights_does_not_stay(band, data, tmp_path):
    """One of a style that is calibrated again is trained again; that of another style stays."""
    old = with_discriminators(band)
    found = calibrated(old, data, tmp_path, settings=dataclasses.replace(SETTINGS, tunes=False))
    assert found.discriminators.by_style["tunes"] is old.discriminators.by_style["tunes"]
    assert found.discriminators.by_style["pop"] is not old.discriminators.by_style["pop"]


def test_in_place_is_as_well(band, whole, tmp_path):
    own = save_artifact(band.folder, band.manifest.files, band.manifest, tmp_path / "own")
    made = write_calibrated(own, whole, own.folder)
    assert made.folder == own.folder
    assert load_artifact(own.folder).profile == whole.profile


def test_a_composer_of_no_styles_keeps_its_weights(trained, corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("componium.evaluation.calibration.discriminating.LEAST_PIECES", LEAST_PIECES)
    state = State(tmp_path / "state.json", trained)
    found = calibrate(trained, corpus_folder, CalibrationSettings(pieces=1), state, silent)
    (report,) = found.reports
    assert report.style == UNNAMED
    assert not report.weights
    before, after = (own.styles[UNNAMED].model_dump(exclude={"tempo_bpm"}) for own in
                     (trained.profile, found.profile))  # fmt: skip
    assert before == after
    pieces = read_training_pieces(trained, UNNAMED, corpus_folder, seed=1)
    assert len(pieces) == len(trained.fingerprints.names)
    assert report.tempo_after == (usual_tempo(pieces) or report.tempo_before)
    # Of few training pieces a discriminator would learn little.
    assert len(pieces) < LEAST_PIECES
    assert report.discriminator is None
    assert DISCRIMINATORS not in write_calibrated(trained, found, tmp_path / "made").manifest.files


@pytest.fixture(scope="module")
def trained(train_once):
    artifact = train_once("markov").artifact
    assert ROLE_TEMPLATES not in artifact.manifest.files
    return artifact


def test_what_is_missing_is_one_line(band, data, tmp_path):
    state = State(tmp_path / "state.json", band)
    with pytest.raises(RequestError, match="tiny-band has no style 'waltz'; it has pop, tunes"):
        calibrate(band, data, CalibrationSettings(("waltz",)), state, silent)
    with pytest.raises(CorpusError, match="no such folder"):
        calibrate(band, tmp_path, SETTINGS, state, silent)
    (tmp_path / "pop").mkdir()
    (tmp_path / "pop" / "other.mid").write_bytes(next((data / "pop").glob("*.mid")).read_bytes())
    with pytest.raises(CorpusError, match="none of its 1 files holds a training piece of tiny-band"):
        calibrate(band, tmp_path, SETTINGS, state, silent)
    without = save_artifact(
        band.folder, [name for name in band.manifest.files if name != FINGERPRINTS], band.manifest, tmp_path / "without"
    )
    with pytest.raises(ArtifactError, match="no fingerprints"):
        calibrate(without, data, SETTINGS, state, silent)
    assert not state.path.exists()
