"""Settles what must be settled before torch is imported: how threads wait for work."""

from __future__ import annotations

import os


def wait_passively() -> None:
    """Makes threads of OpenMP sleep while they wait, unless the environment says how they wait.

    Where others use the processors too, threads that spin take them from those that work: on two shared cores a
    training took 20 times the CPU time. It counts only before the OpenMP runtime is loaded, and torch loads it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
