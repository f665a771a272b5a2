"""Preparing a corpus: POP909 files from bytes to arrays and to a dataset, beside MidiTok REMI and music21.

    COMPONIUM_DATA=... python benchmarks/preparing.py

Prints files per CPU second. MidiTok is measured where it is installed (``pip install miditok``), music21 on few files.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from componium.corpora import CORPORA
from componium.formats.midi import read_midi
from componium.representations.config import NotesConfig
from componium.representations.note_codec import NoteCodec
from componium.representations.parts import Part
from componium.training.preparation.prepare import prepare
from componium.training.preparation.sources import PreparationConfig


def rate(name: str, work: Callable[[object], object], items: Iterable[object], goal: str = "") -> float:
    items = list(items)
    work(items[0])
    start = time.process_time()
    for item in items:
        work(item)
    result = len(items) / (time.process_time() - start)
    print(f"{name:44}{result:9.1f} files per CPU second {goal}")
    return result


def main() -> None:
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds pop909/")
    corpus = CORPORA["pop909"]
    pieces = corpus.find(Path(os.environ["COMPONIUM_DATA"]) / "pop909")
    contents = [piece.path.read_bytes() for piece in pieces]
    parts = tuple(Part(name=name) for name in ("melody", "bridge", "piano"))
    codec = NoteCodec(NotesConfig(parts=parts))
    ours = rate("bytes to arrays", lambda data: codec.encode(read_midi(data)), contents, "(goal 1500)")
    rate("bytes and annotations to arrays, re-gridded", lambda piece: codec.encode(corpus.read(piece)), pieces)
    with tempfile.TemporaryDirectory() as cache:
        for name in ("folder", "pop909"):
            start = time.process_time()
            # Raw files of POP909 have no beat in their ticks: seeking it would be all that is measured.
            config = PreparationConfig(notes=NotesConfig(parts=parts if name == "pop909" else ()), keep_ticks=True)
            dataset = prepare(CORPORA[name], pieces[0].path.parent, config, Path(cache))
            result = len(dataset.records) / (time.process_time() - start)
            print(f"a folder prepared, as {name:22}{result:9.1f} files per CPU second (goal 600)")
    try:
        import miditok
        import symusic

        tokenizer = miditok.REMI(miditok.TokenizerConfig(use_programs=True))
        theirs = rate("MidiTok REMI", lambda data: tokenizer(symusic.Score.from_midi(data)), contents[:200])
        print(f"ratio to MidiTok REMI: {ours / theirs:.0f}")
    except ModuleNotFoundError:
        print("MidiTok is not installed: no comparison")
    try:
        import music21

        theirs = rate("music21 converter.parse", lambda d: music21.converter.parse(d, format="midi"), contents[:3])
        print(f"ratio to music21: {ours / theirs:.0f}")
    except ModuleNotFoundError:
        print("music21 is not installed: no comparison")


if __name__ == "__main__":
    main()
