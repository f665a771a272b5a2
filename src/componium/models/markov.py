"""The family ``markov``: the n-gram model, the floor beside which figures stand.

The model is :mod:`componium.ngrams`. There are no gradients: a training step takes in whole pieces, once each, and the
counts and weights follow from them when they are first needed. The validation pieces choose the order of each
attribute's chain, once for what has been taken in; judging other pieces afterwards chooses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.ngrams import CORPUS_ORDERS, LADDERS, NgramModel, fit, prune_counts, save_ngrams
from componium.representations.columns import ATTRIBUTES, DURATION

FILE = "ngrams.npz"
_ALL_ORDERS = tuple(len(ladder) for ladder in LADDERS)


class MarkovConfig(BaseModel):
    """Settings of the family in a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_count: int = Field(
        default=2, ge=1, le=1000, description="contexts of the corpus seen fewer times are forgotten"
    )
    memory: bool = Field(default=True, description="count in the piece so far, too; without it the corpus alone")


class MarkovModule(TrainingModule):
    """Pieces taken in, and the model that follows from them."""

    monitor = "bits_per_note"

    def __init__(self, config: MarkovConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        self.config = config
        self.codec = inputs.features.codec
        # A module's buffers say its device and precision; this one has nothing to compute there.
        self.register_buffer("anchor", torch.zeros(1), persistent=False)
        self._pieces: list[tuple[NDArray[np.int16], NDArray[np.int16]]] = []
        self._orders: tuple[int, ...] | None = None
        self._fitted: NgramModel | None = None

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:  # noqa: ARG002
        """See :class:`TrainingModule`; figures of pieces that will be counted would mean nothing."""
        taken = list(_pieces_of(batch))
        self._pieces += taken
        self._fitted = self._orders = None
        return {"notes": float(sum(len(events) for events, _ in taken))}

    def model(self) -> NgramModel:
        """Returns what has been learned, in the orders chosen, or all where none are chosen yet."""
        if self._fitted is None:
            whole = fit(self._pieces, self.codec)
            pruned = prune_counts(whole.tables, self.config.least_count)
            self._fitted = NgramModel(self.codec, pruned, whole.weights, whole.orders)
        return self._fitted.with_orders(self._orders or self._most())

    def validation_step(self, batch: Batch) -> Tally:
        """Bits per note of each attribute under each order, as ``pitch_bits_3``."""
        model = self.model()
        tally: Tally = {}
        for events, places in _pieces_of(batch):
            n_notes = float((events[:, DURATION] > 0).sum()) - self.codec.count_pedals(events)
            for name, scores in zip(ATTRIBUTES, model.log_probs_by_order(events, places), strict=True):
                for order, bits in enumerate(-scores.sum(axis=1) / math.log(2)):
                    value, weight = tally.get(f"{name}_bits_{order}", (0.0, 0.0))
                    tally[f"{name}_bits_{order}"] = (value + float(bits), weight + n_notes)
        return tally

    def settle(self, figures: dict[str, float]) -> dict[str, float]:
        """Chooses the orders, unless they are chosen.

        Returns:
            Bits per note, whole and by attribute; of the uniform and the unigram model, and of the orders that count
            in the corpus alone; and the orders.
        """
        most = self._most()
        bits = [
            [figures[f"{name}_bits_{order}"] for order in range(len(ladder) + 1)]
            for name, ladder in zip(ATTRIBUTES, LADDERS, strict=True)
        ]
        if self._orders is None:
            self._orders = tuple(int(np.argmin(own[: most[i] + 1])) for i, own in enumerate(bits))
        chosen = [own[order] for own, order in zip(bits, self._orders, strict=True)]
        corpus = [min(own[: order + 1]) for own, order in zip(bits, CORPUS_ORDERS, strict=True)]
        settled = {"bits_per_note": sum(chosen)}
        settled |= {f"{name}_bits": value for name, value in zip(ATTRIBUTES, chosen, strict=True)}
        settled |= {"uniform_bits_per_note": sum(own[0] for own in bits)}
        settled |= {"unigram_bits_per_note": sum(own[1] for own in bits)}
        settled |= {"corpus_bits_per_note": sum(corpus)}
        return settled | {f"{name}_order": float(o) for name, o in zip(ATTRIBUTES, self._orders, strict=True)}

    def training_state(self) -> dict[str, Any]:
        """The pieces taken in, end to end: counts and weights follow from them, and take more room."""
        events = [torch.from_numpy(events) for events, _ in self._pieces]
        places = [torch.from_numpy(places) for _, places in self._pieces]
        return {
            "lengths": torch.tensor([len(piece) for piece in events], dtype=torch.int64),
            "events": torch.cat(events) if events else torch.zeros((0, len(ATTRIBUTES)), dtype=torch.int16),
            "places": torch.cat(places) if places else torch.zeros((0, 3), dtype=torch.int16),
            "orders": torch.tensor(self._orders or (), dtype=torch.int64),
        }

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        lengths = np.asarray(state["lengths"])
        events, places = (state[name].cpu().numpy() for name in ("events", "places"))
        upto = np.concatenate(([0], np.cumsum(lengths)))
        orders = tuple(state["orders"].tolist())
        # How many columns places have depends on the conditions.
        expected = (len(events), len(ATTRIBUTES)), 2, len(events) + len(lengths), len(events)
        if (events.shape, places.ndim, len(places), int(upto[-1])) != expected:
            raise ValueError("the pieces are not as long as they say")
        if lengths.min(initial=0) < 0 or events.dtype != np.int16 or places.dtype != np.int16:
            raise ValueError("the pieces are none")
        if orders and (
            len(orders) != len(ATTRIBUTES)
            or not all(0 <= own <= most for own, most in zip(orders, self._most(), strict=True))
        ):
            raise ValueError("the orders are none")
        self._pieces = [
            (events[start:stop], places[start + index : stop + index + 1])
            for index, (start, stop) in enumerate(zip(upto[:-1].tolist(), upto[1:].tolist(), strict=True))
        ]
        self._orders = orders or None
        self._fitted = None

    def _most(self) -> tuple[int, ...]:
        return _ALL_ORDERS if self.config.memory else CORPUS_ORDERS


def _pieces_of(batch: Batch) -> Iterator[tuple[NDArray[np.int16], NDArray[np.int16]]]:
    """Yields events (T, 5) and places (T + 1, 3) of a batch of whole pieces."""
    targets, places, is_note = (_to_numpy(batch[name]) for name in ("targets", "places", "is_note"))
    for own_targets, own_places, notes in zip(targets, places, is_note, strict=True):
        length = int(notes.sum())
        yield own_targets[:length].astype(np.int16), own_places[: length + 1].astype(np.int16)


def _to_numpy(tensor: Tensor) -> NDArray[Any]:
    return tensor.detach().cpu().numpy()


def _export(module: MarkovModule, folder: Path, precision: str) -> Exported:  # noqa: ARG001 - counts are whole numbers
    model = module.model()
    save_ngrams(model, folder / FILE)
    return Exported((FILE,), {"ngrams": FILE})


MARKOV = ModelFamily(
    name="markov",
    consumes="notes",
    config=MarkovConfig,
    tiny=MarkovConfig(least_count=2),
    make=MarkovModule,
    export=_export,
    procedure="n-gram",
    tasks=("compose", "continue"),
    controls=("key", "temperature", "top_p", "time_signature"),
    feeds="pieces",
)
