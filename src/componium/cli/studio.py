"""``componium studio``: serves the page that plays new music."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from componium.cli.terminal.output import progress
from componium.errors import MissingExtraError

_FOLDER = Path("componium") / "studio"

_Export = Annotated[
    Path | None,
    typer.Option(
        "--export", metavar="FOLDER", help="Serve nothing: write the page, with pieces composed beforehand, as a site."
    ),
]
_Pieces = Annotated[int, typer.Option("--pieces", min=1, max=100_000, help="With --export: so many.")]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="With --export: of the first piece.")]


def studio(
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="Port; if omitted, 8765 or the next one that is free."),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address at which it listens; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name by which other machines or a proxy call it; several times for several."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of the pieces; if omitted, one in your home.")
    ] = None,
    database: Annotated[
        str,
        typer.Option(
            "--database",
            envvar="COMPONIUM_DATABASE",
            show_envvar=False,
            help="URL of a database, such as postgresql+psycopg://..., instead of SQLite in the folder; also "
            "COMPONIUM_DATABASE.",
        ),
    ] = "",
    prefix: Annotated[str, typer.Option("--prefix", help="Path under which a proxy serves it, such as /studio.")] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    export: _Export = None,
    pieces: _Pieces = 500,
    seed: _Seed = 0,
    log_level: Annotated[
        str, typer.Option("--log-level", help="What is logged, as JSON: debug, info, warning or error.")
    ] = "warning",
) -> None:
    """Play new music in the browser: a page that composes, and that you can steer."""
    try:
        from componium.web.serving import Address, serve  # noqa: PLC0415
        from componium.web.settings import StudioSettings, threads  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("componium"):
            raise
        raise MissingExtraError("the studio", "studio") from error
    if export is not None:
        _export(export, pieces, seed)
        return
    path = f"/{prefix.strip('/')}" if prefix.strip("/") else ""
    address = Address(host, port)
    n_threads = threads(plays_here=address.is_local and not name and not path)
    settings = StudioSettings(data or _usual_folder(), database, tuple(name or ()), path, n_threads)
    serve(settings, address, typer.echo, opens_browser=not no_browser, log_level=log_level)


def _export(folder: Path, pieces: int, seed: int) -> None:
    """Writes the static site, and says what became of it."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from componium.web.site import Site, export_site  # noqa: PLC0415

    columns = (TextColumn("Composing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress(*columns) as bar:
        task = bar.add_task("pieces", total=pieces)
        site = export_site(folder, Site(pieces, seed), lambda done: bar.update(task, completed=done))
    counted = "1 piece" if pieces == 1 else f"{pieces} pieces"
    typer.echo(f"{folder}: {counted}, {site.files} files, {site.size / 1e6:.1f} MB, {site.seconds:.0f} s")
    typer.echo(f"to see it here: python -m http.server --directory {shlex.quote(str(folder))}")


def _usual_folder() -> Path:
    """Where systems keep what programs remember."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / _FOLDER
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _FOLDER
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / _FOLDER
