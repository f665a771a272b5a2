"""Recorded music: every file reads, is what its description says, and may be shipped."""

import re
from pathlib import Path

import pytest

from componium.score import duration_seconds, n_bars
from componium.store.recordings import find_recordings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "src" / "componium" / "store" / "recordings"
# Sets whose files may be passed on, and under which licence. No other set belongs into the package.
MAY_SHIP = {
    "openscore_lieder": "CC0 1.0",
    "openscore_quartets": "CC0 1.0",
    "openscore_orchestra": "CC0 1.0",
    "irish_cre": "CC BY 4.0",
    "giantmidi_sample": "CC BY 4.0",
    "groove_drums": "CC BY 4.0",
    "freedoom_multitrack": "BSD-3-Clause",
    "persian_radif": "MIT",
}


@pytest.fixture(params=find_recordings().values(), ids=lambda recording: recording.name)
def recording(request):
    return request.param


def test_it_may_be_shipped(recording):
    assert recording.licence == MAY_SHIP[recording.set]
    assert recording.licence_url.startswith("https://")
    assert recording.source.startswith("https://")
    assert all(text.strip() for text in (recording.credit, recording.composer, recording.title))


def test_it_is_what_its_description_says(recording):
    score = recording.score
    assert score.title == recording.title
    assert n_bars(score) == recording.bars
    assert duration_seconds(score) == pytest.approx(recording.seconds, abs=0.1)
    assert 30 <= recording.seconds <= 240
    assert score.has_grid == recording.has_grid == (recording.set != "giantmidi_sample")
    played = [(track.name, 0 if track.is_drum else track.program, track.is_drum) for track in score.tracks]
    assert played == list(recording.parts)
    assert all(len(track.notes) for track in score.tracks)
    assert score.remarks == ()


def test_it_carries_its_credit(recording):
    [text] = recording.score.texts
    assert recording.credit in text
    assert recording.licence in text


def test_its_music_begins_in_the_first_bar(recording):
    score = recording.score
    first = min(int(track.notes["onset"].min()) for track in score.tracks)
    assert first < score.time_signatures[0].bar_ticks(score.ticks_per_quarter) * 2


def test_names_are_found_and_can_stand_in_an_address(recording):
    assert find_recordings()[recording.name] is recording
    assert re.fullmatch(r"[a-z0-9-]+", recording.name)


def test_folder_and_description_hold_the_same_files():
    described = [recording.file for recording in find_recordings().values()]
    assert sorted(described) == sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.mid"))
    assert len({recording.name for recording in find_recordings().values()}) == len(described) >= 20


def test_all_of_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 400_000


def test_there_is_something_for_everybody():
    assert len({recording.set for recording in find_recordings().values()}) >= 6
    assert len({recording.composer for recording in find_recordings().values()}) >= 18
    assert {recording.split for recording in find_recordings().values()} == {"train", "validation", "test", "none"}


def test_the_notice_names_composers_and_sets():
    notice = re.sub(r"\s+", " ", (ROOT / "NOTICE").read_text(encoding="utf-8"))
    plain = notice.replace("Faure", "Fauré").replace("Antonin Dvorak", "Antonín Dvořák")
    for recording in find_recordings().values():
        if not recording.composer.startswith(("Traditional", "Drummer")):
            assert recording.composer.split()[-1] in plain, recording.composer
    assert (FOLDER / "LICENCES.md").read_text(encoding="utf-8").count("Permission is hereby granted") == 1
    assert "Contributors to the Freedoom project" in (FOLDER / "LICENCES.md").read_text(encoding="utf-8")
