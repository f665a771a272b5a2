import numpy as np
import pytest
from fixtures.pieces import CODEC, SETTINGS, Followed, conditions_of, plan_of

from componium.composing.conditions import NO_CHORDS, AskedChords
from componium.composing.constraints.ending import ending_of
from componium.composing.prompts import NOTHING_FIXED, FixedNotes
from componium.conditioning.roles import REGISTER, only_playing
from componium.features.part_history import COMES_FROM, TOP_BEFORE, UNHEARD

OWN = SETTINGS.ending
# Of four bars of 4/4 the last, and its last beat.
LAST_BAR, LAST_BEAT = 3 * 48, 4 * 48 - 12
PIANO, BASS, DRUMS = 0, 2, 3
PARTS = {"piano": PIANO, "bass": BASS, "drums": DRUMS}
C_MAJOR = {0, 4, 7}


def roles(**registers):
    """Roles of parts that play, by name, in these registers."""
    found = only_playing(np.isin(np.arange(4), [PARTS[name] for name in registers]))
    for name, register in registers.items():
        found[REGISTER, PARTS[name]] = register
    return found


def ending(
    without=(),
    *,
    plays=(PIANO, DRUMS),
    fixed=NOTHING_FIXED,
    plan=None,
    chords=NO_CHORDS,
    registers=None,
    drawn=0,
    **asked,
):
    """An ending that has heard a scale of C major with a long C and G, without some of its notes."""
    own = {} if registers is None else {"roles": roles(**registers)}
    conditions = conditions_of(plan or plan_of(4, **asked), *plays, fixed=fixed, chords=chords, key=drawn, **own)
    found = Followed(lambda piece: ending_of(CODEC, OWN, None, piece), conditions)
    for step, (pitch, duration) in enumerate(((60, 24), (62, 6), (64, 12), (65, 6), (67, 24), (69, 6), (71, 6))):
        if pitch not in without:
            found.take(12 * step, PIANO, pitch, duration)
    found.take(12 * step, DRUMS, 36, 6)
    return found


def weights(own, onset, voices=None):
    """Those of shifts, of pitches and of durations."""
    if voices is not None:
        own.state.histories[:] = voices
    found = own.weights(onset)
    return found.shift, found.pitch, found.duration


def outside(classes):
    return ~np.isin(np.arange(128) % 12, list(classes))


def test_before_the_last_bar_nothing_leads_there():
    shift, pitch, duration = weights(ending(), LAST_BAR - 1)
    assert not shift.any()
    assert not pitch.any()
    # Nor is a note shortened that ends before its close.
    assert not duration[CODEC.durations <= 25].any()


