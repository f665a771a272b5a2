import math
from dataclasses import replace

import pytest
from fixtures.comparisons import DRUMS, counted

from componium.evaluation.composer_comparison.composers import Composer
from componium.evaluation.composer_comparison.rows.next_note_rows import next_note_rows


@pytest.fixture(scope="module")
def rows(artifact, held_out, corpus, tmp_path_factory):
    drums = counted(corpus, tmp_path_factory.mktemp("next") / "drums", "drums", DRUMS)
    silent = replace(artifact, manifest=artifact.manifest.model_copy(update={"procedure": "gibbs"}))
    composers = [Composer("counted", artifact), Composer("drums", drums), Composer("silent", silent)]
    return next_note_rows(composers, held_out)


def figures(rows, name):
    return {row.figure: row for row in rows if row.composer == name}


def test_baselines_stand_before_the_composers(rows):
    names = list(dict.fromkeys(row.composer for row in rows))
    baselines = ["majority", "stratified", "repeat the last", "n-gram of the line"]
    assert names == [*baselines, "counted", "drums", "silent"]
    assert [row.kind for row in rows if row.composer in baselines] == ["baseline"] * 24


def test_every_figure_is_within_its_interval_and_both_are_no_easier_than_one(rows):
    for name in ("majority", "n-gram of the line", "counted"):
        own = figures(rows, name)
        assert len(own) == 6
        for row in own.values():
            assert row.low <= row.value <= row.high
            assert (row.interval, row.n) == ("works", 10)
        pair, pitch = own["pair accuracy"].value, own["pitch class accuracy"].value
        assert pair <= min(pitch, own["duration accuracy"].value)
        parts = own["pitch class bits"].value + own["duration bits"].value
        assert own["pair bits"].value == pytest.approx(parts)


def test_what_there_is_no_figure_of_is_a_dash_with_the_reason(rows):
    last = figures(rows, "repeat the last")
    assert last["pair accuracy"].value > 0
    assert math.isnan(last["pair bits"].value)
    assert "no probability" in last["pair bits"].note
    for name, why in (("drums", "a composer that plays drums alone"), ("silent", "no likelihood")):
        [row] = figures(rows, name).values()
        assert math.isnan(row.value)
        assert why in row.note
