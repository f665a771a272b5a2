"""The family ``recurrent``: a network that writes a piece note by note and carries a state of one size.

The network is :mod:`componium.models.networks.note_network`. Two backbones (:mod:`componium.models.networks.layers`):
``mingru``, the gated linear recurrence, and ``lstm``, stacked and residual.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import nn

from componium.artifacts import Artifact
from componium.errors import TrainingError
from componium.models.family import NetworkInputs
from componium.models.networks.backbone import Backbone
from componium.models.networks.layers import FeedForward, GatedLinearRecurrence, LstmLayer
from componium.models.networks.note_module import NoteModule, note_family
from componium.models.networks.note_network import NoteNetworkConfig

_MIXERS = {"mingru": GatedLinearRecurrence, "lstm": LstmLayer}


class RecurrentConfig(NoteNetworkConfig):
    """Settings of the family in a recipe."""

    backbone: Literal["mingru", "lstm"] = "mingru"
    feed_forward: int = Field(
        default=3, ge=0, le=8, description="inner width as a multiple of width; 0: no feed-forward"
    )


class RecurrentModule(NoteModule):
    """The training module; see :class:`NoteModule`."""

    def __init__(self, config: RecurrentConfig, inputs: NetworkInputs) -> None:
        super().__init__(RECURRENT.name, config, inputs, _backbone(config))
        self.config = config

    def begin_with(self, artifact: Artifact, style: str | None = None) -> None:
        """See :class:`TrainingModule`."""
        if self.config.backbone == "lstm":
            # Its graphs hold the gates in another order.
            raise TrainingError("trainings with the backbone lstm begin anew")
        super().begin_with(artifact, style)


def _backbone(config: RecurrentConfig) -> Backbone:
    width, n_feeds = config.width, config.depth if config.feed_forward else 0
    return Backbone(
        [_MIXERS[config.backbone](width) for _ in range(config.depth)],
        [FeedForward(width, config.feed_forward * width) for _ in range(n_feeds)],
        nn.LayerNorm,
        width=width,
        dropout=config.dropout,
    )


RECURRENT = note_family(
    "recurrent",
    RecurrentConfig,
    tiny=RecurrentConfig(width=16, depth=2, feed_forward=1, head_width=16),
    make=RecurrentModule,
)
