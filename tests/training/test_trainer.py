import pytest
import torch
from fixtures.trainings import tiny_recipe, tiny_trainer

from componium.models import FAMILIES
from componium.training import trainer as trainer_module


@pytest.mark.parametrize(("precision", "expected"), [("32-true", torch.float32), ("bf16-mixed", torch.bfloat16)])
def test_a_training_computes_in_the_precision_asked_for(dataset, tmp_path, monkeypatch, precision, expected):
    monkeypatch.setattr(trainer_module, "computes_bf16", lambda: True)
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


@pytest.mark.parametrize(("has_bf16", "expected"), [(True, "bf16-mixed"), (False, "32-true")])
def test_what_the_processor_would_have_to_emulate_is_not_asked_of_it(
    dataset, tmp_path, monkeypatch, has_bf16, expected
):
    monkeypatch.setattr(trainer_module, "computes_bf16", lambda: has_bf16)
    recipe = tiny_recipe(FAMILIES["recurrent"], precision="fp32")
    recipe = recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": "bf16-mixed"})})
    assert tiny_trainer(recipe, dataset, tmp_path / "run", FAMILIES).precision == expected
