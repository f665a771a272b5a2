"""All families, in the variants that are other code to export and to resume."""

from __future__ import annotations

import dataclasses

from componium.models import FAMILIES

# A family's other settings, where they are other code to export and to resume.
# One layer: two of them, one upon the other, are the plain one's and those of test_layers.py.
SHALLOW = FAMILIES["recurrent"].tiny.model_copy(update={"depth": 1})
LSTM = SHALLOW.model_copy(update={"backbone": "lstm"})
PUBLISHED = FAMILIES["c-rnn-gan"].tiny.model_copy(
    update={
        "scale": "raw", "landing": "none", "generator": "feedback", "critic": "recurrent", "optimizer": "sgd",
        "objective": "feature-matching", "pretraining": 0.3, "growth": 0.6, "waits": True, "gradient_penalty": 0.0,
    }
)  # fmt: skip
PUBLISHED_VAE = FAMILIES["style-vae"].tiny.model_copy(
    update={
        "cell": "hyper", "everywhere": False, "chained": False, "tells_place": False, "style": "inferred",
        "content": 0.0, "kl_per": "latent", "mu_forcing": 1.3, "input_dropout": 0.0,
    }
)  # fmt: skip
VARIANTS = {
    **FAMILIES,
    "recurrent-lstm": dataclasses.replace(FAMILIES["recurrent"], tiny=LSTM),
    "c-rnn-gan-paper": dataclasses.replace(FAMILIES["c-rnn-gan"], tiny=PUBLISHED),
    "style-vae-published": dataclasses.replace(FAMILIES["style-vae"], tiny=PUBLISHED_VAE),
    "brnn-convolution": dataclasses.replace(
        FAMILIES["brnn"], tiny=FAMILIES["brnn"].tiny.model_copy(update={"backbone": "convolution"})
    ),
}
# Trained on a mixture of sources, with conditions; the first reads them.
GUIDED = {"recurrent-guided": dataclasses.replace(FAMILIES["recurrent"], tiny=SHALLOW)}
CONDITIONED = {f"{name}-guided": family for name, family in FAMILIES.items()}
