"""``componium models``: the composers at hand."""

from __future__ import annotations

from typing import Annotated

import typer


def models(
    name: Annotated[str | None, typer.Argument(help="Only this one, by name or directory.")] = None,
) -> None:
    """Show the composers at hand, each with its card."""
    from componium.artifacts import artifact_folders, card, load_artifact  # noqa: PLC0415

    folders = [name] if name else artifact_folders()
    for place in folders:
        typer.echo(card(load_artifact(place)))
    if not folders:
        typer.echo("no composer at hand: train one, and name its folder's folder in COMPONIUM_MODELS")
