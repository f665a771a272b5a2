import io
import zipfile
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import fromstring, tostring

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from componium.errors import FormatError
from componium.formats.musicxml import MAX_NOTES, documents, musicxml_bytes, read_musicxml, write_musicxml
from componium.formats.notation.layout import Bar, Chord, Written, bars_of
from componium.formats.notation.note_values import values_of
from componium.score import ChordSpan, KeySignature, Score, Tempo, TimeSignature, Track, make_notes


def parsed(data):
    return fromstring(data)  # noqa: S314 - our own


STEP = 40  # ticks of a twelfth of a quarter
# Lengths of a written value in steps.
KINDS = {"whole": 48, "half": 24, "quarter": 12, "eighth": 6, "16th": 3, "32nd": Fraction(3, 2)}
METERS = st.sampled_from([(4, 4), (3, 4), (6, 8), (2, 2), (7, 8), (12, 8), (5, 16), (1, 4), (6, 16)])


@st.composite
def tracks(draw):
    columns = st.tuples(st.integers(0, 100), st.integers(1, 60), st.integers(0, 127), st.integers(1, 127))
    notes = draw(st.lists(columns, max_size=12))
    onset, duration, pitch, velocity = zip(*notes, strict=True) if notes else ((), (), (), ())
    array = make_notes(np.array(onset, int) * STEP, np.array(duration, int) * STEP, pitch, velocity)
    name = draw(st.sampled_from(["Melody", "Left & right <hand>", "Ĉefvoĉo"]))
    return Track(array, draw(st.integers(0, 127)), draw(st.booleans()), name)


@st.composite
def scores(draw):
    second = draw(st.none() | st.integers(1, 90))
    meters = [TimeSignature(0, *draw(METERS))]
    if second:
        meters.append(TimeSignature(second * STEP, *draw(METERS)))
    key = draw(st.none() | st.builds(KeySignature, st.just(0), st.integers(0, 11), st.booleans()))
    parts = draw(st.lists(tracks(), min_size=1, max_size=3))
    return Score(480, tuple(parts), time_signatures=tuple(meters), key_signatures=(key,) if key else ())


def heard(track):
    columns = ["onset", "pitch", "velocity"] if track.is_drum else ["onset", "duration", "pitch", "velocity"]
    return Counter(track.notes[columns].tolist())


@settings(max_examples=100, deadline=None)
@given(scores())
def test_what_lies_on_the_grid_comes_back_whatever_overlaps(score):
    back = read_musicxml(musicxml_bytes(score))
    assert back.ticks_per_quarter == score.ticks_per_quarter
    for before, after in zip(score.tracks, back.tracks, strict=True):
        assert heard(before) == heard(after)
        assert (before.program, before.is_drum, before.name) == (after.program, after.is_drum, after.name)
    # Bars after the last note are not written, nor a meter set again where its bars go on anyway.
    lines = [(bar.start, bar.meter) for bar in bars_of(back)]
    assert lines == [(bar.start, bar.meter) for bar in bars_of(score)][: len(lines)]
    if score.key_signatures and not all(track.is_drum for track in score.tracks):
        assert back.key_signatures == score.key_signatures


@settings(max_examples=30, deadline=None)
@given(scores())
def test_what_was_read_is_written_alike(score):
    once = musicxml_bytes(score)
    assert musicxml_bytes(score) == once
    back = read_musicxml(once)
    assert [heard(track) for track in read_musicxml(musicxml_bytes(back)).tracks] == [heard(t) for t in back.tracks]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5000), st.lists(st.tuples(*[st.integers(0, 9000)] * 2, st.integers(0, 127)), max_size=20), METERS)
def test_any_ticks_can_be_written(per_quarter, rows, meter):
    onset, duration, pitch = np.array(rows, int).reshape(-1, 3).T
    # Few enough bars, even of one tick each.
    onset, duration = onset * per_quarter // 1000, duration * per_quarter // 1000
    score = Score(
        per_quarter, (Track(make_notes(onset, duration, pitch, 64)),), (Tempo(0, 90),), (TimeSignature(0, *meter),)
    )
    back = read_musicxml(musicxml_bytes(score))
    assert Counter(back.tracks[0].notes["pitch"].tolist()) == Counter(pitch.tolist())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 47), unique=True, max_size=9), METERS.filter(lambda meter: meter[1] != 16), st.booleans()
)
def test_a_bar_is_filled_by_values_that_add_up(borders, meter, begins_silent):
    length = 48 * meter[0] // meter[1]
    edges = sorted({0, *(border for border in borders if border < length), length})
    stretches = list(pairwise(edges))[begins_silent::2]
    bar = Bar(0, 0, length, meter)
    values = values_of([Chord(start, end, (Written(start, end, 60, 64),)) for start, end in stretches], bar)
    assert [value.start for value in values] == [0, *(value.end for value in values[:-1])]
    assert values[-1].end == length
    for value in values:
        looks = KINDS[value.kind] * Fraction(3, 2) ** value.dots * (Fraction(2, 3) if value.thirds else 1)
        assert looks == value.end - value.start
    starts = [value.tuplet.count("start") for value in values]
    assert sum(starts) == sum(value.tuplet.count("stop") for value in values)
    beams = [value.beams[0] for value in values if value.beams]
    assert beams.count("begin") == beams.count("end")


