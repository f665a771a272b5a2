"""Signs that stand for notes are heard: an input for each sign, written as engravers' programs write it."""

from fractions import Fraction

import pytest

from componium.formats.musicxml import read_musicxml


def note(step, quarters, extra="", octave=5, before=""):
    """A note of some quarters, 12 divisions each; what stands before its pitch and after its duration."""
    duration = f"<duration>{int(quarters * 12)}</duration>" if quarters else ""
    return (
        f"<note>{before}<pitch><step>{step}</step><octave>{octave}</octave></pitch>{duration}<voice>1</voice>"
        f"{extra}</note>"
    )


def notations(inner):
    return f"<notations>{inner}</notations>"


def ornaments(inner):
    return notations(f"<ornaments>{inner}</ornaments>")


def rest(quarters):
    return f"<note><rest/><duration>{int(quarters * 12)}</duration></note>"


def heard(*measures, fifths=0, tempo=120):
    """Onset and duration in quarters, and pitch, of what is heard."""
    first = (
        f"<attributes><divisions>12</divisions><key><fifths>{fifths}</fifths></key><time><beats>4</beats>"
        f"<beat-type>4</beat-type></time></attributes><sound tempo='{tempo}'/>"
    )
    inside = "".join(
        f"<measure number='{number}'>{'' if number > 1 else first}{measure}</measure>"
        for number, measure in enumerate(measures, 1)
    )
    score = read_musicxml(f"<score-partwise><part-list/><part id='P'>{inside}</part></score-partwise>".encode())
    quarter = score.ticks_per_quarter
    return sorted(
        (Fraction(onset, quarter), Fraction(duration, quarter), pitch)
        for onset, duration, pitch, _ in score.tracks[0].notes.tolist()
    )


def pitches(played):
    return [pitch for _, _, pitch in played]


def fills(played, end):
    """Whether notes follow each other without gaps up to an end."""
    ends = [onset + duration for onset, duration, _ in played]
    return played[0][0] == 0 and [onset for onset, _, _ in played[1:]] == ends[:-1] and ends[-1] == end


class TestTremolo:
    @pytest.mark.parametrize(
        ("kind", "quarters", "strokes", "count"),
        # A beam of the note counts as a stroke: an eighth with one stroke is two sixteenths.
        [("whole", 4, 2, 16), ("quarter", 1, 1, 2), ("quarter", 1, 3, 8), ("eighth", 0.5, 1, 2), ("half", 3, 2, 12)],
    )
    def test_a_note_is_repeated_in_the_value_of_its_strokes(self, kind, quarters, strokes, count):
        tremolo = ornaments(f"<tremolo type='single'>{strokes}</tremolo>")
        played = heard(note("C", quarters, f"<type>{kind}</type>" + tremolo))
        assert pitches(played) == [72] * count
        assert fills(played, Fraction(quarters))
        assert len({duration for _, duration, _ in played}) == 1

    def test_all_notes_of_a_chord_are_repeated(self):
        tremolo = ornaments("<tremolo>1</tremolo>")
        played = heard(
            note("C", 1, "<type>quarter</type>" + tremolo) + note("E", 1, "<type>quarter</type>", before="<chord/>")
        )
        assert [(onset, pitch) for onset, _, pitch in played] == [
            (0, 72),
            (0, 76),
            (Fraction(1, 2), 72),
            (Fraction(1, 2), 76),
        ]

    def test_strokes_on_a_note_of_a_triplet_are_triplets(self):
        triplet = "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
        played = heard(note("C", 1, "<type>quarter</type>" + triplet + ornaments("<tremolo>1</tremolo>")))
        assert [duration for _, duration, _ in played] == [Fraction(1, 3)] * 3

    def test_two_notes_alternate(self):
        played = heard(
            note("C", 1, "<type>half</type>" + ornaments("<tremolo type='start'>2</tremolo>"))
            + note("G", 1, "<type>half</type>" + ornaments("<tremolo type='stop'>2</tremolo>"))
            + note("A", 2)
        )
        assert pitches(played) == [72, 79] * 4 + [81]
        assert fills(played, 4)

    def test_a_start_without_its_other_note_is_a_note(self):
        played = heard(note("C", 4, ornaments("<tremolo type='start'>3</tremolo>")), note("D", 4))
        assert played == [(0, 4, 72), (4, 4, 74)]


