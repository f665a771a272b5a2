from __future__ import annotations

import numpy as np
import pytest
from fixtures.played import folder_of_performances

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.corpora import corpus_named
from componium.corpora.splits import FEWEST_WORKS
from componium.errors import CorpusError
from componium.formats.midi import write_midi
from componium.score import Score, Track, make_notes
from componium.score.grid import has_beat_grid
from componium.training.own_music.choice import FEW_NOTES, choose, composer_name
from componium.training.own_music.material import MOST_SURVEYED, Material, survey_folder


@pytest.fixture(scope="module")
def band():
    return load_artifact("band")


@pytest.fixture(scope="module")
def performer():
    return load_artifact("piano-giantmidi")


def tune(seed, n_notes=64, *, jitter=0):
    """A tune of eighths on a flute, its onsets moved at random by up to so many of 480 ticks."""
    rng = np.random.default_rng(seed)
    onset = 240 * np.arange(n_notes) + rng.integers(0, jitter + 1, n_notes)
    pitch = 72 + np.cumsum(rng.integers(-2, 3, n_notes)) % 12
    return Score(480, (Track(make_notes(onset, 200, pitch, 80), 73),))


def composed(band, style):
    """Pieces of the band in one of its styles, which it must find more probable in that style than in any other."""
    request = make_request(style=style, bars=16, seed=3, count=4)
    return [composition.score for composition in compose(band, request)]


def material(scores, n_works=20, n_notes=30_000, share_with_beat=1.0):
    return Material(n_works, n_works, tuple(scores), n_notes, share_with_beat)


def silent(done, total):
    pass


class TestSurvey:
    def test_counts_what_is_there(self, tmp_path):
        for number in range(3):
            write_midi(tune(number), tmp_path / f"{number}.mid")
        write_midi(tune(3, jitter=200), tmp_path / "played.mid")
        (tmp_path / "broken.mid").write_bytes(b"MThd")
        found = survey_folder(tmp_path, silent)
        assert (found.n_files, found.n_works, found.n_notes) == (5, 5, 4 * 64)
        assert found.share_with_beat == 0.75

    @pytest.mark.parametrize("keep_ticks", [False, True])
    def test_performances_have_a_beat_if_it_is_found_and_may_be_used(self, tmp_path, band, performer, keep_ticks):
        folder = folder_of_performances(tmp_path / "played", range(5))
        found = survey_folder(folder, silent, keep_ticks=keep_ticks)
        assert found.share_with_beat == (0.0 if keep_ticks else 1.0)
        assert [has_beat_grid(score) for score in found.scores] == [not keep_ticks] * 5
        choice = choose("mine", found, band, performer, {"keep_ticks": True} if keep_ticks else {})
        begun_with, unit = ("piano-giantmidi", "second") if keep_ticks else ("band", "quarter")
        assert choice.start.artifact.manifest.name == begun_with
        assert choice.recipe.representation.notes.unit == unit
        assert choice.recipe.preparation.keep_ticks == keep_ticks

    def test_of_many_files_the_notes_are_estimated(self, tmp_path):
        for number in range(MOST_SURVEYED + 50):
            write_midi(tune(number, 20), tmp_path / f"{number}.mid")
        found = survey_folder(tmp_path, silent)
        assert len(found.scores) == MOST_SURVEYED
        assert found.n_notes == 20 * (MOST_SURVEYED + 50)

    def test_nothing_usable_is_said_with_its_reason(self, tmp_path):
        (tmp_path / "broken.mid").write_bytes(b"no music")
        with pytest.raises(CorpusError, match=r"none of 1 files can be used; the first: .*broken.mid: not a readable"):
            survey_folder(tmp_path, silent)


class TestChoice:
    @pytest.mark.parametrize("style", ["chorale", "folk"])
    def test_music_with_a_beat_begins_with_the_band_in_its_nearest_style(self, band, performer, style):
        choice = choose("mine", material(composed(band, style)), band, performer)
        assert (choice.start.artifact.manifest.name, choice.start.style) == ("band", style)
        [source] = choice.recipe.sources
        assert (source.corpus, source.style, choice.recipe.name) == ("folder", "mine", "mine")
        assert choice.recipe.model["width"] == band.manifest.recipe["model"]["width"]

    def test_performances_begin_with_the_performer_in_seconds(self, band, performer):
        choice = choose("mine", material([tune(1)], share_with_beat=0.2), band, performer)
        assert (choice.start.artifact.manifest.name, choice.start.style) == ("piano-giantmidi", None)
        assert choice.recipe.representation.notes.unit == "second"
        assert choice.recipe.sources == ()

    def test_the_folder_stays_the_corpus_that_it_was_read_as(self, tmp_path, band, performer):
        """Its works say which pieces are held out, and its licence and citation go with the composer."""
        for number in range(3):
            write_midi(tune(number), tmp_path / f"{number}.mid")
        found = survey_folder(tmp_path, silent, corpus_named("nottingham"))
        [source] = choose("mine", found, band, performer).recipe.sources
        assert source.corpus == "nottingham"
        in_seconds = choose("mine", found._replace(share_with_beat=0.0), band, performer).recipe
        assert (in_seconds.corpus, in_seconds.sources) == ("nottingham", ())

    def test_more_music_is_trained_on_for_longer(self, band, performer):
        steps = [
            choose("mine", material([tune(1)], n_notes=notes), band, performer).recipe.training.steps
            for notes in (1_000, 100_000, 1_000_000)
        ]
        assert steps == sorted(set(steps))

    def test_what_few_pieces_cannot_give_is_said(self, band, performer):
        enough = choose("mine", material([tune(1)], FEWEST_WORKS, FEW_NOTES), band, performer)
        few = choose("mine", material([tune(1)], FEWEST_WORKS - 1, FEW_NOTES - 1), band, performer)
        assert enough.warnings == ()
        assert len(few.warnings) == 2

    def test_how_long_it_takes_is_said(self, band, performer):
        assert choose("mine", material([tune(1)]), band, performer).minutes > 0


@pytest.mark.parametrize(
    ("text", "name"), [("My tunes!", "my-tunes"), ("mine", "mine"), ("...", "own"), ("Lieder_op.48", "lieder-op-48")]
)
def test_names_are_made_of_folders(text, name):
    assert composer_name(text) == name
