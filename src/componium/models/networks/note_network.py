"""The network that writes a piece note by note, whatever carries its state: of the families that do.

One step a note: the input is the sum of the embeddings of a note's attributes and of its context; a stack of blocks
(:class:`componium.models.networks.backbone.Backbone`) turns it into a hidden state; from this a head predicts the onset
shift of the next note, and then, knowing the context that it lands on, part, pitch, duration and velocity, each from
those before it.

Beside the state stands the repeat pointer (:mod:`componium.features.repeat_pointer`): what followed when the last notes
were heard before in the piece. It is an input, and each prediction may favor copying it, as the pointer sentinel of
Merity et al. (arXiv 1609.07843) does; here by one learned number added to the logit of the value pointed at. Likewise
each pitch may be favored by how far it is from the one that its voice takes over from, so that an interval is one thing
wherever it begins.

After the attribute-wise factorization of DeepJ (Mao et al., arXiv 1801.00887) and the compound words of Hsiao et al.
(arXiv 2101.02402). Deviation from both: the attributes of one note are predicted one after the other, not
independently, with a small network for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from componium.conditioning.roles import SIZES
from componium.features.feature_set import FeatureSet
from componium.features.form_pointer import NEW_MUSIC
from componium.features.part_history import COMES_FROM, POINTED_AT, history_sizes
from componium.features.repeat_pointer import STREAK
from componium.features.steps import N_STARTS
from componium.models.networks.backbone import Backbone
from componium.models.networks.layers import EmbeddingSum, FeedForward, LockedDropout
from componium.models.networks.optimization import OptimizationConfig
from componium.representations.columns import ATTRIBUTES, PART, PITCH, SHIFT

N_ATTRIBUTES = len(ATTRIBUTES)
# Semitones, up and down, by which the pitch that a voice takes over from may be favored to move on.
WIDEST_MOVE = 12
N_MOVES = 2 * WIDEST_MOVE + 1

# Values (..., K) of one kind that may be favored, and whether each is one (..., K).
_Favored = tuple[Tensor, Tensor]


class NoteNetworkConfig(OptimizationConfig):
    """Settings that the families of this network share in a recipe."""

    width: int = Field(default=256, ge=8, le=4096)
    depth: int = Field(default=4, ge=1, le=64)
    head_width: int = Field(default=256, ge=8, le=4096)
    dropout: float = Field(default=0.1, ge=0, lt=1)


class AttributeHead(nn.Module):
    """Logits of one attribute from what is known so far; some values can be favored: ``n_favored`` of each kind."""

    def __init__(self, width: int, inner: int, n_values: int, n_favored: Sequence[int]) -> None:
        super().__init__()
        self.sections = (n_values, *n_favored)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, inner)
        # More outputs than values: by how much each favored value is.
        self.out = nn.Linear(inner, sum(self.sections))

    def forward(self, x: Tensor, favored: Sequence[_Favored]) -> Tensor:
        """Maps (..., H), and the values (..., K) of each kind that may be favored, to logits (..., N)."""
        outputs = self.out(functional.silu(self.up(self.norm(x)))).float()
        logits, *favors = outputs.split(self.sections, dim=-1)
        for favor, (values, is_there) in zip(favors, favored, strict=True):
            logits = logits.scatter_add(-1, values, favor * is_there)
        return logits


class NoteNetwork(nn.Module):
    """The network; see the module.

    Args:
        config: its settings.
        features: what it reads.
        backbone: carries its state; of its width.
    """

    copied: Tensor
    roles: Tensor
    moves: Tensor

    def __init__(self, config: NoteNetworkConfig, features: FeatureSet, backbone: Backbone) -> None:
        super().__init__()
        width = config.width
        self.width = width
        self.sizes = sizes = features.codec.sizes
        self.n_moving = features.n_moving
        self.is_conditioned = bool(features.condition_sizes)
        self.has_histories = features.config.part_history
        self.n_places, self.n_recalled = len(features.context_sizes), len(features.pointer_sizes)
        moving, constant = features.context_sizes[: self.n_moving], features.context_sizes[self.n_moving :]
        recalled = features.pointer_sizes
        # Start markers are shifts beyond the end's.
        row = (sizes.shift + N_STARTS, *sizes[1:])
        self.input = EmbeddingSum(width, (*row, *moving, *recalled))
        self.told = EmbeddingSum(width, constant) if constant else None
        self.reminder = nn.Linear(width, width, bias=False) if constant else None
        if self.told is not None:
            # Most of its many columns say that a part does not play; at the usual size they would drown the notes.
            nn.init.normal_(self.told.weight, std=0.05)
        self.backbone = backbone
        # Columns at which events begin that may be copied; behind all pointers that of the chosen part's history.
        copied = features.copied_from + ((self.n_recalled + POINTED_AT.start,) if self.has_histories else ())
        self.register_buffer("copied", torch.tensor(copied), persistent=False)
        n_copies = [len(copied) - (self.has_histories and attribute <= PART) for attribute in range(N_ATTRIBUTES)]
        self.n_copies = n_copies
        agrees = [[2] * copies for copies in n_copies]
        # A value known and whether it is the one recalled, which makes the rest of the row worth copying, or not.
        self.known = nn.ModuleList(EmbeddingSum(width, (n, *own)) for n, own in zip(sizes[:-1], agrees, strict=False))
        # The history of the part that is chosen, and its role, which are the last columns of a context.
        roles = self.n_places - sizes.part * torch.arange(len(SIZES), 0, -1) if constant else torch.zeros(0).long()
        self.register_buffer("roles", roles, persistent=False)
        history, role = history_sizes(sizes), SIZES if constant else ()
        # The pitch that is taken over from comes last, for what is added to a table goes to its end.
        self.voice = EmbeddingSum(width, (*history[:-1], *role, history[-1])) if self.has_histories else None
        self.landing = EmbeddingSum(width, (*moving, *recalled))
        self.landing_norm = nn.LayerNorm(width)
        self.landing_feed = FeedForward(width, 2 * width)
        # From one more than the pitch that is taken over from.
        self.register_buffer("moves", torch.arange(-WIDEST_MOVE, WIDEST_MOVE + 1) - 1, persistent=False)
        n_favored = [[copies] for copies in n_copies]
        if self.has_histories:
            n_favored[PITCH].append(N_MOVES)
        self.heads = nn.ModuleList(
            AttributeHead(width, config.head_width, n, own) for n, own in zip(sizes, n_favored, strict=True)
        )
        self.dropout = LockedDropout(config.dropout)

    @property
    def state_size(self) -> int:
        """Numbers that are carried from note to note."""
        return self.backbone.state_size

    def advance(self, rows: Tensor, places: Tensor, recalled: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Reads notes: rows (T, B, 5), places (T, B, P), recalled (T, B, R), state (B, S) -> hidden, state after."""
        x = self.input(torch.cat((rows, places[..., : self.n_moving], recalled), dim=-1))
        if self.told is None:
            return self.backbone(self.dropout(x), state)
        # What stands still along a piece is looked up once.
        told, reminder = self.look_up(places[:1])
        hidden, after = self.backbone(self.dropout(x + told), state)
        return hidden + reminder, after

    def step(
        self, row: Tensor, place: Tensor, recalled: Tensor, state: Tensor, *looked_up: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As :meth:`advance` of one note.

        Args:
            row: shape (B, 5).
            place: shape (B, P).
            recalled: shape (B, R).
            state: shape (B, S).
            looked_up: of a conditioned network what :meth:`look_up` returns, each of shape (B, H).

        Returns:
            Hidden, shape (B, H), and the state after.
        """
        x = self.input(torch.cat((row, place[:, : self.n_moving], recalled), dim=-1))
        if not looked_up:
            return self.backbone.step(x, state)
        told, reminder = looked_up
        hidden, state = self.backbone.step(x + told, state)
        return hidden + reminder, state

    def look_up(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Looks up the conditions of a piece that do not change within a bar; of conditioned networks only.

        Args:
            places: shape (..., P).

        Returns:
            What is added to the input, and again to hidden, since what has been heard would drown it; (..., H) each.
        """
        assert self.told is not None and self.reminder is not None  # noqa: S101, PT018 - see above
        told = self.told(places[..., self.n_moving :])
        return told, self.reminder(told)

    def shift_logits(self, hidden: Tensor, recalled: Tensor) -> Tensor:
        """Maps hidden (..., H) and recalled (..., R) to logits of the next onset shift."""
        return self.attribute_logits(hidden, SHIFT, recalled)

    def land(self, hidden: Tensor, shift: Tensor, places: Tensor, recalled: Tensor) -> Tensor:
        """Adds to hidden (..., H) the shift (..., 1), the context (..., P) it lands on, and the pointers (..., R)."""
        x = hidden + self.landing(torch.cat((places[..., : self.n_moving], recalled), dim=-1))
        x = self.tell(x, SHIFT, shift, recalled)
        return x + self.landing_feed(self.landing_norm(x))

    def attribute_logits(self, known: Tensor, attribute: int, recalled: Tensor) -> Tensor:
        """Logits of an attribute, all before it being added to ``known`` (..., H) by :meth:`tell`."""
        favored = [self._copies(attribute, recalled)]
        if self.has_histories and attribute == PITCH:
            favored.append(self._moved(recalled))
        return self.heads[attribute](known, favored)

    def tell(self, known: Tensor, attribute: int, value: Tensor, recalled: Tensor) -> Tensor:
        """Adds the value (..., 1) of an attribute to what is known, and whether it is the one recalled."""
        copied, is_there = self._copies(attribute, recalled)
        agrees = (value == copied) & is_there
        return known + self.known[attribute](torch.cat((value, agrees.long()), dim=-1))

    def go_on(self, known: Tensor, part: Tensor, place: Tensor, voice: Tensor) -> Tensor:
        """Adds the history (..., 22) of the part (..., 1) that was chosen, and its role from the context (..., P)."""
        if self.voice is None:
            return known
        own = place.gather(-1, part + self.roles) if len(self.roles) else part[..., :0]
        heard, comes_from = voice[..., : COMES_FROM.start], voice[..., COMES_FROM]
        return known + self.voice(torch.cat((heard, own, comes_from), dim=-1))

    def _moved(self, recalled: Tensor) -> _Favored:
        """The pitches (..., 25) that the voice may move to, and whether there are such."""
        before = recalled[..., -1:]
        pitches = before + self.moves
        within = pitches.clamp(0, self.sizes.pitch - 1)
        return within, (before > 0) & (within == pitches)

    def _copies(self, attribute: int, recalled: Tensor) -> _Favored:
        """The value that each recalled row has of an attribute, and whether there is such a row; (..., K) each."""
        copied = self.copied[: self.n_copies[attribute]]
        streaks = recalled.index_select(-1, copied + STREAK)
        # Neither 0 nor NEW_MUSIC, which is more than any.
        return recalled.index_select(-1, copied + attribute), streaks % NEW_MUSIC > 0

    def log_probs(self, piece: Mapping[str, Tensor], state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Scores notes.

        Args:
            piece: time-major, T steps: ``rows`` (T, B, 5), the event before each; ``places`` (T, B, P), theirs;
                ``targets`` (T, B, 5), the events, of whose end only the shift counts; ``landing`` (T, B, P), theirs;
                where it is read, ``voices`` (T, B, 22), the history of the part of each target;
                ``recalled`` (T, B, R), the pointers before each target.
            state: shape (B, S); None where the stretch begins a piece, which costs attention less than zeros do.

        Returns:
            Natural log-probability of each attribute, shape (T, B, 5), and the state after.
        """
        distributions, state = self.distributions(piece, state)
        values = piece["targets"].split(1, dim=-1)
        scores = [own.gather(-1, value) for own, value in zip(distributions, values, strict=True)]
        return torch.cat(scores, dim=-1), state

    def distributions(self, piece: Mapping[str, Tensor], state: Tensor | None) -> tuple[list[Tensor], Tensor]:
        """Log-probabilities of all values of each attribute, shapes (T, B, N), given the targets before it.

        Args and state as of :meth:`log_probs`.
        """
        targets, recalled = piece["targets"], piece["recalled"]
        hidden, state = self.advance(piece["rows"], piece["places"], recalled, state)
        values = targets.split(1, dim=-1)
        logits = [self.shift_logits(hidden, recalled)]
        known = self.land(hidden, values[SHIFT], piece["landing"], recalled)
        for attribute in range(1, N_ATTRIBUTES):
            logits.append(self.attribute_logits(known, attribute, recalled))
            if attribute < N_ATTRIBUTES - 1:
                known = self.tell(known, attribute, values[attribute], recalled)
            if attribute == PART and "voices" in piece:
                known = self.go_on(known, values[PART], piece["landing"], piece["voices"])
                recalled = torch.cat((recalled, piece["voices"]), dim=-1)
        return [torch.log_softmax(own.float(), dim=-1) for own in logits], state