class TestHome:
    @pytest.mark.parametrize(("asked", "triad"), [(None, C_MAJOR), ("A minor", {9, 0, 4}), ("D dorian", {2, 5, 9})])
    def test_notes_outside_the_tonic_triad_are_rarer(self, asked, triad):
        _, pitch, _ = weights(ending(key=asked), LAST_BAR)
        assert (pitch[PIANO] == np.where(outside(triad), OWN.off_triad, 0)).all()
        # Off the quarters less so, and drums have no home.
        off = weights(ending(key=asked), LAST_BAR + 6)[1][PIANO, outside(triad)]
        assert (off > OWN.off_triad).all()
        assert (off < 0).all()
        assert not pitch[DRUMS].any()

    def test_from_the_middle_of_the_bar_its_beats_are_held_to_it_like_the_last(self):
        last = weights(ending(), LAST_BEAT)[1][PIANO]
        assert (weights(ending(), LAST_BAR + 24)[1][PIANO] == last).all()
        assert last[outside(C_MAJOR)].max() < OWN.off_triad
        for between in (LAST_BAR + 12, LAST_BAR + 30):
            assert weights(ending(), between)[1][PIANO, outside(C_MAJOR)].min() >= OWN.off_triad

    def test_what_begins_there_is_held_to_the_end(self):
        steps = CODEC.durations
        duration = weights(ending(), LAST_BAR + 24)[2]
        assert set(duration[(steps > 0) & (steps < 24)].tolist()) == {OWN.held}
        assert not duration[(steps == 0) | (steps >= 24)].any()

    def test_what_begins_before_seldom_lasts_into_it(self):
        steps = CODEC.durations
        for onset in (LAST_BAR, LAST_BAR + 12):
            duration = weights(ending(), onset)[2]
            assert set(duration[steps > LAST_BAR + 24 - onset].tolist()) == {OWN.crossing}
            assert not duration[steps <= LAST_BAR + 24 - onset].any()

    def test_a_chord_without_its_bass_waits_for_it(self):
        def missing(*struck, held=12):
            own = ending(plays=(PIANO, BASS, DRUMS), registers={"piano": 6, "bass": 3, "drums": 1})
            own.take(LAST_BAR + 12, BASS, 36, held)
            for part in struck:
                own.take(LAST_BAR + 24, part, 60, 24)
            return own.part(LAST_BAR + 24)

        assert missing(PIANO) == [0, 0, OWN.bass_missing, 0]
        # Not before the others, nor where it sounds.
        for own in (missing(), missing(PIANO, BASS), missing(PIANO, held=24)):
            assert not any(own)

    def test_styles_that_hold_their_last_chord_close_from_the_beginning_of_the_bar(self):
        for onset in (LAST_BAR, LAST_BAR + 12):
            assert weights(ending(style={"closing": 0.0}), onset)[1][PIANO, outside(C_MAJOR)].max() < OWN.off_triad

    @pytest.mark.parametrize(
        ("number", "without", "triad"),
        [(1 + 7, (), C_MAJOR), (1 + 7, (65,), {7, 11, 2}), (1 + 9 + 12, (), {9, 0, 4}), (1 + 6, (), C_MAJOR)],
        ids=["the dominant, its F natural", "the dominant, without either F", "the relative", "what was not heard"],
    )
    def test_is_the_drawn_key_if_what_was_heard_fits_it_as_well(self, number, without, triad):
        pitch = weights(ending(without, plays=(PIANO,), drawn=number), LAST_BAR)[1][PIANO]
        assert (pitch == np.where(outside(triad), OWN.off_triad, 0)).all()

    def test_the_end_waits_for_the_tonic_in_the_bass(self):
        own = ending()
        assert weights(own, LAST_BAR + 24)[0][-1] == OWN.off_tonic
        own.take(LAST_BAR + 12, PIANO, 48, 20)
        assert weights(own, LAST_BAR + 24)[0][-1] == 0
        # It is held below what comes later, but no longer than it sounds.
        own.take(LAST_BAR + 24, PIANO, 64, 6)
        assert weights(own, LAST_BAR + 24)[0][-1] == 0
        own.take(LAST_BAR + 33, PIANO, 64, 2)
        assert weights(own, LAST_BAR + 33)[0][-1] == OWN.off_tonic

    @pytest.mark.parametrize("chords", [0, 16])
    def test_nor_comes_it_before_the_close_where_it_would_leave_silence(self, chords):
        asked = AskedChords(np.zeros(chords, np.int64), np.zeros((1, 128), bool))
        for held, expected in ((12, OWN.off_tonic), (47, OWN.off_tonic), (48, 0)):
            own = ending(chords=asked)
            own.take(LAST_BAR, PIANO, 48, held)
            assert weights(own, LAST_BAR)[0][-1] == expected, held

    def test_on_the_last_beat_only_if_the_bass_may_still_strike(self):
        for part, expected in ((PIANO, OWN.off_tonic), (BASS, 0), (DRUMS, 0)):
            own = ending(plays=(PIANO, BASS, DRUMS), registers={"piano": 5, "bass": 2, "drums": 1})
            own.take(LAST_BEAT, part, 64, 6)
            assert weights(own, LAST_BEAT)[0][-1] == expected, part
        # After it there is no beat left to come home on.
        own = ending()
        own.take(LAST_BEAT + 1, PIANO, 64, 6)
        assert weights(own, LAST_BEAT + 1)[0][-1] == 0

    def test_once_reached_on_a_late_beat_hardly_anything_follows(self):
        early, late, between = (ending() for _ in range(3))
        for own, onset in ((early, LAST_BAR + 12), (late, LAST_BAR + 24), (between, LAST_BAR + 30)):
            own.take(onset, PIANO, 48, 6)
        assert weights(early, LAST_BAR + 12)[0][1] == 0
        shift = weights(late, LAST_BAR + 24)[0]
        # But the end, and what reaches across it; notes of the same chord keep their share of the rest.
        assert not shift[24:].any()
        assert set(shift[:13].tolist()) == {OWN.closed}
        assert shift[13:24].max() < OWN.closed
        assert weights(between, LAST_BAR + 30)[0][1] == 0

    def test_the_top_voice_likes_the_tonic(self):
        def off_the_tonic(comes_from, top_before, onset=LAST_BEAT):
            voices = np.tile(np.array(UNHEARD), (4, 1))
            voices[PIANO, [COMES_FROM.start, TOP_BEFORE]] = comes_from, top_before
            own = ending()
            # The bass has its own reason to be on the tonic.
            own.move(onset)
            own.take(onset, PIANO, 48, 12)
            pitch = weights(own, onset, voices)[1][PIANO]
            return pitch[[60, 64, 67, 72]].tolist()

        assert off_the_tonic(1 + 71, 1 + 71) == [0, OWN.last_top, OWN.last_top, 0]
        # Not an inner voice, nor one that comes from nowhere, nor before the end.
        assert not any(off_the_tonic(1 + 65, 1 + 71))
        assert not any(off_the_tonic(0, 0))
        assert not any(off_the_tonic(1 + 71, 1 + 71, LAST_BAR))

    def test_where_chords_are_asked_for_they_lead(self):
        chords = AskedChords(np.zeros(16, np.int64), np.zeros((1, 128), bool))
        shift, pitch, _ = weights(ending(plays=(PIANO,), chords=chords), LAST_BAR + 24)
        assert shift[-1] == 0
        assert not pitch.any()


