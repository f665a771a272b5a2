from __future__ import annotations

import collections
import dataclasses
import shutil

import numpy as np
import pytest
from fixtures.mixtures import DRUMMER, GAME, IRISH, MISC, SIZES, SOURCES, write_source
from fixtures.music import tune
from pydantic import ValidationError

from componium.conditioning.controls import COMPLEXITY, DENSITY, chord_columns, density_complexity
from componium.conditioning.roles import REGISTER, measure_roles
from componium.corpora.instrumentation import as_written, voices_of
from componium.corpora.splits import SPLITS, split_of
from componium.errors import CorpusError
from componium.features.feature_set import ALL_FEATURES
from componium.features.form_pointer import NOWHERE, form_of
from componium.formats.midi import read_midi, write_midi
from componium.representations.columns import DURATION, PART, PITCH, SHIFT
from componium.score import estimate_key
from componium.score.form import repeated_bars
from componium.score.harmony.chord_recognition import recognize_chords
from componium.training.dataset import load
from componium.training.preparation.prepare import prepare_mixture
from componium.training.preparation.sources import PreparationConfig, Source, band_parts

ARRAYS = ("events", "pointers", "streaks", "form_pointers", "chords", "quarters", "controls", "roles")


def prepared(sources, folder, cache, seed=0):
    return prepare_mixture(sources, folder, PreparationConfig(features=ALL_FEATURES, seed=seed), cache)


def arrays_of(dataset):
    return {name: np.load(dataset.folder / f"{name}.npy") for name in ARRAYS}


def source_of(dataset, index):
    return SOURCES[int(dataset.conditions.controls[index, 2])]


def plays(dataset, index):
    return ~np.isnan(dataset.conditions.roles[index, REGISTER])


def score_of(dataset, index, folder):
    place, _, name = dataset.records[index].name.partition("/")
    return read_midi(folder / place / name)


