"""Pieces that have paused, from where they can go on in several ways."""

from __future__ import annotations

import copy
from typing import Any


class Snapshot:
    """Objects that refer to each other, of which copies are made that do not touch each other.

    What says that it never changes (``__deepcopy__`` of :class:`~componium.composing.conditions.PieceConditions` and of
    :class:`~componium.conditioning.settings.Settings`) the copies have in common.

    Args:
        own: the objects; nothing may change them any more.
    """

    def __init__(self, own: tuple[Any, ...]) -> None:
        self._own = own

    def copy(self) -> tuple[Any, ...]:
        """Returns a copy of the objects, which refer to each other as they do."""
        return copy.deepcopy(self._own)
