from __future__ import annotations

import dataclasses
import os
import shutil

import numpy as np
import pytest
from fixtures.music import tune

from componium.corpora import CORPORA
from componium.corpora.corpus import Piece
from componium.corpora.selection import SelectionConfig
from componium.corpora.splits import SPLITS, split_of
from componium.errors import CorpusError
from componium.formats.midi import read_midi, write_midi
from componium.representations.config import NotesConfig
from componium.representations.parts import Part
from componium.score import Score, Track, make_notes
from componium.training.dataset import load
from componium.training.preparation import prepare as preparing
from componium.training.preparation import survey as surveying
from componium.training.preparation.sources import PreparationConfig, pieces_of

FOLDER = CORPORA["folder"]


def prepare(corpus, folder, notes, cache, **asked):
    return preparing.prepare(corpus, folder, PreparationConfig(notes=notes, **asked), cache)


@pytest.fixture
def corpus(corpus_folder, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(corpus_folder, tmp_path / "music")


def refuse(piece):
    raise AssertionError(f"{piece.name} was read again")


def transposed(score, semitones):
    tracks = [
        dataclasses.replace(track, notes=make_notes(n["onset"], n["duration"], n["pitch"] + semitones, n["velocity"]))
        for track in score.tracks
        for n in [track.notes]
        if not track.is_drum
    ]
    return dataclasses.replace(score, tracks=tuple(tracks))


class TestCache:
    def test_a_second_time_nothing_is_read(self, corpus, tmp_path):
        first = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache")
        for path in corpus.iterdir():
            os.utime(path, (1, 1))
        moved = corpus.rename(tmp_path / "elsewhere")
        unread = dataclasses.replace(FOLDER, read=refuse, read_all=None)
        second = prepare(unread, moved, NotesConfig(), tmp_path / "cache")
        assert second.folder == first.folder
        assert second.records == first.records

    def test_other_bytes_files_or_settings_are_another_dataset(self, corpus, tmp_path):
        folders = [prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache").folder]
        folders.append(prepare(FOLDER, corpus, NotesConfig(velocity_bins=8), tmp_path / "cache").folder)
        write_midi(tune(400), corpus / "tune-00.mid")
        folders.append(prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache").folder)
        write_midi(tune(401), corpus / "more.mid")
        folders.append(prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache").folder)
        assert len(set(folders)) == 4

    def test_equal_files_give_equal_arrays(self, corpus, tmp_path):
        one, two = (prepare(FOLDER, corpus, NotesConfig(), tmp_path / cache) for cache in ("a", "b"))
        assert (one.records, one.manifest, one.folder.name) == (two.records, two.manifest, two.folder.name)
        for name in ("events", "pointers", "streaks"):
            assert np.array_equal(getattr(one, name), getattr(two, name))

    def test_arrays_stay_on_disk(self, dataset):
        assert all(isinstance(getattr(dataset, name), np.memmap) for name in ("events", "pointers", "streaks"))

    def test_opened_it_is_what_was_prepared(self, dataset):
        again = load(dataset.folder)
        assert again.records == dataset.records
        assert again.representation.spec() == dataset.representation.spec()


class TestContent:
    def test_every_piece_is_the_music_of_its_file(self, dataset, corpus_folder):
        assert len(dataset.records) == len(list(corpus_folder.iterdir()))
        for index, record in enumerate(dataset.records):
            expected = dataset.codec.encode(read_midi(corpus_folder / record.name))
            found = dataset.encoded(index)
            assert np.array_equal(found.events, expected.events)
            for name in ("meter", "n_bars", "tempo_bpm", "n_pedals"):
                assert getattr(found, name) == getattr(expected, name)

    def test_parts_are_the_instruments_of_the_pieces(self, dataset):
        parts = {(part.program, part.is_drum) for part in dataset.codec.config.parts}
        assert parts == {(0, False), (32, False), (73, False), (0, True)}

    def test_parts_that_are_given_stay(self, corpus, tmp_path):
        config = NotesConfig(parts=(Part(name="flute", program=73),))
        dataset = prepare(FOLDER, corpus, config, tmp_path / "cache")
        assert dataset.codec.config == config


class TestRejected:
    def test_each_file_with_its_reason(self, corpus, tmp_path):
        (corpus / "broken.mid").write_bytes(b"MThd\0\0\0\6\0")
        (corpus / "empty.mid").write_bytes(b"")
        (corpus / "text.mid").write_text("no music at all")
        write_midi(Score(480, (Track(),)), corpus / "silent.mid")
        shutil.copyfile(corpus / "tune-00.mid", corpus / "zz-copy.mid")
        write_midi(transposed(read_midi(corpus / "tune-01.mid"), 3), corpus / "zz-transposed.mid")
        organ = Track(make_notes([0, 480, 960], 480, [60, 64, 67], 64), 19)
        write_midi(Score(480, (organ,)), corpus / "organ.mid")
        flute = NotesConfig(parts=(Part(name="flute", program=73), Part(name="piano")))
        rejected = prepare(FOLDER, corpus, flute, tmp_path / "cache").rejected
        assert set(rejected) == {
            "broken.mid", "empty.mid", "text.mid", "silent.mid", "zz-copy.mid", "zz-transposed.mid", "organ.mid",
        }  # fmt: skip
        assert "empty" in rejected["empty.mid"]
        assert "MThd" in rejected["text.mid"]
        assert "no notes" in rejected["silent.mid"]
        assert rejected["zz-copy.mid"] == "bytes duplicate of tune-00.mid"
        assert "duplicate of tune-01.mid" in rejected["zz-transposed.mid"]
        assert "flute, piano" in rejected["organ.mid"]

    def test_the_reasons_are_kept(self, corpus, tmp_path):
        (corpus / "empty.mid").write_bytes(b"")
        first = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache")
        assert prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache").rejected == first.rejected != {}


class TestSelection:
    def test_what_does_not_follow_the_beats_is_said_or_refused_unless_time_is_in_seconds(self, corpus, tmp_path):
        score = read_midi(corpus / "tune-00.mid")
        late = Track(make_notes(np.arange(64) * score.ticks_per_quarter + 57, 200, 60 + np.arange(64) % 12, 80))
        write_midi(Score(score.ticks_per_quarter, (late,)), corpus / "late.mid")
        used = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache", keep_ticks=True)
        assert (used.rejected, used.without_beats) == ({}, ("late.mid",))
        asked = SelectionConfig(beats=True)
        refused = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache", selection=asked, keep_ticks=True)
        assert list(refused.rejected) == ["late.mid"]
        assert "do not follow the beats" in refused.rejected["late.mid"]
        assert refused.without_beats == ()
        in_seconds = NotesConfig(unit="second", steps=100)
        beatless = prepare(FOLDER, corpus, in_seconds, tmp_path / "cache", selection=asked)
        assert (beatless.rejected, beatless.without_beats) == ({}, ())

    def test_what_does_not_follow_the_beats_is_put_on_them_where_they_are_found(self, corpus, tmp_path):
        rng = np.random.default_rng(0)
        beat = np.repeat(np.arange(96), 4)
        pitch = np.array((36, 60, 64, 67))[np.tile(np.arange(4), 96)] + np.array((0, 5, 7, 0))[beat // 4 % 4]
        is_heard = (beat % 4 == 0) | (np.tile(np.arange(4), 96) > 0)
        onset = np.rint(57 + 517.3 * beat + rng.normal(0, 3, len(beat)))[is_heard]
        played = Track(make_notes(np.maximum(onset, 0), 400, pitch[is_heard], 80))
        write_midi(Score(480, (played,)), corpus / "played.mid")
        kept = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache", keep_ticks=True)
        assert (kept.without_beats, kept.on_tracked_beats) == (("played.mid",), ())
        moved = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache")
        assert (moved.without_beats, moved.on_tracked_beats) == ((), ("played.mid",))
        [index] = [i for i, own in enumerate(moved.records) if own.name == "played.mid"]
        onsets = np.cumsum(moved.encoded(index).events[:, 0], dtype=np.int64)
        # A beat of the song is a quarter, or half of one.
        assert np.mean(onsets % (NotesConfig().steps // 2) == 0) > 0.9

    def test_where_the_beats_cannot_be_found_that_is_the_reason(self, corpus, tmp_path, monkeypatch):
        def lost(score):
            raise CorpusError("tempo 11353 is outside 1 to 10000 bpm")

        monkeypatch.setattr(surveying, "gridded", lost)
        [seen] = surveying.survey(pieces_of(CORPORA["folder"], corpus, None)[0], PreparationConfig())
        assert seen.refused == "its beats cannot be found: tempo 11353 is outside 1 to 10000 bpm"

    def test_notes_are_counted_by_part_and_those_that_none_takes(self, corpus, tmp_path):
        parts = (Part(name="flute", program=73, families=("pipe",)), Part(name="drums", is_drum=True))
        dataset = prepare(FOLDER, corpus, NotesConfig(parts=parts), tmp_path / "cache")
        own, others = {"flute": 0, "drums": 0}, 0
        for record in dataset.records:
            for track in read_midi(corpus / record.name).tracks:
                name = "drums" if track.is_drum else "flute" if track.program // 8 == 9 else None
                if name is None:
                    others += len(track.notes)
                else:
                    own[name] += len(np.unique(track.notes[["onset", "pitch"]]))
        assert dataset.notes_of_parts == own
        assert dataset.notes_left_out == others > 0

    def test_a_selection_is_another_dataset_that_says_what_it_left_out(self, corpus, tmp_path):
        every = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache")
        asked = SelectionConfig(held_out=1)
        fewer = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache", selection=asked)
        assert (len(fewer.of("validation")), len(fewer.of("test"))) == (1, 1)
        assert [fewer.records[i].name for i in fewer.of("train")] == [every.records[i].name for i in every.of("train")]
        assert len(fewer.rejected) == len(every.records) - len(fewer.records) > 0
        assert set(fewer.rejected.values()) == {"held out, beyond the pieces that are judged"}

    def test_versions_of_a_work_stay_on_one_side(self, corpus, tmp_path):
        for path in sorted(corpus.iterdir()):
            score = read_midi(path)
            halved = [track for track in score.tracks if not track.is_drum][:1]
            notes = halved[0].notes
            changed = make_notes(
                notes["onset"], notes["duration"], np.where(np.arange(len(notes)) % 40, 0, 1) + notes["pitch"], 64
            )
            write_midi(dataclasses.replace(score, tracks=(Track(changed),)), corpus / f"{path.stem}-version.mid")
        selection = SelectionConfig(related=0.5)
        dataset = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache", selection=selection)
        splits = {}
        for record in dataset.records:
            splits.setdefault(record.work, set()).add(record.split)
        assert len(splits) < len(dataset.records)
        assert all(len(own) == 1 for own in splits.values())


class TestSplits:
    def test_are_a_function_of_the_work(self, dataset):
        assert all(record.split == split_of(record.work) for record in dataset.records)
        assert sorted(index for split in SPLITS for index in dataset.of(split)) == list(range(len(dataset.records)))

    def test_all_pieces_of_a_work_stay_together(self, tmp_path):
        folder = tmp_path / "music"
        folder.mkdir()
        for number in range(60):
            write_midi(tune(number), folder / f"work{number % 20:02}-movement{number // 20}.mid")

        def find(root):
            return [Piece(path.name, path.name[:6], path) for path in sorted(root.iterdir())]

        corpus = dataclasses.replace(FOLDER, find=find)
        dataset = prepare(corpus, folder, NotesConfig(), tmp_path / "cache")
        assert len(dataset.records) == 60
        splits_of = {}
        for record in dataset.records:
            splits_of.setdefault(record.work, set()).add(record.split)
        assert len(splits_of) == 20
        assert all(len(splits) == 1 for splits in splits_of.values())

    def test_more_files_move_none(self, corpus, dataset, tmp_path):
        for number in range(5):
            write_midi(tune(500 + number), corpus / f"aa-{number}.mid")
        more = {record.name: record.split for record in prepare(FOLDER, corpus, NotesConfig(), tmp_path / "c").records}
        assert all(more[record.name] == record.split for record in dataset.records)


class TestNothingToUse:
    def refused(self, folder, cache, corpus=FOLDER):
        with pytest.raises(CorpusError) as caught:
            prepare(corpus, folder, NotesConfig(), cache)
        assert "\n" not in str(caught.value)
        assert not cache.exists() or not list(cache.iterdir())
        return str(caught.value)

    def test_a_missing_folder(self, tmp_path):
        assert "no such folder" in self.refused(tmp_path / "none", tmp_path / "cache")

    def test_a_folder_without_music(self, tmp_path):
        (tmp_path / "music").mkdir()
        (tmp_path / "music" / "read.me").write_text("nothing")
        assert "no music file" in self.refused(tmp_path / "music", tmp_path / "cache")

    def test_only_broken_files(self, tmp_path):
        (tmp_path / "music").mkdir()
        for name in ("a.mid", "b.mid"):
            (tmp_path / "music" / name).write_bytes(b"RIFF or raff")
        said = self.refused(tmp_path / "music", tmp_path / "cache")
        assert "none of 2 files" in said
        assert "a.mid" in said

    def test_of_one_piece_nothing_is_held_out(self, corpus, tmp_path):
        for path in list(corpus.iterdir())[1:]:
            path.unlink()
        [record] = prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache").records
        assert record.split == "train"

    def test_a_crash_in_the_middle_leaves_nothing(self, corpus, tmp_path):
        count = iter(range(1000))

        def read(piece):
            if next(count) == 15:
                raise KeyboardInterrupt
            return FOLDER.read(piece)

        with pytest.raises(KeyboardInterrupt):
            prepare(dataclasses.replace(FOLDER, read=read, read_all=None), corpus, NotesConfig(), tmp_path / "cache")
        assert list((tmp_path / "cache").iterdir()) == []
        assert prepare(FOLDER, corpus, NotesConfig(), tmp_path / "cache").records
