"""Note events: exact on their grid, honest off it, total on anything a model can emit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from componium.errors import RepresentationError
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.parts import Part
from componium.representations.transposition import transpose
from componium.score import Score, Tempo, TempoMap, TimeSignature, Track, make_notes, n_bars

PARTS = (
    Part(name="flute", program=73),
    Part(name="piano"),
    Part(name="bass", program=32),
    Part(name="drums", is_drum=True),
)
METERS = ((4, 4), (3, 4), (6, 8), (5, 4), (2, 2), (7, 8))


def codec(**config):
    return NoteCodec(NotesConfig(parts=PARTS, **config))


BEATS = codec()
SECONDS = codec(unit="second", steps=100, max_shift=200)


@st.composite
def grid_scores(draw, of: NoteCodec):
    """Scores whose every value the representation can hold: on the grid, velocities in the middle of their bins."""
    ticks, exact = of.ticks_per_step, of.config.max_exact_duration
    gaps = st.one_of(st.integers(0, 24), st.integers(0, 4 * of.config.max_shift), st.sampled_from((0, 0, 12)))
    middles = of.velocities(np.arange(of.config.velocity_bins)).tolist()
    tracks = []
    for part in draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4, unique=True)):
        rows, onset = {}, 0
        for _ in range(draw(st.integers(1, 12))):
            onset += draw(gaps)
            # One note a pitch and onset; it may still sound when it is struck again.
            rows[onset, draw(st.integers(0, 127))] = (draw(st.integers(1, exact)), draw(st.sampled_from(middles)))
        columns = [(o * ticks, d * ticks, pitch, velocity) for (o, pitch), (d, velocity) in rows.items()]
        tracks.append(Track(make_notes(*np.array(columns).T), part.program, part.is_drum, part.name))
    if of.config.unit == "second":
        return Score(of.ticks_per_quarter, tuple(tracks), has_grid=False)
    meters = [TimeSignature(0, *draw(st.sampled_from(METERS)))]
    if draw(st.booleans()):
        bar = meters[0].bar_ticks(of.ticks_per_quarter)
        meters.append(TimeSignature(draw(st.integers(1, 8)) * bar, *draw(st.sampled_from(METERS))))
    tempo = Tempo(0, draw(st.sampled_from((60.0, 97.5, 180.0))))
    return Score(of.ticks_per_quarter, tuple(tracks), (tempo,), tuple(meters))


@st.composite
def any_scores(draw):
    """Scores on another grid, with several tempos and parts that the representation has or has not."""
    ticks_per_quarter = draw(st.sampled_from((96, 480, 1000)))
    note = st.tuples(st.integers(0, 20_000), st.integers(0, 8_000), st.integers(0, 127), st.integers(1, 127))
    tracks = []
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(st.lists(note, min_size=1, max_size=15))
        is_drum, program = draw(st.booleans()), draw(st.sampled_from((0, 5, 73, 75, 34)))
        tracks.append(Track(make_notes(*np.array(rows).T), program, is_drum))
    tempos = [Tempo(0, 120.0), *(Tempo(t, b) for t, b in sorted(draw(st.dictionaries(
        st.integers(1, 20_000), st.floats(30, 240), max_size=3)).items()))]  # fmt: skip
    meters = [TimeSignature(0, 4, 4), *(TimeSignature(t, *draw(st.sampled_from(METERS))) for t in sorted(draw(
        st.sets(st.integers(1, 20_000), max_size=2))))]  # fmt: skip
    return Score(ticks_per_quarter, tuple(tracks), tuple(tempos), tuple(meters))


def music(score):
    return {track.name: (track.program, track.is_drum, track.notes.tolist()) for track in score.tracks}


def same(left: EncodedNotes, right: EncodedNotes) -> bool:
    return np.array_equal(left.events, right.events) and (left.meter, left.n_bars) == (right.meter, right.n_bars)


class TestRoundTrip:
    @given(st.data())
    def test_is_exact_on_the_grid(self, data):
        for of in (BEATS, SECONDS):
            score = data.draw(grid_scores(of))
            encoded, account = of.encode(score), of.account(score)
            decoded = of.decode(encoded)
            assert music(decoded) == music(score)
            assert decoded.ticks_per_quarter == score.ticks_per_quarter
            assert decoded.time_signatures == score.time_signatures
            assert (decoded.tempos, decoded.has_grid) == (score.tempos, score.has_grid)
            assert account[:5] == (score.n_notes, 0, 0, 0, 0)
            assert account.mean_onset_error == pytest.approx(0, abs=1e-9)

    @given(any_scores())
    def test_a_second_one_changes_nothing(self, score):
        for of in (BEATS, SECONDS):
            assume(any(of.part_of(track) is not None for track in score.tracks))
            once = of.encode(score)
            assert same(of.encode(of.decode(once)), once)

    def test_velocity_bins_hold_their_middles(self):
        for bins in range(1, 128):
            of = codec(velocity_bins=bins)
            notes = make_notes(np.arange(bins) * 40, 40, 60, of.velocities(np.arange(bins)))
            encoded = of.encode(Score(480, (Track(notes, 0, name="piano"),)))
            assert encoded.events[:, VELOCITY].tolist() == list(range(bins))

    @pytest.mark.parametrize("steps", [1, 3, 7, 24, 27, 50, 100, 1000])
    def test_any_step_of_time_comes_back(self, steps):
        of = codec(unit="second", steps=steps)
        notes = make_notes(np.arange(0, 400, 7) * 500, 500, 60, 64)
        once = of.encode(Score(500, (Track(notes, 0, name="piano"),)))
        assert same(of.encode(of.decode(once)), once)


class TestEvents:
    @given(grid_scores(BEATS))
    def test_have_the_bars_of_the_score(self, score):
        assert BEATS.encode(score).n_bars == n_bars(score)

    @given(grid_scores(BEATS))
    def test_are_sorted_and_in_range(self, score):
        events = BEATS.encode(score).events.astype(int)
        assert (events >= 0).all()
        assert (events < np.array(BEATS.sizes)).all()
        assert (events[:, SHIFT] < BEATS.end).all()
        sounding = events[:, DURATION] > 0
        onsets = events[:, SHIFT].cumsum()[sounding]
        keys = list(zip(onsets, events[sounding, PART], events[sounding, PITCH], strict=True))
        assert keys == sorted(set(keys))
        assert (events[~sounding, SHIFT] == BEATS.config.max_shift).all()

    def test_long_gaps_become_rests(self):
        notes = make_notes([0, 1000 * 40], 40, 60, 64)
        events = BEATS.encode(Score(480, (Track(notes, 0),))).events
        assert events[:, SHIFT].tolist() == [0, *[96] * 10, 40]
        assert (events[1:-1, DURATION] == 0).all()

    @pytest.mark.parametrize("end", [BEATS.end, BEATS.end + 1])
    def test_the_end_ends_the_decoding(self, end):
        encoded = BEATS.encode(Score(480, (Track(make_notes([0, 480, 960], 40, 60, 64), 0),)))
        events = encoded.events.copy()
        events[1, SHIFT] = end
        ended = EncodedNotes(events, encoded.meter, encoded.tempo_bpm, encoded.n_bars)
        assert [track.notes["onset"].tolist() for track in BEATS.decode(ended).tracks] == [[0]]


class TestTotal:
    @given(
        st.lists(st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 5), max_size=60),
        st.lists(st.tuples(*[st.integers(-2, 130)] * 5), max_size=60),
    )
    def test_decoding_takes_any_rows(self, wild, near):
        for of in (BEATS, SECONDS):
            for rows in (wild, near):
                events = np.array(rows, np.int16).reshape(-1, 5)
                score = of.decode(EncodedNotes(events, (TimeSignature(0, 4, 4),), 120.0, 0))
                assert score.n_notes <= len(rows)
                if score.n_notes:
                    of.encode(score)

    def test_decoding_takes_a_piece_without_end(self):
        events = np.tile(np.array([[96, 0, 60, 5, 9]], np.int16), (300_000, 1))
        score = BEATS.decode(EncodedNotes(events, (TimeSignature(0, 4, 4),), 120.0, 0))
        assert score.n_notes == 300_000

    def test_a_piece_from_a_dataset_decodes(self, dataset):
        for index, record in enumerate(dataset.records):
            score = dataset.codec.decode(dataset.encoded(index))
            assert score.n_notes == record.stop - record.start
            assert score.time_signatures[0][1:] == record.meter[0][1:]
            assert n_bars(score) == record.n_bars


class TestAccount:
    def test_tells_what_was_lost(self):
        flute = make_notes([0, 13, 480, 480], [480, 480, 480, 960], [60, 61, 62, 62], 64)
        organ = make_notes([0, 480], 480, 60, 64)
        score = Score(480, (Track(flute, 73), Track(organ, 19)))
        account = BEATS.account(score)
        assert account.notes == 6
        assert account.dropped == 2
        assert account.merged == 1
        assert account.off_grid == 1
        # One of four onsets lies 13 of 40 ticks beside its step.
        assert account.mean_onset_error == pytest.approx(13 / 40 / 4)

    @pytest.mark.parametrize("ticks", [101 * 40, 50])
    def test_tells_durations_that_the_table_lacks(self, ticks):
        notes = make_notes([0, 480], [96 * 40, ticks], 60, 64)
        account = BEATS.account(Score(480, (Track(notes, 0),)))
        assert account.durations_changed == 1

    @given(any_scores())
    def test_adds_up(self, score):
        assume(any(BEATS.part_of(track) is not None for track in score.tracks))
        encoded, account = BEATS.encode(score), BEATS.account(score)
        kept = int((encoded.events[:, DURATION] > 0).sum())
        assert account.notes == score.n_notes == kept + account.merged + account.dropped
        assert 0 <= account.mean_onset_error <= 0.5

    def test_music_for_no_part_is_refused(self):
        with pytest.raises(RepresentationError, match="flute, piano, bass, drums"):
            BEATS.encode(Score(480, (Track(make_notes([0], 40, 60, 64), 19),)))


class TestSeconds:
    @given(any_scores())
    def test_onsets_and_ends_stay_within_five_milliseconds(self, score):
        tracks = [track for track in score.tracks if SECONDS.part_of(track) is not None]
        assume(tracks)
        decoded = SECONDS.decode(SECONDS.encode(score))
        before, after = TempoMap(score), TempoMap(decoded)
        found = {SECONDS.part_of(track): track.notes for track in decoded.tracks}
        for track in tracks:
            notes = found[SECONDS.part_of(track)]
            seconds = after.seconds(notes["onset"])
            for onset, duration, pitch, _ in track.notes.tolist():
                start, end = before.seconds([onset, onset + duration])
                near = np.abs(seconds - start)[notes["pitch"] == pitch]
                assert near.min() <= 0.005 + 1e-9
                # Exact to 0.96 seconds and never shorter than a step; of equal notes the longest stays.
                if 0.01 <= end - start <= 0.96:
                    close = (notes["pitch"] == pitch) & (np.abs(seconds - start) <= 0.005 + 1e-9)
                    lengths = notes["duration"][close] / 1000
                    assert (lengths - (end - start)).max() >= -0.005 - 1e-9


class TestTransposition:
    EVENTS = st.lists(
        st.tuples(st.integers(0, 97), st.integers(0, 3), st.integers(0, 127), st.integers(0, 108), st.integers(0, 31)),
        min_size=1,
        max_size=40,
    )

    @given(EVENTS, st.integers(-127, 127))
    def test_moves_pitches_and_nothing_else(self, rows, semitones):
        events = np.array(rows, np.int16)
        moved = transpose(events, semitones, BEATS.is_drum)
        assert moved.dtype == events.dtype
        others = [SHIFT, PART, DURATION, VELOCITY]
        assert np.array_equal(moved[:, others], events[:, others])
        fixed = BEATS.is_drum[events[:, PART]] | (events[:, DURATION] == 0)
        assert np.array_equal(moved[fixed], events[fixed])
        pitch, before = moved[~fixed, PITCH].astype(int), events[~fixed, PITCH].astype(int)
        assert ((pitch >= 0) & (pitch <= 127)).all()
        assert ((pitch - before - semitones) % 12 == 0).all()
        inside = (before + semitones >= 0) & (before + semitones <= 127)
        assert np.array_equal(pitch[inside], before[inside] + semitones)
        # Out of range a pitch moves by no more octaves than it must.
        assert (pitch[before + semitones > 127] > 127 - 12).all()
        assert (pitch[before + semitones < 0] < 12).all()

    @given(EVENTS, st.integers(-11, 11))
    def test_there_and_back_is_where_it_was(self, rows, semitones):
        events = np.array(rows, np.int16)
        events[:, PITCH] = np.clip(events[:, PITCH], 11, 116)
        there = transpose(events, semitones, BEATS.is_drum)
        assert np.array_equal(transpose(there, -semitones, BEATS.is_drum), events)


def test_a_codec_needs_a_part():
    with pytest.raises(RepresentationError, match="at least one part"):
        NoteCodec(NotesConfig())
