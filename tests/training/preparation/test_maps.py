import os
from math import sqrt
from operator import neg

import pytest
from fixtures.mixtures import SOURCES

from componium.corpora import CORPORA
from componium.errors import CorpusError
from componium.features.feature_set import ALL_FEATURES
from componium.training.preparation.maps import in_order, in_processes
from componium.training.preparation.prepare import prepare, prepare_mixture
from componium.training.preparation.sources import PreparationConfig


class TestInProcesses:
    def test_results_come_in_the_order_of_the_items(self):
        assert list(in_processes(2)(neg, range(30))) == list(in_order(neg, range(30)))

    def test_items_are_taken_as_they_are_needed(self):
        items = iter(range(100))
        results = iter(in_processes(1)(neg, items))
        assert next(results) == 0
        assert 1 <= next(items) < 10

    def test_it_is_other_processes(self):
        assert os.getpid() not in set(in_processes(2)(eval, ["__import__('os').getpid()"] * 4))

    def test_an_error_is_raised_here(self):
        with pytest.raises(ValueError, match="math domain"):
            list(in_processes(2)(sqrt, [1, -1, 2]))

    def test_a_process_that_dies_is_one_plain_line(self):
        with pytest.raises(CorpusError, match="try fewer --workers"):
            list(in_processes(1)(os._exit, [3]))


def contents(dataset):
    return {path.name: path.read_bytes() for path in dataset.folder.iterdir() if path.is_file()}


def test_a_dataset_is_the_same_whatever_map_made_it(dataset, corpus_folder, mixture, mixture_folder, tmp_path):
    several = in_processes(2)
    again = prepare(CORPORA["folder"], corpus_folder, PreparationConfig(), tmp_path, mapped=several)
    assert again.folder.name == dataset.folder.name
    assert contents(again) == contents(dataset)
    config = PreparationConfig(features=ALL_FEATURES)
    mixed = prepare_mixture(SOURCES, mixture_folder, config, tmp_path, mapped=several)
    assert mixed.folder.name == mixture.folder.name
    assert contents(mixed) == contents(mixture)