class TestLastBeat:
    def test_hardly_anything_begins_within_it(self):
        shift, _, _ = weights(ending(), LAST_BAR + 6)
        # It begins 30 steps on; on it something may begin.
        assert not shift[:31].any()
        assert shift[31:-1].tolist() == [OWN.late] * 10

    def test_in_compound_meters_it_is_longer_and_never_more_than_half_a_bar(self):
        for meter, beat in (((6, 8), 18), ((3, 8), 9), ((1, 4), 6), ((2, 4), 12)):
            plan = plan_of(4, *meter)
            shift, _, _ = weights(ending(plan=plan), plan.end_step - beat)
            assert shift[0] == 0
            assert (shift[1:beat] <= OWN.late).all()
            assert not shift[beat:-1].any() or shift[-1] == OWN.off_tonic
            assert weights(ending(plan=plan), plan.end_step - beat - 1)[0][1] == 0

    def test_what_begins_on_it_lasts_to_the_end(self):
        duration = weights(ending(), LAST_BEAT)[2]
        steps = CODEC.durations
        assert (duration[(steps > 0) & (steps < 12)] < -5).all()
        # A rest stays what it is.
        assert not duration[(steps == 0) | (steps >= 12)].any()
        assert not weights(ending(), LAST_BEAT - 1)[2].any()

    def test_the_lowest_part_begins_with_the_tonic(self):
        own = ending(plays=(PIANO, BASS, DRUMS), registers={"piano": 6, "bass": 3, "drums": 1})
        _, pitch, _ = weights(own, LAST_BEAT)
        assert pitch[PIANO, 67] == 0 == pitch[BASS, 36]
        assert pitch[BASS, 43] < -2
        assert pitch[PIANO, 65] < OWN.off_triad
        own.take(LAST_BEAT, BASS, 36, 12)
        assert weights(own, LAST_BEAT)[1][BASS, 43] == 0

    def test_a_melody_that_is_given_ends_as_it_does(self):
        own = ending(fixed=FixedNotes(((0, 1, 60, 4, 5),), frozenset({1}), ()))
        own.take(LAST_BAR + 24, PIANO, 48, 6)
        shift, _, duration = weights(own, LAST_BAR + 24)
        assert not shift[:13].any()
        assert shift[13:24].tolist() == [OWN.late_beside_melody] * 11
        assert not duration.any()
