"""Measures in the order of playing; a passage is written as a musician would say it."""

from xml.etree import ElementTree

import pytest

from componium.errors import FormatError
from componium.formats.musicxml import read_musicxml
from componium.formats.musicxml.reading.marks import collect_marks
from componium.formats.musicxml.reading.repeats import playing_order

LEFT = '<barline location="left">{}</barline>'
RIGHT = '<barline location="right">{}</barline>'
OPEN = LEFT.format('<repeat direction="forward"/>')
CLOSE = RIGHT.format('<repeat direction="backward"/>')


def first(numbers, kind="start"):
    return LEFT.format(f'<ending number="{numbers}" type="{kind}"/>')


def last(numbers, kind="stop", repeat=""):
    return RIGHT.format(f'<ending number="{numbers}" type="{kind}"/>{repeat}')


AGAIN = '<repeat direction="backward"/>'


def sound(**attributes):
    return "<sound " + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + "/>"


def order(*measures):
    return playing_order(collect_marks([[ElementTree.XML(f"<measure>{measure}</measure>") for measure in measures]]))


@pytest.mark.parametrize(
    ("measures", "played"),
    [
        (["", "", ""], [0, 1, 2]),
        (["", CLOSE, ""], [0, 1, 0, 1, 2]),
        (["", OPEN, CLOSE, ""], [0, 1, 2, 1, 2, 3]),
        ([OPEN + CLOSE, OPEN, CLOSE], [0, 0, 1, 2, 1, 2]),
        # A second passage without its opening bar line begins where the first ended.
        (["", CLOSE, "", CLOSE], [0, 1, 0, 1, 2, 3, 2, 3]),
        ([RIGHT.format('<repeat direction="backward" times="3"/>')], [0, 0, 0]),
        # First and second time.
        ([OPEN, first(1) + last(1, repeat=AGAIN), first(2) + last(2, "discontinue"), ""], [0, 1, 0, 2, 3]),
        # Two measures under the first bracket; three passes through two endings.
        ([OPEN, first(1), last(1, repeat=AGAIN), first(2) + last(2, "discontinue")], [0, 1, 2, 0, 3]),
        ([OPEN, first("1, 2") + last("1, 2", repeat=AGAIN), first(3) + last(3)], [0, 1, 0, 1, 0, 2]),
        # Both endings repeat: the second is the last.
        ([OPEN, first(1) + last(1, repeat=AGAIN), first(2) + last(2, repeat=AGAIN), ""], [0, 1, 0, 2, 3]),
        # After the endings a new passage counts anew.
        (
            [OPEN, first(1) + last(1, repeat=AGAIN), first(2) + last(2), OPEN, CLOSE],
            [0, 1, 0, 2, 3, 4, 3, 4],
        ),
        # A passage that begins with the last ending, whose bracket closes later, is repeated with all of it.
        (
            [OPEN, first(1) + last(1, repeat=AGAIN), first(2) + OPEN, last(2, "discontinue"), CLOSE],
            [0, 1, 0, 2, 3, 4, 2, 3, 4],
        ),
        # Two endings of one number are a first and a second one; two brackets without a repeat between are one ending.
        (["", OPEN, first(2) + last(2, repeat=AGAIN), first(2) + last(2), ""], [0, 1, 2, 1, 3, 4]),
        ([OPEN, first(1) + last(1), first(1) + last(1, repeat=AGAIN), first(2) + last(2)], [0, 1, 2, 0, 3]),
        # An ending that no pass reaches is played where it stands, and the other repeats are taken.
        ([OPEN, CLOSE, "", first(1) + last(1), first(2) + last(2)], [0, 1, 0, 1, 2, 3, 4]),
        ([OPEN, first(1) + last(1, repeat=AGAIN), first(2) + last(2), first(3) + last(3)], [0, 1, 0, 2, 3]),
        (["", sound(fine="yes"), sound(dacapo="yes")], [0, 1, 2, 0, 1]),
        # A jump to the coda that is written too early counts at the end of its passage.
        (["", sound(tocoda="c"), sound(dacapo="yes"), "", sound(coda="c")], [0, 1, 2, 3, 0, 1, 4]),
        (["", sound(segno="s"), sound(tocoda="c"), sound(dalsegno="s"), sound(coda="c")], [0, 1, 2, 3, 1, 2, 4]),
        # Where sounds say the jump, words at the place to leave for the coda that speak of it are no other.
        (
            [
                "",
                sound(segno="s"),
                "<direction><direction-type><words>Alla repetizione dal segno si prende la coda</words>"
                "</direction-type></direction>" + sound(tocoda="c"),
                sound(dalsegno="s"),
                sound(coda="c"),
            ],
            [0, 1, 2, 3, 1, 2, 4],
        ),
        # After da capo no repeat is taken, and of the endings the last.
        ([OPEN, CLOSE, sound(dacapo="yes")], [0, 1, 0, 1, 2, 0, 1, 2]),
        (
            [OPEN, first(1) + last(1, repeat=AGAIN), first(2) + last(2), sound(dacapo="yes")],
            [0, 1, 0, 2, 3, 0, 2, 3],
        ),
    ],
)
def test_the_order_of_playing(measures, played):
    assert order(*measures) == played


@pytest.mark.parametrize(
    "measures",
    [
        [first(2) + last(2), ""],  # a second ending without a first
        [OPEN, first(1), "", ""],  # a bracket that never closes, and nothing repeated
        [sound(dalsegno="s"), ""],  # no sign to go to
        [RIGHT.format('<repeat direction="backward" times="x"/>')],
        [first("") + last(""), ""],
    ],
)
def test_marks_that_make_no_sense_lose_no_measure(measures):
    assert set(order(*measures)) == set(range(len(measures)))


def test_what_is_in_force_on_the_page_is_in_force_when_it_is_played_again():
    def note(step, duration):
        return f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>{duration}</duration></note>"

    def meter(beats, fifths, divisions):
        return (
            f"<attributes><divisions>{divisions}</divisions><key><fifths>{fifths}</fifths></key>"
            f"<time><beats>{beats}</beats><beat-type>4</beat-type></time></attributes>"
        )

    measures = [
        meter(2, 0, 1) + note("C", 2),
        OPEN + note("D", 2),
        meter(3, 1, 2) + note("E", 6) + CLOSE,
    ]
    document = "".join(f"<measure>{measure}</measure>" for measure in measures)
    score = read_musicxml(f'<score-partwise><part-list/><part id="P">{document}</part></score-partwise>'.encode())
    [track] = score.tracks
    quarter = score.ticks_per_quarter
    assert [(row[0] / quarter, row[1] / quarter, row[2]) for row in track.notes.tolist()] == [
        (0, 2, 60), (2, 2, 62), (4, 3, 64), (7, 2, 62), (9, 3, 64),
    ]  # fmt: skip
    assert [(m.onset / quarter, m.numerator) for m in score.time_signatures] == [(0, 2), (4, 3), (7, 2), (9, 3)]
    assert [(k.onset / quarter, k.tonic) for k in score.key_signatures] == [(0, 0), (4, 7), (7, 0), (9, 7)]


def test_more_notes_than_the_limit_are_refused_before_they_are_read():
    many = "<note><rest/><duration>1</duration></note>" * 40_000
    closed = many + RIGHT.format('<repeat direction="backward" times="16"/>')
    with pytest.raises(FormatError, match="640000 notes are more than the limit"):
        read_musicxml(f'<score-partwise><part id="P"><measure>{closed}</measure></part></score-partwise>'.encode())
