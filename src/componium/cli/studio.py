"""``componium studio``: serves the page that plays new music."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from componium.errors import MissingExtraError


def studio(
    port: Annotated[int | None, typer.Option("--port", help="Port; 8765 or the next free one if omitted.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address that it listens at.")] = "127.0.0.1",
    data: Annotated[Path, typer.Option("--data", help="Folder of the pieces.")] = Path("studio"),
) -> None:
    """Play new music in the browser."""
    try:
        import uvicorn  # noqa: PLC0415

        from componium.web.app import make_app  # noqa: PLC0415
        from componium.web.settings import StudioSettings  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError("the studio", "studio") from error
    uvicorn.run(make_app(StudioSettings(data)), host=host, port=port or 8765, log_level="info")
