"""The inputs and targets of a network at every step of excerpts whose events are all known.

An excerpt is one or more *segments*: runs of events that each begin at a bar line, behind a start marker of their own.
A piece is one segment. Where bars are to be filled in, what follows them comes first and what precedes them second.
At step t the network reads an event (the start marker, then the events of the segment), its context and the pointers
before the next event, and predicts that event.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.features.feature_set import ConditionColumns, FeatureSet
from componium.features.part_history import UNHEARD
from componium.representations.columns import SHIFT, Events
from componium.representations.note_events import EncodedNotes


class Start(IntEnum):
    """Start markers, as shifts beyond that which ends a piece."""

    PIECE = 1
    EXCERPT = 2
    FOLLOWING = 3


N_STARTS = len(Start)


class Segment(NamedTuple):
    """Consecutive events of a piece, with their features.

    Attributes:
        start: what precedes the events.
        events: shape (T, 5), of which the first shift counts from a bar line.
        context: of the bar line and of the events, shape (T + 1, P).
        pointers: before each event and after the last, shape (T + 1, R).
        ends: whether the piece ends behind the events.
    """

    start: Start
    events: Events
    context: NDArray[np.int16]
    pointers: NDArray[np.int64]
    ends: bool


class Steps(NamedTuple):
    """What a network reads and predicts at each of N steps.

    Attributes:
        rows: the event before, shape (N, 5); of a start marker only the shift counts.
        context: of these events, and of what the last step predicts; shape (N + 1, P).
        targets: the event that is predicted, shape (N, 5); of the end only the shift counts.
        pointers: before the targets, shape (N, R).
        histories: of the targets' parts, shape (N, 22); None where they are not read.
        is_event, is_note: which targets exist, and which of them are events and no end; shape (N,).
    """

    rows: NDArray[np.int64]
    context: NDArray[np.int64]
    targets: NDArray[np.int64]
    pointers: NDArray[np.int64]
    histories: NDArray[np.int64] | None
    is_event: NDArray[np.bool_]
    is_note: NDArray[np.bool_]


def segment_of(
    features: FeatureSet,
    piece: EncodedNotes,
    conditions: ConditionColumns,
    *,
    events: Events | None = None,
    first_step: int = 0,
) -> Segment:
    """Returns a segment of a piece without a form.

    Args:
        features: of the network.
        piece: gives meter and length.
        conditions: of the piece.
        events: some of its events, of which the first shift counts from ``first_step``; None: all.
        first_step: a bar line.
    """
    own = piece.events if events is None else events
    onsets = features.onsets(own, first_step)
    positions = features.positions(onsets, piece.meter, piece.n_bars)
    columns = conditions.columns(onsets // features.codec.config.steps)
    return Segment(
        Start.EXCERPT if first_step else Start.PIECE,
        own,
        features.context(own, positions, columns),
        features.pointers(own, positions, features.repeats(own)),
        ends=events is None,
    )


def steps_of(features: FeatureSet, segments: Sequence[Segment]) -> Steps:
    """Returns the steps of segments, one after the other.

    Each has T + 1 steps, of which the last predicts the end of the piece, or nothing.
    """
    size = sum(len(own.events) + 1 for own in segments)
    end = features.codec.end
    rows, targets = np.zeros((2, size, 5), np.int64)
    is_event, is_note = np.zeros((2, size), bool)
    histories = np.tile(np.array(UNHEARD, np.int64), (size, 1)) if features.config.part_history else None
    at = 0
    for own in segments:
        stop = at + len(own.events)
        rows[at, SHIFT], rows[at + 1 : stop + 1] = end + own.start, own.events
        targets[at:stop], targets[stop, SHIFT] = own.events, end
        is_note[at:stop] = is_event[at:stop] = True
        is_event[stop] = own.ends
        known = features.histories(own.events, own.context)
        if histories is not None and known is not None:
            histories[at:stop] = known
        at = stop + 1
    context = np.concatenate([*(own.context for own in segments), segments[-1].context[-1:]])
    pointers = np.concatenate([own.pointers for own in segments])
    return Steps(rows, context.astype(np.int64), targets, pointers, histories, is_event, is_note)


def whole_piece(features: FeatureSet, piece: EncodedNotes, conditions: ConditionColumns) -> Steps:
    """Returns the steps of a piece from its start to its end, without a form."""
    return steps_of(features, [segment_of(features, piece, conditions)])
