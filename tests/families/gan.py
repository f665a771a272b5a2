"""A tiny generative adversarial network over notes with real-valued attributes, to try what no other family tries.

After C-RNN-GAN (Mogren, *C-RNN-GAN: Continuous recurrent neural networks with adversarial training*, arXiv
1611.09904): a recurrent generator turns one latent vector a note into real-valued attributes, a bidirectional
discriminator judges the whole excerpt, the generator learns by matching its features, and a discriminator far ahead
waits. Deviations: one layer of GRU where there were two or more of LSTM; all noise is given at once and no output is
fed back, so that one graph draws the whole excerpt; the part is a fifth real number; the discriminator has dropout;
no pretraining and no curriculum over lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from families.graph import write_graph
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from torch.nn import functional

from componium.artifacts import Artifact
from componium.composing.procedures import DrawnNote, PieceEnd, Procedure, Queue
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.onnx_sessions import open_session
from componium.representations.columns import SHIFT
from componium.representations.note_codec import NoteCodec

N_NOTES = 16
N_LATENT = 4
N_ATTRIBUTES = 5
# A discriminator whose loss is below this share of the generator's is not trained (Mogren's "freezing").
FREEZE = 0.7


class GanConfig(BaseModel):
    """Settings of the family in a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = 24
    learning_rate: float = 5e-3


class Generator(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.rnn = nn.GRU(N_LATENT, width, batch_first=True)
        self.out = nn.Linear(width, N_ATTRIBUTES)

    def forward(self, latent: Tensor) -> Tensor:
        """Maps (B, N_NOTES, N_LATENT) to attributes in 0 to 1, shape (B, N_NOTES, 5)."""
        return torch.sigmoid(self.out(self.rnn(latent)[0]))


class Discriminator(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.rnn = nn.GRU(N_ATTRIBUTES, width, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(2 * width, 1)

    def forward(self, notes: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, N_NOTES, 5) to logits (B, N_NOTES) and features (B, 2 * width)."""
        hidden = self.dropout(self.rnn(notes)[0])
        return self.out(hidden).squeeze(-1), hidden.mean(dim=1)


class GanModule(TrainingModule):
    """Two networks, two optimizers."""

    monitor = "moment_distance"

    def __init__(self, config: GanConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        features = inputs.features
        codec = features.codec
        self.register_buffer("highest", torch.tensor(highest(codec), dtype=torch.float32), persistent=False)
        self.generator, self.discriminator = Generator(config.width), Discriminator(config.width)
        # Slower than the generator, or it wins before there is anything to learn.
        self.optimizer_d = torch.optim.Adam(self.discriminator.parameters(), lr=config.learning_rate / 5)
        self.optimizer_g = torch.optim.Adam(self.generator.parameters(), lr=config.learning_rate)

    def _real(self, batch: Batch) -> Tensor:
        """The first notes of each excerpt, shape (B, N_NOTES, 5)."""
        notes = batch["targets"][:, :N_NOTES] * batch["is_note"][:, :N_NOTES, None] / self.highest
        return functional.pad(notes, (0, 0, 0, N_NOTES - notes.shape[1])).clamp(0, 1)

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        real = self._real(batch)
        fake = self.generator(torch.randn(len(real), N_NOTES, N_LATENT, device=real.device))
        on_real, on_fake = self.discriminator(real)[0], self.discriminator(fake.detach())[0]
        loss_d = functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean()
        loss_g = functional.softplus(-on_fake.detach()).mean()
        if loss_d >= FREEZE * loss_g:
            self.optimizer_d.zero_grad()
            backward(loss_d)
            self.optimizer_d.step()
        with torch.no_grad():
            features = self.discriminator(real)[1].mean(dim=0)
        matching = (self.discriminator(fake)[1].mean(dim=0) - features).square().sum()
        self.optimizer_g.zero_grad()
        backward(matching)
        self.optimizer_g.step()
        return {"discriminator": loss_d.item(), "matching": matching.item()}

    def validation_step(self, batch: Batch) -> Tally:
        """Distance of the means and deviations of each attribute, real against drawn; there is no likelihood."""
        real = self._real(batch)
        latent = torch.randn(64, N_NOTES, N_LATENT, generator=torch.Generator().manual_seed(0)).to(real.device)
        real, fake = real.flatten(0, 1), self.generator(latent).flatten(0, 1)
        distance = (real.mean(0) - fake.mean(0)).abs().sum() + (real.std(0) - fake.std(0)).abs().sum()
        return {"moment_distance": (float(distance) * len(real), float(len(real)))}

    def training_state(self) -> dict[str, Any]:
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        return {
            "generator": self.generator, "discriminator": self.discriminator,
            "optimizer_g": self.optimizer_g, "optimizer_d": self.optimizer_d,
        }  # fmt: skip


def highest(codec: NoteCodec) -> np.ndarray:
    """The highest value of each attribute; the shift that ends a piece is none."""
    return np.array(codec.sizes) - 1 - (np.arange(N_ATTRIBUTES) == SHIFT)


def _export(module: GanModule, folder: Path, precision: str) -> Exported:
    # Always single precision, and said so: the graph is a few kilobytes.
    latent = torch.zeros(2, N_NOTES, N_LATENT)
    write_graph(module.generator, (latent,), ["latent"], "notes", folder / "generator.onnx")
    return Exported(("generator.onnx",), {"generator": "generator.onnx", "precision": "fp32"})


def compose_latent(artifact: Artifact, queue: Queue) -> Iterator[DrawnNote | PieceEnd]:
    """Draws one excerpt after the other until the bars are full; yields nothing before an excerpt is whole."""
    codec = artifact.codec
    session = open_session(artifact.file("generator"))
    for queued in queue:
        plan = queued.conditions.plan
        bar = int(codec.bar_grid(plan.meter).start_of(1))
        random, onset, seen = queued.random(), 0, set[tuple[int, int, int]]()
        while onset < plan.end_step:
            latent = random.standard_normal((1, N_NOTES, N_LATENT), np.float32)
            (notes,) = session.run(None, {"latent": latent})
            rows = np.rint(notes[0] * highest(codec)).astype(np.int64)
            for shift, part, pitch, entry, velocity in rows.tolist():
                # Gaps shorter than a bar leave no bar empty, so that the piece has the bars asked for.
                onset += min(shift, bar - 1)
                if onset < plan.end_step and (onset, part, pitch) not in seen:
                    seen.add((onset, part, pitch))
                    duration = min(max(int(codec.durations[entry]), 1), plan.end_step - onset)
                    loud = int(codec.velocities(np.array(velocity)))
                    yield DrawnNote(queued.number, part, onset, duration, pitch, loud)
            # An excerpt that is one chord must not keep the piece from ending.
            onset += 1
        yield PieceEnd(queued.number)


LATENT = Procedure("latent", compose_latent)
GAN = ModelFamily(
    name="gan",
    consumes="notes",
    config=GanConfig,
    tiny=GanConfig(),
    make=GanModule,
    export=_export,
    procedure=LATENT.name,
    tasks=("compose",),
    controls=(),
)
