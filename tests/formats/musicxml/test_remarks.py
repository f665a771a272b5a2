"""What a file says that cannot be is ignored, and said; the notes beside it are kept."""

import io
import zipfile

import pytest

from componium.corpora.folder import FOLDER
from componium.corpora.inspection import inspect
from componium.formats.musicxml import read_movements, read_musicxml

NOTE = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration></note>"
FINAL = "<barline location='right'><bar-style>light-heavy</bar-style></barline>"


def file(*measures, declared=""):
    inside = "".join(f"<measure>{measure}</measure>" for measure in measures)
    return (
        f"<score-partwise><part-list><score-part id='P'>{declared}</score-part></part-list><part id='P'>{inside}</part>"
        "</score-partwise>"
    ).encode()


def attributes(inner):
    return f"<attributes>{inner}</attributes>"


def note(inner):
    return f"<note>{inner}</note>"


def pitch(step="C", octave=4, alter=0):
    return f"<pitch><step>{step}</step><alter>{alter}</alter><octave>{octave}</octave></pitch>"


@pytest.mark.parametrize(
    ("measure", "remark"),
    [
        ("<sound tempo='0'/>", "tempos that cannot be: 1 ignored"),
        ("<direction><sound tempo='-20'/></direction>" * 2, "tempos that cannot be: 2 ignored"),
        ("<sound tempo='fast'/>", "tempos that cannot be: 1 ignored"),
        (attributes("<time><beats>4</beats><beat-type>5</beat-type></time>"),
         "time signatures that cannot be: 1 ignored"),
        (attributes("<key><fifths>128</fifths></key>"), "key signatures that cannot be: 1 ignored"),
        (attributes("<divisions>0</divisions>"), "divisions that cannot be: 1 ignored"),
        (note(pitch()), "notes without a length: 1 ignored"),
        (note(pitch() + "<duration>x</duration>"), "notes without a length: 1 ignored"),
        (note(pitch("H") + "<duration>1</duration>"), "notes without a pitch: 1 ignored"),
        (note(pitch(octave=99) + "<duration>1</duration>"), "notes outside the pitches of MIDI: 1 ignored"),
        (note("<cue/>" + pitch("D") + "<duration>4</duration>") + "<backup><duration>4</duration></backup>",
         "cue notes: 1 left out"),
        ("<backup><duration>9</duration></backup>", "backups to before their measure: 1 ignored"),
        (attributes("<measure-style><measure-repeat type='start'>4</measure-repeat></measure-style>"),
         "signs to repeat measures that are not there: 1 ignored"),
        ("<sound dalsegno='s'/>", "dal segno without a sign to go to: 1 ignored"),
        ("<sound tocoda='c'/>", "places to leave for a coda that is missing: 1 ignored"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_ignored_and_said(measure, remark):
    score = read_musicxml(file(NOTE, measure + NOTE))
    assert score.remarks == (f"{remark}, the first in measure 2",)
    assert score.tracks[0].notes["pitch"].tolist() == [60, 60]
    assert (score.tempos, score.time_signatures) == (read_musicxml(file(NOTE, NOTE)).tempos, score.time_signatures[:1])
    assert not score.key_signatures


def test_notes_between_semitones_are_rounded():
    measure = note(pitch(alter="0.5") + "<duration>1</duration>") * 2
    assert read_musicxml(file(measure)).remarks == ("notes between semitones: 2 rounded, the first in measure 1",)


def test_a_program_that_cannot_be_is_said_once():
    declared = "".join(f"<midi-instrument id='{n}'><midi-program>0</midi-program></midi-instrument>" for n in "AB")
    assert read_musicxml(file(NOTE, declared=declared)).remarks == ("a MIDI program outside 1 to 128 ignored",)


def test_jumps_that_would_leave_measures_out():
    # The fine is reached, and what stands before the sign of the jump is not.
    measures = [NOTE + "<sound tocoda='c'/>", NOTE, NOTE + "<sound coda='c'/><sound dacapo='yes'/>", NOTE]
    remarks = read_musicxml(file(*measures)).remarks
    assert remarks == ()
    early = [NOTE + "<sound tocoda='c'/>", NOTE + "<sound dacapo='yes'/>", NOTE, NOTE + "<sound coda='c'/>"]
    assert read_musicxml(file(*early)).remarks == (
        "jumps written before the end of their passage: 1 ignored, the first in measure 3",
    )


def test_a_sound_file_has_none():
    measures = (
        attributes("<divisions>1</divisions><key><fifths>-3</fifths></key>") + "<sound tempo='90'/>" + NOTE,
        NOTE,
    )
    assert read_musicxml(file(*measures)).remarks == ()


def test_each_movement_has_its_own():
    new_page = "<print new-page='yes'/>"
    movements = read_movements(file(NOTE + FINAL, new_page + NOTE, "<sound tempo='0'/>" + NOTE + FINAL))
    assert [score.remarks for score in movements] == [
        (),
        ("tempos that cannot be: 1 ignored, the first in measure 2",),
    ]


def test_the_account_of_a_folder_says_so(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/")
        archive.writestr("a.xml", file(NOTE))
    (tmp_path / "a.mxl").write_bytes(packed.getvalue())
    (tmp_path / "b.musicxml").write_bytes(file("<sound tempo='0'/>" + NOTE))
    assert set(inspect(tmp_path, FOLDER).remarks) == {
        ("the archive's container names no score that is there: the first score taken", ("a.mxl",)),
        ("tempos that cannot be: 1 ignored, the first in measure 1", ("b.musicxml",)),
    }
