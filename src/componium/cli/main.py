"""The command ``componium``: its verbs, and errors as one line with exit code 2."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from componium.cli import calibrate, corpus, grid, models, render, studio, train
from componium.cli.composing import accompany, again, compose, harmonize, infill, remake, request_options
from componium.cli.judging import compare as comparing
from componium.cli.judging import evaluate, explore, originality
from componium.cli.terminal.output import unbreakable_outputs
from componium.errors import ComponiumError, RequestError

_OUT_OF_RANGE = re.compile(r"Invalid value for '(--[\w-]+)'.*?: (.*: must be .*)")
# The class of all errors of usage, which typer exports no name for.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="componium",
    help="Learn to compose from music files, compose new music, render it as audio, scores and pictures, and judge it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command("compose", cls=compose.COMPOSE)(compose.compose_new)
app.command("continue", cls=compose.CONTINUE)(compose.continue_prompt)
app.command("accompany", cls=accompany.ACCOMPANY)(accompany.accompany)
app.command("harmonize", cls=harmonize.HARMONIZE)(harmonize.harmonize)
app.command("infill", cls=infill.INFILL)(infill.infill)
app.command("restyle", cls=remake.RESTYLE)(remake.restyle)
app.command("vary", cls=remake.VARY)(remake.vary)
app.command("blend", cls=remake.BLEND)(remake.blend)
app.command("again")(again.again)
app.command("render")(render.render)
app.command("grid")(grid.grid)
app.command("train")(train.train)
app.command("calibrate")(calibrate.calibrate)
app.command("evaluate")(evaluate.evaluate)
app.command("compare")(comparing.compare)
app.command("explore")(explore.explore)
app.command("originality")(originality.originality)
app.command("studio")(studio.studio)
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
    with unbreakable_outputs() as outputs:
        code = _run()
        failure = outputs.failure if outputs else ""
        if failure:
            typer.echo(f"componium: {failure}", err=True)
            code = code or 2
    sys.exit(code)


def _run() -> int:
    """Runs the verb that was typed; returns the exit code."""
    try:
        code = app(prog_name="componium", standalone_mode=False)
    except RequestError as error:
        # Options are named as they were typed.
        complaint = error.naming(request_options.option_name)
    except ComponiumError as error:
        complaint = str(error)
    except typer.Abort:
        complaint = "stopped"
    except _UsageError as error:
        complaint = _usage(error)
    except KeyboardInterrupt:
        return 130
    except (OSError, MemoryError, RecursionError) as error:
        complaint = _limit_of_the_machine(error)
    else:
        return code if isinstance(code, int) else 0
    typer.echo(f"componium: {complaint}", err=True)
    return 2


def _limit_of_the_machine(error: OSError | MemoryError | RecursionError) -> str:
    """What the system refused, in one line; other kinds of errors are bugs and keep their traceback."""
    if isinstance(error, MemoryError):
        return "the memory does not suffice: give a smaller file or a smaller request"
    if isinstance(error, RecursionError):
        return "the input is nested too deeply: give a flatter one"
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename!r}: {reason}" if error.filename is not None else f"the system refused: {reason}"


def _usage(error: Exception) -> str:
    """What is wrong with how a verb was called, in one line that says where its help is."""
    context = getattr(error, "ctx", None)
    message = " ".join(getattr(error, "format_message", error.__str__)().split())
    # A number out of its range: our own words, see componium.cli.terminal.options.
    if matched := _OUT_OF_RANGE.fullmatch(message):
        return f"{matched[1]} {matched[2]}"
    where = context.command_path if context is not None else "componium"
    return f"{message[:1].lower()}{message[1:].removesuffix('.')} (see {where} --help)"
