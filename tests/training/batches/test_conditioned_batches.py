"""NoteBatches of a mixture: which conditions of excerpts are given, and excerpts with a gap."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from fixtures.mixtures import SOURCES

from componium.conditioning.controls import COMPLEXITY, DENSITY, density_complexity
from componium.conditioning.roles import N_KINDS, REGISTER, only_playing, role_classes
from componium.features.columns import HARMONY, N_METRIC, N_RECALLED, POSITION
from componium.features.earlier_bars import earlier_bars
from componium.features.form_pointer import NEW_MUSIC
from componium.features.part_history import POINTED_AT, UNHEARD, part_histories
from componium.features.repeat_pointer import STREAK
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.score.harmony.chords import transpose_chords
from componium.training.batches import BatchConfig, GivenConfig, NoteBatches

# Columns of a context that reads the harmony; the conditions come last.
CHORD = HARMONY.stop
NEXT_CHORD, STYLE, KEY, FIRST_LEVEL = CHORD + 1, CHORD + 2, CHORD + 3, CHORD + 4
FIRST_PART = FIRST_LEVEL + 2
FORM = slice(N_RECALLED, 2 * N_RECALLED)
EARLIER = slice(2 * N_RECALLED, None)
WINDOW = 64
EVERYTHING = dict.fromkeys(GivenConfig.model_fields, 1.0)
NOTHING = dict.fromkeys(GivenConfig.model_fields, 0.0)


def excerpts(dataset, count=40, seed=3, given=None, **config):
    """One dictionary of arrays an excerpt."""
    settings = {"batch_size": 1, "window": WINDOW, "transpose": 0, "gaps": 0.0, **config}
    batches = NoteBatches(dataset, BatchConfig(**settings, given=GivenConfig(**(given or EVERYTHING))), seed)
    found = (batches.excerpts(step) for step in range(count))
    return [{name: tensor[0].numpy() for name, tensor in batch.items()} for batch in found]


def length_of(excerpt):
    return int(excerpt["is_note"].sum())


def gives_roles(excerpt):
    roles = excerpt["places"][0, FIRST_PART:].reshape(N_KINDS, -1)
    return not np.array_equal(roles, only_playing(roles[REGISTER] > 0))


class TestShares:
    @pytest.mark.parametrize("shares", [(0.6, 0.3, 0.1, 1.0), (0.1, 0.1, 0.8, 1.0), (2.0, 6.0, 2.0, 0.5)])
    def test_steer_how_often_each_source_is_drawn(self, mixture, shares):
        dataset = dataclasses.replace(mixture, conditions=mixture.conditions._replace(shares=shares))
        found = excerpts(dataset, 1500)
        counts = np.bincount([int(excerpt["places"][0, STYLE]) for excerpt in found], minlength=4)
        # The drummer's share goes to nobody: it has no pieces. Four standard errors are 0.05 at most.
        expected = np.array(shares[:3]) / sum(shares[:3])
        assert counts[0] == 0
        assert np.abs(counts[1:] / len(found) - expected).max() < 0.05


class TestGiven:
    def test_at_probability_one_everything_is_given(self, mixture):
        styles = mixture.conditioning.styles
        with_chords = with_form = 0
        for excerpt in excerpts(mixture):
            n = length_of(excerpt)
            constant = excerpt["places"][: n + 1, STYLE:]
            assert (constant == constant[0]).all()
            assert (constant[0, : FIRST_PART - STYLE] > 0).all()
            assert constant[0, FIRST_PART - STYLE :].any()
            assert constant[0, 0] <= len(styles)
            with_chords += (excerpt["places"][: n + 1, [CHORD, NEXT_CHORD]] > 0).mean()
            with_form += (excerpt["recalled"][:n, FORM] > 0).any()
        # A last note can lie beyond the last quarter that has a chord.
        assert with_chords > 38
        assert with_form > 20

    def test_at_probability_nothing_only_the_parts_are_given(self, mixture):
        found = excerpts(mixture, given=NOTHING)
        for plain, excerpt in zip(excerpts(mixture), found, strict=True):
            assert (excerpt["places"][:, CHORD:FIRST_PART] == 0).all()
            roles, given = (own["places"][0, FIRST_PART:].reshape(N_KINDS, -1) for own in (excerpt, plain))
            assert np.array_equal(roles, only_playing(given[REGISTER] > 0))
            assert (excerpt["recalled"][:, FORM] == 0).all()
            assert np.array_equal(excerpt["recalled"][:, :N_RECALLED], plain["recalled"][:, :N_RECALLED])
            assert np.array_equal(excerpt["targets"], plain["targets"])

    @pytest.mark.parametrize("name", GivenConfig.model_fields)
    def test_each_condition_is_given_by_itself(self, mixture, name):
        columns = {"style": [STYLE], "key": [KEY], "density": [FIRST_LEVEL], "complexity": [FIRST_LEVEL + 1]}
        columns |= {"chords": [CHORD, NEXT_CHORD], "form": [], "roles": []}
        for excerpt in excerpts(mixture, given={**NOTHING, name: 1.0}):
            given = {int(c) for c in np.flatnonzero(excerpt["places"][:, :FIRST_PART].any(axis=0)) if c >= CHORD}
            assert given == set(columns[name])
            assert name == "form" or not excerpt["recalled"][:, FORM].any()
            assert name == "roles" or not gives_roles(excerpt)
        found = excerpts(mixture, 300, given={**NOTHING, name: 0.5})
        shown = {"form": lambda own: own["recalled"][:, FORM].any(), "roles": gives_roles}
        is_given = [shown.get(name, lambda own: own["places"][:, columns[name]].any())(excerpt) for excerpt in found]
        # Not every excerpt repeats a bar.
        assert 0.3 < np.mean(is_given) < 0.62

    def test_levels_are_those_of_the_excerpt_in_its_style(self, mixture):
        config, is_drum = mixture.conditioning, mixture.codec.is_drum
        seen = set()
        for excerpt in excerpts(mixture):
            events = excerpt["targets"][excerpt["is_note"]].astype(np.int16)
            measured = density_complexity(events, is_drum, 12)
            style = int(excerpt["places"][0, STYLE])
            for control, value in zip((DENSITY, COMPLEXITY), measured, strict=True):
                column = FIRST_LEVEL + control - DENSITY
                assert excerpt["places"][0, column] == config.level(control, style, value)
                seen.add((control, int(excerpt["places"][0, column])))
        assert len(seen) > 8

    def test_excerpts_that_forget_are_still_given_what_is_new(self, mixture):
        whole, forgetful = (excerpts(mixture, 40, openings=1.0, forgetting=share) for share in (0.0, 1.0))
        new = [
            sum((own["recalled"][:, FORM][:, -1] == NEW_MUSIC).sum() for own in found) for found in (whole, forgetful)
        ]
        # Excerpts that begin where their piece does have nothing to forget.
        assert new[0] == new[1] > 0

    def test_roles_are_those_of_the_piece_some_of_them_hidden(self, mixture, monkeypatch):
        monkeypatch.setattr("componium.training.batches.note_batches._REGISTER_BLUR", 0.0)
        monkeypatch.setattr("componium.training.batches.note_batches._BLUR", 0.0)
        is_drum = mixture.codec.is_drum
        of_pieces = {
            role_classes(mixture.conditions.roles[index], is_drum).tobytes(): role_classes(
                mixture.conditions.roles[index], is_drum
            )
            for index in mixture.of("train")
        }
        whole = 0
        for excerpt in excerpts(mixture, 100):
            roles = excerpt["places"][0, FIRST_PART:].reshape(N_KINDS, -1).astype(np.int16)
            hidden = only_playing(roles[REGISTER] > 0)
            assert any(((roles == own) | (roles == hidden)).all() for own in of_pieces.values())
            whole += roles.tobytes() in of_pieces
        assert 20 < whole < 80

    def test_roles_are_given_about_right(self, mixture):
        is_drum = mixture.codec.is_drum
        exact = [role_classes(mixture.conditions.roles[index], is_drum) for index in mixture.of("train")]
        distances = []
        for excerpt in excerpts(mixture, 200):
            roles = excerpt["places"][0, FIRST_PART:].reshape(N_KINDS, -1)
            given = roles[REGISTER] > 1
            alike = [own[REGISTER, given] for own in exact if ((own[REGISTER] > 0) == (roles[REGISTER] > 0)).all()]
            if given.any():
                distances.append(min(float(np.abs(own - roles[REGISTER, given]).mean()) for own in alike))
        assert 0 < np.mean(distances) < 1

    def test_features_are_of_the_excerpt_alone(self, mixture):
        seen = {"histories": 0, "earlier bars": 0, "harmony": 0}
        for excerpt in excerpts(mixture, 10):
            n = length_of(excerpt)
            events, places = excerpt["targets"][:n].astype(np.int16), excerpt["places"][: n + 1]
            assert np.array_equal(excerpt["voices"][:n], part_histories(events, places, mixture.codec.durations))
            assert (excerpt["voices"][n:] == UNHEARD).all()
            earlier = earlier_bars(events, places, mixture.codec.config.max_shift)
            assert np.array_equal(excerpt["recalled"][:n, EARLIER], earlier[:n])
            assert np.array_equal(places[:, HARMONY], mixture.features.harmony(events))
            seen["histories"] += (excerpt["voices"][:n, POINTED_AT] > 0).any()
            seen["earlier bars"] += earlier.any()
            seen["harmony"] += places[:, HARMONY].any()
        # Most fixtures are tunes whose notes do not overlap.
        assert min(seen.values()) > 2

    def test_of_whole_pieces_style_and_parts_alone_are_given(self, mixture):
        batches = NoteBatches(mixture, BatchConfig(piece_notes=1), 0)
        pieces = [{name: tensor[0].numpy() for name, tensor in own.items()} for own in batches.pieces("validation")]
        indices = sorted(mixture.of("validation"), key=lambda i: mixture.records[i].stop - mixture.records[i].start)
        assert len(pieces) == len(indices)
        for piece, index in zip(pieces, indices, strict=True):
            encoded = mixture.encoded(index)
            positions, harmony = mixture.features.positions_of(encoded), mixture.features.harmony(encoded.events)
            assert np.array_equal(piece["places"][:-1, :N_METRIC], positions)
            assert np.array_equal(piece["places"][:-1, HARMONY], harmony)
            given = piece["places"][:-1, CHORD:FIRST_PART]
            assert (given == [0, 0, mixture.conditions.controls[index, 0], 0, 0, 0]).all()
            plays = ~np.isnan(mixture.conditions.roles[index, REGISTER])
            assert (piece["places"][:-1, FIRST_PART:] == only_playing(plays).ravel()).all()
            assert not piece["recalled"][:, FORM].any()
            assert piece["recalled"][:, :N_RECALLED].any()


class TestTransposition:
    def test_moves_events_chords_key_and_pointers_together(self, mixture):
        # No pointer is cut off, so that both draw the same excerpt.
        how = {"count": 80, "forgetting": 0.0}
        is_drum = mixture.codec.is_drum
        seen, ways = set(), []
        for moved, plain in zip(excerpts(mixture, transpose=6, **how), excerpts(mixture, **how), strict=True):
            note = plain["is_note"] & ~is_drum[plain["targets"][:, PART]] & (plain["targets"][:, DURATION] > 0)
            (interval,) = set((moved["targets"] - plain["targets"])[note, PITCH].tolist())
            seen.add(interval)
            n = length_of(plain)
            chords = plain["places"][: n + 1, [CHORD, NEXT_CHORD]].astype(np.int16)
            assert np.array_equal(moved["places"][: n + 1, [CHORD, NEXT_CHORD]], transpose_chords(chords, interval))
            tonic, minor = (plain["places"][0, KEY] - 1) % 12, (plain["places"][0, KEY] - 1) // 12
            assert moved["places"][0, KEY] == 1 + (tonic + interval) % 12 + 12 * minor
            # Half an octave is a class of registers, of which the outermost have no end; they are given about right.
            before, after = (own["places"][0, FIRST_PART:].reshape(N_KINDS, -1)[REGISTER] for own in (plain, moved))
            inside = (before > 3) & (before < 8) & (after > 1)
            ways += [(interval / 6, step) for step in (after - before)[inside].tolist()]
            others = [*range(N_METRIC), *(c for c in range(STYLE, FIRST_PART) if c != KEY)]
            assert np.array_equal(moved["places"][:, others], plain["places"][:, others])
            before, after = (own["places"][: n + 1, HARMONY] for own in (plain, moved))
            for classes in (slice(0, 12), slice(13, 25)):
                assert np.array_equal(after[:, classes], np.roll(before[:, classes], interval, axis=1))
            assert np.array_equal(after[:, -1], before[:, -1])
            for first in (0, FORM.start):
                rows = slice(first, first + STREAK + 1)
                before, after = plain["recalled"][:, rows], moved["recalled"][:, rows]
                there = (before[:, STREAK] > 0) & ~is_drum[before[:, PART]] & (before[:, DURATION] > 0)
                assert (after - before)[there, PITCH].tolist() == [interval] * there.sum()
                assert np.array_equal(after[~there], before[~there])
                assert np.array_equal(np.delete(after, PITCH, axis=1), np.delete(before, PITCH, axis=1))
        assert seen == set(range(-5, 7))
        up, down = ([step for way, step in ways if way * sign > 0.5] for sign in (1, -1))
        assert np.mean(up) > 0.4 > -0.4 > np.mean(down)


@pytest.fixture(scope="module")
def pairs(mixture):
    """Excerpts whole and with a gap, the rows shown before and those that lead up to the gap's end."""
    how = {"count": 120, "transpose": 6, "given": EVERYTHING}
    found = zip(excerpts(mixture, **how), excerpts(mixture, gaps=1.0, **how), strict=True)
    return [(*pair, *_spans(*pair)) for pair in found if not _equal(*pair)]


