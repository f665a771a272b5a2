"""Forms of training pieces, which composers for whom none is asked borrow.

A form is which bars repeat which, the harmony, and who plays when: of the music there are no notes in it. A shorter
piece takes over a passage in which as much returns as at its beginning: it ends as that one does, with its last
cadence, if that one comes home.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.arrangements import Arrangement
from componium.conditioning.controls import N_KEYS
from componium.conditioning.style_profile import FormSettings
from componium.errors import ArtifactError
from componium.fingerprints.packing import Stored, packed, unpacked
from componium.score.harmony.chords import N_CHORDS, NO_CHORD, UNKNOWN_CHORD

_QUARTERS = 4
# What is kept of a form beside its arrays: meter, key, whether there are drums, and numbers of parts, bars, quarters.
_N_COLUMNS = 7
# Bars and parts of a form.
_MOST = 10_000
# Ways back are kept in bytes.
_MOST_BACK = 255


class FormTemplate(NamedTuple):
    """The form of one piece.

    Attributes:
        numerator, denominator: of its meter.
        key: its class, as guides tell it; 0: unknown.
        back: how many bars back lies what each bar repeats, 0 where it is new; shape (bars,).
        chords: chord class of each quarter, shape (Q,).
        arrangement: who plays in which bar.
    """

    numerator: int
    denominator: int
    key: int
    back: NDArray[np.integer[Any]]
    chords: NDArray[np.integer[Any]]
    arrangement: Arrangement

    def cut(self, n_bars: int, settings: FormSettings) -> FormTemplate:
        """Returns the form of a piece of so many bars; of one that is longer than this, what lies beyond is new.

        Of a longer form that passage is taken in which nearly as many bars return as in its first ``n_bars``, of
        several the first: with its end if it comes home. Where nothing is known about who plays beyond its end, the
        arrangement stays shorter.
        """
        total = len(self.back)
        if total <= n_bars:
            beyond = np.zeros(n_bars - total, np.uint8)
            return self._replace(back=np.concatenate((self.back, beyond)))
        share = float((self.back[:n_bars] > 0).mean())
        passages = ((bars, self._back_in(bars)) for bars in self._passages(n_bars, settings))
        bars, back = min(passages, key=lambda own: abs(float((own[1] > 0).mean()) - share))
        ticks = _QUARTERS * self.numerator
        edges = np.stack((bars, bars + 1)) * ticks // self.denominator
        quarters = [np.arange(first, end) for first, end in edges.T]
        if ticks % self.denominator:
            quarters = [np.arange(-(-n_bars * ticks // self.denominator))]
        chosen = np.concatenate(quarters)
        return self._replace(
            back=back, chords=self.chords[chosen[chosen < len(self.chords)]], arrangement=self._sounding_in(bars)
        )

    def _passages(self, n_bars: int, settings: FormSettings) -> Iterator[NDArray[np.int64]]:
        """Yields the bars that a shorter piece may take over; those of broken quarters are not joined."""
        total, unit = len(self.back), settings.end_bars
        if _QUARTERS * self.numerator % self.denominator:
            yield np.arange(n_bars)
        elif n_bars >= settings.least_bars and self._comes_home():
            for kept in range(unit, n_bars + 1, unit):
                yield np.concatenate((np.arange(n_bars - kept), np.arange(total - kept, total)))
        else:
            for first in range(0, total - n_bars + 1, unit):
                yield np.arange(first, first + n_bars)

    def _back_in(self, bars: NDArray[np.int64]) -> NDArray[np.uint8]:
        """How many bars back lies what each of some bars repeats; 0 where that is none of them."""
        place = {bar: at for at, bar in enumerate(bars.tolist())}
        back = self.back.tolist()
        found = [at - place.get(bar - back[bar], at) if back[bar] else 0 for bar, at in place.items()]
        return np.array([own if own <= _MOST_BACK else 0 for own in found], np.uint8)

    def changes_chords(self, most_of_one: float) -> bool:
        """Whether no chord takes up more than a share of the harmony.

        Where little but one chord is heard in a piece, it plays much beside it; what is composed over that chord does
        not, and becomes a drone.
        """
        named = self._named_chords()
        return len(named) > 0 and int(np.bincount(named).max()) <= most_of_one * len(named)

    def _sounding_in(self, bars: NDArray[np.int64]) -> Arrangement:
        return self.arrangement._replace(sounds=self.arrangement.sounds[:, bars])

    def _comes_home(self) -> bool:
        """Whether the last chord is the tonic: songs that end in another key, or fade, lend no ending."""
        named = self._named_chords()
        return self.key > 0 and len(named) > 0 and (int(named[-1]) - 1) % 12 == (self.key - 1) % 12

    def _named_chords(self) -> NDArray[np.integer[Any]]:
        return self.chords[(self.chords != UNKNOWN_CHORD) & (self.chords != NO_CHORD)]


class WantedForm(NamedTuple):
    """What a form is wanted for.

    Attributes:
        style: from 1.
        meter: numerator and denominator.
        n_bars: of the piece.
        is_minor: the mode; None: either.
        n_players: pitched parts that play.
    """

    style: int
    meter: tuple[int, int]
    n_bars: int
    is_minor: bool | None
    n_players: int


class FormTemplates(NamedTuple):
    """Forms by style.

    Attributes:
        style: of each form, from 1; shape (F,).
        forms: F of them.
    """

    style: NDArray[np.int16]
    forms: tuple[FormTemplate, ...]

    def of(self, wanted: WantedForm, settings: FormSettings) -> list[int]:
        """Numbers of the forms of a style: if there are any, of the same meter, the same mode unless None, long enough.

        Before length it counts that chords change (:meth:`FormTemplate.changes_chords`). From a length on, those of
        just that length come alone, if they are enough to choose from: a tune is more of a whole than its parts, but
        little returns in short ones. So do those with a part for each of the players, drummers aside.
        """
        numbers = {id(own): number for number, own in enumerate(self.forms)}
        return [numbers[id(own)] for own in self._of(wanted, settings)]

    def _of(self, wanted: WantedForm, settings: FormSettings) -> list[FormTemplate]:
        style, meter, n_bars, is_minor, n_players = wanted
        found = [own for own, number in zip(self.forms, self.style.tolist(), strict=True) if number == style]
        found = [own for own in found if (own.numerator, own.denominator) == meter] or found
        if is_minor is not None:
            found = [own for own in found if own.key and (own.key > 12) == is_minor] or found
        found = [own for own in found if own.changes_chords(settings.most_of_one_chord)] or found
        whole = [own for own in found if len(own.back) == n_bars] if n_bars >= settings.whole_from else []
        found = whole if len(whole) >= settings.enough else [own for own in found if len(own.back) >= n_bars] or found
        arranged = [own for own in found if own.arrangement.n_pitched >= n_players]
        return arranged if len(arranged) >= settings.enough_of_parts else found

    def to_bytes(self) -> bytes:
        """Returns them as they lie in an artifact."""
        columns = [
            (*own[:3], own.arrangement.has_drums, len(own.arrangement.sounds), len(own.back), len(own.chords))
            for own in self.forms
        ]
        nothing = np.empty(0, np.uint8)
        return packed(
            style=self.style,
            about=np.array(columns, np.int32).reshape(-1, _N_COLUMNS),
            back=np.concatenate([nothing, *(own.back for own in self.forms)]),
            chords=np.concatenate([nothing, *(own.chords for own in self.forms)]),
            sounds=np.packbits(np.concatenate([nothing, *(own.arrangement.sounds.ravel() for own in self.forms)])),
        )

    @classmethod
    def load(cls, path: Path) -> FormTemplates:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        kinds = {
            "style": Stored("iu"),
            "about": Stored("iu", 2),
            **dict.fromkeys(("back", "chords", "sounds"), Stored("u")),
        }
        stored = unpacked(path, kinds, "forms of training pieces")
        style, about = stored["style"], stored["about"].astype(np.int64)
        if not _fit_together(stored, about):
            raise ArtifactError(f"{path}: its forms do not fit together")
        n_parts, n_bars, n_quarters = about[:, -3:].T
        n_sounds = n_parts * n_bars
        sounds = np.unpackbits(stored["sounds"], count=int(n_sounds.sum())).astype(bool)
        arrays = zip(
            np.split(stored["back"], n_bars.cumsum()[:-1]),
            np.split(stored["chords"], n_quarters.cumsum()[:-1]),
            np.split(sounds, n_sounds.cumsum()[:-1]),
            strict=True,
        )
        forms: list[FormTemplate] = []
        for own, (back, chords, sounding) in zip(about.tolist(), arrays, strict=False):
            numerator, denominator, key, has_drums, parts, bars, _ = own
            arrangement = Arrangement(sounding.reshape(parts, bars), bool(has_drums))
            forms.append(FormTemplate(numerator, denominator, key, back, chords, arrangement))
        return cls(style, tuple(forms))


def _fit_together(stored: Mapping[str, NDArray[Any]], about: NDArray[np.int64]) -> bool:
    """Whether arrays are those of forms, and each form can be taken over."""
    if about.shape != (len(stored["style"]), _N_COLUMNS):
        return False
    numerator, denominator, key, has_drums, n_parts, n_bars, n_quarters = about.T
    if not len(about):
        return True
    in_range = (
        (numerator >= 1) & (numerator <= 99) & np.isin(denominator, (1, 2, 4, 8, 16, 32, 64))
        & (key >= 0) & (key < N_KEYS) & (has_drums >= 0) & (has_drums <= np.minimum(n_parts, 1))
        & (n_parts <= _MOST) & (n_bars >= 1) & (n_bars <= _MOST) & (n_quarters >= 0) & (n_quarters <= 99 * _MOST)
    )  # fmt: skip
    if not in_range.all():
        return False
    back, chords, sounds = stored["back"], stored["chords"], stored["sounds"]
    if (n_bars.sum(), n_quarters.sum(), -(-(n_parts * n_bars).sum() // 8)) != (len(back), len(chords), len(sounds)):
        return False
    # A bar repeats an earlier one of its own piece.
    bar = np.arange(len(back)) - np.repeat(np.cumsum(n_bars) - n_bars, n_bars)
    return bool((back <= bar).all() and (chords < N_CHORDS).all() and sounds.dtype == np.uint8)


def form_templates_of(rows: Sequence[tuple[int, FormTemplate]]) -> FormTemplates:
    """Returns forms given with their styles; ways back beyond a byte are cut."""
    return FormTemplates(
        np.array([style for style, _ in rows], np.int16),
        tuple(
            form._replace(back=np.minimum(form.back, _MOST_BACK).astype(np.uint8), chords=form.chords.astype(np.uint8))
            for _, form in rows
        ),
    )
