"""The graphs that compose: conditions of a bar, the shift to the next onset, and the note there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from componium.features.part_history import N_HISTORY_COLUMNS
from componium.models.exporting.onnx_conversion import NamedInputs, Program
from componium.models.exporting.sampling import Controls, choose, clamped
from componium.representations.columns import ATTRIBUTES, DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_codec import Sizes

_EXAMPLES = 3
_ROWS = {0: torch.export.Dim("batch", min=1, max=4096)}
_CONTROLS = ["given", "temperature", "top_p", "uniform"]
_TOLD = ["told", "reminder"]


class NoteByNoteNetwork(Protocol):
    """The methods that a network must have to be exported; see ``models.networks.note_network`` for the shapes."""

    sizes: Sizes
    width: int
    n_places: int
    n_recalled: int
    is_conditioned: bool
    has_histories: bool

    @property
    def state_size(self) -> int:
        """Numbers carried from note to note."""
        ...

    def look_up(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Looks up the conditions that do not change within a bar; of conditioned networks only."""
        ...

    def step(
        self, row: Tensor, place: Tensor, recalled: Tensor, state: Tensor, *looked_up: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Reads one note; returns the hidden state and the state after."""
        ...

    def shift_logits(self, hidden: Tensor, recalled: Tensor) -> Tensor:
        """Logits of the next onset shift."""
        ...

    def land(self, hidden: Tensor, shift: Tensor, places: Tensor, recalled: Tensor) -> Tensor:
        """Adds the shift and the context that it lands on."""
        ...

    def attribute_logits(self, landed: Tensor, attribute: int, recalled: Tensor) -> Tensor:
        """Logits of an attribute from what is known so far."""
        ...

    def tell(self, landed: Tensor, attribute: int, value: Tensor, recalled: Tensor) -> Tensor:
        """Adds the value of an attribute to what is known."""
        ...

    def go_on(self, known: Tensor, part: Tensor, place: Tensor, voice: Tensor) -> Tensor:
        """Adds the history of the chosen part."""
        ...

    def distributions(self, piece: Mapping[str, Tensor], state: Tensor) -> tuple[list[Tensor], Tensor]:
        """Log-probabilities of all values of each attribute in a stretch of notes, and the state after."""
        ...


class _Conditions(NamedInputs):
    """The conditions that do not change within a bar."""

    def __init__(self, network: Any, inputs: list[str]) -> None:  # noqa: ANN401 - a NoteByNoteNetwork that is an nn.Module
        super().__init__(inputs)
        self.network = network

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        return self.network.look_up(given["place"])


class _When(NamedInputs):
    """One step of the backbone and the draw of a shift."""

    def __init__(self, network: Any, inputs: list[str]) -> None:  # noqa: ANN401 - see _Conditions
        super().__init__(inputs)
        self.network = network

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        looked_up = [given[name] for name in _TOLD if name in given]
        recalled = given["recalled"]
        hidden, after = self.network.step(given["row"], given["place"], recalled, given["state"], *looked_up)
        logits = self.network.shift_logits(hidden, recalled)
        controls = Controls(
            given["given"], clamped(given["temperature"]), given["top_p"], given["shift_weights"], given["uniform"]
        )
        return choose(logits, controls), hidden, after


class _What(NamedInputs):
    """The draws of part, pitch, duration and velocity, one after the other."""

    def __init__(self, network: Any, inputs: list[str]) -> None:  # noqa: ANN401 - see _When
        super().__init__(inputs)
        self.network = network

    def compute(self, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        place, recalled, voices = given["place"], given["recalled"], given.get("voices")
        known = self.network.land(given["hidden"], given["shift"], place, recalled)
        columns = (given["given"], clamped(given["temperature"]), given["top_p"], given["uniform"])
        controls_by = [own.split(1, 1) for own in columns]
        values: list[Tensor] = []
        for column, attribute in enumerate((PART, PITCH, DURATION, VELOCITY)):
            weights = given[f"{ATTRIBUTES[attribute]}_weights"]
            if attribute == PITCH:
                weights = _of_part(weights, values[0])
            logits = self.network.attribute_logits(known, attribute, recalled)
            own_given, temperature, top_p, uniform = (own[column] for own in controls_by)
            values.append(choose(logits, Controls(own_given, temperature, top_p, weights, uniform)))
            if attribute != VELOCITY:
                known = self.network.tell(known, attribute, values[-1], recalled)
            if attribute == PART and voices is not None:
                own = _of_part(voices, values[0])
                known = self.network.go_on(known, values[0], place, own)
                recalled = torch.cat((recalled, own), dim=-1)
        return (torch.cat(values, 1),)


def _of_part(table: Tensor, part: Tensor) -> Tensor:
    """The row (B, N) of a part (B, 1) in a table (B, parts, N): one operator where torch's own way exports as four."""
    return torch.onnx.ops.symbolic(
        "GatherND", (table, part), {"batch_dims": 1}, dtype=table.dtype, shape=(table.shape[0], table.shape[2])
    )


def step_programs(network: Any) -> dict[str, Program]:  # noqa: ANN401 - see _When
    """Returns what is exported as the step graphs, by their roles."""
    programs = {"when": _when_program(network), "what": _what_program(network)}
    if not network.is_conditioned:
        return programs
    place = torch.zeros(_EXAMPLES, network.n_places, dtype=torch.long)
    return {"told": Program(_Conditions(network, ["place"]), (place,), _TOLD, [_ROWS]), **programs}


def _when_program(network: Any) -> Program:  # noqa: ANN401 - see _When
    whole, real = _whole, torch.zeros
    names = ["row", "place", "recalled", "state", *_CONTROLS, f"{ATTRIBUTES[SHIFT]}_weights"]
    example = (
        whole(5), whole(network.n_places), whole(network.n_recalled), real(_EXAMPLES, network.state_size),
        *_controls(1), real(_EXAMPLES, network.sizes.shift),
    )  # fmt: skip
    if network.is_conditioned:
        names += _TOLD
        example = (*example, *(real(_EXAMPLES, network.width) for _ in _TOLD))
    return Program(_When(network, names), example, ["value", "hidden", "state_after"], [_ROWS] * len(names))


def _what_program(network: Any) -> Program:  # noqa: ANN401 - see _When
    whole, real, sizes = _whole, torch.zeros, network.sizes
    names = ["hidden", "shift", "place", "recalled", *_CONTROLS, *(f"{name}_weights" for name in ATTRIBUTES[1:])]
    example = (
        real(_EXAMPLES, network.width), whole(1), whole(network.n_places), whole(network.n_recalled), *_controls(4),
        real(_EXAMPLES, sizes.part), real(_EXAMPLES, sizes.part, sizes.pitch),
        real(_EXAMPLES, sizes.duration), real(_EXAMPLES, sizes.velocity),
    )  # fmt: skip
    if network.has_histories:
        names.append("voices")
        example = (*example, torch.zeros(_EXAMPLES, sizes.part, N_HISTORY_COLUMNS, dtype=torch.long))
    return Program(_What(network, names), example, ["value"], [_ROWS] * len(names))


def _whole(n_columns: int) -> Tensor:
    return torch.zeros(_EXAMPLES, n_columns, dtype=torch.long)


def _controls(n: int) -> tuple[Tensor, ...]:
    """Examples of ``_CONTROLS`` for n attributes."""
    half = torch.full((_EXAMPLES, n), 0.5)
    return _whole(n) - 1, half, half, half