class TestPreparing:
    def test_equal_seeds_give_equal_arrays_and_others_do_not(self, mixture, mixture_folder, tmp_path):
        again = prepared(SOURCES, mixture_folder, tmp_path / "again")
        other = prepared(SOURCES, mixture_folder, tmp_path / "other", seed=1)
        assert again.folder.name == mixture.folder.name != other.folder.name
        assert again.records == mixture.records
        assert again.manifest == mixture.manifest
        for name, own in arrays_of(mixture).items():
            assert np.array_equal(own, arrays_of(again)[name], equal_nan=name == "roles")
        assert not np.array_equal(arrays_of(mixture)["events"], arrays_of(other)["events"])

    def test_a_second_time_nothing_is_prepared(self, mixture_folder, tmp_path):
        first = prepared(SOURCES, mixture_folder, tmp_path)
        before = (first.folder / "events.npy").stat().st_mtime_ns
        assert prepared(SOURCES, mixture_folder, tmp_path).folder == first.folder
        assert (first.folder / "events.npy").stat().st_mtime_ns == before
        assert [path.name for path in tmp_path.iterdir()] == [first.folder.name]

    def test_opened_it_is_what_was_prepared(self, mixture):
        again = load(mixture.folder)
        assert again.conditions.shares == (0.6, 0.3, 0.1, 1.0)
        assert again.codec.config == mixture.codec.config
        assert again.codec.config.parts == band_parts()
        assert again.conditioning.styles == ("folk", "piano", "rock")

    def test_arrays_fit_together(self, mixture):
        n_rows, n_pieces = len(mixture.events), len(mixture.records)
        lengths = {name: len(array) for name, array in arrays_of(mixture).items()}
        assert lengths == {
            "events": n_rows, "controls": n_pieces, "roles": n_pieces,
            "pointers": n_rows + n_pieces, "streaks": n_rows + n_pieces, "form_pointers": n_rows + n_pieces,
            "quarters": n_pieces + 1, "chords": mixture.conditions.quarters[-1],
        }  # fmt: skip
        stops = [0, *(record.stop for record in mixture.records)]
        assert [record.start for record in mixture.records] == stops[:-1]
        assert stops[-1] == n_rows

    def test_files_of_one_name_in_two_sources_are_two_pieces(self, mixture_folder, tmp_path):
        data = tmp_path / "data"
        for place, first in (("one", 4000), ("two", 5000)):
            write_source(data / place, "irish", first)
        # Equal names, other music.
        for number, (left, right) in enumerate(
            zip(*(sorted((data / place).iterdir()) for place in ("one", "two")), strict=True)
        ):
            left.rename(left.with_name(f"piece-{number}.mid"))
            right.rename(right.with_name(f"piece-{number}.mid"))
        sources = [Source(corpus="folder", folder=place, style=place, variants=1) for place in ("one", "two")]
        sources.append(SOURCES[0])
        shutil.copytree(mixture_folder / IRISH, data / IRISH)
        dataset = prepared(tuple(sources), data, tmp_path / "cache")
        names = {record.name for record in dataset.records}
        assert {f"{place}/piece-{number}.mid" for place in ("one", "two") for number in range(6)} <= names
        assert not dataset.rejected

    def test_what_cannot_be_used_is_rejected_with_its_reason(self, mixture_folder, tmp_path):
        data = shutil.copytree(mixture_folder, tmp_path / "data")
        (data / IRISH / "broken.mid").write_bytes(b"MThd\0\0\0\6\0")
        original = next((data / GAME).iterdir())
        shutil.copyfile(original, data / MISC / "copied.mid")
        rejected = prepared(SOURCES, data, tmp_path / "cache").rejected
        assert set(rejected) == {f"{IRISH}/broken.mid", f"{MISC}/copied.mid"}
        assert "duplicate of" in rejected[f"{MISC}/copied.mid"]

    def test_a_missing_corpus_and_an_empty_split_are_errors(self, mixture_folder, tmp_path):
        with pytest.raises(CorpusError, match="no such folder"):
            prepared(SOURCES, tmp_path / "nowhere", tmp_path / "cache")
        with pytest.raises(CorpusError, match="no piece to train on"):
            prepared((SOURCES[-1],), mixture_folder, tmp_path / "cache")
        cache = tmp_path / "cache"
        assert not cache.exists() or list(cache.iterdir()) == []

    def test_an_instrument_that_the_band_lacks_is_refused(self):
        with pytest.raises(ValidationError, match="no instrument 'clarinett' in the band"):
            Source(corpus="pop909", style="pop", parts={"melody": "clarinett"})


