"""The page: what the front end was built to, and the SoundFont, under names that change with their content."""

from __future__ import annotations

import gzip
import hashlib
import html
import logging
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from componium.errors import FormatError
from componium.formats.whole_files import write_whole
from componium.rendering.soundfont import EMBEDDED_FONT
from componium.web.problems import StudioError

BUILT = Path(__file__).parent / "built"
NOT_BUILT = "The page is not built. Run 'npm ci' and 'npm run build' in the folder frontend, then load this again."

_FOR_EVER = "public, max-age=31536000, immutable"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# What systems know of these differs.
_MEDIA_TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
    ".wasm": "application/wasm", ".json": "application/json", ".woff2": "font/woff2", ".png": "image/png",
}  # fmt: skip
_LARGEST_GZIP = 9
_log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)


class _Answer(NamedTuple):
    """A file, and in which encoding it is."""

    path: Path
    encoding: str


class Page:
    """The built page under a prefix.

    Args:
        prefix: path under which it is served; empty: none.
        cache: folder for what is made once.
        built: folder of the build.
    """

    def __init__(self, prefix: str, cache: Path, built: Path = BUILT) -> None:
        self.prefix, self.built, self._cache = prefix, built, cache / "cache"

    def html(self) -> str:
        """Returns the page, its addresses from the root; or what to do where it is not built."""
        path = self.built / "index.html"
        if not path.is_file():
            return f"<!doctype html><meta charset=utf-8><title>Componium</title><p>{html.escape(NOT_BUILT)}</p>"
        return path.read_text(encoding="utf-8").replace('"./', f'"{html.escape(self.prefix)}/')

    @cached_property
    def soundfont(self) -> str:
        """Address of the SoundFont, relative to the page's root."""
        return soundfont_address()

    def asset(self, name: str, accepted: str) -> Response:
        """Returns a file of the build, compressed beforehand where the browser accepts that.

        Raises:
            StudioError: there is none by that name.
        """
        path = _file_in(self.built / "assets", name)
        if path is None:
            raise StudioError(404, "there is no such file of the page; load the page again")
        for encoding, ending in _ENCODINGS:
            packed = path.with_name(path.name + ending)
            if encoding in accepted and packed.is_file():
                return _file(_Answer(packed, encoding), _MEDIA_TYPES.get(path.suffix))
        return _file(_Answer(path, ""), _MEDIA_TYPES.get(path.suffix))

    def sound(self, accepted: str) -> Response:
        """Returns the SoundFont, compressed where the browser accepts that."""
        packed = self._packed_font() if "gzip" in accepted else None
        answer = _Answer(EMBEDDED_FONT, "") if packed is None else _Answer(packed, "gzip")
        return _file(answer, "application/octet-stream")

    def _packed_font(self) -> Path | None:
        """The SoundFont by gzip, compressed once; None where there is no room for it."""
        path = self._cache / f"{Path(self.soundfont).name}.gz"
        if path.is_file():
            return path
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            write_whole(path, gzip.compress(EMBEDDED_FONT.read_bytes(), _LARGEST_GZIP, mtime=0))
        except (OSError, FormatError) as error:
            _log.warning("the SoundFont is sent uncompressed: %s", error)
            return None
        return path


def soundfont_address() -> str:
    """Returns the address of the SoundFont, relative to the page's root: its name changes with its content."""
    return f"sound/{hashlib.sha256(EMBEDDED_FONT.read_bytes()).hexdigest()[:16]}.sf3"


def _file_in(folder: Path, name: str) -> Path | None:
    """Returns a file below a folder; None if there is none, or none can have that name."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):
        return None


def _file(answer: _Answer, media_type: str | None) -> Response:
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if answer.encoding:
        headers["Content-Encoding"] = answer.encoding
    return FileResponse(answer.path, media_type=media_type, headers=headers)


def _page(http: Request) -> Page:
    return http.app.state.services.page


@router.api_route("/", methods=["GET", "HEAD"])
@router.api_route("/p/{key}", methods=["GET", "HEAD"])
def index(http: Request) -> HTMLResponse:
    """Returns the page."""
    return HTMLResponse(_page(http).html(), headers={"Cache-Control": "no-cache"})


@router.api_route("/assets/{name:path}", methods=["GET", "HEAD"])
def asset(http: Request, name: str) -> Response:
    """Returns a file of the build."""
    return _page(http).asset(name, http.headers.get("accept-encoding", ""))


@router.api_route("/sound/{name}", methods=["GET", "HEAD"])
def sound(http: Request, name: str) -> Response:
    """Returns the SoundFont."""
    page = _page(http)
    if f"sound/{name}" != page.soundfont:
        raise StudioError(404, "there is no such SoundFont; load the page again")
    return page.sound(http.headers.get("accept-encoding", ""))
