"""The account of a folder of some seven hundred odd files names every one of them."""

import json
import os
from pathlib import Path

import pytest
from odd.folder import write_odd_files
from typer.testing import CliRunner

from componium.cli.corpus import app
from componium.corpora.files.reading import file_name_of
from componium.corpora.inspection import inspect

# Damage that costs no notes, and music that is in order but unusual.
READ = {
    "midi/type-2.mid",
    "midi/type-65535.mid",
    "midi/riff.rmi",
    "midi/riff-called-mid.mid",
    "midi/riff-with-list-first.rmi",
    "midi/karaoke.kar",
    "midi/alien-chunks.mid",
    "midi/junk-before.mid",
    "midi/macbinary.mid",
    "midi/division-smpte-25x40.mid",
    "midi/announces-65535-tracks.mid",
    "midi/header-says-255.mid",
    "midi/header-of-10.mid",
    "midi/length-zero.mid",
    "midi/length-most-then-a-track.mid",
    "midi/running-over-meta.mid",
    "midi/data-above-127.mid",
    "midi/sysex-split.mid",
    "midi/meta-51-of-0.mid",
    "midi/meta-58-of-300.mid",
    "midi/meter-0-4.mid",
    "midi/key-128-flats.mid",
    "midi/hanging-notes.mid",
    "midi/drums-only.mid",
    "midi/ten-thousand-at-once.mid",
    "midi/tempo-years-later.mid",
    "musicxml/timewise.musicxml",
    "musicxml/doctype.xml",
    "musicxml/in-utf-16.musicxml",
    "musicxml/in-cp1252-undeclared.musicxml",
    "musicxml/in-shift-jis.musicxml",
    "musicxml/space-before.xml",
    "musicxml/junk-behind.xml",
    "musicxml/namespaced.xml",
    "musicxml/encoding-wrong.xml",
    "musicxml/mxl-called.xml",
    "musicxml/plain-called.mxl",
    "musicxml/container-lacking.mxl",
    "musicxml/container-damaged.mxl",
    "musicxml/container-apostrophe.mxl",
    "musicxml/container-of-nothing.mxl",
    "musicxml/several-scores.mxl",
    "musicxml/duration-negative.musicxml",
    "musicxml/meter-0-4.musicxml",
    "musicxml/repeat-a-million-times.musicxml",
    "entries/linked.mid",
    "entries/folder.xml/inside.mid",
    "entries/a/b/c [d/deep.mid",
    "names/line\nbreak.mid",
    "names/a#2.mid",
    "names/" + "x" * 251 + ".mid",
}
REFUSED = {
    "midi/division-zero.mid": "time base",
    "midi/one-note-of-years.mid": "hours",
    "midi/ends-only.mid": "no notes",
    "midi/no-chunks.mid": "no track chunk",
    "midi/offs-only.mid": "no notes",
    "musicxml/bomb.xml": "entities",
    "musicxml/bomb-in-utf-16.xml": "entities",
    "musicxml/entity-of-a-file.xml": "entities",
    "musicxml/bomb-inside.mxl": "limit of 64 MiB",
    "musicxml/encrypted.mxl": "encrypted",
    "musicxml/opus.xml": "<opus>",
    "musicxml/many-members.mxl": "limit of 1000",
    "musicxml/midi-inside.mxl": "no MusicXML",
    "entries/zeros-without-end.mid": "pipe or a device",
    "entries/pipe.mid": "pipe or a device",
    "entries/dangling.mid": "No such file",
    "entries/loop.mid": "symbolic links",
    "others/image.mid": "MThd",
}
UNREAD = {
    "others/other-0.syx",
    "others/other-1.midi2",
    "others/other-25",
    "entries/up",
    "entries/folder.mid",
    "names/._shadow.mid",
    "entries/folder-linked.mid",
    "names/.mid",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_odd_files(tmp_path_factory.mktemp("odd") / "files")
    yield folder
    (folder / "entries" / "closed").chmod(0o700)


@pytest.fixture(scope="module")
def account(folder):
    return inspect(folder)


def entries_of(folder):
    """Names of all that one sees in the folder but folders that hold something."""
    for place, folders, names in os.walk(folder):
        own = [Path(place, name) for name in names]
        below = [Path(place, name) for name in folders]
        own += [path for path in below if path.is_symlink() or not os.access(path, os.R_OK) or not any(path.iterdir())]
        yield from (path.relative_to(folder).as_posix() for path in own)


def test_every_entry_is_read_or_refused_or_named_as_no_music(folder, account):
    rejected = {file_name_of(own.name) for own in account.rejected}
    assert len(rejected) == len(account.rejected)
    assert len(set(account.unread)) == len(account.unread) == sum(account.other_files.values())
    assert not rejected & set(account.unread)
    entries = set(entries_of(folder))
    assert len(entries) > 700
    assert rejected | set(account.unread) <= entries
    assert account.n_read == len(entries) - len(rejected) - len(account.unread)
    assert account.n_files == len(entries) - len(account.unread)


def test_every_reason_is_a_line_that_one_can_act_on(account):
    for own in account.rejected:
        assert own.reason
        assert own.reason.isprintable()
        # What a reader should have caught itself.
        assert "please report" not in own.reason


def test_damage_costs_no_more_than_it_must(account):
    rejected = {own.name: own.reason for own in account.rejected}
    assert not READ & rejected.keys()
    assert not READ & set(account.unread)
    for name, reason in REFUSED.items():
        assert reason in rejected[name]
    assert set(account.unread) >= UNREAD


def test_the_whole_account_can_be_written(folder, account, tmp_path):
    result = CliRunner().invoke(app, ["inspect", str(folder), "--json", str(tmp_path / "x.json")])
    assert result.exit_code == 0
    written = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert len(written["rejected"]) == len(account.rejected)
    assert len(written["unread"]) == len(account.unread)