class TestGaps:
    def test_most_excerpts_can_have_one_and_at_probability_nothing_none_has(self, mixture, pairs):
        assert len(pairs) > 60
        marker = mixture.codec.end + 3
        assert all(excerpt["rows"][0, SHIFT] < marker for excerpt in excerpts(mixture, 120))

    def test_markers_stand_before_what_follows_and_before_what_leads_there(self, mixture, pairs):
        end = mixture.codec.end
        for _, gapped, n_following, n_before in pairs:
            seam = n_following + 1
            assert gapped["rows"][0].tolist() == [end + 3, 0, 0, 0, 0]
            assert gapped["rows"][seam].tolist() in ([end + 1, 0, 0, 0, 0], [end + 2, 0, 0, 0, 0])
            others = np.delete(gapped["rows"][: seam + n_before, SHIFT], [0, seam])
            assert (others < end).all()
        begins = {int(gapped["rows"][n_following + 1, SHIFT]) - end for _, gapped, n_following, _ in pairs}
        assert begins == {1, 2}

    def test_the_bars_after_the_gap_come_first(self, pairs):
        for whole, gapped, n_following, n_before in pairs:
            gap = n_before - 1
            assert 8 <= n_following <= 128
            after = whole["targets"][gap : gap + n_following]
            for name, start in (("targets", 0), ("rows", 1)):
                found = gapped[name][start : start + n_following]
                assert np.array_equal(found[:, PART:], after[:, PART:])
                assert np.array_equal(found[1:, SHIFT], after[1:, SHIFT])
                # They begin at their bar line.
                assert found[0, SHIFT] == whole["places"][gap + 1, POSITION] == gapped["places"][1, POSITION]
            assert whole["places"][gap + 1, POSITION] < whole["targets"][gap, SHIFT]

    def test_then_the_excerpt_up_to_the_first_note_behind_the_gap(self, mixture, pairs):
        for whole, gapped, n_following, n_before in pairs:
            own = slice(n_following + 1, n_following + 1 + n_before)
            for name in ("targets", "voices", "recalled"):
                assert np.array_equal(gapped[name][own], whole[name][:n_before])
            assert np.array_equal(gapped["rows"][own], whole["rows"][:n_before])
            # What is shown before has no pointers, and its histories are its own.
            assert not gapped["recalled"][: own.start].any()
            shown = gapped["targets"][:n_following].astype(np.int16)
            own = part_histories(shown, gapped["places"][: n_following + 1], mixture.codec.durations)
            assert np.array_equal(gapped["voices"][:n_following], own)

    def test_places_go_with_their_rows(self, mixture, pairs):
        for whole, gapped, n_following, n_before in pairs:
            places, gap = gapped["places"], n_before - 1
            after = whole["places"][gap + 1 : gap + 1 + n_following]
            # What sounds over the gap's end is not known in it.
            shown = gapped["targets"][:n_following].astype(np.int16)
            assert np.array_equal(places[: n_following + 1, HARMONY], mixture.features.harmony(shown))
            unheard = np.delete(np.arange(places.shape[1]), np.r_[HARMONY])
            assert np.array_equal(places[1 : n_following + 1, unheard], after[:, unheard])
            assert np.array_equal(places[n_following + 1 :][: n_before + 1], whole["places"][: n_before + 1])
            assert places[0, POSITION] == 0
            assert np.array_equal(places[0, unheard[1:]], places[1, unheard[1:]])
            # Within a bar, the position moves on by the shift of the row that is landed on.
            for first, count in ((0, n_following), (n_following + 1, n_before)):
                for step in range(first, first + count):
                    moved = places[step + 1, POSITION] - places[step, POSITION]
                    shift = gapped["targets"][step, SHIFT]
                    assert moved == shift or places[step + 1, POSITION] < shift
            used = places[: n_following + 2 + n_before, STYLE:]
            assert (used == used[0]).all()

    def test_nothing_is_charged_at_the_seam_nor_behind_the_end(self, pairs):
        for _, gapped, n_following, n_before in pairs:
            expected = np.zeros(WINDOW, bool)
            expected[:n_following] = expected[n_following + 1 : n_following + 1 + n_before] = True
            assert np.array_equal(gapped["is_event"], expected)
            assert np.array_equal(gapped["is_note"], expected)

    def test_the_seam_costs_the_network_nothing(self, mixture):
        from componium.models import FAMILIES  # noqa: PLC0415

        recurrent = FAMILIES["recurrent"]
        module = recurrent.make(recurrent.tiny, mixture)
        batch = NoteBatches(mixture, BatchConfig(batch_size=8, window=WINDOW, gaps=1.0), 1).excerpts(0)
        gapped = batch["rows"][:, 0, SHIFT] == mixture.codec.end + 3
        assert gapped.any()
        seam = (~batch["is_event"]).int().argmax(dim=1)
        changed = batch["targets"].clone()
        for i in torch.nonzero(gapped).ravel().tolist():
            changed[i, seam[i]] = torch.tensor([3, 1, 60, 4, 5])
        with torch.no_grad():
            kept, found = (module.eval()._nats({**batch, "targets": own}) for own in (batch["targets"], changed))
        assert torch.equal(kept[0], found[0])
        assert torch.equal(kept[1], found[1])


def _equal(left, right):
    return all(np.array_equal(left[name], right[name]) for name in left)


def _spans(whole, gapped):
    """How many rows are shown before, and how many lead up to the gap's end."""
    runs = [(bool(value), len(list(run))) for value, run in itertools.groupby(gapped["is_event"].tolist())]
    assert [value for value, _ in runs[:3]] == [True, False, True]
    assert runs[1][1] == 1
    assert len(whole["rows"]) == WINDOW
    return runs[0][1], runs[2][1]


def test_velocities_and_durations_reach_the_batches_as_they_are(mixture):
    rows = {tuple(row) for row in np.array(mixture.events)[:, [PART, DURATION, VELOCITY]].tolist()}
    for excerpt in excerpts(mixture, 10):
        own = excerpt["targets"][excerpt["is_note"]][:, [PART, DURATION, VELOCITY]]
        assert {tuple(row) for row in own.tolist()} <= rows


def test_the_style_of_a_piece_is_that_of_its_source(mixture):
    styles = mixture.conditioning.styles
    assert [styles[int(mixture.conditions.controls[i, 0]) - 1] for i in range(len(mixture.records))] == [
        SOURCES[int(mixture.conditions.controls[i, 2])].style for i in range(len(mixture.records))
    ]
