"""Planted truths: what is the same is found the same, what was spoiled is found where it was spoiled."""

import json
from dataclasses import replace

import numpy as np
import pytest

from componium.corpora import CORPORA
from componium.errors import CorpusError
from componium.evaluation.metrics import METRICS
from componium.evaluation.sets.measured_set import measure_set, one_of_each_work
from componium.evaluation.sets.set_comparison import compare_sets
from componium.evaluation.sets.set_comparison_json import comparison_json
from componium.formats.midi import write_midi
from componium.score import Score, Track, make_notes

FOLDER = CORPORA["folder"]
TRIADS = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (9, 12, 16)]


def song(seed, n_bars=8):
    """A tune over chords that returns after four bars, of a composer that never tires of it."""
    rng = np.random.default_rng(seed)
    key, rows, phrase = int(rng.integers(-5, 7)), [], []
    for bar in range(4):
        places = np.sort(rng.choice(8, rng.integers(3, 7), replace=False)) / 2
        triad = TRIADS[int(rng.integers(4))]
        phrase += [(4 * bar + place, 0.5, 72 + int(rng.choice(triad))) for place in places]
        phrase += [(4 * bar, 4, 48 + step) for step in triad]
    for repeat in range(n_bars // 4):
        rows += [(onset + 16 * repeat, length, pitch + key) for onset, length, pitch in phrase]
    onset, length, pitch = np.array(rows).T
    return Score(480, (Track(make_notes(onset * 480, length * 480, pitch.astype(int), 80)),))


def shuffled(score, seed):
    """The same notes in a random order: pitches stay, rhythm and structure go."""
    rng, notes = np.random.default_rng(seed), score.tracks[0].notes
    onset = rng.integers(0, int(notes["onset"].max()) // 120 + 1, len(notes)) * 120
    onset[0] = notes["onset"].max()
    return replace(score, tracks=(Track(make_notes(onset, notes["duration"], rng.permutation(notes["pitch"]), 80)),))


def folder_of(path, scores):
    path.mkdir()
    for index, score in enumerate(scores):
        write_midi(score, path / f"{index:03}.mid")
    return path


def measured(path):
    return measure_set(FOLDER.find(path), FOLDER, METRICS)


@pytest.fixture(scope="module")
def human(tmp_path_factory):
    return measured(folder_of(tmp_path_factory.mktemp("sets") / "human", [song(seed) for seed in range(30)]))


def alarms(comparison):
    return {row.metric.name: row.metric.group for row in comparison.rows if row.p_holm < 0.05}


def test_more_of_the_same_raises_no_alarm(human, tmp_path):
    others = measured(folder_of(tmp_path / "others", [song(seed) for seed in range(100, 130)]))
    comparison = compare_sets(human, others, METRICS)
    assert alarms(comparison) == {}
    inside = [row.statistics.null_low <= row.statistics.overlap for row in comparison.rows if row.statistics]
    assert np.mean(inside) > 0.8


def test_shuffled_notes_lose_rhythm_and_structure_and_keep_their_pitches(human, tmp_path):
    spoiled = measured(folder_of(tmp_path / "spoiled", [shuffled(song(seed), seed) for seed in range(100, 130)]))
    comparison = compare_sets(human, spoiled, METRICS)
    found = alarms(comparison)
    assert {"rhythm", "structure"} <= set(found.values())
    assert "repeated_share" in found
    assert "scale_consistency" not in found


def test_the_order_of_files_changes_nothing(human, tmp_path):
    scores = [song(seed) for seed in range(12)]
    pieces = FOLDER.find(folder_of(tmp_path / "some", scores))
    reports = [
        json.dumps(comparison_json(compare_sets(human, measure_set(order, FOLDER, METRICS), METRICS)), allow_nan=False)
        for order in (pieces, pieces[::-1])
    ]
    assert reports[0] == reports[1]


def test_few_pieces_are_not_compared_and_all_is_said(human, tmp_path):
    path = folder_of(tmp_path / "few", [song(seed, n_bars=32) for seed in range(3)])
    (path / "broken.mid").write_bytes(b"no music")
    comparison = compare_sets(human, measured(path), METRICS)
    assert all(row.statistics is None for row in comparison.rows)
    said = " ".join(comparison.warnings)
    assert said.count("too few pieces to compare") == 1
    assert "and 3 generated, where at least 10 of each are needed" in said
    assert "1 generated files could not be read" in said
    assert "differ in length" in said
    assert "not a readable MIDI file" in comparison_json(comparison)["sets"]["generated"]["rejected"]["broken.mid"]


def test_undefined_figures_are_counted_with_their_reasons(human, tmp_path):
    drums = [Score(480, (Track(make_notes([0, 480], 240, 36, 80), is_drum=True),))] * 12
    comparison = compare_sets(human, measured(folder_of(tmp_path / "drums", drums)), METRICS)
    rows = {row["name"]: row for row in comparison_json(comparison)["metrics"]}
    assert rows["scale_consistency"]["generated"]["undefined"] == {"no pitched notes": 12}
    assert rows["scale_consistency"]["beside"] is None
    assert any("100%" in warning for warning in comparison.warnings)


def test_a_set_that_cannot_be_read_is_an_error(tmp_path):
    path = tmp_path / "broken"
    path.mkdir()
    (path / "x.mid").write_bytes(b"")
    with pytest.raises(CorpusError, match="nothing to judge"):
        measured(path)


def test_pieces_of_one_work_are_no_more_evidence_than_one_of_them(human, tmp_path):
    others = measured(folder_of(tmp_path / "others", [shuffled(song(seed), seed) for seed in range(100, 130)]))
    # Each work of the reference in three versions that are alike.
    versions = replace(human, pieces=tuple(piece for piece in human.pieces for _ in range(3)))
    once, thrice = compare_sets(human, others, METRICS), compare_sets(versions, others, METRICS)
    assert [row.p_holm for row in thrice.rows] == [row.p_holm for row in once.rows]
    assert [own.p for own in thrice.set_figures] == pytest.approx([own.p for own in once.set_figures], nan_ok=True)
    assert "60 of 90 reference pieces are left out: of each work one is compared" in thrice.warnings
    assert not [warning for warning in once.warnings if "left out" in warning]


def test_of_the_pieces_of_a_work_chance_says_which_is_compared(human):
    works = replace(
        human, pieces=tuple(piece._replace(work="one" if i < 20 else "") for i, piece in enumerate(human.pieces))
    )
    drawn = {tuple(piece.name for piece in one_of_each_work(works, seed).pieces) for seed in range(20)}
    assert {names[1:] for names in drawn} == {tuple(piece.name for piece in human.pieces[20:])}
    assert len({names[0] for names in drawn}) > 5
