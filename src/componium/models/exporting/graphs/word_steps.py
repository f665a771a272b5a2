"""The step graph of a network that writes words: one word is read, the next one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from componium.models.exporting.onnx_conversion import NamedInputs, Program, to_onnx
from componium.models.exporting.sampling import SAMPLE, Controls, choose, clamped
from componium.models.networks.word_network import (
    CHOICES,
    DURATION_CHOICE,
    GAP_CHOICE,
    N_COLUMNS,
    PITCH_CHOICE,
    SHAPE_CHOICE,
    WordNetwork,
)
from componium.representations.columns import N_PITCHES
from componium.representations.words import REST

_EXAMPLES = 3
_ROWS = {0: torch.export.Dim("batch", min=1, max=4096)}
_CONTROLS = ("given", "temperature", "top_p", "uniform")
_WEIGHTS = ("shape_weights", "pitch_weights", "duration_weights", "gap_weights")
_DATA = ("columns", "state", *_CONTROLS, *_WEIGHTS)
_FORBIDDEN = -1e9


def word_step_graphs(
    networks: Mapping[str, WordNetwork], sizes: tuple[int, int, int, int]
) -> dict[str, onnx.ModelProto]:
    """Returns the step graph of each network.

    It maps ``columns`` (B, 5), what :class:`WordNetwork` reads of a word, and ``state`` (B, S) to ``value`` (B, 4), the
    choices in their order, ``log_probs`` (B, 4), theirs under the network alone, and ``state_after``. Of each choice
    there are ``given``, ``temperature``, ``top_p`` and ``uniform`` (:mod:`componium.models.exporting.sampling`).
    Weights are added to the logits of shape, pitch, duration and gap; those of pitches count for all notes of a chord,
    and so do those of durations, which are of durations and pitches, shape (B, durations, 128).

    Only the first network is traced, which takes seconds: its weights are inputs of the trace, in the place of which
    the graph of each network has its own.

    Args:
        networks: by name, of equal settings, in the form that exports.
        sizes: values of each choice.
    """
    first = _Step(next(iter(networks.values())))
    traced = to_onnx(_program(first, sizes))
    return {name: _with_weights(traced, tensors_of(_Step(network))) for name, network in networks.items()}


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
    """Returns all parameters and buffers of a module by their names."""
    return {name: own.detach() for name, own in (*module.named_parameters(), *module.named_buffers())}


def _program(step: _Step, sizes: tuple[int, int, int, int]) -> Program:
    whole = torch.zeros(_EXAMPLES, len(CHOICES), dtype=torch.long)
    half = torch.full((_EXAMPLES, len(CHOICES)), 0.5)
    example = (
        torch.zeros(_EXAMPLES, N_COLUMNS, dtype=torch.long), torch.zeros(_EXAMPLES, step.network.state_size),
        whole - 1, half, half, half, torch.zeros(_EXAMPLES, sizes[SHAPE_CHOICE]),
        torch.zeros(_EXAMPLES, N_PITCHES), torch.zeros(_EXAMPLES, sizes[DURATION_CHOICE], N_PITCHES),
        torch.zeros(_EXAMPLES, sizes[GAP_CHOICE]),
    )  # fmt: skip
    weights = tensors_of(step)
    traced = _Traced(step, [*_DATA, *weights])
    dynamic: list[dict[int, Any]] = [_ROWS] * len(_DATA) + [{}] * len(weights)
    return Program(traced, (*example, *weights.values()), ["value", "log_probs", "state_after"], dynamic)


def _with_weights(traced: onnx.ModelProto, weights: Mapping[str, Tensor]) -> onnx.ModelProto:
    """The graph with weights in the place of the inputs that have their names."""
    model = onnx.ModelProto()
    model.CopyFrom(traced)
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    inputs = [own for own in graph.input if own.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    for name, tensor in weights.items():
        if name in used:
            graph.initializer.append(onnx.numpy_helper.from_array(tensor.cpu().numpy(), name))
    return model


class _Traced(NamedInputs):
    """A step whose weights are inputs."""

    def __init__(self, step: _Step, inputs: list[str]) -> None:
        super().__init__(inputs)
        # In a list it is no module of this one, whose own weights would be constants of the graph.
        self._step = [step]

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        data = {name: given[name] for name in _DATA}
        weights = {name: own for name, own in given.items() if name not in data}
        return torch.func.functional_call(self._step[0], weights, (data,))


class _Step(nn.Module):
    """One step of the network and the draw of a word."""

    def __init__(self, network: WordNetwork) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("pitches", torch.arange(N_PITCHES), persistent=False)

    def forward(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """Maps the inputs by name to the outputs."""
        network = self.network
        hidden, after = network.advance(given["columns"].unsqueeze(0), given["state"])
        hidden = known = hidden.squeeze(0)
        columns = (clamped(given["temperature"]), given["top_p"], given["uniform"])

        def draw(choice: int, logits: Tensor, weights: Tensor, own_given: Tensor | None = None) -> Tensor:
            temperature, top_p, uniform = (own[:, choice : choice + 1] for own in columns)
            own_given = given["given"][:, choice : choice + 1] if own_given is None else own_given
            return choose(logits, Controls(own_given, temperature, top_p, weights, uniform))

        if network.flat is None:
            shape = draw(SHAPE_CHOICE, network.logits(known, SHAPE_CHOICE), given["shape_weights"])
            known = network.tell(known, SHAPE_CHOICE, shape)
            weights = self._of_chords(given["pitch_weights"], shape)
            pitch = draw(PITCH_CHOICE, network.logits(known, PITCH_CHOICE), weights)
        else:
            shape, pitch = self._draw_word(known, given, partial(draw, SHAPE_CHOICE))
            known = network.tell(known, SHAPE_CHOICE, shape)
        pitch = torch.where(shape == REST, 0, pitch)
        known = network.tell(known, PITCH_CHOICE, pitch)
        logits = network.logits(known, DURATION_CHOICE)
        weights = self._of_held_chords(given["duration_weights"], shape, pitch)
        duration = torch.where(shape == REST, 0, draw(DURATION_CHOICE, logits, weights))
        known = network.tell(known, DURATION_CHOICE, duration)
        gap = draw(GAP_CHOICE, network.logits(known, GAP_CHOICE), given["gap_weights"])
        value = torch.cat((shape, pitch, duration, gap), dim=1)
        return value, network.log_probs(hidden, value), after

    def _of_chords(self, weights: Tensor, shape: Tensor) -> Tensor:
        """Weights of lowest notes (B, 128): those of all notes of the shape (B, 1) above each."""
        beyond = torch.full_like(weights, _FORBIDDEN)
        # Made here: as a table of the graph, the pitch of each interval above each note would take 128 KB.
        above = self.get_buffer("pitches").unsqueeze(1) + self.get_buffer("pitches")
        of_tones = torch.cat((weights, beyond), dim=1)[:, above]
        return (of_tones @ self.network.get_buffer("tones")[shape.squeeze(1)].unsqueeze(2)).squeeze(2)

    def _of_held_chords(self, weights: Tensor, shape: Tensor, pitch: Tensor) -> Tensor:
        """Weights of durations (B, D) of chords: those (B, D, 128) of all their notes."""
        pitches = (pitch + self.get_buffer("pitches")).clamp(max=N_PITCHES - 1)
        of_notes = weights.gather(2, pitches.unsqueeze(1).expand(-1, weights.shape[1], -1))
        return (of_notes @ self.network.get_buffer("tones")[shape.squeeze(1)].unsqueeze(2)).squeeze(2)

    def _draw_word(
        self, known: Tensor, given: Mapping[str, Tensor], draw: Callable[..., Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Shape and pitch of a word of a flat vocabulary; the escape never comes."""
        flat = self.network.flat
        assert flat is not None  # noqa: S101 - see compute
        shapes, pitches = flat.get_buffer("words").split(1, dim=1)
        weights = given["shape_weights"][:, shapes.squeeze(1)] + given["pitch_weights"][:, pitches.squeeze(1)]
        free = torch.full_like(given["given"][:, :1], SAMPLE)
        word = draw(flat.head(known).float()[:, :-1], weights, free).squeeze(1)
        asked = given["given"][:, :1], given["given"][:, 1:2]
        shape, pitch = (
            torch.where(own >= 0, own, every[word]) for own, every in zip(asked, (shapes, pitches), strict=True)
        )
        return shape, pitch
