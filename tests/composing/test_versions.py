"""The version of a procedure is raised when equal requests give other notes; golden values tell when they do."""

from __future__ import annotations

import base64
import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest
from fixtures.music import tune
from fixtures.scripted import Drawn, pieces_of_all_kinds, write

from componium.artifacts import PROCEDURE_VERSIONS, STYLES, Manifest, load_artifact, save_artifact
from componium.composing.compose import compose, compose_again
from componium.composing.constraints import FORBIDDEN
from componium.composing.procedures import PROCEDURES
from componium.composing.procedures.cells import gibbs
from componium.composing.procedures.latent import rolls, sequences, tuples
from componium.composing.requests import make_request
from componium.conditioning.style_profile import starting_profile
from componium.errors import ArtifactError
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.formats.midi import midi_bytes, read_midi
from componium.ngrams import fit, save_ngrams
from componium.representations.config import NotesConfig
from componium.representations.grid import GridConfig, GridRepresentation
from componium.representations.note_codec import NoteCodec
from componium.representations.notes import NotesRepresentation
from componium.representations.parts import Part
from componium.representations.words import WordsConfig, WordsRepresentation

RAISE = (
    "equal requests would give other notes than before: raise the version of every procedure in "
    "componium.artifacts.PROCEDURE_VERSIONS, and put the new values here"
)
# For each version, of scripted pieces how many choices there were and the sum of their weights.
SCRIPTED = {4: [(65, -4860.19), (57, -3518.14), (373, 875.18), (41, -1888.43), (41, -2812.71)]}
# For each version, a hash over the notes of a piece by an n-gram model of two tunes.
NGRAM_NOTES = {5: "a9f92cc4608a2226"}
# For each version, the same of a piece by cells whose probabilities are a rule of the cells known beside them.
GIBBS_NOTES = {4: "461d67ab71a77bdc"}
# For each version, a hash over the notes of a piece by an untrained network.
WORD_NOTES = {1: "14dd3f97de8150da"}
# For each version, a hash over the notes of a piece by networks that know nothing.
ENSEMBLE_NOTES = {2: "59a8461283f2249d"}

# For each version, hashes over the notes of pieces by generators that are rules of their noise: of notes, and of rolls.
LATENT_NOTES = {1: ("bbd732fdc6217d58", "327cc587e2c195b6")}
# For each version, a hash over the notes of a new piece and of a blend, by graphs that are rules of what they read.
SEQUENCE_NOTES = {1: "2c372545b722b95d"}


def test_the_weights_of_scripted_pieces_are_those_of_the_version():
    pieces = [Drawn(seed, own) for seed, own in enumerate(pieces_of_all_kinds())]
    write(1, pieces)
    found = [(len(piece.seen), round(sum(map(total_of, piece.seen)), 2)) for piece in pieces]
    expected = SCRIPTED[PROCEDURE_VERSIONS["note-by-note"]]
    assert [count for count, _ in found] == [count for count, _ in expected], f"{RAISE}: {found}"
    totals = [total for _, total in found]
    assert totals == pytest.approx([total for _, total in expected], rel=1e-5, abs=0.02), f"{RAISE}: {found}"


def total_of(weights):
    """The sum of weights of what is not forbidden."""
    return float(weights[weights > FORBIDDEN / 2].sum(dtype=np.float64))


@pytest.fixture(scope="module")
def ngram(tmp_path_factory):
    """An n-gram composer that has counted two tunes."""
    folder = tmp_path_factory.mktemp("ngram")
    codec = NoteCodec(NotesConfig(parts=(Part(name="piano"),)))
    features, pieces = FeatureSet(codec, FeatureConfig()), [codec.encode(tune(seed)) for seed in (1, 2)]
    save_ngrams(fit([(piece.events, features.positions_of(piece)) for piece in pieces], codec), folder / "ngrams.npz")
    (folder / STYLES).write_bytes(starting_profile((), 100.0, "quarter").to_bytes())
    manifest = Manifest(
        name="tunes", family="markov", representation=NotesRepresentation(codec.config).spec(), procedure="n-gram",
        signature={"ngrams": "ngrams.npz"}, tasks=("compose",), controls=("key",), corpora=(), recipe={}, seed=0,
        commit="", figures={}, files={},
    )  # fmt: skip
    return save_artifact(folder, ("ngrams.npz", STYLES), manifest, folder / "artifact")


