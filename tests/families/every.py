"""All families and procedures: those of the registries, and the test-only ones."""

from __future__ import annotations

import dataclasses

from families.gan import GAN, LATENT

from componium.composing.procedures import PROCEDURES
from componium.models import FAMILIES

EVERY_FAMILY = {**FAMILIES, GAN.name: GAN}
# A family's other settings, where they are other code to export and to resume.
# One layer: two of them, one upon the other, are the plain one's and those of test_layers.py.
SHALLOW = FAMILIES["recurrent"].tiny.model_copy(update={"depth": 1})
LSTM = SHALLOW.model_copy(update={"backbone": "lstm"})
VARIANTS = {
    **EVERY_FAMILY,
    "recurrent-lstm": dataclasses.replace(FAMILIES["recurrent"], tiny=LSTM),
    "brnn-convolution": dataclasses.replace(
        FAMILIES["brnn"], tiny=FAMILIES["brnn"].tiny.model_copy(update={"backbone": "convolution"})
    ),
}
# Trained on a mixture of sources, with conditions; the first reads them.
GUIDED = {"recurrent-guided": dataclasses.replace(FAMILIES["recurrent"], tiny=SHALLOW)}
CONDITIONED = {f"{name}-guided": family for name, family in EVERY_FAMILY.items()}
EVERY_PROCEDURE = {**PROCEDURES, LATENT.name: LATENT}
