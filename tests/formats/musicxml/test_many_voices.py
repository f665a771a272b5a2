"""Other programs read four voices a staff: more are written as tied chords, and nothing is lost."""

from collections import Counter
from xml.etree.ElementTree import fromstring

from hypothesis import given, settings
from hypothesis import strategies as st

from componium.formats.musicxml import musicxml_bytes, read_musicxml
from componium.score import Score, Track, make_notes

NOTES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 90), st.integers(55, 66)), min_size=6, max_size=40)


@settings(max_examples=60, deadline=None)
@given(NOTES, st.sampled_from([0, 40]))
def test_no_staff_has_more_than_four_voices_and_every_note_comes_back(notes, program):
    onset, duration, pitch = zip(*notes, strict=True)
    track = Track(make_notes([40 * o for o in onset], [40 * d for d in duration], pitch, 80), program)
    data = musicxml_bytes(Score(480, (track,)))
    voices = {(note.findtext("staff"), note.findtext("voice")) for note in fromstring(data).iter("note")}  # noqa: S314
    assert max(Counter(staff for staff, _ in voices).values()) <= 4
    columns = ["onset", "duration", "pitch"]
    back = read_musicxml(data).tracks[0].notes
    assert Counter(back[columns].tolist()) == Counter(track.notes[columns].tolist())
