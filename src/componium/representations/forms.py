"""Forms of training pieces, which composers for whom none is asked borrow: bars that repeat bars, and the harmony.

Of the music there are no notes in them. A form is cut to length in its middle: a piece begins as another one does and
ends as that one does, with its last cadence, if that one comes home.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.packing import packed, unpacked
from componium.score.chords import NO_CHORD, UNKNOWN_CHORD

# Bars that are kept of an end, and the length from which on a piece has one of its own.
_END_BARS, _LEAST_BARS = 4, 8
_QUARTERS = 4
_ENOUGH = 8
# Share of the harmony that one chord may take up.
_MOST_OF_ONE_CHORD = 0.5
# Ways back are kept in bytes.
_MOST_BACK = 255


class Form(NamedTuple):
    """The form of one piece.

    Attributes:
        numerator, denominator: of its meter.
        key: its class, as guides tell it; 0: unknown.
        back: how many bars back lies what each bar repeats, 0 where it is new; shape (bars,).
        chords: chord class of each quarter, shape (Q,).
    """

    numerator: int
    denominator: int
    key: int
    back: NDArray[np.integer[Any]]
    chords: NDArray[np.integer[Any]]

    def cut(self, n_bars: int) -> Form:
        """Returns the form of a piece of so many bars; of one that is longer than this, what lies beyond is new."""
        total = len(self.back)
        quarters, is_broken = divmod(_QUARTERS * self.numerator, self.denominator)
        kept = _END_BARS if n_bars >= _LEAST_BARS and not is_broken and self._comes_home() else 0
        first = n_bars - kept
        if total <= n_bars:
            beyond = np.zeros(n_bars - total, np.uint8)
            return self._replace(back=np.concatenate((self.back, beyond)))
        back = self.back[:n_bars].astype(np.int64)
        if not kept:
            end = -(-n_bars * _QUARTERS * self.numerator // self.denominator)
            return self._replace(back=self.back[:n_bars], chords=self.chords[:end])
        last = np.arange(total - kept, total)
        repeated = last - self.back[last]
        # What the last bars repeat may be one of them, or have kept its place, or be left out.
        moved = np.where(repeated < first, np.arange(first, n_bars) - repeated, 0)
        moved[moved > _MOST_BACK] = 0
        back[first:] = np.where(repeated >= total - kept, self.back[last], moved)
        chords = np.concatenate((self.chords[: first * quarters], self.chords[(total - kept) * quarters :]))
        return self._replace(back=back.astype(np.uint8), chords=chords[: n_bars * quarters])

    def changes_chords(self) -> bool:
        """Whether no chord takes up more than half of the harmony.

        Where little but one chord is heard in a piece, it plays much beside it; what is composed over that chord does
        not, and becomes a drone.
        """
        named = self._named_chords()
        return len(named) > 0 and int(np.bincount(named).max()) <= _MOST_OF_ONE_CHORD * len(named)

    def _comes_home(self) -> bool:
        """Whether the last chord is the tonic: songs that end in another key, or fade, lend no ending."""
        named = self._named_chords()
        return self.key > 0 and len(named) > 0 and (int(named[-1]) - 1) % 12 == (self.key - 1) % 12

    def _named_chords(self) -> NDArray[np.integer[Any]]:
        return self.chords[(self.chords != UNKNOWN_CHORD) & (self.chords != NO_CHORD)]


class Forms(NamedTuple):
    """Forms by style.

    Attributes:
        style: of each form, from 1; shape (F,).
        forms: F of them.
    """

    style: NDArray[np.int16]
    forms: tuple[Form, ...]

    def of(self, style: int, numerator: int, denominator: int, n_bars: int, *, is_minor: bool | None) -> list[Form]:
        """Forms of a style: if there are any, of the same meter, of the same mode unless None, and long enough.

        Before length it counts that chords change (:meth:`Form.changes_chords`). Those of just that length come alone,
        if they are enough to choose from: a tune is more of a whole than its parts.
        """
        found = [own for own, number in zip(self.forms, self.style.tolist(), strict=True) if number == style]
        found = [own for own in found if (own.numerator, own.denominator) == (numerator, denominator)] or found
        if is_minor is not None:
            found = [own for own in found if own.key and (own.key > 12) == is_minor] or found
        found = [own for own in found if own.changes_chords()] or found
        whole = [own for own in found if len(own.back) == n_bars]
        return whole if len(whole) >= _ENOUGH else [own for own in found if len(own.back) >= n_bars] or found

    def to_bytes(self) -> bytes:
        """Returns them as they lie in an artifact."""
        columns = [(*own[:3], len(own.back), len(own.chords)) for own in self.forms]
        nothing = np.empty(0, np.uint8)
        return packed(
            style=self.style,
            about=np.array(columns, np.int32).reshape(-1, 5),
            back=np.concatenate([nothing, *(own.back for own in self.forms)]),
            chords=np.concatenate([nothing, *(own.chords for own in self.forms)]),
        )

    @classmethod
    def load(cls, path: Path) -> Forms:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        stored = unpacked(path, ("style", "about", "back", "chords"), "forms of training pieces")
        style, about, back, chords = stored["style"], stored["about"], stored["back"], stored["chords"]
        if about.shape != (len(style), 5) or about[:, 3:].sum(axis=0).tolist() != [len(back), len(chords)]:
            raise ArtifactError(f"{path}: its forms do not fit together")
        ends = about[:, 3:].cumsum(axis=0)[:-1]
        pieces = zip(about[:, :3].tolist(), np.split(back, ends[:, 0]), np.split(chords, ends[:, 1]), strict=False)
        return cls(style, tuple(Form(*own, *arrays) for own, *arrays in pieces))


def forms_of(rows: Sequence[tuple[int, Form]]) -> Forms:
    """Returns forms given with their styles; ways back beyond a byte are cut."""
    return Forms(
        np.array([style for style, _ in rows], np.int16),
        tuple(
            form._replace(back=np.minimum(form.back, _MOST_BACK).astype(np.uint8), chords=form.chords.astype(np.uint8))
            for _, form in rows
        ),
    )
