"""The page: what the front end was built to, and the SoundFont, under names that change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from componium.rendering.soundfont import EMBEDDED_FONT
from componium.web.problems import StudioError

BUILT = Path(__file__).parent / "built"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


class Page:
    """The built page under a prefix."""

    def __init__(self, prefix: str, built: Path = BUILT) -> None:
        self.prefix, self.built = prefix, built
        self.soundfont = f"sound/{hashlib.sha256(EMBEDDED_FONT.read_bytes()).hexdigest()[:16]}.sf3"

    def html(self) -> str:
        """Returns the page, its addresses absolute."""
        path = self.built / "index.html"
        if not path.is_file():
            return "<!doctype html><title>Componium</title><p>The page is not built: run 'npm ci && npm run build' in frontend/."
        return path.read_text(encoding="utf-8").replace('"./', f'"{self.prefix}/')


@router.get("/")
@router.get("/p/{key}")
def page(http: Request) -> HTMLResponse:
    """Returns the page."""
    return HTMLResponse(http.app.state.page.html(), headers={"Cache-Control": "no-cache"})


@router.get("/assets/{name:path}")
def asset(http: Request, name: str) -> Response:
    """Returns a file of the build."""
    root = (http.app.state.page.built / "assets").resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise StudioError(404, "there is no such file; load the page again")
    return FileResponse(path, headers=_FOR_EVER)


@router.get("/sound/{name}")
def sound(http: Request, name: str) -> Response:
    """Returns the SoundFont."""
    if f"sound/{name}" != http.app.state.page.soundfont:
        raise StudioError(404, "there is no such SoundFont; load the page again")
    return FileResponse(EMBEDDED_FONT, media_type="application/octet-stream", headers=_FOR_EVER)
