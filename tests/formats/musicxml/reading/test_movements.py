"""Movements of one file: where they begin, and that repeats, jumps and tempos belong to theirs."""

import pytest

from componium.formats.musicxml import read_movements, read_musicxml

FINAL = "<barline location='right'><bar-style>light-heavy</bar-style>{}</barline>"
END = FINAL.format("")
AGAIN = FINAL.format("<repeat direction='backward'/>")
PAGE, SYSTEM = "<print new-page='yes'/>", "<print new-system='yes'/>"


def words(*texts):
    return "".join(f"<direction><direction-type><words>{text}</words></direction-type></direction>" for text in texts)


def tempo(bpm):
    return f"<direction><direction-type><words>x</words></direction-type><sound tempo='{bpm}'/></direction>"


def sound(**attributes):
    return "<sound " + " ".join(f"{name}='{value}'" for name, value in attributes.items()) + "/>"


def file(*measures, numbers=None, title="Suite"):
    """A file whose measures hold a whole note each, C4, D4, E4 and so on; before and after it what is given."""
    parts = []
    for place, measure in enumerate(measures):
        before, after = measure if isinstance(measure, tuple) else ("", measure)
        octave, step = divmod(place, 7)
        number = numbers[place] if numbers else place + 1
        attributes = "<attributes><divisions>1</divisions></attributes>" if not place else ""
        parts.append(
            f"<measure number='{number}'>{attributes}{before}<note><pitch><step>{'CDEFGAB'[step]}</step>"
            f"<octave>{4 + octave}</octave></pitch><duration>4</duration></note>{after}</measure>"
        )
    return (
        f"<score-partwise><work><work-title>{title}</work-title></work><part-list/><part id='P'>{''.join(parts)}</part>"
        "</score-partwise>"
    ).encode()


def steps(score):
    """Measures as they are played, by the note in each."""
    scale = {60: 0, 62: 1, 64: 2, 65: 3, 67: 4, 69: 5, 71: 6, 72: 7, 74: 8, 76: 9}
    return [scale[pitch] for pitch in score.tracks[0].notes["pitch"].tolist()]


@pytest.mark.parametrize(
    ("measures", "numbers", "movements"),
    [
        # After a final bar line a page, a system, a tempo or a title begins a movement.
        (["", END, (PAGE, ""), END], None, [[0, 1], [2, 3]]),
        (["", END, (SYSTEM, ""), END], None, [[0, 1], [2, 3]]),
        (["", END, (tempo(60), ""), END], None, [[0, 1], [2, 3]]),
        (["", END, (words("II. Romanze"), ""), END], None, [[0, 1], [2, 3]]),
        # Neither does without the other.
        (["", END, "", END], None, [[0, 1, 2, 3]]),
        (["", "", (PAGE + tempo(60), ""), END], None, [[0, 1, 2, 3]]),
        # Numbers that begin anew do, also where the bar line is the sign of a repeat.
        (["", AGAIN, (PAGE, ""), END], [1, 2, 1, 2], [[0, 1, 0, 1], [2, 3]]),
        (["", "", (SYSTEM + words("Finale"), ""), ""], [1, 2, 0, 1], [[0, 1], [2, 3]]),
        (["", AGAIN, (PAGE + words("Finale"), ""), END], None, [[0, 1, 0, 1], [2, 3]]),
        # A tempo by the one before does not begin a movement, nor do a few measures that lead into it end one.
        (["", "", (tempo(60).replace(">x<", ">Meno mosso<"), ""), END], [1, 2, 1, 2], [[0, 1, 2, 3]]),
        (["", "", (sound(tempo=60), ""), END], [1, 2, 1, 2], [[0, 1, 2, 3]]),
        (["", END, (tempo(60), ""), END], [1, 2, 1, 2], [[0, 1], [2, 3]]),
        (["", "", "", "", "", (sound(tempo=60), ""), END], [1, 2, 3, 4, 5, 1, 2], [[0, 1, 2, 3, 4], [5, 6]]),
        # An upbeat is no beginning.
        (["", "", ""], [0, 1, 2], [[0, 1, 2]]),
        # A repeat at the end of a section is none either.
        (["", AGAIN, (PAGE, ""), END], None, [[0, 1, 0, 1, 2, 3]]),
        # Repeats go back to the beginning of their movement.
        ([END, (PAGE, ""), AGAIN, END], None, [[0], [1, 2, 1, 2, 3]]),
        # Da capo goes to the beginning of its movement, and ends nothing but it.
        ([END, (PAGE, sound(fine="yes")), sound(dacapo="yes") + END, (PAGE, "")], None, [[0], [1, 2, 1], [3]]),
        # A trio is a part of its movement, even after a final bar line.
        (
            ["", sound(fine="yes") + END, (PAGE + words("Trio"), ""), sound(dacapo="yes") + END, (PAGE, END)],
            None,
            [[0, 1, 2, 3, 0, 1], [4]],
        ),
        # So is a passage whose da capo makes no sense without what was before.
        (
            ["", sound(fine="yes") + END, (SYSTEM + tempo(80), ""), words("Menuetto D.C. al Fine") + END],
            None,
            [[0, 1, 2, 3, 0, 1]],
        ),
    ],
)
def test_repeats_and_jumps_belong_to_their_movement(measures, numbers, movements):
    data = file(*measures, numbers=numbers)
    found = read_movements(data)
    assert [steps(score) for score in found] == movements
    assert steps(read_musicxml(data)) == [step for movement in movements for step in movement]
    for score in found:
        assert score.tracks[0].notes["onset"][0] == 0


