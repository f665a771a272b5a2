"""Vocabularies of notes and chords, and what words cost without a network.

    python benchmarks/word_vocabularies.py RECIPE --data DIR [--cache DIR]

For each part of a recipe of the family ``note-chord``: how many different words the training pieces have (lowest pitch
and shape), how many of them once, what share of the words of the validation pieces is unknown, what the 1,000 commonest
words and the 500 commonest shapes cover; and bits per note of the validation pieces, charged as the family charges them
(a word, its duration class and the gap to the next, but for the one before the first word), of

* the unigram of words, durations and gaps,
* the n-gram of order 3: each choice after the last two words, interpolated by Witten and Bell down to the unigram, and
* repeating: the same word, duration and gap as before with one learned probability each, else the unigram.

A word that the training pieces lack costs an escape, and then the pitch and the shape at even odds.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from componium.representations.words import DURATION, PART, PITCH, REST, SHAPE, SHIFT, SINGLE, WordsRepresentation
from componium.training.dataset import Dataset
from componium.training.experiment import open_recipe, prepare_dataset

Word = tuple[int, int]
_MODELS = "unigram", "order 3", "repeat"
# A word, its duration class, and the gap to the next word; of the last one None.
Step = tuple[Word, int, int | None]


def lines_of(dataset: Dataset, split: str, part: int) -> Iterator[list[Step]]:
    """Yields the lines of a part."""
    view = dataset.representation
    assert isinstance(view, WordsRepresentation)
    for index, record in enumerate(dataset.records):
        if record.split != split:
            continue
        words = view.view(dataset.encoded(index))["words"]
        own = words[words[:, PART] == part].tolist()
        if not own:
            continue
        gaps = [*(word[SHIFT] for word in own[1:]), None]
        yield [((word[SHAPE], word[PITCH]), word[DURATION], gap) for word, gap in zip(own, gaps, strict=True)]


class WittenBell:
    """An interpolated chain of one choice.

    Args:
        n_values: values that there are; the lowest order takes all as equally likely.
    """

    def __init__(self, n_values: int) -> None:
        self.n_values = n_values
        self.counts: dict[tuple[Hashable, ...], Counter[Hashable]] = defaultdict(Counter)

    def count(self, context: Sequence[Hashable], value: Hashable) -> None:
        """Takes in a value after a context, the nearest last."""
        for order in range(len(context) + 1):
            self.counts[order, *context[len(context) - order :]][value] += 1

    def probability(self, context: Sequence[Hashable], value: Hashable) -> float:
        """Returns how probable a value is after a context."""
        found = 1 / self.n_values
        for order in range(len(context) + 1):
            own = self.counts.get((order, *context[len(context) - order :]))
            if not own:
                break
            total, types = own.total(), len(own)
            found = (own[value] + types * found) / (total + types)
        return found


def bits_of_chain(
    training: Sequence[list[Step]], judged: Iterable[list[Step]], sizes: tuple[int, int, int], order: int
) -> float:
    """Returns the bits of lines under chains of so many words before; 0 is the unigram."""
    chains = [WittenBell(size) for size in sizes]
    for line in training:
        for chain, context, value in _choices(line, order):
            chains[chain].count(context, value)
    return sum(
        -math.log2(chains[chain].probability(context, value))
        for line in judged
        for chain, context, value in _choices(line, order)
    )


def _choices(line: list[Step], order: int) -> Iterator[tuple[int, tuple[Hashable, ...], Hashable]]:
    """Yields which choice it is, what came before it, the nearest last, and its value."""
    for place, (word, duration, gap) in enumerate(line):
        before = tuple(step for step in line[max(0, place - order) : place]) if order else ()
        yield 0, before, word
        yield 1, (*before, word) if order else (), duration
        yield 2, (*before, word, duration) if order else (), gap


def bits_of_repeating(
    training: Sequence[list[Step]], judged: Sequence[list[Step]], sizes: tuple[int, int, int]
) -> float:
    """Returns the bits of lines where each choice is the one before, or else a draw of the unigram."""
    bits = 0.0
    for choice, size in enumerate(sizes):
        unigram = WittenBell(size)
        agree = total = 0
        for line in training:
            values = [step[choice] for step in line]
            for before, value in zip([None, *values], values, strict=False):
                unigram.count((), value)
                agree, total = agree + (before == value), total + 1
        share = (agree + 1) / (total + 2)
        for line in judged:
            values = [step[choice] for step in line]
            for before, value in zip([None, *values], values, strict=False):
                bits -= math.log2(share * (before == value) + (1 - share) * unigram.probability((), value))
    return bits


def report(dataset: Dataset, part: int, name: str) -> None:
    """Prints the row of a part."""
    view = dataset.representation
    assert isinstance(view, WordsRepresentation)
    training, judged = (list(lines_of(dataset, split, part)) for split in ("train", "validation"))
    words = Counter(word for line in training for word, *_ in line)
    held_out = [word for line in judged for word, *_ in line]
    if not held_out:
        print(f"| {name} | no line held out |")
        return
    shapes = Counter[int]()
    for (shape, _), count in words.items():
        shapes[shape] += count if shape > SINGLE else 0
    common, common_shapes = {word for word, _ in words.most_common(1000)}, {own for own, _ in shapes.most_common(500)}
    chords = [shape for shape, _ in held_out if shape > SINGLE]
    n_notes = sum(1 + len(view.shapes[shape - SINGLE]) for shape, _ in held_out if shape != REST)
    sizes = (view.sizes.shape * view.sizes.pitch, view.sizes.duration, view.sizes.shift + 1)
    bits = [
        bits_of_chain(training, judged, sizes, 0),
        bits_of_chain(training, judged, sizes, 2),
        bits_of_repeating(training, judged, sizes),
    ]
    seen, known = ([own in among for own in held_out] for among in (words, common))
    covered = np.mean([shape in common_shapes for shape in chords]) if chords else 1.0
    cells = (
        f"{words.total():,}", f"{len(words):,}", f"{sum(count == 1 for count in words.values()):,}",
        f"{1 - np.mean(seen):.2%}", f"{np.mean(known):.1%}",
        f"{len(shapes):,}", f"{covered:.1%}", *(f"{own / n_notes:.2f}" for own in bits),
    )  # fmt: skip
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "componium")
    asked = parser.parse_args()
    # Every shape has a number, so that all of them can be counted.
    recipe = open_recipe(asked.recipe, {"representation.n_shapes": 10_000})
    dataset = prepare_dataset(recipe, asked.data, asked.cache, lambda *_: None)
    print(
        "| part | words | different | once | unknown | 1,000 words | shapes | 500 shapes | unigram | order 3 | repeat |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for part, own in enumerate(dataset.codec.config.parts):
        report(dataset, part, own.name)


if __name__ == "__main__":
    main()
