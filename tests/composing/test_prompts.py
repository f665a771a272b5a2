"""Given notes stay as they are, whatever is composed around them."""

import base64

import numpy as np
import pytest

from componium.artifacts import load_artifact
from componium.composing.compose import compose
from componium.composing.requests import MAX_BARS, make_request
from componium.errors import RequestError
from componium.formats.midi import midi_bytes
from componium.score import Score, TimeSignature, Track, make_notes, n_bars

BAR = 4 * 480


def prompt_of(score):
    return base64.b64encode(midi_bytes(score))


def a_score(*tracks, meter=(4, 4)):
    return Score(480, tracks, time_signatures=(TimeSignature(0, *meter),))


def a_line(n_notes, program=0, low=60, name="", seed=0, step=240):
    """Notes one after the other, some off the grid and with velocities of their own."""
    rng = np.random.default_rng(seed)
    onset = np.arange(n_notes) * step + rng.integers(0, 3, n_notes)
    pitch, velocity = rng.integers(low, low + 12, n_notes), rng.integers(20, 120, n_notes)
    return Track(make_notes(onset, step - 20, pitch, velocity), program, name=name)


MELODY = a_line(40, program=73, low=72, name="tune")
LOWER = a_line(20, program=42, low=40, name="low", seed=1, step=480)


def notes_outside(track, first, last):
    onset = track.notes["onset"]
    return track.notes[(onset < first * BAR) | (onset >= last * BAR)]


class TestAccompany:
    def test_the_melody_is_untouched_and_only_the_parts_asked_for_join_it(self, band):
        request = make_request(
            task="accompany", prompt=prompt_of(a_score(LOWER, MELODY)), parts=("piano", "cello"), seed=3
        )
        [composition] = compose(band, request)
        names = [track.name for track in composition.score.tracks]
        assert set(names) == {"tune", "piano", "cello"}
        own = composition.score.tracks[names.index("tune")]
        assert own.program == MELODY.program
        np.testing.assert_array_equal(own.notes, MELODY.notes)
        assert n_bars(composition.score) == n_bars(a_score(MELODY))

    def test_a_melody_of_more_bars_than_are_composed_is_refused(self, band):
        melody = Track(make_notes([0, MAX_BARS * BAR], 240, 72, 80), 73)
        request = make_request(task="accompany", prompt=prompt_of(a_score(melody)), parts=("cello",), seed=1)
        with pytest.raises(RequestError, match="2001 bars to accompany are more than the limit of 2000"):
            compose(band, request)

    def test_a_track_may_be_named_and_may_play_an_instrument_that_accompanies(self, band):
        request = make_request(
            task="accompany", prompt=prompt_of(a_score(LOWER, MELODY)), track=1, parts=("cello",), seed=1
        )
        [composition] = compose(band, request)
        kept, new = composition.score.tracks
        np.testing.assert_array_equal(kept.notes, LOWER.notes)
        assert (kept.name, kept.program, new.name) == ("low", 42, "cello")
        assert len(new.notes)

    def test_chords_and_rests_of_a_melody_are_kept_too(self, band):
        onset = [0, 0, 0, 30 * 480, 30 * 480]
        chords = Track(make_notes(onset, 480, [60, 64, 67, 62, 65], 80), 0, name="keys")
        request = make_request(task="accompany", prompt=prompt_of(a_score(chords)), parts=("flute",), seed=2)
        [composition] = compose(band, request)
        np.testing.assert_array_equal(composition.score.tracks[0].notes, chords.notes)

    @pytest.mark.parametrize("seed", [0, 1, 2, 3])
    def test_every_piece_of_a_count_has_accompaniment(self, band, seed):
        # The melody's instrument is in some ensembles of the style, and then it must not accompany itself.
        tune = a_line(16, program=0, low=60, name="tune")
        request = make_request(task="accompany", prompt=prompt_of(a_score(tune)), style="pop", count=6, seed=seed)
        pieces = compose(band, request)
        for piece in pieces:
            kept, *others = piece.score.tracks
            np.testing.assert_array_equal(kept.notes, tune.notes)
            assert sum(len(track.notes) for track in others) > 0
        # Each piece has an ensemble of its own, drawn once.
        assert len({tuple(sorted(track.name for track in piece.score.tracks)) for piece in pieces}) > 1
        for index in (0, 5):
            [alone] = compose(band, request, index=index)
            assert midi_bytes(alone.score) == midi_bytes(pieces[index].score)

    def test_equal_requests_give_equal_music(self, band):
        request = make_request(task="accompany", prompt=prompt_of(a_score(MELODY)), parts=("harp",), seed=5, count=2)
        first, again = compose(band, request), compose(band, request)
        assert [midi_bytes(own.score) for own in first] == [midi_bytes(own.score) for own in again]
        assert midi_bytes(first[0].score) != midi_bytes(first[1].score)

    @pytest.mark.parametrize(
        ("tracks", "fields", "message"),
        [
            ((MELODY,), {"track": 2}, "track 2: no such track with notes; there are 1 tune$"),
            ((Track(make_notes([0], 10, 40, 80), is_drum=True),), {}, "only drums play"),
            ((), {}, "no notes"),
            ((MELODY,), {"bars": 4}, "the melody says its length"),
        ],
    )
    def test_what_cannot_be_is_said(self, band, tracks, fields, message):
        with pytest.raises(RequestError, match=message):
            compose(band, make_request(task="accompany", prompt=prompt_of(a_score(*tracks)), **fields))


