"""Copies of shipped composers that tests may change."""

import pytest
from fuzz.mutations import copied

from componium.artifacts.at_hand import EMBEDDED


@pytest.fixture
def folder(tmp_path):
    return copied(EMBEDDED / "pop-piano", tmp_path / "mine")


@pytest.fixture
def band_folder(tmp_path):
    return copied(EMBEDDED / "band", tmp_path / "mine")
