"""The family ``style-vae``: a recurrent variational autoencoder over segments of four bars, whose style is given apart.

After Lim, Chan and Loo, *Style-Conditioned Music Generation* (ICME 2020) and their code: notes as pitch, time since the
one before and duration (:mod:`componium.features.segments`); a bidirectional encoder and a decoder of HyperLSTM cells
(Ha et al., arXiv 1609.09106); a latent vector of the content, and an embedding for each style. A segment is restyled by
decoding its latent vector with another style.

``recipes/style-vae-published.toml`` is the published one: three independent heads, the latent vector in the decoder's
first state alone, a style that the encoder infers while it learns (Gumbel softmax) and that is given when it writes,
the KL divergence divided by the numbers of the latent vector, and mu-forcing, which keeps the variance of the means
over a batch above 1.3. Deviations:

* Half the width; styles are any labels of the pieces, and those without one have no loss of style.
* The cells have no layer normalization. AdamW with a warmup and a cosine to zero, where the code has Adam that decays.
* Transposed notes that leave the piano are left out, where the code wraps them round its other end.
* Notes of all parts are one stream, as there; what is composed is written for the first part that plays.

``recipes/style-vae.toml`` is another one. The published decoder may write a style and forget the piece, whatever the KL
divergence is; so here

* the decoder reads latent vector, style and the place in the segment at every step, and not all of the notes before;
* time and duration are each predicted from what was chosen before (``chained``), and the style is given in training;
* a head says from the latent vector alone which pitch classes sound in each quarter, as the bag-of-words loss of Zhao
  et al. (arXiv 1703.10960) does, so that content has to pass through it;
* the KL divergence, in nats a note, has no weight for the first fifth, and then a rising one; ``free_bits`` (Kingma et
  al., arXiv 1606.04934) and an ``adversary`` that takes the style out of the latent vector are options.

The figure is ``content_lost``: 1 less what the pitch classes that are expected from a segment's own latent vector have
in common with its own, quarter by quarter (cosine), beyond those expected from another segment's; 1 is a decoder that
ignores it. The notes before are told. ``own_similarity`` and ``other_similarity`` are the same of the likeliest notes
that it writes alone, as many as the segment has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from componium.artifacts import JudgedFigure
from componium.errors import TrainingError
from componium.features.segments import NOTE_DURATION, NOTE_PITCH, NOTE_TIME
from componium.models.exporting.graphs.segment_graphs import export_segments
from componium.models.family import Backward, Batch, Exported, ModelFamily, NetworkInputs, Tally, TrainingModule
from componium.models.networks.optimization import Optimization, OptimizationConfig
from componium.models.networks.segments.cells import CellKind
from componium.models.networks.segments.networks import (
    BeatContent,
    Encoded,
    Logits,
    SegmentDecoder,
    SegmentEncoder,
    SegmentShape,
    StyleAdversary,
)
from componium.models.networks.segments.tensors import (
    BEATS,
    Segments,
    chroma_of,
    expected_classes,
    segments_of,
    similarity,
    sounding,
)

# Segments of each validation piece.
_JUDGED = 4


class StyleVaeConfig(OptimizationConfig):
    """Settings of the family in a recipe."""

    learning_rate: float = Field(default=1e-3, gt=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0, le=10)
    styles: int | None = Field(default=None, ge=1, le=1000, description="if omitted, as many as there are labels")
    cell: CellKind = "lstm"
    width: int = Field(default=256, ge=1, le=4096, description="of each direction of the encoder, and of the decoder")
    hyper_width: int = Field(default=128, ge=1, le=4096)
    hyper_embedding: int = Field(default=16, ge=1, le=1024)
    note_width: int = Field(default=64, ge=2, le=1024)
    n_latent: int = Field(default=120, ge=1, le=4096)
    n_style: int = Field(default=80, ge=1, le=4096)
    longest: int = Field(default=160, ge=8, le=1024, description="notes of a segment that are read")
    everywhere: bool = Field(default=True, description="latent vector and style are read at every step")
    chained: bool = Field(default=True, description="time and duration are predicted from what was chosen before")
    tells_place: bool = True
    style: Literal["given", "inferred"] = Field(default="given", description="in training")
    gumbel_temperature: float = Field(default=0.02, gt=0, le=10)
    pitch_weight: float = Field(default=1.0, ge=0, le=100)
    kl: float = Field(default=0.1, ge=0, le=100, description="weight of the KL divergence")
    kl_per: Literal["note", "latent"] = Field(default="note", description="what the KL divergence is divided by")
    kl_from: float = Field(default=0.2, ge=0, lt=1, description="share of the training without the KL divergence")
    kl_rise: float = Field(default=0.2, ge=0, le=1, description="share over which it rises then")
    free_bits: float = Field(default=0.0, ge=0, le=100, description="nats of each number that are free")
    mu_forcing: float = Field(default=0.0, ge=0, le=100, description="least variance of means over a batch")
    input_dropout: float = Field(default=0.4, ge=0, lt=1, description="share of notes that the next step is not told")
    content: float = Field(default=1.0, ge=0, le=100, description="weight of the pitch classes of each quarter")
    adversary: float = Field(default=0.0, ge=0, le=100)


class StyleVaeModule(TrainingModule):
    """Learns from the first segment of each excerpt."""

    monitor = "content_lost"
    curves = ("reconstruction_nats", "kl_nats", "mean_variance", "own_similarity", "other_similarity")

    def __init__(self, config: StyleVaeConfig, inputs: NetworkInputs) -> None:
        super().__init__()
        self.config, self.codec = config, inputs.representation.codec
        if self.codec.config.unit != "quarter":
            raise TrainingError("style-vae reads bars and quarters: representation.unit must be 'quarter'")
        styles = max(1, config.styles or len(inputs.label_names))
        shape = SegmentShape(
            styles, config.cell, config.width, config.hyper_width, config.hyper_embedding, config.note_width,
            config.n_latent, config.n_style, config.everywhere, config.chained, config.tells_place,
        )  # fmt: skip
        self.network = nn.ModuleDict(
            {
                "encoder": SegmentEncoder(shape),
                "decoder": SegmentDecoder(shape),
                "content": BeatContent(config.n_latent, config.width),
                "adversary": StyleAdversary(config.n_latent, config.width, styles),
            }
        )
        self.styles = styles
        self.optimization = Optimization(self.network, config)

    @property
    def encoder(self) -> SegmentEncoder:
        """Reads segments."""
        found = self.network["encoder"]
        assert isinstance(found, SegmentEncoder)  # noqa: S101 - a dictionary of modules forgets their types
        return found

    @property
    def decoder(self) -> SegmentDecoder:
        """Writes segments."""
        found = self.network["decoder"]
        assert isinstance(found, SegmentDecoder)  # noqa: S101 - as above
        return found

    def training_step(self, batch: Batch, progress: float, backward: Backward) -> dict[str, float]:
        """See :class:`TrainingModule`."""
        segments = segments_of(batch, self.codec, self.config.longest, most=1)
        if segments is None:
            return {}
        encoded = self.encoder(segments)
        latent = encoded.mean + torch.randn_like(encoded.mean) * (encoded.log_variance / 2).exp()
        style = self.style_of(encoded, segments, drawn=True)
        kept = torch.rand(segments.notes.shape[:2], device=latent.device) >= self.config.input_dropout
        nats = self.nats(self.decoder(segments, latent, style, kept), segments)
        loss, figures = self._loss(encoded, latent, segments, nats, progress)
        return {**figures, "loss": loss.item(), **self.optimization.step(loss, progress, backward)}

    def _loss(
        self, encoded: Encoded, latent: Tensor, segments: Segments, nats: Logits, progress: float
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss, and figures to show."""
        config, is_target, exists = self.config, segments.is_target, segments.exists
        n_notes = segments.length.sum()
        divergence = kl_nats(encoded).mean(dim=0)
        kl = divergence.clamp(min=config.free_bits).sum()
        share = (progress - config.kl_from) / config.kl_rise if config.kl_rise else float(progress >= config.kl_from)
        per = config.n_latent if config.kl_per == "latent" else n_notes / len(segments.notes)
        loss = config.pitch_weight * nats.pitch.sum() / is_target.sum()
        loss = loss + (nats.time.sum() + nats.duration.sum()) / exists.sum()
        loss = loss + config.kl * min(1.0, max(0.0, share)) * kl / per
        variance = encoded.mean.var(dim=0, correction=0).mean()
        if config.mu_forcing:
            loss = loss + (config.mu_forcing - variance).clamp(min=0)
        labelled = segments.label > 0
        target = (segments.label - 1).clamp(min=0)
        if bool(labelled.any()):
            loss = loss + functional.cross_entropy(encoded.style[labelled], target[labelled])
            if config.adversary:
                told = self.network["adversary"](latent[labelled])
                loss = loss + config.adversary * functional.cross_entropy(told, target[labelled])
        if config.content:
            loss = loss + config.content * self._content_nats(latent, segments) / n_notes
        figures = {"kl_nats": divergence.sum().item(), "mean_variance": variance.item()}
        every = sum(own.sum() for own in nats)
        return loss, {"reconstruction_nats": (every / n_notes).item(), **figures}

    def _content_nats(self, latent: Tensor, segments: Segments) -> Tensor:
        """Nats of what sounds in the quarters of all segments."""
        sounds = (chroma_of(segments.notes, segments.exists) > 0).float()
        known = torch.arange(BEATS, device=latent.device) < segments.beats[:, None]
        told = functional.binary_cross_entropy_with_logits(self.network["content"](latent), sounds, reduction="none")
        return (told * known[..., None]).sum()

    def style_of(self, encoded: Encoded, segments: Segments, *, drawn: bool) -> Tensor:
        """Returns the weights of the styles (N, S) that the decoder is given."""
        if self.config.style == "inferred" and drawn:
            return functional.gumbel_softmax(encoded.style, tau=self.config.gumbel_temperature, dim=1)
        inferred = encoded.style.argmax(dim=1)
        found = (
            inferred
            if self.config.style == "inferred"
            else torch.where(segments.label > 0, segments.label - 1, inferred)
        )
        return functional.one_hot(found, self.styles).float()

    def nats(self, logits: Logits, segments: Segments) -> Logits:
        """Returns the nats of every note, and of the end those of its pitch; each of shape (N, T)."""
        notes, is_target, exists = segments.notes, segments.is_target, segments.exists
        columns = ((NOTE_PITCH, is_target), (NOTE_TIME, exists), (NOTE_DURATION, exists))
        found = (
            functional.cross_entropy(own.transpose(1, 2), notes[..., column], reduction="none") * there
            for own, (column, there) in zip(logits, columns, strict=True)
        )
        return Logits(*found)

    def validation_step(self, batch: Batch) -> Tally:
        """Nats a note, the KL divergence, and what is written from own and other latent vectors beside the segments."""
        segments = segments_of(batch, self.codec, self.config.longest, _JUDGED)
        if segments is None:
            return {}
        encoded = self.encoder(segments)
        style = self.style_of(encoded, segments, drawn=False)
        size, n_notes = float(len(segments.notes)), float(segments.length.sum())
        real = chroma_of(segments.notes, segments.exists)
        other = encoded.mean.roll(max(1, len(real) // 2), dims=0)
        tally: Tally = {}
        for name, latent in (("own", encoded.mean), ("other", other)):
            logits = self.decoder(segments, latent, style)
            told = sounding(segments.notes, segments.exists, expected_classes(logits.pitch))
            written = self.decoder.write(latent, style, segments)
            heard = chroma_of(written.notes, written.exists)
            nats = sum(float(own.sum()) for own in self.nats(logits, segments))
            tally["reconstruction_nats" if name == "own" else "other_nats"] = (nats, n_notes)
            tally[f"{name}_expected"] = (float(similarity(real, told).sum()), size)
            tally[f"{name}_similarity"] = (float(similarity(real, heard).sum()), size)
        return {
            **tally,
            "kl_nats": (float(kl_nats(encoded).sum()), size),
            "mean_variance": (float(encoded.mean.var(dim=0, correction=0).mean()) * size, size),
        }

    def settle(self, figures: dict[str, float]) -> dict[str, float]:
        """See :class:`TrainingModule`; without any segment to judge, nothing of the content is known to be kept."""
        kept = figures.get("own_expected", 0.0) - figures.get("other_expected", 0.0)
        return {self.monitor: 1 - kept, **figures}

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        return {"network": self.network.state_dict(), "optimizer": self.optimization.state_dict()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        self.network.load_state_dict(state["network"])
        self.optimization.load_state_dict(state["optimizer"])


def kl_nats(encoded: Encoded) -> Tensor:
    """Returns the KL divergence of each number of latent vectors (N, L) from a standard normal distribution."""
    return 0.5 * (encoded.mean.square() + encoded.log_variance.exp() - encoded.log_variance - 1)


def _export(module: StyleVaeModule, folder: Path, precision: str) -> Exported:  # noqa: ARG001 - always single
    return export_segments(module.encoder, module.decoder, module.config.longest, folder)


STYLE_VAE = ModelFamily(
    name="style-vae",
    consumes="notes",
    config=StyleVaeConfig,
    tiny=StyleVaeConfig(
        width=24,
        hyper_width=8,
        hyper_embedding=4,
        note_width=16,
        n_latent=16,
        n_style=4,
        longest=48,
        learning_rate=1e-2,
        kl_from=0.0,
    ),
    make=StyleVaeModule,
    export=_export,
    procedure="latent-sequence",
    tasks=("compose", "vary", "blend"),
    controls=("temperature", "time_signature"),
    labelled_tasks=("restyle",),
    labelled_controls=("style",),
    judged_by=JudgedFigure(name="content_lost", unit="cosine of pitch classes a beat"),
)
