import numpy as np
import pytest

from componium.conditioning.role_templates import MOST_OF_STYLE, Band, RoleTemplates, role_templates_of
from componium.conditioning.roles import ACTIVITY, PLAYS, REGISTER
from componium.conditioning.style_profile import starting_profile
from componium.errors import ArtifactError
from componium.representations.parts import Part
from componium.score.instruments import BAND_BY_NAME

NAMES = ("piano", "violin", "cello", "flute", "tuba", "organ")
PARTS = (*(Part(name=name, program=BAND_BY_NAME[name].program) for name in NAMES), Part(name="drums", is_drum=True))
IS_DRUM = np.array([part.is_drum for part in PARTS])
SETTINGS = starting_profile((), 100.0, "quarter").roles
LINE, CHORDS = 1.0, 3.0
NOTHING = (None, None)


def measured(**roles):
    """Mean pitch, notes begun together and notes a quarter of the parts named."""
    found = np.full((3, len(PARTS)), np.nan, np.float32)
    for name, role in roles.items():
        found[:, [part.name for part in PARTS].index(name)] = role
    return found


def casts(*rows, style=1):
    """Casts of one style, with the density of all notes a quarter but the drums'."""
    density = [float(np.nansum(row[ACTIVITY, ~IS_DRUM])) for row in rows]
    numbered = enumerate(zip(density, rows, strict=True))
    return role_templates_of([(style, own, own / 2, row, number) for number, (own, row) in numbered], IS_DRUM)


def draw(own, *names, asked=NOTHING, seed=0, style=1, pieces=()):
    plays = np.array([part.name in names for part in PARTS])
    cast = own.draw(style, Band(PARTS, plays, SETTINGS), asked, np.random.default_rng(seed), pieces)
    return cast, {name: tuple(cast.roles[:, i].tolist()) for i, name in enumerate(p.name for p in PARTS) if plays[i]}


class TestDrawn:
    def test_the_lowest_instrument_takes_the_lowest_role(self):
        own = casts(measured(flute=(80, LINE, 1.0), piano=(45, LINE, 2.0)))
        _, roles = draw(own, "violin", "cello")
        assert roles["cello"] == (3, 1, 6)
        assert roles["violin"] == (9, 1, 4)

    def test_who_does_not_play_has_no_role(self):
        cast, _ = draw(casts(measured(flute=(80, LINE, 1.0), piano=(45, LINE, 2.0))), "violin", "cello")
        assert set(np.flatnonzero(cast.roles[REGISTER]).tolist()) == {1, 2}

    def test_a_cast_that_fits_is_drawn_before_one_that_does_not(self):
        chords, line = measured(piano=(60, CHORDS, 4.0)), measured(flute=(72, LINE, 1.0))
        for seed in range(20):
            assert draw(casts(chords, line), "violin", seed=seed)[1]["violin"] == (8, 1, 4)
            assert draw(casts(chords, line), "piano", seed=seed)[1]["piano"] == (6, 5, 8)

    @pytest.mark.parametrize(("count", "lines"), [(7, 0), (8, 1)])
    def test_enough_of_exactly_these_instruments_come_before_all_that_fit(self, count, lines):
        # A piano is thought to play chords, unless pieces of the style have it play lines.
        chords, line = measured(organ=(60, CHORDS, 4.0)), measured(piano=(60, LINE, 2.0))
        own = casts(*[chords] * 100, *[line] * count)
        drawn = {draw(own, "piano", seed=seed)[1]["piano"] for seed in range(20)}
        assert drawn == ({(6, 1, 6)} if lines else {(6, 5, 8)})
        assert draw(own, "piano", "drums")[1]["piano"] == (6, 5, 8)
        # Who asks for a density chooses among all.
        assert draw(own, "piano", asked=(0.9, None))[1]["piano"] == (6, 5, 8)

    def test_pieces_that_are_wanted_come_alone_unless_they_have_no_cast(self):
        own = casts(*(measured(piano=(60, CHORDS, notes / 10)) for notes in range(10, 60)))
        assert {draw(own, "piano", seed=seed, pieces=(7, 9))[0].piece for seed in range(20)} == {7, 9}
        assert draw(own, "piano", pieces=(99,))[0].piece < 50

    def test_of_pieces_with_as_many_players(self):
        two = measured(piano=(60, CHORDS, 4.0), cello=(45, LINE, 1.0))
        own = casts(*[measured(piano=(60, CHORDS, 4.0))] * 8, *[two] * 8)
        assert {draw(own, "organ", seed=seed)[0].piece < 8 for seed in range(20)} == {True}
        assert {draw(own, "organ", "tuba", seed=seed)[0].piece < 8 for seed in range(20)} == {False}

    def test_roles_are_moved_into_range_and_lines_kept_lines(self):
        for name in NAMES:
            cast, roles = draw(casts(measured(piano=(36, CHORDS, 1.0))), name)
            register, texture, _ = roles[name]
            instrument = BAND_BY_NAME[name]
            assert instrument.low <= 42 + 6 * (register - 2.5) <= instrument.high
            assert texture <= (5 if instrument.is_polyphonic else instrument.most_at_once)
            assert cast.density == pytest.approx(1.0)

    def test_of_too_many_roles_some_are_dropped_the_highest_last(self):
        own = casts(measured(flute=(85, LINE, 1.0), violin=(64, LINE, 1.0), cello=(45, LINE, 1.0)))
        cast, roles = draw(own, "flute")
        assert roles == {"flute": (9, 1, 4)}
        # A third of the notes is left.
        assert cast.density == pytest.approx(1.0)
        assert draw(own, "cello", "flute")[1] == {"cello": (3, 1, 4), "flute": (9, 1, 4)}

    def test_of_too_few_the_highest_players_take_them(self):
        _, roles = draw(casts(measured(flute=(72, LINE, 1.0))), "tuba", "violin")
        assert roles == {"tuba": (PLAYS, 0, 0), "violin": (8, 1, 4)}

    def test_a_drummer_plays_as_one_does_if_any_does(self):
        drummed = measured(piano=(60, CHORDS, 4.0), drums=(40, 1.5, 3.0))
        alone = measured(piano=(60, CHORDS, 4.0))
        for seed in range(10):
            assert draw(casts(drummed, alone), "piano", "drums", seed=seed)[1]["drums"] == (PLAYS, 3, 7)
            assert not draw(casts(drummed, alone), "piano", seed=seed)[0].roles[:, IS_DRUM].any()
        assert draw(casts(alone), "piano", "drums")[1]["drums"] == (PLAYS, 0, 0)

    def test_the_style_decides_and_without_casts_there_is_none(self):
        own = casts(measured(piano=(60, CHORDS, 4.0)), style=2)
        plays = np.array([part.name == "piano" for part in PARTS])
        assert own.draw(1, Band(PARTS, plays, SETTINGS), NOTHING, np.random.default_rng(0)) is None
        assert own.draw(2, Band(PARTS, IS_DRUM, SETTINGS), NOTHING, np.random.default_rng(0)) is None
        assert draw(own, "piano", style=2)[1]["piano"] == (6, 5, 8)

    def test_equal_generators_draw_alike_and_others_differ(self):
        own = casts(*(measured(piano=(60, CHORDS, notes / 10)) for notes in range(10, 60)))
        assert len({draw(own, "piano", seed=seed)[0].density for seed in range(30)}) > 10
        assert draw(own, "piano", seed=3)[0].density == draw(own, "piano", seed=3)[0].density


