"""A recurrent network that writes a piece note by note.

One step a note: the input is the sum of the embeddings of a note's attributes and of its place; a stack of recurrent
blocks (:mod:`componium.models.layers`) turns it into a state; from this a head predicts the onset shift of the next
note, and then, knowing the place that it lands on, part, pitch, duration and velocity, each from those before it.
Two backbones: ``mingru``, the gated linear recurrence, and ``lstm``, stacked and residual.

Beside the state stands the lookback (:mod:`componium.representations.lookback`): what followed when the last notes
were heard before in the piece. It is an input, and each prediction may favor copying it, as the pointer sentinel of
Merity et al. (arXiv 1609.07843) does; here by one learned number added to the logit of the value pointed at.

After the attribute-wise factorization of DeepJ (Mao et al., arXiv 1801.00887) and the compound words of Hsiao et al.
(arXiv 2101.02402). Deviation from both: the attributes of one note are predicted one after the other, not
independently, with a small network for each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from componium.models.family import Backward, Batch, Exported, ModelFamily, Tally, TrainingModule
from componium.models.layers import Backbone, EmbeddingSum, FeedForward, LockedDropout
from componium.models.onnx_graphs import export_note_by_note
from componium.representations.lookback import N_STREAKS, STREAK
from componium.representations.notes import (
    ATTRIBUTES,
    DURATION,
    N_BAR_LENGTHS,
    N_POSITIONS,
    N_REMAINING,
    SHIFT,
    NotesRepresentation,
    Sizes,
)

N_ATTRIBUTES = len(ATTRIBUTES)
PLACE_SIZES = (N_POSITIONS, N_BAR_LENGTHS, N_REMAINING)


class RecurrentConfig(BaseModel):
    """Settings of the family in a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: Literal["mingru", "lstm"] = "mingru"
    width: int = Field(default=256, ge=8, le=4096)
    depth: int = Field(default=4, ge=1, le=64)
    feed_forward: int = Field(
        default=3, ge=0, le=8, description="inner width as a multiple of width; 0: no feed-forward"
    )
    head_width: int = Field(default=256, ge=8, le=4096)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    learning_rate: float = Field(default=2e-3, gt=0, le=1)
    weight_decay: float = Field(default=0.05, ge=0, le=10)
    warmup: float = Field(default=0.02, ge=0, lt=1, description="share of the steps over which the learning rate rises")


class AttributeHead(nn.Module):
    """Logits of one attribute from what is known so far; one value can be favored as the one to copy."""

    def __init__(self, width: int, inner: int, n_values: int) -> None:
        super().__init__()
        self.n_values = n_values
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, inner)
        # One more output than values: by how much the copied value is favored.
        self.out = nn.Linear(inner, n_values + 1)

    def forward(self, x: Tensor, copied: Tensor, is_somewhere: Tensor) -> Tensor:
        """Maps (..., H), the value to copy (..., 1) and whether there is one (..., 1) to logits (..., N)."""
        outputs = self.out(functional.silu(self.up(self.norm(x)))).float()
        logits, favor = outputs.split((self.n_values, 1), dim=-1)
        return logits.scatter_add(-1, copied, favor * is_somewhere)


