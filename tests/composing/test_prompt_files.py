"""What is composed for a prompt is the prompt's own file with new notes in it."""

import base64

import numpy as np
import pytest
from fixtures.midi_files import bend, chunk, control, events_of, line, meta, midi_file, off, on, program

from componium.composing.compose import compose
from componium.composing.requests import make_request
from componium.formats.midi import midi_bytes, read_midi
from componium.score import TempoMap
from componium.score.beat_tracking import gridded

BAR = 4 * 96
TUNE, LOW = [72, 74, 76, 77] * 4, [40, 43, 45, 47] * 4
SONG = midi_file(
    chunk(meta(3, b"Song"), meta(0x51, b"\x09\x27\xc0"), meta(6, b"verse"), meta(0x51, b"\7\xa1\x20", 900_000)),
    chunk(
        meta(3, "Tröte".encode("latin-1")), control(7, 40, 0, 3), control(10, 20, 0, 3), program(79, 0, 3),
        meta(5, b"la"), bend(400, 0, 3), *line(TUNE[:-1], 96, 3), control(7, 0, 0, 3),
        *line(TUNE[-1:], 96, 3),
    ),
    chunk(meta(3, b"Synth"), meta(0x21, b"\1"), program(38, 0, 1), *line(LOW, 96, 1), control(11, 9, 5, 1), end=3),
    chunk(meta(3, b"Text"), meta(1, b"words")),
    division=96,
)  # fmt: skip


def composed(band, data=SONG, **fields):
    [piece] = compose(band, make_request(prompt=base64.b64encode(data), seed=3, **fields))
    return piece.score


def without_provenance(events):
    return [event for event in events if b"componium" not in event[1]]


def test_tracks_that_were_not_named_come_back_event_by_event(band):
    before = events_of(SONG)
    score = composed(band, task="infill", first_bar=2, last_bar=3, tracks=(2,))
    midi_type, division, after = events_of(midi_bytes(score))
    assert (midi_type, division) == before[:2]
    assert without_provenance(after[0]) == before[2][0]
    assert after[1] == before[2][1]
    assert after[3] == before[2][3]
    outside = [event for event in before[2][2] if not BAR <= event[0] < 3 * BAR]
    # On the bar line the last note of the stretch may end.
    assert [event for event in after[2] if not BAR <= event[0] <= 3 * BAR] == [
        event for event in outside if event[0] != 3 * BAR
    ]
    assert after[2] != before[2][2]


@pytest.mark.parametrize("fields", [{"task": "infill", "first_bar": 1, "last_bar": 2}, {"task": "continue", "bars": 2}])
def test_names_instruments_and_order_stay(band, fields):
    score = composed(band, **fields)
    assert [(track.name, track.program) for track in score.tracks[:2]] == [("Tröte", 79), ("Synth", 38)]
    assert score.ticks_per_quarter == 96
    events = events_of(midi_bytes(score))[2]
    assert {content for _, content in events[1]} >= {b"\xb3\x07\x28", b"\xb3\x0a\x14", b"\xc3\x4f"}
    assert {content for _, content in events[2]} >= {b"\xff\x21\1\1", b"\xc1\x26"}


def test_music_goes_on_on_the_tracks_of_the_prompt_and_ends_with_its_bars(band):
    score = composed(band, task="continue", bars=2)
    before = read_midi(SONG)
    for old, new in zip(before.tracks, score.tracks, strict=False):
        earlier = new.notes[new.notes["onset"] < 4 * BAR]
        assert earlier.tolist() == old.notes.tolist()
    assert 4 * BAR < score.end <= 6 * BAR
    assert [tempo.onset for tempo in score.tempos] == [0]
    events = events_of(midi_bytes(score))[2]
    assert all(tick <= 6 * BAR for own in events for tick, _ in own)
    # The volume of the fade is set back to that of the notes, the bend to none.
    at_bar = [content for tick, content in events[1] if tick == 4 * BAR]
    if any(new.notes["onset"].max() >= 4 * BAR for new in score.tracks[:1]):
        assert b"\xb3\x07\x28" in at_bar
        assert bend(0, 0, 3)[1] in at_bar


def test_an_accompanied_melody_is_its_own_track(band):
    score = composed(band, task="accompany", track=1, parts=("piano",))
    events = events_of(midi_bytes(score))[2]
    before = events_of(SONG)[2]
    assert without_provenance(events[0]) == before[0]
    assert events[1] == before[1]
    assert before[3] in events
    assert [track.name for track in score.tracks] == ["Tröte", "piano"]


def test_a_file_of_type_0_stays_one_chunk(band):
    data = midi_file(
        chunk(program(11), *line(TUNE[:8], 48), program(32, 0, 1), *line(LOW[:8], 48, 1)), midi_type=0, division=48
    )
    score = composed(band, data, task="continue", bars=1)
    if len(score.tracks) == 2:
        midi_type, _, chunks = events_of(midi_bytes(score))
        assert (midi_type, len(chunks)) == (0, 1)
    assert [track.program for track in score.tracks[:2]] == [11, 32]


