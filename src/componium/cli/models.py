"""``componium models``: lists the composers at hand, each with its card."""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from componium.cli.terminal.completion import completed, composers
from componium.cli.terminal.judged import judged_text
from componium.errors import ComponiumError

if TYPE_CHECKING:
    from pathlib import Path

    from componium.artifacts import Artifact, CorpusCredit, Manifest

_LABEL = 15
_NARROWEST, _WIDEST = 60, 120
_SHOWN_METERS = 6


def models(
    name: Annotated[
        str | None, completed(composers, help="Show only this one, by name or directory.", is_argument=True)
    ] = None,
) -> None:
    """Show the installed composers: what each can do, what it learned from, how good it is."""
    from shutil import get_terminal_size  # noqa: PLC0415 - only needed here

    from componium.artifacts import artifact_folders, load_artifact  # noqa: PLC0415

    default = _default_folder()
    width = min(max(get_terminal_size().columns, _NARROWEST), _WIDEST)

    def card_of(artifact: Artifact) -> str:
        return card(artifact, is_default=artifact.folder.resolve() == default, width=width)

    if name:
        cards, damaged = [card_of(load_artifact(name))], False
    else:
        cards, damaged = _cards(artifact_folders(), card_of)
    if cards:
        typer.echo("\n\n".join(cards))
    elif not damaged:
        typer.echo("no composer is installed: train one, and set COMPONIUM_MODELS to the folder that holds its folder")
    if damaged:
        raise typer.Exit(2)


def _cards(folders: Iterable[Path], card_of: Callable[[Artifact], str]) -> tuple[list[str], bool]:
    """The cards of the sound artifacts, and whether others are damaged; each of these is named on standard error."""
    from componium.artifacts import load_artifact  # noqa: PLC0415 - only needed here

    cards: list[str] = []
    damaged = False
    for folder in folders:
        try:
            cards.append(card_of(load_artifact(folder)))
        except ComponiumError as error:
            damaged = True
            typer.echo(f"componium: {error}", err=True)
    return cards, damaged


def _default_folder() -> Path | None:
    """Where the composer lies that composes when none is named; None where none can."""
    from componium.artifacts import artifact_for  # noqa: PLC0415 - only needed here

    try:
        return artifact_for("compose").folder.resolve()
    except ComponiumError:
        return None


def card(artifact: Artifact, *, is_default: bool = False, width: int = _WIDEST) -> str:
    """Returns what a user should know of a composer.

    Args:
        artifact: the composer.
        is_default: whether it composes where no other is named.
        width: characters of a line.
    """
    default = ", the default" if is_default else ""
    lines = [f"{artifact.manifest.name} ({artifact.digest}){default}"]
    for label, text in _entries(artifact):
        head = f"  {label:{_LABEL - 2}}"
        lines += textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * _LABEL, break_on_hyphens=False)
    return "\n".join(lines)


def _entries(artifact: Artifact) -> Iterator[tuple[str, str]]:
    from componium.cli.composing.request_options import option_name  # noqa: PLC0415 - derives options
    from componium.composing.requests import UNIVERSAL, ComposeRequest  # noqa: PLC0415 - costs time at every start

    manifest = artifact.manifest
    always = [own for own in ComposeRequest.model_fields if own in UNIVERSAL - {"task"}]
    yield (
        "family",
        f"{manifest.family}, {artifact.size / 1e6:.1f} MB, {manifest.signature.get('precision', '')}".rstrip(", "),
    )
    yield "verbs", ", ".join((*manifest.tasks, *["harmonize"] * artifact.can_harmonize))
    yield "options", " ".join(map(option_name, dict.fromkeys((*always, *manifest.controls))))
    yield "instruments", ", ".join(part.name for part in artifact.codec.config.parts)
    if manifest.conditioning.styles:
        yield "styles", ", ".join(manifest.conditioning.styles)
    if manifest.begun_from:
        yield "begun from", f"the weights of {manifest.begun_from}"
    yield from _learned(manifest)
    yield from _judged(manifest)
    yield "directory", str(artifact.folder)


def _learned(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The corpora, those of one licence together, and the meters of all of them."""
    of_licence: defaultdict[str, list[CorpusCredit]] = defaultdict(list)
    meters: Counter[str] = Counter()
    for corpus in manifest.corpora:
        of_licence[corpus.licence].append(corpus)
        meters.update(corpus.meters)
    label = "learned from"
    for licence, corpora in of_licence.items():
        yield label, f"{'; '.join(map(_pieces_used, corpora))} - {licence}"
        label = ""
    if meters:
        counts = ", ".join(f"{meter} in {count}" for meter, count in meters.most_common(_SHOWN_METERS))
        others = sum(count for _, count in meters.most_common()[_SHOWN_METERS:])
        yield "meters", counts + (f", others in {others}" if others else "")
    withheld = [corpus.title for corpus in manifest.corpora if corpus.redistributable is False]
    if withheld:
        yield "sharing", f"for experiments only, not to be shipped: no licence allows it ({'; '.join(withheld)})"


def _judged(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """What the composer gives the test pieces; nothing where that was not measured."""
    figures = manifest.figures.get("test")
    text = judged_text(figures, manifest.judged_by) if isinstance(figures, dict) else None
    if text is not None:
        yield "test pieces", text


def _pieces_used(corpus: CorpusCredit) -> str:
    return (
        f"{corpus.title} ({f'{corpus.pieces} pieces' if corpus.pieces else 'only loops laid under pieces of others'})"
    )
