"""Is the music still the same? The notes of 60 requests, written down before a change and compared after it.

    python benchmarks/same_music.py write before.json      # before the change
    python benchmarks/same_music.py compare before.json    # after it; prints what differs, and by how much

The requests cover all styles, tasks and controls of the band, the two piano composers, drafts drawn anew and
candidates that are ranked. Prompts are kept in the file, so that continuing, accompanying and infilling start from the
same music even when composing has changed. A piece is *equal* if every note of every track is; else the share of its
notes that both versions have is given, by onset, pitch and track.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from componium import compose, load_artifact, make_request
from componium.errors import ComponiumError
from componium.formats.midi import midi_bytes

STYLES = ("pop", "folk", "chorale", "string-quartet", "renaissance", "classical-piano", "game-rock")


def plain_requests() -> list[tuple[str, dict[str, Any]]]:
    """Requests without a prompt, by the composer that is asked."""
    band: list[dict[str, Any]] = [{"style": style, "seed": 1, "bars": 16} for style in STYLES]
    band += [{"style": style, "seed": 2, "bars": 12, "parts": ["all"]} for style in STYLES]
    band += [
        {"seed": 7},
        {"seed": 8, "count": 3},
        {"style": "pop", "key": "C minor", "seed": 3},
        {"style": "folk", "key": "D dorian", "seed": 3, "bars": 24},
        {"style": "chorale", "key": "G minor", "parts": ["choir"], "seed": 3},
        {"style": "pop", "chords": "C | Am F | G7 | C", "seed": 4},
        {"style": "game-rock", "chords": "Em | C | G | D/F#", "key": "E minor", "seed": 4},
        {"style": "chorale", "chords": "C | F G | C | N", "seed": 4},
        {"style": "pop", "density": "low", "seed": 5},
        {"style": "pop", "density": 0.9, "complexity": 0.9, "seed": 5},
        {"style": "folk", "density": "high", "seed": 5},
        {"style": "chorale", "complexity": "high", "seed": 5},
        {"style": "folk", "time_signature": "6/8", "seed": 6},
        {"style": "pop", "time_signature": "3/4", "tempo_bpm": 140, "seed": 6},
        {"style": "renaissance", "time_signature": "2/2", "seed": 6},
        {"style": "pop", "seconds": 20, "seed": 7},
        {"style": "pop", "seconds": 9.3, "tempo_bpm": 77, "seed": 7},
        {"style": "pop", "parts": ["random:3"], "seed": 8},
        {"style": "game-rock", "parts": ["drums"], "seed": 8, "bars": 8},
        {"style": "pop", "parts": ["flute", "strings", "piano"], "seed": 9},
        {"style": "folk", "temperature": 0.7, "seed": 10},
        {"style": "pop", "temperature": 1.3, "top_p": 0.8, "seed": 10},
        {"style": "folk", "best_of": 3, "seed": 11},
        {"style": "chorale", "original": True, "seed": 11},
        {"style": "pop", "count": 4, "bars": 8, "seed": 12},
        {"style": "folk", "bars": 1, "seed": 13},
        {"style": "pop", "bars": 40, "seed": 13},
        {"style": "string-quartet", "key": "D minor", "bars": 12, "seed": 14},
        {"style": "classical-piano", "density": "low", "complexity": "low", "bars": 12, "seed": 14},
    ]
    found = [("band", own) for own in band]
    found += [
        ("pop-piano", own)
        for own in (
            {"seed": 1},
            {"seed": 2, "key": "A minor", "count": 2},
            {"seed": 3, "time_signature": "3/4"},
            {"seed": 4, "temperature": 0.8, "parts": ["flute", "piano"]},
        )
    ]
    return found + [("piano-giantmidi", own) for own in ({"seed": 1, "seconds": 20}, {"seed": 2, "bars": 6})]


def prompted_requests(prompts: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Requests that start from music that is there."""
    pop, folk, chorale, piano = (prompts[name] for name in ("pop", "folk", "chorale", "piano"))
    band: list[dict[str, Any]] = [
        {"task": "continue", "prompt": folk, "bars": 8, "style": "folk", "seed": 1},
        {"task": "continue", "prompt": pop, "bars": 4, "seed": 2, "parts": ["violin", "piano"]},
        {"task": "accompany", "prompt": folk, "style": "pop", "seed": 1},
        {"task": "accompany", "prompt": folk, "style": "pop", "parts": ["piano", "cello"], "seed": 3, "count": 2},
        {"task": "accompany", "prompt": chorale, "style": "chorale", "track": 1, "seed": 2},
        {"task": "infill", "prompt": pop, "first_bar": 5, "last_bar": 8, "style": "pop", "seed": 1},
        {"task": "infill", "prompt": pop, "first_bar": 3, "last_bar": 6, "tracks": [1], "style": "pop", "seed": 2},
        {"task": "infill", "prompt": chorale, "first_bar": 13, "last_bar": 16, "style": "chorale", "seed": 3},
        {"task": "infill", "prompt": folk, "first_bar": 1, "last_bar": 2, "style": "folk", "seed": 4, "count": 2},
    ]
    found = [("band", own) for own in band]
    found.append(("pop-piano", {"task": "continue", "prompt": pop, "bars": 4, "seed": 1}))
    found.append(("piano-giantmidi", {"task": "continue", "prompt": piano, "seconds": 10, "seed": 1}))
    return found


