import json
import os
import shutil

import pytest

from componium.artifacts import Manifest, artifact_folders, artifact_for, checking, load_artifact, save_artifact
from componium.errors import ArtifactError
from componium.representations import RepresentationConfig
from componium.representations.config import NotesConfig
from componium.representations.grid import GridConfig
from componium.representations.parts import Part
from componium.representations.words import WordsConfig

MANIFEST = Manifest(
    name="toy",
    family="toy",
    representation=NotesConfig(parts=(Part(name="piano"),)).model_dump(mode="json"),
    procedure="toy",
    signature={},
    tasks=("compose",),
    controls=(),
    corpora=(),
    recipe={},
    seed=1,
    commit="",
    figures={},
    files={},
)


@pytest.fixture
def artifact(tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"weights")
    return save_artifact(tmp_path, ["weights.bin"], MANIFEST, tmp_path / "models" / "toy")


def test_what_is_saved_is_loaded(artifact):
    loaded = load_artifact(artifact.folder)
    assert loaded.manifest == artifact.manifest
    assert loaded.digest == artifact.digest
    assert (loaded.folder / "weights.bin").read_bytes() == b"weights"
    assert loaded.representation.spec() == MANIFEST.representation
    assert loaded.size == sum(path.stat().st_size for path in loaded.folder.iterdir())


def test_saving_again_replaces_the_whole(artifact, tmp_path):
    (tmp_path / "other.bin").write_bytes(b"other")
    again = save_artifact(tmp_path, ["other.bin"], MANIFEST, artifact.folder)
    assert sorted(path.name for path in again.folder.iterdir()) == ["artifact.json", "other.bin"]
    assert again.digest != artifact.digest


def test_what_the_signature_lacks_is_said(artifact):
    with pytest.raises(ArtifactError, match="no file for 'when'"):
        artifact.file("when")
    with pytest.raises(ArtifactError, match="no number 'chunk'"):
        artifact.number("chunk")


def test_a_failed_save_leaves_what_was_there(artifact, tmp_path):
    with pytest.raises(ArtifactError, match=r"toy: cannot be written \(No such file"):
        save_artifact(tmp_path, ["weights.bin", "missing.bin"], MANIFEST, artifact.folder)
    assert load_artifact(artifact.folder).digest == artifact.digest
    assert [path.name for path in artifact.folder.parent.iterdir()] == ["toy"]


def test_a_flipped_byte_is_found(artifact):
    (artifact.folder / "weights.bin").write_bytes(b"weightz")
    with pytest.raises(ArtifactError, match=r"weights\.bin: damaged"):
        load_artifact(artifact.folder)


def _aged(artifact, seconds=10):
    """The artifact, its files of an age at which their states are told apart."""
    for path in artifact.folder.iterdir():
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))
    return artifact.folder


def test_files_are_hashed_once_as_long_as_they_stay_as_they_are(artifact, monkeypatch):
    folder = _aged(artifact)
    hashed = []
    monkeypatch.setattr(checking, "sha256", lambda path, real=checking.sha256: hashed.append(path) or real(path))
    load_artifact(folder)
    assert {path.name for path in hashed} == set(artifact.manifest.files)
    hashed.clear()
    load_artifact(folder)
    assert hashed == []


def test_a_file_that_changes_after_it_was_loaded_is_found(artifact):
    folder = _aged(artifact)
    load_artifact(folder)
    path = folder / "weights.bin"
    before, data = path.stat(), path.read_bytes()
    path.write_bytes(data[::-1])
    # As large and as old as before.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ArtifactError, match=r"weights\.bin: damaged"):
        load_artifact(folder)


def test_a_file_that_was_just_written_is_hashed_at_every_call(artifact):
    load_artifact(artifact.folder)
    (artifact.folder / "weights.bin").write_bytes(b"weightz")
    with pytest.raises(ArtifactError, match=r"weights\.bin: damaged"):
        load_artifact(artifact.folder)