def test_the_prompt_of_a_composed_piece_leaves_its_request_behind(band):
    first = composed(band, task="continue", bars=1)
    second = composed(band, midi_bytes(first), task="continue", bars=1)
    assert sum(text.startswith("componium ") for text in second.texts) == 1
    assert "verse" in second.texts


def test_a_time_base_of_smpte_stays(band):
    data = midi_file(chunk(*line([60, 62, 64, 65], 500)), division=0xE728)
    score = composed(band, data, task="continue", bars=1)
    assert midi_bytes(score)[12:14] == b"\xe7\x28"
    assert score.tracks[0].notes.tolist()[:4] == read_midi(data).tracks[0].notes.tolist()


# Beats of a song whose ticks are time, 960 a second.
BEAT, FIRST, N_BEATS = 0.583, 0.31, 48


def played_song():
    """A song off the grid: a tune on one channel, chords on another, and all that a file can hold beside them."""

    def at(beat):
        return round((FIRST + beat * BEAT) * 960)

    def deltas(events):
        ticks = [0, *(tick for tick, _ in sorted(events))]
        return [(tick - last, event[1]) for last, (tick, event) in zip(ticks, sorted(events), strict=False)]

    rng = np.random.default_rng(1)
    tune = [
        (1, program(79, 0, 3)), (2, control(7, 77, 0, 3)), (3, control(101, 0, 0, 3)), (4, control(100, 0, 0, 3)),
        (5, control(6, 12, 0, 3)), (at(9), bend(900, 0, 3)), (at(10), bend(0, 0, 3)), (at(20), control(1, 60, 0, 3)),
        (at(21), control(1, 0, 0, 3)), (at(30), (0, bytes((0xD3, 50)))), (at(33), (0, b"\xf0\4\x7e\x7f\x09\xf7")),
        *((at(beat), meta(5, b"la%d" % beat)) for beat in range(0, N_BEATS, 5)),
    ]  # fmt: skip
    chords = [
        (0, program(4, 0, 1)),
        (1, control(91, 33, 0, 1)),
        (at(17), control(11, 90, 0, 1)),
        (at(18), meta(7, b"cue")),
    ]
    for beat in range(N_BEATS):
        half = rng.random() < 0.6
        for place in (0, 0.5) if half else (0,):
            pitch, last = 72 + int(rng.integers(8)), 0.45 if half else 0.9
            tune += [(at(beat + place), on(pitch, 0, 3)), (at(beat + place + last), off(pitch, 0, 3, 9))]
        root = (48, 45, 41, 43)[beat // 4 % 4]
        for step in (0, 4, 7) if beat % 4 else (-12, 0, 4, 7):
            chords += [(at(beat), on(root + step, 0, 1, 64)), (at(beat + 0.8), off(root + step, 0, 1))]
    conductor = [(0, meta(3, b"Played")), (at(16), meta(6, b"verse")), (at(40), meta(6, b"end"))]
    return midi_file(*(chunk(*deltas(own), end=100) for own in (conductor, tune, chords)))


def moments(data):
    """Seconds and content of the events of each chunk, but for tempos, meters and the ends of tracks."""
    seconds = TempoMap(read_midi(data)).seconds
    return [
        [
            (float(seconds(tick)), content)
            for tick, content in own
            if content[:2] not in (b"\xff\x51", b"\xff\x58", b"\xff\x2f") and b"componium" not in content
        ]
        for own in events_of(data)[2]
    ]


def same_moments(found, wanted):
    return [content for _, content in found] == [content for _, content in wanted] and np.allclose(
        [moment for moment, _ in found], [moment for moment, _ in wanted], atol=0.002
    )


def test_a_file_that_is_put_on_its_beats_keeps_all_events_at_their_seconds():
    data = played_song()
    found = gridded(read_midi(data))
    assert found.is_moved
    before, after = moments(data), moments(midi_bytes(found.score))
    assert len(before[1]) > 100
    for own, wanted in zip(after, before, strict=True):
        assert same_moments(own, wanted)


@pytest.mark.parametrize("fields", [{"task": "infill", "first_bar": 4, "last_bar": 5, "tracks": (1,)},
                                    {"task": "accompany", "track": 1, "parts": ("flute",)}])  # fmt: skip
def test_what_a_prompt_holds_survives_its_being_put_on_beats(band, fields):
    data = played_song()
    score = composed(band, data, **fields)
    assert score.ticks_per_quarter == 480
    assert len(score.tempos) > 1
    before, after = moments(data), moments(midi_bytes(score))
    kept = 2 if fields["task"] == "infill" else 1
    assert same_moments(after[kept], before[kept])
    assert same_moments(after[0], before[0])


def test_music_that_goes_on_from_a_prompt_on_its_beats_keeps_what_it_holds(band):
    data = played_song()
    score = composed(band, data, task="continue", bars=1)
    before, after = moments(data), moments(midi_bytes(score))
    for own, wanted in zip(after[1:3], before[1:3], strict=True):
        early = [event for event in wanted if event[0] < FIRST + (N_BEATS - 4) * BEAT]
        assert same_moments(own[: len(early)], early)
