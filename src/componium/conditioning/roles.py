"""Roles: for each part of a piece its register, how many notes it plays together, and how much it plays.

They are conditions of a network, as classes; drums have no register.

* ``REGISTER``: mean pitch of its notes, in classes of half an octave. 0: it does not play; 1: it does, wherever.
* ``TEXTURE``: notes that it begins together, on average over its onsets. 0: unspecified.
* ``ACTIVITY``: its notes a quarter, from the first onset of the piece to the last. 0: unspecified.

The roles of training pieces are kept as role templates (:mod:`componium.conditioning.role_templates`), from which
composing draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REGISTER, TEXTURE, ACTIVITY = range(3)
N_KINDS = 3
SILENT, PLAYS = 0, 1
# The values between classes.
_REGISTERS = (42.0, 48.0, 54.0, 60.0, 66.0, 72.0, 78.0)
_TEXTURES = (1.02, 1.25, 1.6, 2.2, 3.2)
_ACTIVITIES = (0.25, 0.5, 0.8, 1.2, 1.8, 2.6, 4.0)
SIZES = (2 + len(_REGISTERS) + 1, 1 + len(_TEXTURES) + 1, 1 + len(_ACTIVITIES) + 1)
"""Number of values of a column of each kind."""
HALF_OCTAVE = 6.0

CHORDS = 3
"""Class of textures from which on a part plays chords."""

Measured = NDArray[np.float32]
Roles = NDArray[np.int16]


def measure_roles(events: NDArray[np.int16], is_drum: NDArray[np.bool_], steps: int) -> Measured:
    """Returns mean pitch, notes begun together and notes a quarter of each part, shape (3, parts); NaN of silent ones.

    Args:
        events: of a piece, shape (T, 5).
        is_drum: which parts are drums, shape (parts,).
        steps: of a quarter.
    """
    onset = np.cumsum(events[:, 0], dtype=np.int64)
    sounds = events[:, 3] > 0
    onset, part, pitch = onset[sounds], events[sounds, 1].astype(np.int64), events[sounds, 2].astype(np.float64)
    n_parts = len(is_drum)
    count = np.bincount(part, minlength=n_parts)
    distinct = np.unique(onset * n_parts + part) % n_parts
    quarters = max(float(onset[-1] - onset[0]) / steps, 1.0) if len(onset) else 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.stack(
            (
                np.bincount(part, weights=pitch, minlength=n_parts) / count,
                count / np.bincount(distinct, minlength=n_parts),
                count / quarters,
            )
        )
    found[:, count == 0] = np.nan
    return found.astype(np.float32)


def role_classes(measured: Measured, is_drum: NDArray[np.bool_]) -> Roles:
    """Returns the classes of measured roles, shape (3, parts)."""
    classes = np.stack(
        [
            first + np.searchsorted(bounds, np.nan_to_num(own), side="right")
            for own, bounds, first in zip(measured, (_REGISTERS, _TEXTURES, _ACTIVITIES), (2, 1, 1), strict=True)
        ]
    ).astype(np.int16)
    classes[REGISTER, is_drum] = PLAYS
    classes[:, np.isnan(measured[REGISTER])] = SILENT
    return classes


def only_playing(plays: NDArray[np.bool_]) -> Roles:
    """Returns the roles of parts of which only is specified whether they play, shape (3, parts)."""
    roles = np.zeros((N_KINDS, len(plays)), np.int16)
    roles[REGISTER] = plays
    return roles


def roles_in(roles: Roles, share: NDArray[np.float64]) -> Roles:
    """Returns the roles in a stretch where each part plays a share of its activity, shape (parts,); parts of 0 rest."""
    found = roles.copy()
    for part in np.flatnonzero((roles[ACTIVITY] > 0) & (share != 1)).tolist():
        found[ACTIVITY, part] = 1 + np.searchsorted(_ACTIVITIES, activity_of(roles[ACTIVITY, part]) * share[part])
    found[:, share == 0] = SILENT
    return found


def pitch_of(register: int) -> float:
    """The pitch in the middle of a class of registers from 2 on."""
    return _REGISTERS[0] + HALF_OCTAVE * (register - 2.5)


def texture_of(texture: int) -> float:
    """Notes begun together in the middle of a class of textures from 1 on."""
    bounds = (1.0, 1.0, *_TEXTURES[1:], _TEXTURES[-1] * 1.4)
    return float(np.sqrt(bounds[texture - 1] * bounds[texture]))


def activity_of(activity: int) -> float:
    """Notes a quarter in the middle of a class of activities from 1 on."""
    bounds = (_ACTIVITIES[0] / 2, *_ACTIVITIES, _ACTIVITIES[-1] * 1.5)
    return float(np.sqrt(bounds[activity - 1] * bounds[activity]))
