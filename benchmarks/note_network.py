"""A small recurrent network that tells excerpts apart by their notes, where the judge's features may miss something.

Each note is a row: steps since the row before, instrument, pitch relative to the excerpt's mean, interval from the row
before, duration, velocity, place in the bar. Keys of the percussion map are kept as they are. What two bars read far
apart would have to be remembered for is given as well: the step of the scale, in the key of the excerpt; whether the
part struck the same pitch, another or none at this place one, two, four and eight bars ago; and how many of its last
notes were heard before. The sum of their embeddings, and of a linear map of the values themselves, goes through gated
recurrent units (Cho et al. 2014) in both directions; the mean and the maximum of their outputs decide. What is trained
on is divided by groups once more: a fifth of them says when to stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from componium.errors import RepresentationError
from componium.evaluation.classifier_test import LabeledExcerpts
from componium.features.columns import POSITION
from componium.features.earlier_bars import BARS
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.features.metric import N_POSITIONS
from componium.features.part_history import EARLIER, N_MATCHES, POINTED_AT, part_histories
from componium.representations.columns import DURATION, PART, PITCH, SHIFT, VELOCITY
from componium.representations.note_codec import NoteCodec
from componium.score import Score
from componium.score.harmony.keys import estimate_key

WIDTH, HIDDEN, DROPOUT = 48, 64, 0.2
RATE, DECAY = 1e-2, 1e-2
BATCH = 32
EPOCHS, PATIENCE = 30, 10
STOPPING = 5
# Rows: pitches about the mean and the keys of drums, intervals of at most two octaves, 0 where there is none.
MIDDLE, KEYS, N_RELATIVE = 64, 128, 256
WIDEST, N_INTERVALS = 24, 50
# Steps of a major and of a minor scale, and drums.
NO_STEP, N_SCALE_STEPS = 24, 25
# What the part struck some bars ago: nothing, this pitch, or another.
N_AGAIN = 3

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Notes:
    """Excerpts as rows, with the number of values of each column."""

    rows: Sequence[Rows]
    sizes: tuple[int, ...]


def notes_of(codec: NoteCodec, scores: Sequence[Score]) -> Notes:
    """The rows of excerpts; none of an excerpt without notes."""
    sizes = codec.sizes
    counts = (sizes.shift, sizes.part, N_RELATIVE, N_INTERVALS, sizes.duration, sizes.velocity, N_POSITIONS)
    counts += (N_SCALE_STEPS, N_MATCHES, *[N_AGAIN] * len(BARS))
    return Notes([_rows(codec, score, len(counts)) for score in scores], counts)


def _rows(codec: NoteCodec, score: Score, n_columns: int) -> Rows:
    try:
        encoded = codec.encode(score)
    except RepresentationError:
        return np.zeros((0, n_columns), np.int64)
    events = encoded.events.astype(np.int64)
    pitched = ~codec.is_drum[events[:, PART]] & (events[:, DURATION] > 0)
    pitch = events[:, PITCH]
    mean = int(np.rint(pitch[pitched].mean())) if pitched.any() else MIDDLE
    interval = np.zeros(len(events), np.int64)
    both = pitched[1:] & pitched[:-1]
    interval[1:][both] = np.clip(np.diff(pitch)[both], -WIDEST, WIDEST) + WIDEST + 1
    relative = np.where(pitched, np.clip(pitch - mean + MIDDLE, 0, KEYS - 1), KEYS + pitch)
    positions = FeatureSet(codec, FeatureConfig()).positions_of(encoded)
    key = estimate_key(score)
    tonic, minor = (0, 0) if key is None else (key.tonic, 12 * key.is_minor)
    heard = part_histories(encoded.events, positions, codec.durations)
    earlier = heard[:, EARLIER][:, ::2]
    columns = (
        events[:, SHIFT],
        events[:, PART],
        relative,
        interval,
        events[:, DURATION],
        events[:, VELOCITY],
        positions[1:, POSITION].astype(np.int64),
        np.where(pitched, (pitch - tonic) % 12 + minor, NO_STEP),
        heard[:, POINTED_AT.stop - 1],
        *np.where(earlier == 0, 0, np.where(earlier == 1 + pitch[:, None], 1, 2)).T,
    )
    return np.stack(columns, axis=1)


class NoteNetwork(nn.Module):
    """Log-odds of being composed."""

    def __init__(self, sizes: Sequence[int], rows: Rows) -> None:
        """``rows``: those to be learned from, whose values are brought to mean 0 and deviation 1."""
        super().__init__()
        # One value more for the row that every excerpt begins with.
        self.embeddings = nn.ModuleList(nn.Embedding(size + 1, WIDTH) for size in sizes)
        self.register_buffer("mean", torch.tensor(rows.mean(axis=0)).float())
        self.register_buffer("spread", torch.tensor(np.maximum(rows.std(axis=0), 1e-3)).float())
        self.linear = nn.Linear(len(sizes), WIDTH)
        self.dropout = nn.Dropout(DROPOUT)
        self.recurrent = nn.GRU(WIDTH, HIDDEN, batch_first=True, bidirectional=True)
        self.out = nn.Linear(4 * HIDDEN, 1)

    def forward(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """Rows (B, T, columns), lengths (B,) -> log-odds (B,)."""
        embedded = self.linear(((rows - self.mean) / self.spread).clamp(-4.0, 4.0))
        for i, table in enumerate(self.embeddings):
            embedded = embedded + table(rows[..., i])
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(embedded), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.recurrent(packed)[0], batch_first=True)
        inside = (torch.arange(states.shape[1]) < lengths[:, None])[..., None]
        mean = (states * inside).sum(dim=1) / lengths[:, None]
        highest = states.masked_fill(~inside, -1e9).amax(dim=1)
        return self.out(self.dropout(torch.cat((mean, highest), dim=1))).squeeze(1)


def network_scores(notes: Notes, excerpts: LabeledExcerpts, fold: Rows, seed: int = 0) -> NDArray[np.float64]:
    """Log-odds of being composed, each by the network that has not seen the excerpt's fold; shape (N,)."""
    scores = np.empty(len(fold))
    for own in range(int(fold.max()) + 1):
        network = _trained(notes, excerpts, np.flatnonzero(fold != own), seed + own)
        held_out = np.flatnonzero(fold == own)
        scores[held_out] = _score(network, notes, held_out)
    return scores


