"""Exports a trained module as an artifact with its figures."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium import likelihood
from componium.artifacts import (
    FINGERPRINTS,
    FORM_TEMPLATES,
    HELD_OUT,
    ROLE_TEMPLATES,
    STYLES,
    Artifact,
    CorpusCredit,
    LearningCurve,
    Manifest,
    save_artifact,
)
from componium.conditioning.arrangements import arrangement_of
from componium.conditioning.controls import ConditioningConfig, density_complexity
from componium.conditioning.form_templates import FormTemplate, FormTemplates, form_templates_of
from componium.conditioning.role_templates import RoleTemplates, role_templates_of
from componium.conditioning.roles import REGISTER
from componium.conditioning.style_profile import StyleProfile, starting_profile
from componium.corpora.corpus import Corpus
from componium.corpora.splits import Split
from componium.features.form_pointer import form_of
from componium.fingerprints import Collection, HumanPiece, contrast_of
from componium.models.family import Abilities, Batch, ModelFamily, TrainingModule
from componium.training.batches import batches_of
from componium.training.dataset import Dataset
from componium.training.recipes import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NO_CURVE = LearningCurve()
MAX_LOSS_BITS, MAX_LOSS_SHARE = 0.02, 0.01
"""What quantization may cost on the validation pieces: bits per note, or a share of another figure."""
LOSS_OF_INT8, LOSS_SHARE_OF_INT8 = "int8_loss_bits", "int8_loss_share"
"""The figures of an artifact that say what it costs, or would."""

Judge = Callable[[TrainingModule, Split], dict[str, float]]
"""Returns the own figures of a module on the pieces of a split."""

# Training excerpts on which the ranges of what layers read are measured, some 50,000 notes of the usual recipes.
_MEASURED_BATCHES = 12


class Start(NamedTuple):
    """The composer with whose weights a training begins.

    Attributes:
        artifact: the composer.
        style: its style from which the one style of the training pieces begins; None: their styles are the same.
    """

    artifact: Artifact
    style: str | None = None

    @property
    def identity(self) -> str:
        """What a resumed training compares."""
        return self.artifact.digest if self.style is None else f"{self.artifact.digest} {self.style}"


class Exporter:
    """Writes artifacts of one recipe's module.

    Args:
        corpora: those of the dataset, in the order of its sources.
        commit: identity of the code that trained, for the card; empty where unknown.
        begun_from: the composer whose weights the training began with. It is credited with its corpora, and its
            training pieces count as such.
    """

    def __init__(
        self,
        recipe: Recipe,
        family: ModelFamily,
        dataset: Dataset,
        corpora: Sequence[Corpus],
        commit: str = "",
        begun_from: Start | None = None,
    ) -> None:
        self._recipe = recipe
        self._family = family
        self._dataset = dataset
        self._corpora = corpora
        self._commit = commit
        self._begun_from = begun_from.artifact if begun_from else None
        self._start_style = begun_from.style if begun_from else None

    def export(self, module: TrainingModule, target: Path) -> Artifact:
        """Writes an artifact without figures, in the precision that the recipe asks for."""
        return self._write(module, target, self._recipe.artifact.precision)

    def export_judged(
        self,
        module: TrainingModule,
        target: Path,
        judge: Judge,
        curve: LearningCurve = NO_CURVE,
    ) -> Artifact:
        """Writes an artifact with its figures on the test pieces.

        Where quantization costs more than ``MAX_LOSS_BITS`` on the validation pieces (where there are none: on those of
        the training), or without a likelihood more than ``MAX_LOSS_SHARE``, single precision is written.

        Args:
            module: trained.
            target: the artifact's directory.
            judge: for families without a likelihood, and for the loss of int8.
            curve: of its training.
        """
        precision = self._recipe.artifact.precision
        artifact = self._write(module, target, precision)
        scorer = likelihood.scorer_of(artifact)
        held_out: tuple[Split, ...] = ("validation", "test")
        figures: dict[str, Any] = {}
        if scorer is None:
            artifact, loss = self._where_int8_is_no_loss(module, artifact, judge)
            own = {split: judge(module, split) for split in held_out if self._dataset.of(split)}
            return _with_figures(artifact, loss | own, curve)
        # A family that counts pieces has no weights to quantize.
        if precision == "int8" and self._family.feeds != "pieces":
            seen = self._seen
            loss = figures_on(scorer, self._dataset, seen)["bits_per_note"] - judge(module, seen)["bits_per_note"]
            figures[LOSS_OF_INT8] = loss
            if loss > MAX_LOSS_BITS:
                precision = "fp32"
                artifact = self._write(module, target, precision)
                scorer = likelihood.scorer_of(artifact)
                assert scorer is not None  # noqa: S101 - the procedure is the same
        figures |= {split: figures_on(scorer, self._dataset, split) for split in held_out if self._dataset.of(split)}
        return _with_figures(artifact, figures, curve)

    @property
    def _seen(self) -> Split:
        """The pieces by which the precision is chosen."""
        return "validation" if self._dataset.of("validation") else "train"

    def _where_int8_is_no_loss(
        self, module: TrainingModule, artifact: Artifact, judge: Judge
    ) -> tuple[Artifact, dict[str, Any]]:
        """An artifact without a likelihood, in single precision if int8 costs it too much; and what int8 costs."""
        quantized = module.judged_through(artifact) if self._recipe.artifact.precision == "int8" else None
        if quantized is None:
            return artifact, {}
        before, after = (judge(own, self._seen)[module.monitor] for own in (module, quantized))
        loss = after / before - 1
        if loss > MAX_LOSS_SHARE:
            artifact = self._write(module, artifact.folder, "fp32")
        return artifact, {LOSS_SHARE_OF_INT8: loss}

    @cached_property
    def _prints(self) -> dict[str, bytes]:
        """The files beside the graphs: the style profile, and fingerprints by which copies are found.

        These are fingerprints of the training pieces, and what held-out pieces share with them.
        """
        training = Collection.of(self._dataset.fingerprinted("train"), self._dataset.codec.config.steps_per_quarter)
        if self._begun_from is not None:
            training = training.joined(self._begun_from.fingerprints)
        held_out = (piece for split in ("validation", "test") for piece in self._dataset.fingerprinted(split))
        contrast = contrast_of((HumanPiece(piece.style, piece.lines) for piece in held_out), training)
        dataset = self._dataset
        prints = {FINGERPRINTS: training.to_bytes(), HELD_OUT: contrast.to_bytes(), STYLES: self._profile().to_bytes()}
        # Its styles are labels, by which no form is known.
        if not dataset.is_conditioned or self._styles_are_labels:
            return prints
        prints[FORM_TEMPLATES] = self._form_templates().to_bytes()
        if "density" in self._family.conditioned_controls:
            # Drawn roles bring the form of their piece. To networks that read no roles they would only leave few forms.
            prints[ROLE_TEMPLATES] = self._role_templates().to_bytes()
        return prints

    @property
    def _styles_are_labels(self) -> bool:
        """Whether the composer's styles are the labels of its pieces, not what its dataset says of conditions."""
        return bool(self._dataset.label_names) and "style" in self._family.labelled_controls

    def _profile(self) -> StyleProfile:
        """The style profile of a new composer, or what became of that of the one style it began from."""
        dataset = self._dataset
        styles = dataset.conditioning.styles
        tempo_bpm = _usual_tempo(dataset)
        if self._begun_from is None or self._start_style is None:
            names = [part.name for part in dataset.codec.config.parts]
            profile = starting_profile(
                () if self._styles_are_labels else styles, tempo_bpm, dataset.codec.config.unit
            ).for_parts(names)
            # All parts of other families always play, on the instruments that a request names.
            chooses = profile.chooses_parts and "parts" in self._family.conditioned_controls
            profile = profile.model_copy(update={"chooses_parts": chooses})
            if self._styles_are_labels:
                [usual] = profile.styles.values()
                profile = profile.model_copy(update={"styles": dict.fromkeys(dataset.label_names, usual)})
            return profile
        own = self._begun_from.profile
        return own.for_own_music(styles[0], self._start_style, tempo_bpm, self._ensembles())

    def _ensembles(self) -> list[tuple[str, ...]]:
        """The names of the parts that play in each training piece."""
        dataset = self._dataset
        names = [part.name for part in dataset.codec.config.parts]
        plays = ~np.isnan(dataset.conditions.roles[dataset.distinct("train"), REGISTER])
        return [tuple(names[part] for part in np.flatnonzero(own)) for own in plays]

    def _form_templates(self) -> FormTemplates:
        """Form templates: how training pieces repeat themselves, their harmony, and which parts play when."""
        dataset, conditions = self._dataset, self._dataset.conditions
        rows: list[tuple[int, FormTemplate]] = []
        for index in dataset.distinct("train"):
            record = dataset.records[index]
            style, key, _ = conditions.controls[index].tolist()
            encoded = dataset.encoded(index)
            back = form_of(encoded, dataset.codec)
            # The last row of a piece's chords is unspecified.
            chords = conditions.chords[conditions.quarters[index] : conditions.quarters[index + 1] - 1, 0]
            arrangement = arrangement_of(encoded, dataset.codec)
            meter = record.meter[0]
            rows.append((style, FormTemplate(meter.numerator, meter.denominator, key, back, chords, arrangement)))
        return form_templates_of(rows)

    def _role_templates(self) -> RoleTemplates:
        """Role templates: what the parts of training pieces do, in all their orchestrations."""
        dataset, conditions = self._dataset, self._dataset.conditions
        is_drum, steps = dataset.codec.is_drum, dataset.codec.config.steps
        number_of = {dataset.records[index].name: number for number, index in enumerate(dataset.distinct("train"))}
        rows: list[tuple[int, float, float, NDArray[np.float32], int]] = []
        for index in dataset.of("train"):
            record = dataset.records[index]
            measured = density_complexity(dataset.events[record.start : record.stop], is_drum, steps)
            rows.append(
                (int(conditions.controls[index, 0]), *measured, conditions.roles[index], number_of[record.name])
            )
        return role_templates_of(rows, is_drum)

    def _write(self, module: TrainingModule, target: Path, precision: str) -> Artifact:
        recipe, dataset, family = self._recipe, self._dataset, self._family
        abilities = self._abilities()
        if precision == "int8":
            module.measure_input_scales(measuring_batches(recipe, dataset))
        with tempfile.TemporaryDirectory() as folder:
            exported = family.export(module, Path(folder), precision)
            for filename, content in self._prints.items():
                (Path(folder) / filename).write_bytes(content)
            manifest = Manifest(
                name=recipe.name,
                family=family.name,
                representation=dataset.representation.spec(),
                features=dataset.features.config,
                conditioning=ConditioningConfig() if self._styles_are_labels else dataset.conditioning,
                procedure=family.procedure,
                signature=exported.signature,
                tasks=abilities.tasks,
                controls=abilities.controls,
                labels=dataset.label_names,
                corpora=tuple(self._credits()),
                recipe=recipe.model_dump(mode="json"),
                seed=recipe.seed,
                commit=self._commit,
                begun_from=self._begun_from.digest if self._begun_from else "",
                judged_by=family.judged_by,
                figures={},
                files={},
            )
            return save_artifact(Path(folder), (*exported.files, *self._prints), manifest, target)

    def _abilities(self) -> Abilities:
        """What the family can do when trained on the dataset: without a beat no meter."""
        own = self._family.abilities(self._dataset.offered, labelled=bool(self._dataset.label_names))
        if self._dataset.codec.config.unit == "quarter":
            return own
        return own._replace(controls=tuple(control for control in own.controls if control != "time_signature"))

    def _credits(self) -> Iterator[CorpusCredit]:
        """The credits of all corpora."""
        dataset = self._dataset
        training = dataset.distinct("train")
        for place, corpus in enumerate(self._corpora):
            own = [index for index in training if dataset.conditions.controls[index, 2] == place]
            yield CorpusCredit(
                name=corpus.name,
                title=corpus.title,
                licence=corpus.licence,
                citation=corpus.citation,
                pieces=len(own),
                redistributable=corpus.redistributable,
                meters=_meters(dataset, own) if dataset.codec.config.unit == "quarter" else {},
                manifest=dataset.manifest,
            )
        own_names = {corpus.name for corpus in self._corpora}
        before = self._begun_from.manifest.corpora if self._begun_from else ()
        yield from (credit for credit in before if credit.name not in own_names)


