"""Vocabularies of notes and chords, and what words cost without a network.

    python benchmarks/word_vocabularies.py RECIPE [--data DIR] [--cache DIR]

For each part of a recipe of the family ``note-chord``: how many different words the training pieces have (lowest pitch
and shape, every shape counted, numbered or not), how many of them once, what share of the words of the validation
pieces is unknown, what the 1,000 commonest words and the 500 commonest shapes of the part cover, of words and of
chords.

And bits per note of the validation and test pieces under n-grams, charged as the family charges its networks: shape,
pitch, duration and gap of each word, of rests shape and gap alone, the first gap of each line and its end. Each choice
is predicted from those before it in its word and from the last words, of which an n-gram of order n knows n;
interpolated by Witten and Bell (1991) down to even odds. Pitches are counted as they are, or as intervals to the note
before (i), and the place within the bar is known (p) or not: for each choice of each part the order and the kind are
taken that need the fewest bits on the validation pieces.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from componium.corpora.splits import Split
from componium.likelihood import interval_over_works
from componium.representations.words import DURATION, PART, PITCH, REST, SHAPE, SHIFT, WordsRepresentation
from componium.training.batches.word_batches import WordLines, word_lines
from componium.training.dataset import Dataset
from componium.training.experiment import open_recipe, prepare_dataset

HIGHEST = 6
CHOICES = "shape", "pitch", "duration", "gap"
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_OF_INTERVAL = np.random.default_rng(0).integers(1, 2**63, 128, dtype=np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class PartWords:
    """The words of one part in all pieces, and a start marker before each line, N rows.

    Attributes:
        choices: shape, pitch, duration, and the gap behind; shape (N, 4).
        is_charged: which of them are; shape (N, 4).
        place: step within the bar, shape (N,).
        at: how many words come before in the line, shape (N,); of start markers 0.
        split: number in ``SPLITS`` of each row, shape (N,).
        piece: its index in the dataset, shape (N,).
        n_notes: notes of each word, shape (N,).
        sizes: values of each choice.
    """

    choices: Ints
    is_charged: NDArray[np.bool_]
    place: Ints
    at: Ints
    split: Ints
    piece: Ints
    n_notes: Ints
    sizes: tuple[int, int, int, int]

    @classmethod
    def of(cls, dataset: Dataset, lines: WordLines, part: int) -> PartWords:
        """Reads the words of a part."""
        view = dataset.representation
        assert isinstance(view, WordsRepresentation)
        first, stop = lines.edges[:-1], lines.edges[1:]
        own = np.flatnonzero((stop > first) & (lines.words[np.minimum(first, len(lines.words) - 1), PART] == part))
        length = (stop - first)[own] + 1
        # Row of each line's start marker, and for each word where it lies among all words.
        markers = np.cumsum(length) - length
        is_marker = np.zeros(int(length.sum()), bool)
        is_marker[markers] = True
        at = np.arange(len(is_marker)) - np.repeat(markers, length)
        words = np.zeros((len(is_marker), 5), np.int64)
        words[~is_marker] = lines.words[(np.repeat(first[own], length) + at - 1)[~is_marker]]
        place = np.zeros(len(is_marker), np.int64)
        place[~is_marker] = lines.places[(np.repeat(first[own], length) + at - 1)[~is_marker]]
        end, begin = view.sizes.shift, view.sizes.shape
        words[is_marker, SHAPE] = begin
        gap = np.append(words[1:, SHIFT], end)
        gap[np.append(is_marker[1:], True)] = end
        sounds = ~is_marker & (words[:, SHAPE] != REST)
        is_charged = np.stack((~is_marker, sounds, sounds, np.ones(len(gap), bool)), axis=1)
        n_notes = np.array([0, *(1 + len(shape) for shape in view.shapes), 0])[words[:, SHAPE]]
        piece = np.repeat(lines.piece[own], length)
        split = np.array([SPLITS.index(record.split) for record in dataset.records])[piece]
        choices = np.stack((words[:, SHAPE], words[:, PITCH], words[:, DURATION], gap), axis=1)
        sizes = (view.sizes.shape, view.sizes.pitch, view.sizes.duration, end + 1)
        return cls(choices, is_charged, place, at, split, piece, n_notes, sizes)

    def notes_of(self, split: int) -> int:
        """Returns the notes of a split, of chords every one."""
        return int(self.n_notes[self.split == split].sum())

    def with_intervals(self) -> PartWords:
        """Returns the words with each pitch as the interval to that of the note before, 128 up."""
        choices = self.choices.copy()
        sounds = np.flatnonzero(self.is_charged[:, 1])
        pitch = self.choices[sounds, 1]
        line = np.cumsum(self.at == 0)[sounds]
        follows = np.append(False, np.diff(line) == 0)
        # The first note of a line stands for itself, among values that intervals do not have.
        choices[sounds, 1] = np.where(follows, pitch - np.append(0, pitch[:-1]) + 128, 256 + pitch)
        shape, _, duration, gap = self.sizes
        return PartWords(
            choices, self.is_charged, self.place, self.at, self.split, self.piece, self.n_notes,
            (shape, 3 * 128, duration, gap),
        )  # fmt: skip


def mixed(keys: Keys, values: NDArray[np.integer]) -> Keys:
    """Returns numbers for pairs of a key and a value, equal ones for equal pairs."""
    found = ((keys * _MIX) ^ (values.astype(np.uint64) + np.uint64(1))) * _MIX
    return found ^ (found >> np.uint64(29))


def contexts(words: PartWords, choice: int, *, knows_place: bool) -> Iterator[tuple[int, Keys]]:
    """Yields each order and the key of the context in which a choice of each word is made; -1 knows nothing.

    Order 0 knows the word so far; where a line is shorter than an order, all of it.
    """
    keys = np.zeros(len(words.place), np.uint64)
    yield -1, keys
    for before in range(choice):
        keys = mixed(keys, words.choices[:, before])
    if knows_place:
        keys = mixed(keys, words.place)
    yield 0, keys
    whole = np.zeros(len(words.place), np.uint64)
    for column in range(len(CHOICES)):
        whole = mixed(whole, words.choices[:, column])
    for back in range(1, HIGHEST + 1):
        earlier = np.append(np.zeros(back, np.uint64), whole[:-back])
        keys = np.where(words.at >= back, mixed(keys, earlier), keys)
        yield back, keys


def bits_by_order(words: PartWords, *, knows_place: bool) -> NDArray[np.float64]:
    """Returns the bits of each order, choice and row that is held out, 0 where nothing is charged.

    Shape (orders, 4, rows).
    """
    held_out = np.flatnonzero(words.split > 0)
    found = np.zeros((HIGHEST + 1, len(CHOICES), len(held_out)))
    for choice in range(len(CHOICES)):
        charged = words.is_charged[:, choice]
        training = np.flatnonzero(charged & (words.split == 0))
        asked = np.flatnonzero(charged & (words.split > 0))
        target = np.searchsorted(held_out, asked)
        value = words.choices[:, choice]
        chance = np.full(len(asked), 1 / words.sizes[choice])
        for order, keys in contexts(words, choice, knows_place=knows_place):
            chance = interpolated(chance, (keys[training], value[training]), (keys[asked], value[asked]))
            if order >= 0:
                found[order, choice, target] = -np.log2(chance)
    return found


def interpolated(
    below: NDArray[np.float64], training: tuple[Keys, Ints], asked: tuple[Keys, Ints]
) -> NDArray[np.float64]:
    """Returns the chances of values in contexts, of which those of a shorter context are given."""
    # Of each different pair one row tells its context.
    pairs, example, counts = np.unique(mixed(*training), return_index=True, return_counts=True)
    known, totals = np.unique(training[0], return_counts=True)
    kinds = np.bincount(np.searchsorted(known, training[0][example]), minlength=len(known))
    count = _looked_up(pairs, counts, mixed(*asked))
    total, types = _looked_up(known, totals, asked[0]), _looked_up(known, kinds, asked[0])
    return np.where(total > 0, (count + types * below) / np.maximum(total + types, 1), below)


def _looked_up(known: Keys, values: Ints, asked: Keys) -> Ints:
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[place] == asked, values[place], 0)


@dataclass(frozen=True)
class Floor:
    """The n-grams of a part that need the fewest bits on the validation pieces, one for each choice.

    Attributes:
        names: their orders; i where pitches are intervals, p where the place is known.
        bits: of each choice and held-out row, shape (4, rows).
    """

    names: tuple[str, ...]
    bits: NDArray[np.float64]


def best_floor(words: PartWords) -> Floor:
    """Returns the best n-grams of a part."""
    validation = words.split[words.split > 0] == 1
    best: list[tuple[float, str, NDArray[np.float64]]] = [(np.inf, "", np.zeros(0))] * len(CHOICES)
    for intervals, knows_place in product((False, True), (False, True)):
        bits = bits_by_order(words.with_intervals() if intervals else words, knows_place=knows_place)
        for order, choice in product(range(HIGHEST + 1), range(len(CHOICES))):
            own = bits[order, choice]
            name = f"{order}{'i' * intervals}{'p' * knows_place}"
            best[choice] = min(best[choice], (float(own[validation].sum()), name, own), key=lambda found: found[0])
    return Floor(tuple(name for _, name, _ in best), np.stack([own for *_, own in best]))


def vocabulary_cells(words: PartWords, shapes: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
    """Returns the cells that say how many words there are, and how many of the held-out ones are known."""
    shape, pitch, split = whole_chords(words, shapes)
    keys = mixed(shape, pitch)
    training, held_out = split == 0, split == 1
    different, counts = np.unique(keys[training], return_counts=True)
    common = different[np.argsort(-counts, kind="stable")[:1000]]
    is_chord = shape != 0
    own_shapes, of_shapes = np.unique(shape[training & is_chord], return_counts=True)
    common_shapes = own_shapes[np.argsort(-of_shapes, kind="stable")[:500]]
    covered = np.isin(shape, common_shapes) | ~is_chord
    of_chords = covered[held_out & is_chord]
    return (
        f"{training.sum():,}", f"{len(different):,}", f"{(counts == 1).sum():,}",
        f"{1 - np.isin(keys[held_out], different).mean():.2%}", f"{np.isin(keys[held_out], common).mean():.1%}",
        f"{len(own_shapes):,}", f"{covered[held_out].mean():.1%}",
        f"{of_chords.mean():.1%}" if len(of_chords) else "-",
    )  # fmt: skip


def whole_chords(words: PartWords, shapes: Sequence[tuple[int, ...]]) -> tuple[Keys, Ints, Ints]:
    """Returns of each note or chord a number for its shape, 0 for a note alone; its lowest pitch; and its split.

    Chords without a number of their own, which are spelled note by note, are put together again.
    """
    sounds = words.is_charged[:, 1]
    rows = np.flatnonzero(sounds)
    goes_on = (words.at[rows] > 1) & (words.choices[np.maximum(rows - 1, 0), 3] == 0) & sounds[np.maximum(rows - 1, 0)]
    begins = np.flatnonzero(~goes_on)
    pitch = words.choices[rows, 1]
    lowest = np.repeat(pitch[begins], np.diff(np.append(begins, len(rows))))
    of_shape = np.array([0, *(_OF_INTERVAL[list(own)].sum(dtype=np.uint64) for own in shapes)], np.uint64)
    own = of_shape[words.choices[rows, 0]]
    own[goes_on] += _OF_INTERVAL[np.abs(pitch - lowest)[goes_on]]
    return np.add.reduceat(own, begins), pitch[begins], words.split[rows[begins]]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, default=os.environ.get("COMPONIUM_DATA"), help="default: COMPONIUM_DATA")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("--data, or COMPONIUM_DATA, has to say where the corpora are")
    dataset = prepare_dataset(open_recipe(asked.recipe, {}), asked.data, asked.cache, lambda *_: None)
    view, lines = dataset.representation, word_lines(dataset)
    assert isinstance(view, WordsRepresentation)
    totals = np.zeros((len(dataset.records), 2))
    print(
        "| part | words | different | once | unknown | 1,000 words | shapes | 500 shapes | of chords "
        "| floor, validation | floor, test | shape, pitch, duration, gap | n-gram |\n" + "|---" * 13 + "|"
    )
    for part, own in enumerate(dataset.codec.config.parts):
        words = PartWords.of(dataset, lines, part)
        floor = best_floor(words)
        held_out = words.split > 0
        split, piece = words.split[held_out], words.piece[held_out]
        totals[:, 0] += np.bincount(piece, floor.bits.sum(axis=0), minlength=len(totals))
        totals[:, 1] += np.bincount(piece, words.n_notes[held_out], minlength=len(totals))
        bits = [f"{floor.bits[:, split == place].sum() / words.notes_of(place):.2f}" for place in (1, 2)]
        by_choice = (floor.bits[:, split == 2].sum(axis=1) / words.notes_of(2)).round(2).tolist()
        cells = (*vocabulary_cells(words, view.shapes), *bits, ", ".join(map(str, by_choice)), ", ".join(floor.names))
        print(f"| {own.name} | {' | '.join(cells)} |", flush=True)
    for name in SPLITS[1:]:
        indices = [place for place in dataset.of(name) if totals[place, 1]]
        bits, notes = totals[indices].T
        works = [dataset.records[place].work for place in indices]
        interval = interval_over_works(bits, notes, works)
        shown = f"[{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "(undecided)"
        print(f"{name}: {bits.sum() / notes.sum():.2f} bits per note {shown}")


if __name__ == "__main__":
    main()