class TestInfill:
    @pytest.mark.parametrize(("first", "last"), [(1, 1), (2, 3), (5, 5), (1, 5)])
    def test_nothing_outside_the_bars_is_touched(self, band, first, last):
        prompt = a_score(MELODY, LOWER)
        request = make_request(task="infill", prompt=prompt_of(prompt), first_bar=first, last_bar=last, seed=1)
        [composition] = compose(band, request)
        assert n_bars(composition.score) == n_bars(prompt)
        by_name = {track.name: track for track in composition.score.tracks}
        for track in prompt.tracks:
            left = notes_outside(by_name[track.name], first - 1, last) if track.name in by_name else track.notes[:0]
            np.testing.assert_array_equal(left, notes_outside(track, first - 1, last))
        inside = [len(track.notes) - len(notes_outside(track, first - 1, last)) for track in composition.score.tracks]
        assert sum(inside) > 0

    @pytest.mark.parametrize("tracks", [(2,), "2", "Low", ("low", 2)])
    def test_tracks_that_were_not_named_stay_whole(self, band, tracks):
        prompt = a_score(MELODY, LOWER)
        request = make_request(task="infill", prompt=prompt_of(prompt), first_bar=2, last_bar=3, tracks=tracks, seed=4)
        [composition] = compose(band, request)
        kept, other = composition.score.tracks
        np.testing.assert_array_equal(kept.notes, MELODY.notes)
        assert not np.array_equal(other.notes, LOWER.notes)

    def test_two_tracks_of_one_instrument_are_told_apart(self, band):
        twins = a_line(40, name="one", seed=3), a_line(40, name="two", low=48, seed=4)
        request = make_request(
            task="infill", prompt=prompt_of(a_score(*twins)), first_bar=2, last_bar=4, tracks=(1,), seed=6
        )
        [composition] = compose(band, request)
        by_name = {track.name: track for track in composition.score.tracks}
        np.testing.assert_array_equal(by_name["two"].notes, twins[1].notes)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"first_bar": 3, "last_bar": 9}, "not within the prompt's 5"),
            ({"first_bar": 3, "last_bar": 2}, "not within"),
            (
                {"first_bar": 1, "last_bar": 2, "tracks": (3,)},
                "tracks 3: no such track with notes; there are 1 tune, 2 low$",
            ),
        ],
    )
    def test_what_cannot_be_is_said(self, band, fields, message):
        with pytest.raises(RequestError, match=message):
            compose(band, make_request(task="infill", prompt=prompt_of(a_score(MELODY, LOWER)), **fields))


@pytest.mark.parametrize("fields", [{"task": "accompany"}, {"task": "infill", "first_bar": 1, "last_bar": 1}])
def test_a_composer_that_cannot_refuses_by_name(fields):
    with pytest.raises(RequestError, match=f"pop-piano cannot {fields['task']}"):
        compose(load_artifact("pop-piano"), make_request(prompt=prompt_of(a_score(MELODY)), **fields))