def one_part(pitches, **fields):
    onsets = np.arange(len(pitches)) * 480
    return Score(480, (Track(make_notes(onsets, 480, pitches, 80), 73),), **fields)


@pytest.mark.parametrize(
    ("key", "pitches", "spelled"),
    [
        (KeySignature(0, 0, True), [60, 63, 68, 70, 71], ["C4", "E-4", "A-4", "B-4", "B4"]),
        (KeySignature(0, 9, False), [61, 66, 68, 69], ["C#4", "F#4", "G#4", "A4"]),
        (KeySignature(0, 6, False), [66, 65, 60], ["F#4", "E#4", "B#3"]),
        (KeySignature(0, 1, False), [61, 66, 64, 59], ["D-4", "G-4", "F-4", "C-4"]),
        (KeySignature(0, 4, True), [64, 66, 63, 60, 61], ["E4", "F#4", "D#4", "C4", "C#4"]),
    ],
)
def test_pitches_are_spelled_in_their_key(key, pitches, spelled):
    root = parsed(musicxml_bytes(one_part(pitches, key_signatures=(key,))))
    signs = {"-1": "-", "1": "#", None: ""}
    found = [p.findtext("step") + signs[p.findtext("alter")] + p.findtext("octave") for p in root.iter("pitch")]
    assert found == spelled


def test_accidentals_are_printed_once_a_bar_and_taken_back():
    root = parsed(musicxml_bytes(one_part([66, 66, 65, 67, 66, 60], key_signatures=(KeySignature(0, 0, False),))))
    assert [note.findtext("accidental") for note in root.iter("note") if note.find("pitch") is not None] == [
        "sharp", None, "natural", None, "sharp", None,
    ]  # fmt: skip


def test_a_piano_takes_two_staves_and_comes_back_as_one_part():
    notes = make_notes([0, 0, 480, 480], 480, [40, 76, 43, 79], 80)
    data = musicxml_bytes(Score(480, (Track(notes, 0, name="Piano"),)))
    root = parsed(data)
    assert [clef.findtext("sign") for clef in root.iter("clef")] == ["G", "F"]
    assert [note.findtext("staff") for note in root.iter("note") if note.find("pitch")] == ["1", "1", "2", "2"]
    assert len(read_musicxml(data).tracks) == 1


def test_drums_stand_on_their_clef_and_last_until_the_next_stroke():
    notes = make_notes([0, 0, 240, 480], 5, [36, 49, 42, 38], 80)
    root = parsed(musicxml_bytes(Score(480, (Track(notes, is_drum=True),))))
    assert root.findtext(".//clef/sign") == "percussion"
    assert {head.text for head in root.iter("notehead")} == {"normal", "x"}
    assert [note.findtext("type") for note in root.iter("note") if note.find("unpitched")] == ["eighth"] * 3 + [
        "quarter"
    ]


def test_what_is_off_the_grid_goes_to_sixteenths_and_triplets_and_stays_long_enough():
    # At 480 ticks: a sixteenth is 120, a triplet eighth 160.
    notes = make_notes([7, 487, 1127], [233, 101, 0], [60, 62, 64], 80)
    [track] = read_musicxml(musicxml_bytes(Score(480, (Track(notes, 73),)))).tracks
    assert track.notes[["onset", "duration"]].tolist() == [(0, 240), (480, 120), (1120, 80)]


def test_tempos_chords_and_title_come_back():
    labels = ["C:maj7", "F#:min/b3", "N", "Bb:sus4(b7)", "E:7(#9)", "??"]
    chords = tuple(ChordSpan(index * 960, 960, label) for index, label in enumerate(labels))
    tempos = (Tempo(0, 96.0), Tempo(2400, 60.5))
    score = one_part([60] * 12, chords=chords, tempos=tempos, title="Ĉu & <ne>")
    back = read_musicxml(musicxml_bytes(score))
    assert (back.title, back.tempos, back.chords) == (score.title, tempos, chords)