def figures_on(scorer: likelihood.Scorer, dataset: Dataset, split: Split) -> dict[str, float]:
    """Returns how probable an artifact finds the pieces of a split: bits per note with their interval over works."""
    indices = dataset.of(split)
    bits, n_notes = likelihood.score_pieces(scorer, ((dataset.encoded(i), dataset.conditions_of(i)) for i in indices))
    works = [dataset.records[index].work for index in indices]
    return {
        "pieces": float(len(indices)),
        "notes": float(n_notes.sum()),
        **likelihood.summary(bits, n_notes, works),
    }


def measuring_batches(recipe: Recipe, dataset: Dataset) -> Iterator[Batch]:
    """Yields the training excerpts on which a network's input scales are measured."""
    batches = batches_of(dataset, recipe.batches, recipe.seed)
    return (batches.excerpts(step) for step in range(_MEASURED_BATCHES))


def _with_figures(artifact: Artifact, figures: dict[str, Any], curve: LearningCurve) -> Artifact:
    """Puts figures into an artifact that is there; its files stay."""
    manifest = artifact.manifest.model_copy(update={"figures": figures, "learning_curve": curve})
    return save_artifact(artifact.folder, manifest.files, manifest, artifact.folder)


def _meters(dataset: Dataset, indices: Iterable[int]) -> dict[str, int]:
    """Pieces by their first time signature, the most frequent first."""
    meters = (dataset.records[index].meter[0] for index in indices)
    return dict(Counter(f"{meter.numerator}/{meter.denominator}" for meter in meters).most_common())


def _usual_tempo(dataset: Dataset) -> float:
    """Median tempo of the training pieces, in whole quarter notes per minute."""
    tempos = [dataset.records[index].tempo_bpm for index in dataset.distinct("train")]
    return float(np.clip(np.rint(np.median(tempos)), 10, 400))
