"""Bars of piano rolls follow each other: what the next one reads, notes over bar lines, and prompts."""

import numpy as np
import pytest
from families.composing import as_data, composed

from componium.artifacts import Manifest, save_artifact
from componium.artifacts.artifact import STYLES
from componium.composing.procedures.latent import rolls
from componium.conditioning.style_profile import starting_profile
from componium.errors import PromptError
from componium.representations.config import NotesConfig
from componium.representations.grid import GridConfig, GridRepresentation
from componium.representations.parts import Part
from componium.score import Score, TimeSignature, Track, make_notes
from componium.score.harmony.keys import parse_key

QUARTER = 480


class Held:
    """A graph that strikes a C in the first bar and holds it ever after, and writes down what it reads."""

    inputs = ("latent", "before", "chords")

    def __init__(self, pitches=(12,)):
        self.pitches, self.read = pitches, []

    def run(self, names, inputs):
        self.read.append(inputs)
        roll = np.zeros_like(inputs["before"])
        n_tracks = roll.shape[1] // 2
        roll[0, n_tracks:, :, self.pitches] = 1
        if not inputs["before"].any():
            roll[0, :n_tracks, 0, self.pitches] = 1
        return [roll]


@pytest.fixture
def artifact(tmp_path):
    parts = (Part(name="piano"), Part(name="drums", is_drum=True))
    (tmp_path / STYLES).write_bytes(starting_profile((), 100.0, "quarter").to_bytes())
    view = GridRepresentation(GridConfig(layout="planes", notes=NotesConfig(parts=parts)))
    manifest = Manifest(
        name="rolls", family="dcgan", representation=view.spec(), procedure="latent",
        signature={"latent": 3, "lowest": 48, "octaves": 2}, tasks=("compose", "continue"), controls=("key",),
        corpora=(), recipe={}, seed=0, commit="", figures={}, files={},
    )  # fmt: skip
    return save_artifact(tmp_path, (STYLES,), manifest, tmp_path / "artifact")


@pytest.fixture
def graph(artifact, monkeypatch):
    own = Held()
    monkeypatch.setattr(rolls, "open_rolls", lambda artifact: (own, rolls.RollSizes(artifact)))
    return own


def lists(score):
    return {track.name: [tuple(note)[:3] for note in track.notes.tolist()] for track in score.tracks}


def test_a_note_that_goes_on_over_bar_lines_is_one(artifact, graph):
    (score,) = composed(artifact, bars=3)
    bar = 4 * score.ticks_per_quarter
    # The last bar would strike nothing, and sounds all the same.
    assert lists(score)["piano"] == [(0, 2 * bar, 60), (2 * bar, bar, 60)]
    first, second, _ = graph.read
    assert not first["before"].any()
    assert second["before"][0, 2:, :, 12].all()
    assert first["latent"].shape == (1, 3, 3)
    assert not np.array_equal(first["latent"], second["latent"])


def test_a_key_moves_all_but_drums(artifact, graph):
    graph.pitches = (13,)
    (score,) = composed(artifact, bars=1, key="C major")
    found = lists(score)
    assert {pitch % 12 for _, _, pitch in found["piano"]} <= set(parse_key("C major").pitch_classes)
    assert [pitch for _, _, pitch in found["drums"]] == [61]


def test_a_prompt_is_the_bar_before_and_stays(artifact, graph):
    prompt = Score(QUARTER, (Track(make_notes([0, 4 * QUARTER], [QUARTER, 2 * QUARTER], [50, 52], 80), 0),))
    (score,) = composed(artifact, task="continue", bars=1, prompt=as_data(prompt))
    before = graph.read[0]["before"][0]
    assert before[0].nonzero()[0].tolist() == [0]
    assert before[2].nonzero()[0].tolist() == list(range(8))
    assert set(before[2].nonzero()[1].tolist()) == {52 - 48}
    notes = sorted(note for own in lists(score).values() for note in own)
    quarter = score.ticks_per_quarter
    kept = [note for note in notes if note[0] < 8 * quarter]
    assert kept == [(0, quarter, 50), (4 * quarter, 2 * quarter, 52)]


def test_a_prompt_in_another_meter_is_refused(artifact, graph):
    notes = make_notes([0, 3 * QUARTER], [QUARTER, QUARTER], [50, 52], 80)
    prompt = Score(QUARTER, (Track(notes, 0),), time_signatures=(TimeSignature(0, 3, 4),))
    with pytest.raises(PromptError, match="3/4"):
        composed(artifact, task="continue", bars=1, prompt=as_data(prompt))
