"""Masses and madrigals in parts are works, whatever the names of their files look like."""

import re
from pathlib import Path

import pytest

from componium.corpora.catalogue.music21.collections import find_pieces
from componium.corpora.catalogue.music21.writing import midi_name, pieces_of
from componium.corpora.splits import split_of

# What the works of masses were taken for before.
NUMBER = re.compile(r"palestrina__\D+(\d+).*")


@pytest.fixture(scope="module")
def work_of(tmp_path_factory):
    """The work of each file of both sets, by its name without ending."""
    folder = tmp_path_factory.mktemp("sets")
    for corpus in ("music21_palestrina", "music21_monteverdi"):
        for source in pieces_of(corpus):
            (folder / midi_name(source)).touch()
    return {Path(piece.name).stem: piece.work for piece in find_pieces(folder)}


def test_movements_of_a_mass_share_a_work_and_those_of_one_number_need_not(work_of):
    # Both of "Missa In duplicibus minoribus (I)".
    assert work_of["palestrina__Sanctus_rpt_01_b"] == work_of["palestrina__Gloria_33_e"]
    # "Missa Ad fugam" and "Missa Regina coeli (1601)".
    assert len({work_of["palestrina__Gloria_45"], work_of["palestrina__Credo_00"]}) == 2


def test_parts_of_a_madrigal_are_one_work(work_of):
    assert len({work_of[f"monteverdi__madrigal.5.{number}"] for number in (4, 5, 6, 7)}) == 1
    assert len({work_of[f"monteverdi__madrigal.4.{number}"] for number in (2, 3, 4)}) == 3


def test_nothing_is_held_out_that_was_for_training_by_its_name(work_of):
    """The composers that ship learned from these pieces before their works were known."""
    for name, work in work_of.items():
        matched = NUMBER.fullmatch(name)
        if split_of(f"music21/{matched[1] if matched else name}") == "train":
            assert split_of(work) == "train", name


def test_the_works_are_those_that_the_sources_name(work_of):
    music21 = pytest.importorskip("music21", reason="music21 is not installed: its sources cannot be read")
    corpus = Path(music21.__file__).parent / "corpus"
    splits: dict[str, set[str]] = {}
    for source in pieces_of("music21_palestrina"):
        text = (corpus / source).read_text(encoding="latin-1")
        mass = re.search(r"^!!!OPR:\s*(.*?)\s*$", text, re.MULTILINE)[1]
        splits.setdefault(mass, set()).add(work_of[Path(midi_name(source)).stem])
    assert len(splits) == 75
    assert all(len(works) == 1 for works in splits.values())
