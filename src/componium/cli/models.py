"""``componium models``: lists the composers at hand, each with its card."""

from __future__ import annotations

from typing import Annotated

import typer

from componium.cli.terminal.completion import composers


def models(
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=composers,
            help="Show only this one, by name or directory.",
        ),
    ] = None,
) -> None:
    """Show the installed composers: what each can do, what it learned from, how good it is."""
    from componium.artifacts import artifact_folders, card, load_artifact  # noqa: PLC0415

    folders = [name] if name else artifact_folders()
    for folder in folders:
        typer.echo(card(load_artifact(folder)))
    if not folders:
        typer.echo("no composer is installed: train one, and set COMPONIUM_MODELS to the folder that holds its folder")