class RecurrentNetwork(nn.Module):
    """The network; see the module."""

    def __init__(self, config: RecurrentConfig, sizes: Sizes) -> None:
        super().__init__()
        width = config.width
        self.width = width
        self.sizes = sizes
        # Two more shifts: the start of a piece and that of an excerpt, which are no notes.
        row = (sizes.shift + 2, *sizes[1:])
        self.input = EmbeddingSum(width, (*row, *PLACE_SIZES, *sizes, N_STREAKS))
        self.backbone = Backbone(config.backbone, width, config.depth, config.feed_forward, config.dropout)
        # A value known and whether it is the one recalled, which makes the rest of the row worth copying, or not.
        self.known = nn.ModuleList(EmbeddingSum(width, (n, 2)) for n in sizes[:-1])
        self.landing = EmbeddingSum(width, (*PLACE_SIZES, *sizes, N_STREAKS))
        self.landing_norm = nn.LayerNorm(width)
        self.landing_feed = FeedForward(width, 2 * width)
        self.heads = nn.ModuleList(AttributeHead(width, config.head_width, n) for n in sizes)
        self.dropout = LockedDropout(config.dropout)

    @property
    def state_size(self) -> int:
        """Numbers that are carried from note to note."""
        return self.backbone.state_size

    def advance(self, rows: Tensor, places: Tensor, recalled: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Reads notes: rows (T, B, 5), places (T, B, 3), recalled (T, B, 6), state (B, S) -> hidden, state after."""
        x = self.input(torch.cat((rows, places, recalled), dim=-1))
        return self.backbone(self.dropout(x), state)

    def step(self, row: Tensor, place: Tensor, recalled: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`advance` of one note: row (B, 5), place (B, 3), recalled (B, 6) -> hidden (B, H), state after."""
        return self.backbone.step(self.input(torch.cat((row, place, recalled), dim=-1)), state)

    def shift_logits(self, hidden: Tensor, recalled: Tensor) -> Tensor:
        """Maps hidden (..., H) and recalled (..., 6) to logits of the next onset shift."""
        return self.attribute_logits(hidden, SHIFT, recalled)

    def land(self, hidden: Tensor, shift: Tensor, places: Tensor, recalled: Tensor) -> Tensor:
        """Adds to hidden (..., H) the shift (..., 1), the place (..., 3) landed on, and what is recalled (..., 6)."""
        x = hidden + self.landing(torch.cat((places, recalled), dim=-1))
        x = self.tell(x, SHIFT, shift, recalled)
        return x + self.landing_feed(self.landing_norm(x))

    def attribute_logits(self, known: Tensor, attribute: int, recalled: Tensor) -> Tensor:
        """Logits of an attribute, all before it being added to ``known`` (..., H) by :meth:`tell`."""
        return self.heads[attribute](known, recalled[..., attribute : attribute + 1], recalled[..., STREAK:] > 0)

    def tell(self, known: Tensor, attribute: int, value: Tensor, recalled: Tensor) -> Tensor:
        """Adds the value (..., 1) of an attribute to what is known, and whether it is the one recalled."""
        agrees = (value == recalled[..., attribute : attribute + 1]) & (recalled[..., STREAK:] > 0)
        return known + self.known[attribute](torch.cat((value, agrees.long()), dim=-1))

    def log_probs(self, piece: Mapping[str, Tensor], state: Tensor) -> tuple[Tensor, Tensor]:
        """Scores notes.

        Args:
            piece: time-major, T steps: ``rows`` (T, B, 5), the event before each; ``places`` (T, B, 3), theirs;
                ``targets`` (T, B, 5), the events, of whose end only the shift counts; ``landing`` (T, B, 3), theirs;
                ``recalled`` (T, B, 6), what the lookback points at before each target.
            state: shape (B, S).

        Returns:
            Natural log-probability of each attribute, shape (T, B, 5), and the state after.
        """
        distributions, state = self.distributions(piece, state)
        values = piece["targets"].split(1, dim=-1)
        scores = [own.gather(-1, value) for own, value in zip(distributions, values, strict=True)]
        return torch.cat(scores, dim=-1), state

    def distributions(self, piece: Mapping[str, Tensor], state: Tensor) -> tuple[list[Tensor], Tensor]:
        """Log-probabilities of all values of each attribute, shapes (T, B, N), given the targets before it.

        Args and state as of :meth:`log_probs`.
        """
        targets, recalled = piece["targets"], piece["recalled"]
        hidden, state = self.advance(piece["rows"], piece["places"], recalled, state)
        values = targets.split(1, dim=-1)
        logits = [self.shift_logits(hidden, recalled)]
        known = self.land(hidden, values[SHIFT], piece["landing"], recalled)
        for attribute in range(1, N_ATTRIBUTES):
            logits.append(self.attribute_logits(known, attribute, recalled))
            if attribute < N_ATTRIBUTES - 1:
                known = self.tell(known, attribute, values[attribute], recalled)
        return [torch.log_softmax(own.float(), dim=-1) for own in logits], state


class RecurrentModule(TrainingModule):
    """Maximum likelihood with AdamW, linear warmup and a cosine to zero."""

    monitor = "bits_per_note"

    def __init__(self, config: RecurrentConfig, representation: NotesRepresentation) -> None:
        super().__init__()
        self.config = config
        self.representation = representation
        self.network = RecurrentNetwork(config, representation.sizes)
        matrices = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        groups: list[dict[str, Any]] = [
            {"params": matrices, "weight_decay": config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98), fused=True)

    def _nats(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Negative log-probabilities (T, B, 5), zero where not charged, and the number of notes, rests not counted."""
        timed = {name: tensor.transpose(0, 1) for name, tensor in batch.items()}
        targets, is_note, is_event = timed["targets"], timed["is_note"], timed["is_event"]
        places = timed["places"]
        piece = {**timed, "places": places[:-1], "landing": places[1:]}
        state = torch.zeros(targets.shape[1], self.network.state_size, device=targets.device)
        scores, _ = self.network.log_probs(piece, state)
        charged = torch.stack((is_event, *[is_note] * (N_ATTRIBUTES - 1)), dim=-1)
        n_notes = (is_note & (targets[..., DURATION] > 0)).sum()
        return -scores * charged, n_notes

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """See :class:`TrainingModule`."""
        rate = self.config.learning_rate * _schedule(progress, self.config.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        nats, n_notes = self._nats(batch)
        loss = nats.sum() / n_notes
        self.optimizer.zero_grad(set_to_none=True)
        backward(loss)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        return {"bits_per_note": loss.item() / math.log(2), "gradient_norm": norm.item(), "learning_rate": rate}

    def validation_step(self, batch: Batch) -> Tally:
        """Bits per note, whole and by attribute."""
        nats, n_notes = self._nats(batch)
        bits = nats.double().sum(dim=(0, 1)) / math.log(2)
        notes = float(n_notes)
        tally: Tally = {"bits_per_note": (float(bits.sum()), notes)}
        return tally | {f"{name}_bits": (float(bits[i]), notes) for i, name in enumerate(ATTRIBUTES)}

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])


def _schedule(progress: float, warmup: float) -> float:
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1.0 + math.cos(math.pi * (progress - warmup) / (1.0 - warmup)))


def _export(module: RecurrentModule, folder: Path, precision: str) -> Exported:
    return export_note_by_note(module.network, folder, precision)


RECURRENT = ModelFamily(
    name="recurrent",
    consumes="notes",
    config=RecurrentConfig,
    tiny=RecurrentConfig(width=16, depth=2, feed_forward=1, head_width=16),
    make=RecurrentModule,
    export=_export,
    procedure="note-by-note",
    tasks=("compose", "continue"),
    controls=("key", "temperature", "top_p", "time_signature"),
)
