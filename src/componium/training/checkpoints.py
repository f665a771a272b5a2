"""Writes and reads checkpoints: everything that the next step depends on, without pickled code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from componium.errors import TrainingError
from componium.formats.whole_files import writing

VERSION = 1


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a state of tensors, numbers, strings and containers of them; a crash leaves the old file.

    Raises:
        TrainingError: the system refused to write.
    """
    with writing(path, TrainingError) as part, part.open("wb") as file:
        torch.save({"version": VERSION, **state}, file)
        file.flush()
        os.fsync(file.fileno())


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a checkpoint onto the CPU.

    Raises:
        TrainingError: it is missing, damaged or of another version.
    """
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TrainingError(f"{path}: no checkpoint to resume from") from error
    # What torch raises for a damaged file depends on where the damage is.
    except Exception as error:
        raise TrainingError(f"{path}: not a readable checkpoint") from error
    if not isinstance(state, dict) or state.get("version") != VERSION:
        raise TrainingError(f"{path}: not a checkpoint of this version of Componium")
    return state
