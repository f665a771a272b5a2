"""How many candidates a piece may have for each of its phrases, when its request leaves that to the studio.

More candidates make better music and later first notes, since these wait until the best first phrase is chosen. CPU
seconds until the first notes of the band, over 24 pieces (benchmarks/first_notes.py): with one candidate .03 (90th
percentile .04), with two .17 (.34), four .25 (.39), eight .31 (.49); 32 bars take .6, .7, .8 and 1.1 s.
So only one keeps to .2 s always, and eight are for who can wait half a second: a page that composes the next piece
while this one plays.
"""

from __future__ import annotations

from typing import NamedTuple

USUAL_WITHIN = 0.2
"""Seconds within which first notes come where a request does not say."""


class Load(NamedTuple):
    """How busy the studio is: pieces in work whose listeners are not far behind, and threads that compose."""

    n_pieces: int
    n_threads: int


# Candidates, seconds until the first notes in nine of ten pieces, pieces for each thread up to which they are afforded.
_CHOICES = ((8, 0.5, 1.0), (4, 0.4, 2.0), (2, 0.35, 3.0))


def candidates(within: float, load: Load) -> int:
    """Returns the number of candidates for each phrase.

    Args:
        within: seconds within which the first notes should come.
        load: without the piece itself.
    """
    per_thread = load.n_pieces / load.n_threads
    for number, seconds, most in _CHOICES:
        if per_thread < most and seconds * max(1.0, per_thread) <= within:
            return number
    return 1
