"""Exports note-by-note networks as ONNX graphs, and reads the weights of such graphs back."""

from __future__ import annotations

from componium.models.exporting.input_scales import InputScale, InputScales, measured_input_scales
from componium.models.exporting.note_by_note import export_note_by_note
from componium.models.exporting.trained_weights import begin_with, input_scales_of, laid_out, weights_of

__all__ = [
    "InputScale",
    "InputScales",
    "begin_with",
    "export_note_by_note",
    "input_scales_of",
    "laid_out",
    "measured_input_scales",
    "weights_of",
]