def test_a_missing_file_is_found(artifact):
    (artifact.folder / "weights.bin").unlink()
    with pytest.raises(ArtifactError, match=r"weights\.bin is missing"):
        load_artifact(artifact.folder)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"schema_version": 1}, "schema version 1, where this Componium reads version 3"),
        ({"schema_version": None}, "schema version None"),
        ({"surprise": 1}, "surprise"),
        ({"seed": "one"}, "seed"),
        ({"representation": {"name": "notes", "steps": 0}}, "steps"),
        ({"representation": {"name": "songs"}}, "no representation 'songs'"),
        ({"files": {"../../etc/passwd": "0" * 64}}, "files"),
        ({"files": {"weights.bin": "0"}}, "files"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(artifact, change, complaint):
    path = artifact.folder / "artifact.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ArtifactError, match=complaint):
        load_artifact(artifact.folder)


@pytest.mark.parametrize("content", ["", "[]", "{", '"text"', "\ud800"])
def test_a_manifest_that_is_no_object_is_refused(artifact, content):
    (artifact.folder / "artifact.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ArtifactError, match=r"artifact\.json"):
        load_artifact(artifact.folder)


def test_artifacts_are_found_by_name(artifact, monkeypatch):
    monkeypatch.setenv("COMPONIUM_MODELS", str(artifact.folder.parent))
    assert artifact.folder in artifact_folders()
    assert load_artifact("toy").digest == artifact.digest


def test_a_folder_of_pieces_called_after_its_composer_hides_it_not(artifact, tmp_path, monkeypatch):
    monkeypatch.setenv("COMPONIUM_MODELS", str(artifact.folder.parent))
    (tmp_path / "here" / "toy").mkdir(parents=True)
    (tmp_path / "here" / "other").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert load_artifact("toy").digest == artifact.digest
    with pytest.raises(ArtifactError, match=r"other: no artifact \(there is no artifact\.json in it\)"):
        load_artifact("other")


def test_an_unknown_name_tells_the_known_ones(artifact, monkeypatch):
    monkeypatch.setenv("COMPONIUM_MODELS", str(artifact.folder.parent))
    with pytest.raises(ArtifactError, match=r"no artifact 'tox'.*toy"):
        load_artifact("tox")
    shutil.rmtree(artifact.folder)
    with pytest.raises(ArtifactError, match="no artifact 'toy'"):
        load_artifact("toy")


def test_a_damaged_one_that_nobody_named_stands_in_nobodys_way(artifact, monkeypatch):
    monkeypatch.setenv("COMPONIUM_MODELS", str(artifact.folder.parent))
    (artifact.folder / "artifact.json").write_text("{")
    assert artifact_for("compose").manifest.name != "toy"


SECONDS = NotesConfig(unit="second", steps=100, parts=(Part(name="piano"),))


@pytest.mark.parametrize(
    "performing",
    [SECONDS, GridConfig(cells=4, notes=SECONDS), WordsConfig(notes=SECONDS)],
    ids=lambda own: own.name,
)
def test_composers_of_bars_come_before_those_of_seconds(performing, tmp_path, monkeypatch):
    monkeypatch.setenv("COMPONIUM_MODELS", str(tmp_path / "models"))
    _save(tmp_path, "seconds", performing, controls=("key",))
    assert artifact_for("restyle").manifest.name == "seconds"
    # It can be asked for less.
    _save(tmp_path, "bars", performing.with_notes(NotesConfig(parts=SECONDS.parts)), controls=())
    assert artifact_for("restyle").manifest.name == "bars"


def _save(folder, name, representation: RepresentationConfig, controls):
    changes = {"name": name, "tasks": ("restyle",), "representation": representation.model_dump(mode="json")}
    (folder / "weights.bin").write_bytes(b"weights")
    manifest = MANIFEST.model_copy(update={**changes, "controls": controls})
    save_artifact(folder, ["weights.bin"], manifest, folder / "models" / name)