def test_the_notes_of_an_ngram_model_are_those_of_the_version(ngram):
    [piece] = compose(ngram, make_request(bars=4, seed=1))
    notes = [(track.name, *note) for track in piece.score.tracks for note in track.notes.tolist()]
    assert len(notes) > 8
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == NGRAM_NOTES[PROCEDURE_VERSIONS["n-gram"]], RAISE


class Rule:
    """A graph of cells: near the known pitches on both sides; struck where the beat begins."""

    def run(self, names, inputs):
        pitch = np.arange(128)
        logits = np.zeros((*inputs["pitch"].shape, 129), np.float32)
        for side in ("before", "behind"):
            move = np.abs(pitch - inputs[side][..., None])
            logits[..., :128] -= np.where(inputs[side][..., None] < 128, np.minimum(move, 12), np.abs(pitch - 60) / 4)
        logits[..., 128] = -40
        return [logits, np.where(inputs["position"] % 4 == 0, np.float32(2), np.float32(-2)) + 0 * logits[..., 0]]


def test_the_notes_of_cells_are_those_of_the_version(voices, monkeypatch):
    composer = gibbs._open(voices)._replace(graph=Rule())
    monkeypatch.setattr(gibbs, "_open", lambda artifact: composer)
    [piece] = compose(voices, make_request(bars=5, key="D minor", seed=1))
    notes = [(track.name, *note) for track in piece.score.tracks for note in track.notes.tolist()]
    assert len(notes) > 40
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == GIBBS_NOTES[PROCEDURE_VERSIONS["gibbs"]], RAISE


@pytest.fixture(scope="module")
def words(tmp_path_factory, exports_once):
    """A composer of words whose weights are random numbers, the same ones every time."""
    import torch  # noqa: PLC0415 - takes seconds

    from componium.models.pitch_duration import PITCH_DURATION, PitchDurationConfig  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("words")
    view = WordsRepresentation(WordsConfig(notes=NotesConfig(parts=(Part(name="piano"),)), shapes=((4, 7), (3, 7))))
    torch.manual_seed(0)
    module = PITCH_DURATION.make(PitchDurationConfig(width=16, lookback=True), SimpleNamespace(representation=view))
    exported = PITCH_DURATION.export(module, folder, "fp32")
    (folder / STYLES).write_bytes(starting_profile((), 100.0, "quarter").to_bytes())
    manifest = Manifest(
        name="words", family="pitch-duration", representation=view.spec(), procedure="word-by-word",
        signature=exported.signature, tasks=("compose",), controls=("key",), corpora=(), recipe={}, seed=0,
        commit="", figures={}, files={},
    )  # fmt: skip
    return save_artifact(folder, (*exported.files, STYLES), manifest, folder / "artifact")


def test_the_notes_of_a_network_of_words_are_those_of_the_version(words):
    [piece] = compose(words, make_request(bars=8, seed=1, key="D major"))
    notes = [(track.name, *note) for track in piece.score.tracks for note in track.notes.tolist()]
    assert len(notes) > 8
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == WORD_NOTES[PROCEDURE_VERSIONS["word-by-word"]], f"{RAISE}: {found}"


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory, exports_once):
    """A composer of two parts whose weights are all 0: each choice is as likely as any other."""
    import torch  # noqa: PLC0415 - takes seconds

    from componium.models.note_chord import NOTE_CHORD  # noqa: PLC0415

    folder, parts = tmp_path_factory.mktemp("ensemble"), (Part(name="piano"), Part(name="flute", program=73))
    view = WordsRepresentation(WordsConfig(notes=NotesConfig(parts=parts, max_shift=12), shapes=((4, 7), (3, 7))))
    module = NOTE_CHORD.make(NOTE_CHORD.tiny, SimpleNamespace(representation=view))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    exported = NOTE_CHORD.export(module, folder, "fp32")
    (folder / STYLES).write_bytes(
        starting_profile(("ensemble",), 100.0, "quarter").for_parts(("piano", "flute")).to_bytes()
    )
    manifest = Manifest(
        name="two", family="note-chord", representation=view.spec(), procedure="ensemble",
        signature=exported.signature, tasks=("compose",), controls=("key", "chords"), corpora=(), recipe={}, seed=0,
        commit="", figures={}, files={},
    )  # fmt: skip
    return save_artifact(folder, (*exported.files, STYLES), manifest, folder / "artifact")


