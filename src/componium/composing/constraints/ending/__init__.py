"""How a piece ends: its last bar, and the two chords that lead into it and close it."""

from componium.composing.constraints.ending.cadence import Cadence, Close, cadence_of, close_of
from componium.composing.constraints.ending.closing import Ending, ending_of

__all__ = ["Cadence", "Close", "Ending", "cadence_of", "close_of", "ending_of"]
