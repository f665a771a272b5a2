"""What a file holds beyond the score that was read from it."""

from __future__ import annotations


class Source:
    """What a file holds beyond notes, kept with a score so that writing it does not lose what no field stands for.

    Only the format that made a source can look into it. It counts as long as the score has the ticks of the file: a
    function that moves music in time leaves it out.
    """