def test_the_notes_of_an_ensemble_are_those_of_the_version(ensemble):
    [piece] = compose(ensemble, make_request(bars=4, seed=1, key="D major", chords="D | G A", parts=("all",)))
    notes = [(track.name, *note) for track in piece.score.tracks for note in track.notes.tolist()]
    assert len({name for name, *_ in notes}) == 2
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == ENSEMBLE_NOTES[PROCEDURE_VERSIONS["ensemble"]], f"{RAISE}: {found}"


class Generator:
    """A graph of a stretch of real-valued notes: a rule of latent vector, noise and key."""

    inputs = ("latent", "noise", "key")

    def run(self, names, inputs):
        time, duration, pitch, velocity = np.moveaxis(inputs["noise"] + inputs["latent"][:, None], -1, 0)
        pitch = 60 + 8 * pitch + inputs["key"][:, None]
        return [np.stack((np.abs(time) / 2, np.exp(duration) / 3, pitch, 70 + 9 * velocity), axis=-1)]


def test_the_notes_of_a_generator_are_those_of_the_version(tmp_path, monkeypatch):
    (tmp_path / STYLES).write_bytes(starting_profile((), 100.0, "quarter").to_bytes())
    view = NotesRepresentation(NotesConfig(parts=(Part(name="piano"),)))
    manifest = Manifest(
        name="tuples", family="c-rnn-gan", representation=view.spec(), procedure="latent",
        signature={"length": 16, "latent": 4, "noise": 4}, tasks=("compose",), controls=("key",), corpora=(),
        recipe={}, seed=0, commit="", figures={}, files={},
    )  # fmt: skip
    artifact = save_artifact(tmp_path, (STYLES,), manifest, tmp_path / "artifact")
    monkeypatch.setattr(tuples, "_open", lambda artifact: Generator())
    [piece] = compose(artifact, make_request(bars=6, seed=1, key="D minor"))
    notes = [(track.name, *note) for track in piece.score.tracks for note in track.notes.tolist()]
    assert len(notes) > 20
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == LATENT_NOTES[PROCEDURE_VERSIONS["latent"]][0], f"{RAISE}: {found}"


class RollGenerator:
    """A graph of a bar: each track strikes where its latent vector says, and what was struck is held for two steps."""

    inputs = ("latent", "before", "chords")

    def run(self, names, inputs):
        before, latent = inputs["before"], inputs["latent"]
        n_tracks = before.shape[1] // 2
        roll = np.zeros_like(before)
        for track in range(n_tracks):
            for place, own in enumerate(np.abs(latent[0, 1 + track]) * 100):
                step, row = int(own + 4 * place) % 16, int(own * 7) % before.shape[3]
                roll[0, track, step, row] = roll[0, n_tracks + track, step : step + 2, row] = 1
        return [roll]


def test_the_notes_of_a_generator_of_rolls_are_those_of_the_version(tmp_path, monkeypatch):
    parts = (Part(name="piano"), Part(name="drums", is_drum=True))
    (tmp_path / STYLES).write_bytes(starting_profile((), 100.0, "quarter").to_bytes())
    view = GridRepresentation(GridConfig(notes=NotesConfig(parts=parts)))
    manifest = Manifest(
        name="rolls", family="dcgan", representation=view.spec(), procedure="latent",
        signature={"latent": 5, "lowest": 36, "octaves": 4}, tasks=("compose",), controls=("key",), corpora=(),
        recipe={}, seed=0, commit="", figures={}, files={},
    )  # fmt: skip
    artifact = save_artifact(tmp_path, (STYLES,), manifest, tmp_path / "artifact")
    monkeypatch.setattr(rolls, "open_rolls", lambda artifact: (RollGenerator(), rolls.RollSizes(artifact)))
    [piece] = compose(artifact, make_request(bars=6, seed=1, key="D minor"))
    notes = [(track.name, *note) for track in piece.score.tracks for note in track.notes.tolist()]
    assert len(notes) > 20
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == LATENT_NOTES[PROCEDURE_VERSIONS["latent"]][1], f"{RAISE}: {found}"


