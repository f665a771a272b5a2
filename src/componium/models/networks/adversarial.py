"""What generative adversarial families share: losses, optimizers, running means, and what is said of a collapse.

Goodfellow et al., *Generative Adversarial Networks* (arXiv 1406.2661). Both networks learn in each step, each against
the other as it was before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from componium.models.family import Backward, TrainingModule
from componium.models.networks.optimization import load_adam, move_towards

Objective = Literal["hinge", "sigmoid", "feature-matching"]
Verdict = tuple[Tensor, Tensor]
"""The scores of a critic, one or several a row, and what its last layer reads; rows first."""

# A critic whose loss is below this share of the generator's waits, unless both are higher than the other number.
_AHEAD, _LEARNING = 0.7, 2.0
_MAX_NORM = 5.0
# Lazy regularization (Karras et al., arXiv 1912.04958): in a share of the steps, and so much heavier.
_PENALIZED = 1 / 8
_COLLAPSED = 0.25
# The root has no slope at zero.
_LEAST_VARIANCE = 1e-8


class AdversarialConfig(BaseModel):
    """The settings that recipes of such a family have beside those of its networks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objective: Objective = Field(
        default="hinge", description="feature-matching: the generator's; the critic's is sigmoid"
    )
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = Field(default=2e-4, gt=0, le=1, description="of the generator")
    critic_learning_rate: float = Field(default=2e-4, gt=0, le=1)
    betas: tuple[float, float] = Field(default=(0.0, 0.9), description="of Adam")
    weight_decay: float = Field(default=0.0, ge=0, le=10)
    gradient_penalty: float = Field(default=4.0, ge=0, le=1000, description="at real pieces (R1)")
    averaging: float = Field(default=0.999, ge=0, lt=1, description="of the generator's weights; 0: the last ones")
    waits: bool = Field(default=False, description="whether a critic that is ahead waits")


class AdversarialModule(TrainingModule):
    """A generator and a critic with an optimizer each; the running mean of the generator's weights composes.

    Attributes:
        unit: what the generator writes, for the warning of a collapse.
    """

    monitor = "statistics_distance"
    curves = ("generator_loss", "critic_loss", "critic_accuracy", "generator_gradient", "critic_gradient", "diversity")
    unit = "pieces"

    def take(self, config: AdversarialConfig, generator: nn.Module, critic: nn.Module) -> None:
        """Takes the networks, once, in the constructor."""
        self._settings = config
        self.generator, self.critic = generator, critic
        self.mean_generator = copy.deepcopy(generator).requires_grad_(requires_grad=False)
        self.optimizers = {
            "generator": _optimizer(config, generator, config.learning_rate),
            "critic": _optimizer(config, critic, config.critic_learning_rate),
        }

    def learn_against(
        self, real: Tensor, fake: Tensor, judged: Callable[[Tensor], Verdict], backward: Backward
    ) -> dict[str, float]:
        """One step of both networks; returns figures to show.

        Args:
            real: what the critic reads of music, rows first.
            fake: the same of what the generator wrote, with gradients.
            judged: asks the critic.
            backward: to be called on each loss.
        """
        config = self._settings
        self.critic.requires_grad_(requires_grad=False)
        generator_loss = self._generator_loss(real, fake, judged)
        self.critic.requires_grad_(requires_grad=True)
        real = real.detach().requires_grad_(bool(config.gradient_penalty))
        on_real, on_fake = judged(real)[0], judged(fake.detach())[0]
        if config.objective == "hinge":
            critic_loss = functional.relu(1 - on_real).mean() + functional.relu(1 + on_fake).mean()
        else:
            critic_loss = functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean()
        losses = generator_loss.item(), critic_loss.item()
        if config.gradient_penalty and float(torch.rand(())) < _PENALIZED:
            (slope,) = torch.autograd.grad(on_real.mean(dim=1).sum(), real, create_graph=True)
            penalty = slope.square().flatten(1).sum(dim=1).mean()
            critic_loss = critic_loss + config.gradient_penalty / _PENALIZED / 2 * penalty
        norm = self.learn("generator", generator_loss, backward)
        is_ahead = losses[1] < _AHEAD * losses[0] and min(losses) < _LEARNING
        critic_norm = 0.0 if config.waits and is_ahead else self.learn("critic", critic_loss, backward)
        move_towards(self.mean_generator, self.generator, 1 - config.averaging)
        right = ((on_real > 0).float().mean() + (on_fake < 0).float().mean()) / 2
        return {
            "generator_loss": losses[0], "critic_loss": losses[1], "critic_accuracy": right.item(),
            "generator_gradient": norm, "critic_gradient": critic_norm,
        }  # fmt: skip

    def _generator_loss(self, real: Tensor, fake: Tensor, judged: Callable[[Tensor], Verdict]) -> Tensor:
        verdict, features = judged(fake)
        if self._settings.objective == "feature-matching":
            return (features - judged(real)[1]).square().sum(dim=-1).mean()
        return -verdict.mean() if self._settings.objective == "hinge" else functional.softplus(-verdict).mean()

    def learn(self, name: str, loss: Tensor, backward: Backward) -> float:
        """One step of one network; returns the norm of its gradients, which are cut to 5."""
        optimizer, network = self.optimizers[name], getattr(self, name)
        optimizer.zero_grad(set_to_none=True)
        backward(loss)
        norm = nn.utils.clip_grad_norm_(network.parameters(), _MAX_NORM)
        optimizer.step()
        return norm.item()

    def warning(self, figures: dict[str, float]) -> str | None:
        """See :class:`TrainingModule`."""
        if figures["diversity"] >= _COLLAPSED:
            return None
        return (
            f"the generator has collapsed: its {self.unit} differ {figures['diversity']:.2f} times as much as real "
            f"ones (less than {_COLLAPSED:g})"
        )

    def training_state(self) -> dict[str, Any]:
        """See :class:`TrainingModule`."""
        return {name: part.state_dict() for name, part in self.parts().items()}

    def load_training_state(self, state: dict[str, Any]) -> None:
        """See :class:`TrainingModule`."""
        for name, part in self.parts().items():
            if isinstance(part, torch.optim.Optimizer):
                load_adam(part, state[name])
            else:
                part.load_state_dict(state[name])

    def parts(self) -> dict[str, Any]:
        """Returns all that :meth:`training_state` holds: modules and optimizers by name."""
        networks = {name: getattr(self, name) for name in ("generator", "mean_generator", "critic")}
        return networks | {f"{name}_optimizer": own for name, own in self.optimizers.items()}


def batch_deviation(features: Tensor) -> Tensor:
    """Returns how much the rows of a batch differ, the same for each of them, shape (B, 1).

    A generator that writes the same again and again is known by it (Karras et al., arXiv 1710.10196).

    Args:
        features: shape (B, H).
    """
    deviation = (features.var(dim=0, correction=0) + _LEAST_VARIANCE).sqrt()
    return deviation.mean().expand(len(features), 1)


def _optimizer(config: AdversarialConfig, network: nn.Module, rate: float) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, weight_decay=config.weight_decay)
    return torch.optim.Adam(network.parameters(), lr=rate, betas=config.betas, weight_decay=config.weight_decay)
