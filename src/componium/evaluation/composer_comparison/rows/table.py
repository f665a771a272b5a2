"""The table of a comparison: its rows and sections, and how it is written as CSV.

A figure that is undefined is NaN, with the reason in its note: never 0, never left out. There is no total: a mean of
figures hides failures that oppose each other.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal["composer", "baseline", "human"]
Interval = Literal["", "works", "seeds", "chance"]

TEST_PIECES = "test pieces"
SECOND_HUMANS = "second humans"
BY_CHANCE = "by chance"
"""Stands for two samples of the test pieces, in place of a composer."""


class Row(NamedTuple):
    """A figure of a composer, of a baseline or of human music.

    Attributes:
        section: one of ``SECTIONS``, or one followed by a comma and what it is of.
        value: NaN where there is none; ``note`` says why.
        low, high: NaN without interval.
        interval: what ``low`` and ``high`` are: the 95 % interval over ``works`` (bootstrap; NaN below ten), the least
            and the greatest of the ``seeds``, or the central 95 % of what ``chance`` gives two human samples.
        n: pieces that the figure is of; of composed ones, in each seed.
        alarms: in how many of the ``tested`` seeds the difference is more than chance explains, after Holm.
    """

    section: str
    figure: str
    unit: str
    composer: str
    kind: Kind
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    interval: Interval = ""
    n: int = 0
    alarms: int = 0
    tested: int = 0
    note: str = ""

    @property
    def is_alarm(self) -> bool:
        """Whether most seeds raise an alarm."""
        return 2 * self.alarms > self.tested


class Section(NamedTuple):
    """A kind of figures.

    Attributes:
        title: for a reader.
        words: what the figures are, and how they are read.
        down: what stands in the lines of its tables; the other stands side by side.
        with_units: whether its figures have units of their own.
    """

    title: str
    words: str
    down: Literal["figure", "composer"]
    with_units: bool = False


BITS, NEXT_NOTE, DISTANCES, MEANS = "bits per note", "next note", "distances", "means"
HISTOGRAMS, DIVERSITY, ORIGINALITY, SPEED = "histograms", "diversity", "originality", "speed and size"

SECTIONS: dict[str, Section] = {
    BITS: Section(
        "Bits per note",
        "How well the test pieces are predicted; fewer bits are better: onset shift, part, pitch, duration, velocity "
        "and the end of the piece, all charged. Composers of one representation are charged for the same events. A "
        "difference is this composer's bits less the other's, piece by piece; below 0 it is the better one.",
        "composer",
    ),
    NEXT_NOTE: Section(
        "The next note of the top line",
        "The test pieces reduced to their highest notes: the pitch class of the next one, knowing when it begins, then "
        "its duration class; shares that are right, and bits. Every composer predicts the same line, "
        "which it may never have seen alone.",
        "composer",
    ),
    DISTANCES: Section(
        "How far from the test pieces",
        "The Wasserstein distance of each metric, in standard deviations of the test pieces. Both sides are the first "
        "bars of pieces. Nearer is more alike, not better.",
        "figure",
    ),
    MEANS: Section("Means", "The same metrics as they are: means over pieces.", "figure", with_units=True),
    HISTOGRAMS: Section(
        "How far in their histograms",
        "The Jensen-Shannon divergence from the test pieces in bits, 0 for equal histograms.",
        "figure",
    ),
    DIVERSITY: Section(
        "Whether the pieces differ as human ones do",
        "Of the set as a whole, beside the test pieces: spread ratio, coverage, density, precision and unique share "
        "are near 1 for human music, mmd near 0.",
        "figure",
        with_units=True,
    ),
    ORIGINALITY: Section(
        "What comes back of the training music",
        "Runs of notes, of the top line or of another voice, that a piece shares with the music that its own composer "
        "learned from, and what human pieces of the length share with it by chance.",
        "figure",
        with_units=True,
    ),
    SPEED: Section(
        "Speed and size",
        "The best of three timings of one machine at one time, which no second run repeats. The size is that of the "
        "artifact's directory.",
        "figure",
        with_units=True,
    ),
}
"""In the order of the report."""


def section_of(row: Row) -> Section:
    """Returns what kind of figure a row is."""
    return SECTIONS[row.section.split(",")[0]]


def to_csv(rows: Iterable[Row]) -> str:
    """Returns the table as CSV, figures in full; what is not there is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    return "" if isinstance(value, float) and not math.isfinite(value) else value