class Reader:
    """A graph that reads a segment as the mean of its notes."""

    def run(self, names, inputs):
        told = np.concatenate((inputs["onwards"], inputs["back"]), axis=1).astype(np.float32) / 50
        state = 0.9 * inputs["state"] + told[:, :4]
        return [state, state - 0.5, np.stack((state[:, 0], state[:, 1]), axis=1)]


class Writer:
    """A graph that writes notes as a rule of latent vector, style and random number."""

    def run(self, names, inputs):
        place = inputs["state"][:, 0] + 1
        moved = 9 * np.sin(place + inputs["latent"].sum(axis=1) + 2 * inputs["style"][:, 0] + inputs["uniform"][:, 0])
        pitch = 40 + moved.astype(np.int64)
        time = (4 * inputs["uniform"][:, 1]).astype(np.int64)
        return [np.stack((pitch, time, 2 + pitch % 5), axis=1), np.stack((place, place), axis=1)]


def test_the_notes_of_segments_are_those_of_the_version(tmp_path, monkeypatch):
    (tmp_path / STYLES).write_bytes(starting_profile((), 100.0, "quarter").to_bytes())
    view = NotesRepresentation(NotesConfig(steps=24, parts=(Part(name="piano", families=("any",)),)))
    manifest = Manifest(
        name="segments", family="style-vae", representation=view.spec(), procedure="latent-sequence",
        signature={"latent": 4, "styles": 2, "reading": 4, "writing": 2, "longest": 64}, tasks=("compose", "blend"),
        controls=(), corpora=(), recipe={}, seed=0, commit="", figures={}, files={},
    )  # fmt: skip
    artifact = save_artifact(tmp_path, (STYLES,), manifest, tmp_path / "artifact")
    monkeypatch.setattr(sequences, "_open", lambda artifact: sequences.Graphs(Reader(), Writer()))
    prompt, other = (base64.b64encode(midi_bytes(tune(1, n_bars=own))) for own in (6, 5))
    pieces = compose(artifact, make_request(bars=6, seed=1))
    pieces += compose(artifact, make_request(task="blend", prompt=prompt, other=other, steps=3, seed=1))
    notes = [(track.name, *note) for own in pieces for track in own.score.tracks for note in track.notes.tolist()]
    assert len(notes) > 80
    found = hashlib.sha256(json.dumps(notes).encode()).hexdigest()[:16]
    assert found == SEQUENCE_NOTES[PROCEDURE_VERSIONS["latent-sequence"]], f"{RAISE}: {found}"


def test_every_procedure_has_a_version():
    assert set(PROCEDURES) == set(PROCEDURE_VERSIONS)
    assert all(own.name == name for name, own in PROCEDURES.items())


def test_a_file_of_another_version_is_refused_with_both(ngram, monkeypatch):
    [piece] = compose(ngram, make_request(bars=1))
    written = read_midi(midi_bytes(piece.score))
    assert midi_bytes(compose_again(written, ngram).score) == midi_bytes(piece.score)
    monkeypatch.setitem(PROCEDURE_VERSIONS, "n-gram", 99)
    later = load_artifact(ngram.folder)
    assert later.digest != ngram.digest
    with pytest.raises(ArtifactError, match=r"version \d+ of the procedure n-gram, but this Componium has version 99"):
        compose_again(written, later)


def test_a_file_without_a_version_is_refused(ngram):
    [piece] = compose(ngram, make_request(bars=1))
    about = json.loads(piece.score.texts[0].removeprefix("componium "))
    del about["version"]
    [_] = piece.score.texts
    old = read_midi(midi_bytes(piece.score))
    object.__setattr__(old, "texts", ("componium " + json.dumps(about),))
    with pytest.raises(ArtifactError, match="a Componium older than this one"):
        compose_again(old, ngram)


def test_a_profile_that_was_changed_is_another_composer(ngram, tmp_path):
    own = ngram.profile.model_copy(update={"temperature": 0.5})
    (tmp_path / STYLES).write_bytes(own.to_bytes())
    (tmp_path / "ngrams.npz").write_bytes(ngram.file("ngrams").read_bytes())
    other = save_artifact(tmp_path, ("ngrams.npz", STYLES), ngram.manifest, tmp_path / "artifact")
    assert other.digest != ngram.digest
    [piece] = compose(ngram, make_request(bars=1))
    with pytest.raises(ArtifactError, match="but the one at hand is"):
        compose_again(read_midi(midi_bytes(piece.score)), other)
