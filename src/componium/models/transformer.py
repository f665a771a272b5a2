"""The family ``transformer``: a decoder that writes a piece note by note and attends to its last notes.

Vaswani et al., *Attention Is All You Need* (arXiv 1706.03762), for music after Huang et al., *Music Transformer* (arXiv
1809.04281), with what decoders have had since: pre-norm blocks with the RMS norm of Zhang and Sennrich (arXiv
1910.07467), rotary positions of Su et al. (arXiv 2104.09864), the SwiGLU feed-forward of Shazeer (arXiv 2002.05202),
grouped queries of Ainslie et al. (arXiv 2305.13245), no biases in the blocks.

Deviations:

* From all: a step is a whole note. Its attributes are embedded together and predicted one after the other, and the
  repeat pointer is an input and may be copied, as in the family ``recurrent``
  (:mod:`componium.models.networks.note_network`); these heads have layer norms and biases.
* From Music Transformer: its events are MIDI messages with times between them, its positions are learned for each
  distance.
* Attention reaches back over a window of notes; what came before it is heard through the layers below, and through the
  pointers (:mod:`componium.models.networks.attention`).
* Dropout on what each layer adds to the residual stream, and on the embeddings; one mask for all notes of an excerpt
  (``LockedDropout``), none on the weights of the attention.
"""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from componium.models.family import NetworkInputs
from componium.models.networks.attention import WindowAttention
from componium.models.networks.backbone import Backbone
from componium.models.networks.layers import GatedFeedForward, RmsNorm
from componium.models.networks.note_module import NoteModule, note_family
from componium.models.networks.note_network import NoteNetworkConfig


class TransformerConfig(NoteNetworkConfig):
    """Settings of the family in a recipe."""

    heads: int = Field(default=8, ge=1, le=128, validate_default=True, description="of queries")
    kv_heads: int = Field(default=2, ge=1, le=128, validate_default=True, description="of keys and values")
    window: int = Field(default=256, ge=2, le=8192, description="notes that each note hears, itself among them")
    feed_forward: int = Field(default=3, ge=1, le=8, description="inner width as a multiple of width")

    @field_validator("heads")
    @classmethod
    def _divide_the_width(cls, heads: int, info: ValidationInfo) -> int:
        width = info.data.get("width", 0)
        if width % (2 * heads):
            raise ValueError(f"the width, {width}, is no multiple of twice the heads")
        return heads

    @field_validator("kv_heads")
    @classmethod
    def _divide_the_heads(cls, kv_heads: int, info: ValidationInfo) -> int:
        heads = info.data.get("heads", 0)
        if heads % kv_heads:
            raise ValueError(f"the heads, {heads}, are no multiple of the kv_heads")
        return kv_heads


def _make(config: TransformerConfig, inputs: NetworkInputs) -> NoteModule:
    width, layers = config.width, range(config.depth)
    backbone = Backbone(
        [WindowAttention(width, config.heads, config.kv_heads, config.window) for _ in layers],
        [GatedFeedForward(width, config.feed_forward * width) for _ in layers],
        RmsNorm,
        width=width,
        dropout=config.dropout,
    )
    return NoteModule(TRANSFORMER.name, config, inputs, backbone)


TRANSFORMER = note_family(
    "transformer",
    TransformerConfig,
    # Its window is shorter than the stretches of the scoring graph, and than the pieces of the tests.
    tiny=TransformerConfig(width=16, depth=2, head_width=16, heads=4, kv_heads=2, window=24, feed_forward=1),
    make=_make,
)
