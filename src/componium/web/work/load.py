"""How many candidates a piece may have for each of its phrases, when its request leaves that to the studio.

More candidates make better music and later first notes, since these wait until the best first phrase is chosen. Until
the first notes of the band, over twelve requests of all styles, one thread: with one candidate .02 s (90th percentile
.03), with two .12 (.31), four .17 (.35), eight .23 (.48); the whole piece of 32 bars takes .3, .4, .6 and .8 s of CPU.
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
_CHOICES = ((8, 0.5, 1.0), (4, 0.35, 2.0), (2, 0.3, 3.0))


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
