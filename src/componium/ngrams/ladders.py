"""The chains of contexts, one per attribute, from short to long: first of the corpus, then of the piece.

Chosen on the validation pieces of POP909; ``docs/experiments/0005-ngram-smoothing-and-contexts.md`` lists what was
tried and rejected. Contexts with ``voices`` and ``until``, and those of pitch by the place in a chord, are for several
voices in one part; they were kept by the validation chorales: ``docs/experiments/0013-band-beside-the-ngram.md``.
"""

from __future__ import annotations

from componium.ngrams.columns import Level


def _corpus(context: str, relative_to: str = "") -> Level:
    return Level(tuple(context.split()), relative_to)


def _piece(context: str) -> Level:
    return Level(tuple(context.split()), memory="piece")


_SHIFT = (
    _corpus(""),
    _corpus("from bar_length last"),
    _corpus("from last part-1 shift-1"),
    _corpus("from last part-1 shift-1 stack-1"),
    _corpus("from last part-1 shift-1 stack-1 duration-1"),
    _corpus("from last part-1 part-2 part-3 shift-1 shift-2 shift-3 stack-1"),
    _corpus("from last part-1 part-2 part-3 part-4 shift-1 shift-2 shift-3 shift-4 shift-5"),
    _corpus("until voices stack-1"),
    _corpus("from until voices stack-1 duration-1"),
    _corpus("from last until voices stack-1 duration-1 shift-1 shift-2"),
    _piece("from part-1 stack-1"),
    _piece("from part-1 shift-1 pitch-1"),
    _piece("from until voices stack-1"),
    _piece("rows-2"),
    _piece("rows-4"),
    _piece("rows-8"),
    _piece("notes-3"),
)
_PART = (
    _corpus(""),
    _corpus("part-1 chord"),
    _corpus("part-1 part-2 shift"),
    _corpus("part-1 part-2 shift position stacked"),
    _corpus("part-1 part-2 part-3 shift shift-1 shift-2 position"),
    _corpus("part-1 part-2 part-3 part-4 part-5 shift shift-1 shift-2 shift-3 shift-4 position"),
    _piece("position stacked part-1 shift"),
    _piece("position pitch-1 part-1 shift shift-1"),
    _piece("shift rows-2"),
    _piece("shift rows-4"),
    _piece("shift rows-8"),
    _piece("shift notes-3"),
)
_PITCH = (
    _corpus(""),
    _corpus("part"),
    _corpus("part", "tonic"),
    _corpus("part chord joined", "pitch~1"),
    _corpus("part joined pitch~1", "tonic"),
    _corpus("part joined pitch~1 low", "tonic"),
    _corpus("part joined chord part-1 pitch-1 pitch~1", "tonic"),
    _corpus("part joined chord pitch-1 pitch~1 pitch~2", "tonic"),
    _corpus("part joined position pitch~1 pitch~2 pitch~3", "tonic"),
    _corpus("part gap~1 pitch~1 pitch~2 pitch~3 pitch~4", "tonic"),
    _corpus("part joined stacked pitch~1 pitch~4", "tonic"),
    _corpus("part joined stacked voices pitch~1 low pitch~4", "tonic"),
    _corpus("part joined stacked voices pitch~1 pitch~2 pitch~4", "tonic"),
    _piece("part joined"),
    _piece("part joined pitch~1"),
    _piece("part position pitch~1"),
    _piece("part gap~1 pitch~1 pitch~2"),
    _piece("part gap~1 rows~2"),
    _piece("part gap~1 rows~4"),
    _piece("part shift position rows-1"),
    _piece("part shift rows-4"),
    _piece("part gap~1 rows~8"),
    _piece("part gap~1 notes~3"),
)
_DURATION = (
    _corpus(""),
    _corpus("part"),
    _corpus("part position"),
    _corpus("part joined duration~1"),
    _corpus("part gap~1 part-1 duration~1"),
    _corpus("part gap~1 position duration~1"),
    _corpus("part gap~1 gap~2 position duration~1 duration~2"),
    _corpus("part gap~1 duration~1 pitch", "pitch~1"),
    _corpus("part position stacked shift until duration~1"),
    _corpus("part position stacked shift until duration~1 duration~2 bar_length"),
    _piece("part"),
    _piece("part joined position"),
    _piece("part position pitch"),
    _piece("part pitch gap~1 rows~1"),
    _piece("part pitch gap~1 position rows~2"),
    _piece("part pitch shift rows-2"),
    _piece("part pitch gap~1 rows~4"),
    _piece("part pitch shift rows-4"),
    _piece("part pitch gap~1 notes~1"),
    _piece("part pitch gap~1 notes~3"),
)
_VELOCITY = (
    _corpus(""),
    _corpus("part"),
    _corpus("part velocity~1"),
    _corpus("part joined stacked velocity~1"),
    _corpus("part chord part-1 velocity~1 velocity-1"),
    _corpus("part joined velocity~1 velocity~2"),
    _corpus("part joined velocity~1 velocity~2 velocity~3"),
    _piece("part"),
    _piece("part velocity~1"),
    _piece("part position pitch"),
    _piece("part pitch duration"),
    _piece("part pitch gap~1 rows~1"),
    _piece("part pitch duration gap~1 rows~1"),
    _piece("part pitch gap~1 rows~2"),
    _piece("part pitch gap~1 rows~4"),
    _piece("part pitch shift rows-4"),
    _piece("part pitch duration gap~1 notes~1"),
    _piece("part pitch duration gap~1 notes~3"),
)

LADDERS = (_SHIFT, _PART, _PITCH, _DURATION, _VELOCITY)

CORPUS_ORDERS = tuple(sum(level.memory == "corpus" for level in ladder) for ladder in LADDERS)
"""The highest order of each attribute that counts in the corpus alone."""
