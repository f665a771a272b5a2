import numpy as np
import pytest

from componium.conditioning.arrangements import Arrangement
from componium.conditioning.form_templates import FormTemplate, FormTemplates, WantedForm, form_templates_of
from componium.conditioning.style_profile import starting_profile
from componium.errors import ArtifactError
from componium.score.harmony.chords import NO_CHORD, UNKNOWN_CHORD

SETTINGS = starting_profile((), 100.0, "quarter").forms
C_MAJOR, A_MINOR = 1, 1 + 9 + 12


def form(back, numerator=4, denominator=4, *, key=C_MAJOR, last=1, parts=1, has_drums=False):
    """Chords are numbered from 1, bar by bar, but the last; each part rests in a bar of five."""
    per_bar = 4 * numerator // denominator
    chords = np.repeat([*(np.arange(len(back) - 1) + 1), last], per_bar)
    sounds = (np.arange(parts * len(back)) % 5 > 0).reshape(parts, -1)
    return FormTemplate(numerator, denominator, key, np.array(back), chords, Arrangement(sounds, has_drums))


LONG, SHORT, WALTZ, MINOR = (
    form([0, 0, 2, 2, 0, 0, 4, 4], parts=3), form([0, 1], last=2), form([0, 1, 1], 3, last=3, parts=2, has_drums=True),
    form([0, 0, 0, 0], key=A_MINOR),
)  # fmt: skip
ROWS = [(1, LONG), (1, SHORT), (1, WALTZ), (1, MINOR), (2, form([0, 0, 0, 3], 6, 8))]


def lists(forms):
    return [
        (*own[:3], own.back.tolist(), own.chords.tolist(), own.arrangement.sounds.tolist(), own.arrangement.has_drums)
        for own in forms
    ]


def of(forms, wanted):
    """The forms that suit what is wanted."""
    return [forms.forms[number] for number in forms.of(wanted, SETTINGS)]


@pytest.fixture
def forms():
    return form_templates_of(ROWS)


class TestOf:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ((1, 4, 4, 2, None), [LONG, SHORT, MINOR]),
            ((1, 4, 4, 3, None), [LONG, MINOR]),
            ((1, 4, 4, 2, True), [MINOR]),
            ((1, 4, 4, 2, False), [LONG, SHORT]),
            ((1, 3, 4, 3, None), [WALTZ]),
            ((1, 3, 4, 3, True), [WALTZ]),
            ((1, 3, 4, 4, False), [WALTZ]),
            ((1, 5, 4, 3, None), [LONG, WALTZ, MINOR]),
            ((3, 4, 4, 2, None), []),
        ],
        ids=[
            "of the meter", "long enough", "minor", "major", "another meter", "of a mode that is missing",
            "none long enough", "a meter that is missing", "a style that is missing",
        ],
    )  # fmt: skip
    def test_style_then_meter_then_mode_then_length(self, forms, asked, found):
        assert lists(of(forms, WantedForm(asked[0], asked[1:3], asked[3], asked[4], 1))) == lists(found)

    @pytest.mark.parametrize(("bars", "count", "only"), [(24, 7, False), (24, 8, True), (20, 8, False)])
    def test_enough_of_just_a_great_length_come_alone(self, bars, count, only):
        longer, whole = form([0] * (bars + 1)), form([0] * bars)
        own = form_templates_of([(1, longer), *[(1, whole)] * count])
        found = of(own, WantedForm(1, (4, 4), bars, None, 1))
        assert lists(found) == lists([*[longer] * (not only), *[whole] * count])

    @pytest.mark.parametrize(("players", "only"), [(1, False), (2, True), (3, False)])
    @pytest.mark.parametrize(("count", "enough"), [(23, False), (24, True)])
    def test_enough_with_a_part_for_each_player_come_alone(self, players, only, count, enough):
        # A drummer is none of the pitched players.
        thin, full = form([0] * 8, parts=2, has_drums=True), form([0] * 8, parts=2)
        own = form_templates_of([*[(1, thin)] * 9, *[(1, full)] * count])
        found = of(own, WantedForm(1, (4, 4), 2, None, players))
        assert lists(found) == lists([*[thin] * (9 * (not (only and enough))), *[full] * count])

    def test_one_chord_for_more_than_half_is_borrowed_only_where_there_is_no_other(self):
        drone = LONG._replace(chords=np.repeat([1, 1, 1, 1, 1, 2, 3, NO_CHORD], 4))
        both, alone = form_templates_of([(1, drone), (1, LONG)]), form_templates_of([(1, drone)])
        for bars in (2, 9):
            assert lists(of(both, WantedForm(1, (4, 4), bars, None, 1))) == lists([LONG])
        assert lists(of(alone, WantedForm(1, (4, 4), 2, None, 1))) == lists([drone])

    @pytest.mark.parametrize(
        ("chords", "change"),
        [
            ([1, 1, 2, 3], True),
            ([1, 1, 1, 2], False),
            ([1, 1, 2, NO_CHORD], False),
            ([1, 1, 2, UNKNOWN_CHORD, 3], True),
            ([NO_CHORD] * 4, False),
            ([], False),
        ],
    )
    def test_chords_change_where_none_takes_up_more_than_half_of_those_named(self, chords, change):
        assert LONG._replace(chords=np.array(chords, np.int64)).changes_chords(SETTINGS.most_of_one_chord) is change

    def test_of_no_forms_there_is_none(self):
        assert form_templates_of([]).of(WantedForm(1, (4, 4), 2, None, 1), SETTINGS) == []

    def test_longer_ways_back_than_a_byte_are_cut(self):
        [far] = form_templates_of([(2, form([0, 0, 0, 300], 6, 8))]).forms
        assert far.back.tolist() == [0, 0, 0, 255]