class TestVariants:
    def test_held_out_pieces_come_once_and_training_pieces_as_often_as_asked(self, mixture):
        counts = collections.Counter((record.name, record.split) for record in mixture.records)
        variants = {source.place: source.variants for source in SOURCES}
        for (name, split), count in counts.items():
            assert count == (variants[name.partition("/")[0]] if split == "train" else 1)
        by_split = collections.Counter(split for _, split in counts)
        assert by_split == {split: 3 * SIZES[split] for split in SPLITS}

    def test_no_work_is_on_two_sides(self, mixture):
        for record in mixture.records:
            assert record.split == split_of(record.work)
        splits_of = collections.defaultdict(set)
        for record in mixture.records:
            splits_of[record.work].add(record.split)
        assert all(len(splits) == 1 for splits in splits_of.values())

    def test_drummers_give_loops_and_no_pieces(self, mixture):
        assert not any(record.name.startswith(DRUMMER) for record in mixture.records)
        drums = len(band_parts()) - 1
        drummed = [bool(plays(mixture, i)[drums]) for i in mixture.of("train") if source_of(mixture, i) == SOURCES[1]]
        assert any(drummed)
        # Two tracks have no drums of their own, and none are laid under a line alone that did not ask for any.
        assert not any(plays(mixture, i)[drums] for i in mixture.of("train") if source_of(mixture, i) == SOURCES[0])

    def test_loops_are_laid_under_to_the_end_in_the_meter_of_the_piece(self, mixture):
        drums = len(band_parts()) - 1
        for index in mixture.of("train"):
            if source_of(mixture, index) != SOURCES[1] or not plays(mixture, index)[drums]:
                continue
            encoded = mixture.encoded(index)
            own = encoded.events[:, PART] == drums
            onsets = np.cumsum(encoded.events[:, SHIFT].astype(int))
            place = mixture.codec.bar_grid(encoded.meter).locate(onsets[own])
            assert (encoded.events[own, PITCH] == np.where(place.position == 0, 36, 42)).all()
            assert len(np.unique(onsets[own])) == own.sum() >= encoded.n_bars * 3 - 3

    def test_held_out_pieces_are_as_written_or_as_the_recipe_says(self, mixture):
        names = [part.name for part in band_parts()]
        for index in (*mixture.of("validation"), *mixture.of("test")):
            playing = {names[i] for i in np.flatnonzero(plays(mixture, index))}
            expected = {IRISH: {"flute"}, MISC: {"clarinet", "piano"}, GAME: {"flute", "piano"}}
            place = mixture.records[index].name.partition("/")[0]
            # A band of the tests may have a bass and drums beside.
            assert (
                expected[place] <= playing <= expected[place] | ({"acoustic bass", "drums"} if place == GAME else set())
            )

    def test_without_variants_training_pieces_come_once_as_they_are_written(self, mixture_folder, tmp_path):
        sources = tuple(source.model_copy(update={"variants": 0}) for source in SOURCES)
        dataset = prepared(sources, mixture_folder, tmp_path)
        train = dataset.of("train")
        assert len(train) == len({dataset.records[index].name for index in train}) == 3 * SIZES["train"]
        for index in train:
            score = voices_of(score_of(dataset, index, mixture_folder))
            expected = dataset.codec.encode(as_written(score, source_of(dataset, index).parts))
            assert np.array_equal(dataset.encoded(index).events, expected.events)

    def test_variants_are_the_music_of_the_file_in_octaves(self, mixture, mixture_folder):
        whole = 0
        for index in mixture.of("train"):
            events = mixture.encoded(index).events
            pitched = (events[:, DURATION] > 0) & ~mixture.codec.is_drum[events[:, PART]]
            onsets = np.cumsum(events[:, SHIFT].astype(int))
            found = set(zip(onsets[pitched].tolist(), (events[pitched, PITCH] % 12).tolist(), strict=True))
            score = score_of(mixture, index, mixture_folder)
            expected = {
                (round(int(onset) * 12 / score.ticks_per_quarter), int(pitch) % 12)
                for track in score.tracks
                if not track.is_drum
                for onset, pitch in zip(track.notes["onset"], track.notes["pitch"], strict=True)
            }
            # A voice of several may be left out.
            assert found <= expected
            whole += found == expected
        assert whole > len(mixture.of("train")) / 2

    def test_roles_are_those_of_the_parts_that_sound(self, mixture):
        several = set()
        for index in range(len(mixture.records)):
            events = mixture.encoded(index).events
            sounding = set(events[events[:, DURATION] > 0, PART].tolist())
            assert set(np.flatnonzero(plays(mixture, index))) == sounding
            several.add(len(sounding))
            measured = measure_roles(events, mixture.codec.is_drum, 12)
            assert np.array_equal(mixture.conditions.roles[index], measured, equal_nan=True)
        assert several >= {1, 2, 3}


