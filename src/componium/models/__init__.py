"""The networks (torch), one file a family, and the registry of families."""

from __future__ import annotations

from componium.models.brnn import BRNN
from componium.models.c_rnn_gan import C_RNN_GAN
from componium.models.dcgan import DCGAN
from componium.models.family import ModelFamily
from componium.models.markov import MARKOV
from componium.models.note_chord import NOTE_CHORD
from componium.models.pitch_duration import PITCH_DURATION
from componium.models.recurrent import RECURRENT
from componium.models.style_vae import STYLE_VAE
from componium.models.transformer import TRANSFORMER

FAMILIES: dict[str, ModelFamily] = {
    family.name: family
    for family in (RECURRENT, TRANSFORMER, MARKOV, PITCH_DURATION, NOTE_CHORD, BRNN, C_RNN_GAN, DCGAN, STYLE_VAE)
}
