"""What every representation offers: scores to arrays and back."""

from __future__ import annotations

from typing import Any, Protocol

from componium.score import Score


class Representation(Protocol):
    """A way of writing scores as arrays; ``Any`` is its own encoded form."""

    name: str

    def encode(self, score: Score) -> Any:  # noqa: ANN401 - see the class
        """Returns the score as arrays.

        Raises:
            RepresentationError: the score cannot be held.
        """
        ...

    def decode(self, encoded: Any) -> Score:  # noqa: ANN401 - see the class
        """Returns the music that arrays stand for; total: anything a model can emit gives a score."""
        ...

    def spec(self) -> dict[str, Any]:
        """Returns JSON from which :func:`componium.representations.representation_of` rebuilds it exactly."""
        ...
