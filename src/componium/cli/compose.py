"""``componium compose`` and ``componium continue``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from componium.composing.compose import Composition

Model = Annotated[str | None, typer.Option("--model", help="An artifact's name or directory (the first that can).")]
Bars = Annotated[int | None, typer.Option("--bars", help="Length in bars (16).")]
Seconds = Annotated[float | None, typer.Option("--seconds", help="Length in seconds.")]
Tempo = Annotated[float | None, typer.Option("--tempo", help="Quarter notes per minute (the composer's usual).")]
Key = Annotated[str | None, typer.Option("--key", help="As 'C minor', 'Eb' or 'D dorian' (free).")]
Parts = Annotated[
    str | None,
    typer.Option("--parts", help="Instruments with commas: 'flute,cello,piano'; of a band also random:3, all, drums."),
]
Style = Annotated[str | None, typer.Option("--style", help="One of the composer's styles (drawn).")]
Chords = Annotated[str | None, typer.Option("--chords", help="Bars of chords, repeated: 'C | Am F | G7 | C'.")]
Density = Annotated[str | None, typer.Option("--density", help="How many notes: 0 to 1, or low, medium, high.")]
Complexity = Annotated[
    str | None, typer.Option("--complexity", help="Voices at once and syncopation: 0 to 1, or low, medium, high.")
]
Original = Annotated[
    bool, typer.Option("--original", help="Draw anew what repeats the training music more than human music does.")
]
Temperature = Annotated[float | None, typer.Option("--temperature", help="0 safe, 1 as learned, above wilder (1).")]
TopP = Annotated[
    float | None,
    typer.Option("--top-p", help="Share of likely choices that are left, 0 to 1 (as the style has it, 0.98 or 1)."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Equal seeds give equal music (random, printed).")]
Count = Annotated[int, typer.Option("--count", help="How many pieces: x-1.mid, x-2.mid, ...")]
BestOf = Annotated[
    int | None, typer.Option("--best-of", help="Compose so many candidates a piece and keep the best (1 to 64).")
]
Output = Annotated[
    list[Path] | None,
    typer.Option("-o", "--output", help="A file; its ending chooses the form: .mid .musicxml .wav .flac .ogg .mp3 "
                 ".png .svg .pdf. May be given several times; a folder, also a new one, takes .mid .wav .png (here)."),
]  # fmt: skip
Force = Annotated[bool, typer.Option("--force", help="Overwrite files.")]
Dry = Annotated[bool, typer.Option("--dry", help="Audio without room.")]


def compose_new(
    model: Model = None,
    bars: Bars = None,
    seconds: Seconds = None,
    tempo: Tempo = None,
    key: Key = None,
    time_signature: Annotated[str | None, typer.Option("--time-signature", help="As 3/4 (4/4).")] = None,
    parts: Parts = None,
    style: Style = None,
    chords: Chords = None,
    density: Density = None,
    complexity: Complexity = None,
    original: Original = False,
    temperature: Temperature = None,
    top_p: TopP = None,
    seed: Seed = None,
    count: Count = 1,
    best_of: BestOf = None,
    output: Output = None,
    force: Force = False,
    dry: Dry = False,
) -> None:
    """Compose new music."""
    fields = {
        "task": "compose", "bars": bars, "seconds": seconds, "tempo_bpm": tempo, "key": key, "style": style,
        "time_signature": time_signature, "chords": chords, "density": density, "complexity": complexity,
        "temperature": temperature, "top_p": top_p, "count": count, "best_of": best_of, "original": original or None,
    }  # fmt: skip
    run_request(model, fields, parts, seed, output, force=force, dry=dry)


def continue_prompt(
    prompt: Annotated[Path, typer.Argument(help="The MIDI or MusicXML file to go on from.")],
    model: Model = None,
    bars: Bars = None,
    seconds: Seconds = None,
    tempo: Tempo = None,
    key: Key = None,
    parts: Parts = None,
    style: Style = None,
    chords: Chords = None,
    density: Density = None,
    complexity: Complexity = None,
    original: Original = False,
    temperature: Temperature = None,
    top_p: TopP = None,
    seed: Seed = None,
    count: Count = 1,
    best_of: BestOf = None,
    output: Output = None,
    force: Force = False,
    dry: Dry = False,
) -> None:
    """Continue a piece by so many bars or seconds."""
    fields = {
        "task": "continue", "prompt": prompt_of(prompt), "bars": bars, "seconds": seconds, "tempo_bpm": tempo,
        "key": key, "style": style, "chords": chords, "density": density, "complexity": complexity,
        "temperature": temperature, "top_p": top_p, "count": count, "best_of": best_of, "original": original or None,
    }  # fmt: skip
    run_request(model, fields, parts, seed, output, force=force, dry=dry)


def prompt_of(path: Path) -> bytes:
    """Returns a prompt as requests carry it: a MIDI file in base64."""
    import base64  # noqa: PLC0415

    from componium.corpora.corpus import MIDI_SUFFIXES  # noqa: PLC0415
    from componium.formats.midi import midi_bytes  # noqa: PLC0415
    from componium.rendering.files import read_score  # noqa: PLC0415

    score = read_score(path)
    return base64.b64encode(path.read_bytes() if path.suffix.lower() in MIDI_SUFFIXES else midi_bytes(score))


def run_request(
    model: str | None,
    fields: dict[str, Any],
    parts: str | None,
    seed: int | None,
    output: list[Path] | None,
    *,
    force: bool,
    dry: bool,
) -> None:
    """Composes what the fields of a request ask for, and writes it."""
    import secrets  # noqa: PLC0415

    from componium.artifacts import artifact_for, load_artifact  # noqa: PLC0415
    from componium.composing.compose import compose  # noqa: PLC0415
    from componium.composing.requests import asked_controls, make_request  # noqa: PLC0415
    from componium.rendering.files import AudioOptions, check_targets, make_folders, write_score  # noqa: PLC0415

    # Short enough to be typed again, and below what a spreadsheet or JavaScript rounds.
    chosen = secrets.randbelow(10**9) if seed is None else seed
    names = tuple(name.strip() for name in parts.split(",")) if parts else ()
    request = make_request(**fields, parts=names, seed=chosen)
    artifact = load_artifact(model) if model else artifact_for(request.task, asked_controls(request))
    stem = f"{artifact.manifest.name}-{chosen}"
    outputs: list[Path] = []
    for path in output or [Path()]:
        is_folder = path.is_dir() or not (path.suffix or path.exists())
        outputs += [path / (stem + suffix) for suffix in (".mid", ".wav", ".png")] if is_folder else [path]
    make_folders(path for path in output or () if not path.suffix)
    targets = [[_numbered(path, index, request.count) for path in outputs] for index in range(request.count)]
    check_targets([path for paths in targets for path in paths], force=force)
    compositions = compose(artifact, request)
    for composition, paths in zip(compositions, targets, strict=True):
        for path in paths:
            write_score(composition.score, path, AudioOptions(dry=dry))
            typer.echo(path)
    typer.echo(_summary(compositions), err=True)


def _numbered(path: Path, index: int, count: int) -> Path:
    return path if count == 1 else path.with_name(f"{path.stem}-{index + 1}{path.suffix}")


def _summary(compositions: list[Composition]) -> str:
    from componium.score import duration_seconds, n_bars  # noqa: PLC0415

    first = compositions[0]
    score = first.score
    notes = ", ".join(str(composition.score.n_notes) for composition in compositions)
    length = f"{duration_seconds(score):.1f} s"
    if score.has_grid:
        length = f"{n_bars(score)} bars, {length} at {score.tempos[0].tempo_bpm:.4g} bpm"
    told = f"{first.model}, seed {first.request.seed}: {length}, {notes} notes"
    return "\n".join([told, *(_why_best(composition) for composition in compositions if composition.ranking)])


def _why_best(composition: Composition) -> str:
    """What a ranked piece was chosen for, in one line."""
    from componium.composing.ranking.criteria import in_words  # noqa: PLC0415

    best, *others = composition.ranking
    place = 1 + composition.candidate % len(composition.ranking)
    flawed = f", flawed ({', '.join(best.flaws)})" if best.flaws else ""
    rest = [own.distance for own in others if not math.isnan(own.distance)]
    away = f" {best.distance:.2f} from human pieces, the others {min(rest):.2f} to {max(rest):.2f};" if rest else ""
    return f"candidate {place} of {len(composition.ranking)}{flawed}:{away} {in_words(best.figures)}"