class TestGraceNotes:
    def test_one_with_a_slash_is_short_on_the_beat_and_the_end_of_the_note_stays(self):
        (grace, main) = heard(note("D", 0, before="<grace slash='yes'/>") + note("C", 4))
        assert (grace[2], main[2]) == (74, 72)
        assert 0 < grace[1] < Fraction(1, 4)
        assert fills([grace, main], 4)

    @pytest.mark.parametrize(("quarters", "dots", "own"), [(1, "", Fraction(1, 2)), (3, "<dot/>", 2)])
    def test_one_without_takes_half_of_the_note_and_two_thirds_of_a_dotted_one(self, quarters, dots, own):
        played = heard(note("D", 0, before="<grace/>") + note("C", quarters, dots))
        assert [(duration, pitch) for _, duration, pitch in played] == [(own, 74), (quarters - own, 72)]

    def test_several_have_their_written_lengths_and_never_more_than_half(self):
        run = "".join(note(step, 0, "<type>16th</type>", before="<grace/>") for step in "AB")
        played = heard(run + note("C", 2))
        assert [duration for _, duration, _ in played] == [Fraction(1, 4), Fraction(1, 4), Fraction(3, 2)]
        assert [duration for _, duration, _ in heard(run + note("C", 0.5))] == [Fraction(1, 8)] * 2 + [Fraction(1, 4)]

    def test_chords_of_them_sound_together(self):
        played = heard(
            note("D", 0, before="<grace slash='yes'/>")
            + note("F", 0, before="<grace slash='yes'/><chord/>")
            + note("C", 2)
            + note("E", 2, before="<chord/>")
        )
        assert pitches(played) == [74, 77, 72, 76]
        assert played[0][:2] == played[1][:2]
        assert played[2][:2] == played[3][:2]

    def test_those_at_the_end_of_a_measure_take_from_the_note_before(self):
        run = "".join(note(step, 0, "<type>16th</type>", before="<grace/>") for step in "BC")
        played = heard(note("C", 4) + run, note("D", 4))
        assert pitches(played) == [72, 83, 72, 74]
        assert fills(played, 8)
        assert played[3] == (4, 4, 74)

    def test_one_that_is_tied_to_its_note_is_not_struck_twice(self):
        tied = note("C", 0, "<tie type='start'/>", before="<grace/>") + note("C", 2, "<tie type='stop'/>")
        assert heard(tied) == [(0, 2, 72)]


@pytest.mark.parametrize(
    ("sign", "steps"),
    [
        ("<mordent/>", [67, 65, 67]), ("<inverted-mordent/>", [67, 69, 67]), ("<turn/>", [69, 67, 65, 67]),
        ("<inverted-turn/>", [65, 67, 69, 67]), ("<delayed-turn/>", [67, 69, 67, 65, 67]),
        # Accidentals at the sign count.
        ("<inverted-mordent/><accidental-mark>flat</accidental-mark>", [67, 68, 67]),
    ],
)  # fmt: skip
def test_turns_and_mordents_are_played_in_the_key(sign, steps):
    # G in F major with the notes of its scale; in C the neighbors are the same.
    played = heard(note("G", 2, ornaments(sign), octave=4), fifths=-1)
    assert pitches(played) == steps
    assert fills(played, 2)


def test_neighbors_have_the_accidentals_of_the_key():
    assert set(pitches(heard(note("A", 1, ornaments("<trill-mark/>"), octave=4), fifths=-1))) == {69, 70}
    assert set(pitches(heard(note("E", 1, ornaments("<trill-mark/>"), octave=4), fifths=1))) == {64, 66}


