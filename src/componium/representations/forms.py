"""Forms of training pieces, which composers for whom no form is asked borrow: bars that repeat bars, and no notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.errors import ArtifactError
from componium.fingerprints.packing import packed, unpacked

Form = NDArray[np.uint8]


class Forms(NamedTuple):
    """Forms by style and meter.

    Attributes:
        about: style, numerator and denominator of each form, shape (F, 3).
        forms: how many bars back lies what each bar repeats, 0 where it is new.
    """

    about: NDArray[np.int16]
    forms: tuple[Form, ...]

    def of(self, style: int, numerator: int, denominator: int, n_bars: int) -> list[Form]:
        """Forms of a style: of the same meter if there are any, and long enough if there are any."""
        candidates = [i for i, own in enumerate(self.about.tolist()) if own[0] == style]
        meter = [numerator, denominator]
        candidates = [i for i in candidates if self.about[i, 1:].tolist() == meter] or candidates
        candidates = [i for i in candidates if len(self.forms[i]) >= n_bars] or candidates
        return [self.forms[i] for i in candidates]

    def to_bytes(self) -> bytes:
        """Returns them as they lie in an artifact."""
        lengths = np.array([len(form) for form in self.forms], np.int32)
        return packed(about=self.about, lengths=lengths, forms=np.concatenate([np.empty(0, np.uint8), *self.forms]))

    @classmethod
    def load(cls, path: Path) -> Forms:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        stored = unpacked(path, ("about", "lengths", "forms"), "forms of training pieces")
        about, lengths, forms = stored["about"], stored["lengths"], stored["forms"]
        if about.shape != (len(lengths), 3) or int(lengths.sum()) != len(forms):
            raise ArtifactError(f"{path}: its forms do not fit together")
        return cls(about, tuple(np.split(forms, np.cumsum(lengths)[:-1])) if len(lengths) else ())


def forms_of(rows: Sequence[tuple[int, int, int, Form]]) -> Forms:
    """Returns forms given as style, numerator, denominator and bars back."""
    about = np.array([row[:3] for row in rows], np.int16).reshape(-1, 3)
    return Forms(about, tuple(np.minimum(row[3], 255).astype(np.uint8) for row in rows))