class TestCut:
    def test_begins_as_the_piece_does_and_ends_as_it_ends(self):
        found = form([0] * 12).cut(8, SETTINGS)
        assert found.chords.tolist() == np.repeat([1, 2, 3, 4, 9, 10, 11, 1], 4).tolist()
        assert found.arrangement.sounds.tolist() == [[False, True, True, True, True, True, False, True]]

    @pytest.mark.parametrize(
        ("last", "key", "is_home"),
        [(1, C_MAJOR, True), (13, C_MAJOR, True), (8, C_MAJOR, False), (10, A_MINOR, True), (1, 0, False)],
    )
    def test_but_only_if_that_is_on_the_tonic(self, last, key, is_home):
        own = form([0] * 12, key=key, last=last)
        end = own.chords[-16:] if is_home else own.chords[16:32]
        assert own.cut(8, SETTINGS).chords[-16:].tolist() == end.tolist()

    @pytest.mark.parametrize("silent", [UNKNOWN_CHORD, NO_CHORD])
    def test_silence_after_it_does_not_count(self, silent):
        own = form([0] * 12)
        faded = own._replace(chords=np.append(own.chords[:-2], [silent, silent]))
        assert faded.cut(8, SETTINGS).chords[-16:].tolist() == faded.chords[-16:].tolist()
        nothing = own._replace(chords=np.full(48, silent))
        assert nothing.cut(8, SETTINGS).chords.tolist() == [silent] * 32

    def test_what_the_last_bars_repeat_is_found_where_it_has_come_to(self):
        # Of bars 9 to 12 the first repeats bar 1, the second bar 5, which is left out, the others those before them.
        found = form([0, 1, 0, 1, 1, 1, 1, 0, 8, 5, 1, 2]).cut(8, SETTINGS)
        assert found.back.tolist() == [0, 1, 0, 1, 4, 0, 1, 2]

    @pytest.mark.parametrize(("meter", "bars"), [((4, 4), 4), ((9, 8), 8)])
    def test_short_pieces_and_bars_of_broken_quarters_have_no_end_of_their_own(self, meter, bars):
        back = np.arange(12) % 3
        found = form(back)._replace(numerator=meter[0], denominator=meter[1], chords=np.arange(54)).cut(bars, SETTINGS)
        assert found.back.tolist() == back[:bars].tolist()
        assert found.chords.tolist() == list(range(bars * 4 * meter[0] // meter[1]))
        assert found.arrangement.sounds.tolist() == [(np.arange(bars) % 5 > 0).tolist()]

    def test_a_tune_whose_parts_come_twice_keeps_one_that_does(self):
        # AABB of eight bars each: what begins and ends as it does would hold neither part twice.
        tune = form([0] * 8 + [8] * 8 + [0] * 8 + [8] * 8)
        found = tune.cut(16, SETTINGS)
        assert found.back.tolist() == [0] * 8 + [8] * 8
        assert found.chords.tolist() == tune.chords[-64:].tolist()
        assert found.arrangement.sounds.tolist() == tune.arrangement.sounds[:, -16:].tolist()

    def test_one_that_does_not_come_home_keeps_the_passage_as_well(self):
        # Its first twelve bars return nothing: so does the passage.
        tune = form([0] * 12 + [4] * 12, last=8)
        assert tune.cut(12, SETTINGS).back.tolist() == [0] * 12

    def test_beyond_its_length_all_is_new_and_no_chord_told(self):
        found = SHORT.cut(4, SETTINGS)
        assert found.back.tolist() == [0, 1, 0, 0]
        assert found.chords.tolist() == SHORT.chords.tolist()
        assert found.arrangement.sounds.tolist() == [[False, True]]

    def test_in_compound_time(self):
        found = form([0] * 10, 6, 8).cut(9, SETTINGS)
        assert found.chords.tolist() == np.repeat([1, 2, 3, 4, 5, 7, 8, 9, 1], 3).tolist()


class TestStored:
    @pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
    def test_read_back_they_are_the_same(self, rows, tmp_path):
        path = tmp_path / "forms"
        path.write_bytes(form_templates_of(rows).to_bytes())
        found, kept = FormTemplates.load(path), form_templates_of(rows)
        assert np.array_equal(found.style, kept.style)
        assert lists(found.forms) == lists(kept.forms)

    def test_what_does_not_fit_together_or_is_something_else_is_refused(self, forms, tmp_path):
        path = tmp_path / "forms"
        path.write_bytes(FormTemplates(forms.style[:-1], forms.forms).to_bytes())
        with pytest.raises(ArtifactError, match="do not fit together"):
            FormTemplates.load(path)
        short = WALTZ._replace(arrangement=Arrangement(np.ones((2, 9), bool), has_drums=False))
        path.write_bytes(form_templates_of([(1, short)]).to_bytes())
        with pytest.raises(ArtifactError, match="do not fit together"):
            FormTemplates.load(path)
        path.write_bytes(b"no forms")
        with pytest.raises(ArtifactError) as caught:
            FormTemplates.load(path)
        assert "\n" not in str(caught.value)
