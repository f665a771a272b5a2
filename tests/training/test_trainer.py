import pytest
import torch
from fixtures.trainings import tiny_recipe, tiny_trainer

from componium.errors import TrainingError
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


def test_a_family_that_takes_every_piece_once_trains_on_one_device(dataset, tmp_path):
    trainer = tiny_trainer(tiny_recipe(FAMILIES["markov"], devices=2), dataset, tmp_path / "run", FAMILIES)
    with pytest.raises(TrainingError, match="one device"):
        trainer.train()


def test_a_training_takes_the_threads_that_its_recipe_says(dataset, tmp_path):
    before = torch.get_num_threads()
    trainer = tiny_trainer(tiny_recipe(FAMILIES["recurrent"], steps=1, threads=2), dataset, tmp_path, FAMILIES)
    try:
        trainer.train()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


# Dynamo's own, which it means to hide.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")
@pytest.mark.parametrize(("asked", "expected"), [(False, set()), (True, {True})])
def test_what_is_compiled_is_the_network_in_training(dataset, tmp_path, monkeypatch, asked, expected):
    """By a compiler that compiles nothing and keeps to where torch is told not to: whole pieces of many lengths."""
    trained = set()

    def compiler(graph, _):
        trained.add(torch.is_grad_enabled())
        return graph.forward

    compiled = torch.compile
    monkeypatch.setattr(torch, "compile", lambda model, **options: compiled(model, **options, backend=compiler))
    trainer = tiny_trainer(tiny_recipe(FAMILIES["transformer"], steps=2, compile=asked), dataset, tmp_path, FAMILIES)
    trainer.train()
    assert trained == expected


def test_a_family_that_is_not_compiled_says_so(dataset, tmp_path):
    trainer = tiny_trainer(tiny_recipe(FAMILIES["markov"], compile=True), dataset, tmp_path / "run", FAMILIES)
    with pytest.raises(TrainingError, match="cannot be compiled; leave out"):
        trainer.train()


class Devices:
    """Two devices, of which one is this and the other has gradients of its own."""

    def __init__(self, others):
        self.others = others

    def backward(self, loss):
        loss.backward()

    def all_reduce(self, values, reduce_op):
        assert reduce_op == "mean"
        return (values + self.others) / 2


def test_devices_hold_the_mean_of_their_gradients():
    module = torch.nn.Linear(2, 1)
    unused = torch.nn.Parameter(torch.ones(3))
    module.register_parameter("unused", unused)
    loss = module(torch.tensor([[1.0, 2.0]])).sum()
    trainer_module._averaged_backward(Devices(torch.tensor([3.0, 2.0, 5.0])), module, loss)
    assert module.weight.grad.tolist() == [[2.0, 2.0]]
    assert module.bias.grad.tolist() == [3.0]
    assert unused.grad is None
