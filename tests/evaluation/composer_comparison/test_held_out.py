"""What a composer knows is found whatever its key, left out for all, and named."""

from dataclasses import replace

import pytest
from fixtures.comparisons import FOLDER, SIZES, that_knows, whole
from fixtures.music import tune, write_corpus

from componium.errors import CorpusError
from componium.evaluation.composer_comparison.composers import Composer, distinct_composers
from componium.evaluation.composer_comparison.held_out import hold_out
from componium.formats.midi import write_midi
from componium.score import make_notes


def transposed(score, steps):
    tracks = []
    for track in score.tracks:
        notes = track.notes
        pitch = notes["pitch"] if track.is_drum else notes["pitch"] + steps
        tracks.append(replace(track, notes=make_notes(notes["onset"], notes["duration"], pitch, notes["velocity"])))
    return replace(score, tracks=tuple(tracks))


def test_every_split_is_there_and_nothing_is_refused_without_reason(held_out, artifact, corpus):
    assert {split: len(pieces) for split, pieces in held_out.pieces.items()} == SIZES
    again = hold_out(FOLDER, corpus, [Composer("counted", artifact)])
    assert again.known_test == ()
    assert again.digest == held_out.digest


def test_a_test_piece_among_the_fingerprints_is_left_out_and_named(held_out, artifact, corpus):
    leaked = held_out.pieces["test"][3]
    knowing = that_knows(artifact, {"other/name": transposed(leaked.score, 3)}, "knowing")
    found = hold_out(FOLDER, corpus, [Composer("innocent", artifact), Composer("knowing", knowing)])
    assert [tuple(own) for own in found.known_test] == [(leaked.name, "knowing", "other/name")]
    left = [piece.name for piece in found.pieces["test"]]
    assert left == [piece.name for piece in held_out.pieces["test"] if piece.name != leaked.name]
    assert found.digest != held_out.digest


def test_known_validation_pieces_stay_and_are_named(held_out, artifact, corpus):
    leaked = held_out.pieces["validation"][0]
    knowing = that_knows(artifact, {"x": leaked.score}, "knows-validation")
    found = hold_out(FOLDER, corpus, [Composer("knowing", knowing)])
    assert [own.name for own in found.known_validation] == [leaked.name]
    assert len(found.pieces["validation"]) == SIZES["validation"]


def test_where_all_are_known_nothing_can_be_compared(held_out, artifact, corpus):
    everything = {f"own-{piece.name}": piece.score for piece in held_out.pieces["test"]}
    knowing = that_knows(artifact, everything, "omniscient")
    with pytest.raises(CorpusError, match=r"all 10 test pieces .* of omniscient"):
        hold_out(FOLDER, corpus, [Composer("omniscient", knowing)])


def test_copies_and_files_without_music_are_left_out_with_their_reasons(tmp_path):
    folder = write_corpus(tmp_path / "corpus", SIZES)
    first = min(folder.iterdir())
    copy = folder / "zz-copy.mid"
    write_midi(transposed(tune(int(first.stem.split("-")[1])), 2), copy)
    (folder / "broken.mid").write_bytes(b"no music")
    found = whole(folder)
    assert found.copies == {copy.name: first.name}
    assert [why for name, why in found.rejected.items() if name.startswith("broken")]
    assert sum(map(len, found.pieces.values())) == sum(SIZES.values())


def test_too_few_works_are_an_error(tmp_path):
    folder = write_corpus(tmp_path / "corpus", {"train": 2})
    with pytest.raises(CorpusError, match="no validation or test piece"):
        whole(folder)


def test_composers_of_one_name_are_told_apart_and_one_given_twice_is_one(held_out, artifact):
    [own] = distinct_composers([artifact, artifact])
    assert own.name == "counted"
    other = replace(artifact, manifest=artifact.manifest.model_copy(update={"signature": {"ngrams": "elsewhere"}}))
    names = [composer.name for composer in distinct_composers([artifact, other])]
    assert names == [f"counted {artifact.digest[:6]}", f"counted {other.digest[:6]}"]
