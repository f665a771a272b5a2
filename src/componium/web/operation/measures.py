"""What the server counts, for ``/metrics`` (Prometheus)."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Measures:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        ProcessCollector(registry=own)
        self.first_notes = Histogram(
            "componium_first_notes_seconds", "From a request to its first notes", registry=own, buckets=_SECONDS
        )
        self.answered = Histogram(
            "componium_answer_seconds",
            "From a request to the head of its answer",
            ("method", "status"),
            registry=own,
            buckets=_SECONDS,
        )
        self.composed = Counter("componium_pieces_composed", "Pieces that became whole", registry=own)
        self.refused = Counter("componium_pieces_refused", "Requests for which there was no room", registry=own)
        self.unstored = Counter("componium_pieces_unstored", "Pieces that could not be stored", registry=own)

    def watch(self, n_in_work: Callable[[], int]) -> None:
        """Has a gauge show the pieces in work."""
        gauge = Gauge("componium_pieces_in_work", "Pieces that are being composed", registry=self.registry)
        gauge.set_function(n_in_work)