@pytest.mark.parametrize("quarters", [4, 1, 0.5, 0.25])
def test_a_trill_alternates_as_long_as_its_note_and_ends_on_it(quarters):
    played = heard(note("C", quarters, ornaments("<trill-mark/>")))
    assert pitches(played)[::2] == [72] * (len(played) // 2 + 1)
    assert pitches(played)[1::2] == [74] * (len(played) // 2)
    assert len(played) >= 3
    assert fills(played, Fraction(quarters))


@pytest.mark.parametrize(("tempo", "stroke"), [(160, 8), (60, 8), (59, 16), (30, 16), (29, 32)])
def test_a_slow_trill_has_shorter_notes(tempo, stroke):
    played = heard(note("C", 4, ornaments("<trill-mark/>")), tempo=tempo)
    assert played[0][1] == Fraction(1, stroke)
    assert fills(played, 4)


def test_an_arpeggio_goes_up_or_down_and_ends_together():
    def chord(direction):
        sign = notations(f"<arpeggiate{direction}/>")
        return heard(note("C", 2, sign) + note("E", 2, sign, before="<chord/>") + note("G", 2, sign, before="<chord/>"))

    for direction, order in [("", [72, 76, 79]), (" direction='down'", [79, 76, 72])]:
        played = chord(direction)
        assert pitches(played) == order
        assert len({onset for onset, _, _ in played}) == 3
        assert {onset + duration for onset, duration, _ in played} == {2}


def measure_repeat(kind, count="", number=""):
    sign = f"<measure-repeat type='{kind}'>{count}</measure-repeat>"
    return f"<attributes><measure-style{number}>{sign}</measure-style></attributes>"


class TestRepeatSigns:
    def test_measures_are_played_again_until_the_sign_stops(self):
        bar = note("C", 1) + note("D", 3)
        played = heard(bar, measure_repeat("start", 1) + rest(4), rest(4), measure_repeat("stop") + note("E", 4))
        assert played == [(0, 1, 72), (1, 3, 74), (4, 1, 72), (5, 3, 74), (8, 1, 72), (9, 3, 74), (12, 4, 76)]

    def test_two_measures_are_played_again_together(self):
        played = heard(
            note("C", 4), note("D", 4), measure_repeat("start", 2) + rest(4), rest(4), measure_repeat("stop")
        )
        assert pitches(played) == [72, 74, 72, 74]

    def test_a_measure_without_an_earlier_one_is_silent(self):
        assert heard(measure_repeat("start", 1) + rest(4), note("C", 4)) == [(4, 4, 72)]

    def test_a_sign_on_one_staff_repeats_that_staff(self):
        def both(upper, lower):
            return upper + "<backup><duration>48</duration></backup>" + lower

        upper, lower = "<staff>1</staff>", "<staff>2</staff>"
        played = heard(
            both(note("C", 4, upper), note("E", 4, lower, octave=3)),
            measure_repeat("start", 1, " number='2'") + both(note("D", 4, upper), rest(4)),
        )
        assert played == [(0, 4, 52), (0, 4, 72), (4, 4, 52), (4, 4, 74)]

    def test_beats_are_played_again(self):
        sign = "<attributes><measure-style><beat-repeat type='{}' slashes='1'/></measure-style></attributes>"
        played = heard(
            note("C", 0.5) + note("D", 0.5) + sign.format("start") + rest(3), sign.format("stop") + note("E", 4)
        )
        assert pitches(played) == [72, 74] * 4 + [76]
        assert fills(played, 8)


def wavy(kind, trill=""):
    return ornaments(f"{trill}<wavy-line type='{kind}' number='1'/>")


TIE, UNTIE = "<tie type='start'/>", "<tie type='stop'/>"


class TestTrillsThatGoOn:
    @pytest.mark.parametrize("ends", [wavy("stop"), ""])
    def test_over_tied_notes_and_is_one_trill(self, ends):
        sign = wavy("start", "<trill-mark/>") if ends else ornaments("<trill-mark/>")
        played = heard(note("C", 4, TIE + sign), note("C", 4, UNTIE + TIE), note("C", 2, UNTIE + ends) + note("E", 2))
        trill = played[:-1]
        assert fills(trill, 10)
        assert pitches(trill)[::2] == [72] * (len(trill) // 2 + 1)
        assert pitches(trill)[1::2] == [74] * (len(trill) // 2)
        assert all(duration <= Fraction(1, 4) for _, duration, _ in trill)
        assert played[-1] == (10, 2, 76)

    def test_under_the_line_over_other_notes(self):
        played = heard(note("C", 1, wavy("start", "<trill-mark/>")) + note("E", 1) + note("G", 1, wavy("stop")))
        assert {pitch for onset, _, pitch in played if onset < 1} == {72, 74}
        assert {pitch for onset, _, pitch in played if 1 <= onset < 2} == {76, 77}
        # The note at which the line ends may stand after it.
        assert played[-1] == (2, 1, 79)

    def test_of_a_chord_under_the_line_in_its_highest_note(self):
        chord = note("E", 1) + note("G", 1, before="<chord/>")
        played = heard(note("C", 1, wavy("start")) + chord + note("B", 1, wavy("stop")))
        assert {pitch for onset, _, pitch in played if 1 <= onset < 2} == {76, 79, 81}
        assert (1, 1, 76) in played

    def test_not_under_a_line_that_never_ends(self):
        played = heard(note("C", 1, wavy("start", "<trill-mark/>")) + note("E", 1), note("F", 4))
        assert played[-2:] == [(1, 1, 76), (2, 4, 77)]

    def test_not_in_another_voice(self):
        other = note("E", 2).replace("<voice>1", "<voice>2")
        upper = note("C", 1, wavy("start")) + note("D", 1, wavy("stop"))
        played = heard(upper + "<backup><duration>24</duration></backup>" + other)
        assert (0, 2, 76) in played

    @pytest.mark.parametrize(
        "end",
        [
            note("E", 1, wavy("stop")).replace("<voice>1", "<voice>2"),
            "<note><rest/><duration>12</duration><voice>1</voice>" + wavy("stop") + "</note>",
        ],
    )
    def test_not_where_the_line_ends_in_another_voice_or_at_a_rest(self, end):
        played = heard(note("C", 1, wavy("start")) + note("D", 1) + end, note("G", 1))
        assert (1, 1, 74) in played
        assert played[-1][1:] == (1, 79)

    def test_to_the_end_of_the_same_note_at_which_the_line_ends(self):
        played = heard(note("C", 4, wavy("start")), note("C", 4), note("C", 4, wavy("stop")), note("C", 1))
        assert {pitch for onset, _, pitch in played if 8 <= onset < 12} == {72, 74}
        assert played[-1] == (12, 1, 72)


def test_a_trill_on_a_drum_is_a_roll():
    sign = ornaments("<trill-mark/>")
    stroke = f"<note><unpitched/><duration>12</duration><voice>1</voice>{sign}</note>"
    timpani = note("C", 1, sign, octave=3)
    declared = (
        "<score-part id='A'><part-name>Snare Drum</part-name></score-part>"
        "<score-part id='B'><part-name>Timpani</part-name></score-part>"
    )
    parts = "".join(
        f"<part id='{name}'><measure><attributes><divisions>12</divisions></attributes>{inner}</measure></part>"
        for name, inner in (("A", stroke), ("B", timpani))
    )
    score = read_musicxml(f"<score-partwise><part-list>{declared}</part-list>{parts}</score-partwise>".encode())
    for track in score.tracks:
        assert len(track.notes) > 4
        assert len(set(track.notes["pitch"].tolist())) == 1
