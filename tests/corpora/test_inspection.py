import json
from dataclasses import replace

import numpy as np
import pytest

from componium.corpora.folder import FOLDER
from componium.corpora.inspection import Range, inspect
from componium.errors import CorpusError
from componium.formats.midi import write_midi
from componium.score import Score, Tempo, TimeSignature, Track, make_notes

C_MAJOR = [60, 62, 64, 65, 67, 69, 71, 72, 60, 64, 67, 72, 60, 67, 64, 60]


def scale(shift=0, **facts):
    notes = make_notes(np.arange(16) * 480, 480, np.array(C_MAJOR) + shift, 80)
    drums = make_notes(np.arange(16) * 480, 60, 36, 80)
    return Score(480, (Track(notes, 73), Track(drums, is_drum=True), Track()), **facts)


@pytest.fixture
def folder(tmp_path):
    write_midi(scale(), tmp_path / "c.mid")
    write_midi(scale(7, tempos=(Tempo(0, 60.0), Tempo(480, 240.0))), tmp_path / "g.mid")
    meters = (TimeSignature(0, 3, 4), TimeSignature(1440, 2, 4), TimeSignature(99999, 5, 4))
    other = make_notes(np.arange(20) * 480, 480, 50 + np.arange(20) % 7 * 3, 80)
    write_midi(Score(480, (Track(other),), time_signatures=meters), tmp_path / "other.mid")
    write_midi(Score(480), tmp_path / "silent.mid")
    (tmp_path / "empty.mid").write_bytes(b"")
    return tmp_path


def test_the_account_of_known_files(folder):
    account = inspect(folder)
    assert (account.n_files, account.n_read, account.n_works) == (5, 3, 3)
    assert account.n_notes == 32 + 32 + 20
    # c.mid: 16 quarters at 120; g.mid: one at 60 and 15 at 240; other.mid: 20 at 120.
    assert account.hours * 3600 == pytest.approx(8 + 1 + 3.75 + 10)
    assert account.instruments == {"drums": 2, "flute": 2, "acoustic grand piano": 1}
    assert account.keys["C major"] == account.keys["G major"] == 1
    assert account.meters == {"4/4": 2, "2/4": 1, "3/4": 1}
    assert account.tempo_bpm == Range(120.0, 120.0, 240.0)
    assert account.notes_per_piece == Range(20, 32, 32)
    assert account.grid_share == Range(1.0, 1.0, 1.0)
    assert account.without_grid == ()
    assert [group.names for group in account.duplicates] == [("c.mid", "g.mid")]
    assert account.rejected == (
        ("empty.mid", "not a readable MIDI file (the file is empty)"),
        ("silent.mid", "no notes in it"),
    )


def test_the_account_is_the_same_each_time_and_fits_json(folder):
    first, second = inspect(folder), inspect(folder)
    assert first == second
    read = json.loads(json.dumps(first.to_json()))
    assert read["n_read"] == 3
    assert read["duplicates"] == [{"kept": "c.mid", "duplicates": [{"name": "g.mid", "kind": "transposed"}]}]
    assert read["rejected"][1] == {"name": "silent.mid", "reason": "no notes in it"}


def test_progress_counts_all_files(folder):
    seen = []
    inspect(folder, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(count, 5) for count in range(1, 6)]


def test_nothing_usable_is_an_account_too(tmp_path):
    (tmp_path / "a.mid").write_bytes(b"?")
    account = inspect(tmp_path)
    assert (account.n_files, account.n_read, account.tempo_bpm) == (1, 0, None)
    assert account.to_json()["tempo_bpm"] is None


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        inspect(tmp_path / "nowhere")


def test_nothing_below_the_folder_is_passed_over(folder):
    for name in ("a.syx", "b.syx", "c/d.midi2", "c/readme"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")
    (folder / "build.xml").write_text("<project/>")
    account = inspect(folder)
    assert account.other_files == {".syx": 2, ".midi2": 1, "without an ending": 1}
    assert account.unread == ("a.syx", "b.syx", "c/d.midi2", "c/readme")
    assert ("build.xml", "not MusicXML: its root is <project>") in account.rejected
    assert account.n_read == 3
    assert account.n_files + sum(account.other_files.values()) == len(
        [own for own in folder.rglob("*") if own.is_file()]
    )


def test_the_movements_of_a_file_are_pieces_of_one_work(folder):
    def read_all(file):
        score = FOLDER.read(file)
        return [score, scale(3), Score(480)] if file.name == "other.mid" else [score]

    account = inspect(folder, replace(FOLDER, read_all=read_all))
    assert (account.n_files, account.n_read, account.n_pieces, account.n_works) == (5, 3, 4, 3)
    assert ("other.mid#3", "no notes in it") in account.rejected
    assert [group.names for group in account.duplicates] == [("c.mid", "g.mid", "other.mid#2")]


def test_what_readers_remark_is_counted_by_kind(folder):
    remarks = {"c.mid": ("tempo of 0 at tick 0 ignored",), "g.mid": ("tempo of 0 at tick 96 ignored", "no key")}

    def read(piece):
        return replace(FOLDER.read(piece), remarks=remarks.get(piece.name, ()))

    account = inspect(folder, replace(FOLDER, read=read, read_all=None))
    assert account.remarks == (("tempo of 0 at tick 0 ignored", ("c.mid", "g.mid")), ("no key", ("g.mid",)))
    read_back = json.loads(json.dumps(account.to_json()))
    assert read_back["remarks"][1] == {"text": "no key", "names": ["g.mid"]}
