"""Casts of training pieces, which composers borrow for whom no more is asked than which instruments play.

A *cast* is what the parts of one piece do (:mod:`componium.conditioning.roles`), and no notes. One is drawn among
those of the style for exactly the instruments that are asked for. Where there are too few, or a density or complexity
is asked for, instruments take the roles of others, the lowest instrument the lowest role; roles that are left over are
dropped. Of a number of casts those are kept that fit the instruments best: registers in their ranges, chords for those
that play chords, nobody dropped. Of these one is drawn among those that come nearest to what is asked for, so that a
density is a share of what the style does *with such a band*.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from componium.conditioning.roles import (
    ACTIVITY,
    CHORDS,
    N_KINDS,
    PLAYS,
    REGISTER,
    SIZES,
    TEXTURE,
    Measured,
    Roles,
    activity_of,
    only_playing,
    pitch_of,
    role_classes,
)
from componium.conditioning.style_profile import RoleSettings
from componium.errors import ArtifactError
from componium.fingerprints.packing import Stored, packed, unpacked
from componium.representations.parts import Part
from componium.score.instruments import BAND_BY_NAME, Instrument

MOST_OF_STYLE = 768
"""Casts of one style that an artifact keeps."""


class RoleTemplate(NamedTuple):
    """What the parts of a band do: their roles, shape (3, parts); notes a quarter, and complexity.

    ``piece`` is the number of its training piece among the form templates.
    """

    roles: Roles
    density: float
    complexity: float
    piece: int


class RoleTemplates(NamedTuple):
    """Casts by style.

    Attributes:
        style: of each cast, from 1; shape (C,).
        measured: density and complexity of each, shape (C, 2).
        roles: shape (C, 3, parts).
        piece: the number of each one's training piece among the form templates; shape (C,).
    """

    style: NDArray[np.int16]
    measured: NDArray[np.float32]
    roles: Roles
    piece: NDArray[np.int32]

    def to_bytes(self) -> bytes:
        """Returns them as they lie in an artifact."""
        return packed(style=self.style, measured=self.measured, roles=self.roles.astype(np.uint8), piece=self.piece)

    @classmethod
    def load(cls, path: Path) -> RoleTemplates:
        """Reads what :meth:`to_bytes` wrote.

        Raises:
            ArtifactError: the file holds something else.
        """
        kinds = {"style": Stored("iu"), "measured": Stored("f", 2), "roles": Stored("iu", 3), "piece": Stored("iu")}
        stored = unpacked(path, kinds, "casts of training pieces")
        style, measured, roles = stored["style"], stored["measured"], stored["roles"].astype(np.int64)
        fits = measured.shape == (len(style), 2) and stored["piece"].shape == style.shape
        if not fits or roles.shape[:2] != (len(style), N_KINDS):
            raise ArtifactError(f"{path}: its casts do not fit together")
        sizes = np.array(SIZES)[:, None]
        if (roles < 0).any() or (roles >= sizes).any() or (measured < 0).any():
            raise ArtifactError(f"{path}: a role is out of range")
        # Whoever plays in a register has a texture and an activity; drums have no register.
        if ((roles[:, REGISTER] > PLAYS)[:, None] & (roles[:, TEXTURE:] == 0)).any():
            raise ArtifactError(f"{path}: a role says a register alone")
        return cls(style, measured, roles.astype(np.int16), stored["piece"])

    def draw(
        self,
        style: int,
        band: Band,
        asked: tuple[float | None, float | None],
        rng: np.random.Generator,
        pieces: Sequence[int] = (),
    ) -> RoleTemplate | None:
        """Returns roles for the parts that play, or None if the style has no casts.

        Of pieces with as many pitched players as play; where they are not enough to choose from, with nearly as many.

        Args:
            style: from 1.
            band: the parts, and which of them play.
            asked: density and complexity as shares 0 to 1 of what such bands do; None: whatever.
            rng: draws.
            pieces: numbers of the training pieces that are wanted; none, or none that has a cast: any.
        """
        own = np.flatnonzero(self.style == style)
        if not len(own) or not len(band.pitched):
            return None
        wanted = own[np.isin(self.piece[own], pieces)]
        own = self._of_as_many(wanted if len(wanted) else own, band)
        # Those of the same instruments are too much alike to choose a density among them.
        fitting = [] if any(value is not None for value in asked) else self._of_same(own, band)
        fitting = fitting or self._fitting(own, band, rng)
        for value, measured in zip(asked, ("density", "complexity"), strict=True):
            if value is not None:
                fitting = _nearest(fitting, value, measured, band.settings, to=2 if None not in asked else 1)
        return fitting[int(rng.integers(len(fitting)))]

    def _of_as_many(self, own: NDArray[np.intp], band: Band) -> NDArray[np.intp]:
        """The casts whose number of pitched players comes nearest to that of a band."""
        n_players = (self.roles[own][:, REGISTER] > PLAYS).sum(axis=1)
        away = np.abs(n_players - len(band.pitched))
        return own[away <= np.sort(away)[min(band.settings.enough, len(own)) - 1]]

    def _of_same(self, own: NDArray[np.intp], band: Band) -> list[RoleTemplate]:
        """The casts of exactly these instruments, if they are enough to choose from."""
        same = own[((self.roles[own, REGISTER] > 0) == band.plays).all(axis=1)]
        return [self._cast(i) for i in same.tolist()] if len(same) >= band.settings.enough else []

    def _fitting(self, own: NDArray[np.intp], band: Band, rng: np.random.Generator) -> list[RoleTemplate]:
        """Of a number of casts those that fit the band best, as it takes them."""
        tried = [band.taking(self._cast(i)) for i in rng.permutation(own)[: band.settings.most_tried].tolist()]
        tried.sort(key=lambda own: own[0])
        alike, fitting = band.settings.alike, band.settings.fitting
        return [
            cast
            for place, (cost, cast) in enumerate(tried)
            if cost < tried[0][0] + alike or place < fitting * len(tried) - 1
        ]

    def _cast(self, index: int) -> RoleTemplate:
        density, complexity = self.measured[index].tolist()
        return RoleTemplate(self.roles[index], density, complexity, int(self.piece[index]))


def role_templates_of(
    rows: Sequence[tuple[int, float, float, Measured, int]], is_drum: NDArray[np.bool_]
) -> RoleTemplates:
    """Returns casts given as style, density, complexity, roles as they are measured, and the number of their piece.

    Of a style at most ``MOST_OF_STYLE``.
    """
    style = np.array([row[0] for row in rows], np.int16)
    kept: list[int] = []
    for value in np.unique(style):
        own = np.flatnonzero(style == value)
        kept += own[np.linspace(0, len(own) - 1, min(MOST_OF_STYLE, len(own))).round().astype(int)].tolist()
    roles = [role_classes(rows[i][3], is_drum) for i in kept]
    return RoleTemplates(
        style[kept],
        np.array([rows[i][1:3] for i in kept], np.float32).reshape(-1, 2),
        np.array(roles, np.int16).reshape(-1, N_KINDS, len(is_drum)),
        np.array([rows[i][4] for i in kept], np.int32),
    )


def _nearest(
    casts: list[RoleTemplate], share: float, measured: str, settings: RoleSettings, *, to: int
) -> list[RoleTemplate]:
    """The casts whose rank by a measure comes nearest to a share 0 to 1; of two measures a wider choice first."""
    ranked = sorted(casts, key=lambda cast: getattr(cast, measured))
    count = min(len(ranked), max(settings.least**to, round(len(ranked) * settings.nearest ** (1 / to))))
    first = round(share * (len(ranked) - count))
    return ranked[first : first + count]


class Band:
    """Instruments that look for roles, the lowest first.

    Args:
        parts: of a composer.
        plays: which of them are asked for, shape (parts,).
        settings: how roles are drawn.
    """

    def __init__(self, parts: tuple[Part, ...], plays: NDArray[np.bool_], settings: RoleSettings) -> None:
        self.plays = plays
        self.settings = settings
        self._is_drum = np.array([part.is_drum for part in parts])
        players = [(_player(parts[i]), int(i)) for i in np.flatnonzero(plays & ~self._is_drum)]
        players.sort(key=lambda own: (own[0].low + own[0].high, own[1]))
        self._players = [player for player, _ in players]
        self.pitched = [part for _, part in players]

    def taking(self, cast: RoleTemplate) -> tuple[float, RoleTemplate]:
        """What speaks against a cast, and the cast as these instruments take it."""
        roles = cast.roles
        there = np.flatnonzero((roles[REGISTER] > PLAYS) & ~self._is_drum)
        there = there[np.argsort(roles[REGISTER, there], kind="stable")]
        cost, pairs = self._aligned([tuple(roles[:, i].tolist()) for i in there])
        taken = only_playing(self.plays)
        for player, role in pairs:
            taken[:, self.pitched[player]] = _within(self._players[player], roles[:, there[role]])
        drums = np.flatnonzero(self._is_drum)
        has_drums = (roles[REGISTER, drums] > 0).any()
        if (self.plays[drums] & (roles[REGISTER, drums] > 0)).any():
            taken[:, drums] = roles[:, drums]
        cost += self.settings.drummer * (has_drums != self.plays[drums].any())
        whole = sum(activity_of(int(roles[ACTIVITY, i])) for i in there)
        own = sum(activity_of(int(roles[ACTIVITY, there[role]])) for _, role in pairs)
        return cost, cast._replace(roles=taken, density=cast.density * own / max(whole, 1e-6))

    def _aligned(self, roles: list[tuple[int, int, int]]) -> tuple[float, list[tuple[int, int]]]:
        """The cheapest way to give roles, the lowest first, to the players in their order; the rest is dropped."""
        n_players, n_roles, costs = len(self._players), len(roles), self.settings
        if n_roles < n_players:
            # Too few: the highest players take them, and those below are told only that they play.
            pairs = [(n_players - n_roles + i, i) for i in range(n_roles)]
            lacking = 2 * costs.chords_for_line * (n_players - n_roles)
            return lacking + sum(_against(self._players[p], roles[r], costs) for p, r in pairs), pairs
        spare = n_roles - n_players
        # The cheapest with so many roles dropped as yet, player by player.
        best: list[tuple[float, list[tuple[int, int]]]] = [
            (costs.dropped * dropped + costs.lowest_dropped * (dropped > 0), []) for dropped in range(spare + 1)
        ]
        for player, instrument in enumerate(self._players):
            is_last = player == n_players - 1
            new: list[tuple[float, list[tuple[int, int]]]] = []
            for dropped in range(spare + 1):
                role = player + dropped
                cost, pairs = best[dropped]
                taken = (cost + _against(instrument, roles[role], costs), [*pairs, (player, role)])
                if new:
                    without = new[-1][0] + costs.dropped + costs.top_dropped * (is_last and dropped == spare)
                    taken = min(taken, (without, new[-1][1]), key=lambda own: own[0])
                new.append(taken)
            best = new
        return best[-1]


def _player(part: Part) -> Instrument:
    return BAND_BY_NAME.get(part.name) or Instrument(part.name, part.program, 0, 127, 10)


def _against(player: Instrument, role: tuple[int, int, int], costs: RoleSettings) -> float:
    """What speaks against an instrument in a role."""
    pitch = pitch_of(role[REGISTER])
    outside = max(player.low + costs.margin - pitch, pitch - (player.high - costs.margin), 0.0)
    is_chords = role[TEXTURE] >= CHORDS
    against = costs.chords_for_line * (is_chords and not player.is_polyphonic)
    against += costs.line_for_chords * (player.is_polyphonic and not is_chords)
    return outside + against + costs.hardly_plays * (role[ACTIVITY] < costs.active)


def _within(player: Instrument, role: NDArray[np.int16]) -> NDArray[np.int16]:
    """The role, moved by octaves into the instrument's range, and a line where it plays no chords."""
    own = np.array(role)
    while pitch_of(int(own[REGISTER])) < player.low:
        own[REGISTER] += 2
    while pitch_of(int(own[REGISTER])) > player.high:
        own[REGISTER] -= 2
    if not player.is_polyphonic:
        own[TEXTURE] = min(own[TEXTURE], 1 if player.most_at_once == 1 else CHORDS - 1)
    return own
