import dataclasses

import pytest

from componium.models.c_rnn_gan import C_RNN_GAN
from componium.models.recurrent import RECURRENT


@pytest.mark.parametrize(
    ("offered", "tasks", "controls"),
    [
        ((), ("compose",), ("key",)),
        (("style",), ("compose", "infill"), ("key", "style")),
        (("chords", "parts", "style"), ("compose", "infill"), ("key", "style", "chords")),
    ],
)
def test_a_family_can_what_the_conditions_of_its_dataset_allow(offered, tasks, controls):
    family = dataclasses.replace(
        RECURRENT,
        tasks=("compose",),
        controls=("key",),
        conditioned_tasks=("infill",),
        conditioned_controls=("style", "chords"),
    )
    assert family.abilities(frozenset(offered)) == (tasks, controls)


def test_a_family_that_declares_nothing_of_conditions_gains_nothing_by_them():
    assert C_RNN_GAN.abilities({"style", "chords", "parts"}) == (C_RNN_GAN.tasks, C_RNN_GAN.controls)
