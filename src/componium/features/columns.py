"""Where the columns of each feature lie in the arrays that networks read.

Two arrays hold features. The *context* of an onset has what is known there: its metric position, then, as far as a
network reads them, the harmony that sounds and was heard, and the conditions. The *pointers* before an event hold the
events that may be copied: that of the repeat pointer, then those of the form pointer and of earlier bars.
"""

from __future__ import annotations

from componium.features.harmony.pitch_classes import HEARD_SIZES
from componium.features.harmony.sounding import SOUNDING_SIZES

POSITION, BAR_LENGTH, REMAINING = range(3)
N_METRIC = 3
"""Columns of a metric position, which every network reads; they come first in a context."""

HARMONY_SIZES = (*SOUNDING_SIZES, *HEARD_SIZES)
HARMONY = slice(N_METRIC, N_METRIC + len(HARMONY_SIZES))

N_RECALLED = 6
"""Columns of the repeat pointer, which every network reads; they come first among the pointers."""
N_EARLIER_COLUMNS = 12
