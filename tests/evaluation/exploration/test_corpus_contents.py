"""A corpus whose contents are known: everything that was put in is told, and each file is read once."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from componium.corpora import CORPORA
from componium.corpora.inspection import inspect
from componium.errors import CorpusError
from componium.evaluation.exploration import corpus_contents
from componium.evaluation.exploration.corpus_contents import explore
from componium.evaluation.exploration.exploration_json import exploration_json
from componium.evaluation.metrics import METRICS
from componium.formats.midi import write_midi
from componium.score import Score, Track, make_notes

FOLDER = CORPORA["folder"]
PER_GROUP = 12


def tune(seed, program, step=1):
    """Sixty-four eighths of a scale walk, in steps or in leaps."""
    rng = np.random.default_rng(seed)
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    # Turned back at the octave above and below.
    walk = np.abs((np.cumsum(rng.choice([-step, step], 64)) + 7) % 28 - 14) - 7
    pitch = 60 + 12 * (walk // 7) + scale[walk % 7]
    return Score(480, (Track(make_notes(np.arange(64) * 240, 240, pitch, 80), program),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Steps of violins, leaps of flutes; a copy a fifth higher, and a file that is none."""
    music = tmp_path_factory.mktemp("music")
    for name, program, step in (("steps", 40, 1), ("leaps", 73, 3)):
        (music / name).mkdir()
        for seed in range(PER_GROUP):
            write_midi(tune(seed, program, step), music / name / f"{seed:02}.mid")
    first = tune(0, 40).tracks[0]
    notes = first.notes
    higher = make_notes(notes["onset"], notes["duration"], notes["pitch"] + 7, 60)
    write_midi(Score(480, (replace(first, notes=higher),)), music / "steps" / "copy.mid")
    (music / "steps" / "broken.mid").write_bytes(b"no music")
    return music


@pytest.fixture(scope="module")
def explored(folder):
    return explore(folder, FOLDER, "folder")


def test_the_account_is_that_of_inspect(folder, explored):
    assert explored.account == inspect(folder)


def test_each_file_is_read_once(folder):
    read = Counter()

    def counting(piece):
        read[piece.name] += 1
        return FOLDER.read(piece)

    explore(folder, replace(FOLDER, read=counting, read_all=None), "instrument")
    assert len(read) == 2 * PER_GROUP + 2
    assert set(read.values()) == {1}


def test_copies_are_counted_among_the_files_only(explored):
    assert explored.account.n_read == 2 * PER_GROUP + 1
    assert len(explored.pieces) == 2 * PER_GROUP
    assert "steps/copy.mid" not in [piece.name for piece in explored.pieces]
    intervals = explored.sequences[0]
    assert (intervals.n_pieces, intervals.n_steps) == (2 * PER_GROUP, 2 * PER_GROUP * 63)


def test_the_planted_differences_are_found(explored):
    assert explored.groups.names == ("leaps", "steps")
    rows = {row.name: row for row in explored.differences}
    assert rows["mean_interval"].effect > 0.7
    assert rows["mean_interval"].p_holm < 0.05
    assert rows["mean_interval"].figures[0].delta == 1.0
    assert rows["instrument"].effect == pytest.approx(1.0)
    # All play eighths, one at a time.
    assert np.isnan(rows["note_length"].effect)
    assert rows["duration"].effect == pytest.approx(0.0)


def test_groups_of_instruments_are_not_told_to_differ_in_instruments(folder):
    found = explore(folder, FOLDER, "instrument")
    assert found.groups.names == ("pipe", "strings")
    assert "instrument" not in [row.name for row in found.differences]


def test_json_holds_everything_and_is_the_same_each_time(folder, explored):
    texts = [
        json.dumps(exploration_json(found), allow_nan=False) for found in (explored, explore(folder, FOLDER, "folder"))
    ]
    assert texts[0] == texts[1]
    read = json.loads(texts[0])
    assert read["account"]["rejected"][0]["name"] == "steps/broken.mid"
    assert read["account"]["duplicates"][0]["duplicates"] == [{"name": "steps/copy.mid", "kind": "transposed"}]
    durations = next(own for own in read["distributions"] if own["name"] == "duration")
    assert durations["counts"] == {"8th": 2 * PER_GROUP * 64}
    assert [metric["name"] for metric in read["metrics"]] == [metric.name for metric in METRICS]
    assert read["groups"]["works"] == {"leaps": PER_GROUP, "steps": PER_GROUP}
    assert [own["order"] for own in read["sequences"][0]["entropy"]] == list(range(7))
    rows = {row["name"]: row for row in read["groups"]["differences"]}
    assert rows["instrument"]["groups"] == {"leaps": {"flute": 1.0}, "steps": {"violin": 1.0}}


def test_without_groups_nothing_is_compared(folder):
    found = explore(folder, FOLDER)
    assert (found.groups, found.differences) == (None, ())
    assert exploration_json(found)["groups"] is None


def test_of_large_corpora_ngrams_count_some_pieces(folder, monkeypatch):
    monkeypatch.setattr(corpus_contents, "MAX_COUNTED_PIECES", 9)
    found = explore(folder, FOLDER)
    # 26 files in the order of their names, of which every third is read for steps; the last but one is broken.
    assert found.line_stride == 3
    assert found.sequences[0].n_pieces <= 9
    assert len(found.pieces) == 2 * PER_GROUP


@pytest.mark.parametrize("by", ["composer", "genre"])
def test_a_grouping_without_labels_fails_before_anything_is_read(folder, by):
    def unread(piece):
        raise AssertionError(piece)

    with pytest.raises(CorpusError, match=f"--by {by}: this corpus names no {by}s"):
        explore(folder, replace(FOLDER, read=unread, read_all=None), by)


def test_an_unknown_grouping_names_the_known_ones(folder):
    with pytest.raises(CorpusError, match="no grouping 'mood'; there are composer, genre, instrument, folder"):
        explore(folder, FOLDER, "mood")


def test_nothing_usable_is_an_error_that_names_a_reason(tmp_path):
    (tmp_path / "x.mid").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"none of 1 files can be used; x.mid: not a readable MIDI file"):
        explore(tmp_path, FOLDER)


def test_music_too_short_for_anything_is_explored_all_the_same(tmp_path):
    write_midi(Score(480, (Track(make_notes([0], 480, 60, 80)),)), tmp_path / "note.mid")
    write_midi(Score(480, (Track(make_notes([0], 60, 36, 80), is_drum=True),)), tmp_path / "stroke.mid")
    read = exploration_json(explore(tmp_path, FOLDER))
    assert read["n_pieces"] == 2
    assert all(own["ngrams"][0]["total"] == 0 and own["entropy"] == [] for own in read["sequences"])
