"""Random requests for 32 bars, unpicked: what is wrong with the pieces, and why drafts of them were rejected.

    python benchmarks/requests.py [--count 1000] [--model band] [--seed 1]

Every request draws a style, instruments (a band of the style, one alone, three at random, all), a key or chords or
neither, a time signature, a tempo, density and complexity or none. What is *wrong* is counted on the score alone, by
other code than what rejects drafts: bars, parts, key, tempo, ranges, silence, loops, the end. A *failure* is a piece
all of whose drafts were flawed. A part *hardly plays* if it has fewer than a note in two bars; drums aside.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from componium.artifacts import Artifact, load_artifact
from componium.composing.compose import Composition, compose
from componium.composing.constraints.harmony import DRUM_KEYS
from componium.composing.ensembles import part_named
from componium.composing.requests import DRUMS, ComposeRequest, make_request
from componium.score import Score, n_bars, parse_key
from componium.score.instruments import BAND, BAND_BY_NAME

BARS = 32
MOST_SILENT_BARS, MOST_REPEATS, LEAST_IN_KEY = 2, 8, 0.9
LEAST_NOTES_A_BAR = 0.5
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


@dataclass
class Tally:
    """What was counted of one style, or of all."""

    pieces: int = 0
    drafts: int = 0
    failures: int = 0
    wrong: int = 0
    flaws: Counter[str] = field(default_factory=Counter)
    wrongs: Counter[str] = field(default_factory=Counter)

    def add(self, composition: Composition, found: Iterable[str]) -> None:
        found = tuple(found)
        self.pieces += 1
        self.drafts += len(composition.drafts)
        self.failures += bool(composition.flaws)
        self.wrong += bool(found)
        self.flaws.update(flaw for draft in composition.drafts for flaw in draft)
        self.wrongs.update(found)

    def line(self, name: str) -> str:
        rejected = self.drafts - self.pieces + self.failures
        causes = ", ".join(f"{cause} {count}" for cause, count in self.flaws.most_common())
        return (
            f"{name:16} {self.pieces:6} {self.drafts:7} {rejected / self.drafts:9.1%} {self.failures:8} {self.wrong:6}"
            f"   {causes or '-'}"
        )


def random_request(rng: np.random.Generator, styles: tuple[str, ...], seed: int) -> ComposeRequest:
    fields: dict[str, object] = {"bars": BARS, "seed": seed, "best_of": 1, "style": str(rng.choice(styles))}
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
    if not plays_who_was_asked({track.name for track in score.tracks}, request, artifact):
        found.append("parts")
    if request.tempo_bpm is not None and abs(score.tempos[0].tempo_bpm - request.tempo_bpm) > 0.01:
        found.append("tempo")
    pitched = [track.notes["pitch"] for track in score.tracks if not track.is_drum]
    if request.key is not None and pitched:
        inside = np.isin(np.concatenate(pitched) % 12, parse_key(request.key).pitch_classes)
        if inside.mean() < LEAST_IN_KEY:
            found.append("key")
    for track in score.tracks:
        own = BAND_BY_NAME.get(track.name)
        low, high = DRUM_KEYS if track.name == DRUMS or own is None else (own.low, own.high)
        if track.notes["pitch"].min() < low or track.notes["pitch"].max() > high:
            found.append("range")
            break
    return found + bars_wrong(score)


def plays_who_was_asked(names: set[str], request: ComposeRequest, artifact: Artifact) -> bool:
    """Whether the tracks are those asked for; of a band that the style chooses, one of its bands."""
    parts = artifact.codec.config.parts
    usual = artifact.profile.styles[request.style or ""]
    if request.parts == ("random:3",):
        return len(names) == 3
    if request.parts == ("all",):
        return names == set(usual.full_band)
    if not request.parts:
        return tuple(sorted(names)) in {tuple(sorted(ensemble)) for ensemble in usual.ensembles}
    return names == {parts[part_named(artifact.codec, name)].name for name in request.parts}


def bars_wrong(score: Score) -> list[str]:
    """Silence, loops, an end that is cut off."""
    bar = score.time_signatures[0].bar_ticks(score.ticks_per_quarter)
    notes = np.concatenate([track.notes for track in score.tracks])
    onset, end = notes["onset"].astype(np.int64), notes["onset"].astype(np.int64) + notes["duration"]
    first, last = onset // bar, np.maximum(end - 1, onset) // bar
    sounds = np.zeros(max(BARS, int(last.max()) + 1), bool)
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        sounds[start : stop + 1] = True
    found: list[str] = []
    if longest_run(~sounds) > MOST_SILENT_BARS:
        found.append("silent")
    if not sounds[BARS - 1] or int(end.max()) > BARS * bar:
        found.append("end")
    part = np.repeat(np.arange(len(score.tracks)), [len(track.notes) for track in score.tracks])
    struck = np.stack((onset % bar, part, notes["pitch"]), axis=1)
    contents = [frozenset(map(tuple, struck[first == own].tolist())) for own in range(BARS)]
    repeats = np.array([i > 0 and bool(contents[i]) and contents[i] == contents[i - 1] for i in range(BARS)])
    if 1 + longest_run(repeats) > MOST_REPEATS:
        found.append("stuck")
    return found


def longest_run(values: NDArray[np.bool_]) -> int:
    """How many in a row are true, at most."""
    edges = np.flatnonzero(np.concatenate(([True], ~values, [True])))
    return int(np.diff(edges).max()) - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--model", default="band")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    artifact = load_artifact(asked.model)
    styles = artifact.manifest.conditioning.styles
    assert styles, "only composers with conditions know these requests"
    rng = np.random.default_rng(asked.seed)
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    n_notes = n_near = n_parts = n_hardly = 0
    started = time.process_time()
    for seed in range(asked.count):
        request = random_request(rng, styles, seed)
        [composition] = compose(artifact, request)
        n_notes += composition.score.n_notes
        found = wrongs(composition.score, request, artifact)
        n_near += artifact.is_near_training(composition.score)
        played = [len(track.notes) for track in composition.score.tracks if not track.is_drum]
        n_parts += len(played)
        n_hardly += sum(count < BARS * LEAST_NOTES_A_BAR for count in played)
        for name in (request.style, "all"):
            tallies[name or ""].add(composition, found)
        if found or composition.flaws:
            text = f"wrong: {', '.join(found) or '-'}; flaws: {', '.join(composition.flaws) or '-'}"
            print(f"seed {seed}: {text}: {request.model_dump_json(exclude_none=True)}", flush=True)
    spent = time.process_time() - started
    print(f"{asked.count} pieces, {n_notes} notes, {spent:.0f} s CPU ({spent / asked.count:.2f} a piece)")
    print(f"share more with the training music than 99 of 100 human pieces do: {n_near} ({n_near / asked.count:.1%})")
    print(f"pitched parts that hardly play: {n_hardly} of {n_parts} ({n_hardly / max(n_parts, 1):.1%})")
    print(f"{'style':16} {'pieces':>6} {'drafts':>7} {'rejected':>9} {'failures':>8} {'wrong':>6}   flaws of drafts")
    for name in (*styles, "all"):
        if tallies[name].pieces:
            print(tallies[name].line(name))
    print("wrong:", ", ".join(f"{what} {count}" for what, count in tallies["all"].wrongs.most_common()) or "nothing")


if __name__ == "__main__":
    main()
