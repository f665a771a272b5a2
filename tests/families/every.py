"""All families and procedures: those of the registries, and the test-only ones."""

from __future__ import annotations

import dataclasses

from families.gan import GAN, LATENT
from families.masked import GIBBS, MASKED

from componium.composing.procedures import PROCEDURES
from componium.models import FAMILIES

EVERY_FAMILY = {**FAMILIES, GAN.name: GAN, MASKED.name: MASKED}
# A family's other settings, where they are other code to export and to resume.
LSTM = FAMILIES["recurrent"].tiny.model_copy(update={"backbone": "lstm"})
VARIANTS = {**EVERY_FAMILY, "recurrent-lstm": dataclasses.replace(FAMILIES["recurrent"], tiny=LSTM)}
# Trained on a mixture of sources, with conditions; the first reads them.
GUIDED = {"recurrent-guided": FAMILIES["recurrent"]}
CONDITIONED = {f"{name}-guided": family for name, family in EVERY_FAMILY.items()}
EVERY_PROCEDURE = {**PROCEDURES, LATENT.name: LATENT, GIBBS.name: GIBBS}
