"""The dominant comes before the close, and the closing chord is complete, where nothing else is asked for."""

import numpy as np
import pytest
from fixtures.pieces import CODEC, SETTINGS, Followed, conditions_of, plan_of

from componium.composing.conditions import NO_CHORDS, AskedChords
from componium.composing.constraints.ending import cadence_of, close_of
from componium.composing.prompts import NOTHING_FIXED, FixedNotes
from componium.conditioning.counterpoint import CadenceWeights
from componium.conditioning.roles import ACTIVITY, REGISTER, TEXTURE, only_playing
from componium.features.part_history import COMES_FROM
from componium.score.harmony.keys import parse_key

OWN = SETTINGS.cadence
PIANO, FLUTE, BASS, DRUMS = range(4)
# Of four bars of 4/4 the last; it closes in its middle.
LAST_BAR = 3 * 48
CLOSE = LAST_BAR + 24
LAST_BEAT = CLOSE - 12
G7, C_MAJOR = {7, 11, 2, 5}, {0, 4, 7}


def conditions(dominant=1.0, complete=1.0, *, fixed=NOTHING_FIXED, chords=NO_CHORDS, plays=(PIANO, FLUTE, BASS)):
    style = {"closing": 0.5, "cadence": CadenceWeights(dominant=dominant, beats=2, complete=complete)}
    roles = only_playing(np.isin(np.arange(4), plays))
    for part, register in ((PIANO, 6), (FLUTE, 8), (BASS, 2)):
        if part in plays:
            roles[[REGISTER, TEXTURE, ACTIVITY], part] = register, 1, 4
    return conditions_of(plan_of(4, style=style), *plays, fixed=fixed, chords=chords, roles=roles)


def cadence(**fields):
    found = Followed(lambda piece: cadence_of(CODEC, OWN, piece), conditions(**fields))
    found.state.home = parse_key("C major")
    return found


def classes(weights, value, pitches=range(128)):
    """Classes of the pitches that have a weight."""
    return {pitch % 12 for pitch in pitches if np.isclose(weights[pitch], value)}


def test_before_the_dominant_nothing_is_weighed():
    found = cadence().weights(LAST_BAR - 1)
    assert not any(own.any() for own in found)


def test_the_last_beats_before_the_close_belong_to_the_dominant():
    own = cadence()
    own.take(LAST_BEAT - 12, BASS, 43, 24)
    last, before = (own.weights(onset).pitch[FLUTE] for onset in (LAST_BEAT, LAST_BAR))
    above, below = range(43, 128), range(43)
    assert classes(last, 0.0, above) == classes(before, 0.0, above) == G7
    assert classes(last, OWN.off_chord, above) == set(range(12)) - G7
    assert last.min() < before.min()
    # Whoever goes below the bass becomes the bass.
    assert classes(last, 0.0, below) == {7}


def test_the_lowest_part_likes_the_dominant_itself_and_no_note_lasts_into_the_close():
    found = cadence().weights(LAST_BEAT)
    assert classes(found.pitch[BASS], 0.0) == {7}
    assert not found.pitch[DRUMS].any()
    assert (found.duration != 0).tolist() == (CODEC.durations > CLOSE - LAST_BEAT).tolist()


def test_the_leading_tone_is_resolved():
    own = cadence(complete=0.0)
    own.state.histories[FLUTE, COMES_FROM.start] = 1 + 71
    own.state.histories[PIANO, COMES_FROM.start] = 1 + 65
    found = own.weights(CLOSE).pitch
    assert np.flatnonzero(found[FLUTE]).tolist() == [72]
    assert not found[PIANO].any()


def test_the_missing_third_of_the_final_chord_is_favored():
    own = cadence(dominant=0.0)
    for part, pitch in ((PIANO, 67), (BASS, 36)):
        own.take(CLOSE, part, pitch, 24)
    found = own.weights(CLOSE).pitch[FLUTE]
    assert classes(found, OWN.missing) == {4}
    assert classes(found, OWN.doubled) == {7}
    assert classes(found, 0.0) == set(range(12)) - {4, 7}


def test_another_note_at_once_is_likelier_until_the_final_chord_is_complete():
    own = cadence(dominant=0.0)
    own.take(CLOSE, PIANO, 64, 24)
    own.state.n_at_onset = 1
    assert (own.weights(CLOSE).shift[1:] == OWN.open).all()
    assert own.weights(CLOSE).shift[0] == 0
    # Nobody is passed over.
    assert own.part(CLOSE)[BASS] == OWN.open
    own.take(CLOSE, FLUTE, 67, 24)
    own.take(CLOSE, BASS, 36, 24)
    assert not own.weights(CLOSE).shift.any()


def test_two_lines_need_not_make_a_chord_of_three():
    assert not cadence(dominant=0.0, plays=(FLUTE, BASS)).weights(CLOSE).pitch.any()


CHORDS = AskedChords(np.zeros(16, np.int64), np.isin(np.arange(128)[None] % 12, (0, 4, 7)))


@pytest.mark.parametrize(
    "asked",
    [{"chords": CHORDS}, {"fixed": FixedNotes(((0, FLUTE, 60, 6, 5),), frozenset({FLUTE}), (FLUTE,))}, {"plays": (3,)}],
    ids=["chords", "a melody", "drums alone"],
)
def test_chords_that_are_asked_for_and_melodies_that_stay_are_untouched(asked):
    assert cadence(**asked).own is None
    own = conditions(**asked)
    assert close_of(CODEC, own, is_used=True).dominant == CLOSE or "plays" in asked