def test_movements_are_called_by_their_headings():
    data = file("", END, (PAGE + words("II. Scherzo"), ""), END, (PAGE, ""), END)
    assert [score.title for score in read_movements(data)] == ["Suite: 1", "Suite: II. Scherzo", "Suite: 3"]
    assert [score.title for score in read_movements(file("", ""))] == ["Suite"]


def test_each_movement_has_the_tempo_and_meter_in_force():
    data = file((tempo(90), ""), END, (PAGE + tempo(60), ""), END, (PAGE, ""), END)
    first, second, third = read_movements(data)
    assert [score.tempos[0].tempo_bpm for score in (first, second, third)] == [90, 60, 60]
    assert [(t.onset, t.tempo_bpm) for t in read_musicxml(data).tempos] == [(0, 90), (3840, 60)]


@pytest.mark.parametrize(
    "text",
    [
        "D.C. al Fine", "D. C. al Fine", "DC al fine", "Da Capo al Fine", "da capo", "D.C.", "Menuetto D.C.",
        "Da capo al fine senza repetizione", "Von Anfang bis Fine", "D.C. jusqu'à la fin", "Scherzo da Capo",
    ],
)  # fmt: skip
@pytest.mark.parametrize("fine", ["Fine", "FINE", "(Fine)", "Fine.", "Fin", "Ende", "Fim"])
def test_da_capo_is_known_by_its_words(text, fine):
    assert steps(read_musicxml(file(words(fine), words(text)))) == [0, 1, 0]


@pytest.mark.parametrize(
    "text", ["D.S. al Fine", "Dal Segno al Fine", "D. S. al fine", "dal \U0001d10b al Fine", "Del segno", "DS"]
)
@pytest.mark.parametrize("segno", ["<direction><direction-type><segno/></direction-type></direction>", words("\ue047")])
def test_dal_segno_is_known_by_its_words(text, segno):
    assert steps(read_musicxml(file("", (segno, ""), words("Fine"), words(text)))) == [0, 1, 2, 3, 1, 2]


@pytest.mark.parametrize("jump", ["D.S. al Coda", "D.S. al \U0001d10c", "Dal Segno al Coda", "D.S. \n al Coda e poi"])
@pytest.mark.parametrize(
    "leave", ["To Coda", "to coda \U0001d10c", "al Coda", "Zur Coda", "à la coda", "Alla Coda", "A la Coda"]
)
def test_the_coda_is_known_by_its_words(jump, leave):
    data = file(words("Segno"), words(leave), "", words(jump), (words("Coda"), ""))
    assert steps(read_musicxml(data)) == [0, 1, 2, 3, 0, 1, 4]


def test_of_two_coda_signs_the_second_is_the_coda():
    sign = "<direction><direction-type><coda/></direction-type></direction>"
    data = file("", sign, "", words("D.C. al Coda"), (sign, ""))
    assert steps(read_musicxml(data)) == [0, 1, 2, 3, 0, 1, 4]


@pytest.mark.parametrize(
    "text", ["Finest", "in fine", "Final", "coda di rospo", "dolce", "cresc.", "da", "C. D.", "Tenda"]
)
def test_other_words_are_no_jumps(text):
    assert steps(read_musicxml(file(words(text), "", words(text)))) == [0, 1, 2]


@pytest.mark.parametrize(
    ("upbeat", "position", "expected"),
    # Within the first bar, also after an upbeat, a tempo counts from the start; later it does not.
    [(1, 1, [(0, 50)]), (2, 1, [(0, 50)]), (4, 1, [(0, 120), (1920, 50)]), (4, 0, [(0, 50)])],
)
def test_a_first_tempo_after_an_upbeat_counts_from_the_start(upbeat, position, expected):
    note = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>{}</duration></note>"
    attributes = (
        "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
    )
    bars = [note.format(upbeat), note.format(4)]
    bars[position] = tempo(50) + bars[position]
    data = f"<measure>{attributes}{bars[0]}</measure><measure>{bars[1]}</measure>"
    score = read_musicxml(f"<score-partwise><part id='P'>{data}</part></score-partwise>".encode())
    assert [(own.onset, own.tempo_bpm) for own in score.tempos] == expected