class TestAsked:
    OWN = casts(*(measured(piano=(60, CHORDS, notes / 10), flute=(72, LINE, 1.0)) for notes in range(10, 110)))

    def test_more_density_is_never_less(self):
        shares = np.linspace(0, 1, 6)
        means = [
            np.mean([draw(self.OWN, "piano", "flute", asked=(share, None), seed=seed)[0].density for seed in range(20)])
            for share in shares
        ]
        assert np.all(np.diff(means) > 1)
        assert means[0] < 3 < 11 - 1.5 < means[-1]

    def test_both_at_once_hold_to_both(self):
        # Complexity falls as density rises.
        rows = [(1, float(n), float(100 - n), measured(piano=(60, CHORDS, n)), n) for n in range(100)]
        own = role_templates_of(rows, IS_DRUM)
        agreeing = [draw(own, "piano", asked=(0.9, 0.1), seed=seed)[0] for seed in range(10)]
        assert all(cast.density > 60 and cast.complexity < 40 for cast in agreeing)


class TestStored:
    def test_read_back_they_are_the_same(self, tmp_path):
        own = TestAsked.OWN
        path = tmp_path / "roles"
        path.write_bytes(own.to_bytes())
        for found, kept in zip(RoleTemplates.load(path), own, strict=True):
            assert np.array_equal(found, kept)

    def test_no_more_of_a_style_than_so_many(self):
        rows = [(1 + number % 2, float(number), 0.0, measured(piano=(60, LINE, 1.0)), number) for number in range(2000)]
        own = role_templates_of(rows, IS_DRUM)
        assert np.bincount(own.style).tolist() == [0, MOST_OF_STYLE, MOST_OF_STYLE]
        # From all over the training pieces.
        assert own.measured[own.style == 1, 0].max() == 1998
        assert np.array_equal(own.piece, own.measured[:, 0])

    def test_what_does_not_fit_together_or_is_something_else_is_refused(self, tmp_path):
        path = tmp_path / "roles"
        path.write_bytes(TestAsked.OWN._replace(style=TestAsked.OWN.style[:-1]).to_bytes())
        with pytest.raises(ArtifactError, match="do not fit together"):
            RoleTemplates.load(path)
        path.write_bytes(b"no casts")
        with pytest.raises(ArtifactError):
            RoleTemplates.load(path)
