"""Datasets of folders in which MIDI and MusicXML lie side by side, one file with several movements."""

import dataclasses

import pytest
from fixtures.music import tune

from componium.corpora import CORPORA
from componium.corpora.corpus import Corpus
from componium.corpora.files.reading import file_name_of
from componium.formats.midi import write_midi
from componium.formats.musicxml import write_musicxml
from componium.training.preparation.maps import in_processes
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig

FOLDER = CORPORA["folder"]


def read_all(file):
    """The movements of a file: of any whose name begins with ``suite`` three, made up."""
    score = FOLDER.read(file)
    return [score, tune(101, n_bars=8), tune(102, n_bars=8)] if file.path.stem.startswith("suite") else [score]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("mixed")
    for seed in range(24):
        score = tune(seed, n_bars=8)
        if seed % 3 == 0:
            write_midi(score, path / f"{seed:02}.mid")
        else:
            write_musicxml(score, path / f"{seed:02}.{'mxl' if seed % 3 == 1 else 'xml'}")
    write_musicxml(tune(0, n_bars=8), path / "zz-copy.mxl")
    write_musicxml(tune(100, n_bars=8), path / "suite.mxl")
    (path / "build.xml").write_text("<project/>")
    return path


def test_all_formats_are_prepared_and_copies_between_them_found(folder, tmp_path):
    dataset = prepare(FOLDER, folder, PreparationConfig(), tmp_path)
    names = {record.name for record in dataset.records}
    assert {name.rpartition(".")[2] for name in names} == {"mid", "mxl", "xml"}
    assert len(names) == 25
    assert "duplicate of 00.mid" in dataset.rejected["zz-copy.mxl"]
    assert dataset.rejected["build.xml"] == "not MusicXML: its root is <project>"


def test_several_processes_read_all_formats(folder, tmp_path):
    one = prepare(FOLDER, folder, PreparationConfig(), tmp_path / "one")
    several = prepare(FOLDER, folder, PreparationConfig(), tmp_path / "several", mapped=in_processes(2))
    assert several.records == one.records
    assert several.rejected == one.rejected


def test_movements_are_pieces_on_one_side_of_the_split(folder, tmp_path):
    corpus: Corpus = dataclasses.replace(FOLDER, read_all=read_all)
    dataset = prepare(corpus, folder, PreparationConfig(), tmp_path)
    movements = [record for record in dataset.records if file_name_of(record.name) == "suite.mxl"]
    assert [record.name for record in movements] == ["suite.mxl#1", "suite.mxl#2", "suite.mxl#3"]
    assert len({record.split for record in movements}) == 1