class TestConditions:
    def test_style_and_key_are_those_of_the_piece(self, mixture, mixture_folder):
        styles = mixture.conditioning.styles
        for index in range(len(mixture.records)):
            style, key, _ = mixture.conditions.controls[index].tolist()
            assert styles[style - 1] == source_of(mixture, index).style
            estimated = estimate_key(score_of(mixture, index, mixture_folder))
            assert key == 1 + estimated.tonic + 12 * estimated.is_minor

    def test_chords_are_those_of_the_quarters_of_each_piece(self, mixture, mixture_folder):
        for index in range(len(mixture.records)):
            first, last = mixture.conditions.quarters[index : index + 2]
            expected = chord_columns(recognize_chords(score_of(mixture, index, mixture_folder)))
            assert np.array_equal(mixture.conditions.chords[first:last], expected)

    def test_form_pointers_stand_in_the_bar_that_is_repeated(self, mixture):
        somewhere = 0
        for index, record in enumerate(mixture.records):
            encoded = mixture.encoded(index)
            found = mixture.conditions.form_pointers[record.start + index : record.stop + index + 1]
            bars = mixture.codec.bar_grid(encoded.meter).locate(np.cumsum(encoded.events[:, SHIFT].astype(int)))
            back = form_of(encoded, mixture.codec)
            for row, (pointer, shift, streak) in enumerate(found.tolist()):
                assert pointer < row
                if pointer == NOWHERE:
                    continue
                somewhere += 1
                assert 0 <= shift <= 96
                assert streak > 0
                # What is pointed at lies in the bar that the bar of the last row, or the next, repeats.
                here = bars.bar[row - 1]
                targets = {int(b - back[b]) for b in (here, here + 1) if b < len(back) and back[b]}
                assert bars.bar[pointer] in targets
        assert somewhere > 100

    def test_drums_decide_no_form_where_there_is_other_music(self, mixture):
        drums = len(band_parts()) - 1
        alone = 0
        for index in range(len(mixture.records)):
            encoded = mixture.encoded(index)
            events = encoded.events
            place = mixture.codec.bar_grid(encoded.meter).locate(np.cumsum(events[:, SHIFT].astype(int)))
            sounds = events[:, DURATION] > 0
            pitched = sounds & (events[:, PART] != drums)
            part, pitch = events[:, PART].astype(int), events[:, PITCH].astype(int)

            def form(rows, place=place, part=part, pitch=pitch, n_bars=encoded.n_bars):
                return repeated_bars(place.bar[rows], place.position[rows], part[rows], pitch[rows], n_bars)

            found = form_of(encoded, mixture.codec)
            assert np.array_equal(found, form(pitched))
            alone += not np.array_equal(found, form(sounds))
        assert alone
        # Drums alone repeat themselves.
        only = mixture.encoded(next(i for i in range(len(mixture.records)) if plays(mixture, i)[drums]))
        kept = only.events[:, PART] == drums
        onsets = np.cumsum(only.events[:, SHIFT].astype(int))[kept]
        events = only.events[kept].copy()
        events[:, SHIFT] = np.diff(onsets, prepend=0)
        beaten = dataclasses.replace(only, events=events)
        assert (form_of(beaten, mixture.codec)[1:] > 0).mean() > 0.5

    def test_an_eighth_of_the_stretches_of_training_music_lies_in_each_level(self, tmp_path):
        # Many short pieces of one style, each a stretch of its own.
        data = tmp_path / "data"
        folder = data / IRISH
        folder.mkdir(parents=True)
        write_many(folder, 80)
        source = Source(corpus=IRISH, style="folk", variants=1)
        dataset = prepared((source,), data, tmp_path / "cache")
        config, is_drum = dataset.conditioning, dataset.codec.is_drum
        assert [len(config.density), len(config.density[0])] == [1, 7]
        assert list(config.density[0]) == sorted(config.density[0])
        train = dataset.of("train")
        measured = [density_complexity(dataset.encoded(i).events, is_drum, 12) for i in train]
        for control, values in zip((DENSITY, COMPLEXITY), zip(*measured, strict=True), strict=True):
            counts = np.bincount([config.level(control, 1, value) for value in values], minlength=9)
            assert counts[0] == 0
            # All values being different, as many in each level as whole pieces allow.
            if len(set(values)) == len(values):
                assert np.ptp(counts[1:]) <= 2
            else:
                assert counts[1:].min() >= len(train) / 8 - 4


def write_many(folder, count):
    for seed in range(7000, 7000 + count):
        write_midi(tune(seed, n_bars=8), folder / f"tune-{seed}.mid")
