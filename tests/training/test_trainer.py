import pytest
import torch
from fixtures.trainings import tiny_recipe, tiny_trainer

from componium.models import FAMILIES


@pytest.mark.parametrize(("precision", "expected"), [("32-true", torch.float32), ("bf16-mixed", torch.bfloat16)])
def test_a_training_computes_in_the_precision_asked_for(dataset, tmp_path, precision, expected):
    recipe = tiny_recipe(FAMILIES["recurrent"], steps=2)
    recipe = recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": precision})})
    trainer = tiny_trainer(recipe, dataset, tmp_path / "run", FAMILIES)
    seen = set()

    def look(module, _, output):
        if module.training:
            seen.add(output.dtype)

    for module in trainer.module.modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(look)
    trainer.train()
    assert seen == {expected}