def test_no_name_date_or_program_is_made_up():
    data = musicxml_bytes(one_part([60]))
    assert b"<work-title>Untitled</work-title>" in data
    assert read_musicxml(data).title == ""
    assert not any(word in data.lower() for word in (b"music21", b"creator", b"encoding-date"))


def test_characters_that_xml_forbids_do_no_harm():
    track = Track(make_notes([0], 480, 60, 80), name="a\x00b\x0b\ud800c")
    score = Score(480, (track,), title="x\x01\n y", chords=(ChordSpan(0, 480, "\x02"),))
    back = read_musicxml(musicxml_bytes(score))
    assert (back.title, back.tracks[0].name) == ("x y", "abc")


def test_a_score_without_notes_or_parts_is_an_empty_bar():
    for score in (Score(480), Score(480, (Track(),))):
        back = read_musicxml(musicxml_bytes(score))
        assert (back.n_notes, len(back.tracks)) == (0, 1)


def test_too_many_bars_are_refused_before_they_are_drawn():
    with pytest.raises(FormatError, match="bars are more than the limit"):
        bars_of(Score(1, (Track(make_notes([2**29], 1, 60, 80)),)))


# Written as no program of ours writes: an upbeat, a clarinet in B flat, two voices, grace and cue notes, an unpitched
# note without instrument, a metronome mark in dotted quarters, ties by notation alone.
FOREIGN = """<?xml version="1.0"?>
<score-partwise><movement-title>Foreign</movement-title><part-list>
<score-part id="A"><part-name>Clarinet in Bb</part-name>
 <score-instrument id="i"><instrument-name>Clarinet</instrument-name></score-instrument></score-part>
<score-part id="B"><part-name>Kit</part-name></score-part></part-list>
<part id="A"><measure number="0"><attributes><divisions>2</divisions><key><fifths>2</fifths></key>
 <time><beats>2+1</beats><beat-type>4</beat-type></time>
 <transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>
 <direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>60</per-minute>
 </metronome></direction-type></direction>
 <direction><direction-type><dynamics><ff/></dynamics></direction-type></direction>
 <note><pitch><step>D</step><octave>5</octave></pitch><duration>2</duration></note></measure>
<measure number="1"><note><grace/><pitch><step>A</step><octave>5</octave></pitch></note>
 <note><pitch><step>F</step><alter>1</alter><octave>5</octave></pitch><duration>6</duration>
 <notations><tied type="start"/></notations></note>
 <backup><duration>6</duration></backup><forward><duration>2</duration></forward>
 <note><pitch><step>D</step><octave>5</octave></pitch><duration>2</duration><voice>2</voice></note>
 <note><chord/><pitch><step>B</step><octave>4</octave></pitch><duration>2</duration><voice>2</voice></note></measure>
<measure number="2"><note><pitch><step>F</step><alter>1</alter><octave>5</octave></pitch><duration>2</duration>
 <notations><tied type="stop"/></notations></note>
 <note><cue/><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration></note></measure></part>
<part id="B"><measure number="0"><attributes><divisions>1</divisions><clef><sign>percussion</sign></clef></attributes>
 <note><unpitched><display-step>F</display-step><display-octave>4</display-octave></unpitched><duration>1</duration>
 </note></measure></part></score-partwise>
"""


def test_a_foreign_file_is_understood():
    score = read_musicxml(FOREIGN.encode())
    clarinet, kit = score.tracks
    assert (score.title, score.tempos, clarinet.program) == ("Foreign", (Tempo(0, 90.0),), 71)
    assert clarinet.notes.tolist() == [
        (0, 480, 72, 112),
        # The grace note takes half of the note that follows, up to its tie.
        (480, 720, 79, 112),
        (960, 480, 69, 112),
        (960, 480, 72, 112),
        (1200, 1200, 76, 112),
    ]
    assert score.time_signatures == (TimeSignature(0, 3, 4), TimeSignature(480, 3, 4))
    assert score.key_signatures == (KeySignature(0, 0, False),)
    assert (kit.is_drum, kit.notes["pitch"].tolist()) == (True, [36])


