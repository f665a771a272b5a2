"""Classifiers that tell a composer's own pieces from human ones; a composer carries them and chooses the best of N."""

from __future__ import annotations

from componium.discriminators.discriminators import Discriminators
from componium.discriminators.excerpts import describe_excerpts
from componium.discriminators.trees import BoostedTrees

__all__ = ["BoostedTrees", "Discriminators", "describe_excerpts"]
