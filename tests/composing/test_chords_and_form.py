"""Chords that are asked for, and the form that is borrowed: what a network is told and held to."""

import base64
import dataclasses

import numpy as np
import pytest
from fixtures.bands import composed, held_to
from fixtures.pieces import with_profile

from componium.composing.constraints import PieceState
from componium.composing.constraints.harmony import ChordTones
from componium.conditioning.arrangements import Arrangement
from componium.conditioning.form_templates import WantedForm
from componium.conditioning.roles import REGISTER
from componium.formats.midi import midi_bytes
from componium.score.harmony.chord_symbols import parse_chord


def names_of(held):
    """The chord class that the composer is told of each quarter, as its symbol's number."""
    return held.controls.chords.tolist()


def weights_over(band, held):
    """Weights of pitches by the chords asked for, shape (steps, parts, 128)."""
    settings = band.profile.constraints
    own = ChordTones(band.codec, settings.chords, settings.key)
    return own.static_weights(PieceState(band.codec, held, 0, is_start=True))


class TestChords:
    def test_they_repeat_to_the_length_bar_by_bar(self, band):
        held = held_to(band, chords="C | Am | G7", bars=5)
        expected = [parse_chord(name).number for name in ("C", "Am", "G7", "C", "Am") for _ in range(4)]
        assert names_of(held) == expected

    def test_they_share_a_bar_evenly(self, band):
        c, f, g = (parse_chord(name).number for name in ("C", "F", "G"))
        assert names_of(held_to(band, chords="C F | G", bars=2)) == [c, c, f, f, g, g, g, g]
        assert names_of(held_to(band, chords="C F G C", bars=1)) == [c, f, g, c]
        # A chord begins on the first quarter that lies in its share.
        assert names_of(held_to(band, chords="C F", bars=2, time_signature="3/4")) == [c, c, f, c, c, f]
        assert names_of(held_to(band, chords="C | F", bars=2, time_signature="6/8")) == [c, c, c, f, f, f]

    def test_foreign_notes_are_rare_on_the_beat_and_rarer_than_off_it(self, band):
        weight, off_beat = band.profile.styles["pop"].off_chord, band.profile.constraints.chords.off_beat
        held = held_to(band, style="pop", chords="Dm | N | D/F# | G7sus4", bars=4)
        pitch_class = np.arange(128) % 12
        for bar, inside in enumerate(({2, 5, 9}, set(range(12)), {2, 6, 9}, {7, 0, 2, 5})):
            on, off = weights_over(band, held)[[48 * bar, 48 * bar + 1], 0]
            assert set(pitch_class[on == 0]) == inside
            assert set(on[on != 0]) <= {np.float32(weight)}
            assert set(off[off != 0]) <= {np.float32(off_beat * weight)}
            assert ((on == 0) == (off == 0)).all()

    def test_a_foreign_bass_belongs_to_the_chord(self, band):
        held = held_to(band, chords="C/D")
        assert set(np.flatnonzero(weights_over(band, held)[0, 0] == 0) % 12) == {0, 2, 4, 7}

    def test_what_a_chord_holds_is_welcome_although_the_key_lacks_it(self, band):
        held = held_to(band, chords="C7", key="C", parts=("piano",))
        key = np.where(np.isin(np.arange(12), (0, 2, 4, 5, 7, 9, 11)), 0, band.profile.constraints.key.outside)
        both = key + weights_over(band, held)[0, 0, 60:72]
        assert [pitch for pitch in range(12) if both[pitch] == 0] == [0, 4, 7, 10]

    def test_they_are_heard(self, band):
        weight, off_beat = -2.5, band.profile.constraints.chords.off_beat
        band = with_profile(band, styles={"pop": {"off_chord": weight}})
        asked = {
            "style": "pop",
            "bars": 64,
            "count": 64,
            "parts": ("piano", "cello"),
            "seed": 3,
            "temperature": 1,
            "top_p": 1,
        }
        chords = ("C", "F#", "Bb", "E")
        inside = np.array([np.isin(np.arange(12), parse_chord(chord).pitch_classes) for chord in chords])

        def shares(scores):
            notes = np.concatenate([track.notes for score in scores for track in score.tracks])
            quarter, off = np.divmod(notes["onset"], 480)
            hits = inside[quarter // 4 % 4, notes["pitch"] % 12]
            assert min((off == 0).sum(), (off > 0).sum()) > 300
            return float(hits[off == 0].mean()), float(hits[off > 0].mean())

        # Chance finds 3 of 12; the weights 3 to 9 exp(-2.5) on quarters, 3 to 9 exp(-0.7) elsewhere.
        assert shares(composed(band, **asked)) == pytest.approx((0.25, 0.25), abs=0.06)
        expected = (3 / (3 + 9 * np.exp(weight)), 3 / (3 + 9 * np.exp(off_beat * weight)))
        assert shares(composed(band, **asked, chords=" | ".join(chords))) == pytest.approx(expected, abs=0.06)

    def test_drums_do_not_mind(self, band):
        scores = composed(band, parts=("drums",), bars=16, count=48, chords="C", seed=5)
        pitch = np.concatenate([track.notes["pitch"] for score in scores for track in score.tracks])
        # Of 47 keys 12 are called C, E or G; over the chord it would be over 4 of 10.
        assert len(pitch) > 500
        assert np.isin(pitch % 12, (0, 4, 7)).mean() == pytest.approx(12 / 47, abs=0.06)


class TestForm:
    def test_it_is_one_of_the_style_cut_to_the_length(self, band):
        settings = band.profile.forms
        for style, told in (("pop", 1), ("tunes", 2)):
            forms = [
                band.form_templates.forms[number].cut(6, settings).back.tolist()
                for number in band.form_templates.of(WantedForm(told, (4, 4), 6, None, 1), settings)
            ]
            for seed in range(8):
                assert list(held_to(band, style=style, bars=6, seed=seed).back) in forms

    @pytest.mark.parametrize(("returning", "low", "high"), [(0.0, 0.0, 0.2), (40.0, 0.45, 1.0)])
    def test_what_it_has_return_is_favoured(self, band, returning, low, high):
        # Notes that are held long keep others from their keys.
        alone = {"most_alike": 99, "rhythm": 0.0, "lengthening": 0.0}
        band = with_profile(band, styles={"pop": {"returning": returning, **alone}})
        shares = []
        for seed in range(6):
            asked = {"style": "pop", "parts": ("flute",), "time_signature": "3/4", "bars": 12, "seed": seed}
            back = held_to(band, **asked).back
            [score] = composed(band, **asked)
            bars = [set() for _ in back]
            for onset, _, pitch, _ in score.tracks[0].notes.tolist():
                bars[onset // 1440].add((onset % 1440, pitch))
            # The last bar is led home.
            for bar, lag in enumerate(back[:-1]):
                if lag and bars[bar - lag]:
                    shares.append(len(bars[bar] & bars[bar - lag]) / len(bars[bar] | bars[bar - lag]))
        assert len(shares) > 8
        assert low <= np.mean(shares) <= high

    def test_a_bar_over_other_chords_repeats_nothing(self, band):
        for seed in range(20):
            plain = held_to(band, style="pop", bars=12, seed=seed).back
            over = held_to(band, style="pop", bars=12, seed=seed, chords="C | F | G").back
            assert list(over) == [lag if lag % 3 == 0 else 0 for lag in plain]


class TestArrangement:
    @staticmethod
    def arranged(band, sounds, **fields):
        """A band all of whose forms are arranged so, and what a piece of it is held to."""
        forms = [
            form._replace(arrangement=Arrangement(np.array(sounds, bool), has_drums=False))
            for form in band.form_templates.forms
        ]
        own = dataclasses.replace(band)
        own.__dict__["form_templates"] = band.form_templates._replace(forms=tuple(forms))
        return own, held_to(own, style="tunes", bars=8, **fields)

    SOUNDS = ((0, 0, 0, 0, 1, 1, 1, 1), (1, 1, 1, 1, 1, 0, 0, 1))

    def test_the_lowest_instruments_do_what_the_lowest_parts_did(self, band):
        _, conditions = self.arranged(band, self.SOUNDS, parts=("flute", "cello"))
        parts = [part.name for part in band.codec.config.parts]
        cello, flute = (conditions.target.arrangement[:, parts.index(name)] for name in ("cello", "flute"))
        assert (cello > 0).tolist() == [own > 0 for own in self.SOUNDS[0]]
        assert (flute > 0).tolist() == [own > 0 for own in self.SOUNDS[1]]

    def test_who_rests_is_told_as_no_player_and_does_not_play(self, band):
        own, conditions = self.arranged(band, self.SOUNDS, parts=("flute", "cello"))
        parts = [part.name for part in band.codec.config.parts]
        assert conditions.controls_in(0).roles[REGISTER, parts.index("cello")] == 0
        assert conditions.controls_in(4).roles[REGISTER, parts.index("cello")] > 0
        n_out_of_place = 0
        for seed in range(4, 14):
            [score] = composed(own, style="tunes", bars=8, parts=("flute", "cello"), seed=seed)
            line = score.ticks_per_quarter * 4
            bars = {track.name: set((track.notes["onset"] // line).tolist()) for track in score.tracks}
            assert not bars["cello"] & {0, 1, 2, 3}
            assert bars["cello"] & {4, 5, 6, 7}
            n_out_of_place += len(bars["flute"] & {5, 6})
        # It may break a silence that grows too long.
        assert n_out_of_place <= 2

    def test_beside_a_melody_that_is_given_nobody_is_told_to_rest(self, band):
        own, _ = self.arranged(band, self.SOUNDS)
        melody = base64.b64encode(midi_bytes(composed(band, parts=("flute",), bars=8)[0])).decode()
        conditions = held_to(own, task="accompany", prompt=melody, parts=("cello",))
        assert (conditions.target.arrangement == 1).all()
