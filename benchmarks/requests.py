"""A thousand random requests for 32 bars, unpicked: what is wrong with the pieces, and why drafts were rejected.

    python benchmarks/requests.py [--count 1000] [--model band] [--seed 1]

Every request draws a style, instruments (a band of the style, one alone, three at random, all), a key or none, a time
signature, a tempo, chords or none, density and complexity or none. Of every piece are counted: bars, parts, key, tempo,
emptiness, loops, silence, ranges, its end.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np

from componium.artifacts import Artifact, load_artifact
from componium.composing.door import compose, count_drafts
from componium.composing.requests import DRUMS, ComposeRequest, make_request
from componium.composing.steering import DRUM_KEYS, part_named
from componium.score import Score, n_bars, parse_key
from componium.score.instruments import BAND, BAND_BY_NAME

BARS = 32
METERS = ("4/4", "4/4", "3/4", "6/8", "2/4")
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = ("major", "major", "minor", "minor", "dorian", "mixolydian")
PROGRESSIONS = (
    "C | Am | F | G7",
    "Dm7 G7 | Cmaj7 | Dm7 G7 | Cmaj7 A7",
    "Em | C | G | D/F#",
    "Am | F | C | G",
    "C | Fm | Csus4 C",
)


def random_request(rng: np.random.Generator, styles: tuple[str, ...], seed: int) -> ComposeRequest:
    fields: dict[str, object] = {"bars": BARS, "seed": seed, "style": str(rng.choice(styles))}
    drawn = rng.random()
    if drawn < 0.25:
        fields["parts"] = (str(rng.choice([own.name for own in BAND])),)
    elif drawn < 0.5:
        fields["parts"] = ("random:3",)
    elif drawn < 0.75:
        fields["parts"] = ("all",)
    if rng.random() < 0.5:
        fields["key"] = f"{rng.choice(TONICS)} {rng.choice(MODES)}"
    elif rng.random() < 0.5:
        fields["chords"] = str(rng.choice(PROGRESSIONS))
    for control in ("density", "complexity"):
        if rng.random() < 0.3:
            fields[control] = float(rng.random())
    if rng.random() < 0.5:
        fields["tempo_bpm"] = float(rng.integers(60, 180))
    fields["time_signature"] = str(rng.choice(METERS))
    request = make_request(**fields)
    assert isinstance(request, ComposeRequest)
    return request


def wrongs(score: Score, request: ComposeRequest, artifact: Artifact) -> list[str]:
    """What a listener who made the request would complain of, counted on the score alone."""
    found: list[str] = []
    if n_bars(score) != BARS:
        found.append("bars")
    names = {track.name for track in score.tracks}
    if request.parts and request.parts[0] != "all" and ":" not in request.parts[0]:
        parts = artifact.representation.config.parts
        if names != {parts[part_named(artifact.representation, name)].name for name in request.parts}:
            found.append("parts")
    if request.parts == ("random:3",) and len(names) != 3:
        found.append("parts")
    if request.tempo_bpm is not None and abs(score.tempos[0].tempo_bpm - request.tempo_bpm) > 0.01:
        found.append("tempo")
    pitched = [track.notes["pitch"] for track in score.tracks if not track.is_drum]
    if request.key is not None and pitched:
        inside = np.isin(np.concatenate(pitched) % 12, parse_key(request.key).pitch_classes)
        if inside.mean() < 0.9:
            found.append("key")
    for track in score.tracks:
        own = BAND_BY_NAME.get(track.name)
        low, high = DRUM_KEYS if track.name == DRUMS or own is None else (own.low, own.high)
        if track.notes["pitch"].min() < low or track.notes["pitch"].max() > high:
            found.append("range")
            break
    return found + bars_wrong(score)


def bars_wrong(score: Score) -> list[str]:
    """Silence in the middle, loops, an end that is cut off."""
    bar = score.time_signatures[0].bar_ticks(score.ticks_per_quarter)
    notes = np.concatenate([track.notes for track in score.tracks])
    part = np.repeat(np.arange(len(score.tracks)), [len(track.notes) for track in score.tracks])
    first = notes["onset"] // bar
    last = np.maximum(notes["onset"].astype(np.int64) + notes["duration"] - 1, notes["onset"]) // bar
    sounds = np.zeros(max(BARS, int(last.max()) + 1), bool)
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        sounds[start : stop + 1] = True
    found: list[str] = []
    gaps = np.diff(np.flatnonzero(np.concatenate(([True], sounds, [True]))))
    if gaps.max() > 3:
        found.append("silent")
    if not sounds[BARS - 1] or int((notes["onset"].astype(np.int64) + notes["duration"]).max()) > BARS * bar:
        found.append("end")
    bars = [
        tuple(
            sorted(
                zip((notes["onset"][at] % bar).tolist(), part[at].tolist(), notes["pitch"][at].tolist(), strict=True)
            )
        )
        for at in (first == own for own in range(BARS))
    ]
    run = longest = 1
    for i in range(1, BARS):
        run = run + 1 if bars[i] == bars[i - 1] and bars[i] else 1
        longest = max(longest, run)
    if longest > 8:
        found.append("stuck")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--model", default="band")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    artifact = load_artifact(asked.model)
    guides = artifact.representation.config.guides
    assert guides is not None, "only guided composers know these requests"
    rng = np.random.default_rng(asked.seed)
    rejected: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    n_drafts = n_notes = n_wrong = 0
    started = time.process_time()
    for seed in range(asked.count):
        request = random_request(rng, guides.styles, seed)
        for causes in count_drafts(artifact, request):
            n_drafts += 1
            rejected.update(causes)
        score = compose(artifact, request)[0].score
        n_notes += score.n_notes
        found = wrongs(score, request, artifact)
        n_wrong += bool(found)
        wrong.update(found)
        if found:
            print(f"seed {seed}: {', '.join(found)}: {request.model_dump_json(exclude_none=True)}", flush=True)
    spent = time.process_time() - started
    print(f"{asked.count} pieces, {n_notes} notes, {spent:.0f} s CPU with every draft counted and composed again")
    print(f"wrong: {n_wrong} pieces; {dict(wrong.most_common())}")
    more = n_drafts - asked.count
    print(f"drafts rejected: {more} of {n_drafts} ({more / n_drafts:.1%}); {dict(rejected.most_common())}")


if __name__ == "__main__":
    main()