class TestBars:
    """The bars of a prompt are those of its whole file, not only of what a composer's parts play."""

    # As long as no duration of the composer is, and drums that no part of it plays.
    HELD = Track(make_notes([0], 8 * BAR, 67, 80), 52, name="soprano")
    SHORT = Track(make_notes(np.arange(8) * 480, 480, 67, 80), 52, name="soprano")
    DRUMS = Track(make_notes(np.arange(32) * 480, 240, 38, 80), is_drum=True, name="drums")

    @pytest.mark.parametrize("tracks", [(HELD,), (SHORT, DRUMS)], ids=["held", "drums"])
    @pytest.mark.parametrize("model", ["chorales", "tunes"])
    def test_new_bars_come_behind_all_of_them(self, tracks, model):
        prompt = prompt_of(a_score(*tracks))
        [composition] = compose(load_artifact(model), make_request(task="continue", prompt=prompt, bars=2, seed=1))
        assert n_bars(composition.score) == 10
        for given, kept in zip(tracks, composition.score.tracks, strict=False):
            np.testing.assert_array_equal(kept.notes[: len(given.notes)], given.notes)

    @pytest.mark.parametrize("tracks", [(HELD,), (SHORT, DRUMS)], ids=["held", "drums"])
    def test_every_one_of_them_can_be_filled(self, tracks):
        prompt = prompt_of(a_score(*tracks))
        request = make_request(task="infill", prompt=prompt, first_bar=7, last_bar=8, seed=1)
        [composition] = compose(load_artifact("chorales"), request)
        assert n_bars(composition.score) == 8
        assert any((track.notes["onset"] >= 6 * BAR).any() for track in composition.score.tracks if not track.is_drum)

    def test_a_performance_goes_on_behind_all_notes(self):
        piano = Track(make_notes(np.arange(4) * 480, 480, 67, 80))
        prompt = prompt_of(a_score(piano, self.DRUMS))
        request = make_request(task="continue", prompt=prompt, seconds=2.0, seed=1)
        [composition] = compose(load_artifact("piano-giantmidi"), request)
        kept = next(track for track in composition.score.tracks if track.is_drum)
        np.testing.assert_array_equal(kept.notes, self.DRUMS.notes)
        new = composition.score.tracks[0].notes[len(piano.notes) :]
        assert len(new)
        assert (new["onset"] >= 31 * 480).all()

    def test_where_no_part_plays_any_track_it_says_what_to_do(self):
        request = make_request(task="continue", prompt=prompt_of(a_score(self.DRUMS)), bars=2, seed=1)
        with pytest.raises(RequestError, match="soprano, alto, tenor, bass; name a track after one of them, or choose"):
            compose(load_artifact("chorales"), request)

    @pytest.mark.parametrize(("model", "n_tracks"), [("chorales", 5), ("pop-piano", 2), ("tunes", 2)])
    def test_fixed_parts_go_on_with_tracks_of_other_instruments(self, model, n_tracks):
        prompt = prompt_of(a_score(self.DRUMS, MELODY))
        request = make_request(task="continue", prompt=prompt, bars=4, seed=1)
        [composition] = compose(load_artifact(model), request)
        drums, melody, *others = composition.score.tracks
        np.testing.assert_array_equal(drums.notes, self.DRUMS.notes)
        np.testing.assert_array_equal(melody.notes[: len(MELODY.notes)], MELODY.notes)
        assert (melody.name, melody.program) == ("tune", 73)
        assert len(melody.notes) > len(MELODY.notes), "the highest part goes on with it"
        assert 2 + len(others) == n_tracks
        assert all((track.notes["onset"] >= 8 * BAR).all() for track in others)
        assert n_bars(composition.score) == 12

    def test_voices_of_one_instrument_go_on_by_height_not_by_the_instrument_of_one_track(self):
        strings = a_line(20, program=48, low=55, name="strings", seed=2, step=480)
        prompt = prompt_of(a_score(strings, MELODY, LOWER))
        [composition] = compose(load_artifact("chorales"), make_request(task="continue", prompt=prompt, bars=4, seed=1))
        means = []
        for given, track in zip((strings, MELODY, LOWER), composition.score.tracks, strict=False):
            np.testing.assert_array_equal(track.notes[: len(given.notes)], given.notes)
            means.append(track.notes["pitch"][len(given.notes) :].mean())
        assert means[1] > means[0] > means[2]

    def test_a_note_that_ends_a_little_late_begins_no_bar(self):
        late = Track(make_notes(np.arange(8) * 480, 490, 67, 80), 52, name="soprano")
        request = make_request(task="continue", prompt=prompt_of(a_score(late)), bars=2, seed=1)
        [composition] = compose(load_artifact("chorales"), request)
        assert n_bars(composition.score) == 4
