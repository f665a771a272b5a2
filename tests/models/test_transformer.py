"""The settings of the transformer; that it works is shown by tests/contracts and networks/test_attention.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from componium.artifacts.artifact import MAX_NUMBER
from componium.errors import RecipeError
from componium.models import FAMILIES
from componium.models.networks.attention import WindowAttention
from componium.training.recipes import read_recipe, recipe_of

RECIPES = Path(__file__).parent.parent.parent / "recipes"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"heads": 6}, "model.heads: Value error, the width, 256, is no multiple of twice the heads"),
        ({"width": 100}, "model.heads: Value error, the width, 100, is no multiple of twice the heads"),
        ({"kv_heads": 3}, "model.kv_heads: Value error, the heads, 8, are no multiple of the kv_heads"),
        ({"width": 192, "heads": 3}, "model.kv_heads: Value error, the heads, 3, are no multiple of the kv_heads"),
    ],
)
def test_heads_that_do_not_divide_are_refused(model, message):
    with pytest.raises(RecipeError, match=message):
        recipe_of({"name": "mine", "family": "transformer", "model": model}, "mine.toml", FAMILIES)


def test_a_stream_of_the_largest_recipe_is_what_an_artifact_may_carry():
    config = read_recipe(RECIPES / "transformer-large.toml", FAMILIES).settings(FAMILIES)
    mixer = WindowAttention(config.width, config.heads, config.kv_heads, config.window)
    assert MAX_NUMBER / 2 < config.depth * sum(mixer.state_sizes) <= MAX_NUMBER
