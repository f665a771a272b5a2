from pathlib import Path

import numpy as np
import pytest

from componium.errors import FormatError
from componium.fingerprints import notes_digest
from componium.formats.midi import write_midi
from componium.formats.music_files import MIDI_SUFFIXES, MUSICXML_SUFFIXES, read_movements, read_score
from componium.formats.musicxml import write_musicxml
from componium.score import Score, Track, make_notes

TUNE = Score(480, (Track(make_notes(np.arange(4) * 480, 480, [60, 62, 64, 65], 80)),))


def bar(step, content="", *, is_last=False):
    end = '<barline location="right"><bar-style>light-heavy</bar-style></barline>' if is_last else ""
    note = f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>4</duration></note>"
    return f"<measure>{content}{note}{end}</measure>"


def two_movements():
    """C D, then on a new page E: two movements, the first one ended by a final bar line."""
    start = "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
    bars = (
        bar("C", start),
        bar("D", is_last=True),
        bar("E", '<print new-page="yes"/><direction><sound tempo="90"/></direction>', is_last=True),
    )
    parts = '<part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>'
    return f'<score-partwise version="4.0">{parts}<part id="P1">{"".join(bars)}</part></score-partwise>'


@pytest.mark.parametrize("suffix", [*MIDI_SUFFIXES, *MUSICXML_SUFFIXES, ".MXL", ".Mid"])
def test_the_ending_chooses_the_reader(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    write = write_musicxml if suffix.lower() in MUSICXML_SUFFIXES else write_midi
    write(TUNE, path)
    assert notes_digest(read_score(path)) == notes_digest(TUNE)
    assert [notes_digest(score) for score in read_movements(path)] == [notes_digest(TUNE)]


def test_movements_come_one_by_one_or_one_after_the_other(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text(two_movements(), encoding="utf-8")
    pitches = [score.tracks[0].notes["pitch"].tolist() for score in read_movements(path)]
    assert pitches == [[60, 62], [64]]
    assert read_score(path).tracks[0].notes["pitch"].tolist() == [60, 62, 64]


@pytest.mark.parametrize("read", [read_score, read_movements])
def test_what_is_no_music_is_a_format_error(tmp_path, read):
    for name, reason in (("x.mid", "not a readable MIDI file"), ("x.xml", "not MusicXML: its root is <plist>")):
        (tmp_path / name).write_text("<plist/>")
        with pytest.raises(FormatError, match=reason):
            read(tmp_path / name)
    with pytest.raises(FormatError, match="cannot be read"):
        read(Path(tmp_path / "nowhere.mxl"))
