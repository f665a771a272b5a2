"""Statistics of bars of piano rolls, by which generated ones are set beside real ones.

Those of MuseGAN (Dong et al., arXiv 1709.06298), and two that show fragments: notes of one sixteenth, and onsets on odd
sixteenths.
"""

from __future__ import annotations

import torch
from torch import Tensor

STATISTICS = ("empty", "notes", "pitch_classes", "single_steps", "odd_onsets")


def statistics_of(rolls: Tensor, lowest: int) -> Tensor:
    """Returns the statistics of each bar and track, shape (N, tracks, 5); NaN where a bar has no note.

    In the order of ``STATISTICS``: whether a bar is empty; how many notes begin; how many pitch classes; shares of
    notes that last one sixteenth, and of onsets on odd sixteenths.

    Args:
        rolls: shape (N, 2 tracks, 16, P).
        lowest: pitch of the rolls.
    """
    onset, held = rolls.bool().chunk(2, dim=1)
    notes = onset.sum(dim=(2, 3)).float()
    classes = torch.roll(onset.any(dim=2), lowest % 12, dims=-1).unflatten(-1, (-1, 12)).any(dim=-2).sum(dim=-1)
    # A note lasts one step where in the next one its pitch is struck anew or silent.
    goes_on = (held & ~onset)[:, :, 1:]
    single = (onset[:, :, :-1] & ~goes_on).sum(dim=(2, 3)) + onset[:, :, -1].sum(dim=-1)
    odd = onset[:, :, 1::2].sum(dim=(2, 3))
    sounding = torch.where(notes > 0, notes, torch.nan)
    found = (1 - (notes > 0).float(), notes, classes.where(notes > 0, torch.nan), single / sounding, odd / sounding)
    return torch.stack(found, dim=-1)
