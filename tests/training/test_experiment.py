"""What is told of a recipe's folders before it trains."""

from __future__ import annotations

import shutil

from fixtures.mixtures import SOURCES

from componium.training.experiment import unread_files
from componium.training.recipes import Recipe


def test_files_that_are_no_music_are_counted_in_the_folders_of_the_sources(mixture_folder, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(mixture_folder, data)
    for folder in (data, data / "elsewhere", *(data / source.place for source in SOURCES)):
        folder.mkdir(exist_ok=True)
        (folder / "notes.txt").write_text("not music")
    recipe = Recipe(name="mine", family="recurrent", sources=SOURCES)
    assert unread_files(recipe, data) == {".txt": len(SOURCES)}