def test_measures_of_parts_and_parts_of_measures_are_the_same_music():
    timewise = parsed(FOREIGN)
    timewise.tag = "score-timewise"
    parts = timewise.findall("part")
    for part in parts:
        timewise.remove(part)
    for number in range(3):
        measure = parsed("<measure/>")
        for part in parts:
            if number < len(part):
                own = parsed(f"<part id='{part.get('id')}'/>")
                own.extend(part[number])
                measure.append(own)
        timewise.append(measure)
    back, score = read_musicxml(tostring(timewise)), read_musicxml(FOREIGN.encode())
    assert [t.notes.tolist() for t in back.tracks] == [t.notes.tolist() for t in score.tracks]


def test_compressed_files_are_read_by_what_their_container_names(tmp_path):
    score = one_part([60, 62])
    write_musicxml(score, tmp_path / "a.mxl")
    write_musicxml(score, tmp_path / "b.mxl")
    assert (tmp_path / "a.mxl").read_bytes() == (tmp_path / "b.mxl").read_bytes()
    assert heard(read_musicxml(tmp_path / "a.mxl").tracks[0]) == heard(score.tracks[0])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bare.xml", musicxml_bytes(score))
    assert read_musicxml(packed.getvalue()).n_notes == 2


def test_music21_hears_the_same_notes():
    converter = pytest.importorskip("music21.converter")
    notes = make_notes(
        [0, 0, 160, 320, 480, 600, 0], [1920, 160, 160, 160, 1080, 120, 3000], [40, 72, 74, 76, 77, 79, 60], 80
    )
    score = Score(480, (Track(notes, 0, name="Piano"),), time_signatures=(TimeSignature(0, 3, 4),))
    sheet = converter.parse(musicxml_bytes(score), format="musicxml")
    found = Counter()
    for note in sheet.recurse().notes:
        start = round(note.getOffsetInHierarchy(sheet) * 12)
        # It leaves ties between voices as they are: count what sounds in each step.
        steps = range(start, start + round(note.quarterLength * 12))
        found.update((step, pitch.midi) for step in steps for pitch in note.pitches)
    assert found == Counter(
        (step, pitch)
        for onset, duration, pitch, _ in notes.tolist()
        for step in range(onset // STEP, (onset + duration) // STEP)
    )


def large_archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", b" " * (documents.MAX_BYTES + 1))
    return packed.getvalue()


BAR = b"<measure><note><pitch><step>C</step><octave>%s</octave></pitch><duration>%s</duration></note></measure>"


def around(measures):
    return b"<score-partwise><part id='P'>" + measures + b"</part></score-partwise>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello", "not readable XML"),
        (b"<html/>", "its root is <html>"),
        (b"PK\x03\x04 broken", "not a readable archive"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><score-partwise/>', "declares entities"),
        (b"<?xml version='1.0' encoding='no-such'?><score-partwise>", "not readable XML"),
        (around(BAR % (b"4", b"999999999")), "longer than the limit"),
        (around(b"<measure>" + b"<note/>" * (MAX_NOTES + 1) + b"</measure>"), "notes are more than the limit"),
        (large_archive(), "larger than the limit"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(data, reason):
    with pytest.raises(FormatError, match=reason) as raised:
        read_musicxml(data)
    assert "\n" not in str(raised.value)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_gives_a_score_or_a_format_error(data):
    content = bytearray(data.draw(st.sampled_from(DAMAGED)))
    for _ in range(data.draw(st.integers(0, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        # Digits keep the file readable, and change what it says.
        content[place] = data.draw(st.integers(0, 255) | st.sampled_from(b"0123456789-.<>"))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    try:
        assert isinstance(read_musicxml(bytes(content)), Score)
    except FormatError as error:
        assert "\n" not in str(error)


NUMBERS = ["", "-1", "0", "1e9", "999999999", "9" * 400, "0.5", "nan", "٣", "3/4"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(NUMBERS)), min_size=1, max_size=4))
def test_any_number_anywhere_gives_a_score_or_a_format_error(changes):
    root = parsed(FOREIGN)
    elements = list(root.iter())
    for place, text in changes:
        elements[place % len(elements)].text = text
    try:
        assert isinstance(read_musicxml(tostring(root)), Score)
    except FormatError as error:
        assert "\n" not in str(error)


def test_missing_files_and_folders_are_said(tmp_path):
    with pytest.raises(FormatError, match="cannot be read"):
        read_musicxml(tmp_path / "no.musicxml")
    with pytest.raises(FormatError, match="cannot be written"):
        write_musicxml(one_part([60]), tmp_path / "no" / "x.musicxml")


DAMAGED = [FOREIGN.encode(), musicxml_bytes(one_part([60, 62, 64])), documents.archived(FOREIGN.encode())]