def _trained(notes: Notes, excerpts: LabeledExcerpts, index: Rows, seed: int) -> NoteNetwork:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    groups = rng.permutation(np.unique(excerpts.group[index]))
    stops = np.isin(excerpts.group[index], groups[: max(len(groups) // STOPPING, 1)])
    learned, kept = index[~stops], index[stops]
    network = NoteNetwork(notes.sizes, np.concatenate([notes.rows[i] for i in learned]))
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    loss = nn.BCEWithLogitsLoss()
    best, best_state, waited = np.inf, network.state_dict(), 0
    for _ in range(EPOCHS):
        network.train()
        order = rng.permutation(learned)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            optimizer.zero_grad()
            loss(network(*_padded(notes, batch)), _labels(excerpts, batch)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
        figure = float(loss(torch.from_numpy(_score(network, notes, kept)).float(), _labels(excerpts, kept)))
        if figure < best:
            best, waited = figure, 0
            best_state = {name: own.clone() for name, own in network.state_dict().items()}
        else:
            waited += 1
            if waited == PATIENCE:
                break
    network.load_state_dict(best_state)
    return network


def _score(network: NoteNetwork, notes: Notes, index: Rows) -> NDArray[np.float64]:
    network.eval()
    with torch.inference_mode():
        parts = [network(*_padded(notes, index[i : i + 8 * BATCH])) for i in range(0, len(index), 8 * BATCH)]
    return torch.cat(parts).double().numpy()


def _labels(excerpts: LabeledExcerpts, index: Rows) -> Tensor:
    return torch.from_numpy(excerpts.is_composed[index].astype(np.float32))


def _padded(notes: Notes, index: Rows) -> tuple[Tensor, Tensor]:
    lengths = [len(notes.rows[i]) + 1 for i in index]
    padded = np.zeros((len(index), max(lengths), len(notes.sizes)), np.int64)
    padded[:, 0] = notes.sizes
    for own, i in zip(padded, index, strict=True):
        own[1 : len(notes.rows[i]) + 1] = notes.rows[i]
    return torch.from_numpy(padded), torch.tensor(lengths)