def make_prompts() -> dict[str, str]:
    """Pieces to start from, as MIDI files in base 64."""
    made: dict[str, str] = {}
    for style in ("pop", "folk", "chorale"):
        [piece] = compose(load_artifact("band"), make_request(style=style, bars=16, seed=99))
        made[style] = base64.b64encode(midi_bytes(piece.score)).decode()
    [piece] = compose(load_artifact("piano-giantmidi"), make_request(seconds=15, seed=99))
    made["piano"] = base64.b64encode(midi_bytes(piece.score)).decode()
    return made


def composed(model: str, fields: dict[str, Any]) -> list[list[list[int]]] | str:
    """Of each piece its notes: track program (drums: 128), onset, duration, pitch, velocity; or the error."""
    try:
        pieces = compose(load_artifact(model), make_request(**fields))
    except ComponiumError as error:
        return str(error)
    return [
        [
            [128 if track.is_drum else track.program, *map(int, note)]
            for track in piece.score.tracks
            for note in track.notes.tolist()
        ]
        for piece in pieces
    ]


def shared(before: list[list[int]], after: list[list[int]]) -> float:
    """Share of notes that both versions of a piece have."""
    own, other = (Counter((n[0], n[1], n[3]) for n in notes) for notes in (before, after))
    return 2 * sum((own & other).values()) / max(len(before) + len(after), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("write", "compare"))
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    stored = json.loads(asked.file.read_text()) if asked.mode == "compare" else None
    prompts = stored["prompts"] if stored else make_prompts()
    requests = plain_requests() + prompted_requests(prompts)
    results, n_equal, started = [], 0, time.process_time()
    for place, (model, fields) in enumerate(requests):
        results.append(composed(model, fields))
        if stored is None:
            continue
        before, after = stored["results"][place], results[-1]
        if before == after:
            n_equal += 1
            continue
        shown = {name: value for name, value in fields.items() if name != "prompt"}
        if isinstance(before, str) or isinstance(after, str):
            print(f"{model} {shown}: {before if isinstance(before, str) else 'music'} -> "
                  f"{after if isinstance(after, str) else 'music'}")  # fmt: skip
            continue
        shares = ", ".join(f"{shared(*own):.2f}" for own in zip(before, after, strict=True))
        print(f"{model} {shown}: {shares} of the notes shared")
    print(f"{time.process_time() - started:.1f} CPU-seconds for {len(requests)} requests")
    if stored is None:
        asked.file.write_text(json.dumps({"prompts": prompts, "results": results}))
        return
    print(f"{n_equal} of {len(requests)} requests give equal notes")
    sys.exit(n_equal < len(requests))


if __name__ == "__main__":
    main()
