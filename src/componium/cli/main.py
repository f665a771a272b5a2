"""The command ``componium``: its verbs, and errors as one line with exit code 2."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from componium.cli import calibrate, corpus, grid, models, render, train
from componium.cli.composing import accompany, again, compose, infill
from componium.cli.judging import compare as comparing
from componium.cli.judging import evaluate, explore, originality
from componium.errors import ComponiumError

app = typer.Typer(
    name="componium",
    help="Learn to compose from MIDI files, compose new music, render it as audio, scores and pictures, and judge it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("compose", cls=compose.COMPOSE)(compose.compose_new)
app.command("continue", cls=compose.CONTINUE)(compose.continue_prompt)
app.command("accompany", cls=accompany.ACCOMPANY)(accompany.accompany)
app.command("infill", cls=infill.INFILL)(infill.infill)
app.command("again")(again.again)
app.command("render")(render.render)
app.command("grid")(grid.grid)
app.command("train")(train.train)
app.command("calibrate")(calibrate.calibrate)
app.command("evaluate")(evaluate.evaluate)
app.command("compare")(comparing.compare)
app.command("explore")(explore.explore)
app.command("originality")(originality.originality)
app.command("models")(models.models)
app.add_typer(corpus.app, name="corpus")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"componium {version('componium')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line; a user's error is one line on standard error and exit code 2."""
    try:
        app()
    except ComponiumError as error:
        typer.echo(f"componium: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The program that read our output has ended.
        sys.stderr.close()
        sys.exit(1)
