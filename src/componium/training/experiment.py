"""Runs an experiment from its recipe to an artifact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from componium.artifacts import Artifact
from componium.corpora import corpus_named
from componium.corpora.corpus import Corpus
from componium.corpora.files.finding import other_files
from componium.corpora.splits import Split
from componium.errors import CorpusError
from componium.models import FAMILIES
from componium.models.family import TrainingModule
from componium.training.dataset import Dataset
from componium.training.exporting import Exporter, Start
from componium.training.judging import judge_split
from componium.training.preparation.maps import in_order, in_processes
from componium.training.preparation.prepare import Progress, prepare, prepare_mixture
from componium.training.recipes import Recipe, changed, read_recipe
from componium.training.trainer import Listener, Probe, Run, Trainer


def open_recipe(path: Path, changes: Mapping[str, Any], corpus: str | None = None) -> Recipe:
    """Reads a recipe, some of its settings changed.

    Args:
        path: of the TOML file.
        changes: values by the names of table and key, ``training.steps``.
        corpus: name of the corpus in place of the recipe's.

    Raises:
        RecipeError: it is not a recipe, or a setting does not exist.
        CorpusError: a corpus is named for a recipe of several.
    """
    recipe = changed(read_recipe(path, FAMILIES), changes, FAMILIES)
    if corpus is None:
        return recipe
    if recipe.sources:
        raise CorpusError(f"{path}: it learns from several corpora; --corpus names one")
    return recipe.model_copy(update={"corpus": corpus})


def prepare_dataset(recipe: Recipe, data: Path, cache: Path, progress: Progress, workers: int = 1) -> Dataset:
    """Encodes the corpus or the corpora of a recipe, or finds them encoded.

    Args:
        recipe: says what is learned from.
        data: folder of the corpus, or of the folders of several.
        cache: where datasets are kept.
        progress: called with what is done and all there is.
        workers: processes that read and encode files.

    Raises:
        CorpusError: no file can be used, or a split would be empty.
    """
    mapped = in_processes(workers) if workers > 1 else in_order
    if recipe.sources:
        dataset = prepare_mixture(recipe.sources, data, recipe.preparation, cache, progress, mapped)
    else:
        dataset = prepare(corpus_named(recipe.corpus), data, recipe.preparation, cache, progress, mapped)
    return dataset.viewed_as(recipe.representation)


def unread_files(recipe: Recipe, data: Path) -> dict[str, int]:
    """Returns how many files of each kind lie in the folders of a recipe's corpora and are none of their music files.

    Args:
        recipe: says what is learned from.
        data: folder of the corpus, or of the folders of several.
    """
    places = [(source.corpus, data / source.place) for source in recipe.sources] or [(recipe.corpus, data)]
    found: dict[Path, set[Path]] = {}
    for corpus, folder in places:
        found.setdefault(folder, set()).update(piece.path for piece in corpus_named(corpus).find(folder))
    counts: Counter[str] = Counter()
    for folder, paths in found.items():
        counts.update({kind: len(names) for kind, names in other_files(folder, paths).items()})
    return dict(counts.most_common())


@dataclass(frozen=True, eq=False)
class Experiment:
    """A recipe, its dataset, and where its files go.

    Attributes:
        start: the composer with whose weights the training begins; None: with random ones.
        commit: identity of the code, for the artifact's card; empty where unknown.
        probes: what is measured on music composed at every validation.
    """

    recipe: Recipe
    dataset: Dataset
    run: Run
    start: Start | None = None
    commit: str = ""
    probes: Sequence[Probe] = field(default=())

    @cached_property
    def corpora(self) -> list[Corpus]:
        """The corpora of the recipe, in its order."""
        names = [source.corpus for source in self.recipe.sources] or [self.recipe.corpus]
        return [corpus_named(name) for name in names]

    @cached_property
    def exporter(self) -> Exporter:
        """Writes its artifacts."""
        family = FAMILIES[self.recipe.family]
        return Exporter(self.recipe, family, self.dataset, self.corpora, commit=self.commit, begun_from=self.start)

    @cached_property
    def trainer(self) -> Trainer:
        """Trains it.

        Raises:
            TrainingError: the weights to begin with are of another network.
        """
        trainer = Trainer(self.recipe, self.dataset, self.run, FAMILIES, exporter=self.exporter, probes=self.probes)
        if self.start is not None:
            trainer.begin_with(self.start)
        return trainer

    def train(self, listener: Listener, *, resume: bool = False) -> Artifact | None:
        """Trains to the end and exports the best weights, judged; None on all devices but the first.

        Raises:
            TrainingError: a run is there already and not to be resumed, or another one.
        """
        trainer = self.trainer
        trainer.train(listener, resume=resume)
        if not trainer.is_first:
            return None
        trainer.load_best()
        target = self.run.folder / "artifact" / self.recipe.name

        def judge(module: TrainingModule, split: Split) -> dict[str, float]:
            return judge_split(module, trainer.batches, self.dataset, split)

        return self.exporter.export_judged(trainer.module.cpu(), target, judge, trainer.learning_curve)
