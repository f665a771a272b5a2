"""Which instrument plays a part: clefs, unpitched notes and sounds of voices weighed against its program."""

import pytest

from componium.formats.musicxml import read_musicxml


@pytest.mark.parametrize(("clefs", "is_drum"), [(("G", "percussion"), False), (("percussion",), True)])
def test_a_stray_clef_of_percussion_makes_no_drummer(clefs, is_drum):
    measures = "".join(
        f"<measure><attributes><divisions>1</divisions><clef><sign>{sign}</sign></clef></attributes>"
        "<note><pitch><step>D</step><octave>4</octave></pitch><duration>4</duration></note></measure>"
        for sign in clefs
    )
    part = '<part-list><score-part id="A"><part-name>Violin 1</part-name></score-part></part-list>'
    score = read_musicxml(f'<score-partwise>{part}<part id="A">{measures}</part></score-partwise>'.encode())
    assert [track.is_drum for track in score.tracks] == [is_drum]


@pytest.mark.parametrize(
    ("sound", "number", "program"), [("voice.vocals", 69, 52), ("voice.female", 54, 53), ("wind.reed.oboe", 69, 68)]
)
def test_what_sounds_as_a_voice_is_one_whatever_program_stands_beside_it(sound, number, program):
    part = (
        '<part-list><score-part id="A"><part-name>Singstimme</part-name><score-instrument id="I">'
        f"<instrument-name>x</instrument-name><instrument-sound>{sound}</instrument-sound></score-instrument>"
        f'<midi-instrument id="I"><midi-program>{number}</midi-program></midi-instrument></score-part></part-list>'
    )
    measure = "<note><pitch><step>D</step><octave>4</octave></pitch><duration>4</duration></note>"
    data = f'<score-partwise>{part}<part id="A"><measure>{measure}</measure></part></score-partwise>'
    assert [track.program for track in read_musicxml(data.encode()).tracks] == [program]


@pytest.mark.parametrize(("n_pitched", "n_unpitched", "is_drum"), [(2, 1, False), (1, 2, True), (0, 1, True)])
def test_a_stray_unpitched_note_makes_no_drummer(n_pitched, n_unpitched, is_drum):
    place = "<display-step>C</display-step><display-octave>5</display-octave>"
    pitched = "<note><pitch><step>D</step><octave>4</octave></pitch><duration>1</duration></note>"
    unpitched = f"<note><unpitched>{place}</unpitched><duration>1</duration></note>"
    part = '<part-list><score-part id="A"><part-name>Violin 1</part-name></score-part></part-list>'
    measure = f"<measure>{pitched * n_pitched}{unpitched * n_unpitched}</measure>"
    score = read_musicxml(f'<score-partwise>{part}<part id="A">{measure}</part></score-partwise>'.encode())
    assert [track.is_drum for track in score.tracks] == [is_drum]
