"""Planted truths of composed sets: the same music raises no alarm, copies and shuffled notes do, in every seed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fixtures.comparisons import human_door, tunes

from componium.errors import RequestError
from componium.evaluation.composer_comparison.composers import Composer
from componium.evaluation.composer_comparison.rows.set_rows import (
    GenerationSettings,
    compare_composed_sets,
    measure_first_bars,
    set_rows,
    warnings_of_sets,
)
from componium.score import Track, make_notes

BARS = 8


def shuffled(score, seed):
    rng = np.random.default_rng(seed)
    tracks = []
    for track in score.tracks:
        notes = track.notes
        onset = 120 * np.sort(rng.integers(0, int(notes["onset"].max()) // 120 + 1, len(notes)))
        pitch = rng.permutation(notes["pitch"])
        tracks.append(Track(make_notes(onset, notes["duration"], pitch, 80), track.program, track.is_drum, track.name))
    return replace(score, tracks=tuple(tracks))


def rows_of(compose, artifact, held_out, *, count=12, seeds=2, **manifest):
    own = replace(artifact, manifest=artifact.manifest.model_copy(update=manifest))
    composing = human_door()._replace(compose=compose)
    sets = (measure_first_bars(held_out.pieces[split], BARS) for split in ("test", "validation"))
    composer_sets = compare_composed_sets(
        *sets, [Composer("own", own)], GenerationSettings(count, BARS, seeds), composing, lambda _: None
    )
    return set_rows(composer_sets), composer_sets


def alarms(rows, name="own"):
    return {row.figure for row in rows if row.composer == name and row.is_alarm}


def test_more_of_the_same_raises_no_alarm_and_lies_between_its_seeds(artifact, held_out):
    rows, composer_sets = rows_of(human_door().compose, artifact, held_out)
    assert alarms(rows) == set()
    assert alarms(rows, "second humans") == set()
    found = [row for row in rows if row.composer == "own" and math.isfinite(row.value)]
    assert len(found) > 40
    for row in found:
        assert row.low <= row.value <= row.high
        assert (row.interval, row.n) == ("seeds", 12)
    assert any(row.low < row.high for row in found)
    distances = [
        (row.figure, one) for row in rows if row.section == "distances" and row.composer == "own" for one in [row]
    ]
    by_hand = [one.rows[0].statistics.distance for one in composer_sets[1].comparisons]
    assert distances[0][1].value == pytest.approx(np.mean(by_hand))
    assert (distances[0][1].low, distances[0][1].high) == (min(by_hand), max(by_hand))


def test_shuffled_notes_raise_alarms_in_every_seed(artifact, held_out):
    def compose(_, count, bars, seed):
        return [shuffled(score, seed) for score in tunes(10_000 * seed, count, bars)]

    rows, _ = rows_of(compose, artifact, held_out)
    assert {"groove_similarity", "onset_distances"} <= alarms(rows)
    row = next(row for row in rows if row.figure == "onset_distances" and row.composer == "own")
    assert (row.alarms, row.tested) == (2, 2)


def test_copies_of_the_training_pieces_show_in_originality(artifact, held_out):
    copies = held_out.scores("train")
    rows, _ = rows_of(lambda *_: copies, artifact, held_out)
    assert {"longest_match", "coverage_8"} <= alarms(rows)
    chance = next(row for row in rows if row.figure == "longest_match of human pieces" and row.composer == "own")
    copied = next(row for row in rows if row.figure == "longest_match" and row.composer == "own")
    assert chance.interval == "chance"
    assert copied.value > chance.high


def test_what_cannot_be_told_is_a_dash_with_the_reason(artifact, held_out):
    few, _ = rows_of(human_door().compose, artifact, held_out, count=9)
    distances = [row for row in few if row.section == "distances" and row.composer == "own"]
    assert all(math.isnan(row.value) and "fewer than 10 pieces" in row.note for row in distances)
    silent, _ = rows_of(human_door().compose, artifact, held_out, tasks=())
    own = [row for row in silent if row.composer == "own"]
    assert own
    assert all(math.isnan(row.value) and row.note == "it is scored only: it does not compose" for row in own)

    def refuses(*_):
        raise RequestError("no such bars")

    known_test, _ = rows_of(refuses, artifact, held_out)
    assert {row.note for row in known_test if row.composer == "own"} == {"no such bars"}


def test_an_artifact_without_fingerprints_has_no_originality(artifact, held_out):
    files = {name: digest for name, digest in artifact.manifest.files.items() if name != "fingerprints.npz"}
    rows, _ = rows_of(human_door().compose, artifact, held_out, files=files)
    # Whether the reference is copied is asked without any.
    own = {row.figure.removesuffix(" of human pieces") for row in rows if row.section == "originality"}
    assert own == {"reference_copies"}
    assert [row for row in rows if row.section == "distances" and row.composer == "own" and row.tested]


def test_what_is_said_of_all_is_said_once(artifact, held_out):
    def half(_, count, bars, seed):
        return tunes(10_000 * seed, count, bars // 4)

    _, composer_sets = rows_of(half, artifact, held_out)
    remark = warnings_of_sets(composer_sets)
    assert len(remark) == len(set(remark))
    assert any(warning.startswith("own: the pieces differ in length") for warning in remark)
    assert any(warning.startswith("10 test pieces") for warning in remark)
