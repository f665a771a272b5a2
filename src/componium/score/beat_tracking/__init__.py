"""Beat tracking: beats, bars and meter from the onsets of a score alone, and the score put on them.

Ticks of recorded performances, and of files such as POP909's, have nothing to do with the beat. :func:`track_beats`
finds the beats (search over moments and tempos), the bars (search over meters) and how sure it is; :func:`on_beats`
gives the score new ticks and a tempo map that keeps its seconds; :func:`gridded` does both where it is called for.
"""

from componium.score.beat_tracking.confidence import LEAST_CONFIDENCE
from componium.score.beat_tracking.gridded import Gridded, described, gridded, is_sure, on_sure_beats
from componium.score.beat_tracking.regridding import on_beats
from componium.score.beat_tracking.track import BeatTrack, track_beats

__all__ = [
    "LEAST_CONFIDENCE",
    "BeatTrack",
    "Gridded",
    "described",
    "gridded",
    "is_sure",
    "on_beats",
    "on_sure_beats",
    "track_beats",
]
